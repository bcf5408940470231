// SPDX-License-Identifier: GPL-2.0-only
/*
 * membarrier(2): a full barrier on all CPUs that may run the process, made by
 * interrupting them. The registrations of the expedited private kind are
 * accepted; nothing has to be remembered for them.
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

static void barrier_on(u64 cpus)
{
	preempt_disable();
	smp_mb();	/* what this thread did before, before the others' barriers */
	cpus &= ~BIT(cpu_id());
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
		barrier_on(~0ULL);
		return 0;
	case CMD_PRIVATE_EXPEDITED:
		barrier_on(READ_ONCE(current->mm->cpus));
		return 0;
	case CMD_REGISTER_GLOBAL_EXPEDITED:
	case CMD_REGISTER_PRIVATE_EXPEDITED:
		return 0;
	}
	return -EINVAL;
}
