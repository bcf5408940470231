// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls that do more than the entry path does by itself.
 *
 * Each takes its operands from the registers or reads them once from the shared
 * page, checks all of them, then acts. A call that has left guest mode returns
 * PVHOST_LEFT: the registers are the launcher's by then.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <asm/fsgsbase.h>

#include "frame.h"
#include "internal.h"
#include "trace.h"

/* Arguments of a hypercall, in order. */
struct args {
	u64 a, b, c, d, e;
};

typedef long (*handler_t)(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x);

/* ---- return to user mode ---- */

static int do_range(struct pvhost_vcpu *v, const struct pv_range *range)
{
	struct pvhost_space *space = range->flags & PV_RANGE_KERNEL ? v->kspace : v->uspace;
	int ret = 0;

	if (range->flags & ~(PV_RANGE_FLUSH | PV_RANGE_ANNOUNCE | PV_RANGE_KERNEL))
		return -EINVAL;
	if (range->flags & PV_RANGE_FLUSH)
		ret = pvhost_flush_space(v, space, range->va, range->npages);
	if (!ret && range->flags & PV_RANGE_ANNOUNCE)
		ret = pvhost_announce(v, space, range->va, range->npages);
	return ret;
}

static int do_ranges(struct pvhost_vcpu *v, unsigned int n)
{
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		struct pv_range *shared = &v->page->ranges[i], range;

		range.va = READ_ONCE(shared->va);
		range.npages = READ_ONCE(shared->npages);
		range.flags = READ_ONCE(shared->flags);
		ret = do_range(v, &range);
		if (ret)
			return ret;
	}
	return 0;
}

static int load_root(struct pvhost_vcpu *v, u64 root, bool shared)
{
	if (shared && !(atomic64_read(&v->vm->enabled) & PV_FEAT_SHARED_ROOT))
		return -EINVAL;
	if (shared)
		root = v->kspace->root;
	/* The same one again costs nothing. */
	if (v->uspace && !shared && !v->shared && v->uspace->root == root)
		return 0;
	return pvhost_vcpu_set_root(v, root, false, shared);
}

static int load_frame(struct pvhost_vcpu *v, struct pt_regs *regs, bool sysret)
{
	struct pv_vcpu *p = v->page;
	u64 ip = READ_ONCE(p->ip);
	u16 cs = PV_CS64, ss = PV_SS;

	if (!sysret) {
		cs = READ_ONCE(p->cs);
		ss = READ_ONCE(p->ss);
	}
	if (!pvhost_ip_ok(ip) || !pvhost_cs_ok(cs, ss))
		return -EINVAL;
	regs->ip = ip;
	regs->sp = READ_ONCE(p->sp);
	regs->flags = pvhost_flags(READ_ONCE(p->flags));
	regs->ax = READ_ONCE(p->ax);
	/* All of the words: with FRED, a step would be taken before the first instruction. */
	regs->csx = cs;
	regs->ssx = ss;
	regs->cx = sysret ? ip : READ_ONCE(p->cx);
	regs->r11 = sysret ? regs->flags : READ_ONCE(p->r11);
	return 0;
}

static long hc_ret_user(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	u32 flags = READ_ONCE(v->page->ret_flags);
	unsigned int n = (flags & PV_RET_RANGES) >> PV_RET_RANGES_SHIFT;
	int ret = 0;

	if (flags & ~PV_RET_ALL || n > PV_MAX_RET_RANGES ||
	    (flags & PV_RET_SHARED && !(flags & PV_RET_ROOT)))
		return -EINVAL;
	if (flags & PV_RET_ROOT)
		ret = load_root(v, READ_ONCE(v->page->user_root), flags & PV_RET_SHARED);
	if (!ret && !v->uspace)
		ret = -EINVAL;
	if (!ret && n)
		ret = do_ranges(v, n);
	if (!ret)
		ret = load_frame(v, regs, flags & PV_RET_SYSRET);
	if (ret)
		return ret;
	v->mode = PVHOST_USER;
	v->space = v->uspace;
	return regs->ax;
}

