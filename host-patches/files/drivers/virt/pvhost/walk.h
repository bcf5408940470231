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

/**
 * pvhost_range_ok - may a shadow have translations of all of a range?
 * @addr: its first address
 * @size: its size in bytes, not 0
 *
 * What lies outside is the host's to leave empty: no guest sees address 0, and none runs
 * code up to the end of the user half, from where SYSRET would not return safely.
 *
 * Return: true if all of it is between PV_VA_MIN and PV_VA_MAX.
 */
static __always_inline bool pvhost_range_ok(u64 addr, u64 size)
{
	return addr >= PV_VA_MIN && addr < PV_VA_MAX && size <= PV_VA_MAX - addr;
}

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

/**
 * struct pvhost_path - how the last walk came to its lowest table
 * @root: of the walk
 * @region: address / 2 MiB
 * @entry: the entries it went through, levels 4 to 2
 * @value: what was in them
 * @table: the table
 * @table_writable: accessed and dirty bits may be set in it
 * @seq: the owner's; the pointers are good as long as it does not change
 *
 * Only the way from guest addresses to the kernel's is remembered: what is in the
 * tables is read again each time.
 */
struct pvhost_path {
	u64 root;
	u64 region;
	u64 *entry[3];
	u64 value[3];
	u64 *table;
	bool table_writable;
	unsigned long seq;
};

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

/*
 * The last step: the leaf at @ptr, which was @entry when read. 0, -EFAULT, or -EAGAIN if
 * it has changed meanwhile.
 */
static __always_inline int walk_leaf(struct pvhost_walk *w, u64 addr, u64 *ptr, u64 entry,
				     int shift, u64 all, u64 any, bool table_writable)
{
	const u64 low = (1ULL << shift) - 1;
	int ret;

	w->prot = entry & PV_PTE_P;
	if (!w->prot)
		return -EFAULT;
	all &= entry;
	any |= entry;
	if (walk_denied(w, all, any))
		return -EFAULT;
	ret = walk_mark(w, ptr, &entry, table_writable);
	if (ret)
		return ret;
	w->gpa = ((entry & PV_PTE_ADDR & ~low) | (addr & low)) & ~0xfffULL;
	w->level = (shift - 12) / 9;
	/* Without D the first write must be seen. */
	w->writable = (all & PV_PTE_W) && (entry & PV_PTE_D);
	w->nx = any & PV_PTE_NX;
	return 0;
}

/* Does the way taken last lead to the table for @addr, and is it still there? */
static __always_inline bool walk_known(const struct pvhost_walk *w, u64 addr,
				       const struct pvhost_path *path, unsigned long seq)
{
	return path->region == addr >> 21 && path->root == w->root && path->seq == seq &&
	       READ_ONCE(*path->entry[0]) == path->value[0] &&
	       READ_ONCE(*path->entry[1]) == path->value[1] &&
	       READ_ONCE(*path->entry[2]) == path->value[2];
}

/* One attempt from the root; remembers its way if that leads to a lowest table. */
static __always_inline int walk_from_root(struct pvhost_walk *w, u64 addr, pvhost_table_fn table,
					  void *ctx, struct pvhost_path *path, unsigned long seq)
{
	u64 gpa = w->root, all = ~0ULL, any = 0, entry, *ptr;
	bool table_writable;
	int level;

	path->region = ~0ULL;
	for (level = 0;; level++) {
		int shift = 39 - 9 * level;

		ptr = table(ctx, gpa, &table_writable);
		if (unlikely(!ptr)) {
			w->missing = gpa;
			return -ENXIO;
		}
		if (level == 3) {
			path->root = w->root;
			path->region = addr >> 21;
			path->table = ptr;
			path->table_writable = table_writable;
			path->seq = seq;
		}
		ptr += (addr >> shift) & 511;
		entry = READ_ONCE(*ptr);
		if (level == 3 || !(entry & PV_PTE_P) || (entry & PV_PTE_PS && level))
			return walk_leaf(w, addr, ptr, entry, shift, all, any, table_writable);
		path->entry[level] = ptr;
		path->value[level] = entry;
		all &= entry;
		any |= entry;
		gpa = entry & PV_PTE_ADDR;
	}
}

/**
 * pvhost_walk - find the page behind an address
 * @w: what is asked and found
 * @addr: guest virtual address, below PV_VA_MAX
 * @table: maps tables
 * @ctx: for @table
 * @path: the caller's, zeroed before the first walk
 * @seq: not 0; changes when what @table has mapped may be another's
 *
 * As on the CPU, a page that is not present anywhere on the way is a fault of
 * presence, whatever the rights. Upper levels' accessed bits are not maintained:
 * nothing depends on them.
 *
 * Return: 0; -EFAULT the guest is to see a fault; -ENXIO a table is not at hand.
 */
static __always_inline int pvhost_walk(struct pvhost_walk *w, u64 addr, pvhost_table_fn table,
				       void *ctx, struct pvhost_path *path, unsigned long seq)
{
	int ret;

	do {
		if (likely(walk_known(w, addr, path, seq))) {
			u64 *ptr = &path->table[addr >> 12 & 511];

			ret = walk_leaf(w, addr, ptr, READ_ONCE(*ptr), 12,
					path->value[0] & path->value[1] & path->value[2],
					path->value[0] | path->value[1] | path->value[2],
					path->table_writable);
		} else {
			ret = walk_from_root(w, addr, table, ctx, path, seq);
		}
	} while (unlikely(ret == -EAGAIN));
	return ret;
}

#endif /* _PVHOST_WALK_H */
