/* SPDX-License-Identifier: GPL-2.0-only */
/* Saving and restoring the general registers of struct trapframe, for assembly. */
#ifndef _PLATFORM_X86_FRAME_H
#define _PLATFORM_X86_FRAME_H

	.macro PUSH_CALLEE_SAVED
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm

/* All below rdi, in the frame's order. */
	.macro PUSH_FROM_RSI
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	PUSH_CALLEE_SAVED
	.endm

	.macro POP_CALLEE_SAVED
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	.endm

/* Up to and with rdi; RSP is at orig_rax afterwards. */
	.macro POP_REGISTERS
	POP_CALLEE_SAVED
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	.endm

#endif
