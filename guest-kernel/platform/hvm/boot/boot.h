/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to platform/hvm/boot/: how the machine was entered, and what the steps
 * between the loader's jump and the platform's first C function share. Included by
 * assembly too.
 */
#ifndef _HVM_BOOT_H
#define _HVM_BOOT_H

/* Which protocol brought us here; what rsi means depends on it. */
#define BOOT_PROTO_PVH		1	/* struct hvm_start_info */
#define BOOT_PROTO_MB2		2	/* Multiboot2 information */
#define BOOT_PROTO_LINUX	3	/* struct boot_params ("zero page") */
#define BOOT_PROTO_EFI		4	/* boot_info is filled already */

/* Bytes looked at of a command line whose length the loader does not say. */
#define BOOT_CMDLINE_SCAN	65536

#define MB2_LOADER_MAGIC	0x36d76289

/* Virtual address of physical 0 in the image's own mapping, and the link address over it. */
#define KERNEL_VMA		0xffffffff80000000	/* KERNEL_BASE of plat/mmu.h */
#define KERNEL_LMA		0x100000

#ifndef __ASSEMBLER__

#include <boot_info.h>
#include <plat/mmu.h>

/* What must survive the clearing of .bss: page tables and stack in use, and boot_info. */
#define __bootbss __attribute__((section(".bss.boot")))

extern char _start[], _end[];

u64 early_map(u64 load);
bool boot_missing_features(char *line, size_t size);
void boot_check_cpu(void);

void boot_collect(u32 proto, u64 info);
void boot_from_pvh(struct boot_info *bi, u64 info);
void boot_from_multiboot2(struct boot_info *bi, u64 info);
void boot_from_linux(struct boot_info *bi, u64 info);

void boot_add_mem(struct boot_info *bi, u64 base, u64 len, u32 type);
void boot_set_cmdline(struct boot_info *bi, const char *src, size_t max);

/**
 * boot_ptr - a pointer to physical memory while the identity mapping is there
 * @pa: physical address below 4 GiB
 *
 * Return: the pointer, or NULL when the boot page tables do not reach @pa.
 */
static inline void *boot_ptr(u64 pa)
{
	return pa < (1ULL << 32) ? (void *)pa : (void *)0;
}

#endif /* __ASSEMBLER__ */
#endif /* _HVM_BOOT_H */
