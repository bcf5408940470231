// SPDX-License-Identifier: GPL-2.0-only
/*
 * PVHOST_RUN: lending a thread of the launcher to a guest, and taking it back.
 *
 * RUN itself only marks the thread. The swap of registers happens on the edge of
 * the return to user mode, where all of the system call's own work has been done,
 * and the way back is the same in reverse: the launcher's registers are put where
 * the guest's were, with RUN's result in rax.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/fsgsbase.h>
#include <asm/pkru.h>
#include <asm/tlbflush.h>
#include <uapi/asm/prctl.h>

#include "frame.h"
#include "internal.h"
#include "trace.h"

/*
 * Load the launcher's address space; interrupts are off. It is current->mm, which a task that the
 * kernel kills in the midst of a hypercall has no more when it is scheduled for the last time.
 */
static void load_own_mm(void)
{
	struct mm_struct *mm = current->active_mm;

	VM_WARN_ON_ONCE(current->mm && current->mm != mm);
	if (this_cpu_read(cpu_tlbstate.loaded_mm) != mm)
		switch_mm_irqs_off(NULL, mm, NULL);
}

/**
 * pvhost_load_current_mm - leave the guest's address space
 *
 * Context: a vCPU's thread, interrupts on.
 */
void pvhost_load_current_mm(void)
{
	local_irq_disable();
	load_own_mm();
	local_irq_enable();
}

/**
 * pvhost_own_pkru - put the launcher's protection keys in force
 *
 * For the host's accesses to the launcher's memory on behalf of a guest: that a guest has closed
 * a key of its own must not decide them.
 *
 * Context: a vCPU's thread in guest mode.
 * Return: the guest's, for pvhost_guest_pkru().
 */
u32 pvhost_own_pkru(void)
{
	u32 pkru = read_pkru();

	write_pkru(pvhost_current()->vmm.pkru);
	return pkru;
}

/**
 * pvhost_guest_pkru - put the guest's protection keys in force again
 * @pkru: what pvhost_own_pkru() returned
 *
 * Context: as that.
 */
void pvhost_guest_pkru(u32 pkru)
{
	write_pkru(pkru);
}

static void get_bases(unsigned long *fs, unsigned long *gs)
{
	if (cpu_feature_enabled(X86_FEATURE_FSGSBASE)) {
		*fs = x86_fsbase_read_cpu();
		*gs = x86_gsbase_read_cpu_inactive();
	} else {
		*fs = current->thread.fsbase;
		*gs = current->thread.gsbase;
	}
}

/* The GS base takes two SWAPGS, and hardly anybody uses it: it may be known to be right. */
static void set_bases(unsigned long fs, unsigned long gs, bool gs_is_right)
{
	current->thread.fsbase = fs;
	current->thread.gsbase = gs;
	x86_fsbase_write_cpu(fs);
	/* Without FSGSBASE what has been read was what it should be, not what it was. */
	if (!gs_is_right || !cpu_feature_enabled(X86_FEATURE_FSGSBASE))
		x86_gsbase_write_cpu_inactive(gs);
}

static struct pvhost_selectors get_selectors(void)
{
	struct pvhost_selectors s;

	savesegment(fs, s.fs);
	savesegment(gs, s.gs);
	savesegment(ds, s.ds);
	savesegment(es, s.es);
	return s;
}

/* Loading one is slow, and they hardly ever differ. True if the bases have stayed as they were. */
static bool set_selectors(struct pvhost_selectors s, struct pvhost_selectors now)
{
	if (likely(!memcmp(&s, &now, sizeof(s))))
		return true;
	loadsegment(ds, s.ds);
	loadsegment(es, s.es);
	loadsegment(fs, s.fs);
	load_gs_index(s.gs);
	current->thread.fsindex = s.fs;
	current->thread.gsindex = s.gs;
	return false;
}

/**
 * pvhost_swap_in - the launcher's registers make room for the guest's
 * @v: the vCPU
 * @regs: task_pt_regs()
 *
 * Context: the edge: interrupts are off, the guest's FPU state is current already.
 */
void pvhost_swap_in(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	bool same;

	get_bases(&v->vmm.fsbase, &v->vmm.gsbase);
	v->vmm.selectors = get_selectors();
	v->vmm_regs = *regs;
	*regs = v->gregs;
	v->mode = v->gmode;
	v->space = v->mode == PVHOST_USER ? v->uspace : v->kspace;
	same = set_selectors(v->g_selectors, v->vmm.selectors);
	set_bases(v->g_fsbase, v->g_gsbase, same && v->g_gsbase == v->vmm.gsbase);
	pvhost_guest_pkru(v->g_pkru);
	pvhost_cpu_load();
}

