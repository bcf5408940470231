/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The places where the host enters this guest, and the ELF note that makes it one.
 *
 * Every stack is STACK_SIZE bytes, aligned to its size, and holds at its base the
 * address of the vCPU page it is used with: that is how a stub finds the page.
 */
#include "pv_abi.h"
#include "hello.h"

#ifndef WANTED
#define WANTED	PV_FEAT_STEAL
#endif

	.section .note.pvguest, "a", @note
	.balign	4
	.long	2f - 1f
	.long	4f - 3f
	.long	PV_NOTE_TYPE
1:	.asciz	"PVGUEST"
2:	.balign	4
3:	.short	PV_ABI_MAJOR, PV_ABI_MINOR
	.long	0
	.quad	0			/* required */
	.quad	WANTED
4:

	.macro	save_registers
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	.endm

	.macro	restore_registers
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	.endm

	/* The vCPU page of this stack, in \reg. */
	.macro	vcpu_page reg
	mov	%rsp, \reg
	and	$-STACK_SIZE, \reg
	mov	(\reg), \reg
	.endm

	.text
	.globl	start
start:	/* vCPU 0: rdi = boot information; we leave the loader's stack at once */
	lea	stack0 + STACK_SIZE(%rip), %rsp
	call	hello_main
	ud2

	.globl	start_second
start_second:	/* vCPU 1: rdi = the argument of VCPU_START */
	call	hello_second
	ud2

	.globl	enter_syscall
enter_syscall:
	save_registers
	mov	%rsp, %rdi
	call	hello_syscall
	jmp	return_to_user

	.globl	enter_user
enter_user:
	save_registers
	mov	%rsp, %rdi
	call	hello_user_trap
return_to_user:
	restore_registers		/* rax, rcx and r11 come from the vCPU page */
	mov	$PV_HC_RET_USER, %eax
	syscall
	mov	%rax, %rdi		/* only comes back to say what is wrong with it */
	call	hello_bad_return
	ud2

	.globl	enter_kernel
enter_kernel:
	sub	$16, %rsp		/* RFLAGS and RIP, filled below */
	save_registers
	vcpu_page %rax
	mov	PV_OFF_KFLAGS(%rax), %rcx
	mov	%rcx, 15*8(%rsp)
	mov	PV_OFF_KIP(%rax), %rcx
	mov	%rcx, 16*8(%rsp)
	mov	PV_OFF_KCAUSE(%rax), %esi	/* cause and vector */
	mov	PV_OFF_KADDR(%rax), %rdx
	movb	$0, PV_OFF_BUSY(%rax)	/* the frame is ours now */
	mov	%esi, %r12d
	mov	%rsp, %rbx
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	hello_kernel_trap
1:	test	$PV_KCAUSE_MASKED, %r12d
	jnz	2f
	vcpu_page %rax
	movb	$0, PV_OFF_MASK(%rax)
	cmpq	$0, PV_OFF_PENDING(%rax)
	je	2f
	movb	$1, PV_OFF_MASK(%rax)	/* more has come: handle it here, not one level deeper */
	call	hello_events
	jmp	1b
2:	mov	%rbx, %rsp
	restore_registers
	popf
	ret

	/* What runs in user mode; copied nowhere, mapped at USER_CODE. */
	.section .user, "ax"
	.balign	4096
	.globl	user_page
user_page:
	mov	$SYS_PRINT, %eax
	lea	user_text(%rip), %rdi
	mov	$user_text_end - user_text, %esi
	syscall
	mov	$USER_DATA, %rbx
	movq	$6, (%rbx)		/* not mapped: the guest kernel maps it */
	mov	$7, %eax
	mulq	(%rbx)
	mov	%rax, %rdi
	mov	$SYS_EXIT, %eax
	syscall
	ud2
user_text:
	.ascii	"user:   a system call, then a page fault\n"
user_text_end:
	.balign	4096

	.bss
	.balign	STACK_SIZE
	.globl	stack0, stack1
stack0:	.skip	STACK_SIZE
stack1:	.skip	STACK_SIZE

	.section .note.GNU-stack, "", @progbits
