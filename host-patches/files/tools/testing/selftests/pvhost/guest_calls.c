// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls and their arguments.
 */
#include "guest_lib.h"

static void unknown_calls(void)
{
	for (u64 nr = PV_HC_NR; nr < 2000; nr++)
		NEED(call3(nr, 0, 0, 0) == -ENOSYS);
	NEED(call3(PV_ANY, 0, 0, 0) == -ENOSYS);
	NEED(call3(1UL << 32, 0, 0, 0) == -ENOSYS);
}

static void features(void)
{
	for (int b = 6; b < 64; b++)
		NEED(call3(PV_HC_FEATURES, 1UL << b, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_FEATURES, 0, 0, 0) == 0);
}

static void batch(void)
{
	u64 gpa = page();
	struct pv_call *c = at(gpa);

	for (int i = 0; i < 64; i++)
		c[i].nr = PV_HC_NOP;
	NEED(call3(PV_HC_BATCH, gpa, 64, 0) == 64);
	NEED(call3(PV_HC_BATCH, gpa, 65, 0) < 0);
	call3(PV_HC_BATCH, gpa + 4, 1, 0);
	NEED(call3(PV_HC_BATCH, GUEST_MEM, 1, 0) <= 0);
	NEED(call3(PV_HC_BATCH, PV_ANY & ~7UL, 64, 0) <= 0);
	for (u64 nr = 0; nr < PV_HC_NR + 5; nr++) {
		int allowed = nr == PV_HC_NOP || nr == PV_HC_FLUSH || nr == PV_HC_ANNOUNCE ||
			      nr == PV_HC_DROP_ROOT || nr == PV_HC_SET_TIMER || nr == PV_HC_IPI ||
			      nr == PV_HC_DOORBELL || nr == PV_HC_DISCARD;

		if (allowed)
			continue;
		c[3].nr = nr;
		NEED(call3(PV_HC_BATCH, gpa, 8, 0) == 3);
	}
}

static void console_args(void)
{
	NEED(call3(PV_HC_CONSOLE_WRITE, 0, PV_MAX_CONSOLE + 1, 0) == -EINVAL);
	NEED(call3(PV_HC_CONSOLE_WRITE, 0, PV_ANY, 0) == -EINVAL);
	NEED(call3(PV_HC_CONSOLE_READ, 0, PV_ANY, 0) == -EINVAL);
	call3(PV_HC_CONSOLE_WRITE, PV_ANY, 10, 0);
	call3(PV_HC_CONSOLE_WRITE, GUEST_MEM - 5, 10, 0);
	call3(PV_HC_CONSOLE_READ, GUEST_MEM - 5, 10, 0);
}

static void dev_args(void)
{
	for (u64 w = 0; w < 9; w++) {
		call5(PV_HC_DEV_READ, rnd(), rnd(), w, 0, 0);
		call5(PV_HC_DEV_WRITE, rnd(), rnd(), w, rnd(), 0);
		call3(PV_HC_DOORBELL, rnd(), rnd(), 0);
	}
	NEED(call5(PV_HC_DEV_READ, 0, 0, 3, 0, 0) == -EINVAL);
}

static int nothing_at(u32 leaf, u32 subleaf)
{
	param->note = leaf;
	NEED(call3(PV_HC_CPUID, leaf, subleaf, 0) == 0);
	return !(guest_page->out[0] | guest_page->out[1] | guest_page->out[2] |
		 guest_page->out[3]);
}

/* What the host does not know, or has no business to tell, is 0, whatever the CPU has there. */
static void unknown_leaves(void)
{
	static const u32 leaves[] = {0x5, 0x6, 0xa, 0xe, 0x10, 0x14, 0x15, 0x16, 0x1a, 0x20, 0x1000,
				     0x20000000, 0x7fffffff, 0x8000000a, 0x8000001d, 0x8000001e,
				     0x80000021, 0x80001000, 0x8fffffff, 0xc0000000, 0xc0000001,
				     0xffffffff};

	for (u64 i = 0; i < ARRAY_SIZE(leaves); i++)
		NEED(nothing_at(leaves[i], 0));
	NEED(nothing_at(7, 1));
	NEED(nothing_at(0xd, 63));
	NEED(nothing_at(0xd, 18));	/* AMX */
	NEED(call3(PV_HC_CPUID, 7, 0, 0) == 0);
	NEED(guest_page->out[0] == 0 && !(guest_page->out[2] & 1UL << 3));
	/* Who shares a cache, and how many there are of what, is the host's. */
	NEED(call3(PV_HC_CPUID, 4, 0, 0) == 0 && !(guest_page->out[0] >> 14));
}

static void cpuid_leaves(void)
{
	for (u64 i = 0; i < 64; i++) {
		NEED(call3(PV_HC_CPUID, i, i, 0) == 0);
		NEED(call3(PV_HC_CPUID, 0x40000000 + i, 0, 0) == 0);
		NEED(call3(PV_HC_CPUID, 0x80000000 + i, 0, 0) == 0);
		call3(PV_HC_CPUID, rnd(), rnd(), 0);
	}
	call3(PV_HC_CPUID, 0x40000000, 0, 0);
	NEED(guest_page->out[1] == 0x6f685650); /* "PVho" */
	unknown_leaves();
}

