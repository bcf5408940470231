// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPU files: creation, the two shared pages, state for snapshots.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/anon_inodes.h>
#include <linux/cc_platform.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xstate.h>

#include "frame.h"
#include "internal.h"

/**
 * pvhost_free_vcpu - free a vCPU
 * @v: the vCPU, unreachable by now
 *
 * Context: may sleep; the machine is being freed.
 */
void pvhost_free_vcpu(struct pvhost_vcpu *v)
{
	pvhost_timer_free(v);
	if (v->kspace)
		pvhost_space_unuse(v->kspace);
	if (v->uspace)
		pvhost_space_unuse(v->uspace);
	if (v->task)
		put_task_struct(v->task);
	fpu_free_guest_fpstate(&v->fpu);
	free_page((unsigned long)v->run);
	kvfree(v);
}

/**
 * pvhost_vcpu_set_root - change an address space of a vCPU
 * @v: the vCPU: own thread, or not running
 * @root: gpa of the page-table root
 * @kernel: kernel mode's, else user mode's
 * @shared: user mode is to run in the kernel's view of @root
 *
 * Context: may sleep. The new kernel space is loaded on the way to the guest; the
 * old one may still be loaded here, so leave it first.
 * Return: 0, -EINVAL no such memory, -ENOMEM.
 */
int pvhost_vcpu_set_root(struct pvhost_vcpu *v, u64 root, bool kernel, bool shared)
{
	struct pvhost_space **where = kernel ? &v->kspace : &v->uspace;
	struct pvhost_space *space, *old;

	if (!pvhost_root_ok(v->vm, root))
		return -EINVAL;
	space = pvhost_space_get(v->vm, root, kernel || shared);
	if (IS_ERR(space))
		return PTR_ERR(space);
	old = *where;
	*where = space;
	if (kernel && v->mode == PVHOST_KERNEL) {
		v->space = space;
		pvhost_load_current_mm();
	}
	if (!kernel)
		v->shared = shared;
	if (old)
		pvhost_space_unuse(old);
	return 0;
}

/**
 * pvhost_vcpu_no_root - take an address space from a vCPU
 * @v: the vCPU, not running
 * @kernel: kernel mode's, else user mode's
 */
void pvhost_vcpu_no_root(struct pvhost_vcpu *v, bool kernel)
{
	struct pvhost_space **where = kernel ? &v->kspace : &v->uspace;

	if (*where)
		pvhost_space_unuse(*where);
	*where = NULL;
	if (!kernel)
		v->shared = false;
}

/*
 * An FPU state as after a reset; but what a task has to ask for (AMX) is #NM, as it is for
 * programs of Linux that have not asked: there is no room for it.
 */
static bool alloc_fpu(struct fpu_guest *fpu)
{
	if (!fpu_alloc_guest_fpstate(fpu))
		return false;
	fpu_update_guest_xfd(fpu, fpu_user_cfg.max_features & XFEATURE_MASK_USER_DYNAMIC);
	return true;
}

static int reset_fpu(struct pvhost_vcpu *v)
{
	struct fpu_guest fresh = {};

	if (!alloc_fpu(&fresh))
		return -ENOMEM;
	fpu_free_guest_fpstate(&v->fpu);
	v->fpu = fresh;
	v->g_pkru = 0;
	return 0;
}

