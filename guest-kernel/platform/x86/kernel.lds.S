/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of kernel.elf, loaded at physical 1 MiB; the platform's <plat/image.h> says where it is
 * linked, where it is entered and what its loader's note is called. Each class of access rights has
 * its own pages: text executable, rodata neither writable nor executable, data writable.
 * .data.ro_after_init joins rodata once booting is done.
 */
#include <plat/image.h>
#define IMAGE_LMA	0x100000
#define PAGE		4096
#define KSTACK		16384	/* KSTACK_SIZE */
#define LMA(section)	AT(ADDR(section) - IMAGE_VMA)

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(IMAGE_ENTRY)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = IMAGE_VMA + IMAGE_LMA;

	/* The doors of platform/hvm/boot stand at fixed distances from the start. */
	.text : LMA(.text) {
		_text = .;
		*(.head.text)
		*(.head.text32)
		*(.text .text.*)
		. = ALIGN(PAGE);
		__entry_text_start = .;
		*(.entry.text)
		. = ALIGN(PAGE);
		__entry_text_end = .;
		_etext = .;
	} :text

	/* Loaders want it in a 4-byte aligned PT_NOTE of its own. */
	IMAGE_NOTE : LMA(IMAGE_NOTE) {
		__rodata_start = .;
		KEEP(*(IMAGE_NOTE))
	} :rodata :note

	.rodata : LMA(.rodata) {
		*(.rodata .rodata.*)
		*(.data.rel.ro .data.rel.ro.*)
		*(.got .got.plt)
		. = ALIGN(8);
		__ex_table_start = .;
		KEEP(*(.ex_table))
		__ex_table_end = .;
		. = ALIGN(4);
		__patch_sites_start = .;
		KEEP(*(.patch_sites))
		__patch_sites_end = .;
		. = ALIGN(8);
		__early_initcall_start = .;
		KEEP(*(.initcall0))
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
		/* The boot thread's stack with a page below it that mmu_init() leaves out. */
		. = ALIGN(. + PAGE, KSTACK);
		__boot_stack_guard = . - PAGE;
		*(.bss.boot_stack)
		. = ALIGN(PAGE);
		__entry_data_start = .;
		*(.bss.entry)
		. = ALIGN(PAGE);
		__entry_data_end = .;
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
