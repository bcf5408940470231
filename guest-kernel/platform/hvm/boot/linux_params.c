// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux boot protocol: kernel.efi taken for a bzImage (QEMU -kernel under
 * SeaBIOS, GRUB's `linux`, kvmtool), or kernel.elf entered by its e_entry
 * (crosvm). Layout: Linux Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#include "boot.h"
#include "efi/rsdp.h"

#define LINUX_HDRS		0x53726448	/* "HdrS" */
#define LINUX_E820_MAX		128
#define EFI_SIGNATURE		0x34364c45	/* "EL64" */
#define VIDEO_VLFB		0x23
#define VIDEO_EFI		0x70

/* Offsets into the zero page. */
enum {
	ZP_VIDEO_TYPE		= 0x00f,
	ZP_LFB_WIDTH		= 0x012,
	ZP_LFB_HEIGHT		= 0x014,
	ZP_LFB_DEPTH		= 0x016,
	ZP_LFB_BASE		= 0x018,
	ZP_LFB_PITCH		= 0x024,
	ZP_RED_POS		= 0x027,
	ZP_GREEN_POS		= 0x029,
	ZP_BLUE_POS		= 0x02b,
	ZP_EXT_LFB_BASE		= 0x03a,
	ZP_RSDP			= 0x070,
	ZP_EXT_RAMDISK_IMAGE	= 0x0c0,
	ZP_EXT_RAMDISK_SIZE	= 0x0c4,
	ZP_EXT_CMD_LINE_PTR	= 0x0c8,
	ZP_EFI_SIGNATURE	= 0x1c0,
	ZP_EFI_SYSTAB		= 0x1c4,
	ZP_EFI_SYSTAB_HIGH	= 0x1d8,
	ZP_E820_ENTRIES		= 0x1e8,
	ZP_HDRS			= 0x202,
	ZP_RAMDISK_IMAGE	= 0x218,
	ZP_RAMDISK_SIZE		= 0x21c,
	ZP_CMD_LINE_PTR		= 0x228,
	ZP_E820_TABLE		= 0x2d0,
};

struct e820_entry {
	u64 addr;
	u64 size;
	u32 type;
} __attribute__((packed));

struct unaligned32 {
	u32 v;
} __attribute__((packed));

static u16 zp16(const u8 *zp, unsigned int off)
{
	return (u16)(zp[off] | zp[off + 1] << 8);
}

static u32 zp32(const u8 *zp, unsigned int off)
{
	return ((const struct unaligned32 *)(zp + off))->v;
}

static u64 zp64(const u8 *zp, unsigned int low, unsigned int high)
{
	return zp32(zp, low) | (u64)zp32(zp, high) << 32;
}

static void linux_framebuffer(struct boot_info *bi, const u8 *zp)
{
	u8 type = zp[ZP_VIDEO_TYPE];

	if (type != VIDEO_VLFB && type != VIDEO_EFI)
		return;
	bi->fb = (struct boot_fb){
		.base = zp64(zp, ZP_LFB_BASE, ZP_EXT_LFB_BASE),
		.pitch = zp16(zp, ZP_LFB_PITCH),
		.width = zp16(zp, ZP_LFB_WIDTH),
		.height = zp16(zp, ZP_LFB_HEIGHT),
		.bpp = (u8)zp16(zp, ZP_LFB_DEPTH),
		.red_shift = zp[ZP_RED_POS],
		.green_shift = zp[ZP_GREEN_POS],
		.blue_shift = zp[ZP_BLUE_POS],
	};
}

/*
 * GRUB's `linux` on UEFI leaves boot services itself and passes the system table
 * instead of the RSDP; there is none in low memory then.
 */
static u64 linux_rsdp(const u8 *zp)
{
	u64 rsdp = zp64(zp, ZP_RSDP, ZP_RSDP + 4);
	const void *st;

	if (rsdp || zp32(zp, ZP_EFI_SIGNATURE) != EFI_SIGNATURE)
		return rsdp;
	st = boot_ptr(zp64(zp, ZP_EFI_SYSTAB, ZP_EFI_SYSTAB_HIGH));
	return st ? efi_rsdp(st) : 0;
}

/**
 * boot_from_linux - read Linux's boot_params
 * @bi: boot information, zeroed
 * @info: physical address of the zero page
 */
void boot_from_linux(struct boot_info *bi, u64 info)
{
	const u8 *zp = boot_ptr(info);
	const struct e820_entry *map;
	unsigned int i, n;

	bi->loader = "linux";
	if (!zp || zp32(zp, ZP_HDRS) != LINUX_HDRS)
		return;
	bi->rsdp = linux_rsdp(zp);
	bi->initrd_base = zp64(zp, ZP_RAMDISK_IMAGE, ZP_EXT_RAMDISK_IMAGE);
	bi->initrd_len = zp64(zp, ZP_RAMDISK_SIZE, ZP_EXT_RAMDISK_SIZE);
	boot_set_cmdline(bi, boot_ptr(zp64(zp, ZP_CMD_LINE_PTR, ZP_EXT_CMD_LINE_PTR)),
			 BOOT_CMDLINE_SCAN);
	linux_framebuffer(bi, zp);

	map = (const struct e820_entry *)(zp + ZP_E820_TABLE);
	n = zp[ZP_E820_ENTRIES];
	for (i = 0; i < n && i < LINUX_E820_MAX; i++)
		boot_add_mem(bi, map[i].addr, map[i].size, map[i].type);
}
