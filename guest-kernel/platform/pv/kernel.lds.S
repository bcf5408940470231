/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of kernel.elf for the PV host: linked at the top of the lower half, loaded at guest physical 1 MiB by pvrun, which gives each segment
 * its own rights. .data.ro_after_init joins rodata once booting is done.
 */
#include <plat/mmu.h>
#include <plat/thread.h>
#define KERNEL_LMA	0x100000
#define PAGE		4096
#define LMA(section)	AT(ADDR(section) - PV_KERNEL_BASE)

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(pv_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = PV_KERNEL_BASE + KERNEL_LMA;

	.text : LMA(.text) {
		_text = .;
		*(.head.text)
		*(.text .text.*)
		. = ALIGN(PAGE);
		_etext = .;
	} :text

	.note.pvguest : LMA(.note.pvguest) {
		__rodata_start = .;
		KEEP(*(.note.pvguest))
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
		__bss_start = .;
		/* The boot thread's stack with a page below it that mmu.c leaves out. */
		. = ALIGN(. + PAGE, PV_KSTACK_SIZE);
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