static void swap_out(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	bool same;

	v->gregs = *regs;
	v->gmode = v->mode;
	*regs = v->vmm_regs;
	get_bases(&v->g_fsbase, &v->g_gsbase);
	v->g_selectors = get_selectors();
	load_own_mm();
	same = set_selectors(v->vmm.selectors, v->g_selectors);
	set_bases(v->vmm.fsbase, v->vmm.gsbase, same && v->vmm.gsbase == v->g_gsbase);
	pvhost_cpu_restore();
	v->g_pkru = pvhost_own_pkru();
}

static void set_runstate(struct pvhost_vcpu *v, u32 state)
{
	if (atomic64_read(&v->vm->enabled) & PV_FEAT_STEAL)
		WRITE_ONCE(v->page->runstate, state);
}

/* The end of guest mode; @ret goes to the launcher's rax. After this, @v may be gone. */
static void give_back(struct pvhost_vcpu *v, struct pt_regs *regs, long ret)
{
	bool irqs_off = irqs_disabled();

	local_irq_disable();
	if (v->mode != PVHOST_ENTERING) {
		swap_out(v, regs);
		pvhost_barrier_order(v);
	}
	regs->ax = ret;
	v->mode = PVHOST_OUT;
	clear_thread_flag(TIF_PVGUEST);
	current->thread.pvhost = NULL;
	local_irq_enable();

	fpu_swap_kvm_fpstate(&v->fpu, false);
	preempt_notifier_unregister(&v->notifier);
	set_runstate(v, PV_RUN_BLOCKED);
	/* Pairs with locked_ioctl(): whoever sees it may use all of the above. */
	smp_store_release(&v->running, false);
	pvhost_vm_put(v->vm);
	if (irqs_off)
		local_irq_disable();
}

/**
 * pvhost_leave - give the thread back to the launcher
 * @v: the vCPU that runs on the current thread
 * @regs: task_pt_regs()
 * @reason: PVHOST_EXIT_*
 * @ret: what RUN returns
 *
 * Context: task context, on the way from user mode, so that interrupts can be on for
 * a while whether they are or not. After this, @v may be gone.
 */
void pvhost_leave(struct pvhost_vcpu *v, struct pt_regs *regs, int reason, long ret)
{
	v->run->reason = reason;
	if (v->mode != PVHOST_ENTERING)
		v->run->rip = regs->ip;
	v->stats.exits++;
	v->stats.exit[reason]++;
	trace_pvhost_exit(v, reason, ret);
	give_back(v, regs, ret);
}

/**
 * pvhost_run_again - go out of the guest and call RUN again
 * @v: the vCPU that runs on the current thread
 * @regs: task_pt_regs()
 *
 * For what RUN waits for before the guest runs. The launcher does not see it: the system call is
 * restarted, as Linux does it where a signal has no handler.
 *
 * Context: as pvhost_leave().
 */
void pvhost_run_again(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	give_back(v, regs, 0);
	regs->ax = regs->orig_ax;
	/* SYSCALL, int80, and what SYSENTER returns to: two bytes each. */
	regs->ip -= 2;
}

/* Are the registers the guest's? */
static bool guest_loaded(const struct pvhost_vcpu *v)
{
	return v->mode == PVHOST_KERNEL || v->mode == PVHOST_USER;
}

static void sched_in(struct preempt_notifier *notifier, int cpu)
{
	struct pvhost_vcpu *v = container_of(notifier, struct pvhost_vcpu, notifier);
	u64 now;

	if (guest_loaded(v)) {
		pvhost_cpu_load();
		pvhost_barrier_cancel(v);
	}
	if (!v->preempted_at)
		return;
	now = ktime_get_mono_fast_ns();
	WRITE_ONCE(v->page->steal_ns, v->page->steal_ns + (now - v->preempted_at));
	v->preempted_at = 0;
	set_runstate(v, PV_RUN_RUNNING);
}

/*
 * No guest mm stays loaded behind a task switch: a kernel thread that borrows it
 * lazily would hold its reference on the launcher's.
 */
static void sched_out(struct preempt_notifier *notifier, struct task_struct *next)
{
	struct pvhost_vcpu *v = container_of(notifier, struct pvhost_vcpu, notifier);

	load_own_mm();
	if (guest_loaded(v)) {
		pvhost_cpu_restore();
		pvhost_barrier_order(v);
	}
	if (task_is_running(current) && atomic64_read(&v->vm->enabled) & PV_FEAT_STEAL) {
		v->preempted_at = ktime_get_mono_fast_ns();
		set_runstate(v, PV_RUN_PREEMPTED);
	}
}

