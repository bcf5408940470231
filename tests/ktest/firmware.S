/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A firmware that leaves everything as nobody should: five levels of page tables, odd descriptor
 * tables, features of CR4, model-specific and debug registers pointing anywhere. QEMU starts it by
 * PVH and has the kernel in memory already; it goes on by the Linux 64-bit boot protocol.
 */
#define KERNEL_64	0x100200
#define CR4		0x51028			/* DE, PAE, LA57, FSGSBASE, OSXSAVE; TSD follows */
#define CR4_LATE	0x4
#define MSR_EFER	0xc0000080
#define EFER		0x901			/* SCE, LME, NXE */
#define POISON		0x12345678		/* an address that is not mapped for ring 0 later */

/* struct hvm_start_info, struct hvm_modlist_entry, the zero page */
#define SI_NR_MODULES	12
#define SI_MODLIST	16
#define SI_CMDLINE	24
#define SI_RSDP		32
#define SI_MEMMAP	40
#define SI_NR_MEMMAP	48
#define ZP_RSDP		0x070
#define ZP_E820_ENTRIES	0x1e8
#define ZP_HDRS		0x202
#define ZP_RAMDISK	0x218
#define ZP_RAMDISK_SIZE	0x21c
#define ZP_CMDLINE	0x228
#define ZP_E820_TABLE	0x2d0

	.macro SET_MSR number, low, high=0
	movl $\number, %ecx
	movl $\low, %eax
	movl $\high, %edx
	wrmsr
	.endm

	.text
	.code32
	.globl start
start:
	movl $stack, %esp
	movl $(pd + 0x83), %eax		/* 4 GiB in pages of 2 MiB, one to one */
	movl $pd, %edi
	xorl %ecx, %ecx
1:	movl %ecx, %eax
	shll $21, %eax
	orl $0x83, %eax
	movl %eax, (%edi, %ecx, 8)
	incl %ecx
	cmpl $2048, %ecx
	jne 1b
	movl $(pd + 3), pdpt
	movl $(pd + 0x1003), pdpt + 8
	movl $(pd + 0x2003), pdpt + 16
	movl $(pd + 0x3003), pdpt + 24
	movl $(pdpt + 3), pml4
	movl $(pml4 + 3), pml5
	movl $CR4, %eax
	movl %eax, %cr4
	movl $pml5, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	xorl %edx, %edx
	movl $EFER, %eax
	wrmsr
	movl $0x80040033, %eax		/* PG, AM, NE, ET, MP, PE: no WP */
	movl %eax, %cr0
	lgdt gdtr
	ljmp $0x38, $start64

	.code64
start64:
	movl $0x40, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl %eax, %fs
	movl %eax, %gs
	movl $0x48, %eax
	lldt %ax
	lidt idtr
	movq %cr4, %rax
	orq $CR4_LATE, %rax
	movq %rax, %cr4
	xorl %ecx, %ecx
	xorl %edx, %edx
	movl $3, %eax
	xsetbv

	SET_MSR 0x174, 0x10		/* SYSENTER_CS, _ESP, _EIP */
	SET_MSR 0x175, POISON
	SET_MSR 0x176, POISON
	SET_MSR 0x1d9, 2			/* DEBUGCTL: branch steps */
	SET_MSR 0x277, 0x06060606, 0x06060606	/* PAT: all write-back */
	SET_MSR 0xc0000081, 0, 0x00130008	/* STAR */
	SET_MSR 0xc0000082, POISON	/* LSTAR */
	SET_MSR 0xc0000083, POISON	/* CSTAR */
	SET_MSR 0xc0000084, 0		/* SFMASK: nothing */
	SET_MSR 0xc0000100, POISON	/* FS, GS, KERNEL_GS_BASE */
	SET_MSR 0xc0000101, POISON
	SET_MSR 0xc0000102, POISON
	SET_MSR 0xc0000103, POISON	/* TSC_AUX */
	movl $0x400000, %eax		/* write and read of where programs lie, all enabled */
	movq %rax, %dr0
	movq %rax, %dr1
	movq %rax, %dr2
	movq %rax, %dr3
	movl $0xffff07ff, %eax
	movq %rax, %dr7
	movl $9, %eax
	movq %rax, %cr8

	/* PVH's structure to the zero page */
	movl %ebx, %ebx
	movl $zero_page, %edi
	movl $0x53726448, ZP_HDRS(%rdi)
	movq SI_RSDP(%rbx), %rax
	movq %rax, ZP_RSDP(%rdi)
	movl SI_CMDLINE(%rbx), %eax
	movl %eax, ZP_CMDLINE(%rdi)
	cmpl $0, SI_NR_MODULES(%rbx)
	je 1f
	movq SI_MODLIST(%rbx), %rsi
	movl (%rsi), %eax
	movl %eax, ZP_RAMDISK(%rdi)
	movl 8(%rsi), %eax
	movl %eax, ZP_RAMDISK_SIZE(%rdi)
1:	movl SI_NR_MEMMAP(%rbx), %ecx
	movb %cl, ZP_E820_ENTRIES(%rdi)
	movq SI_MEMMAP(%rbx), %rsi
	leaq ZP_E820_TABLE(%rdi), %rdx
2:	movq (%rsi), %rax
	movq %rax, (%rdx)
	movq 8(%rsi), %rax
	movq %rax, 8(%rdx)
	movl 16(%rsi), %eax
	movl %eax, 16(%rdx)
	addq $24, %rsi
	addq $20, %rdx
	loop 2b

	movl %edi, %esi
	pushq $0x43002			/* AC, NT and IOPL on */
	popfq
	movl $KERNEL_64, %eax
	jmp *%rax

	.data
	.balign 8
gdt:	.quad 0, 0, 0, 0, 0, 0, 0
	.quad 0x00af9b000000ffff	/* 0x38: 64-bit code */
	.quad 0x00cf93000000ffff	/* 0x40: data */
	.quad 0x0000820000000fff, 0	/* 0x48: a local descriptor table */
gdtr:	.short . - gdt - 1
	.long gdt
idtr:	.short 0
	.quad POISON

	.bss
	.balign 4096
pml5:	.skip 4096
pml4:	.skip 4096
pdpt:	.skip 4096
pd:	.skip 4 * 4096
zero_page: .skip 4096
	.skip 4096
stack:

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18
	.asciz "Xen"
	.long start

	.section .note.GNU-stack, "", @progbits
