/* SPDX-License-Identifier: GPL-2.0-only */
/* From one kernel stack to another, and the first code on a new one. */
#include "frame.h"

	.text

/*
 * void x86_switch_stack(unsigned long *save, unsigned long load): the rest of
 * plat_switch(). Callee-saved registers stay on the old stack.
 */
	.globl x86_switch_stack
	.type x86_switch_stack, @function
x86_switch_stack:
	PUSH_CALLEE_SAVED
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	POP_CALLEE_SAVED
	ret
	.size x86_switch_stack, . - x86_switch_stack

/* First code of a kernel thread: rbx = entry, r12 = argument. sched_tail() enables interrupts. */
	.globl x86_thread_start
	.type x86_thread_start, @function
x86_thread_start:
	xorl %ebp, %ebp			/* end of the frame-pointer chain */
	call sched_tail
	movq %r12, %rdi
#ifdef CONFIG_MITIGATIONS
	call __x86_indirect_thunk_rbx
#else
	call *%rbx
#endif
	ud2
	.size x86_thread_start, . - x86_thread_start

/* First code of a forked thread: its user frame lies at RSP. */
	.globl x86_fork_start
	.type x86_fork_start, @function
x86_fork_start:
	xorl %ebp, %ebp
	call sched_tail
	call fork_first_run
	jmp plat_return_to_user
	.size x86_fork_start, . - x86_fork_start

	.section .note.GNU-stack, "", @progbits
