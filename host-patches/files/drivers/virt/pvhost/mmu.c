// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow as a TLB: fill on a miss, flush when the guest says so, and fill ahead
 * when it says what it has just mapped.
 *
 * A fill walks the guest's tables and enters the result under one hold of mmu_lock
 * for reading, so that a flush, which writes, comes wholly before or after it. What
 * is missing (a page not yet pinned, a shadow table) is fetched without the lock,
 * and the fill starts anew.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <asm/trap_pf.h>

#include "internal.h"
#include "trace.h"
#include "walk.h"

/* Entries beside a faulting one that are filled too, if they cost nothing more. */
#define AROUND		16

static_assert(WALK_PROT == X86_PF_PROT);
static_assert(WALK_WRITE == X86_PF_WRITE);
static_assert(WALK_FETCH == X86_PF_INSTR);

/* What a fill lacks. */
struct lack {
	u64 gfn;
	bool huge;
};

/* The kernel's address of a guest page, 0 if it is not at hand. */
static __always_inline unsigned long gfn_frame(struct pvhost_vm *vm, u64 gfn, bool *writable)
{
	struct pvhost_slot *slot = pvhost_slot_of(vm, gfn);

	if (unlikely(!slot))
		return 0;
	*writable = slot->writable;
	return pvhost_frame_use(pvhost_frame_at(slot, gfn));
}

static __always_inline u64 *map_table(void *ctx, u64 gpa, bool *writable)
{
	return (u64 *)gfn_frame(ctx, gpa >> PAGE_SHIFT, writable);
}

static __always_inline u64 leaf_prot(const struct pvhost_walk *w, bool slot_writable)
{
	return (w->writable && slot_writable ? _PAGE_RW | _PAGE_DIRTY : 0) |
	       (w->nx ? _PAGE_NX : 0);
}

/* The first host frame of the 2 MiB around @gfn if they are in one piece, all used now; else 0. */
static u64 large_pfn(struct pvhost_vm *vm, u64 gfn, unsigned long frame)
{
	struct pvhost_slot *slot = pvhost_slot_of(vm, gfn);
	u64 first = gfn & ~(u64)(PTRS_PER_PTE - 1);
	unsigned long start = frame - ((gfn - first) << PAGE_SHIFT);
	unsigned int i;

	if (!IS_ALIGNED(pvhost_frame_pfn(start), PTRS_PER_PTE) ||
	    folio_order(virt_to_folio((void *)frame)) < PMD_SHIFT - PAGE_SHIFT ||
	    first < slot->base || first + PTRS_PER_PTE > slot->base + slot->npages)
		return 0;
	for (i = 0; i < PTRS_PER_PTE; i++)
		if (pvhost_frame_use(pvhost_frame_at(slot, first + i)) != start + i * PAGE_SIZE)
			return 0;
	return pvhost_frame_pfn(start);
}

static int set_large(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr,
		     const struct pvhost_walk *w, unsigned long frame, u64 prot)
{
	u64 pfn;

	if (!boot_cpu_has(X86_FEATURE_PSE))
		return -EEXIST;
	pfn = large_pfn(v->vm, w->gpa >> PAGE_SHIFT, frame);
	if (!pfn)
		return -EEXIST;
	return pvhost_shadow_set_large(space, addr, pfn, prot);
}

/*
 * The neighbours of a page in a large leaf of the guest: same rights, and no walk
 * needed. Only pages the host has already.
 */
static void fill_around(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr,
			const struct pvhost_walk *w, u64 prot)
{
	u64 start = addr & ~((u64)AROUND * PAGE_SIZE - 1);
	u64 gpa = w->gpa - ((addr & PAGE_MASK) - start);
	bool writable;
	unsigned int i;

	for (i = 0; i < AROUND; i++, start += PAGE_SIZE, gpa += PAGE_SIZE) {
		unsigned long frame = gfn_frame(v->vm, gpa >> PAGE_SHIFT, &writable);

		if (frame && (writable || !(prot & _PAGE_RW)) &&
		    pvhost_shadow_add(space, start, pvhost_frame_pfn(frame), prot))
			v->stats.around++;
	}
}

/* Enter what a walk has found. */
static __always_inline int enter(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr,
				 const struct pvhost_walk *w, struct lack *lack)
{
	unsigned long frame;
	bool writable;
	u64 prot;
	int ret;

	frame = gfn_frame(v->vm, w->gpa >> PAGE_SHIFT, &writable);
	if (unlikely(!frame)) {
		lack->gfn = w->gpa >> PAGE_SHIFT;
		lack->huge = w->level;
		return -ENXIO;
	}
	if (w->write && !writable)
		return -EPERM;
	prot = leaf_prot(w, writable);
	if (unlikely(w->level)) {
		ret = set_large(v, space, addr, w, frame, prot);
		if (ret != -EEXIST) {
			lack->huge = true;
			v->stats.fills_2m += !ret;
			return ret;
		}
	}
	lack->huge = false;
	ret = pvhost_shadow_set(space, addr & PAGE_MASK, pvhost_frame_pfn(frame), prot);
	if (ret == 0 && w->level)
		fill_around(v, space, addr, w, prot);
	return ret;
}

