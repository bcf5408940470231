// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the platform's entry code to the handler of a system call, and the counters behind
 * /proc/syscalls. The dispatcher is on the path of every call and does nothing that can be avoided:
 * strace hangs on one flag, and a number without a handler has one that says so.
 */
#include <atomic.h>
#include <bitmap.h>
#include <fs.h>
#include <init.h>
#include <log.h>
#include <nospec.h>
#include <platform/trap.h>
#include <process.h>
#include <syscall.h>
#include <syscall_table.h>
#include "../process/internal.h"

#define COUNTED_SYSCALLS (IS_ENABLED(CONFIG_SYSCALL_COUNTERS) ? NR_SYSCALLS : 1)

/* Statistics: a preemption between finding the counter and adding to it may lose a call. */
static u64 syscall_counts[CONFIG_NR_CPUS][COUNTED_SYSCALLS];

/**
 * trap_syscall - Serve a system call.
 * @tf: user frame: the number in orig_rax, arguments in rdi, rsi, rdx, r10, r8, r9; the result
 *	goes into rax (psABI A.2.1)
 *
 * Context: process context, interrupts on.
 */
void trap_syscall(struct trapframe *tf)
{
	unsigned long nr = (u32)tf->orig_rax;

	account_enter_kernel();
	if (unlikely(nr >= NR_SYSCALLS)) {
		tf->rax = (u64)sys_ni_syscall();
		account_leave_kernel();
		return;
	}
	nr = array_index_nospec(nr, NR_SYSCALLS);
	if (IS_ENABLED(CONFIG_SYSCALL_COUNTERS))
		syscall_counts[cpu_id()][nr]++;
	if (IS_ENABLED(CONFIG_STRACE) && unlikely(strace_on))
		tf->rax = (u64)strace_call(tf, (u32)nr);
	else
		tf->rax = (u64)syscall_table[nr](tf->rdi, tf->rsi, tf->rdx, tf->r10, tf->r8,
						 tf->r9);
	account_leave_kernel();
}

/* Programs try some calls at every start: each known one is logged the first time only. */
static bool worth_logging(u32 nr)
{
	static unsigned long logged[BITS_TO_LONGS(NR_SYSCALLS)];

	return nr >= NR_SYSCALLS || !test_and_set_bit(nr, logged);
}

long sys_ni_syscall(void)
{
	u32 nr = (u32)user_frame(current)->orig_rax;
	const char *name = nr < NR_SYSCALLS ? syscall_info[array_index_nospec(nr, NR_SYSCALLS)].name
					    : NULL;

	if (worth_logging(nr))
		pr_ratelimited(LOG_INFO, "pid %d (%s): system call %u (%s) is not implemented\n",
			       current->tid, current->comm, nr, name ? name : "unknown");
	return -ENOSYS;
}

static int show_counts(struct seq *s, void *arg)
{
	u32 nr, cpu;
	u64 sum;

	(void)arg;
	for (nr = 0; nr < NR_SYSCALLS; nr++) {
		for (sum = 0, cpu = 0; cpu < nr_cpus; cpu++)
			sum += READ_ONCE(syscall_counts[cpu][nr]);
		if (sum)
			seq_printf(s, "%3u %-24s %llu\n", nr,
				   syscall_info[nr].name ? syscall_info[nr].name : "unknown",
				   (unsigned long long)sum);
	}
	return 0;
}

static int syscall_counters_init(void)
{
	if (!IS_ENABLED(CONFIG_SYSCALL_COUNTERS))
		return 0;
	return proc_register("syscalls", show_counts, NULL);
}
late_initcall(syscall_counters_init);
