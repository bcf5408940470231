// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/pvhost: the device, and what it tells about this host.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/cc_platform.h>
#include <linux/fs.h>
#include <linux/jump_label.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/static_call.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "internal.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* Off, the hooks are no-ops. */
DEFINE_STATIC_KEY_FALSE(pvhost_key);
DEFINE_STATIC_CALL(pvhost_syscall_64, do_syscall_64);

/*
 * The hooks are on while there are machines, and some time longer: changing the
 * kernel's code interrupts all CPUs, and machines may come and go fast.
 */
#define HOOKS_OFF_DELAY		(60 * HZ)

static DEFINE_MUTEX(hooks_lock);
static unsigned int hooks_users;
static bool hooks_on;

static void hooks_off(struct work_struct *work)
{
	mutex_lock(&hooks_lock);
	if (!hooks_users && hooks_on) {
		static_call_update(pvhost_syscall_64, do_syscall_64);
		static_branch_disable(&pvhost_key);
		preempt_notifier_dec();
		hooks_on = false;
	}
	mutex_unlock(&hooks_lock);
}

static DECLARE_DELAYED_WORK(hooks_work, hooks_off);

/**
 * pvhost_hooks_get - a machine is made
 */
void pvhost_hooks_get(void)
{
	mutex_lock(&hooks_lock);
	hooks_users++;
	if (!hooks_on) {
		pvhost_localize_vsyscall();
		preempt_notifier_inc();
		static_branch_enable(&pvhost_key);
		static_call_update(pvhost_syscall_64, pvhost_syscall);
		hooks_on = true;
	}
	mutex_unlock(&hooks_lock);
}

/**
 * pvhost_hooks_put - a machine has gone
 */
void pvhost_hooks_put(void)
{
	mutex_lock(&hooks_lock);
	if (!--hooks_users)
		mod_delayed_work(system_wq, &hooks_work, HOOKS_OFF_DELAY);
	mutex_unlock(&hooks_lock);
}

/**
 * pvhost_get_arg - copy a structure in whose first word is its size
 * @arg: where to, @size bytes
 * @size: of the structure as the kernel knows it
 * @uarg: where from
 *
 * Return: 0, -EFAULT, -EINVAL (shorter than its header), -E2BIG (longer than known and
 * not zero there).
 */
int pvhost_get_arg(void *arg, size_t size, const void __user *uarg)
{
	u32 usize;

	if (get_user(usize, (const u32 __user *)uarg))
		return -EFAULT;
	if (usize < 2 * sizeof(u32) || usize > PAGE_SIZE)
		return -EINVAL;
	return copy_struct_from_user(arg, size, uarg, usize);
}

/**
 * pvhost_put_arg - copy a structure out, as much as the caller knows of it
 * @uarg: where to; its first word still holds the caller's size
 * @arg: where from
 * @size: of the structure as the kernel knows it
 *
 * Return: 0 or -EFAULT.
 */
int pvhost_put_arg(void __user *uarg, const void *arg, size_t size)
{
	u32 usize;

	if (get_user(usize, (u32 __user *)uarg))
		return -EFAULT;
	size = min_t(size_t, size, usize);
	if (size <= sizeof(u32))
		return 0;
	/* The size stays the caller's. */
	return copy_to_user(uarg + sizeof(u32), arg + sizeof(u32), size - sizeof(u32)) ?
	       -EFAULT : 0;
}

/**
 * pvhost_host_features - what this host can grant
 *
 * Return: PV_FEAT_* bits.
 */
u64 pvhost_host_features(void)
{
	u64 features = PV_FEAT_SHARED_ROOT | PV_FEAT_STEAL | PV_FEAT_DISCARD;

	if (cpu_feature_enabled(X86_FEATURE_FSGSBASE))
		features |= PV_FEAT_FSGSBASE;
	if (pvhost_tsc_fit())
		features |= PV_FEAT_TSC_STABLE;
	if (cpu_feature_enabled(X86_FEATURE_CPUID_FAULT))
		features |= PV_FEAT_CPUID_FAULT;
	return features;
}

static long get_info(void __user *uarg)
{
	struct pvhost_info info = {};
	int ret;

	ret = pvhost_get_arg(&info, sizeof(info), uarg);
	if (ret)
		return ret;
	if (info.flags)
		return -EINVAL;
	info = (struct pvhost_info){
		.abi_major = PV_ABI_MAJOR,
		.abi_minor = PV_ABI_MINOR,
		.features = pvhost_host_features(),
		.max_vcpus = PVHOST_MAX_VCPUS,
		.max_slots = PVHOST_MAX_SLOTS,
		.max_doorbells = PVHOST_MAX_DOORBELLS,
	};
	return pvhost_put_arg(uarg, &info, sizeof(info));
}

static long get_supported_cpuid(void __user *uarg)
{
	struct pvhost_cpuid arg = {};
	long ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (ret)
		return ret;
	ret = pvhost_cpuid_get(NULL, &arg);
	if ((!ret || ret == -E2BIG) && pvhost_put_arg(uarg, &arg, sizeof(arg)))
		ret = -EFAULT;
	return ret;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case PVHOST_GET_INFO:
		return get_info(uarg);
	case PVHOST_CREATE_VM:
		return pvhost_create_vm(uarg);
	case PVHOST_GET_SUPPORTED_CPUID:
		return get_supported_cpuid(uarg);
	}
	return -ENOTTY;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pvhost",
	.fops = &device_fops,
	.mode = 0600,
};

static int __init pvhost_init(void)
{
	int ret;

	/* Xen's PV entry and encrypted guests read user memory on traps. */
	if (cpu_feature_enabled(X86_FEATURE_XENPV) ||
	    cc_platform_has(CC_ATTR_GUEST_STATE_ENCRYPT)) {
		pr_info("not available on this kind of machine\n");
		return -ENODEV;
	}
	pvhost_cpu_init();
	pvhost_barrier_init();
	pvhost_cpuid_init();
	ret = pvhost_time_init();
	return ret ? ret : misc_register(&device);
}
device_initcall(pvhost_init);