static struct preempt_ops preempt_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
};

/*
 * Task work (rseq, io_uring, memcg, unwinding) belongs to the launcher: it sees the launcher's
 * memory, registers and protection keys, and no guest. The registers are exchanged in place,
 * since not all of it looks for them where it is told to.
 */
static void run_task_work(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	bool swapped = v->mode != PVHOST_ENTERING;
	u32 pkru;

	local_irq_disable();
	load_own_mm();
	clear_thread_flag(TIF_PVGUEST);
	if (swapped)
		swap(*regs, v->vmm_regs);
	local_irq_enable();
	pkru = pvhost_own_pkru();
	resume_user_mode_work(regs);
	pvhost_guest_pkru(pkru);
	local_irq_disable();
	if (swapped)
		swap(*regs, v->vmm_regs);
	set_thread_flag(TIF_PVGUEST);
	local_irq_enable();
}

/**
 * pvhost_exit_work - work on the way to a guest's user mode
 * @regs: task_pt_regs()
 * @ti_work: what there is to do
 *
 * A signal takes the thread out of the guest first: its handler is the
 * launcher's.
 *
 * Context: exit_to_user_mode_loop(), interrupts on.
 * Return: the work left for the loop.
 */
unsigned long pvhost_exit_work(struct pt_regs *regs, unsigned long ti_work)
{
	struct pvhost_vcpu *v = pvhost_current();

	if (ti_work & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL)) {
		pvhost_leave(v, regs, PVHOST_EXIT_INTR, -EINTR);
		return ti_work;
	}
	if (ti_work & _TIF_NOTIFY_RESUME) {
		run_task_work(v, regs);
		ti_work &= ~_TIF_NOTIFY_RESUME;
		/* pvhost_stop() sets the flag, too. */
		if (!READ_ONCE(v->online))
			pvhost_run_again(v, regs);
	}
	return ti_work;
}

