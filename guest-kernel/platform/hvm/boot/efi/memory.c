// SPDX-License-Identifier: GPL-2.0-only
/* The last conversation with the firmware: its memory map, and good-bye. */
#include "../boot.h"
#include "stub.h"

#define MAP_SIZE	(64 * 1024)

static u32 boot_type(u32 efi_type)
{
	switch (efi_type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_CODE:
	case EFI_BOOT_DATA:
	case EFI_CONVENTIONAL:
		return BOOT_MEM_RAM;
	case EFI_ACPI_RECLAIM:
		return BOOT_MEM_ACPI;
	case EFI_ACPI_NVS:
		return BOOT_MEM_NVS;
	case EFI_UNUSABLE:
		return BOOT_MEM_UNUSABLE;
	default:
		return BOOT_MEM_RESERVED;
	}
}

static void add_map(struct boot_info *bi, const u8 *map, u64 size, u64 desc_size)
{
	u64 pos;

	for (pos = 0; pos + desc_size <= size; pos += desc_size) {
		const struct efi_memory_desc *d = (const void *)(map + pos);

		boot_add_mem(bi, d->physical_start, d->pages * EFI_PAGE_SIZE, boot_type(d->type));
	}
}

/**
 * efi_leave_firmware - end boot services and take the memory map over
 * @stub: stub state
 *
 * The map may change until ExitBootServices has accepted its key, so a refusal
 * is answered with a fresh map (UEFI 2.10 section 7.4.6). No firmware function
 * may be called after success.
 *
 * Return: EFI status.
 */
efi_status_t efi_leave_firmware(struct efi_stub *stub)
{
	u64 buf, size, key, desc_size;
	efi_status_t err;
	u32 version;
	int tries;

	err = efi_alloc_low(stub, EFI_LOADER_DATA, MAP_SIZE, &buf);
	for (tries = 0; !err && tries < 4; tries++) {
		size = MAP_SIZE;
		err = stub->bs->get_memory_map(&size, (void *)buf, &key, &desc_size, &version);
		if (err)
			break;
		if (stub->bs->exit_boot_services(stub->image, key) == EFI_SUCCESS) {
			add_map(stub->bi, (const u8 *)buf, size, desc_size);
			return EFI_SUCCESS;
		}
	}
	return err ? err : EFI_LOAD_ERROR;
}
