/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of an HVM image, whoever loaded it. Four doors:
 *
 *   _start + 0      Linux 32-bit boot protocol (esi = boot_params)
 *   _start + 0x200  Linux 64-bit boot protocol (rsi = boot_params); e_entry too
 *   pvh_start       PVH (ebx = struct hvm_start_info), named by an ELF note
 *   mb2_start       Multiboot2 (eax = magic, ebx = information), named by a tag
 *
 * and efi/stub.c comes in at boot_enter. All meet in boot_enter: 64-bit mode, an
 * identity mapping, edi = BOOT_PROTO_*, rsi = the loader's structure. It clears
 * .bss, loads our own page tables and goes on at the link address.
 *
 * The 32-bit doors run at the load address of the ELF file, 1 MiB. boot_enter
 * runs wherever the image lies.
 */
#include "boot.h"

#define PA(sym)		((sym) - KERNEL_VMA)

#define CR0_PE		0x1
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define CR4_LA57	0x1000
#define CR4_PCIDE	0x20000
#define MSR_EFER	0xc0000080
#define EFER_LME	0x100
#define CPUID_EXT_LM	(1 << 29)
#define CPUID_MSR_PAE	(1 << 5 | 1 << 6)
#define BOOT_CS		0x08
#define BOOT_DS		0x10
#define BOOT_CS32	0x18
#define PTE_PW		0x3		/* present, writable */
#define PTE_PW_LARGE	0x83

	.section .head.text, "ax", @progbits
	.code32
	.globl _start
_start:
	movl $BOOT_PROTO_LINUX, %edi
	jmp enter_long_mode

	.globl pvh_start
pvh_start:
	movl %ebx, %esi
	movl $BOOT_PROTO_PVH, %edi
	jmp enter_long_mode

	.globl mb2_start
mb2_start:
	cmpl $MB2_LOADER_MAGIC, %eax
	jne halt32
	movl %ebx, %esi
	movl $BOOT_PROTO_MB2, %edi
	jmp enter_long_mode

	/*
	 * Multiboot2 specification 3.1: within the first 32 KiB of the file,
	 * 8-byte aligned. Tag 3 names the 32-bit entry; e_entry is 64-bit.
	 */
	.balign 8
mb2_header:
	.long 0xe85250d6, 0, mb2_header_end - mb2_header
	.long -(0xe85250d6 + (mb2_header_end - mb2_header))
	.balign 8
	.short 3, 0
	.long 12, PA(mb2_start)
	.balign 8
	.short 6, 0			/* modules page aligned */
	.long 8
	.balign 8
	.short 0, 0
	.long 8
mb2_header_end:

	/*
	 * Linux boot protocol 2.12, "64-bit boot protocol": 0x200 behind the
	 * start, paging on, identity mapped.
	 */
	.org 0x200
	.code64
	.globl startup_64
startup_64:
	movl $BOOT_PROTO_LINUX, %edi

	/*
	 * boot_enter: edi = protocol, rsi = its structure (physical address).
	 * Runs at the physical address where the image lies.
	 */
	.globl boot_enter
boot_enter:
	cli
	cld
	leaq entry_stack_top(%rip), %rsp
	pushq $2			/* no flag of the loader's: NT would make IRET fault */
	popfq
	movl %edi, %ebp
	movq %rsi, %rbx

	leaq __bss_start(%rip), %rdi
	leaq __bss_stop(%rip), %rcx	/* both page aligned */
	subq %rdi, %rcx
	shrq $3, %rcx
	xorl %eax, %eax
	rep stosq

	leaq _start(%rip), %rdi
	call early_map
	movq %cr4, %rcx
	testl $CR4_LA57, %ecx
	jnz leave_la57
load_root:
	leaq _start(%rip), %r12
	movq %rax, %cr3

	movabsq $1f, %rax
	jmp *%rax
1:	movabsq $entry_stack_top, %rsp
	leaq boot_gdtr(%rip), %rax
	lgdt (%rax)
	movl $BOOT_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	pushq $BOOT_CS
	leaq 2f(%rip), %rax
	pushq %rax
	lretq
2:	movq %r12, boot_load_address(%rip)
	movl %ebp, %edi
	movq %rbx, %rsi
	xorl %ebp, %ebp			/* end of frame-pointer chains */
	call boot_collect
	call hvm_start
	ud2

	/*
	 * Firmware has left five levels of tables on, which can be changed only
	 * with paging off (SDM vol. 3, 4.1.2): to 32-bit mode and back. The image,
	 * its stack and what rbx and rax point to lie below 4 GiB; code and stack
	 * are mapped one to one before and after. PCIDs forbid to switch paging off.
	 */
