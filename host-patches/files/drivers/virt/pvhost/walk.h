/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk of a guest's page tables.
 *
 * The tables are guest memory: any entry may hold anything and change at any
 * time. Each entry is read once, and what is written back (accessed, dirty) only
 * if the entry is still what was read. How table memory is reached is the
 * caller's affair, so that the walk can be tested anywhere.
 */
#ifndef _PVHOST_WALK_H
#define _PVHOST_WALK_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/pv_abi.h>
#include <linux/types.h>

/* Bits of a page-fault error code. */
#define WALK_PROT		1
#define WALK_WRITE		2
#define WALK_FETCH		16

/**
 * struct pvhost_walk - a walk and its result
 * @root: gpa of the top-level table
 * @kernel: kernel's view: U bits do not matter
 * @write: the access writes
 * @fetch: the access fetches an instruction
 * @mark: set the accessed and dirty bits; else an unset one ends the walk for that right
 * @gpa: result: of the page of 4 KiB that was looked for
 * @level: result: 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB leaves
 * @writable: result: may be written without another walk
 * @nx: result: not executable
 * @prot: result of -EFAULT: the fault is one of rights, not of presence
 * @missing: result of -ENXIO: gpa of table memory that cannot be reached
 */
struct pvhost_walk {
	u64 root;
	bool kernel;
	bool write;
	bool fetch;
	bool mark;
	u64 gpa;
	int level;
	bool writable;
	bool nx;
	bool prot;
	u64 missing;
};

/*
 * Maps the guest page table at a gpa, or returns NULL; says whether accessed and
 * dirty bits may be set in it. ctx is the caller's.
 */
typedef u64 *(*pvhost_table_fn)(void *ctx, u64 gpa, bool *writable);

/* Set A and D as the access needs; 0, or -EAGAIN if the entry has changed. */
static __always_inline int walk_mark(const struct pvhost_walk *w, u64 *ptr, u64 *entry,
				     bool table_writable)
{
	u64 want = *entry | PV_PTE_A | (w->write ? PV_PTE_D : 0);

	if (likely(want == *entry))
		return 0;
	if (!w->mark)
		return want & ~*entry & PV_PTE_A ? -EFAULT : 0;
	if (!table_writable)
		return -EFAULT;
	if (!try_cmpxchg(ptr, entry, want))
		return -EAGAIN;
	*entry = want;
	return 0;
}

/* Does the access want more than the entries, all and any of them, grant? */
static __always_inline bool walk_denied(const struct pvhost_walk *w, u64 all, u64 any)
{
	return (!w->kernel && !(all & PV_PTE_U)) || (w->write && !(all & PV_PTE_W)) ||
	       (w->fetch && (any & PV_PTE_NX));
}

/**
 * pvhost_walk - find the page behind an address
 * @w: what is asked and found
 * @addr: guest virtual address, below PV_VA_MAX
 * @table: maps tables
 * @ctx: for @table
 *
 * As on the CPU, a page that is not present anywhere on the way is a fault of
 * presence, whatever the rights. Upper levels' accessed bits are not maintained:
 * nothing depends on them.
 *
 * Return: 0; -EFAULT the guest is to see a fault; -ENXIO a table is not at hand.
 */
static __always_inline int pvhost_walk(struct pvhost_walk *w, u64 addr, pvhost_table_fn table,
				       void *ctx)
{
	u64 gpa = w->root, all = ~0ULL, any = 0, entry, low, *ptr;
	int shift = 39, ret;
	bool table_writable;

	for (;;) {
		ptr = table(ctx, gpa, &table_writable);
		if (unlikely(!ptr)) {
			w->missing = gpa;
			return -ENXIO;
		}
		ptr += (addr >> shift) & 511;
again:
		entry = READ_ONCE(*ptr);
		w->prot = entry & PV_PTE_P;
		if (!w->prot)
			return -EFAULT;
		if (shift == 12 || (entry & PV_PTE_PS && shift < 39))
			break;
		all &= entry;
		any |= entry;
		gpa = entry & PV_PTE_ADDR;
		shift -= 9;
	}
	if (walk_denied(w, all & entry, any | entry))
		return -EFAULT;
	ret = walk_mark(w, ptr, &entry, table_writable);
	if (ret == -EAGAIN)
		goto again;
	if (ret)
		return ret;
	low = (1ULL << shift) - 1;
	w->gpa = ((entry & PV_PTE_ADDR & ~low) | (addr & low)) & ~0xfffULL;
	w->level = (shift - 12) / 9;
	/* Without D the first write must be seen. */
	w->writable = (all & entry & PV_PTE_W) && (entry & PV_PTE_D);
	w->nx = (any | entry) & PV_PTE_NX;
	return 0;
}

#endif /* _PVHOST_WALK_H */
