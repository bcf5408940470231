// SPDX-License-Identifier: GPL-2.0-only
/* Apart from tables.c, as the Linux boot protocol's door needs it, too. */
#include <string.h>

#include "efi.h"
#include "rsdp.h"

static bool guid_equal(const struct efi_guid *a, const struct efi_guid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/**
 * efi_rsdp - look for ACPI in the configuration tables
 * @st: system table
 *
 * Return: physical address of the RSDP, of ACPI 2.0 or later if both are there;
 * 0 if there is none.
 */
u64 efi_rsdp(const struct efi_system_table *st)
{
	static const struct efi_guid acpi2 = EFI_ACPI2_TABLE_GUID;
	static const struct efi_guid acpi1 = EFI_ACPI1_TABLE_GUID;
	const struct efi_config_table *t = st->tables;
	u64 i, found = 0;

	for (i = 0; i < st->nr_tables; i++, t++) {
		if (guid_equal(&t->guid, &acpi2))
			return (u64)t->table;
		if (guid_equal(&t->guid, &acpi1))
			found = (u64)t->table;
	}
	return found;
}