/**
 * pvhost_vcpu_reset - the state in which PV_HC_VCPU_START finds a vCPU
 * @v: the vCPU, not running
 *
 * All but its events, which may have come before.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int pvhost_vcpu_reset(struct pvhost_vcpu *v)
{
	int ret = reset_fpu(v);

	if (ret)
		return ret;
	pvhost_timer_set(v, 0);
	pvhost_vcpu_no_root(v, false);
	memset(&v->gregs, 0, sizeof(v->gregs));
	v->gregs.flags = PV_FLAGS_ENTRY;
	v->gregs.cs = PV_CS64;
	v->gmode = PVHOST_KERNEL;
	v->blocked = false;
	v->pending_result = false;
	v->entry_syscall = 0;
	v->entry_user = 0;
	v->entry_kernel = 0;
	v->entry_dfault = 0;
	v->dfault_sp = 0;
	v->dfault_used = false;
	v->g_selectors = (struct pvhost_selectors){};
	v->g_fsbase = 0;
	v->g_gsbase = 0;
	WRITE_ONCE(v->page->mask, 1);
	WRITE_ONCE(v->page->busy, 0);
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct pvhost_vcpu *v = file->private_data;

	pvhost_vm_put(v->vm);
	return 0;
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct pvhost_vcpu *v = vmf->vma->vm_file->private_data;
	void *page;

	if (vmf->pgoff == 0)
		page = v->run;
	else if (vmf->pgoff == 1)
		page = v->page;
	else
		return VM_FAULT_SIGBUS;
	vmf->page = virt_to_page(page);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || vma_pages(vma) + vma->vm_pgoff > 2)
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTCOPY | VM_DONTDUMP, VM_MAYEXEC);
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static void regs_to_state(struct pvhost_state *s, const struct pt_regs *regs)
{
	s->rax = regs->ax;
	s->rbx = regs->bx;
	s->rcx = regs->cx;
	s->rdx = regs->dx;
	s->rsi = regs->si;
	s->rdi = regs->di;
	s->rsp = regs->sp;
	s->rbp = regs->bp;
	s->r8 = regs->r8;
	s->r9 = regs->r9;
	s->r10 = regs->r10;
	s->r11 = regs->r11;
	s->r12 = regs->r12;
	s->r13 = regs->r13;
	s->r14 = regs->r14;
	s->r15 = regs->r15;
	s->rip = regs->ip;
	s->rflags = regs->flags;
	s->cs = regs->cs;
}

static void state_to_regs(struct pt_regs *regs, const struct pvhost_state *s)
{
	memset(regs, 0, sizeof(*regs));
	regs->ax = s->rax;
	regs->bx = s->rbx;
	regs->cx = s->rcx;
	regs->dx = s->rdx;
	regs->si = s->rsi;
	regs->di = s->rdi;
	regs->sp = s->rsp;
	regs->bp = s->rbp;
	regs->r8 = s->r8;
	regs->r9 = s->r9;
	regs->r10 = s->r10;
	regs->r11 = s->r11;
	regs->r12 = s->r12;
	regs->r13 = s->r13;
	regs->r14 = s->r14;
	regs->r15 = s->r15;
	regs->ip = s->rip;
	regs->flags = pvhost_flags(s->rflags);
	regs->cs = s->cs;
}

static void selectors_to_state(struct pvhost_state *s, const struct pvhost_selectors *from)
{
	s->ds = from->ds;
	s->es = from->es;
	s->fs = from->fs;
	s->gs = from->gs;
}

/* Loaded with the kernel's rights, they must not get more than the guest's. */
static u16 user_selector(u16 selector)
{
	return selector & ~SEGMENT_RPL_MASK ? selector | USER_RPL : 0;
}

static void state_to_selectors(struct pvhost_selectors *to, const struct pvhost_state *s)
{
	to->ds = user_selector(s->ds);
	to->es = user_selector(s->es);
	to->fs = user_selector(s->fs);
	to->gs = user_selector(s->gs);
}

static long get_state(struct pvhost_vcpu *v, void __user *uarg)
{
	struct pvhost_state s = {};
	int ret;

	ret = pvhost_get_arg(&s, sizeof(s), uarg);
	/* A start that the vCPU's thread has not seen yet belongs to the state. */
	if (!ret)
		ret = pvhost_take_start(v);
	if (ret)
		return ret;
	memset(&s, 0, sizeof(s));
	regs_to_state(&s, &v->gregs);
	if (v->pending_result)
		s.rax = READ_ONCE(v->run->result);
	selectors_to_state(&s, &v->g_selectors);
	s.fs_base = v->g_fsbase;
	s.gs_base = v->g_gsbase;
	s.mode = v->gmode == PVHOST_USER ? PVHOST_MODE_USER : PVHOST_MODE_KERNEL;
	if (!v->online)
		s.run_flags |= PVHOST_STATE_OFFLINE;
	if (v->shared)
		s.run_flags |= PVHOST_STATE_SHARED;
	if (v->dfault_used)
		s.run_flags |= PVHOST_STATE_DFAULT;
	if (v->blocked)
		s.run_flags |= PVHOST_STATE_BLOCKED;
	s.kernel_root = v->kspace ? v->kspace->root : PV_ANY;
	s.user_root = v->uspace ? v->uspace->root : PV_ANY;
	s.entry[0] = v->entry_syscall;
	s.entry[1] = v->entry_user;
	s.entry[2] = v->entry_kernel;
	s.entry[3] = v->entry_dfault;
	s.dfault_sp = v->dfault_sp;
	s.timer = pvhost_timer_get(v);
	s.deadline = v->deadline;
	s.features = atomic64_read(&v->vm->enabled);
	return pvhost_put_arg(uarg, &s, sizeof(s));
}

/* Before the first start there is no root; whoever runs has one, in user mode two. */
static int check_roots(struct pvhost_vcpu *v, const struct pvhost_state *s)
{
	bool none = s->kernel_root == PV_ANY;

	if (none && !(s->run_flags & PVHOST_STATE_OFFLINE))
		return -EINVAL;
	if (!none && !pvhost_root_ok(v->vm, s->kernel_root))
		return -EINVAL;
	if (s->user_root == PV_ANY)
		return s->mode == PVHOST_MODE_USER || s->run_flags & PVHOST_STATE_SHARED ?
		       -EINVAL : 0;
	return none || !pvhost_root_ok(v->vm, s->user_root) ? -EINVAL : 0;
}

