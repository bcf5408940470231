/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the EFI stub share. */
#ifndef _HVM_BOOT_EFI_STUB_H
#define _HVM_BOOT_EFI_STUB_H

#include <boot_info.h>
#include <compiler.h>

#include "efi.h"

/**
 * struct efi_stub - the stub's state while firmware is in charge
 * @st: system table
 * @bs: boot services
 * @image: our handle
 * @loaded: what the firmware knows of our image
 * @bi: the boot information to fill, inside the kernel's copy
 */
struct efi_stub {
	struct efi_system_table *st;
	struct efi_boot_services *bs;
	efi_handle_t image;
	struct efi_loaded_image *loaded;
	struct boot_info *bi;
};

void efi_print(struct efi_stub *stub, const char *s);
efi_status_t efi_alloc_low(struct efi_stub *stub, u32 type, u64 size, u64 *addr);
void efi_cmdline(struct efi_stub *stub);
efi_status_t efi_initrd(struct efi_stub *stub);
void efi_find_tables(struct efi_stub *stub);
efi_status_t efi_leave_firmware(struct efi_stub *stub);

#endif /* _HVM_BOOT_EFI_STUB_H */