/* What the guest would inherit of the launcher, or lose. */
static int check_thread(void)
{
	unsigned int i;

	if (test_thread_flag(TIF_IO_BITMAP))
		return -EPERM;
	/* Any ring 3 code may load these descriptors, or ask for their limits. */
	for (i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		if (!desc_empty(&current->thread.tls_array[i]))
			return -EPERM;
#ifdef CONFIG_X86_IOPL_IOPERM
	if (current->thread.iopl_emul)
		return -EPERM;
#endif
#ifdef CONFIG_X86_USER_SHADOW_STACK
	if (current->thread.features & ARCH_SHSTK_SHSTK)
		return -EOPNOTSUPP;
#endif
	return 0;
}

/**
 * pvhost_stop - take a vCPU offline
 * @v: the vCPU; may be running on this or another thread
 *
 * Its thread comes by pvhost_exit_work() before it executes another instruction of the guest, or
 * has yet to call RUN; whatever else it may be at is not disturbed. It waits in RUN until the vCPU
 * is started again.
 *
 * Context: any task context.
 */
void pvhost_stop(struct pvhost_vcpu *v)
{
	unsigned long flags;

	spin_lock_irqsave(&v->start_lock, flags);
	v->online = false;
	v->start_pending = false;
	spin_unlock_irqrestore(&v->start_lock, flags);
	rcuwait_wake_up(&v->wait);
	spin_lock_irqsave(&v->task_lock, flags);
	if (v->task)
		set_notify_resume(v->task);
	spin_unlock_irqrestore(&v->task_lock, flags);
}

/**
 * pvhost_start - bring a vCPU online
 * @v: the vCPU
 * @start: where and how
 *
 * Its thread, waiting in RUN or about to call it, sets the state up.
 *
 * Return: 0, -EBUSY if it is online.
 */
int pvhost_start(struct pvhost_vcpu *v, const struct pvhost_start *start)
{
	unsigned long flags;
	int ret = -EBUSY;

	spin_lock_irqsave(&v->start_lock, flags);
	if (!v->online && !v->start_pending) {
		v->start = *start;
		v->start_pending = true;
		ret = 0;
	}
	spin_unlock_irqrestore(&v->start_lock, flags);
	if (!ret)
		rcuwait_wake_up(&v->wait);
	return ret;
}

/* Take the start that is pending, if there is one. */
static bool take_start(struct pvhost_vcpu *v, struct pvhost_start *start)
{
	bool pending;

	spin_lock_irq(&v->start_lock);
	pending = v->start_pending;
	if (pending) {
		*start = v->start;
		v->start_pending = false;
		v->online = true;
	}
	spin_unlock_irq(&v->start_lock);
	return pending;
}

/* It could not be done now: leave it for the next RUN. */
static void untake_start(struct pvhost_vcpu *v)
{
	spin_lock_irq(&v->start_lock);
	if (v->online) {
		v->online = false;
		v->start_pending = true;
	}
	spin_unlock_irq(&v->start_lock);
}

/**
 * pvhost_take_start - set a vCPU up that has been started, if it has
 * @v: the vCPU, locked by v->lock and not running
 *
 * Return: 0, also if there is nothing to do; -EINVAL, -ENOMEM: then the start is
 * still pending.
 */
int pvhost_take_start(struct pvhost_vcpu *v)
{
	struct pvhost_start start;
	int ret;

	if (!take_start(v, &start))
		return 0;
	ret = pvhost_vcpu_reset(v);
	if (!ret)
		ret = pvhost_vcpu_set_root(v, start.root, true, false);
	if (ret) {
		untake_start(v);
		return ret;
	}
	v->gregs.ip = start.ip;
	v->gregs.sp = start.sp;
	v->gregs.di = start.arg;
	return 0;
}

/* Wait until this vCPU is online. */
static int wait_online(struct pvhost_vcpu *v)
{
	int ret;

	while (!READ_ONCE(v->online)) {
		set_runstate(v, PV_RUN_OFFLINE);
		if (rcuwait_wait_event(&v->wait, READ_ONCE(v->start_pending),
				       TASK_INTERRUPTIBLE))
			return -EINTR;
		ret = pvhost_take_start(v);
		if (ret)
			return ret;
	}
	return 0;
}

/* Registers the launcher or an old state has set. */
static void sanitize(struct pvhost_vcpu *v)
{
	struct pt_regs *regs = &v->gregs;

	/* All of the words: what FRED has in the rest is of the entry they come from. */
	regs->csx = v->gmode == PVHOST_USER && regs->cs == PV_CS32 ? PV_CS32 : PV_CS64;
	regs->ssx = PV_SS;
	regs->flags = pvhost_flags(regs->flags);
	regs->orig_ax = -1;
	if (v->pending_result) {
		regs->ax = READ_ONCE(v->run->result);
		v->pending_result = false;
	}
}

static int prepare(struct pvhost_vcpu *v)
{
	int ret = check_thread();

	/* Whoever sets it and then signals the thread need not care where that is. */
	if (!ret && READ_ONCE(v->run->immediate_exit))
		ret = -EINTR;
	if (!ret)
		ret = wait_online(v);
	if (!ret && v->blocked) {
		ret = pvhost_block(v, v->deadline);
		if (!ret)
			v->gregs.ax = 0;
	}
	if (ret)
		return ret;
	if (READ_ONCE(v->run->immediate_exit) || signal_pending(current))
		return -EINTR;
	if (!v->kspace || (v->gmode == PVHOST_USER && !v->uspace) ||
	    !pvhost_ip_reached(v->gregs.ip, __VIRTUAL_MASK_SHIFT + 1))
		return -EINVAL;
	return 0;
}

static void set_task(struct pvhost_vcpu *v)
{
	struct task_struct *old = NULL;

	if (v->task == current)
		return;
	spin_lock_irq(&v->task_lock);
	old = v->task;
	v->task = get_task_struct(current);
	spin_unlock_irq(&v->task_lock);
	if (old)
		put_task_struct(old);
}

/**
 * pvhost_run_vcpu - PVHOST_RUN
 * @v: the vCPU, locked by v->lock and not running
 *
 * The guest runs when the system call has returned.
 *
 * Return: 0, which the launcher sees as pvhost_leave() says; or -errno.
 */
long pvhost_run_vcpu(struct pvhost_vcpu *v)
{
	long ret;

	set_task(v);
	ret = prepare(v);
	if (ret) {
		v->run->reason = PVHOST_EXIT_INTR;
		return ret;
	}
	sanitize(v);
	pvhost_cpuid_freeze(v->vm);
	pvhost_clock_refresh(v);
	v->vmm.pkru = read_pkru();
	kref_get(&v->vm->ref);
	v->running = true;
	preempt_notifier_init(&v->notifier, &preempt_ops);
	preempt_notifier_register(&v->notifier);
	fpu_swap_kvm_fpstate(&v->fpu, true);
	set_runstate(v, PV_RUN_RUNNING);
	trace_pvhost_run(v);

	local_irq_disable();
	current->thread.pvhost = v;
	v->mode = PVHOST_ENTERING;
	set_thread_flag(TIF_PVGUEST);
	local_irq_enable();
	return 0;
}