static int check_state(struct pvhost_vcpu *v, const struct pvhost_state *s)
{
	int i;

	if (s->flags || s->reserved || s->mode > PVHOST_MODE_USER ||
	    s->run_flags & ~(PVHOST_STATE_OFFLINE | PVHOST_STATE_SHARED |
			     PVHOST_STATE_DFAULT | PVHOST_STATE_BLOCKED))
		return -EINVAL;
	/* What GET_STATE says is taken, wherever the guest was. */
	if (!pvhost_ip_reached(s->rip, __VIRTUAL_MASK_SHIFT + 1) || !pvhost_cs_ok(s->cs, PV_SS) ||
	    (s->mode == PVHOST_MODE_KERNEL && s->cs != PV_CS64))
		return -EINVAL;
	if (s->fs_base >= PV_VA_MAX || s->gs_base >= PV_VA_MAX)
		return -EINVAL;
	for (i = 0; i < 4; i++)
		if (!pvhost_ip_ok(s->entry[i]))
			return -EINVAL;
	if (s->features & ~v->vm->features)
		return -EINVAL;
	if (s->run_flags & PVHOST_STATE_SHARED && !(s->features & PV_FEAT_SHARED_ROOT))
		return -EINVAL;
	return check_roots(v, s);
}

static struct pvhost_space *get_space(struct pvhost_vcpu *v, u64 root, bool kernel)
{
	return root == PV_ANY ? NULL : pvhost_space_get(v->vm, root, kernel);
}

/* Both of the roots, or neither of them. */
static int restore_roots(struct pvhost_vcpu *v, const struct pvhost_state *s)
{
	bool shared = s->run_flags & PVHOST_STATE_SHARED;
	struct pvhost_space *kspace, *uspace;

	kspace = get_space(v, s->kernel_root, true);
	if (IS_ERR(kspace))
		return PTR_ERR(kspace);
	uspace = get_space(v, s->user_root, shared);
	if (IS_ERR(uspace)) {
		if (kspace)
			pvhost_space_unuse(kspace);
		return PTR_ERR(uspace);
	}
	pvhost_vcpu_no_root(v, true);
	pvhost_vcpu_no_root(v, false);
	v->kspace = kspace;
	v->uspace = uspace;
	v->shared = shared;
	return 0;
}

static void set_online(struct pvhost_vcpu *v, bool online)
{
	spin_lock_irq(&v->start_lock);
	v->online = online;
	v->start_pending = false;
	spin_unlock_irq(&v->start_lock);
}

static long set_state(struct pvhost_vcpu *v, void __user *uarg)
{
	struct pvhost_state s = {};
	int ret;

	ret = pvhost_get_arg(&s, sizeof(s), uarg);
	if (!ret)
		ret = check_state(v, &s);
	/* Nothing of it is undone: this is the last that can fail. */
	if (!ret)
		ret = restore_roots(v, &s);
	if (ret)
		return ret;
	state_to_regs(&v->gregs, &s);
	state_to_selectors(&v->g_selectors, &s);
	v->g_fsbase = s.fs_base;
	v->g_gsbase = s.gs_base;
	v->gmode = s.mode == PVHOST_MODE_USER ? PVHOST_USER : PVHOST_KERNEL;
	v->pending_result = false;
	set_online(v, !(s.run_flags & PVHOST_STATE_OFFLINE));
	v->dfault_used = s.run_flags & PVHOST_STATE_DFAULT;
	v->blocked = s.run_flags & PVHOST_STATE_BLOCKED;
	v->deadline = s.deadline;
	v->entry_syscall = s.entry[0];
	v->entry_user = s.entry[1];
	v->entry_kernel = s.entry[2];
	v->entry_dfault = s.entry[3];
	v->dfault_sp = s.dfault_sp;
	atomic64_or(s.features, &v->vm->enabled);
	pvhost_timer_set(v, s.timer);
	/* The page may be another machine's: its clock is written before it runs. */
	WRITE_ONCE(v->clock_published, jiffies - HZ - 1);
	return 0;
}

