/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways in and out for a guest with several vCPUs: GS has the vCPU's page as its base, in
 * both modes.
 */
#include <linux/pv_abi.h>
#include "guest.h"

	.text
	/* A trap of kernel mode goes on at r15, on the stack in r14. */
	.globl	storm_enter_kernel
storm_enter_kernel:
	movb	$0, %gs:PV_OFF_BUSY
	mov	%r14, %rsp
	jmp	*%r15

	/* int storm_read(u64 va, u64 *value): 1 if it trapped. */
	.globl	storm_read
storm_read:
	push	%r14
	push	%r15
	lea	1f(%rip), %r15
	mov	%rsp, %r14
	mov	(%rdi), %rax
	mov	%rax, (%rsi)
	xor	%eax, %eax
	jmp	2f
1:	mov	$1, %eax
2:	pop	%r15
	pop	%r14
	ret

	/* int storm_write(u64 va, u64 value): 1 if it trapped. */
	.globl	storm_write
storm_write:
	push	%r14
	push	%r15
	lea	1f(%rip), %r15
	mov	%rsp, %r14
	mov	%rsi, (%rdi)
	xor	%eax, %eax
	jmp	2f
1:	mov	$1, %eax
2:	pop	%r15
	pop	%r14
	ret

	/* int storm_jump(u64 va): calls the code there, with rax for a NOP; 1 if it trapped. */
	.globl	storm_jump
storm_jump:
	push	%r14
	push	%r15
	lea	1f(%rip), %r15
	mov	%rsp, %r14
	xor	%eax, %eax
	call	*%rdi
	xor	%eax, %eax
	jmp	2f
1:	mov	$1, %eax
2:	pop	%r15
	pop	%r14
	ret

	/*
	 * struct { long status; u64 value; } storm_go(u64 rdi, u64 rsi): RET_USER, and back by
	 * the user's next system call (status 0, value its rdi) or trap (1), or at once (the
	 * error).
	 */
	.globl	storm_go
storm_go:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, %gs:PV_OFF_KERNEL_SP
	mov	$PV_HC_RET_USER, %eax
	syscall
	jmp	1f

	.globl	storm_enter_user
storm_enter_user:
	mov	$1, %eax
	jmp	1f

	.globl	storm_enter_syscall
storm_enter_syscall:
	xor	%eax, %eax
1:	mov	%rdi, %rdx
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	/* User mode: reads at rdi; writes rsi there. */
	.globl	storm_user_read
storm_user_read:
	mov	(%rdi), %rdi
	syscall
	ud2

	.globl	storm_user_write
storm_user_write:
	mov	%rsi, (%rdi)
	syscall
	ud2

	.section .note.GNU-stack, "", @progbits
