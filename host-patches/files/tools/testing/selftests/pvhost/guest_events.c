// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, timers, several vCPUs, and guests that the launcher does things to.
 */
#include "guest_lib.h"

static void timer_storm(void)
{
	u64 seen = 0;

	guest_page->mask = 1;
	for (u64 i = 0; i < param->count; i++) {
		call3(PV_HC_SET_TIMER, i & 1 ? 1 : call3(PV_HC_CLOCK, 0, 0, 0) + 1000, 0, 0);
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		seen += __atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST) & 1;
	}
	NEED(seen == param->count);
}

static void timer_extremes(void)
{
	static const u64 values[] = {1, 2, 1UL << 62, 1UL << 63, PV_ANY, PV_ANY - 1, 0};

	for (int i = 0; i < 7; i++)
		NEED(call3(PV_HC_SET_TIMER, values[i], 0, 0) == 0);
	__atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST);
	NEED(call3(PV_HC_BLOCK, 1, 0, 0) == 0);
	NEED(call3(PV_HC_BLOCK, 0, 0, 0) == 0);
}

static void ipi_storm(void)
{
	for (u64 i = 0; i < param->count; i++)
		call3(PV_HC_IPI, rnd(), rnd() % 3 ? 0 : rnd(), rnd() % 70);
	__atomic_store_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST);
	NEED(call3(PV_HC_IPI, 1UL << 63 | 1, 0, PV_EVENT_IPI0) == -EINVAL);
	NEED(!(guest_page->pending & 1UL << PV_EVENT_IPI0));
	NEED(call3(PV_HC_IPI, 1, 0, PV_EVENT_IPI0) == 0);
	NEED(guest_page->pending & 1UL << PV_EVENT_IPI0);
	NEED(call3(PV_HC_IPI, 1, 0, PV_EVENT_TIMER) == -EINVAL);
	NEED(call3(PV_HC_IPI, PV_ANY, PV_ANY, PV_EVENT_IPI0) == -EINVAL);
}

static void block_events(void)
{
	/* Another thread of the launcher sets bits at any moment: each must be seen. */
	u64 got = 0;

	guest_page->mask = 1;
	while (got < param->count) {
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		if (__atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST) & 1UL << 20) {
			got++;
			__atomic_store_n(&param->flag, got, __ATOMIC_SEQ_CST);
		}
	}
}

static volatile u64 other_stop, other_rounds;

static void other_toucher(void)
{
	/*
	 * Reads through the probe as fast as it can; the first vCPU maps and unmaps it. A fault
	 * goes to enter_kernel of vCPU 0's page: none is registered here.
	 */
	while (!other_stop) {
		other_rounds++;
		(void)*(volatile u64 *)(PROBE + 8192);
		call3(PV_HC_NOP, 0, 0, 0);
	}
	call3(PV_HC_VCPU_STOP, 1, 0, 0);
}

static void smp_unmap_race(void)
{
	u64 a = page(), b = page();

	*kernel_entry(PROBE + 8192) = a | 3;
	NEED(call5(PV_HC_VCPU_START, 1, (u64)other_toucher, GUEST_VA + GUEST_STACKS + 0x10000 - 8,
		   GUEST_TABLES, 0) == 0);
	for (u64 i = 0; i < param->count; i++) {
		*kernel_entry(PROBE + 8192) = (i & 1 ? a : b) | 3;
		NEED(call3(PV_HC_FLUSH, GUEST_TABLES, PROBE + 8192, 1) == 0);
	}
	while (!other_rounds)
		call3(PV_HC_YIELD, 1, 0, 0);
	other_stop = 1;
}

static void other_answers(void)
{
	struct pv_vcpu *me = guest_page + 1;

	for (;;) {
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		if (__atomic_exchange_n(&me->pending, 0, __ATOMIC_SEQ_CST))
			call3(PV_HC_IPI, 1, 0, PV_EVENT_IPI1);
	}
}

/* In each round the other is about to block, or has just blocked, when the event comes. */
static void smp_pingpong(void)
{
	NEED(call5(PV_HC_VCPU_START, 1, (u64)other_answers, GUEST_VA + GUEST_STACKS + 0x10000 - 8,
		   GUEST_TABLES, 0) == 0);
	guest_page->mask = 1;
	for (u64 i = 0; i < param->count; i++) {
		NEED(call3(PV_HC_IPI, 2, 0, PV_EVENT_IPI0) == 0);
		while (!__atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST))
			call3(PV_HC_BLOCK, PV_ANY, 0, 0);
	}
}

static void spinner(void)
{
	for (;;)
		asm volatile("pause");
}

static void spin_all(void)
{
	for (u64 i = 1; i < param->nr_vcpus; i++)
		call5(PV_HC_VCPU_START, i, (u64)spinner,
		      GUEST_VA + GUEST_STACKS + (i + 1) * 0x4000 - 8, GUEST_TABLES, 0);
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	spinner();
}

static void touch_all(void)
{
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (u64 round = 0;; round++)
		for (u64 gpa = GUEST_HEAP; gpa < GUEST_MEM; gpa += 4096) {
			try_call(i_write, GUEST_VA + gpa);
			if ((gpa & 0xfffff) == 0)
				call3(PV_HC_FLUSH, GUEST_TABLES, GUEST_VA + gpa, 256);
		}
}

/*
 * The launcher scribbles over the vCPU page meanwhile: anything may happen to this machine,
 * nothing to the host.
 */
static void page_flipped(void)
{
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (u64 i = 0; i < param->count; i++) {
		try_call(i_ud2, 0);
		ret_user();
		call3(PV_HC_NOP, 0, 0, 0);
	}
}

static void block_forever(void)
{
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (;;)
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
}

const struct guest_code event_cases[] = {
	{CASE_TIMER_STORM, timer_storm},
	{CASE_TIMER_EXTREMES, timer_extremes},
	{CASE_IPI_STORM, ipi_storm},
	{CASE_BLOCK_EVENTS, block_events},
	{CASE_SMP_UNMAP_RACE, smp_unmap_race},
	{CASE_SMP_PINGPONG, smp_pingpong},
	{CASE_SPIN, spin_all},
	{CASE_BLOCK_FOREVER, block_forever},
	{CASE_TOUCH_ALL, touch_all},
	{CASE_PAGE_FLIPPED, page_flipped},
	{}
};
