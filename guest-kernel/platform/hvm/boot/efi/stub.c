// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel as an EFI application. The firmware has loaded kernel.efi anywhere
 * and calls efi_entry(). The stub copies the kernel to memory of its own choice,
 * fills the copy's boot_info from the firmware, leaves boot services and jumps
 * to the copy's boot_enter.
 *
 * All of efi/ runs at an address it was not linked for: no pointer constants,
 * no writable statics, no stack protector. The image itself is not written to,
 * so firmware may map it read-only.
 */
#include <string.h>

#include "../boot.h"
#include "stub.h"

#define LOW_4G		0xffffffffULL
#define LARGE_PAGE	0x200000ULL

extern char __image_end[], boot_enter[];

efi_status_t EFIAPI efi_entry(efi_handle_t image, struct efi_system_table *st);

/**
 * efi_print - say something on the firmware's console
 * @stub: stub state
 * @s: ASCII text
 */
void efi_print(struct efi_stub *stub, const char *s)
{
	u16 c[2] = { 0, 0 };

	for (; *s && stub->st->con_out; s++) {
		c[0] = (u8)*s;
		stub->st->con_out->output_string(stub->st->con_out, c);
	}
}

/**
 * efi_alloc_low - pages below 4 GiB, where the boot page tables reach
 * @stub: stub state
 * @type: enum efi_memory_type
 * @size: bytes
 * @addr: gets the physical address
 *
 * Return: EFI status.
 */
efi_status_t efi_alloc_low(struct efi_stub *stub, u32 type, u64 size, u64 *addr)
{
	*addr = LOW_4G;
	return stub->bs->allocate_pages(EFI_ALLOCATE_MAX_ADDRESS, type,
					DIV_ROUND_UP(size, EFI_PAGE_SIZE), addr);
}

/*
 * Makes the copy of the kernel at an address that is 1 MiB modulo 2 MiB, as its
 * link address is. .bss is left to boot_enter, but for boot_info.
 */
static efi_status_t copy_kernel(struct efi_stub *stub, char **copy)
{
	u64 size = (u64)(_end - _start);
	efi_status_t err;
	u64 addr;

	err = efi_alloc_low(stub, EFI_LOADER_CODE, size + LARGE_PAGE, &addr);
	if (err)
		return err;
	addr = ALIGN_UP(addr + LARGE_PAGE - KERNEL_LMA, LARGE_PAGE) - LARGE_PAGE + KERNEL_LMA;
	*copy = (char *)addr;
	memcpy(*copy, _start, (size_t)(__image_end - _start));
	stub->bi = (struct boot_info *)(*copy + ((char *)&boot_info - _start));
	memset(stub->bi, 0, sizeof(*stub->bi));
	return EFI_SUCCESS;
}

static efi_status_t prepare(struct efi_stub *stub, char **copy)
{
	static const struct efi_guid loaded_image = EFI_LOADED_IMAGE_GUID;
	efi_status_t err;

	err = stub->bs->handle_protocol(stub->image, &loaded_image, (void **)&stub->loaded);
	if (err)
		return err;
	err = copy_kernel(stub, copy);
	if (err) {
		efi_print(stub, "Twinix: not enough memory below 4 GiB for the kernel\r\n");
		return err;
	}
	efi_cmdline(stub);
	err = efi_initrd(stub);
	if (err) {
		efi_print(stub, "Twinix: cannot load the initrd\r\n");
		return err;
	}
	efi_find_tables(stub);
	return efi_leave_firmware(stub);
}

/**
 * efi_entry - what the PE header names as entry
 * @image: our handle
 * @st: system table
 *
 * Return: EFI status, only if the kernel could not be started.
 */
efi_status_t EFIAPI efi_entry(efi_handle_t image, struct efi_system_table *st)
{
	struct efi_stub stub = { .st = st, .bs = st->boot, .image = image };
	char missing[160], *copy;
	efi_status_t err;

	if (boot_missing_features(missing, sizeof(missing))) {
		efi_print(&stub, missing);
		efi_print(&stub, "\r\n");
		return EFI_UNSUPPORTED;
	}
	err = prepare(&stub, &copy);
	if (err)
		return err;
	__asm__ volatile("jmp *%0"
			 : : "r" (copy + (boot_enter - _start)), "D" (BOOT_PROTO_EFI), "S" (0UL)
			 : "memory");
	__builtin_unreachable();
}
