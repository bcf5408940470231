/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every boot path tells the kernel, in one form: platform/hvm/boot/ fills it
 * from PVH, Multiboot2, Linux boot_params or EFI; platform/pv from the PV boot
 * block. Filled before kernel_main(), immutable afterwards: no lock.
 */
#ifndef _BOOT_INFO_H
#define _BOOT_INFO_H

#include <types.h>

#define BOOT_MEM_MAX		128
#define BOOT_CMDLINE_MAX	4096

/* Values are those of E820 (ACPI 6.4, table 15.4), so that a dump reads the same. */
enum boot_mem_type {
	BOOT_MEM_RAM		= 1,
	BOOT_MEM_RESERVED	= 2,
	BOOT_MEM_ACPI		= 3,	/* ACPI tables: RAM once they are parsed */
	BOOT_MEM_NVS		= 4,	/* ACPI non-volatile storage */
	BOOT_MEM_UNUSABLE	= 5,
};

/**
 * struct boot_mem - one range of guest-physical memory
 * @base: first byte
 * @len: bytes, never zero
 * @type: enum boot_mem_type
 *
 * Ranges stand in the loader's order; they may overlap (the more restrictive
 * type holds) and need not be page aligned.
 */
struct boot_mem {
	u64 base;
	u64 len;
	u32 type;
};

/**
 * struct boot_fb - a linear frame buffer left by the firmware
 * @base: physical address, 0: none
 * @pitch: bytes a line
 * @width: pixels
 * @height: pixels
 * @bpp: bits a pixel (24 or 32)
 * @red_shift: position of the red byte in a pixel
 * @green_shift: position of the green byte
 * @blue_shift: position of the blue byte
 */
struct boot_fb {
	u64 base;
	u32 pitch;
	u32 width;
	u32 height;
	u8 bpp;
	u8 red_shift;
	u8 green_shift;
	u8 blue_shift;
};

/**
 * struct boot_info - everything a boot path hands over
 * @loader: name of the path ("pvh", "multiboot2", ...), for the log
 * @kernel_base: physical address of the image's first byte
 * @kernel_len: bytes of the image, bss included
 * @initrd_base: physical address of the initial RAM disk
 * @initrd_len: its bytes, 0: none
 * @rsdp: physical address of ACPI's root pointer, 0: none known
 * @fb: frame buffer, if any
 * @nr_mem: used entries of @mem
 * @nr_mem_lost: ranges that did not fit into @mem
 * @mem: memory map
 * @cmdline_lost: bytes of the command line that did not fit into @cmdline
 * @cmdline: command line, always terminated, the first BOOT_CMDLINE_MAX - 1 bytes of it
 */
struct boot_info {
	const char *loader;
	u64 kernel_base;
	u64 kernel_len;
	u64 initrd_base;
	u64 initrd_len;
	u64 rsdp;
	struct boot_fb fb;
	u32 nr_mem;
	u32 nr_mem_lost;
	struct boot_mem mem[BOOT_MEM_MAX];
	u32 cmdline_lost;
	char cmdline[BOOT_CMDLINE_MAX];
};

extern struct boot_info boot_info;

#endif /* _BOOT_INFO_H */
