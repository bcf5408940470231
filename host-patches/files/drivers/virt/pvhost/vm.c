// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine files: creation, the ioctls that set a machine up, the end.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

static void free_vm(struct work_struct *work)
{
	struct pvhost_vm *vm = container_of(work, struct pvhost_vm, free_work);
	int i;

	pvhost_unbind_all(vm);
	for (i = 0; i < PVHOST_MAX_VCPUS; i++)
		if (vm->vcpus[i])
			pvhost_free_vcpu(vm->vcpus[i]);
	mmu_notifier_unregister(&vm->mn, vm->mm);
	pvhost_spaces_free(vm);
	pvhost_memory_free(vm);
	mmdrop(vm->mm);
	pvhost_hooks_put();
	kvfree(vm);
}

static void release_vm(struct kref *ref)
{
	struct pvhost_vm *vm = container_of(ref, struct pvhost_vm, ref);

	queue_work(system_unbound_wq, &vm->free_work);
}

/**
 * pvhost_vm_put - drop a reference
 * @vm: the machine
 *
 * Context: any.
 */
void pvhost_vm_put(struct pvhost_vm *vm)
{
	kref_put(&vm->ref, release_vm);
}

static long set_memory(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_memory arg = {};
	int ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (!ret)
		ret = pvhost_set_memory(vm, &arg);
	return ret;
}

static long create_vcpu(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_create_vcpu arg = {};
	int ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (ret)
		return ret;
	if (arg.flags || arg.reserved)
		return -EINVAL;
	return pvhost_create_vcpu(vm, arg.index);
}

static long bind_doorbell(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_doorbell arg = {};
	int ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (!ret)
		ret = pvhost_bind_doorbell(vm, &arg);
	return ret;
}

static long bind_event(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_event arg = {};
	int ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (!ret)
		ret = pvhost_bind_event(vm, &arg);
	return ret;
}

static long inject(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_inject arg = {};
	int ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (ret)
		return ret;
	if (arg.flags || arg.reserved || arg.vcpu >= PVHOST_MAX_VCPUS ||
	    !vm->vcpus[arg.vcpu])
		return -EINVAL;
	pvhost_set_events(vm->vcpus[arg.vcpu], arg.bits);
	return 0;
}

static long get_clock(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_clock arg = {};
	int ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (ret)
		return ret;
	if (arg.flags)
		return -EINVAL;
	arg.ns = pvhost_now(vm);
	arg.wall_ns = ktime_get_real_ns() - arg.ns;
	return pvhost_put_arg(uarg, &arg, sizeof(arg));
}

static long set_clock(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_clock arg = {};
	int i, ret;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (ret)
		return ret;
	if (arg.flags || arg.wall_ns)
		return -EINVAL;
	for (i = 0; i < PVHOST_MAX_VCPUS; i++)
		if (vm->vcpus[i] && READ_ONCE(vm->vcpus[i]->running))
			return -EBUSY;
	pvhost_clock_set(vm, arg.ns);
	return 0;
}

static long locked_ioctl(struct pvhost_vm *vm, unsigned int cmd, void __user *uarg)
{
	switch (cmd) {
	case PVHOST_SET_MEMORY:
		return set_memory(vm, uarg);
	case PVHOST_CREATE_VCPU:
		return create_vcpu(vm, uarg);
	case PVHOST_BIND_DOORBELL:
		return bind_doorbell(vm, uarg);
	case PVHOST_BIND_EVENT:
		return bind_event(vm, uarg);
	case PVHOST_SET_CLOCK:
		return set_clock(vm, uarg);
	}
	return -ENOTTY;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pvhost_vm *vm = file->private_data;
	void __user *uarg = (void __user *)arg;
	long ret;

	if (current->mm != vm->mm)
		return -EIO;
	switch (cmd) {
	case PVHOST_INJECT:
		return inject(vm, uarg);
	case PVHOST_GET_CLOCK:
		return get_clock(vm, uarg);
	case PVHOST_GET_VM_STATS:
		return pvhost_vm_stats(vm, uarg);
	case PVHOST_VM_STATS_FD:
		return uarg ? -EINVAL : pvhost_vm_stats_fd(vm);
	}
	if (mutex_lock_interruptible(&vm->lock))
		return -EINTR;
	ret = locked_ioctl(vm, cmd, uarg);
	mutex_unlock(&vm->lock);
	return ret;
}

static int vm_release(struct inode *inode, struct file *file)
{
	pvhost_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_release,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct pvhost_vm *alloc_vm(u64 features)
{
	struct pvhost_vm *vm = kvzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!vm)
		return NULL;
	kref_init(&vm->ref);
	INIT_WORK(&vm->free_work, free_vm);
	mutex_init(&vm->lock);
	init_rwsem(&vm->table_lock);
	rwlock_init(&vm->mmu_lock);
	INIT_LIST_HEAD(&vm->lru);
	INIT_LIST_HEAD(&vm->spare);
	INIT_LIST_HEAD(&vm->bindings);
	vm->features = features;
	vm->mm = current->mm;
	pvhost_clock_init(vm);
	return vm;
}

/* Everything that free_vm() undoes. */
static struct pvhost_vm *new_vm(const struct pvhost_create_vm *arg)
{
	struct pvhost_vm *vm = alloc_vm(arg->granted);
	int ret;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	ret = pvhost_add_fixed(vm, arg->vcpu_pages >> PAGE_SHIFT, PVHOST_MAX_VCPUS);
	if (ret)
		goto err;
	vm->mn.ops = &pvhost_mmu_notifier_ops;
	ret = mmu_notifier_register(&vm->mn, current->mm);
	if (ret)
		goto err;
	mmgrab(vm->mm);
	pvhost_hooks_get();
	return vm;
err:
	pvhost_memory_free(vm);
	kvfree(vm);
	return ERR_PTR(ret);
}

/* What the image asks for against what this host has; fills in granted. */
static int negotiate(struct pvhost_create_vm *arg)
{
	u64 host = pvhost_host_features();

	if (arg->flags || arg->granted || arg->vcpu_pages & ~PV_PTE_ADDR)
		return -EINVAL;
	if (arg->abi_major != PV_ABI_MAJOR || arg->abi_minor > PV_ABI_MINOR)
		return -EPROTONOSUPPORT;
	arg->granted = host & (arg->required | arg->wanted);
	return arg->required & ~host ? -EOPNOTSUPP : 0;
}

/**
 * pvhost_create_vm - PVHOST_CREATE_VM
 * @uarg: arguments and result
 *
 * Return: a file descriptor or -errno.
 */
long pvhost_create_vm(struct pvhost_create_vm __user *uarg)
{
	struct pvhost_create_vm arg = {};
	struct pvhost_vm *vm;
	int ret, fd;

	ret = pvhost_get_arg(&arg, sizeof(arg), uarg);
	if (ret)
		return ret;
	ret = negotiate(&arg);
	if (ret && ret != -EOPNOTSUPP)
		return ret;
	if (pvhost_put_arg(uarg, &arg, sizeof(arg)))
		return -EFAULT;
	if (ret)
		return ret;
	vm = new_vm(&arg);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = anon_inode_getfd("pvhost-vm", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		pvhost_vm_put(vm);
	return fd;
}
