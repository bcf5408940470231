// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the kernel's own mappings on the tables as they are: nothing that can be written can be
 * executed, and stacks end at pages that are not there.
 */
#include <ktest.h>

#include <mm.h>
#include <thread.h>
#include "internal.h"

extern char _text[], _etext[], __rodata_start[], __rodata_end[], __ro_after_init_start[];
extern char __boot_stack_guard[];

static int writable = 1;

#define NO_RIGHTS	(~0ULL)

/* Bytes mapped with each combination of rights. */
struct census {
	u64 both, exec, write;
};

/* Rights of an entry within what the levels above grant: W only if all have it, NX if one has. */
static pte_t combine(pte_t above, pte_t entry)
{
	return (above & entry & PTE_W) | ((above | entry) & PTE_NX);
}

static void count(struct census *c, pte_t rights, u64 bytes)
{
	bool write = rights & PTE_W, exec = !(rights & PTE_NX);

	if (write && exec)
		c->both += bytes;
	else if (exec)
		c->exec += bytes;
	else if (write)
		c->write += bytes;
}

static void take_census(struct census *c, const pte_t *table, u32 level, pte_t above)
{
	u32 i;

	for (i = 0; i < PTES_PER_TABLE; i++) {
		pte_t e = READ_ONCE(table[i]), rights = combine(above, e);

		if (!(e & PTE_P))
			continue;
		if (level && !(e & PTE_PS))
			take_census(c, pt_table(e), level - 1, rights);
		else
			count(c, rights, PAGE_SIZE << 9 * level);
	}
}

/* The rights with which the kernel reaches @va; NO_RIGHTS: not at all. */
static pte_t rights_at(unsigned long va)
{
	const pte_t *table = phys_to_virt(kernel_mm.root);
	pte_t rights = PTE_W;
	u32 level;

	for (level = 3;; level--) {
		pte_t e = READ_ONCE(table[pt_index(va, level)]);

		if (!(e & PTE_P))
			return NO_RIGHTS;
		rights = combine(rights, e);
		if (!level || (e & PTE_PS))
			return rights;
		table = pt_table(e);
	}
}

static pte_t rights_of(const void *p)
{
	return rights_at((unsigned long)p);
}

static void nothing_is_writable_and_executable(struct ktest *test)
{
	struct census c = { 0, 0, 0 };

	if (!PTE_NX)
		KTEST_SKIP(test, "this CPU has no NX");
	take_census(&c, phys_to_virt(kernel_mm.root), 3, PTE_W);
	KTEST_EXPECT_EQ(test, c.both, 0);
	/* Only the text, once: its alias in the direct map is not executable. */
	KTEST_EXPECT_EQ(test, c.exec, (u64)(_etext - _text));
	KTEST_EXPECT_TRUE(test, c.write > c.exec);
}

static void *alias(void *image)
{
	return phys_to_virt(virt_to_phys(image));
}

static void the_image_has_its_rights(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, rights_of(_text), 0);
	KTEST_EXPECT_EQ(test, rights_at((unsigned long)_etext - 1), 0);
	KTEST_EXPECT_EQ(test, rights_of(__rodata_start), PTE_NX);
	KTEST_EXPECT_EQ(test, rights_at((unsigned long)__rodata_end - 1), PTE_NX);
	KTEST_EXPECT_EQ(test, rights_of(__ro_after_init_start), PTE_NX);
	KTEST_EXPECT_EQ(test, rights_of(&writable), PTE_NX | PTE_W);
	KTEST_EXPECT_EQ(test, rights_of(alias(_text)), PTE_NX);
	KTEST_EXPECT_EQ(test, rights_of(alias(__rodata_start)), PTE_NX);
	KTEST_EXPECT_EQ(test, rights_of(alias(__ro_after_init_start)), PTE_NX);
}

static void stacks_end_at_a_gap(struct ktest *test)
{
	unsigned long stack = kstack_alloc();

	KTEST_ASSERT_TRUE(test, stack);
	KTEST_EXPECT_EQ(test, rights_at(stack), PTE_NX | PTE_W);
	KTEST_EXPECT_EQ(test, rights_at(stack + KSTACK_SIZE - 1), PTE_NX | PTE_W);
	KTEST_EXPECT_EQ(test, rights_at(stack - 1), NO_RIGHTS);
	KTEST_EXPECT_EQ(test, rights_at(stack + KSTACK_SIZE), NO_RIGHTS);
	KTEST_EXPECT_EQ(test, rights_of(__boot_stack_guard), NO_RIGHTS);
	KTEST_EXPECT_EQ(test, rights_of(boot_stack), PTE_NX | PTE_W);
	kstack_free(stack);
}

static void user_addresses_are_not_the_kernels(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, rights_at(0), NO_RIGHTS);
	KTEST_EXPECT_EQ(test, rights_at(USER_MIN), NO_RIGHTS);
	KTEST_EXPECT_EQ(test, rights_at(USER_TOP - 1), NO_RIGHTS);
}

static const struct ktest_case kernel_map_cases[] = {
	KTEST_CASE(nothing_is_writable_and_executable),
	KTEST_CASE(the_image_has_its_rights),
	KTEST_CASE(stacks_end_at_a_gap),
	KTEST_CASE(user_addresses_are_not_the_kernels),
	{ },
};
static const struct ktest_suite kernel_map_suite = { .name = "kernel_map",
						     .cases = kernel_map_cases };
ktest_suite_register(kernel_map_suite);