/* One attempt under the lock. */
static __always_inline int try_fill(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr,
				    struct pvhost_walk *w, struct lack *lack, bool used)
{
	struct pvhost_vm *vm = v->vm;
	int ret;

	read_lock(&vm->mmu_lock);
	/* One that has been dropped is no longer looked at when pages go. */
	if (!used && hlist_unhashed(&space->hash)) {
		read_unlock(&vm->mmu_lock);
		return -EFAULT;
	}
	ret = pvhost_walk(w, addr, map_table, vm, &v->path, vm->walk_seq);
	if (likely(!ret)) {
		ret = enter(v, space, addr, w, lack);
	} else if (ret == -ENXIO) {
		lack->gfn = w->missing >> PAGE_SHIFT;
		lack->huge = false;
	}
	read_unlock(&vm->mmu_lock);
	return ret;
}

/* Get what an attempt lacked; 0 if another may succeed. */
static int supply(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr, int why,
		  const struct lack *lack)
{
	int ret;

	if (signal_pending(current))
		return -EINTR;
	switch (why) {
	case -ENXIO:
		/* Memory the guest does not have is a fault like any other. */
		if (!pvhost_gfn_valid(v->vm, lack->gfn))
			return -EFAULT;
		ret = pvhost_pin(v->vm, lack->gfn, lack->huge);
		if (ret == -ENXIO)
			v->run->fault.addr = lack->gfn << PAGE_SHIFT;
		return ret;
	case -EAGAIN:
		return pvhost_shadow_tables(space, addr, lack->huge);
	case -EEXIST:
		/* An entry of 2 MiB that is to be smaller. */
		pvhost_zap_range(space, addr & PMD_MASK, (addr & PMD_MASK) + PMD_SIZE);
		return 0;
	}
	return why;
}

/**
 * pvhost_fill - resolve a shadow miss
 * @v: the vCPU, on its own thread
 * @space: the space
 * @addr: faulting address, below PV_VA_MAX
 * @error: page-fault error code; on -EFAULT what the guest is to see
 *
 * Context: may sleep.
 * Return: 0 the access can be tried again; -EFAULT the guest gets a page fault;
 * -ENXIO its memory has no backing (run->fault.addr); -ENOMEM; -EINTR.
 */
int pvhost_fill(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr,
		unsigned long *error)
{
	struct pvhost_walk w = {
		.root = space->root,
		.kernel = space->kernel,
		.write = *error & X86_PF_WRITE,
		.fetch = *error & X86_PF_INSTR,
		.mark = true,
	};
	struct lack lack;
	int ret;

	if (addr < PV_VA_MIN) {
		*error &= ~X86_PF_PROT;
		return -EFAULT;
	}
	for (;;) {
		ret = try_fill(v, space, addr, &w, &lack, true);
		if (likely(!ret))
			break;
		if (ret == -EFAULT || ret == -EPERM) {
			w.prot |= ret == -EPERM;
			*error = (*error & ~X86_PF_PROT) | (w.prot ? X86_PF_PROT : 0);
			return -EFAULT;
		}
		ret = supply(v, space, addr, ret, &lack);
		if (ret) {
			if (ret == -EFAULT)
				*error |= X86_PF_PROT;
			return ret;
		}
	}
	v->stats.fills++;
	trace_pvhost_fill(v, addr, *error, w.gpa);
	return 0;
}

/* Copy bytes of one page as an instruction fetch sees them; as try_fill(). */
static int try_fetch(struct pvhost_vcpu *v, u64 addr, struct pvhost_walk *w, u8 *buf,
		     unsigned int len, struct lack *lack)
{
	struct pvhost_vm *vm = v->vm;
	unsigned long frame;
	bool writable;
	int ret;

	lack->huge = false;
	read_lock(&vm->mmu_lock);
	ret = pvhost_walk(w, addr, map_table, vm, &v->path, vm->walk_seq);
	lack->gfn = (ret == -ENXIO ? w->missing : w->gpa) >> PAGE_SHIFT;
	if (!ret) {
		frame = gfn_frame(vm, lack->gfn, &writable);
		if (frame)
			memcpy(buf, (void *)frame + offset_in_page(addr), len);
		else
			ret = -ENXIO;
	}
	read_unlock(&vm->mmu_lock);
	return ret;
}

