// SPDX-License-Identifier: GPL-2.0-only
/*
 * From entry.S to whoever is concerned: faults of user mode to entry/trap.c,
 * faults of the kernel on user memory to the fault handler or the exception
 * table, vectors of devices to kernel/irq.c (SDM vol. 3, chapter 6).
 */
#define pr_fmt(f) "trap: " f

#include <irq.h>
#include <lockup.h>
#include <log.h>
#include <mm.h>
#include <panic.h>
#include <sched.h>
#include <time.h>

#include "../hvm.h"

/* Devices, timers and other CPUs. Interrupts are off throughout. */
static void interrupt(u32 vector)
{
	switch (vector) {
	case VECTOR_TIMER:
		apic_eoi();
		timer_interrupt();
		return;
	case VECTOR_RESCHED:
		apic_eoi();
		sched_resched_ipi();
		return;
	case VECTOR_CALL:
		apic_eoi();
		smp_call_interrupt();
		return;
	case VECTOR_ERROR:
		apic_eoi();
		apic_error_interrupt();
		return;
	case VECTOR_SPURIOUS:
		return;		/* SDM vol. 3, 10.9: no EOI */
	}
	if (vector >= VECTOR_IRQ0 && vector < VECTOR_IRQ0 + NR_LINES) {
		irq_dispatch(vector - VECTOR_IRQ0);
		apic_eoi();
	}
}

/**
 * hvm_trap_user - a trap or interrupt that came from user mode
 * @tf: the user frame
 * @vector: 0..255
 *
 * A page fault of user mode that is not a user access, on a page that is there,
 * has no cure: QEMU 7.2's TCG lets IRET and far RET in ring 3 pop as supervisor,
 * which SMAP forbids. It becomes a signal, instead of the same fault for ever.
 *
 * Context: interrupts off; on the thread's kernel stack. May sleep.
 */
void hvm_trap_user(struct trapframe *tf, u32 vector)
{
	unsigned long addr = tf->rip;
	u32 err = (u32)tf->orig_rax;

	if (vector >= VECTOR_PIC) {
		interrupt(vector);
		return;
	}
	switch (vector) {
	case TRAP_PF:
		addr = read_cr2();
		if ((err & (PF_PROT | PF_USER)) == PF_PROT)
			vector = TRAP_GP;
		break;
	case TRAP_NMI:
		/*
		 * Further ones are held back until an IRET: not only until this thread's,
		 * as another that leaves by SYSRET may run before.
		 */
		hvm_trap_ist(tf, vector);
		hvm_unblock_nmi();
		return;
	case TRAP_DF:
	case TRAP_MC:
		hvm_trap_ist(tf, vector);
		return;
	case TRAP_DB:
		/* DR6 keeps its bits until they are cleared (SDM vol. 3, 17.2.3). */
		__asm__ volatile("movq %0, %%dr6" :: "r"(0xffff0ff0UL));
		break;
	}
	irq_enable();
	trap_user_fault(tf, vector, err, addr);
}

/*
 * The kernel touched a user address. Only code with an exception-table entry
 * may do so; where it may sleep, the page is faulted in first.
 */
static bool user_access_fault(struct trapframe *tf, unsigned long addr, u32 err)
{
	u32 how = err & PF_WRITE ? FAULT_WRITE : 0;
	int code;

	if (addr >= USER_TOP || err & (PF_INSTR | PF_RSVD) || !current->mm)
		return false;
	if (!(tf->rflags & RFLAGS_IF) || current->preempt_count || !extable_find(tf->rip))
		return false;
	irq_enable();
	if (mm_fault(current->mm, addr, how, &code)) {
		irq_disable();
		return false;
	}
	irq_disable();
	return true;
}

static void kernel_fault(struct trapframe *tf, u32 vector)
{
	unsigned long addr = vector == TRAP_PF ? read_cr2() : 0;
	u32 err = (u32)tf->orig_rax;

	if (vector == TRAP_PF && user_access_fault(tf, addr, err))
		return;
	if ((vector == TRAP_PF || vector == TRAP_GP) && extable_fixup(tf))
		return;
	trap_kernel_fault(tf, vector, err, addr);
}

/**
 * hvm_trap_kernel - a trap or interrupt that came from kernel mode
 * @tf: where it was
 * @vector: 0..255
 *
 * Switches to another thread on the way back if one should run and the
 * interrupted code may be preempted. Context: interrupts off.
 */
void hvm_trap_kernel(struct trapframe *tf, u32 vector)
{
	const struct trapframe *outer;

	if (vector < VECTOR_PIC) {
		kernel_fault(tf, vector);
		return;
	}
	outer = lockup_interrupted(tf);
	interrupt(vector);
	lockup_interrupted(outer);
	if (current->need_resched && !current->preempt_count)
		preempt_schedule_irq();
}

/**
 * hvm_trap_ist - #DB, NMI, #DF, #MC where the kernel may not have been ready
 * @tf: where it was
 * @vector: the exception
 *
 * Context: interrupts off, on a stack of 4 KiB; takes no lock unless it panics.
 */
void hvm_trap_ist(struct trapframe *tf, u32 vector)
{
	switch (vector) {
	case TRAP_NMI:
		if (smp_stopping())
			smp_halt();
		if (smp_trace_wanted(tf))
			return;
		pr_warn("NMI at rip %lx without a known source\n", (unsigned long)tf->rip);
		return;
	case TRAP_DF:
		panic_trap(tf, "double fault (kernel stack overflow?), cr2 %lx",
			   (unsigned long)read_cr2());
	case TRAP_MC:
		mce_trap(tf);
		return;
	}
	/*
	 * #DB with CS of the kernel: MOV SS before SYSCALL in user mode delays a
	 * watch point or single step into our first instruction. Nothing to do.
	 */
	__asm__ volatile("movq %0, %%dr6" :: "r"(0xffff0ff0UL));
	tf->rflags &= ~RFLAGS_TF;
}
