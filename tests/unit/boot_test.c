// SPDX-License-Identifier: GPL-2.0-only
/* platform/hvm/boot: what loaders hand over, sound and not. */
#include <string.h>

#include "../../guest-kernel/platform/hvm/boot/boot.h"
#include "unit.h"

static struct boot_info bi;

/* Below 4 GiB, where boot_ptr() reaches, and exactly this long for the sanitizer. */
static u64 low_copy(const void *data, size_t size)
{
	static u8 *area;

	if (!area)
		area = host_alloc_low(65536);
	memcpy(area + 65536 - size, data, size);
	return (u64)(area + 65536 - size);
}

static void start(void)
{
	memset(&bi, 0, sizeof(bi));
}

UNIT_TEST(boot_memory_map)
{
	u32 i;

	start();
	boot_add_mem(&bi, 0, 0x1000, BOOT_MEM_RAM);
	boot_add_mem(&bi, 0x1000, 0x1000, BOOT_MEM_RAM);	/* joins */
	boot_add_mem(&bi, 0x2000, 0, BOOT_MEM_RAM);		/* empty */
	boot_add_mem(&bi, ~0ULL, 2, BOOT_MEM_RAM);		/* wraps */
	boot_add_mem(&bi, 0x2000, 0x1000, 77);
	EXPECT_EQ(bi.nr_mem, 2);
	EXPECT_EQ(bi.mem[0].len, 0x2000);
	EXPECT_EQ(bi.mem[1].type, BOOT_MEM_RESERVED);
	for (i = 0; i < 2 * BOOT_MEM_MAX; i++)
		boot_add_mem(&bi, 0x100000 + i * 0x2000ULL, 0x1000, BOOT_MEM_RAM);
	EXPECT_EQ(bi.nr_mem, BOOT_MEM_MAX);
	EXPECT_EQ(bi.nr_mem_lost, BOOT_MEM_MAX + 2);
}

UNIT_TEST(boot_command_line)
{
	static char lots[2 * BOOT_CMDLINE_MAX];

	start();
	boot_set_cmdline(&bi, "console=ttyS0", 100);
	EXPECT_STR(bi.cmdline, "console=ttyS0");
	boot_set_cmdline(&bi, "console=ttyS0", 4);
	EXPECT_STR(bi.cmdline, "cons");
	boot_set_cmdline(&bi, NULL, 100);
	EXPECT_STR(bi.cmdline, "");
	memset(lots, 'x', sizeof(lots));
	boot_set_cmdline(&bi, lots, sizeof(lots));
	EXPECT_EQ(strlen(bi.cmdline), BOOT_CMDLINE_MAX - 1);
	EXPECT_EQ(bi.cmdline_lost, BOOT_CMDLINE_MAX + 1);
	boot_set_cmdline(&bi, lots, BOOT_CMDLINE_MAX - 1);
	EXPECT_EQ(strlen(bi.cmdline), BOOT_CMDLINE_MAX - 1);
	EXPECT_EQ(bi.cmdline_lost, 0);
	EXPECT(BOOT_CMDLINE_MAX >= 4096);	/* what people who come from Linux may have, and more */
}

/* Total size, reserved; command line; module; memory map of one entry; end. */
static const u8 mb2[] = {
	0x60, 0, 0, 0, 0, 0, 0, 0,
	1, 0, 0, 0, 12, 0, 0, 0, 'a', '=', 'b', 0, 0, 0, 0, 0,
	3, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0x10, 0, 0, 0x20, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	6, 0, 0, 0, 40, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 8, 0, 0, 0,
};

UNIT_TEST(boot_multiboot2)
{
	start();
	boot_from_multiboot2(&bi, low_copy(mb2, sizeof(mb2)));
	EXPECT_STR(bi.cmdline, "a=b");
	EXPECT_EQ(bi.initrd_base, 0x100000);
	EXPECT_EQ(bi.initrd_len, 0x2000);
	EXPECT_EQ(bi.nr_mem, 1);
	EXPECT_EQ(bi.mem[0].len, 0x1000000);
}

UNIT_TEST(boot_multiboot2_noise)
{
	u8 copy[sizeof(mb2)];
	u32 round;

	for (round = 0; round < 20000; round++) {
		start();
		memcpy(copy, mb2, sizeof(mb2));
		copy[8 + unit_random() % (sizeof(copy) - 8)] = (u8)unit_random();
		copy[8 + unit_random() % (sizeof(copy) - 8)] = (u8)unit_random();
		boot_from_multiboot2(&bi, low_copy(copy, sizeof(copy)));
		EXPECT(bi.nr_mem <= BOOT_MEM_MAX);
	}
	boot_from_multiboot2(&bi, 1ULL << 33);	/* out of reach */
}

UNIT_TEST(boot_pvh)
{
	struct {
		u32 magic, version, flags, nr_modules;
		u64 modlist, cmdline, rsdp, memmap;
		u32 entries, reserved;
	} info = { 0x336ec578, 1, 0, 0, 0, 0, 0xf0000, 1ULL << 40, 5, 0 };

	start();
	boot_from_pvh(&bi, low_copy(&info, sizeof(info)));
	EXPECT_EQ(bi.rsdp, 0xf0000);
	EXPECT_EQ(bi.nr_mem, 0);		/* the map is out of reach */
	info.magic = 0;
	start();
	boot_from_pvh(&bi, low_copy(&info, sizeof(info)));
	EXPECT_EQ(bi.rsdp, 0);
}

UNIT_TEST(boot_linux)
{
	static u8 zero_page[4096];
	static const struct { u64 addr, size; u32 type; } __packed ram = { 0x100000, 0x100000, 1 };

	start();
	memcpy(zero_page + 0x202, "HdrS", 4);
	zero_page[0x1e8] = 200;			/* more than the table can hold */
	memcpy(zero_page + 0x2d0, &ram, sizeof(ram));
	zero_page[0x21c] = 1;			/* initrd: 1 byte at 4 GiB */
	zero_page[0xc0] = 1;
	boot_from_linux(&bi, low_copy(zero_page, sizeof(zero_page)));
	EXPECT_EQ(bi.nr_mem, 1);
	EXPECT_EQ(bi.initrd_base, 1ULL << 32);
	EXPECT_EQ(bi.initrd_len, 1);
	EXPECT_STR(bi.cmdline, "");
}
