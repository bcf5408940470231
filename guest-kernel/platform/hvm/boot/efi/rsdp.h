/* SPDX-License-Identifier: GPL-2.0-only */
/* The ACPI root pointer in UEFI's configuration tables; also after boot services have ended. */
#ifndef _HVM_BOOT_EFI_RSDP_H
#define _HVM_BOOT_EFI_RSDP_H

#include <types.h>

struct efi_system_table;

u64 efi_rsdp(const struct efi_system_table *st);

#endif
