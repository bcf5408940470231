// SPDX-License-Identifier: GPL-2.0-only
/* What one CPU asks of another: contracts in include/platform/cpu.h. */
#define pr_fmt(f) "smp: " f

#include <atomic.h>
#include <log.h>
#include <panic.h>
#include <platform/cpu.h>
#include <spinlock.h>
#include <time.h>

#include "../hvm.h"

/** smp_send_reschedule - see platform/cpu.h */
void smp_send_reschedule(u32 cpu)
{
	apic_send_ipi(hvm_cpus[cpu].apic_id, VECTOR_RESCHED);
}

/*
 * One call at a time for the whole machine: @call is valid while @waiting is not
 * empty. A CPU that waits for call_lock has interrupts on and serves others.
 */
static DEFINE_SPINLOCK(call_lock);
static struct {
	void (*fn)(void *arg);
	void *arg;
	unsigned long waiting;		/* bit per CPU that has yet to run it; atomic */
} call;

/** smp_call_interrupt - serve another CPU's smp_call(); interrupts off */
void smp_call_interrupt(void)
{
	u32 me = cpu_id();

	if (!test_bit(me, &call.waiting))
		return;
	call.fn(call.arg);
	clear_bit(me, &call.waiting);
}

/** smp_call - see platform/cpu.h */
void smp_call(u64 mask, void (*fn)(void *arg), void *arg)
{
	u32 cpu;

	DEBUG_ON(irqs_disabled());
	lockdep_cpus_wait();
	spin_lock(&call_lock);
	mask &= __atomic_load_n(&online_cpus, __ATOMIC_SEQ_CST) & ~BIT(cpu_id());
	call.fn = fn;
	call.arg = arg;
	__atomic_store_n(&call.waiting, mask, __ATOMIC_SEQ_CST);
	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		if (mask >> cpu & 1)
			apic_send_ipi(hvm_cpus[cpu].apic_id, VECTOR_CALL);
	}
	while (__atomic_load_n(&call.waiting, __ATOMIC_ACQUIRE))
		cpu_relax();
	spin_unlock(&call_lock);
}

/** cpu_preempted - see platform/cpu.h; a hypervisor does not tell */
bool cpu_preempted(u32 cpu)
{
	return false;
}

#define BACKTRACE_WAIT_US 1000000

static u64 trace_wanted;	/* bit per CPU whose next NMI asks where it is; atomic */

/** smp_backtrace - see platform/cpu.h; by NMI */
void smp_backtrace(u32 cpu, const struct thread *t)
{
	u64 end = ktime_ns() + BACKTRACE_WAIT_US * NSEC_PER_USEC;

	set_bit(cpu, &trace_wanted);
	apic_send_nmi(hvm_cpus[cpu].apic_id);
	while (test_bit(cpu, &trace_wanted) && ktime_ns() < end)
		cpu_relax();
	if (test_bit(cpu, &trace_wanted))
		pr_emerg("CPU %u does not answer an NMI\n", cpu);
}

/**
 * smp_trace_wanted - is an NMI the question of smp_backtrace()?
 * @tf: where it came
 *
 * Answers it. Context: NMI. Return: whether it was.
 */
bool smp_trace_wanted(const struct trapframe *tf)
{
	u32 cpu = cpu_id();

	if (!test_bit(cpu, &trace_wanted))
		return false;
	if (user_mode(tf))
		pr_emerg("CPU %u is in user mode at %lx\n", cpu, (unsigned long)tf->rip);
	else
		backtrace_frame(tf);
	clear_bit(cpu, &trace_wanted);
	return true;
}

static bool stopping;	/* set once, by the CPU that panics */

/** smp_stopping - is an NMI the order to stop? */
bool smp_stopping(void)
{
	return READ_ONCE(stopping);
}

/** smp_halt - the end of this CPU */
void smp_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/** smp_stop_others - see platform/cpu.h; by NMI, as they may have interrupts off */
void smp_stop_others(void)
{
	u32 cpu;

	WRITE_ONCE(stopping, true);
	smp_mb();
	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++) {
		if (cpu != cpu_id() && test_bit(cpu, &online_cpus))
			apic_send_nmi(hvm_cpus[cpu].apic_id);
	}
}
