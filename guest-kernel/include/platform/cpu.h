/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Door: the CPU. <plat/cpu.h> defines as static inlines:
 *
 * void irq_disable(void), irq_enable(void);	 unsigned long irq_save(void); void
 * irq_restore(unsigned long flags); bool irqs_disabled(void);
 * void cpu_relax(void);			 in spin loops
 * void cpu_spin_yield(u32 holder);		 the lock is held by CPU @holder: PV gives it the time
 * if it is preempted; HVM: cpu_relax() void cpu_idle(void);			 interrupts are off
 * and nothing is runnable: waits for an interrupt and returns with interrupts on, losing no wake-up
 * u64 cpu_cycles(void);			 TSC-like counter for entropy and accounting
 * u64 cpu_cycles_ordered(void);		 the same for clocks: never reads ahead
 */
#ifndef _PLATFORM_CPU_H
#define _PLATFORM_CPU_H

#include <compiler.h>
#include <plat/cpu.h>

/* Starts all other CPUs: each runs cpu_start_secondary() (init/main.c) on its idle thread's
 * stack. Returns when all that answer are up. */
void smp_start_all(void);
/* Number of CPUs the platform has found (maxcpus= applied by the caller). */
u32 platform_nr_cpus(void);
/* Interrupts @cpu so that it looks at need_resched. Any context. */
void smp_send_reschedule(u32 cpu);
/*
 * Runs @fn(@arg) in interrupt context on the CPUs of @mask but this one; waits until all have.
 * Interrupts on, since two callers wait for each other; not in an interrupt; with no lock held that
 * anybody waits for with interrupts off (lockdep_cpus_wait()).
 */
void smp_call(u64 mask, void (*fn)(void *arg), void *arg);
/* Has the host taken its CPU away from @cpu at this moment? Never on HVM. Any context. */
bool cpu_preempted(u32 cpu);
/*
 * Logs where another CPU is, which takes no interrupts and runs @t: as well as the platform can.
 * Any context but NMI.
 */
struct thread;
void smp_backtrace(u32 cpu, const struct thread *t);
/* Stops all other CPUs for good (panic). */
void smp_stop_others(void);
/* Text for /proc/cpuinfo about @cpu, as Linux formats it (without "processor" line). */
size_t platform_cpuinfo(u32 cpu, char *buf, size_t size);

#endif
