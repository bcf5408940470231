// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multiboot2: GRUB from a CD or disk, BIOS and UEFI.
 * Layout: Multiboot2 Specification 2.0, section 3.6 "Boot information format".
 */
#include <string.h>

#include "boot.h"

enum mb2_tag_type {
	MB2_TAG_END		= 0,
	MB2_TAG_CMDLINE		= 1,
	MB2_TAG_MODULE		= 3,
	MB2_TAG_MMAP		= 6,
	MB2_TAG_FRAMEBUFFER	= 8,
	MB2_TAG_ACPI_OLD	= 14,
	MB2_TAG_ACPI_NEW	= 15,
};

#define MB2_FB_RGB		1
#define MB2_INFO_MAX		(1U << 20)

struct mb2_info {
	u32 total_size;
	u32 reserved;
};

struct mb2_tag {
	u32 type;
	u32 size;
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start;
	u32 end;
};

struct mb2_mmap {
	struct mb2_tag tag;
	u32 entry_size;
	u32 entry_version;
};

struct mb2_mmap_entry {
	u64 base;
	u64 len;
	u32 type;
	u32 reserved;
};

struct mb2_fb {
	struct mb2_tag tag;
	u64 addr;
	u32 pitch;
	u32 width;
	u32 height;
	u8 bpp;
	u8 type;
	u16 reserved;
	u8 red_pos, red_size;
	u8 green_pos, green_size;
	u8 blue_pos, blue_size;
};

static void mb2_mmap(struct boot_info *bi, const struct mb2_mmap *map)
{
	const u8 *p = (const u8 *)(map + 1);
	const u8 *end = (const u8 *)map + map->tag.size;

	if (map->tag.size < sizeof(*map) || map->entry_size < sizeof(struct mb2_mmap_entry))
		return;
	for (; p + map->entry_size <= end; p += map->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)p;

		boot_add_mem(bi, e->base, e->len, e->type);
	}
}

static void mb2_framebuffer(struct boot_info *bi, const struct mb2_fb *fb)
{
	if (fb->tag.size < sizeof(*fb) || fb->type != MB2_FB_RGB)
		return;
	bi->fb = (struct boot_fb){
		.base = fb->addr, .pitch = fb->pitch, .width = fb->width, .height = fb->height,
		.bpp = fb->bpp, .red_shift = fb->red_pos, .green_shift = fb->green_pos,
		.blue_shift = fb->blue_pos,
	};
}

/*
 * The tag holds a copy of the RSDP, not its address. The copy lies in memory
 * that is about to be given to the page allocator, so it is kept here.
 */
static void mb2_rsdp(struct boot_info *bi, const struct mb2_tag *tag)
{
	static u8 copy[64] __attribute__((aligned(16)));
	size_t len = tag->size - sizeof(*tag);

	if (tag->size < sizeof(*tag) || (bi->rsdp && tag->type == MB2_TAG_ACPI_OLD))
		return;
	if (len > sizeof(copy))
		len = sizeof(copy);
	memcpy(copy, tag + 1, len);
	bi->rsdp = bi->kernel_base + (u64)(copy - (u8 *)_start);
}

static void mb2_module(struct boot_info *bi, const struct mb2_module *mod)
{
	if (bi->initrd_len || mod->tag.size < sizeof(*mod) || mod->end <= mod->start)
		return;
	bi->initrd_base = mod->start;
	bi->initrd_len = mod->end - mod->start;
}

static void mb2_tag(struct boot_info *bi, const struct mb2_tag *tag)
{
	switch (tag->type) {
	case MB2_TAG_CMDLINE:
		boot_set_cmdline(bi, (const char *)(tag + 1), tag->size - sizeof(*tag));
		break;
	case MB2_TAG_MODULE:
		mb2_module(bi, (const struct mb2_module *)tag);
		break;
	case MB2_TAG_MMAP:
		mb2_mmap(bi, (const struct mb2_mmap *)tag);
		break;
	case MB2_TAG_FRAMEBUFFER:
		mb2_framebuffer(bi, (const struct mb2_fb *)tag);
		break;
	case MB2_TAG_ACPI_OLD:
	case MB2_TAG_ACPI_NEW:
		mb2_rsdp(bi, tag);
		break;
	}
}

/**
 * boot_from_multiboot2 - read the Multiboot2 information
 * @bi: boot information, zeroed but for the kernel's own range
 * @info: physical address of the information structure
 *
 * The first module is the initial RAM disk.
 */
void boot_from_multiboot2(struct boot_info *bi, u64 info)
{
	const struct mb2_info *mbi = boot_ptr(info);
	u32 pos = sizeof(*mbi);

	bi->loader = "multiboot2";
	if (!mbi || mbi->total_size > MB2_INFO_MAX)
		return;
	while (pos + sizeof(struct mb2_tag) <= mbi->total_size) {
		const struct mb2_tag *tag = (const void *)((const u8 *)mbi + pos);

		if (tag->type == MB2_TAG_END || tag->size < sizeof(*tag) ||
		    tag->size > mbi->total_size - pos)
			break;
		mb2_tag(bi, tag);
		pos += (tag->size + 7) & ~7U;
	}
}
