/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the start-up IPI sends a CPU: copied to a page below 1 MiB, real mode,
 * CS = page / 16, IP = 0 (SDM vol. 3, 8.4.4). It goes to 64-bit mode on the boot
 * page tables, which map low memory one to one and the image at its address,
 * and from there to the kernel's own tables, stack and first function, which
 * smp_boot.c has left in the last words.
 */
#define T(label)	((label) - hvm_trampoline)
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define CR0_PE_PG	0x80000001
#define CR0_CD_NW	0x60000000	/* INIT leaves the caches off */

/* struct trampoline_args of smp_boot.c */
#define ARGS_BOOT_ROOT	0
#define ARGS_EFER	4
#define ARGS_ROOT	8
#define ARGS_STACK	16
#define ARGS_ENTRY	24
#define ARGS_ARG	32
#define ARGS_SIZE	40

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
	movl $CR4_PAE, %eax		/* and nothing else: not LA57 */
	movl %eax, %cr4
	movl T(args) + ARGS_BOOT_ROOT(%ebx), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	movl T(args) + ARGS_EFER(%ebx), %eax
	xorl %edx, %edx
	wrmsr
	movl %cr0, %eax
	andl $~CR0_CD_NW, %eax
	orl $CR0_PE_PG, %eax
	movl %eax, %cr0
	ljmpl *T(far64)(%ebx)

	.code64
start64:
	movl %ebx, %ebx
	movq T(args) + ARGS_ROOT(%rbx), %rcx
	movq T(args) + ARGS_STACK(%rbx), %rdx
	movq T(args) + ARGS_ENTRY(%rbx), %rsi
	movq T(args) + ARGS_ARG(%rbx), %rdi
	movabsq $start_high, %rax
	jmp *%rax

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
	.balign 8
args:	.skip ARGS_SIZE
hvm_trampoline_end:

	/* At the image's address, which both sets of tables map. */
	.text
start_high:
	movq %rcx, %cr3
	movq %rdx, %rsp
	xorl %ebp, %ebp
	call *%rsi
	ud2

	.section .note.GNU-stack, "", @progbits
