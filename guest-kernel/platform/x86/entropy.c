// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random numbers from the CPU (SDM vol. 1, 7.3.17). Both instructions work in ring 3, too: whether
 * they are there is what CPUID says, on PV the hypercall.
 */
#include <atomic.h>
#include <platform/cpu.h>
#include <platform/platform.h>

#include "entropy.h"

#define TRIES 10 /* for each word: the CPU's pool is shared and may be empty */

enum { UNKNOWN, NONE = 1, RDRAND = 2, RDSEED = 4 };

static u32 what(void)
{
	static u32 known; /* the same whoever finds it */
	u32 found = NONE, r[4];

	if (likely(READ_ONCE(known)))
		return known;
	plat_cpuid(1, 0, r);
	if (r[2] >> 30 & 1)
		found |= RDRAND;
	plat_cpuid(0, 0, r);
	if (r[0] >= 7) {
		plat_cpuid(7, 0, r);
		if (r[1] >> 18 & 1)
			found |= RDSEED;
	}
	WRITE_ONCE(known, found);
	return found;
}

static bool rdseed(u64 *v)
{
	bool ok;

	__asm__ volatile("rdseed %0" : "=r"(*v), "=@ccc"(ok));
	return ok;
}

static bool rdrand(u64 *v)
{
	bool ok;

	__asm__ volatile("rdrand %0" : "=r"(*v), "=@ccc"(ok));
	return ok;
}

/*
 * All ones is what some CPUs give, with success, when their generator has died (AMD erratum, after
 * a resume); a word in 2^64 is no loss.
 */
static bool one_word(u64 *v)
{
	u32 have = what(), i;

	for (i = 0; have & RDSEED && i < TRIES; i++)
		if (rdseed(v) && *v != ~0ULL)
			return true;
	for (i = 0; have & RDRAND && i < TRIES; i++)
		if (rdrand(v) && *v != ~0ULL)
			return true;
	return false;
}

/**
 * x86_entropy - random bytes from the CPU
 * @buf: where to
 * @n: how many are wanted
 *
 * RDSEED, and where that has nothing for us RDRAND, which is made from the same source. Context:
 * any. Return: bytes written, 0 if the CPU has neither.
 */
size_t x86_entropy(void *buf, size_t n)
{
	u8 *p = buf;
	size_t done = 0;
	u64 v;

	while (done < n && one_word(&v))
		for (u32 i = 0; i < sizeof(v) && done < n; i++)
			p[done++] = (u8)(v >> (8 * i));
	return done;
}
