// SPDX-License-Identifier: GPL-2.0-only
/*
 * How memory is used, for /proc/meminfo, sysinfo(2) and leak tests. Each CPU
 * counts for itself without atomics: a page may be counted up on one and down
 * on another, only the sums mean something.
 */
#include "../internal.h"

DEFINE_PER_CPU(struct mem_counters, mem_counters);

static u64 counter_sum(enum mem_counter c)
{
	s64 sum = 0;
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		sum += READ_ONCE(per_cpu(mem_counters, cpu).n[c]);
	return sum > 0 ? (u64)sum : 0;
}

/**
 * mem_get_stats - add the counters of all CPUs up
 * @s: filled; all in pages
 *
 * Context: any. The sums are not of one instant.
 */
void mem_get_stats(struct mem_stats *s)
{
	*s = (struct mem_stats){
		.total = zone_total_pages(),
		.free = zone_free_pages(),
		.cached = counter_sum(MEM_CACHED),
		.slab = counter_sum(MEM_SLAB),
		.pagetables = counter_sum(MEM_PAGETABLES),
		.kstack = counter_sum(MEM_KSTACK),
		.anon = counter_sum(MEM_ANON),
		.shmem = counter_sum(MEM_SHMEM),
		.mapped = counter_sum(MEM_MAPPED),
		.dirty = counter_sum(MEM_DIRTY),
		.reserved = max_pfn - min(max_pfn, zone_total_pages()),
	};
}

u64 mem_free_pages(void)
{
	return zone_free_pages();
}

u64 mem_total_bytes(void)
{
	return (u64)zone_total_pages() * PAGE_SIZE;
}
