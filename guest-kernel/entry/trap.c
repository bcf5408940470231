// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions: of user mode, which become page-ins or signals, and of the kernel, which end it.
 * Which signal and si_code an exception makes is Linux's choice (signal(7), sigaction(2)).
 */
#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/trap.h>
#include <process.h>
#include <signal.h>
#include "../process/internal.h"


/* Signal of each exception of user mode but page faults; @code 0: SI_KERNEL. */
static const struct user_fault {
	u8 sig, code;
	bool at_ip;		/* si_addr is the instruction */
	const char *what;
} user_faults[32] = {
	[TRAP_DE] = { SIGFPE, FPE_INTDIV, true, "division error" },
	[TRAP_DB] = { SIGTRAP, TRAP_TRACE, true, "debug trap" },
	[TRAP_BP] = { SIGTRAP, 0, false, "breakpoint" },
	[TRAP_OF] = { SIGSEGV, 0, false, "overflow trap" },
	[TRAP_BR] = { SIGSEGV, 0, false, "bounds check" },
	[TRAP_UD] = { SIGILL, ILL_ILLOPN, true, "invalid instruction" },
	[TRAP_NM] = { SIGSEGV, 0, false, "no FPU" },
	[TRAP_TS] = { SIGSEGV, 0, false, "invalid TSS" },
	[TRAP_NP] = { SIGBUS, 0, false, "segment not present" },
	[TRAP_SS] = { SIGBUS, 0, false, "stack segment fault" },
	[TRAP_GP] = { SIGSEGV, 0, false, "general protection fault" },
	[TRAP_MF] = { SIGFPE, 0, true, "x87 exception" },
	[TRAP_AC] = { SIGBUS, BUS_ADRALN, false, "alignment check" },
	[TRAP_XF] = { SIGFPE, 0, true, "SIMD exception" },
};

static void page_fault_signal(struct trapframe *tf, unsigned long addr, int err, int code)
{
	switch (err) {
	case -EFAULT:
		force_signal_fault(SIGSEGV, code, addr, tf, "segfault");
		break;
	case -ENOMEM:
		/* The OOM killer has chosen, perhaps this process: nothing to add. */
		if (!fatal_signal_pending())
			force_signal_fault(SIGKILL, SI_KERNEL, addr, tf, "out of memory");
		break;
	default:
		force_signal_fault(SIGBUS, BUS_ADRERR, addr, tf, "bus error");
		break;
	}
}

static void page_fault(struct trapframe *tf, u32 err, unsigned long addr)
{
	u32 how = FAULT_USER;
	int result = -EFAULT, code = SEGV_MAPERR;

	if (err & PF_WRITE)
		how |= FAULT_WRITE;
	if (err & PF_INSTR)
		how |= FAULT_EXEC;
	if (addr < USER_TOP)
		result = mm_fault(current->mm, addr, how, &code);
	if (!result)
		return;
	current->fault_vector = TRAP_PF;
	current->fault_err = err;
	current->fault_addr = addr;
	page_fault_signal(tf, addr, result, code);
}

static void exception_signal(struct trapframe *tf, u32 vector, u32 err)
{
	static const struct user_fault unknown = { SIGSEGV, 0, false, "unknown exception" };
	const struct user_fault *f = &unknown;
	int code;

	if (vector < ARRAY_SIZE(user_faults) && user_faults[vector].sig)
		f = &user_faults[vector];
	code = f->code;
	if (vector == TRAP_MF || vector == TRAP_XF)
		code = plat_fpe_code(vector);
	current->fault_vector = vector;
	current->fault_err = err;
	force_signal_fault(f->sig, code ? code : SI_KERNEL, f->at_ip ? tf->rip : 0, tf,
			   f->what);
}

/**
 * trap_user_fault - Handle an exception of user mode.
 * @tf: user frame
 * @vector: TRAP_*
 * @err: error code of the exception, 0 if it has none
 * @addr: page faults: the address (CR2)
 *
 * Context: process context, interrupts on; may sleep.
 */
void trap_user_fault(struct trapframe *tf, u32 vector, u32 err, unsigned long addr)
{
	account_enter_kernel();
	if (likely(vector == TRAP_PF))
		page_fault(tf, err, addr);
	else
		exception_signal(tf, vector, err);
	account_leave_kernel();
}

/**
 * trap_kernel_fault - An exception of the kernel that nothing has foreseen.
 * @tf: frame of the kernel's registers
 * @vector: TRAP_*
 * @err: error code
 * @addr: page faults: the address
 */
void __noreturn trap_kernel_fault(struct trapframe *tf, u32 vector, u32 err, unsigned long addr)
{
	if (vector == TRAP_PF)
		panic_trap(tf, "page fault at 0x%lx (%s, error %x)", addr,
			   err & PF_WRITE ? "write" : err & PF_INSTR ? "fetch" : "read", err);
	panic_trap(tf, "exception %u, error %x", vector, err);
}