/* The launcher's leaf 1 has no SSE2, and its leaf 0 ends with 1. */
static void cpuid_set(void)
{
	call3(PV_HC_CPUID, 0, 0, 0);
	NEED(guest_page->out[0] == 1 && guest_page->out[1] == 0x6e697754); /* "Twin" */
	call3(PV_HC_CPUID, 1, 0, 0);
	NEED(guest_page->out[0] == 0x12345 && !(guest_page->out[3] & 1UL << 26));
	NEED(nothing_at(7, 0));
}

static void vcpu_start_args(void)
{
	NEED(call5(PV_HC_VCPU_START, 0, 0x100000, 0x100000, GUEST_TABLES, 0) == -EBUSY);
	NEED(call5(PV_HC_VCPU_START, 1000, 0x100000, 0x100000, GUEST_TABLES, 0) == -EINVAL);
	NEED(call5(PV_HC_VCPU_START, 1, PV_ANY, 0x100000, GUEST_TABLES, 0) == -EINVAL);
	NEED(call5(PV_HC_VCPU_START, 1, 0x100000, 0x100000, PV_ANY, 0) == -EINVAL);
	NEED(call3(PV_HC_VCPU_STOP, 1000, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_YIELD, 1000, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_YIELD, PV_ANY, 0, 0) == 0);
}

static void discard_everything(void)
{
	NEED(call3(PV_HC_FEATURES, PV_FEAT_DISCARD, 0, 0) == 0);
	NEED(call3(PV_HC_DISCARD, GUEST_MEM, 1, 0) == -EINVAL);
	NEED(call3(PV_HC_DISCARD, 1, 1, 0) == -EINVAL);
	NEED(call3(PV_HC_DISCARD, 0, PV_ANY, 0) == -EINVAL);
	*(volatile u64 *)at(GUEST_HEAP) = 7;
	NEED(call3(PV_HC_DISCARD, GUEST_HEAP, 4, 0) == 0);
	NEED(*(volatile u64 *)at(GUEST_HEAP) == 0);
	/* The ground it stands on: the vCPU ends, not the host. */
	call3(PV_HC_DISCARD, 0, GUEST_MEM / 4096, 0);
	i_ud2(0);
}

/* param->seed: the first page that the launcher may not write; the one before is another file's. */
static void discard_mappings(void)
{
	u64 first = param->seed;

	NEED(call3(PV_HC_FEATURES, PV_FEAT_DISCARD, 0, 0) == 0);
	NEED(call3(PV_HC_DISCARD, first, 1, 0) == -ENXIO);
	NEED(call3(PV_HC_DISCARD, first - 4 * 4096, 4, 0) == 0);
	NEED(*(volatile u64 *)at(first - 4 * 4096) == 0);
	NEED(*(volatile u64 *)at(first - 4096) == 0);
}

static void exit_loop(void)
{
	for (u64 i = 0; i < param->count; i++)
		call5(PV_HC_DEV_READ, 0, 0, 4, 0, 0);
}

static void console_storm(void)
{
	u64 gpa = page();

	for (u64 i = 0; i < param->count; i++) {
		NEED(call3(PV_HC_CONSOLE_WRITE, gpa, i % PV_MAX_CONSOLE, 0) ==
		     (long)(i % PV_MAX_CONSOLE));
		NEED(call3(PV_HC_CONSOLE_READ, gpa, 16, 0) == 0);
	}
}

/* Device 3's queue 1 may be bound to an eventfd, the others are not. */
static void doorbell_storm(void)
{
	for (u64 i = 0; i < param->count; i++)
		NEED(call3(PV_HC_DOORBELL, 3, 1, 0) == 0);
	call3(PV_HC_DOORBELL, 3, 2, 0);
}

/* The longest batch of the longest calls, for ever. */
static void batch_loop(void)
{
	u64 gpa = page();
	struct pv_call *c = at(gpa);

	for (u64 i = 0; i < PV_MAX_BATCH; i++) {
		c[i].nr = i & 1 ? PV_HC_ANNOUNCE : PV_HC_FLUSH;
		c[i].arg[0] = GUEST_TABLES;
		c[i].arg[1] = i & 1 ? GUEST_VA + GUEST_HEAP : PV_VA_MIN;
		c[i].arg[2] = i & 1 ? 4096 : PV_ANY;
	}
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (;;)
		call3(PV_HC_BATCH, gpa, PV_MAX_BATCH, 0);
}

const struct guest_code call_cases[] = {
	{CASE_UNKNOWN_CALLS, unknown_calls},
	{CASE_FEATURES, features},
	{CASE_BATCH, batch},
	{CASE_CONSOLE_ARGS, console_args},
	{CASE_DEV_ARGS, dev_args},
	{CASE_CPUID, cpuid_leaves},
	{CASE_CPUID_SET, cpuid_set},
	{CASE_VCPU_START_ARGS, vcpu_start_args},
	{CASE_DISCARD_EVERYTHING, discard_everything},
	{CASE_DISCARD_MAPPINGS, discard_mappings},
	{CASE_EXIT_LOOP, exit_loop},
	{CASE_CONSOLE_STORM, console_storm},
	{CASE_DOORBELL_STORM, doorbell_storm},
	{CASE_BATCH_LOOP, batch_loop},
	{}
};
