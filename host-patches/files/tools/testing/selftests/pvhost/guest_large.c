// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of 2 MiB and 1 GiB of the guest's, which the host may shadow by entries of 2 MiB.
 * The launcher has written a tag into each page of the arena (storm.h), and checks how
 * many such entries were made.
 */
#include "guest_storm.h"

#define LEAF (USER_PTE | PV_PTE_W | PV_PTE_PS)
#define GIANT_VA (LARGE_VA + (4UL << 30))
#define LAST_PAGE (PV_VA_MAX - 4096)

static struct storm_vcpu me;
static u64 first_page; /* of the file at STORM_GPA */

static void begin(void)
{
	me.page = guest_page;
	first_page = param->seed;
	NEED(call3(PV_HC_SET_BASE, PV_BASE_GS, (u64)guest_page, 0) == 0);
	NEED(call5(PV_HC_SET_ENTRIES, (u64)storm_enter_syscall, (u64)storm_enter_user,
		   (u64)storm_enter_kernel, 0, 0) == 0);
}

static void flush(u64 va, u64 n)
{
	NEED(call3(PV_HC_FLUSH, GUEST_TABLES, va, n) == 0);
}

static void map_block(u64 root, u64 va, u64 block, u64 bits)
{
	*storm_large_entry(root, va) = storm_page_gpa(block * 512) | bits;
}

static void shows(u64 va, u64 page)
{
	u64 value;

	NEED(storm_read(va, &value) == 0);
	NEED(value == TAG(first_page + page, 1));
}

static void faults(u64 va)
{
	u64 value;

	NEED(storm_read(va, &value) == 1);
	NEED(guest_page->kaddr == va);
}

/* All of it at the first touch, in the kernel's space and in a user root. */
static void fill(void)
{
	u64 root = make_user_root();
	struct storm_result r;

	begin();
	map_block(GUEST_TABLES, LARGE_VA, 0, LEAF);
	map_block(root, LARGE_VA, 1, LEAF);
	for (u64 i = 0; i < 512; i++)
		shows(LARGE_VA + i * 4096, i);
	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	for (u64 i = 0; i < 512; i += 7) {
		me.page->ret_flags = 0;
		r = storm_user(&me, storm_user_read, LARGE_VA + i * 4096, 0);
		NEED(r.status == 0 && r.value == TAG(first_page + 512 + i, 1));
	}
	NEED(storm_write(LARGE_VA + 5 * 4096 + 8, 1) == 0);
}

/* A table in place of the large page, and back; the table exchanges neighbours. */
static void split(void)
{
	u64 table = page(), *e = storm_large_entry(GUEST_TABLES, LARGE_VA);

	begin();
	for (u64 i = 0; i < 512; i++)
		((u64 *)at(table))[i] = storm_page_gpa(i ^ 1) | USER_PTE | PV_PTE_W;
	for (int round = 0; round < 3; round++) {
		map_block(GUEST_TABLES, LARGE_VA, 0, LEAF);
		flush(LARGE_VA, 512);
		for (u64 i = 0; i < 512; i++)
			shows(LARGE_VA + i * 4096, i);
		*e = table | 7;
		flush(LARGE_VA, 512);
		for (u64 i = 0; i < 512; i++)
			shows(LARGE_VA + i * 4096, i ^ 1);
		*e = 0;
		flush(LARGE_VA, round ? 512 : PV_ANY);
		for (u64 i = 0; i < 512; i += 63)
			faults(LARGE_VA + i * 4096);
	}
}

