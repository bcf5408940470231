// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables that are none, and what the host makes of them.
 */
#include "guest_lib.h"

static int touch(u64 pte, int write)
{
	*kernel_entry(PROBE) = pte;
	call3(PV_HC_FLUSH, GUEST_TABLES, PROBE, 1);
	return try_call(write ? i_write : i_read, PROBE) == 0;
}

static void frames_out_of_range(void)
{
	for (int b = 25; b < 52; b++) {
		if (1UL << b == GUEST_VCPUS)
			continue;
		NEED(!touch(1UL << b | 7, 0));
		NEED(!touch(1UL << b | 7, 1));
	}
	for (int i = 0; i < 2000; i++) {
		u64 gpa = rnd() & PV_PTE_ADDR;

		if (gpa >= GUEST_MEM && (gpa < GUEST_VCPUS || gpa >= GUEST_VCPUS + 64 * 4096))
			NEED(!touch(gpa | 7, i & 1));
	}
	NEED(touch(page() | 7, 1));
}

static void reserved_bits(void)
{
	u64 p = page();

	for (int b = 52; b < 63; b++)
		touch(p | 7 | 1UL << b, 1);
	for (int i = 0; i < 2000; i++)
		touch((rnd() & ~PV_PTE_ADDR) | p, i & 1);
	NEED(touch(p | 7, 1));
}

static void permissions(void)
{
	u64 p = page();

	for (int bits = 0; bits < 16; bits++) {
		u64 pte = p | (bits & 7) | (bits & 8 ? PV_PTE_NX : 0);

		NEED(touch(pte, 0) == !!(bits & 1));
		NEED(touch(pte, 1) == ((bits & 3) == 3));
	}
	*(volatile unsigned char *)at(p) = 0xc3;
	NEED(touch(p | 3, 0));
	NEED(try_call(i_call, PROBE) == 0);
	NEED(touch(p | 3 | PV_PTE_NX, 0));
	NEED(try_call(i_call, PROBE) == 1);
}

static void large_wrong_level(void)
{
	u64 *top = (u64 *)at(GUEST_TABLES), *l3, *l2;

	kernel_entry(PROBE);
	l3 = at(top[PROBE >> 39] & PV_PTE_ADDR);
	l2 = at(l3[0] & PV_PTE_ADDR);
	top[PROBE >> 39] |= PV_PTE_PS;
	call3(PV_HC_FLUSH, GUEST_TABLES, PROBE, 1);
	try_call(i_read, PROBE);
	top[PROBE >> 39] &= ~(u64)PV_PTE_PS;
	l3[0] |= PV_PTE_PS; /* 1 GiB, badly aligned */
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	try_call(i_read, PROBE);
	try_call(i_write, PROBE + (512UL << 20));
	l3[0] = 0;
	l3[0] = (u64)((char *)l2 - (char *)at(0)) | 7;
	l2[0] = 0x1000 | 0x83; /* 2 MiB, badly aligned */
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	try_call(i_read, PROBE);
	l2[0] = GUEST_MEM | 0x83;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	NEED(try_call(i_read, PROBE) == 1);
	l2[0] = 0x800000 | 0x83;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	NEED(try_call(i_read, PROBE + 0x1000) == 0);
}

/* Roots whose every entry is themselves, entered in user mode. */
static void self_map(void)
{
	u64 root = page(), *t = at(root);

	for (int i = 0; i < 512; i++)
		t[i] = root | 0x67;
	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	guest_page->kernel_sp = GUEST_VA + GUEST_STACKS + 0x4000;
	guest_page->ip = 0x400000;
	guest_page->sp = 0x500000;
	guest_page->flags = 0x202;
	guest_page->ret_flags = PV_RET_SYSRET;
	/*
	 * The table's bytes run as code until something traps and we go on at r15 on a sane
	 * root.
	 */
	call3(PV_HC_ANNOUNCE, root, 0x400000, PV_ANY);
	call3(PV_HC_FLUSH, root, 0, PV_ANY);
	/* The same as the kernel's: a cycle of four levels. */
	((u64 *)at(GUEST_TABLES))[100] = GUEST_TABLES | 3;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	for (u64 va = 100UL << 39; va < (100UL << 39) + (1UL << 30); va += 1UL << 21)
		try_call(i_read, va);
	((u64 *)at(GUEST_TABLES))[100] = 0;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	run_user(user_exit, 0);
}

static void table_as_data(void)
{
	u64 leaf = (u64)kernel_entry(PROBE) & ~4095UL, p = page();

	*kernel_entry(PROBE) = p | 3;
	*kernel_entry(PROBE + 4096) = (leaf - GUEST_VA) | 3;
	/*
	 * The table is written through its own mapping, without flush: old or new, never
	 * anything else.
	 */
	for (int i = 0; i < 1000; i++) {
		((volatile u64 *)(PROBE + 4096))[0] = (i & 1 ? p : GUEST_HEAP) | 3;
		try_call(i_write, PROBE);
	}
	NEED(call3(PV_HC_FLUSH, GUEST_TABLES, PROBE, 2) == 0);
}

