// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: the C half of the entries (entry.S): sorts what the host delivered into traps and events.
 */
#define pr_fmt(f) "pv: " f
#include <errno.h>
#include <irq.h>
#include <lockup.h>
#include <log.h>
#include <panic.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <platform/mmu.h>
#include <platform/trap.h>
#include "pv.h"

/* entry.S relies on it. */
static_assert(PV_KSTACK_SIZE == KSTACK_SIZE && PV_STACK_LAST == KSTACK_SIZE - 1, "entry.S");

/* Prototypes of what only entry.S calls. */
void pv_user_trap(struct trapframe *tf, struct pv_vcpu *v);
void pv_kernel_trap(struct trapframe *tf, u32 cause, u32 vector, u32 error, unsigned long addr);
void pv_kernel_events(void);
void pv_return_work(struct trapframe *tf, bool syscall);
void pv_return_refused(struct trapframe *tf, long err);
void pv_double_fault(void) __noreturn;

/**
 * pv_handle_events - Take all pending events of this vCPU and run their handlers.
 * @v: its page
 *
 * Context: interrupt, masked.
 */
void pv_handle_events(struct pv_vcpu *v)
{
	u64 bits = __atomic_exchange_n(&v->pending, 0, __ATOMIC_SEQ_CST);

	while (bits) {
		u32 bit = (u32)__builtin_ctzll(bits);

		bits &= bits - 1;
		switch (bit) {
		case PV_EVENT_TIMER:
			timer_interrupt();
			break;
		case PV_IPI_RESCHED:
			sched_resched_ipi();
			break;
		case PV_IPI_CALL:
			pv_smp_call_event();
			break;
		case PV_IPI_STOP:
			pv_smp_stop_event();
		default:
			irq_dispatch(bit);
		}
	}
}

static void user_events(struct pv_vcpu *v)
{
	account_enter_kernel();
	pv_handle_events(v);
	irq_enable();
	account_leave_kernel();
}

/*
 * There is no 32-bit system-call ABI: what enters for one is what a CPU without the gate would
 * raise, #GP at the instruction (INT 0x80 is two bytes long; where 32-bit SYSCALL came from nobody
 * knows).
 */
static void refuse_compat(struct trapframe *tf, u32 cause)
{
	if (cause == PV_CAUSE_INT80) {
		tf->rip -= 2;
		trap_user_fault(tf, TRAP_GP, 0x80 * 8 + 2, 0);
	} else {
		trap_user_fault(tf, TRAP_GP, 0, 0);
	}
}

/**
 * pv_user_trap - Anything but SYSCALL that happened in user mode.
 * @tf: the user frame
 * @v: this vCPU's page, which says what it was
 *
 * Context: masked at the call, not at the return.
 */
void pv_user_trap(struct trapframe *tf, struct pv_vcpu *v)
{
	u32 cause = READ_ONCE(v->cause), vector = READ_ONCE(v->vector), error = READ_ONCE(v->error);
	unsigned long addr = READ_ONCE(v->addr);

	if (cause == PV_CAUSE_EVENT) {
		user_events(v);
		return;
	}
	/* QEMU's IRET of user mode accesses the stack as a supervisor: nothing can make it succeed. */
	if (vector == TRAP_PF && (error & (PF_PROT | PF_USER)) == PF_PROT)
		vector = TRAP_GP;
	irq_enable();
	if (cause == PV_CAUSE_TRAP)
		trap_user_fault(tf, vector, error, addr);
	else
		refuse_compat(tf, cause);
}

/* An interrupted restartable sequence starts again: the thread may continue on another vCPU. */
static void fix_restartable(struct trapframe *tf)
{
	unsigned long ip = tf->rip;

	if (ip >= (unsigned long)pv_irq_save && ip < (unsigned long)pv_irq_save_end)
		tf->rip = (unsigned long)pv_irq_save;
	else if (ip >= (unsigned long)pv_irq_masked && ip < (unsigned long)pv_irq_masked_end)
		tf->rip = (unsigned long)pv_irq_masked;
}

static void preempt_if_due(void)
{
	if (current->preempt_count == 0 && READ_ONCE(current->need_resched))
		preempt_schedule_irq();
}

/**
 * pv_kernel_events - Events that came while the kernel ran; switches threads if that is due.
 *
 * Context: masked.
 */
void pv_kernel_events(void)
{
	pv_handle_events(this_vcpu());
	preempt_if_due();
}

/**
 * pv_kernel_trap - A trap or event of kernel mode.
 * @tf: frame built by the stub; cs is PV_CS_KERNEL
 * @cause: PV_CAUSE_* and PV_KCAUSE_MASKED
 * @vector: of a trap
 * @error: of a trap
 * @addr: of a page fault
 *
 * The kernel never touches what may be missing, so a trap is a bug. Context: masked.
 */
void pv_kernel_trap(struct trapframe *tf, u32 cause, u32 vector, u32 error, unsigned long addr)
{
	const struct trapframe *outer;

	if ((cause & ~PV_KCAUSE_MASKED) != PV_CAUSE_EVENT)
		trap_kernel_fault(tf, vector, error, addr);
	fix_restartable(tf);
	outer = lockup_interrupted(tf);
	pv_handle_events(this_vcpu());
	lockup_interrupted(outer);
	preempt_if_due();
}

/**
 * pv_return_work - What trap_return_work() does, before user mode.
 * @tf: user frame
 * @syscall: a system call is being left
 *
 * Context: masked at the call.
 */
void pv_return_work(struct trapframe *tf, bool syscall)
{
	irq_enable();
	trap_return_work(tf, syscall);
}

/**
 * pv_return_refused - The host refused a return to user mode: it lacks memory for the root, or the
 * frame has an address no program can run at, put there by sigreturn or the like.
 * @tf: the frame
 * @err: the host's answer
 *
 * What was to be done on the way has not been done, or not all of it: a program that goes on must
 * not do so in the address space that was loaded before, nor with what it has unmapped. Doing it
 * twice is harmless.
 *
 * Context: masked since the page was filled; on return not.
 */
void pv_return_refused(struct trapframe *tf, long err)
{
	struct pv_vcpu *page = this_vcpu();

	*pv_ret_bits(page) |= page->ret_flags & (PV_RET_ROOT | PV_RET_RANGES);
	irq_enable();
	if (err == -ENOMEM) {
		pr_ratelimited(LOG_WARNING, "the host lacks memory for an address space: waiting\n");
		hypercall1(PV_HC_YIELD, PV_ANY);
		return;
	}
	pr_debug("return to user mode refused (%ld), ip %lx cs %lx\n", err, (unsigned long)tf->rip,
		 (unsigned long)tf->cs);
	tf->cs = USER_CS;
	tf->ss = USER_DS;
	force_signal_fault(SIGSEGV, SI_KERNEL, 0, tf, "bad user frame");
	tf->rip = USER_MIN - 1; /* faults again, should the program handle the signal and return */
}

/**
 * pv_double_fault - A trap came before the frame of the one before it was saved.
 *
 * Context: the vCPU's double fault stack.
 */
void pv_double_fault(void)
{
	const struct pv_dframe *d = &this_vcpu()->dframe;

	panic("double fault: vector %u error %x address %lx ip %lx sp %lx", d->vector, d->error,
	      (unsigned long)d->addr, (unsigned long)d->ip, (unsigned long)d->sp);
}