/* What is flushed has changed, however little of it that is. */
static void flush_parts(void)
{
	begin();
	for (u64 i = 0; i < 512; i += 73) {
		map_block(GUEST_TABLES, LARGE_VA, i & 1, LEAF);
		flush(LARGE_VA, 512);
		shows(LARGE_VA + i * 4096, (i & 1) * 512 + i);
		map_block(GUEST_TABLES, LARGE_VA, !(i & 1), LEAF);
		flush(LARGE_VA + i * 4096, 1);
		shows(LARGE_VA + i * 4096, !(i & 1) * 512 + i);
	}
	/* One that ends, one that begins in it. */
	map_block(GUEST_TABLES, LARGE_VA, 0, LEAF);
	map_block(GUEST_TABLES, LARGE_VA + (1UL << 21), 1, LEAF);
	flush(LARGE_VA, 1024);
	shows(LARGE_VA + 511 * 4096, 511);
	shows(LARGE_VA + 512 * 4096, 512);
	map_block(GUEST_TABLES, LARGE_VA, 2, LEAF);
	map_block(GUEST_TABLES, LARGE_VA + (1UL << 21), 3, LEAF);
	flush(LARGE_VA + 500 * 4096, 24);
	for (u64 i = 500; i < 524; i++)
		shows(LARGE_VA + i * 4096, 1024 + i);
}

static void rights(void)
{
	u64 *e = storm_large_entry(GUEST_TABLES, LARGE_VA), p = storm_page_gpa(0);

	begin();
	*e = p | PV_PTE_P | PV_PTE_W | PV_PTE_PS;
	shows(LARGE_VA + 4096, 1);
	NEED(*e & PV_PTE_A && !(*e & PV_PTE_D));
	NEED(storm_write(LARGE_VA + 8, 1) == 0);
	NEED(*e & PV_PTE_D);
	*e &= ~(u64)PV_PTE_W;
	flush(LARGE_VA, 512);
	for (u64 i = 0; i < 512; i += 51) {
		NEED(storm_write(LARGE_VA + i * 4096 + 8, 1) == 1);
		NEED(guest_page->kerror & 1);
		shows(LARGE_VA + i * 4096, i);
	}
	*e |= PV_PTE_W;
	NEED(storm_write(LARGE_VA + 511 * 4096 + 8, 1) == 0);
	/* D is to be seen set again. */
	*e &= ~(u64)PV_PTE_D;
	flush(LARGE_VA, 512);
	NEED(storm_write(LARGE_VA + 77 * 4096 + 8, 1) == 0);
	NEED(*e & PV_PTE_D);
	*(volatile unsigned char *)(LARGE_VA + 16) = 0xc3;
	NEED(try_call(i_call, LARGE_VA + 16) == 0);
	*e |= PV_PTE_NX;
	flush(LARGE_VA, 512);
	NEED(storm_jump(LARGE_VA + 16) == 1);
	NEED(guest_page->kaddr == LARGE_VA + 16);
}

/* The host has all of it. */
static void touch_blocks(void)
{
	for (u64 block = 0; block < 2; block++) {
		map_block(GUEST_TABLES, LARGE_VA + (block << 21), block, LEAF);
		for (u64 i = 0; i < 512; i++)
			shows(LARGE_VA + (block << 21) + i * 4096, block * 512 + i);
	}
}

/* The ends of the address space lie in the midst of 2 MiB. */
static void edges(void)
{
	begin();
	touch_blocks();
	map_block(GUEST_TABLES, LOW_EDGE_VA, 0, LEAF);
	map_block(GUEST_TABLES, HIGH_EDGE_VA, 1, LEAF);
	for (int round = 0; round < 3; round++) {
		shows(PV_VA_MIN, PV_VA_MIN / 4096);
		shows(LOW_EDGE_VA + 511 * 4096, 511);
		shows(HIGH_EDGE_VA, 512);
		shows(LAST_PAGE, 1022);
		for (u64 va = 0; va < PV_VA_MIN; va += 4096) {
			faults(va);
			NEED(!(guest_page->kerror & 1));
			NEED(storm_write(va + 8, 1) == 1);
			NEED(storm_jump(va) == 1 && guest_page->kip == va);
		}
		for (u64 va = PV_VA_MAX; va < PV_VA_MAX + 4096; va += 1024) {
			faults(va);
			NEED(guest_page->kerror & 1);
			NEED(storm_write(va, 1) == 1);
		}
		faults(PV_VA_MAX + 4096 - 8);
		if (round)
			NEED(call3(PV_HC_ANNOUNCE, GUEST_TABLES, LAST_PAGE, 1) == 0);
		if (round)
			flush(PV_VA_MIN, round == 1 ? 1 : PV_ANY);
	}
	flush(LAST_PAGE, 1);
	NEED(call3(PV_HC_FLUSH, GUEST_TABLES, HIGH_EDGE_VA, 512) == -EINVAL);
}

