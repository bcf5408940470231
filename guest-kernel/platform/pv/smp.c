// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: the other vCPUs: starting them, interrupting them, stopping them.
 */
#define pr_fmt(f) "pv: " f
#include <init.h>
#include <kallsyms.h>
#include <log.h>
#include <mm.h>
#include <panic.h>
#include <sched.h>
#include <spinlock.h>
#include <time.h>
#include <platform/platform.h>
#include "pv.h"

#define MAX_OLD_FRAMES 48U

/* One cross call at a time. */
static struct {
	struct spinlock lock; /* held by the caller, interrupts on, until all are done */
	void (*fn)(void *arg);
	void *arg;
	u64 todo; /* CPUs that have not finished; atomic */
} call = {.lock = SPINLOCK_INIT("smp_call")};

/**
 * pv_send_ipi - Raise an event on other vCPUs.
 * @mask: bit per CPU
 * @event: PV_IPI_*
 *
 * Context: any.
 */
void pv_send_ipi(u64 mask, u32 event)
{
	if (mask)
		hypercall3(PV_HC_IPI, mask, 0, event);
}

void smp_send_reschedule(u32 cpu)
{
	pv_send_ipi(BIT(cpu), PV_IPI_RESCHED);
}

static u64 online_others(void)
{
	return (nr_cpus == 64 ? ~0ULL : BIT(nr_cpus) - 1) & ~BIT(cpu_id());
}

/**
 * pv_smp_call_event - This vCPU's part in a cross call.
 *
 * Context: interrupt. Callers of smp_call() have interrupts on while they wait, so that two of them
 * serve each other.
 */
void pv_smp_call_event(void)
{
	u64 me = BIT(cpu_id());

	if (!(__atomic_load_n(&call.todo, __ATOMIC_ACQUIRE) & me))
		return;
	call.fn(call.arg);
	__atomic_fetch_and(&call.todo, ~me, __ATOMIC_RELEASE);
}

void smp_call(u64 mask, void (*fn)(void *arg), void *arg)
{
	u64 left;

	DEBUG_ON(irqs_disabled());
	lockdep_cpus_wait();
	spin_lock(&call.lock);
	mask &= online_others();
	if (mask) {
		call.fn = fn;
		call.arg = arg;
		__atomic_store_n(&call.todo, mask, __ATOMIC_RELEASE);
		pv_send_ipi(mask, PV_IPI_CALL);
		while ((left = __atomic_load_n(&call.todo, __ATOMIC_ACQUIRE)))
			cpu_spin_yield((u32)__builtin_ctzll(left));
	}
	spin_unlock(&call.lock);
}

void pv_smp_stop_event(void)
{
	for (;;)
		hypercall1(PV_HC_VCPU_STOP, cpu_id());
}

void smp_stop_others(void)
{
	pv_send_ipi(online_others(), PV_IPI_STOP);
}

bool cpu_preempted(u32 cpu)
{
	return READ_ONCE(pv_cpus[cpu].page->runstate) == PV_RUN_PREEMPTED;
}

/* A word of @t's stack that is a saved frame pointer, with a return address above it. */
static bool is_frame(const struct thread *t, const unsigned long *word)
{
	unsigned long offset, size, up = word[0];

	return up > (unsigned long)word && up < t->kstack + KSTACK_SIZE && !(up & 7) &&
	       kallsyms_lookup(word[1], &offset, &size);
}

/*
 * There is no interrupt that a masked vCPU takes and its registers are nobody's but its own: what
 * is left is its stack, from the outermost frame inwards. Frames that are no more come last.
 */
void smp_backtrace(u32 cpu, const struct thread *t)
{
	const unsigned long *bottom = (const unsigned long *)t->kstack,
			    *word = (const unsigned long *)(t->kstack + KSTACK_SIZE) - 4;
	u32 n = 0;

	pr_emerg("what the stack of CPU %u holds, outermost first, old frames at the end:\n", cpu);
	for (; word >= bottom && n < MAX_OLD_FRAMES; word--)
		if (is_frame(t, word))
			panic_print_address(n++, word[1] - 1);
}

/* A vCPU whose host CPU is busy elsewhere cannot let go of a lock: give it the time. */
void cpu_spin_yield(u32 holder)
{
	if (holder < pv_nr_vcpus && cpu_preempted(holder))
		hypercall1(PV_HC_YIELD, holder);
	else
		cpu_relax();
}

/* Prototype of what only entry.S calls. */
void pv_secondary_main(u32 cpu) __noreturn;

/**
 * pv_secondary_main - First C code of another vCPU, on its idle thread's stack.
 * @cpu: its number
 */
void pv_secondary_main(u32 cpu)
{
	pv_register_entries(&pv_cpus[cpu]);
	cpu_start_secondary(cpu);
}

static void prepare(u32 cpu, struct thread *idle)
{
	struct pv_cpu *c = &pv_cpus[cpu];

	c->page = (struct pv_vcpu *)((char *)pv_cpus[0].page + cpu * PAGE_SIZE);
	c->dfault_stack = kstack_alloc();
	if (!c->dfault_stack)
		panic("no memory for the stacks of CPU %u", cpu);
	pv_stack_link(c->dfault_stack, c->page, idle);
	pv_stack_link(idle->kstack, c->page, idle);
	c->page->kernel_sp = idle->kstack + KSTACK_SIZE - PV_STACK_SLOTS;
}

static bool start_one(u32 cpu)
{
	struct thread *idle = sched_idle_create(cpu);
	unsigned long top = idle->kstack + KSTACK_SIZE - PV_STACK_SLOTS;
	/* A busy host may let a new vCPU wait for seconds. */
	u64 deadline = ktime_ns() + 10 * NSEC_PER_SEC;

	prepare(cpu, idle);
	if (hypercall5(PV_HC_VCPU_START, cpu, (unsigned long)pv_start_secondary, top,
		       kernel_mm.root, cpu))
		return false;
	while (smp_load_acquire(&nr_cpus) <= cpu) {
		if (ktime_ns() > deadline)
			return false;
		hypercall1(PV_HC_YIELD, cpu);
	}
	return true;
}

void smp_start_all(void)
{
	u64 limit = cmdline_flag("nosmp") ? 1 : cmdline_get_u64("maxcpus", pv_nr_vcpus);
	u32 wanted = (u32)min(limit, (u64)pv_nr_vcpus);

	for (u32 cpu = 1; cpu < wanted; cpu++) {
		if (!start_one(cpu)) {
			pr_err("CPU %u does not start; going on with %u\n", cpu, cpu);
			return;
		}
	}
}