leave_la57:
	andq $~CR4_PCIDE, %rcx
	movq %rcx, %cr4
	leaq boot_gdt(%rip), %rdx
	pushq %rdx
	pushw $(boot_gdt_end - boot_gdt - 1)
	lgdt (%rsp)
	addq $10, %rsp
	leaq 4f(%rip), %rdx
	pushq $BOOT_CS32
	leaq 3f(%rip), %rsi
	pushq %rsi
	lretq
	.code32
3:	movl $BOOT_DS, %esi
	movl %esi, %ds
	movl %esi, %es
	movl %esi, %ss
	movl %cr0, %esi
	andl $~CR0_PG, %esi
	movl %esi, %cr0
	andl $~CR4_LA57, %ecx
	movl %ecx, %cr4
	movl %eax, %cr3
	orl $CR0_PG, %esi
	movl %esi, %cr0			/* EFER.LME is still set */
	pushl $BOOT_CS
	pushl %edx
	lretl
	.code64
4:	movl %ebx, %ebx			/* high halves are undefined now */
	movl %eax, %eax
	jmp load_root

	.section .head.text32, "ax", @progbits
	.code32
	/* edi and esi as boot_enter wants them; no stack, flat segments, 1 MiB. */
enter_long_mode:
	cli
	cld
	movl $PA(entry_stack_top), %esp
	call check_long_mode
	call map_low_4g

	movl $PA(boot_gdtr_low), %eax
	lgdt (%eax)
	movl $CR4_PAE, %eax		/* and nothing else: not LA57 */
	movl %eax, %cr4
	movl $PA(boot_pml4), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	movl %cr0, %eax
	orl $(CR0_PG | CR0_PE), %eax
	movl %eax, %cr0
	ljmp $BOOT_CS, $PA(boot_enter)

	/*
	 * PML4 -> PDPT -> four page directories of 2 MiB pages: the first 4 GiB,
	 * one to one. Only until early_map() has made the real boot tables.
	 */
map_low_4g:
	pushl %edi
	movl $PA(boot_pml4), %edi
	movl $(2 * 4096 / 4), %ecx
	xorl %eax, %eax
	rep stosl
	movl $(PA(boot_pdpt_low) + PTE_PW), PA(boot_pml4)
	movl $(PA(boot_pd_low) + PTE_PW), %eax
	movl $PA(boot_pdpt_low), %edi
	movl $4, %ecx
1:	movl %eax, (%edi)
	addl $4096, %eax
	addl $8, %edi
	loop 1b
	movl $PTE_PW_LARGE, %eax
	movl $PA(boot_pd_low), %edi
	movl $(4 * 512), %ecx
2:	movl %eax, (%edi)
	movl $0, 4(%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 2b
	popl %edi
	ret

	/* SDM 3A 10.8.5. What else is needed cpu_check.c says, in 64-bit mode. */
check_long_mode:
	pushl %esi
	pushl %edi
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	testl $CPUID_EXT_LM, %edx
	jz no_long_mode
	movl $1, %eax
	cpuid
	andl $CPUID_MSR_PAE, %edx
	cmpl $CPUID_MSR_PAE, %edx
	jne no_long_mode
	popl %edi
	popl %esi
	ret

no_long_mode:
	movl $PA(no_long_mode_text), %esi
	movl $0xb8000, %edi
1:	lodsb
	testb %al, %al
	jz halt32
	movb $0x4f, %ah			/* white on red */
	stosw
	movw $0x3f8, %dx
	outb %al, %dx
	jmp 1b
halt32:
	cli
	hlt
	jmp halt32

no_long_mode_text:
	.asciz "Twinix needs what this CPU does not have: 64-bit mode (lm, pae, msr)\r\n"

	/* Null, 64-bit code, data, 32-bit code. The platform loads its own per CPU soon after. */
	.balign 8
boot_gdt:
	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
boot_gdt_end:
boot_gdtr_low:
	.short boot_gdt_end - boot_gdt - 1
	.long PA(boot_gdt)
boot_gdtr:
	.short boot_gdt_end - boot_gdt - 1
	.quad boot_gdt

	/* The boot page tables, which the other CPUs start on too, and a first stack. */
	.section .bss.boot, "aw", @nobits
	.balign 4096
	.globl boot_pml4, boot_pdpt_low, boot_pd_low, boot_pdpt_high, boot_pd_high
boot_pml4:
	.skip 4096
boot_pdpt_low:
	.skip 4096
boot_pdpt_high:
	.skip 4096
boot_pd_low:
	.skip 4 * 4096
boot_pd_high:
	.skip 4096
	.skip 4096
entry_stack_top:
	.globl boot_load_address
boot_load_address:
	.skip 8

	/* PVH: XEN_ELFNOTE_PHYS32_ENTRY (18), the 32-bit physical entry. */
	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18
	.asciz "Xen"
	.long PA(pvh_start)

	.section .note.GNU-stack, "", @progbits
