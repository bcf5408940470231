// SPDX-License-Identifier: GPL-2.0-only
/* Tests: what a program's tables show of the kernel. */
#include <ktest.h>
#include <mm.h>

#include "../hvm.h"
#include "../mitigate.h"

extern char __entry_text_start[], __entry_text_end[];
extern char __entry_data_start[], __entry_data_end[], __boot_stack_guard[];

static bool in(unsigned long va, unsigned long start, unsigned long end)
{
	return va >= start && va < end;
}

/* What entry code needs before it has loaded the kernel's tables, and nothing else. */
static bool is_shown(unsigned long va)
{
	u32 cpu;

	for (cpu = 1; cpu < CONFIG_NR_CPUS; cpu++) {
		unsigned long ist = hvm_cpus[cpu].ist_stacks;

		if (ist && in(va, ist, ist + NR_IST * IST_SIZE))
			return true;
	}
	return in(va, (unsigned long)__entry_text_start, (unsigned long)__entry_text_end) ||
	       in(va, (unsigned long)__entry_data_start, (unsigned long)__entry_data_end) ||
	       in(va, idt_address(), idt_address() + PAGE_SIZE);
}

struct census {
	struct ktest *test;
	u64 pages;
};

static void take_census(struct census *c, const pte_t *table, u32 level, unsigned long base)
{
	u32 i;

	for (i = 0; i < PTES_PER_TABLE; i++) {
		unsigned long va = base + ((unsigned long)i << (PAGE_SHIFT + 9 * level));

		if (level == 3 && i >= PTES_PER_TABLE / 2)
			va |= 0xffff000000000000UL;
		if (!(table[i] & PTE_P))
			continue;
		if (level) {
			take_census(c, phys_to_virt(table[i] & PTE_ADDR), level - 1, va);
			continue;
		}
		c->pages++;
		KTEST_EXPECT_TRUE(c->test, is_shown(va));
		KTEST_EXPECT_EQ(c->test, table[i] & (PTE_U | PTE_G), 0);
		KTEST_EXPECT_TRUE(c->test, !(table[i] & PTE_W) || table[i] & PTE_NX || !PTE_NX);
		KTEST_EXPECT_EQ(c->test, table[i] & PTE_ADDR, *pt_walk(hvm_root, va) & PTE_ADDR);
	}
}

static void programs_see_the_entry_code_only(struct ktest *test)
{
	struct census c = { .test = test };
	struct mm *mm;

	if (!mitigated(MIT_KPTI))
		KTEST_SKIP(test, "this CPU needs no KPTI");
	mm = mm_create();
	KTEST_ASSERT_TRUE(test, mm != NULL);
	take_census(&c, phys_to_virt(mm->plat.user_root), 3, 0);
	KTEST_EXPECT_TRUE(test, c.pages > 3 && c.pages < 16 + CONFIG_NR_CPUS * (NR_IST + 1));
	mm_put(mm);
}

/* Only the way out may execute a program's pages: the kernel's copy of the entry forbids it. */
static void programs_mappings_are_in_both(struct ktest *test)
{
	const u32 i = pt_index(USER_MIN, 3);
	pte_t *root, *user;
	struct mm *mm;

	if (!mitigated(MIT_KPTI))
		KTEST_SKIP(test, "this CPU needs no KPTI");
	mm = mm_create();
	KTEST_ASSERT_TRUE(test, mm != NULL);
	root = phys_to_virt(mm->root);
	user = phys_to_virt(mm->plat.user_root);
	KTEST_EXPECT_TRUE(test, pt_walk_alloc(mm, USER_MIN) != NULL);
	KTEST_EXPECT_TRUE(test, user[i] & PTE_P && !(user[i] & PTE_NX));
	KTEST_EXPECT_EQ(test, root[i], user[i] | PTE_NX);
	mm_put(mm);
}

static const struct ktest_case kpti_cases[] = {
	KTEST_CASE(programs_see_the_entry_code_only),
	KTEST_CASE(programs_mappings_are_in_both),
	{ 0 },
};

static const struct ktest_suite kpti_suite = { .name = "kpti", .cases = kpti_cases };
ktest_suite_register(kpti_suite);
