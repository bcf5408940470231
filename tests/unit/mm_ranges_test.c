// SPDX-License-Identifier: GPL-2.0-only
/*
 * mm/alloc/ranges.c against a plain array, and mm/alloc/boot_map.c with maps that contradict
 * themselves.
 */
#include <boot_info.h>
#include <mm.h>
#include <string.h>

#include "../../guest-kernel/mm/alloc/ranges.h"
#include "unit.h"

#define SPACE	256u
#define MIB	(1ULL << 20)

static struct ranges set;
static struct boot_info info;

/* Disjoint, ascending, not touching. */
static void check_form(const struct ranges *s)
{
	for (u32 i = 0; i < s->nr; i++) {
		EXPECT(s->r[i].from < s->r[i].to);
		EXPECT(i == 0 || s->r[i - 1].to <= s->r[i].from);
	}
}

static bool contains(const struct ranges *s, u64 addr)
{
	for (u32 i = 0; i < s->nr; i++)
		if (addr >= s->r[i].from && addr < s->r[i].to)
			return true;
	return false;
}

UNIT_TEST(ranges_are_the_set_that_they_stand_for)
{
	bool model[SPACE] = { false };

	memset(&set, 0, sizeof(set));
	for (u32 round = 0; round < 3000; round++) {
		u32 from = unit_random() % SPACE, to = from + unit_random() % (SPACE - from + 1);
		bool add = unit_random() % 2;

		if (add)
			ranges_add(&set, from, to);
		else
			ranges_remove(&set, from, to);
		for (u32 i = from; i < to; i++)
			model[i] = add;
		check_form(&set);
		for (u32 i = 0; i < SPACE; i++)
			EXPECT_EQ(contains(&set, i), model[i]);
	}
}

UNIT_TEST(ranges_take_is_the_highest_fit)
{
	u64 at = 0;

	memset(&set, 0, sizeof(set));
	ranges_add(&set, 100, 200);
	ranges_add(&set, 1000, 1050);
	EXPECT(ranges_take(&set, 40, 16, ~0ULL, &at));
	EXPECT_EQ(at, 1008);
	EXPECT(!contains(&set, 1008) && !contains(&set, 1047) && contains(&set, 1048) &&
	       contains(&set, 1007));
	EXPECT(ranges_take(&set, 64, 64, ~0ULL, &at));
	EXPECT_EQ(at, 128);
	EXPECT(!ranges_take(&set, 60, 1, ~0ULL, &at));
	EXPECT(ranges_take(&set, 5, 1, 110, &at));
	EXPECT_EQ(at, 105);
}

UNIT_TEST(ranges_that_do_not_fit_are_counted)
{
	memset(&set, 0, sizeof(set));
	for (u64 i = 0; i < RANGES_MAX + 10; i++)
		ranges_add(&set, i * 10, i * 10 + 3);
	EXPECT_EQ(set.nr, RANGES_MAX);
	EXPECT_EQ(set.lost, 30);
	check_form(&set);
}

static void map_begin(void)
{
	memset(&info, 0, sizeof(info));
	memset(&set, 0, sizeof(set));
}

static void map_entry(u64 base, u64 len, u32 type)
{
	info.mem[info.nr_mem++] = (struct boot_mem){ .base = base, .len = len, .type = type };
}

UNIT_TEST(boot_map_takes_the_more_restrictive)
{
	map_begin();
	map_entry(32 * MIB, MIB, BOOT_MEM_RESERVED);
	map_entry(0, 64 * MIB, BOOT_MEM_RAM);
	map_entry(63 * MIB + 1, 10, BOOT_MEM_ACPI);
	map_entry(16 * MIB, 64 * MIB, BOOT_MEM_RAM);
	map_entry(70 * MIB, 1, 77);
	info.kernel_base = MIB;
	info.kernel_len = 3 * MIB + 5;
	info.initrd_base = 40 * MIB + 100;
	info.initrd_len = 5000;
	boot_map_ranges(&set, &info);
	check_form(&set);
	EXPECT(!contains(&set, 0) && !contains(&set, 0xffff) && contains(&set, 0x10000));
	EXPECT(!contains(&set, MIB) && !contains(&set, 4 * MIB + 4) &&
	       contains(&set, 4 * MIB + 4096));
	EXPECT(!contains(&set, 32 * MIB) && contains(&set, 33 * MIB));
	EXPECT(!contains(&set, 40 * MIB) && !contains(&set, 40 * MIB + 4096) &&
	       contains(&set, 40 * MIB + 8192));
	EXPECT(!contains(&set, 63 * MIB) && !contains(&set, 70 * MIB) &&
	       contains(&set, 70 * MIB + 4096));
	EXPECT(contains(&set, 80 * MIB - 1) && !contains(&set, 80 * MIB));
}

UNIT_TEST(boot_map_survives_overflow_and_nonsense)
{
	map_begin();
	map_entry(MIB, 128 * MIB, BOOT_MEM_RAM);
	map_entry(~0ULL - 100, 5000, BOOT_MEM_RAM);
	map_entry(~0ULL, ~0ULL, BOOT_MEM_RAM);
	map_entry(1ULL << 45, 1ULL << 20, BOOT_MEM_RAM);
	map_entry(~0ULL - 4096, ~0ULL, BOOT_MEM_RESERVED);
	map_entry(5 * MIB, 0, BOOT_MEM_RESERVED);
	info.kernel_base = ~0ULL - 10;
	info.kernel_len = 100;
	boot_map_ranges(&set, &info);
	check_form(&set);
	EXPECT_EQ(set.nr, 1);
	EXPECT_EQ(ranges_total(&set), 128 * MIB);
	/*
	 * What lies so far up that its map would cost more than it gives is left out and counted.
	 */
	EXPECT_EQ(set.lost, MIB);
}

UNIT_TEST(boot_map_of_random_entries_has_only_ram)
{
	for (u32 round = 0; round < 200; round++) {
		map_begin();
		for (u32 i = 0; i < BOOT_MEM_MAX; i++)
			map_entry((u64)(unit_random() % 4096) * 4096 + unit_random() % 8192,
				  unit_random() % (64 * 4096), 1 + unit_random() % 3);
		boot_map_ranges(&set, &info);
		check_form(&set);
		for (u32 i = 0; i < set.nr; i++)
			EXPECT(IS_ALIGNED(set.r[i].from, 4096) && IS_ALIGNED(set.r[i].to, 4096));
		for (u32 i = 0; i < info.nr_mem; i++) {
			const struct boot_mem *m = &info.mem[i];

			if (m->type != BOOT_MEM_RAM && m->len) {
				EXPECT(!contains(&set, m->base));
				EXPECT(!contains(&set, m->base + m->len - 1));
			}
		}
	}
}