/**
 * pvhost_fetch - read code of the guest
 * @v: the vCPU, on its own thread
 * @space: the space
 * @addr: where
 * @buf: where to
 * @len: number of bytes
 *
 * Context: may sleep.
 * Return: 0; -EFAULT if it cannot be executed; else as pvhost_fill().
 */
int pvhost_fetch(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr, u8 *buf,
		 unsigned int len)
{
	struct pvhost_walk w = {
		.root = space->root,
		.kernel = space->kernel,
		.fetch = true,
		.mark = true,
	};
	struct lack lack;
	int ret = 0;

	while (len && !ret) {
		unsigned int n = min_t(u64, len, PAGE_SIZE - offset_in_page(addr));

		if (addr < PV_VA_MIN || addr >= PV_VA_MAX)
			return -EFAULT;
		ret = try_fetch(v, addr, &w, buf, n, &lack);
		if (ret == -ENXIO) {
			ret = supply(v, space, addr, ret, &lack);
			continue;
		}
		addr += n;
		buf += n;
		len -= n;
	}
	return ret;
}

/* Fill one announced page; errors only mean that it is not filled. */
static int announce_page(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr)
{
	struct pvhost_walk w = {
		.root = space->root,
		.kernel = space->kernel,
	};
	struct lack lack;
	int ret;

	do {
		ret = try_fill(v, space, addr, &w, &lack, false);
		if (!ret) {
			v->stats.announced++;
			return 0;
		}
		if (ret == -EFAULT || ret == -EPERM)
			return 0;
		ret = supply(v, space, addr, ret, &lack);
	} while (!ret);
	return ret;
}

/**
 * pvhost_announce - fill what the guest has just mapped
 * @v: the vCPU, on its own thread
 * @space: the space
 * @va: first address
 * @npages: number of pages; PV_MAX_RANGE are looked at
 *
 * Context: may sleep.
 * Return: 0, -EINVAL.
 */
int pvhost_announce(struct pvhost_vcpu *v, struct pvhost_space *space, u64 va, u64 npages)
{
	va &= PAGE_MASK;
	npages = min_t(u64, npages, PV_MAX_RANGE);
	if (va < PV_VA_MIN || va >= PV_VA_MAX || va + npages * PAGE_SIZE > PV_VA_MAX)
		return -EINVAL;
	for (; npages; npages--, va += PAGE_SIZE)
		if (announce_page(v, space, va) < 0)
			break;
	return 0;
}

static int flush_bounds(u64 *va, u64 *end, u64 npages)
{
	if (npages == PV_ANY) {
		*va = PV_VA_MIN;
		*end = PV_VA_MAX;
		return 0;
	}
	*va &= PAGE_MASK;
	if (*va >= PV_VA_MAX || npages > (PV_VA_MAX - *va) >> PAGE_SHIFT)
		return -EINVAL;
	*end = *va + (npages << PAGE_SHIFT);
	*va = max_t(u64, *va, PV_VA_MIN);
	return 0;
}

/**
 * pvhost_flush_space - PV_RANGE_FLUSH
 * @v: the vCPU
 * @space: the space, which the vCPU uses
 * @va: first address
 * @npages: number of pages, or PV_ANY
 *
 * Return: 0, -EINVAL.
 */
int pvhost_flush_space(struct pvhost_vcpu *v, struct pvhost_space *space, u64 va, u64 npages)
{
	u64 end;

	if (flush_bounds(&va, &end, npages))
		return -EINVAL;
	v->stats.flushes++;
	pvhost_zap_range(space, va, end);
	return 0;
}

static void flush_view(struct pvhost_vm *vm, u64 root, bool kernel, u64 va, u64 end)
{
	struct pvhost_space *space = pvhost_space_find(vm, root, kernel);

	if (!space)
		return;
	pvhost_zap_range(space, va, end);
	pvhost_space_put(space);
}

/**
 * pvhost_flush - PV_HC_FLUSH
 * @v: the vCPU
 * @root: gpa of a page-table root, or PV_ANY
 * @va: first address
 * @npages: number of pages, or PV_ANY
 *
 * Context: may sleep. On return no CPU uses an old translation.
 * Return: 0, -EINVAL.
 */
int pvhost_flush(struct pvhost_vcpu *v, u64 root, u64 va, u64 npages)
{
	struct pvhost_space *space = NULL;
	unsigned int bucket = -1;
	u64 end;

	if (flush_bounds(&va, &end, npages))
		return -EINVAL;
	v->stats.flushes++;
	if (root == PV_ANY) {
		while ((space = pvhost_next_space(v->vm, &bucket, space)))
			pvhost_zap_range(space, va, end);
		return 0;
	}
	flush_view(v->vm, root, true, va, end);
	flush_view(v->vm, root, false, va, end);
	return 0;
}
