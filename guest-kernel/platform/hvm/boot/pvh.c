// SPDX-License-Identifier: GPL-2.0-only
/*
 * PVH: QEMU -kernel with the ELF image, Firecracker, cloud-hypervisor.
 * Layout: Xen docs/misc/pvh.pandoc, "Start of day" structures.
 */
#include "boot.h"

#define HVM_START_MAGIC		0x336ec578
#define PVH_MEMMAP_MAX		4096	/* entries: a larger number is damage */

struct hvm_start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modlist_paddr;
	u64 cmdline_paddr;
	u64 rsdp_paddr;
	/* version 1 and later */
	u64 memmap_paddr;
	u32 memmap_entries;
	u32 reserved;
};

struct hvm_modlist_entry {
	u64 paddr;
	u64 size;
	u64 cmdline_paddr;
	u64 reserved;
};

struct hvm_memmap_entry {
	u64 addr;
	u64 size;
	u32 type;
	u32 reserved;
};

/**
 * boot_from_pvh - read a PVH start structure
 * @bi: boot information, zeroed
 * @info: physical address of struct hvm_start_info
 *
 * The first module is the initial RAM disk, as QEMU's -initrd gives it.
 */
void boot_from_pvh(struct boot_info *bi, u64 info)
{
	const struct hvm_start_info *si = boot_ptr(info);
	const struct hvm_modlist_entry *mod;
	const struct hvm_memmap_entry *map;
	u32 i;

	bi->loader = "pvh";
	if (!si || si->magic != HVM_START_MAGIC)
		return;
	bi->rsdp = si->rsdp_paddr;
	boot_set_cmdline(bi, boot_ptr(si->cmdline_paddr), BOOT_CMDLINE_SCAN);

	mod = boot_ptr(si->modlist_paddr);
	if (mod && si->nr_modules) {
		bi->initrd_base = mod->paddr;
		bi->initrd_len = mod->size;
	}

	map = si->version >= 1 ? boot_ptr(si->memmap_paddr) : NULL;
	for (i = 0; map && i < si->memmap_entries && i < PVH_MEMMAP_MAX; i++)
		boot_add_mem(bi, map[i].addr, map[i].size, map[i].type);
}
