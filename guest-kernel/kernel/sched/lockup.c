// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds CPUs that have stopped to work and says where they are. Each CPU has a timer that runs once
 * a second:
 *
 *  - It asks the scheduler to look for a better thread. If the scheduler has not come to that when
 *    the timer has run @limit times, the CPU is stuck in the kernel with preemption off: a soft
 *    lockup, which the CPU itself can tell.
 *  - It looks whether the timer of the next CPU has run since the last time. If it has not for
 *    @limit times, that CPU is stuck with interrupts off: a hard lockup.
 *
 * Turns are counted, not time: if the whole machine stands still for a minute, nobody is late. A CPU
 * that the host has taken away is not stuck either. A CPU that is alone is not watched for hard
 * lockups.
 *
 * A lockup is a bug of the kernel and ends in a panic. Boot option lockup=SECONDS, 0: never.
 */
#define pr_fmt(f) "lockup: " f

#include <lockup.h>

#include <init.h>
#include <log.h>
#include <panic.h>
#include <time.h>

#include "lockup.h"
#include "rq.h"

#define DEFAULT_LIMIT 30U

struct lockup_settings lockup = { .interval_ns = NSEC_PER_SEC, .limit = DEFAULT_LIMIT };

/**
 * struct watch - what a CPU knows of itself and of the next one; own, but for what is said
 * @timer: runs once an interval
 * @turns: how often it has run; read by the CPU before
 * @unscheduled: turns since the scheduler was here
 * @seen: @turns of the next CPU, as last seen
 * @missed: own turns since that changed
 * @interrupted: frame of the interrupt being served, NULL: it came from user mode
 */
struct watch {
	struct timer timer;
	u64 turns;
	u32 unscheduled;
	u64 seen;
	u32 missed;
	const struct trapframe *interrupted;
};

static DEFINE_PER_CPU(struct watch, watches);

const struct trapframe *lockup_interrupted(const struct trapframe *tf)
{
	const struct trapframe *old = this_cpu(watches).interrupted;

	this_cpu(watches).interrupted = tf;
	return old;
}

static void found(enum lockup_kind kind, u32 cpu)
{
	if (!lockup.found)
		panic("%s lockup: CPU %u", kind == LOCKUP_SOFT ? "soft" : "hard", cpu);
	lockup.found(kind, cpu);
}

static void report_soft(struct watch *w)
{
	pr_emerg("CPU %u does not come to the scheduler; %s (%d), preempt count %u\n", cpu_id(),
		 current->comm, current->tid, current->preempt_count);
	if (w->interrupted)
		backtrace_frame(w->interrupted);
	found(LOCKUP_SOFT, cpu_id());
}

static void report_hard(u32 cpu)
{
	struct thread *t = READ_ONCE(cpu_rq(cpu)->curr);

	pr_emerg("CPU %u takes no interrupts; %s (%d)\n", cpu, t->comm, t->tid);
	smp_backtrace(cpu, t);
	found(LOCKUP_HARD, cpu);
}

static void check_soft(struct watch *w)
{
	if (sched_was_here()) {
		w->unscheduled = 0;
	} else if (++w->unscheduled == lockup.limit) {
		w->unscheduled = 0;
		report_soft(w);
	}
	sched_ask();
}

static void check_next(struct watch *w)
{
	u32 next = (cpu_id() + 1) % READ_ONCE(nr_cpus);
	u64 turns = READ_ONCE(per_cpu(watches, next).turns);

	if (turns != w->seen) {
		w->seen = turns;
		w->missed = 0;
	} else if (next != cpu_id() && !cpu_preempted(next) && ++w->missed == lockup.limit) {
		w->missed = 0;
		report_hard(next);
	}
}

static void watch_turn(struct timer *timer)
{
	struct watch *w = container_of(timer, struct watch, timer);

	WRITE_ONCE(w->turns, w->turns + 1);
	check_soft(w);
	check_next(w);
	timer_start(timer, ktime_ns() + READ_ONCE(lockup.interval_ns));
}

void lockup_start_cpu(void)
{
	struct watch *w;

	lockup.limit = (u32)cmdline_get_u64("lockup", DEFAULT_LIMIT);
	if (!lockup.limit)
		return;
	preempt_disable();
	w = &this_cpu(watches);
	timer_init(&w->timer, watch_turn);
	timer_start(&w->timer, ktime_ns() + lockup.interval_ns);
	preempt_enable();
}