static void table_many_levels(void)
{
	u64 t = page(), *e = at(t), *top = at(GUEST_TABLES);

	for (int i = 0; i < 512; i++)
		e[i] = t | 3;
	top[101] = t | 3; /* used as levels 3, 2, 1 and page at once */
	for (u64 va = 101UL << 39; va < (101UL << 39) + (1UL << 38);
	     va += (1UL << 30) + (1UL << 21) + 4096)
		try_call(i_write, va);
	top[101] = 0;
	NEED(call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY) == 0);
}

static void not_present_noise(void)
{
	for (int i = 0; i < 3000; i++)
		NEED(!touch(rnd() & ~1UL, i & 1));
}

static void bad_roots(void)
{
	for (int i = 0; i < 300; i++) {
		u64 root = i < 64 ? 1UL << i : rnd();
		long r = call3(PV_HC_USER_ROOT, root, 0, 0);

		if ((root & 4095) || root >= GUEST_MEM)
			NEED(r < 0 || (root >= GUEST_VCPUS && root < GUEST_VCPUS + 64 * 4096));
		if (root >= GUEST_MEM && root < GUEST_VCPUS)
			NEED(call3(PV_HC_KERNEL_ROOT, root, 0, 0) < 0);
		call3(PV_HC_DROP_ROOT, root, 0, 0);
	}
	NEED(call3(PV_HC_USER_ROOT, page(), 0xff, 0) == -EINVAL);
}

static void many_roots(void)
{
	for (u64 i = 0; i < param->count; i++) {
		u64 gpa = GUEST_HEAP + (i * 4096) % (GUEST_MEM - GUEST_HEAP);

		NEED(call3(PV_HC_USER_ROOT, gpa, 0, 0) == 0);
	}
}

static void drop_loaded(void)
{
	u64 root = page();

	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	NEED(call3(PV_HC_DROP_ROOT, root, 0, 0) == -EBUSY);
	NEED(call3(PV_HC_USER_ROOT, page(), 0, 0) == 0);
	NEED(call3(PV_HC_DROP_ROOT, root, 0, 0) == 0);
}

static void kernel_root_empty(void)
{
	call3(PV_HC_KERNEL_ROOT, page(), 0,
	      0); /* the next instruction is gone, and so is the entry */
	finish(GUEST_FAIL);
}

static void flush_args(void)
{
	static const u64 values[] = {0,		 1,	    4095,      4096,	  PV_ANY,
				     PV_ANY - 1, 1UL << 63, 1UL << 47, PV_VA_MAX, 1UL << 40};

	for (u64 a = 0; a < 10; a++)
		for (u64 b = 0; b < 10; b++)
			for (u64 c = 0; c < 10; c++) {
				call3(PV_HC_FLUSH, values[a], values[b], values[c]);
				call3(PV_HC_ANNOUNCE, values[a], values[b], values[c]);
			}
	for (u64 b = 0; b < 10; b++)
		call3(PV_HC_FLUSH, GUEST_TABLES, values[b], values[9 - b]);
}

static void write_protect(void)
{
	u64 p = page();

	for (int i = 0; i < 200; i++) {
		NEED(touch(p | 3 | PV_PTE_A | PV_PTE_D, 1));
		NEED(!touch(p | 1 | PV_PTE_A, 1));
		NEED(touch(p | 1 | PV_PTE_A, 0));
	}
}

static void accessed_dirty(void)
{
	u64 p = page(), *e;

	NEED(touch(p | 3, 0));
	e = kernel_entry(PROBE);
	NEED(*e & PV_PTE_A);
	NEED(!(*e & PV_PTE_D));
	NEED(try_call(i_write, PROBE) == 0);
	NEED(*e & PV_PTE_D);
}

const struct guest_code table_cases[] = {
	{CASE_FRAMES_OUT_OF_RANGE, frames_out_of_range},
	{CASE_RESERVED_BITS, reserved_bits},
	{CASE_PERMISSIONS, permissions},
	{CASE_LARGE_WRONG_LEVEL, large_wrong_level},
	{CASE_SELF_MAP, self_map},
	{CASE_TABLE_AS_DATA, table_as_data},
	{CASE_TABLE_MANY_LEVELS, table_many_levels},
	{CASE_NOT_PRESENT_NOISE, not_present_noise},
	{CASE_BAD_ROOTS, bad_roots},
	{CASE_MANY_ROOTS, many_roots},
	{CASE_DROP_LOADED, drop_loaded},
	{CASE_KERNEL_ROOT_EMPTY, kernel_root_empty},
	{CASE_FLUSH_ARGS, flush_args},
	{CASE_WRITE_PROTECT, write_protect},
	{CASE_ACCESSED_DIRTY, accessed_dirty},
	{}
};