static void user_shows(u64 va, u64 page)
{
	struct storm_result r;

	me.page->ret_flags = 0;
	r = storm_user(&me, storm_user_read, va, 0);
	NEED(r.status == 0 && r.value == TAG(first_page + page, 1));
}

static void user_faults(u64 va)
{
	me.page->ret_flags = 0;
	NEED(storm_user(&me, storm_user_read, va, 0).status == 1);
	NEED(me.page->vector == 14 && me.page->addr == va);
}

static void edges_of_user(void)
{
	u64 root = make_user_root();

	begin();
	touch_blocks();
	map_block(root, LOW_EDGE_VA, 0, LEAF);
	map_block(root, HIGH_EDGE_VA, 1, LEAF);
	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	for (int round = 0; round < 2; round++) {
		/* Before anything is touched, the second time. */
		if (round)
			NEED(call3(PV_HC_FLUSH, root, 0, PV_ANY) == 0);
		if (round)
			NEED(call3(PV_HC_ANNOUNCE, root, PV_VA_MIN, 1) == 0 &&
			     call3(PV_HC_ANNOUNCE, root, LAST_PAGE, 1) == 0);
		user_shows(PV_VA_MIN, PV_VA_MIN / 4096);
		user_shows(LAST_PAGE, 1022);
		for (u64 va = 0; va < PV_VA_MIN; va += 4096)
			user_faults(va);
		user_faults(PV_VA_MAX);
		user_faults(PV_VA_MAX + 4096 - 8);
	}
}

/*
 * SYSCALL as the last instruction below PV_VA_MAX, and below the first address that is not
 * canonical: the host would return to what is behind it.
 */
static void last_code(void)
{
	const u64 end = PV_VA_MAX + 4096;
	u64 root = make_user_root();

	begin();
	map_block(GUEST_TABLES, LARGE_VA, 1, LEAF);
	*(volatile unsigned short *)(LARGE_VA + 511 * 4096 - 2) = 0x050f;
	*(volatile unsigned short *)(LARGE_VA + 512 * 4096 - 2) = 0x050f;
	map_block(GUEST_TABLES, HIGH_EDGE_VA, 1, LEAF);
	map_block(root, HIGH_EDGE_VA, 1, LEAF);
	shows(LAST_PAGE, 1022);
	NEED(storm_jump(PV_VA_MAX - 2) == 1);
	NEED(guest_page->kip == PV_VA_MAX && guest_page->kaddr == PV_VA_MAX);
	NEED(storm_jump(end - 2) == 1);
	NEED(guest_page->kip == end - 2 && guest_page->kaddr == end - 2);
	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	user_shows(LAST_PAGE, 1022);
	/* A system call, to whose end there is no way back. */
	me.page->ret_flags = 0;
	NEED(storm_user(&me, (char *)PV_VA_MAX - 2, 0, 0).status == 0);
	NEED(me.page->ip == PV_VA_MAX);
	NEED(storm_go(0, 0).status == -EINVAL);
	/* It is not even entered. */
	NEED(storm_user(&me, (char *)end - 2, 0, 0).status == -EINVAL);
}

