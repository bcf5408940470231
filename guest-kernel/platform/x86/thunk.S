/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Indirect calls and jumps of C code (-mindirect-branch=thunk-extern), so that none of them is
 * predicted by what a program has trained (Spectre variant 2). The CPU predicts the RET to go back
 * to the CALL, into a loop that leads nowhere, while the return address has been changed.
 * x86_patch_thunks() makes them plain jumps where that is not needed.
 *
 * One every 32 bytes, in the order of the registers' numbers; the stack pointer's place is empty.
 */
#include "mitigations.h"

	.macro THUNK reg
	.balign THUNK_SIZE
	.globl __x86_indirect_thunk_\reg
	.type __x86_indirect_thunk_\reg, @function
__x86_indirect_thunk_\reg:
	call 2f
1:	pause
	lfence
	jmp 1b
2:	movq %\reg, (%rsp)
	ret
	int3
	.size __x86_indirect_thunk_\reg, . - __x86_indirect_thunk_\reg
	.endm

	.text
	.balign THUNK_SIZE
	.globl x86_thunks
x86_thunks:
	.irp reg, rax, rcx, rdx, rbx
	THUNK \reg
	.endr
	.balign THUNK_SIZE
	ud2
	.irp reg, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	THUNK \reg
	.endr
	.balign THUNK_SIZE

	.section .note.GNU-stack, "", @progbits
