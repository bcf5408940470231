/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry stubs of the benchmark guest: as short as a kernel's fast paths can be, so
 * that what is measured is the host's part. Stacks hold the address of their vCPU page
 * at their base.
 */
#include "pv_abi.h"
#include "bench.h"

	.section .note.pvguest, "a", @note
	.balign	4
	.long	2f - 1f
	.long	4f - 3f
	.long	PV_NOTE_TYPE
1:	.asciz	"PVGUEST"
2:	.balign	4
3:	.short	PV_ABI_MAJOR, PV_ABI_MINOR
	.long	0
	.quad	0
	.quad	0
4:

	.macro	vcpu_page reg
	mov	%rsp, \reg
	and	$-STACK_SIZE, \reg
	mov	(\reg), \reg
	.endm

	.macro	save_scratch
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	.endm

	.macro	restore_scratch
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	.endm

	.text
	.globl	start
start:	lea	stack0 + STACK_SIZE(%rip), %rsp
	call	bench_main
	ud2

	.globl	start_second
start_second:
	call	bench_second
	ud2

	/* As a native kernel: arguments are where C wants them, but for the number. */
	.globl	enter_syscall
enter_syscall:
	mov	%rax, %rcx
	call	bench_syscall		/* (rdi, rsi, rdx, number) */
	vcpu_page %rcx
	mov	%rax, PV_OFF_AX(%rcx)
	mov	$PV_HC_RET_USER, %eax
	syscall
	ud2

	.globl	enter_user
enter_user:
	save_scratch
	mov	%rsp, %rdi
	call	bench_user_trap
	restore_scratch
	mov	$PV_HC_RET_USER, %eax
	syscall
	ud2

	/* Events, always from unmasked code here, and never with anything left pending. */
	.globl	enter_kernel
enter_kernel:
	sub	$16, %rsp
	push	%rax
	push	%rcx
	vcpu_page %rax
	cmpb	$PV_CAUSE_EVENT, PV_OFF_KCAUSE(%rax)
	jne	1f
	mov	PV_OFF_KFLAGS(%rax), %rcx
	mov	%rcx, 2*8(%rsp)
	mov	PV_OFF_KIP(%rax), %rcx
	mov	%rcx, 3*8(%rsp)
	movb	$0, PV_OFF_BUSY(%rax)
	xor	%ecx, %ecx
	xchg	%rcx, PV_OFF_PENDING(%rax)
	or	%rcx, PV_OFF_GUEST(%rax)	/* what has been delivered */
	movb	$0, PV_OFF_MASK(%rax)
	pop	%rcx
	pop	%rax
	popf
	ret
1:	call	bench_bad_trap
	ud2

	.bss
	.balign	STACK_SIZE
	.globl	stack0, stack1
stack0:	.skip	STACK_SIZE
stack1:	.skip	STACK_SIZE

	.section .note.GNU-stack, "", @progbits