/* ---- memory ---- */

static long hc_kernel_root(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return pvhost_vcpu_set_root(v, x->a, true, false);
}

static long hc_user_root(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (x->b & ~(u64)PV_ROOT_SHARED)
		return -EINVAL;
	return load_root(v, x->a, x->b & PV_ROOT_SHARED);
}

static long hc_drop_root(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return pvhost_space_drop(v->vm, x->a);
}

static long hc_flush(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return pvhost_flush(v, x->a, x->b, x->c);
}

static long hc_announce(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	struct pvhost_space *space = pvhost_space_find(v->vm, x->a, false);
	long ret;

	/* A space that nobody has used has no shadow to fill. */
	if (!space)
		return 0;
	ret = pvhost_announce(v, space, x->b, x->c);
	pvhost_space_put(space);
	return ret;
}

static long hc_discard(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (!(atomic64_read(&v->vm->enabled) & PV_FEAT_DISCARD))
		return -EOPNOTSUPP;
	if (x->a & ~PV_PTE_ADDR)
		return -EINVAL;
	pvhost_load_current_mm();
	return pvhost_discard(v->vm, x->a >> PAGE_SHIFT, x->b);
}

/* ---- vCPUs, events, time ---- */

static long hc_nop(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return 0;
}

static long hc_block(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (!pvhost_block(v, x->a))
		return 0;
	pvhost_leave(v, regs, PVHOST_EXIT_INTR, -EINTR);
	return PVHOST_LEFT;
}

static long hc_yield(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	struct pvhost_vcpu *other = NULL;
	struct task_struct *task = NULL;

	if (x->a != PV_ANY) {
		other = pvhost_vcpu_of(v->vm, x->a);
		if (!other)
			return -EINVAL;
	}
	v->stats.yields++;
	if (other && other != v) {
		spin_lock_irq(&other->task_lock);
		task = other->task ? get_task_struct(other->task) : NULL;
		spin_unlock_irq(&other->task_lock);
	}
	if (task) {
		yield_to(task, true);
		put_task_struct(task);
	} else {
		/* What sched_yield() does, at the wish of a guest. */
		yield();
	}
	return 0;
}

static long hc_set_entries(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (!pvhost_ip_ok(x->a) || !pvhost_ip_ok(x->b) || !pvhost_ip_ok(x->c) ||
	    !pvhost_ip_ok(x->d))
		return -EINVAL;
	v->entry_syscall = x->a;
	v->entry_user = x->b;
	v->entry_kernel = x->c;
	v->entry_dfault = x->d;
	v->dfault_sp = x->e;
	v->dfault_used = false;
	return 0;
}

static long hc_set_timer(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	pvhost_timer_set(v, x->a);
	return 0;
}

static long hc_ipi(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	u64 left;

	if (x->c < PV_EVENT_IPI0 || x->c > PV_EVENT_IPI3 || x->b >= PVHOST_MAX_VCPUS)
		return -EINVAL;
	/* Nobody gets one of a call that fails. */
	for (left = x->a; left; left &= left - 1)
		if (!pvhost_vcpu_of(v->vm, x->b + __ffs64(left)))
			return -EINVAL;
	for (left = x->a; left; left &= left - 1) {
		pvhost_set_events(pvhost_vcpu_of(v->vm, x->b + __ffs64(left)), BIT_ULL(x->c));
		v->stats.ipis++;
	}
	return 0;
}

static long hc_vcpu_start(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	const struct pvhost_start start = { .ip = x->b, .sp = x->c, .root = x->d, .arg = x->e };
	struct pvhost_vcpu *other = pvhost_vcpu_of(v->vm, x->a);

	if (!other || !pvhost_ip_ok(start.ip) || !pvhost_root_ok(v->vm, start.root))
		return -EINVAL;
	return pvhost_start(other, &start);
}

