/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the host enters the test guest.  Code under test keeps in r15 where to go
 * on after a trap and in r14 which stack to do it on; r13 is lost.
 */
#include <linux/pv_abi.h>
#include "guest.h"

	.section .start, "ax"
	.globl	guest_start
guest_start:
	call	guest_main
	ud2

	.text
	.globl	enter_kernel
enter_kernel:
	mov	guest_page(%rip), %r13
	movb	$0, PV_OFF_BUSY(%r13)
	incq	kernel_traps(%rip)
	mov	%r14, %rsp
	jmp	*%r15

	/* Traps and events of user mode: go on at r15, after an event where it was. */
	.globl	enter_user
enter_user:
	mov	guest_page(%rip), %r13
	cmpb	$PV_CAUSE_EVENT, PV_OFF_CAUSE(%r13)
	je	1f
	incq	user_traps(%rip)
	/* User mode does not see the page: keep what it wants to look at. */
	movzbl	PV_OFF_CAUSE(%r13), %r13d
	mov	%r13, user_cause(%rip)
	mov	guest_page(%rip), %r13
	movzbl	PV_OFF_VECTOR(%r13), %r13d
	mov	%r13, user_vector(%rip)
	mov	guest_page(%rip), %r13
	mov	PV_OFF_ERROR(%r13), %r13d
	mov	%r13, user_error(%rip)
	mov	guest_page(%rip), %r13
	mov	PV_OFF_IP(%r13), %r13
	mov	%r13, user_ip(%rip)
	mov	guest_page(%rip), %r13
	test	%r15, %r15
	jz	lost
	mov	%r15, PV_OFF_IP(%r13)
	mov	%r14, PV_OFF_SP(%r13)
1:	movq	$0, PV_OFF_PENDING(%r13)
	movq	$0x202, PV_OFF_FLAGS(%r13)
	mov	%rax, PV_OFF_AX(%r13)
	mov	%rcx, PV_OFF_CX(%r13)
	mov	%r11, PV_OFF_R11(%r13)
	movw	$PV_CS64, PV_OFF_CS(%r13)
	movw	$PV_SS, PV_OFF_SS(%r13)
	movl	$0, PV_OFF_RET_FLAGS(%r13)
	jmp	return_to_user

	/* System calls of user mode: 1000 ends the machine with status rdi, 1001 gives 42. */
	.globl	enter_syscall
enter_syscall:
	mov	guest_page(%rip), %r13
	incq	user_calls(%rip)
	cmp	$1000, %rax
	je	1f
	movq	$42, PV_OFF_AX(%r13)
	movl	$PV_RET_SYSRET, PV_OFF_RET_FLAGS(%r13)
return_to_user:
	mov	$PV_HC_RET_USER, %eax
	syscall
	mov	$GUEST_BAD_RETURN, %edi
1:	mov	%rdi, %rsi
	mov	$PV_SHUTDOWN_POWEROFF, %edi
	mov	$PV_HC_SHUTDOWN, %eax
	xor	%edx, %edx
	xor	%r10d, %r10d
	syscall
	ud2

	/* A trap where none is expected: the frame in the page says where. */
lost:	mov	$GUEST_LOST, %edi
	jmp	1b

	/* long try_call(void (*fn)(unsigned long), unsigned long arg): 1 if it trapped. */
	.globl	try_call
try_call:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rdi, %rax
	mov	%rsi, %rdi
	lea	1f(%rip), %r15
	mov	%rsp, %r14
	call	*%rax
	xor	%eax, %eax
	jmp	2f
1:	mov	$1, %eax
2:	cld
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	/* void jump_to(unsigned long where) */
	.globl	jump_to
jump_to:
	jmp	*%rdi

	/* void spin_on(unsigned long sp): waits for an event with this stack pointer. */
	.globl	spin_on
spin_on:
	mov	%rdi, %rsp
1:	pause
	jmp	1b

	/* long run_compat(const void *where): far jump to 32-bit code; back after its trap. */
	.globl	run_compat
run_compat:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	lea	1f(%rip), %r15
	mov	%rsp, %r14
	ljmpl	*(%rdi)
1:	cld
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	/* void load_vectors(const void *from, int avx), store_vectors(void *to, int avx) */
	.globl	load_vectors
load_vectors:
	test	%esi, %esi
	jnz	1f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movdqu	(32 * \n)(%rdi), %xmm\n
	.endr
	ret
1:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovdqu	(32 * \n)(%rdi), %ymm\n
	.endr
	ret

	.globl	store_vectors
store_vectors:
	test	%esi, %esi
	jnz	1f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movdqu	%xmm\n, (32 * \n)(%rdi)
	.endr
	ret
1:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovdqu	%ymm\n, (32 * \n)(%rdi)
	.endr
	ret

	.section .note.GNU-stack, "", @progbits
