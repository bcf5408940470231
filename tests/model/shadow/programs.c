// SPDX-License-Identifier: GPL-2.0-only
/*
 * Short programs of two and three actors, and the search through all their orders:
 * shadow-model [-v] [-1] [NAME]; with -1 the first that fails is the last.
 */
#include <stdio.h>

#include "machine.h"

#define RW (PV_PTE_W | PV_PTE_D)
/* Pages of the guest, each shown once. */
#define PAGE(n) (16 + (n))

static void map_and_touch(u64 va, u64 gfn)
{
	guest_map(va, gfn, RW);
	host_take(gfn);
	if (pvhost_announce(&machine->vcpu[0], &machine->space, va, 1))
		abort();
}

/* ---- entries made behind a sweep of everything: more of them than the log holds ---- */

static void sweep_setup(void)
{
	machine_setup();
	for (u64 i = 0; i < 3; i++)
		map_and_touch(VA(i), PAGE(i));
	/* And one of the second table, to which a sweep comes later. */
	map_and_touch(VB(0), PAGE(4));
}

static void sweep(void)
{
	flush(0, PV_ANY);
}

static void sweep_and_touch(void)
{
	flush(0, PV_ANY);
	for (u64 i = 0; i < 3; i++)
		touch(VA(i), false);
}

static void touch_and_drop(void)
{
	touch(VB(0), false);
	drop(PAGE(4));
}

static void touch_and_flush(void)
{
	touch(VA(0), false);
	guest_map(VA(0), PAGE(3), RW);
	flush(VA(0), 64);
}

static void sweep_change_setup(void)
{
	sweep_setup();
	guest_changes(VA(0), false);
}

/* ---- one maps something else, the other uses it ---- */

static void one_setup(void)
{
	machine_setup();
	guest_changes(VA(0), false);
	map_and_touch(VA(0), PAGE(0));
	map_and_touch(VB(0), PAGE(1));
	host_take(PAGE(2));
}

static void empty_setup(void)
{
	machine_setup();
	guest_changes(VA(0), false);
	guest_map(VA(0), PAGE(0), RW);
	host_take(PAGE(0));
	host_take(PAGE(2));
}

static void remap(void)
{
	guest_map(VA(0), PAGE(2), RW);
	flush(VA(0), 1);
	touch(VA(0), false);
}

static void remap_by_range(void)
{
	guest_map(VA(0), PAGE(2), RW);
	flush(VA(0), 64);
	touch(VA(0), false);
}

static void use_twice(void)
{
	touch(VA(0), true);
	touch(VA(0), false);
}

static void use(void)
{
	touch(VA(0), false);
}

static void remap_and_drop(void)
{
	guest_map(VA(0), PAGE(2), RW);
	touch(VA(0), false);
	drop(PAGE(2));
}

static void flush_too(void)
{
	flush(VA(0), 1);
	touch(VA(0), false);
}

static void protect(void)
{
	guest_map(VA(0), PAGE(0), 0);
	flush(VA(0), 1);
	touch(VA(0), true);
}

/* ---- pages go ---- */

static void drop_first(void)
{
	drop(PAGE(0));
}

static void drop_and_use(void)
{
	drop(PAGE(0));
	touch(VA(0), false);
}

static void drop_same(void)
{
	drop(PAGE(0));
	drop(PAGE(1));
}

/* ---- neighbours filled while the large page around them changes ---- */

static void around_setup(void)
{
	machine_setup();
	guest_changes(VA(0), true);
	guest_map_large(VA(0), 1, RW);
	for (u64 i = 0; i < 2; i++) {
		host_take(BLOCK(1) + i);
		host_take(BLOCK(2) + i);
	}
}

static void fill_first(void)
{
	touch(VA(0), false);
}

static void change_and_use(void)
{
	guest_map_large(VA(0), 2, RW);
	touch(VA(1), false);
	drop(BLOCK(2) + 1);
	touch(VA(1), false);
}

static void change_and_flush(void)
{
	guest_map_large(VA(0), 2, RW);
	touch(VA(1), false);
	flush(VA(0), 512);
	touch(VA(1), false);
}

static void use_second(void)
{
	touch(VA(1), false);
	touch(VA(1), false);
}

static void drop_second(void)
{
	drop(BLOCK(2) + 1);
}

static void change(void)
{
	guest_map_large(VA(0), 2, RW);
}

/* ---- entries of 2 MiB ---- */