/* Some of its pages go, the others do not. */
static void discard_parts(void)
{
	u64 value;

	begin();
	NEED(call3(PV_HC_FEATURES, PV_FEAT_DISCARD, 0, 0) == 0);
	map_block(GUEST_TABLES, LARGE_VA, 0, LEAF);
	for (u64 i = 3; i < 512; i += 51) {
		shows(LARGE_VA + i * 4096, i);
		NEED(call3(PV_HC_DISCARD, storm_page_gpa(i), 2, 0) == 0);
		NEED(storm_read(LARGE_VA + i * 4096, &value) == 0 && value == 0);
		NEED(storm_read(LARGE_VA + (i + 1) * 4096, &value) == 0 && value == 0);
		shows(LARGE_VA + (i - 1) * 4096, i - 1);
		shows(LARGE_VA + (i + 2) * 4096, i + 2);
	}
	map_block(GUEST_TABLES, LARGE_VA, 1, LEAF);
	flush(LARGE_VA, 512);
	shows(LARGE_VA, 512);
	NEED(call3(PV_HC_DISCARD, storm_page_gpa(512), 512, 0) == 0);
	for (u64 i = 0; i < 512; i++)
		NEED(storm_read(LARGE_VA + i * 4096, &value) == 0 && value == 0);
}

/* 1 GiB, of which the machine has the first 8 MiB. */
static void giant(void)
{
	u64 value, *e;

	begin();
	storm_large_entry(GUEST_TABLES, GIANT_VA);
	e = at(((u64 *)at(GUEST_TABLES))[GIANT_VA >> 39] & PV_PTE_ADDR);
	e[GIANT_VA >> 30 & 511] = STORM_GPA | LEAF;
	flush(GIANT_VA, PV_ANY);
	for (u64 i = 0; i < STORM_PAGES; i += 3)
		shows(GIANT_VA + i * 4096, i);
	NEED(storm_read(GIANT_VA + STORM_PAGES * 4096, &value) == 1);
	NEED(storm_read(GIANT_VA + (1UL << 30) - 8, &value) == 1);
	e[GIANT_VA >> 30 & 511] = 0;
	flush(GIANT_VA + 100 * 4096, 1);
	faults(GIANT_VA + 100 * 4096);
}

/* Memory that the guest may not write, whatever its tables say. */
static void read_only(void)
{
	begin();
	map_block(GUEST_TABLES, LARGE_VA, 0, LEAF);
	for (u64 i = 0; i < 512; i += 17) {
		shows(LARGE_VA + i * 4096, i);
		NEED(storm_write(LARGE_VA + i * 4096 + 8, 1) == 1);
		shows(LARGE_VA + i * 4096, i);
	}
}

/* The file does not lie at 2 MiB in the launcher: the same, by small entries. */
static void shifted(void)
{
	begin();
	map_block(GUEST_TABLES, LARGE_VA, 1, LEAF);
	for (u64 i = 0; i < 512; i++)
		shows(LARGE_VA + i * 4096, 512 + i);
	map_block(GUEST_TABLES, LARGE_VA, 2, LEAF);
	flush(LARGE_VA + 100 * 4096, 3);
	for (u64 i = 100; i < 103; i++)
		shows(LARGE_VA + i * 4096, 1024 + i);
}

/* The launcher takes parts of it away, and marks what it has written by the flag. */
static void taken_away(void)
{
	u64 value, round;

	begin();
	map_block(GUEST_TABLES, LARGE_VA, 0, LEAF);
	for (round = 1; round <= param->count; round++) {
		for (u64 i = 0; i < 512; i++)
			NEED(storm_read(LARGE_VA + i * 4096, &value) == 0 &&
			     value == TAG(i, round));
		__atomic_store_n(&param->flag, round, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&param->flag, __ATOMIC_SEQ_CST) == round)
			call3(PV_HC_YIELD, PV_ANY, 0, 0);
	}
}

const struct guest_code large_cases[] = {
	{CASE_LARGE_FILL, fill},
	{CASE_LARGE_SPLIT, split},
	{CASE_LARGE_FLUSH, flush_parts},
	{CASE_LARGE_RIGHTS, rights},
	{CASE_LARGE_EDGES, edges},
	{CASE_LARGE_USER_EDGES, edges_of_user},
	{CASE_LARGE_LAST_CODE, last_code},
	{CASE_LARGE_DISCARD, discard_parts},
	{CASE_LARGE_GIANT, giant},
	{CASE_LARGE_READ_ONLY, read_only},
	{CASE_LARGE_SHIFTED, shifted},
	{CASE_LARGE_TAKEN, taken_away},
	{}
};
