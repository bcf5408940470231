/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel preemption. The count is the current thread's own; interrupts do not change it (they run
 * with interrupts off and check it when they return). A thread is switched away on interrupt return
 * only if its count is 0 and need_resched is set.
 */
#ifndef _PREEMPT_H
#define _PREEMPT_H

#include <thread.h>

static inline void preempt_disable(void)
{
	current->preempt_count++;
	barrier();
}

/*
 * kernel/sched/sched.c: switches if interrupts are on; with interrupts off nothing happens and the
 * thread is switched away at the next preempt_enable(), interrupt return or return to user mode.
 */
void preempt_schedule(void);
/*
 * For the platform's return from an interrupt to kernel mode, when preempt_count is 0 and
 * need_resched is set. Interrupts off on entry and exit. The thread stays runnable whatever its
 * state, since it may stand between set_current_state() and schedule().
 */
void preempt_schedule_irq(void);

static inline void preempt_enable(void)
{
	barrier();
	if (--current->preempt_count == 0 && unlikely(READ_ONCE(current->need_resched)))
		preempt_schedule();
}

/* For code that is about to schedule() anyway. */
static inline void preempt_enable_no_resched(void)
{
	barrier();
	current->preempt_count--;
}

#endif