/* The buffer is the XSAVE image in the standard format, as KVM's. */
static long get_xstate(struct pvhost_vcpu *v, void __user *uarg)
{
	struct pvhost_xstate x = {};
	u64 room;
	void *buf;
	int ret;

	ret = pvhost_get_arg(&x, sizeof(x), uarg);
	if (ret)
		return ret;
	if (x.flags)
		return -EINVAL;
	room = x.bytes;
	x.bytes = v->fpu.uabi_size;
	ret = pvhost_put_arg(uarg, &x, sizeof(x));
	if (ret)
		return ret;
	if (room < x.bytes)
		return -E2BIG;
	buf = kvzalloc(x.bytes, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	fpu_copy_guest_fpstate_to_uabi(&v->fpu, buf, x.bytes, v->fpu.xfeatures, v->g_pkru);
	if (copy_to_user(u64_to_user_ptr(x.addr), buf, x.bytes))
		ret = -EFAULT;
	kvfree(buf);
	return ret;
}

static long set_xstate(struct pvhost_vcpu *v, void __user *uarg)
{
	struct pvhost_xstate x = {};
	void *buf;
	int ret;

	ret = pvhost_get_arg(&x, sizeof(x), uarg);
	if (ret)
		return ret;
	if (x.flags || x.bytes != v->fpu.uabi_size)
		return -EINVAL;
	buf = vmemdup_user(u64_to_user_ptr(x.addr), x.bytes);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = fpu_copy_uabi_to_guest_fpstate(&v->fpu, buf, v->fpu.xfeatures, &v->g_pkru);
	kvfree(buf);
	return ret;
}

static long locked_ioctl(struct pvhost_vcpu *v, unsigned int cmd, void __user *uarg)
{
	/* Pairs with pvhost_leave(). */
	if (smp_load_acquire(&v->running))
		return -EBUSY;
	switch (cmd) {
	case PVHOST_RUN:
		return uarg ? -EINVAL : pvhost_run_vcpu(v);
	case PVHOST_GET_STATE:
		return get_state(v, uarg);
	case PVHOST_SET_STATE:
		return set_state(v, uarg);
	case PVHOST_GET_XSTATE:
		return get_xstate(v, uarg);
	case PVHOST_SET_XSTATE:
		return set_xstate(v, uarg);
	}
	return -ENOTTY;
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pvhost_vcpu *v = file->private_data;
	void __user *uarg = (void __user *)arg;
	long ret;

	if (current->mm != v->vm->mm)
		return -EIO;
	if (cmd == PVHOST_GET_STATS)
		return pvhost_vcpu_stats(v, uarg);
	if (cmd == PVHOST_STATS_FD)
		return uarg ? -EINVAL : pvhost_vcpu_stats_fd(v);
	if (mutex_lock_interruptible(&v->lock))
		return -EINTR;
	ret = locked_ioctl(v, cmd, uarg);
	mutex_unlock(&v->lock);
	return ret;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_release,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
};

static struct pvhost_vcpu *alloc_vcpu(struct pvhost_vm *vm, u32 index, struct pv_vcpu *page)
{
	struct pvhost_vcpu *v = kvzalloc(sizeof(*v), GFP_KERNEL_ACCOUNT);

	if (!v)
		return NULL;
	v->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!v->run || !alloc_fpu(&v->fpu)) {
		free_page((unsigned long)v->run);
		kvfree(v);
		return NULL;
	}
	v->vm = vm;
	v->index = index;
	v->serial = pvhost_barrier_serial();
	v->page = page;
	v->online = index == 0;
	v->gmode = PVHOST_KERNEL;
	v->gregs.flags = PV_FLAGS_ENTRY;
	v->gregs.cs = PV_CS64;
	mutex_init(&v->lock);
	spin_lock_init(&v->task_lock);
	spin_lock_init(&v->start_lock);
	rcuwait_init(&v->wait);
	pvhost_timer_init(v);
	page->mask = 1;
	page->index = index;
	page->runstate = PV_RUN_OFFLINE;
	pvhost_clock_publish(v);
	return v;
}

/**
 * pvhost_create_vcpu - PVHOST_CREATE_VCPU
 * @vm: the machine, locked
 * @index: number of the vCPU
 *
 * Return: a file descriptor, -EEXIST, -EINVAL, -ENOMEM, -EMFILE.
 */
long pvhost_create_vcpu(struct pvhost_vm *vm, u32 index)
{
	struct pvhost_vcpu *v;
	struct pv_vcpu *page;
	int fd;

	if (index >= PVHOST_MAX_VCPUS)
		return -EINVAL;
	index = array_index_nospec(index, PVHOST_MAX_VCPUS);
	if (vm->vcpus[index])
		return -EEXIST;
	page = pvhost_fixed_page(vm, index);
	v = page ? alloc_vcpu(vm, index, page) : NULL;
	if (!v)
		return -ENOMEM;
	kref_get(&vm->ref);
	fd = anon_inode_getfd("pvhost-vcpu", &vcpu_fops, v, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		pvhost_vm_put(vm);
		pvhost_free_vcpu(v);
		return fd;
	}
	/* Other vCPUs look without a lock. */
	smp_store_release(&vm->vcpus[index], v);
	return fd;
}
