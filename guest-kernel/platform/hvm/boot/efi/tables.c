// SPDX-License-Identifier: GPL-2.0-only
/* What is found rather than given: the ACPI root pointer and the frame buffer. */
#include "rsdp.h"
#include "stub.h"

static void find_framebuffer(struct efi_stub *stub)
{
	static const struct efi_guid gop_guid = EFI_GOP_GUID;
	const struct efi_gop_info *info;
	struct efi_gop *gop = NULL;
	bool rgb;

	if (stub->bs->locate_protocol(&gop_guid, NULL, (void **)&gop) || !gop->mode)
		return;
	info = gop->mode->info;
	if (info->format != EFI_PIXEL_RGBX && info->format != EFI_PIXEL_BGRX)
		return;
	rgb = info->format == EFI_PIXEL_RGBX;
	stub->bi->fb = (struct boot_fb){
		.base = gop->mode->fb_base, .pitch = info->pixels_per_line * 4,
		.width = info->width, .height = info->height, .bpp = 32,
		.red_shift = rgb ? 0 : 16, .green_shift = 8, .blue_shift = rgb ? 16 : 0,
	};
}

/**
 * efi_find_tables - note the RSDP and the frame buffer in boot_info
 * @stub: stub state
 */
void efi_find_tables(struct efi_stub *stub)
{
	stub->bi->rsdp = efi_rsdp(stub->st);
	find_framebuffer(stub);
}
