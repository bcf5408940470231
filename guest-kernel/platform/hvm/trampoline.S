/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the start-up IPI sends a CPU: copied to a page below 1 MiB, real mode,
 * CS = page / 16, IP = 0 (SDM vol. 3, 8.4.4). It goes to 64-bit mode on the boot
 * page tables, which map low memory one to one and the image at its address,
 * and calls the function that smp.c has left in the last words.
 */
#define T(label)	((label) - hvm_trampoline)
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME	0x100
#define CR0_PE_PG	0x80000001

	.section .rodata, "a", @progbits
	.balign 16
	.globl hvm_trampoline, hvm_trampoline_end
	.code16
hvm_trampoline:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %ebx
	shll $4, %ebx			/* linear address of this page */
	leal T(gdt)(%ebx), %eax
	movl %eax, T(gdtr) + 2
	leal T(start32)(%ebx), %eax
	movl %eax, T(far32)
	leal T(start64)(%ebx), %eax
	movl %eax, T(far64)
	lgdtl T(gdtr)
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl *T(far32)

	.code32
start32:
	movw $0x18, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl T(args)(%ebx), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	movl %cr0, %eax
	orl $CR0_PE_PG, %eax
	movl %eax, %cr0
	ljmpl *T(far64)(%ebx)

	.code64
start64:
	movl %ebx, %ebx
	xorl %ebp, %ebp
	movq T(args) + 8(%rbx), %rsp
	movq T(args) + 24(%rbx), %rdi
	movq T(args) + 16(%rbx), %rax
	call *%rax
	ud2

	.balign 8
gdt:	.quad 0
	.quad 0x00af9b000000ffff	/* 0x08: 64-bit code */
	.quad 0x00cf9b000000ffff	/* 0x10: 32-bit code */
	.quad 0x00cf93000000ffff	/* 0x18: data */
gdtr:	.short 31
	.long 0
far32:	.long 0
	.short 0x10
far64:	.long 0
	.short 0x08
	/* struct trampoline_args of smp.c: the last 32 bytes. */
	.balign 8
args:	.skip 32
hvm_trampoline_end:

	.section .note.GNU-stack, "", @progbits
