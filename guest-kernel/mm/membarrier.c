// SPDX-License-Identifier: GPL-2.0-only
/*
 * membarrier(2): a full barrier on all CPUs that may run the process, made by
 * interrupting them.
 */
#include "internal.h"
#include <syscall.h>

enum {
	CMD_QUERY = 0,
	CMD_GLOBAL = 1,
	CMD_GLOBAL_EXPEDITED = 2,
	CMD_REGISTER_GLOBAL_EXPEDITED = 4,
	CMD_PRIVATE_EXPEDITED = 8,
	CMD_REGISTER_PRIVATE_EXPEDITED = 16,
};

static void barrier_here(void *arg)
{
	smp_mb();	/* the one that the caller asked for */
}

/* On the CPUs that have @mm loaded; NULL: on all. */
static void barrier_on(const struct mm *mm)
{
	u64 cpus;

	preempt_disable();
	/*
	 * What this thread did before comes before the others' barriers: the one that the
	 * interrupt makes, or for a CPU that loads @mm only now the one that loading makes.
	 */
	smp_mb();
	cpus = (mm ? READ_ONCE(mm->cpus) : ~0ULL) & ~BIT(cpu_id());
	if (cpus && nr_cpus > 1)
		smp_call(cpus, barrier_here, NULL);
	smp_mb();	/* the others' barriers before what this thread does next */
	preempt_enable();
}

long sys_membarrier(unsigned long cmd, unsigned long flags, unsigned long cpu)
{
	if (flags)
		return -EINVAL;
	switch ((int)cmd) {
	case CMD_QUERY:
		return CMD_GLOBAL | CMD_GLOBAL_EXPEDITED | CMD_REGISTER_GLOBAL_EXPEDITED |
		       CMD_PRIVATE_EXPEDITED | CMD_REGISTER_PRIVATE_EXPEDITED;
	case CMD_GLOBAL:
	case CMD_GLOBAL_EXPEDITED:
		barrier_on(NULL);
		return 0;
	case CMD_PRIVATE_EXPEDITED:
		if (!READ_ONCE(current->mm->membarrier))
			return -EPERM;
		barrier_on(current->mm);
		return 0;
	case CMD_REGISTER_GLOBAL_EXPEDITED:
		return 0;	/* the global kinds reach all CPUs anyway */
	case CMD_REGISTER_PRIVATE_EXPEDITED:
		WRITE_ONCE(current->mm->membarrier, true);
		return 0;
	}
	return -EINVAL;
}
