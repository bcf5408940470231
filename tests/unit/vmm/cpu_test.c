// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpu.c: which bits of CPUID go with a name, and what goes with them.
 */
#include <errno.h>
#include <string.h>

#include "cpu.h"
#include "pvhost.h"
#include "vmm_unit.h"

enum { LEAF_1, LEAF_7, LEAF_7_1, LEAF_D_1, LEAF_EXT, LEAVES };

/* A CPU that has everything. */
static void fill(struct pvhost_cpuid_entry *all)
{
	static const struct pvhost_cpuid_entry leaves[LEAVES] = {
		[LEAF_1] = { .leaf = 1 }, [LEAF_7] = { .leaf = 7, .flags = PVHOST_CPUID_SUBLEAF },
		[LEAF_7_1] = { .leaf = 7, .subleaf = 1, .flags = PVHOST_CPUID_SUBLEAF },
		[LEAF_D_1] = { .leaf = 0xd, .subleaf = 1, .flags = PVHOST_CPUID_SUBLEAF },
		[LEAF_EXT] = { .leaf = 0x80000001 },
	};

	for (int i = 0; i < LEAVES; i++) {
		all[i] = leaves[i];
		all[i].eax = all[i].ebx = all[i].ecx = all[i].edx = ~0U;
	}
}

static void hides_what_is_named(void **state)
{
	struct pvhost_cpuid_entry cpu[LEAVES], before[LEAVES];
	struct cpu_mask mask;

	(void)state;
	fill(cpu);
	fill(before);
	assert_int_equal(cpu_parse("host", &mask), 0);
	assert_false(cpu_hides(&mask));
	cpu_hide(&mask, cpu, LEAVES);
	assert_memory_equal(cpu, before, sizeof(cpu));
	assert_int_equal(cpu_parse("host,-rdseed,popcnt=off,-sha-ni,lahf_lm=off", &mask), 0);
	assert_true(cpu_hides(&mask));
	cpu_hide(&mask, cpu, LEAVES);
	before[LEAF_7].ebx = ~(1U << 18 | 1U << 29);
	before[LEAF_1].ecx = ~(1U << 23);
	before[LEAF_EXT].ecx = ~1U;
	assert_memory_equal(cpu, before, sizeof(cpu));
}

static void hides_what_needs_it(void **state)
{
	struct pvhost_cpuid_entry cpu[LEAVES], before[LEAVES];
	struct cpu_mask mask;

	(void)state;
	fill(cpu);
	fill(before);
	assert_int_equal(cpu_parse("host,-avx512f", &mask), 0);
	cpu_hide(&mask, cpu, LEAVES);
	before[LEAF_7].ebx = ~(3U << 16 | 1U << 21 | 7U << 26 | 3U << 30);
	before[LEAF_7].ecx = ~(1U << 1 | 1U << 6 | 1U << 11 | 1U << 12 | 1U << 14);
	before[LEAF_7].edx = ~(1U << 2 | 1U << 3 | 1U << 8 | 1U << 23);
	assert_memory_equal(cpu, before, sizeof(cpu));
	fill(cpu);
	assert_int_equal(cpu_parse("host,-xsave", &mask), 0);
	cpu_hide(&mask, cpu, LEAVES);
	assert_false(cpu[LEAF_1].ecx & (1U << 12 | 1U << 26 | 1U << 27 | 1U << 28 | 1U << 29));
	assert_false(cpu[LEAF_7].ebx & (1U << 5 | 1U << 16));
	assert_false(cpu[LEAF_D_1].eax & 7);
	assert_true(cpu[LEAF_1].ecx & 1U << 25);	/* AES does without */
}

static void refuses_the_rest(void **state)
{
	static const char *const wrong[] = {
		"", "max", "hos", "hosts", "host,", "host,,-avx", "host,avx", "host,+avx", "host,avx=on",
		"host,-", "host,=off", "host,-no_such", "host,-avx=off", "host -avx", "host,-sse2",
	};
	struct cpu_mask mask;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (cpu_parse(wrong[i], &mask) != -EINVAL)
			fail_test("-cpu %s was taken\n", wrong[i]);
}

int run_cpu_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_what_is_named),
		cmocka_unit_test(hides_what_needs_it),
		cmocka_unit_test(refuses_the_rest),
	};

	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
