/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the storm's launcher and its guest share: the oracle, which says of every page
 * what it holds and of every address which page it shows.
 *
 * Each entry has a sequence that is odd while somebody changes what it describes. Whoever
 * reads memory looks at the sequences before and after: if they are even and the same, the
 * value must be the one that the oracle knows. If they are not, it may be an old one of the
 * guest's, but never somebody else's.
 */
#ifndef PVHOST_SELFTEST_STORM_H
#define PVHOST_SELFTEST_STORM_H

#include "guest.h"

#define STORM_STATE 0x1800000UL /* gpa of struct storm, in the machine's first memory */
#define STORM_GPA 0x40000000UL /* the arena: memory that the launcher plays with */
#define STORM_PAGES 2048
#define STORM_BLOCKS (STORM_PAGES / 512)
#define STORM_VCPUS 4

/* Spaces: the kernel's, and user roots. */
#define STORM_ROOTS 3
#define STORM_SPACES (1 + STORM_ROOTS)

/* Addresses, in every space alike: 4 KiB pages side by side, and scattered ones. */
#define DENSE_VA 0x2000000000UL
#define DENSE 512
#define SPARSE_VA 0x2400000000UL
#define SPARSE 192
/* 2 MiB each, mapped as one or page by page; the last two reach over the edges. */
#define LARGE_VA 0x2800000000UL
#define LARGE 6
#define LOW_EDGE_VA 0UL
#define HIGH_EDGE_VA 0x7fffffe00000UL
#define SLOTS (DENSE + SPARSE + LARGE)
#define FIRST_LARGE (DENSE + SPARSE)

/* What an address shows: number of an arena page (of 2 MiB: of the first), and how. */
#define SHOWS_PAGE 0xffffU
#define SHOWS 0x10000U
#define SHOWS_WRITABLE 0x20000U
#define SHOWS_TABLE 0x40000U /* 2 MiB: by a table, neighbours exchanged */

/* In the first and the last word of a page: whose it is, and since when. */
#define GEN_ZERO 0x80000000U /* in its generation: it has been emptied, and not yet written */
#define TAG_MAGIC 0x5354UL
#define TAG(page, gen) (TAG_MAGIC << 48 | (unsigned long)(page) << 32 | (gen))
#define TAG_LAST 4088
/* Words that vCPUs write: one each. */
#define SCRATCH(vcpu) (64 + 8 * (vcpu))
#define SCRATCH_MAGIC 0x5752UL
/* In every word of memory that is the launcher's own. */
#define FOREIGN 0xf0e1f0e1f0e1f0e1UL

enum storm_program {
	STORM_RANDOM,
	STORM_SWEEPS, /* entries made behind a flush of everything */
	STORM_AROUND, /* neighbours filled while their large page changes */
	STORM_PROGRAMS,
};

enum storm_fault {
	FAULT_NONE,
	FAULT_FOREIGN, /* neither the guest's nor zero */
	FAULT_OLD, /* what the address or the page was before */
	FAULT_MAPPED, /* an address that maps nothing can be read */
	FAULT_GONE, /* one that maps something cannot */
	FAULT_READ_ONLY, /* a write where there may be none */
	FAULT_ELSEWHERE, /* a write that went to another page */
	FAULT_CALL, /* a hypercall failed */
	FAULT_OUTSIDE, /* an address outside PV_VA_MIN to PV_VA_MAX can be read */
	FAULT_NR,
};

struct storm_page {
	unsigned int seq;
	unsigned int gen;
};

struct storm_map {
	unsigned int seq;
	unsigned int shows;
};

/**
 * struct storm_counts - what a vCPU has done
 */
struct storm_counts {
	unsigned long reads, sure, writes, users, remaps, flushes, announces, discards, drops,
		rounds;
};

/**
 * struct storm - what is in the first memory of the machine
 * @program: enum storm_program
 * @stop: the launcher's wish
 * @done: vCPUs that have ended
 * @fault: enum storm_fault, the first; the rest of it follows
 */
struct storm {
	unsigned long program;
	unsigned long stop;
	unsigned long done;
	unsigned long fault;
	unsigned long vcpu, space, va, got, want;
	/*
	 * STORM_AROUND: the two vCPUs wait for each other; pages that have been seen in
	 * block 1, 2: and have been dropped there since.
	 */
	unsigned long step[2];
	long ahead; /* how long the one that changes waits; negative: the other */
	unsigned char shown[512];
	struct storm_counts counts[STORM_VCPUS];
	struct storm_page page[STORM_PAGES];
	struct storm_map map[STORM_SPACES][SLOTS];
};

/* What the tags of a page of this generation are. */
static inline unsigned long storm_expected(unsigned long page, unsigned int gen)
{
	return gen & GEN_ZERO ? 0 : TAG(page, gen);
}

/* The generation after @gen: never one that has been. */
static inline unsigned int storm_next(unsigned int gen)
{
	return (gen & ~GEN_ZERO) + 1;
}

/* Take an entry whose sequence was seen even; false if somebody has it. */
static inline int storm_try_lock(unsigned int *seq)
{
	unsigned int old = __atomic_load_n(seq, __ATOMIC_ACQUIRE);

	return !(old & 1) && __atomic_compare_exchange_n(seq, &old, old + 1, 0, __ATOMIC_SEQ_CST,
							 __ATOMIC_RELAXED);
}

static inline void storm_unlock(unsigned int *seq)
{
	__atomic_add_fetch(seq, 1, __ATOMIC_SEQ_CST);
}

#endif
