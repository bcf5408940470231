/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies to and from user memory. SMAP is opened around the instructions that
 * touch user addresses, and each of these has an entry in the exception table:
 * a fault that cannot be resolved continues at its fix-up.
 *
 * size_t hvm_copy_user(void *dst, const void *src, size_t n)
 * size_t hvm_clear_user(void *dst, size_t n)
 *
 * Return: bytes not done. The caller has checked the range.
 */

	.macro EXTABLE insn, fixup
	.pushsection .ex_table, "a"
	.balign 4
	.long \insn - ., \fixup - .
	.popsection
	.endm

	.macro OPEN_USER
	testb $1, hvm_has_smap(%rip)
	jz .Lopen_\@
	stac
.Lopen_\@:
	.endm

	.macro CLOSE_USER
	testb $1, hvm_has_smap(%rip)
	jz .Lclose_\@
	clac
.Lclose_\@:
	.endm

	.text
	.globl hvm_copy_user
	.type hvm_copy_user, @function
hvm_copy_user:
	movq %rdx, %rcx
	OPEN_USER
	cmpq $8, %rcx
	je 4f
	shrq $3, %rcx
	andl $7, %edx
1:	rep movsq
	movl %edx, %ecx
2:	rep movsb
3:	CLOSE_USER
	movq %rcx, %rax
	ret

	/* One word, as most system calls have it. */
4:	movq (%rsi), %rax
5:	movq %rax, (%rdi)
	xorl %ecx, %ecx
	jmp 3b

	/* The last words byte by byte, to be exact about where the fault is. */
6:	leaq (%rdx, %rcx, 8), %rcx
	jmp 2b
	EXTABLE 1b, 6b
	EXTABLE 2b, 3b
	EXTABLE 4b, 2b
	EXTABLE 5b, 2b

	.globl hvm_clear_user
	.type hvm_clear_user, @function
hvm_clear_user:
	movq %rsi, %rcx
	movl %esi, %edx
	shrq $3, %rcx
	andl $7, %edx
	xorl %eax, %eax
	OPEN_USER
1:	rep stosq
	movl %edx, %ecx
2:	rep stosb
3:	CLOSE_USER
	movq %rcx, %rax
	ret
6:	leaq (%rdx, %rcx, 8), %rcx
	jmp 2b
	EXTABLE 1b, 6b
	EXTABLE 2b, 3b

	.section .note.GNU-stack, "", @progbits
