// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random hypercalls and page tables, from the seed in the parameters.
 */
#include "guest_lib.h"

static u64 interesting(void)
{
	switch (rnd() % 8) {
	case 0:
		return rnd() % 64;
	case 1:
		return GUEST_HEAP + (rnd() % 4096) * 4096;
	case 2:
		return GUEST_TABLES;
	case 3:
		return PV_ANY - rnd() % 3;
	case 4:
		return 1UL << (rnd() % 64);
	case 5:
		return GUEST_VA + rnd() % (2 * GUEST_MEM);
	case 6:
		return GUEST_MEM - rnd() % 8192;
	default:
		return rnd();
	}
}

static int may_not_fuzz(u64 nr)
{
	/* These end the run or pull the ground away; each has cases of its own. */
	return nr == PV_HC_SHUTDOWN || nr == PV_HC_KERNEL_ROOT || nr == PV_HC_RET_USER ||
	       nr == PV_HC_VCPU_STOP || nr == PV_HC_SET_ENTRIES || nr == PV_HC_DISCARD ||
	       nr == PV_HC_VCPU_START || nr == PV_HC_CONSOLE_READ || nr == PV_HC_FEATURES;
}

static void fuzz_one(void)
{
	u64 nr = rnd() % (PV_HC_NR + 2), a = interesting();

	if (may_not_fuzz(nr))
		return;
	if (nr == PV_HC_BLOCK)
		a = rnd() % 2; /* past: returns */
	if (nr == PV_HC_BATCH)
		a = GUEST_HEAP + rnd() % 65536 * 8;
	call5(nr, a, interesting(), interesting(), interesting(), interesting());
	guest_page->mask = 1;
}

static void fuzz_calls(void)
{
	rnd_state = param->seed;
	/* Data that batches and tables find: random, too. */
	for (u64 gpa = GUEST_HEAP; gpa < GUEST_HEAP + 0x80000; gpa += 8)
		*(u64 *)at(gpa) = rnd() % 3 ? rnd() % PV_HC_NR : interesting();
	for (u64 gpa = GUEST_HEAP; gpa < GUEST_HEAP + 0x80000; gpa += 32)
		if (may_not_fuzz(*(u64 *)at(gpa)))
			*(u64 *)at(gpa) = PV_HC_FLUSH;
	for (u64 i = 0; i < param->count; i++) {
		param->note = i;
		fuzz_one();
	}
}

/* Random entries at all levels below one top-level slot, random accesses, random flushes. */
static void fuzz_tables(void)
{
	u64 tables[16], *top = at(GUEST_TABLES);

	rnd_state = param->seed;
	for (int i = 0; i < 16; i++)
		tables[i] = page();
	top[102] = tables[0] | 3;
	for (u64 i = 0; i < param->count; i++) {
		u64 va = 102UL << 39 | (rnd() % 3) << 30 | (rnd() % 3) << 21 | (rnd() % 4) << 12;
		u64 *t = at(tables[rnd() % 16]);
		u64 pte = tables[rnd() % 16] | (rnd() & 0xfff);

		param->note = i;
		switch (rnd() % 6) {
		case 0:
			t[rnd() % 4] = rnd();
			break;
		case 1:
		case 2:
			t[rnd() % 4] = pte;
			break;
		case 3:
			call3(PV_HC_FLUSH, GUEST_TABLES, va, rnd() % 2 ? rnd() % 600 : PV_ANY);
			break;
		case 4:
			try_call(i_read, va);
			break;
		default:
			/*
			 * A store may hit a table or any page: only where it lands in the
			 * tables' own pages.
			 */
			try_call(i_read, va + 8);
		}
	}
}

const struct guest_code fuzz_cases[] = {
	{CASE_FUZZ_CALLS, fuzz_calls},
	{CASE_FUZZ_TABLES, fuzz_tables},
	{}
};