static long hc_vcpu_stop(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	struct pvhost_vcpu *other = pvhost_vcpu_of(v->vm, x->a);

	if (!other)
		return -EINVAL;
	pvhost_stop(other);
	if (other != v)
		return 0;
	/* And that waits for VCPU_START. */
	pvhost_run_again(v, regs);
	return PVHOST_LEFT;
}

static long hc_set_base(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (x->a > PV_BASE_GS || x->b >= PV_VA_MAX)
		return -EINVAL;
	local_irq_disable();
	if (x->a == PV_BASE_FS) {
		current->thread.fsbase = x->b;
		x86_fsbase_write_cpu(x->b);
	} else {
		current->thread.gsbase = x->b;
		x86_gsbase_write_cpu_inactive(x->b);
	}
	local_irq_enable();
	return 0;
}

static long hc_cpuid(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	u32 out[4];

	pvhost_cpuid(v, x->a, x->b, out);
	memcpy(v->page->out, out, sizeof(out));
	return 0;
}

static long hc_clock(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (x->a == PV_CLOCK_MONOTONIC)
		return pvhost_now(v->vm);
	return x->a == PV_CLOCK_REALTIME ? ktime_get_real_ns() : -EINVAL;
}

static long hc_features(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (x->a & ~v->vm->features)
		return -EINVAL;
	atomic64_or(x->a, &v->vm->enabled);
	if (x->a & PV_FEAT_STEAL)
		WRITE_ONCE(v->page->runstate, PV_RUN_RUNNING);
	return 0;
}

/* ---- what the launcher answers ---- */

static long leave_for_answer(struct pvhost_vcpu *v, struct pt_regs *regs, int reason)
{
	v->pending_result = true;
	pvhost_leave(v, regs, reason, 0);
	return PVHOST_LEFT;
}

static long console(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x, int reason)
{
	if (!x->b || x->b > PV_MAX_CONSOLE)
		return x->b ? -EINVAL : 0;
	v->run->console.gpa = x->a;
	v->run->console.len = x->b;
	return leave_for_answer(v, regs, reason);
}

static long hc_console_write(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return console(v, regs, x, PVHOST_EXIT_CONSOLE_WRITE);
}

static long hc_console_read(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return console(v, regs, x, PVHOST_EXIT_CONSOLE_READ);
}

static long device(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x, int reason)
{
	if (x->c != 1 && x->c != 2 && x->c != 4)
		return -EINVAL;
	v->run->dev.device = x->a;
	v->run->dev.offset = x->b;
	v->run->dev.width = x->c;
	v->run->dev.reserved = 0;
	v->run->dev.value = reason == PVHOST_EXIT_DEV_WRITE ? x->d : 0;
	return leave_for_answer(v, regs, reason);
}

static long hc_dev_read(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return device(v, regs, x, PVHOST_EXIT_DEV_READ);
}

static long hc_dev_write(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return device(v, regs, x, PVHOST_EXIT_DEV_WRITE);
}

static long hc_doorbell(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (pvhost_ring(v->vm, x->a, x->b))
		return 0;
	v->run->dev.device = x->a;
	v->run->dev.offset = x->b;
	v->run->dev.width = 0;
	v->run->dev.reserved = 0;
	v->run->dev.value = 0;
	return leave_for_answer(v, regs, PVHOST_EXIT_DOORBELL);
}

static long hc_shutdown(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	if (x->a > PV_SHUTDOWN_PANIC || x->d > PV_MAX_CONSOLE)
		return -EINVAL;
	v->run->shutdown.how = x->a;
	v->run->shutdown.status = x->b & 0xff;
	v->run->shutdown.gpa = x->c;
	v->run->shutdown.len = x->d;
	return leave_for_answer(v, regs, PVHOST_EXIT_SHUTDOWN);
}

/* ---- batch ---- */

static long batch_doorbell(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	return pvhost_ring(v->vm, x->a, x->b) ? 0 : -ENOENT;
}