static void large_setup(void)
{
	machine_setup();
	/* In the place of the table for 4 KiB, which the shadow need not have. */
	machine_no_leaf_table(VA(0));
	guest_changes(VA(0), true);
	guest_map(VA(0), PAGE(0), RW);
	guest_map(VA(1), PAGE(1), RW);
	for (u64 i = 0; i < 2; i++) {
		host_take(PAGE(i));
		host_take_huge(1 + i);
	}
	guest_map_large(VA(0), 1, RW);
}

static void change_and_flush_one(void)
{
	guest_map_large(VA(0), 2, RW);
	flush(VA(1), 1);
	touch(VA(1), false);
}

static void change_and_drop(void)
{
	guest_map_large(VA(0), 2, RW);
	touch(VA(0), false);
	drop(BLOCK(2));
}

static void split(void)
{
	guest_map_table(VA(0));
	flush(VA(0), 512);
	touch(VA(0), true);
}

static void use_and_drop_piece(void)
{
	touch(VA(0), false);
	drop(BLOCK(1));
}

static void flush_second(void)
{
	flush(VA(1), 1);
}

static void drop_piece(void)
{
	drop(BLOCK(1) + 1);
}

static void use_both(void)
{
	touch(VA(0), false);
	touch(VA(1), false);
}

/* The large entry has gone, its line in the log has not, and small ones stand in its place. */
static void replaced_setup(void)
{
	large_setup();
	touch(VA(0), false);
	guest_map_table(VA(0));
	flush(VA(1), 1);
	touch(VA(0), false);
}

static void flush_beyond(void)
{
	flush(VA(2), 16);
}

static void use_and_drop(void)
{
	touch(VA(0), false);
	drop(PAGE(0));
}

static const struct program programs[] = {
	{"sweep beside sweep and fills", sweep_setup, {sweep, sweep_and_touch}, check_rest},
	{"two sweeps beside sweep and fills", sweep_setup, {sweep, sweep_and_touch, sweep}, check_rest},
	{"drop beside two sweeps", sweep_setup, {sweep, touch_and_drop, sweep}, check_rest},
	{"flush of a range beside two sweeps", sweep_change_setup, {sweep, touch_and_flush, sweep},
	 check_rest},
	{"sweep and fills beside a drop", sweep_setup, {sweep_and_touch, drop_first, sweep}, check_rest},
	{"remap beside use", one_setup, {remap, use_twice}, check_rest},
	{"remap and drop before the flush, beside use", empty_setup, {remap_and_drop, use}, check_rest},
	{"remap of a range beside use", one_setup, {remap_by_range, use_twice}, check_rest},
	{"remap beside another's flush and use", one_setup, {remap, flush_too, use_twice}, check_rest},
	{"write protection beside use", one_setup, {protect, use_twice}, check_rest},
	{"drop beside use", one_setup, {drop_and_use, use_twice}, check_rest},
	{"drop beside remap and use", one_setup, {drop_first, remap, use_twice}, check_rest},
	{"drops beside drops and a sweep", one_setup, {drop_same, drop_same, sweep_and_touch}, check_rest},
	{"large page changed beside a fill", around_setup, {fill_first, change_and_flush}, check_rest},
	{"large page changed beside fill and drop", around_setup, {fill_first, change_and_use}, check_rest},
	{"large page changed, filled, used, dropped", around_setup, {fill_first, use_second, drop_second},
	 check_rest},
	{"large page changed by another", around_setup, {fill_first, use_second, change}, check_rest},
	{"2 MiB changed and flushed by a page", large_setup, {change_and_flush_one, use_both}, check_rest},
	{"2 MiB changed and dropped before the flush", large_setup, {change_and_drop, use}, check_rest},
	{"2 MiB used and dropped beside the flush of a page", large_setup,
	 {use_and_drop_piece, flush_second}, check_rest},
	{"2 MiB split beside use", large_setup, {split, use_both}, check_rest},
	{"2 MiB: a piece goes beside use and change", large_setup,
	 {change_and_flush_one, use_both, drop_piece}, check_rest},
	{"4 KiB where 2 MiB were, flush behind them", replaced_setup, {flush_beyond, use_and_drop},
	 check_rest},
};

int main(int argc, char **argv)
{
	const char *only = NULL;
	bool verbose = false, one = false, ok = true, good;
	int number = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = true;
		else if (!strcmp(argv[i], "-1"))
			one = true;
		else
			only = argv[i];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", ARRAY_SIZE(programs));
	for (unsigned int i = 0; i < ARRAY_SIZE(programs) && (ok || !one); i++) {
		if (only && !strstr(programs[i].name, only))
			continue;
		good = explore(&programs[i], verbose);
		printf("%sok %d %s\n", good ? "" : "not ", ++number, programs[i].name);
		ok &= good;
	}
	return !ok;
}
