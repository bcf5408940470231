/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of kernel.elf for a PC: linked 1 MiB above -2 GiB, loaded at 1 MiB.
 * Each class of access rights has its own pages: text executable, rodata
 * neither writable nor executable, data writable. .data.ro_after_init joins
 * rodata once booting is done.
 */
#define KERNEL_VMA	0xffffffff80000000
#define KERNEL_LMA	0x100000
#define PAGE		4096
#define KSTACK		16384	/* KSTACK_SIZE */
#define LMA(section)	AT(ADDR(section) - KERNEL_VMA)

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(startup_64)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = KERNEL_VMA + KERNEL_LMA;

	/* hvm-boot's doors stand at fixed distances from the start. */
	.text : LMA(.text) {
		_text = .;
		*(.head.text)
		*(.head.text32)
		*(.text .text.*)
		. = ALIGN(PAGE);
		_etext = .;
	} :text

	/* QEMU and linux-loader want the PVH note in a 4-byte aligned PT_NOTE of its own. */
	.note.pvh : LMA(.note.pvh) {
		__rodata_start = .;
		KEEP(*(.note.pvh))
	} :rodata :note

	.rodata : LMA(.rodata) {
		*(.rodata .rodata.*)
		*(.data.rel.ro .data.rel.ro.*)
		*(.got .got.plt)
		. = ALIGN(8);
		__ex_table_start = .;
		KEEP(*(.ex_table))
		__ex_table_end = .;
		. = ALIGN(8);
		__initcall_start = .;
		KEEP(*(.initcall1))
		KEEP(*(.initcall2))
		KEEP(*(.initcall3))
		KEEP(*(.initcall4))
		__initcall_end = .;
		. = ALIGN(8);
		__ktest_suites_start = .;
		KEEP(*(.ktest_suites))
		__ktest_suites_end = .;
		. = ALIGN(PAGE);
		__rodata_end = .;
	} :rodata

	.data : LMA(.data) {
		__data_start = .;
		__ro_after_init_start = .;
		*(.data.ro_after_init)
		. = ALIGN(PAGE);
		__ro_after_init_end = .;
		*(.data .data.*)
		. = ALIGN(8);
		__image_end = .;
	} :data

	.bss : LMA(.bss) {
		. = ALIGN(PAGE);
		*(.bss.boot)
		. = ALIGN(PAGE);
		__bss_start = .;
		/* The boot thread's stack with a page below it that paging.c leaves out. */
		. = ALIGN(. + PAGE, KSTACK);
		__boot_stack_guard = . - PAGE;
		*(.bss.boot_stack)
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE);
		__bss_stop = .;
		__data_end = .;
		_end = .;
	} :data

	/DISCARD/ : {
		*(.comment .note.GNU-stack .note.gnu.property .eh_frame .eh_frame_hdr)
		*(.interp .dynamic .dynsym .dynstr .hash .gnu.hash)
	}
}
