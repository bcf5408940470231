// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine files: creation, the ioctls that set a machine up, the end.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

static void free_vm(struct work_struct *work)
{
	struct pvhost_vm *vm = container_of(work, struct pvhost_vm, free_work);
	int i;

	pvhost_time_remove(vm);
	pvhost_unbind_all(vm);
	for (i = 0; i < PVHOST_MAX_VCPUS; i++)
		if (vm->vcpus[i])
			pvhost_free_vcpu(vm->vcpus[i]);
	pvhost_notifier_exit(vm);
	pvhost_spaces_free(vm);
	pvhost_memory_free(vm);
	mmdrop(vm->mm);
	pvhost_hooks_put();
	kfree(vm->cpuid);
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

/**
 * pvhost_vcpu_of - a vCPU by its number
 * @vm: the machine
 * @index: number; anything
 *
 * Return: the vCPU, which stays as long as the machine; or NULL.
 */
struct pvhost_vcpu *pvhost_vcpu_of(struct pvhost_vm *vm, u64 index)
{
	if (index >= PVHOST_MAX_VCPUS)
		return NULL;
	index = array_index_nospec(index, PVHOST_MAX_VCPUS);
	/* Pairs with the release in pvhost_create_vcpu(). */
	return smp_load_acquire(&vm->vcpus[index]);
}

/* The argument of any ioctl of a machine file. */
union vm_arg {
	struct {
		u32 size;
		u32 flags;
	} head;
	struct pvhost_memory memory;
	struct pvhost_create_vcpu vcpu;
	struct pvhost_doorbell doorbell;
	struct pvhost_event event;
	struct pvhost_inject inject;
	struct pvhost_clock clock;
	struct pvhost_cpuid cpuid;
};

static long set_memory(struct pvhost_vm *vm, union vm_arg *arg)
{
	return pvhost_set_memory(vm, &arg->memory);
}

static long create_vcpu(struct pvhost_vm *vm, union vm_arg *arg)
{
	return arg->vcpu.reserved ? -EINVAL : pvhost_create_vcpu(vm, arg->vcpu.index);
}

static long bind_doorbell(struct pvhost_vm *vm, union vm_arg *arg)
{
	return pvhost_bind_doorbell(vm, &arg->doorbell);
}

static long bind_event(struct pvhost_vm *vm, union vm_arg *arg)
{
	return pvhost_bind_event(vm, &arg->event);
}

static long inject(struct pvhost_vm *vm, union vm_arg *arg)
{
	struct pvhost_vcpu *v = pvhost_vcpu_of(vm, arg->inject.vcpu);

	if (arg->inject.reserved || !v)
		return -EINVAL;
	pvhost_set_events(v, arg->inject.bits);
	return 0;
}

static long get_clock(struct pvhost_vm *vm, union vm_arg *arg)
{
	arg->clock.ns = pvhost_now(vm);
	arg->clock.wall_ns = ktime_get_real_ns() - arg->clock.ns;
	return 0;
}

static long set_clock(struct pvhost_vm *vm, union vm_arg *arg)
{
	int i;

	if (arg->clock.wall_ns)
		return -EINVAL;
	for (i = 0; i < PVHOST_MAX_VCPUS; i++)
		if (vm->vcpus[i] && READ_ONCE(vm->vcpus[i]->running))
			return -EBUSY;
	pvhost_clock_set(vm, arg->clock.ns);
	return 0;
}

static long get_cpuid(struct pvhost_vm *vm, union vm_arg *arg)
{
	return pvhost_cpuid_get(vm, &arg->cpuid);
}

static long set_cpuid(struct pvhost_vm *vm, union vm_arg *arg)
{
	return pvhost_cpuid_set(vm, &arg->cpuid);
}

/*
 * The ioctls of a machine file: the structure each takes, the flags it knows, whether it
 * changes the machine (and needs its lock), whether the structure goes back.
 */
static const struct vm_op {
	unsigned int cmd;
	u32 size;
	u32 flags;
	bool change;
	bool back;
	long (*do_it)(struct pvhost_vm *vm, union vm_arg *arg);
} vm_ops[] = {
	{ PVHOST_SET_MEMORY, sizeof(struct pvhost_memory), PVHOST_MEM_READONLY, true, false,
	  set_memory },
	{ PVHOST_CREATE_VCPU, sizeof(struct pvhost_create_vcpu), 0, true, false, create_vcpu },
	{ PVHOST_BIND_DOORBELL, sizeof(struct pvhost_doorbell), PVHOST_UNBIND, true, false,
	  bind_doorbell },
	{ PVHOST_BIND_EVENT, sizeof(struct pvhost_event), PVHOST_UNBIND, true, false, bind_event },
	{ PVHOST_INJECT, sizeof(struct pvhost_inject), 0, false, false, inject },
	{ PVHOST_GET_CLOCK, sizeof(struct pvhost_clock), 0, false, true, get_clock },
	{ PVHOST_SET_CLOCK, sizeof(struct pvhost_clock), 0, true, false, set_clock },
	{ PVHOST_GET_CPUID, sizeof(struct pvhost_cpuid), 0, true, true, get_cpuid },
	{ PVHOST_SET_CPUID, sizeof(struct pvhost_cpuid), 0, true, false, set_cpuid },
};

static const struct vm_op *find_op(unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm_ops); i++)
		if (vm_ops[i].cmd == cmd)
			return &vm_ops[i];
	return NULL;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long uptr)
{
	struct pvhost_vm *vm = file->private_data;
	void __user *uarg = (void __user *)uptr;
	const struct vm_op *op = find_op(cmd);
	union vm_arg arg = {};
	long ret;

	if (current->mm != vm->mm)
		return -EIO;
	if (cmd == PVHOST_GET_VM_STATS)
		return pvhost_vm_stats(vm, uarg);
	if (cmd == PVHOST_VM_STATS_FD)
		return uarg ? -EINVAL : pvhost_vm_stats_fd(vm);
	if (!op)
		return -ENOTTY;
	ret = pvhost_get_arg(&arg, op->size, uarg);
	if (ret)
		return ret;
	if (arg.head.flags & ~op->flags)
		return -EINVAL;
	if (op->change && mutex_lock_interruptible(&vm->lock))
		return -EINTR;
	ret = op->do_it(vm, &arg);
	if (op->change)
		mutex_unlock(&vm->lock);
	/* How much room is needed is told, too. */
	if ((!ret || ret == -E2BIG) && op->back && pvhost_put_arg(uarg, &arg, op->size))
		ret = -EFAULT;
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
	mutex_init(&vm->drop_lock);
	spin_lock_init(&vm->cpuid_lock);
	spin_lock_init(&vm->mn_lock);
	spin_lock_init(&vm->aged_lock);
	seqlock_init(&vm->clock_lock);
	INIT_LIST_HEAD(&vm->lru);
	INIT_LIST_HEAD(&vm->spare);
	INIT_LIST_HEAD(&vm->bindings);
	vm->walk_seq = 1;
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
	ret = pvhost_notifier_init(vm);
	if (ret)
		goto err;
	mmgrab(vm->mm);
	pvhost_time_add(vm);
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
