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

/**
 * typedef pvhost_table_fn - map a guest page table
 * @ctx: the caller's
 * @gpa: of the table, page aligned
 * @writable: result: accessed and dirty bits may be set in it
 *
 * Return: the table, or NULL.
 */
typedef u64 *(*pvhost_table_fn)(void *ctx, u64 gpa, bool *writable);

/* Set A and D as the access needs; 0, or -EAGAIN if the entry has changed. */
static __always_inline int walk_mark(struct pvhost_walk *w, u64 *ptr, u64 entry, bool table_writable,
				     bool writable)
{
	u64 want = entry | PV_PTE_A | (w->write ? PV_PTE_D : 0);

	if (w->mark && want != entry) {
		if (!table_writable)
			return -EFAULT;
		if (cmpxchg64(ptr, entry, want) != entry)
			return -EAGAIN;
		entry = want;
	}
	if (!(entry & PV_PTE_A))
		return -EFAULT;
	/* Without D the first write must be seen. */
	w->writable = writable && (entry & PV_PTE_D);
	return 0;
}

static __always_inline int walk_leaf(struct pvhost_walk *w, u64 *ptr, u64 entry, u64 addr,
				     bool table_writable, bool writable)
{
	u64 low = (1ULL << (12 + 9 * w->level)) - 1;

	if ((w->write && !writable) || (w->fetch && w->nx)) {
		w->prot = true;
		return -EFAULT;
	}
	w->gpa = ((entry & PV_PTE_ADDR & ~low) | (addr & low)) & ~0xfffULL;
	return walk_mark(w, ptr, entry, table_writable, writable);
}

/**
 * pvhost_walk - find the page behind an address
 * @w: what is asked and found
 * @addr: guest virtual address, below PV_VA_MAX
 * @table: maps tables
 * @ctx: for @table
 *
 * Upper levels' accessed bits are not maintained: the host keeps no translation of
 * theirs, so nothing depends on them.
 *
 * Return: 0; -EFAULT the guest is to see a fault; -ENXIO a table is not at hand.
 */
static __always_inline int pvhost_walk(struct pvhost_walk *w, u64 addr, pvhost_table_fn table,
				       void *ctx)
{
	bool writable = true, table_writable = true;
	u64 gpa = w->root, entry, *ptr;
	int ret;

	w->nx = false;
	w->prot = false;
	for (w->level = 3; ; w->level--) {
		ptr = table(ctx, gpa, &table_writable);
		if (!ptr) {
			w->missing = gpa;
			return -ENXIO;
		}
		ptr += (addr >> (12 + 9 * w->level)) & 511;
again:
		entry = READ_ONCE(*ptr);
		if (!(entry & PV_PTE_P))
			return -EFAULT;
		if (!w->kernel && !(entry & PV_PTE_U)) {
			w->prot = true;
			return -EFAULT;
		}
		writable &= !!(entry & PV_PTE_W);
		w->nx |= !!(entry & PV_PTE_NX);
		if (!w->level || (w->level < 3 && (entry & PV_PTE_PS)))
			break;
		gpa = entry & PV_PTE_ADDR;
	}
	ret = walk_leaf(w, ptr, entry, addr, table_writable, writable);
	if (ret == -EAGAIN)
		goto again;
	return ret;
}

#endif /* _PVHOST_WALK_H */