/* Nothing here changes mode, leaves, or refers to registers. */
static const handler_t batch_handlers[PV_HC_NR] = {
	[PV_HC_NOP] = hc_nop,
	[PV_HC_DROP_ROOT] = hc_drop_root,
	[PV_HC_FLUSH] = hc_flush,
	[PV_HC_ANNOUNCE] = hc_announce,
	[PV_HC_SET_TIMER] = hc_set_timer,
	[PV_HC_IPI] = hc_ipi,
	[PV_HC_DOORBELL] = batch_doorbell,
	[PV_HC_DISCARD] = hc_discard,
};

static long batch_call(struct pvhost_vcpu *v, u64 gpa)
{
	struct pv_call call;
	struct args x = {};
	handler_t handler;

	if (pvhost_read_guest(v->vm, gpa, &call, sizeof(call)))
		return -EFAULT;
	if (call.nr >= PV_HC_NR)
		return -ENOSYS;
	handler = batch_handlers[array_index_nospec(call.nr, PV_HC_NR)];
	if (!handler)
		return -EINVAL;
	x.a = call.arg[0];
	x.b = call.arg[1];
	x.c = call.arg[2];
	return handler(v, NULL, &x);
}

static long hc_batch(struct pvhost_vcpu *v, struct pt_regs *regs, const struct args *x)
{
	u64 i;

	if (x->b > PV_MAX_BATCH || x->a & 7)
		return -EINVAL;
	for (i = 0; i < x->b; i++) {
		if (batch_call(v, x->a + i * sizeof(struct pv_call)))
			break;
		cond_resched();
	}
	return i;
}

static const handler_t handlers[PV_HC_NR] = {
	[PV_HC_NOP] = hc_nop,
	[PV_HC_RET_USER] = hc_ret_user,
	[PV_HC_BLOCK] = hc_block,
	[PV_HC_YIELD] = hc_yield,
	[PV_HC_SET_ENTRIES] = hc_set_entries,
	[PV_HC_KERNEL_ROOT] = hc_kernel_root,
	[PV_HC_USER_ROOT] = hc_user_root,
	[PV_HC_DROP_ROOT] = hc_drop_root,
	[PV_HC_FLUSH] = hc_flush,
	[PV_HC_ANNOUNCE] = hc_announce,
	[PV_HC_SET_TIMER] = hc_set_timer,
	[PV_HC_IPI] = hc_ipi,
	[PV_HC_VCPU_START] = hc_vcpu_start,
	[PV_HC_VCPU_STOP] = hc_vcpu_stop,
	[PV_HC_SET_BASE] = hc_set_base,
	[PV_HC_CPUID] = hc_cpuid,
	[PV_HC_CLOCK] = hc_clock,
	[PV_HC_FEATURES] = hc_features,
	[PV_HC_CONSOLE_WRITE] = hc_console_write,
	[PV_HC_CONSOLE_READ] = hc_console_read,
	[PV_HC_DEV_READ] = hc_dev_read,
	[PV_HC_DEV_WRITE] = hc_dev_write,
	[PV_HC_DOORBELL] = hc_doorbell,
	[PV_HC_DISCARD] = hc_discard,
	[PV_HC_SHUTDOWN] = hc_shutdown,
	[PV_HC_BATCH] = hc_batch,
};

/**
 * pvhost_hypercall - a hypercall
 * @v: the vCPU, on its own thread, in kernel mode
 * @regs: its registers
 * @nr: number of the call
 *
 * Context: interrupts on, may sleep.
 * Return: the result for rax, or PVHOST_LEFT.
 */
long pvhost_hypercall(struct pvhost_vcpu *v, struct pt_regs *regs, u64 nr)
{
	struct args x = { regs->di, regs->si, regs->dx, regs->r10, regs->r8 };
	long ret;

	if (nr >= PV_HC_NR)
		return -ENOSYS;
	nr = array_index_nospec(nr, PV_HC_NR);
	ret = handlers[nr](v, regs, &x);
	trace_pvhost_hypercall(nr, x.a, x.b, x.c, ret);
	return ret;
}
