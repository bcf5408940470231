// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the launcher, or the host's memory management, does to memory that is a
 * machine's: the MMU notifier.
 *
 * Invalidation: the launcher unmaps, remaps, truncates or protects, or the host
 * migrates, splits, collapses, reclaims. Pages of slots leave the guest before it
 * goes on, and none is pinned there until it has ended. Most invalidations are of
 * other memory, and take one spinlock.
 *
 * Aging: to Linux the pages look idle, for the guest uses them through shadows whose
 * accessed bits nobody looks at. Asked whether a page is young, we say so if it has been
 * USED, and note it. Some time later all that have been noted are made unUSED and
 * removed from the shadows, in one search for all of them. A page that the guest goes on
 * to use is filled again, and is USED; one that it does not is in no shadow, and can
 * be taken from it without a search. It stays pinned: that is about where it is, not about
 * how long. To reclaim a page is to unmap it, and then the pin goes with it.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "internal.h"

/* How long frames wait for others to be aged with them. */
#define AGE_DELAY		(HZ / 4)

/* The frames of a slot that a range of the launcher touches. */
static bool overlap(const struct pvhost_slot *slot, unsigned long start, unsigned long end,
		    u64 *gfn, u64 *last)
{
	unsigned long first = max(start, slot->hva);
	unsigned long stop = min(end, slot->hva + (slot->npages << PAGE_SHIFT));

	if (slot->fixed || first >= stop)
		return false;
	*gfn = slot->base + ((first - slot->hva) >> PAGE_SHIFT);
	*last = slot->base + ((stop - slot->hva + PAGE_SIZE - 1) >> PAGE_SHIFT);
	return true;
}

static bool any_slot(struct pvhost_vm *vm, const struct mmu_notifier_range *range)
{
	unsigned int i;
	u64 gfn, last;

	lockdep_assert_held(&vm->mn_lock);
	for (i = 0; i < vm->nr_slots; i++)
		if (overlap(vm->slots[i], range->start, range->end, &gfn, &last))
			return true;
	return false;
}

/* ---- invalidation ---- */

static void drop_range(struct pvhost_vm *vm, unsigned long start, unsigned long end)
{
	unsigned long dropped = 0;
	unsigned int i;
	u64 gfn, last;

	/* Two ways may lead to the same page: by its mapping and by its file. */
	mutex_lock(&vm->drop_lock);
	for (i = 0; i < vm->nr_slots; i++)
		if (overlap(vm->slots[i], start, end, &gfn, &last))
			dropped += pvhost_drop_pages(vm, vm->slots[i], gfn, last);
	mutex_unlock(&vm->drop_lock);
	if (!dropped)
		return;
	write_lock(&vm->mmu_lock);
	vm->invalidations++;
	write_unlock(&vm->mmu_lock);
}

/* In debugging kernels: nothing is pinned in the range. */
static void check_unpinned(struct pvhost_vm *vm, unsigned long start, unsigned long end)
{
	unsigned int i;
	u64 gfn, last;

	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		return;
	read_lock(&vm->mmu_lock);
	for (i = 0; i < vm->nr_slots; i++)
		if (overlap(vm->slots[i], start, end, &gfn, &last))
			for (; gfn < last; gfn++)
				WARN_ON_ONCE(pvhost_frame_usable(*pvhost_frame_at(vm->slots[i],
										  gfn)));
	read_unlock(&vm->mmu_lock);
}

static int invalidate_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct pvhost_vm *vm = container_of(mn, struct pvhost_vm, mn);
	bool ours;

	spin_lock(&vm->mn_lock);
	vm->active++;
	ours = any_slot(vm, range);
	spin_unlock(&vm->mn_lock);
	/* The slots stay as they are until invalidate_end(). */
	if (!ours)
		return 0;
	write_lock(&vm->mmu_lock);
	vm->invalidate_seq++;
	vm->invalidating++;
	write_unlock(&vm->mmu_lock);
	/*
	 * Only the OOM reaper may not wait, and it takes private memory only: of that we
	 * pin none, and what was there before has gone when it was mapped.
	 */
	if (mmu_notifier_range_blockable(range))
		drop_range(vm, range->start, range->end);
	else
		check_unpinned(vm, range->start, range->end);
	return 0;
}

static void invalidate_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct pvhost_vm *vm = container_of(mn, struct pvhost_vm, mn);
	bool ours, last;

	spin_lock(&vm->mn_lock);
	ours = any_slot(vm, range);
	spin_unlock(&vm->mn_lock);
	if (ours) {
		write_lock(&vm->mmu_lock);
		vm->invalidate_seq++;
		vm->invalidating--;
		write_unlock(&vm->mmu_lock);
	}
	/* Only now may the slots change. */
	spin_lock(&vm->mn_lock);
	last = !--vm->active;
	spin_unlock(&vm->mn_lock);
	/* Whoever waits has queued himself before he looked: so look at the queue after. */
	smp_mb();
	if (ours)
		wake_up_var(&vm->invalidating);
	if (last)
		wake_up_var(&vm->active);
}

static bool no_invalidation(struct pvhost_vm *vm)
{
	return !READ_ONCE(vm->active);
}

/**
 * pvhost_wait_slots - wait for a moment in which the slots can change
 * @vm: the machine
 *
 * It may have passed when this returns: only vm->active under mn_lock tells.
 *
 * Context: may sleep; no locks held but vm->lock.
 * Return: 0, or -EINTR for a fatal signal.
 */
int pvhost_wait_slots(struct pvhost_vm *vm)
{
	return wait_var_event_killable(&vm->active, no_invalidation(vm)) ? -EINTR : 0;
}

/* The launcher is gone: no thread of it can run a vCPU any more. */
static void launcher_gone(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct pvhost_vm *vm = container_of(mn, struct pvhost_vm, mn);

	drop_range(vm, 0, ULONG_MAX);
}

/* ---- aging ---- */

/* Note a frame that is to be aged; there may be no room. */
static void note_frame(struct pvhost_vm *vm, u64 gfn, unsigned long *frame)
{
	unsigned int n;

	spin_lock(&vm->aged_lock);
	n = vm->nr_aged;
	if (n < PVHOST_AGED) {
		vm->aged[0][n] = gfn;
		vm->nr_aged = n + 1;
		set_bit(ilog2(PVHOST_FRAME_QUEUED), frame);
	}
	spin_unlock(&vm->aged_lock);
	if (!n)
		queue_delayed_work(system_unbound_wq, &vm->age_work, AGE_DELAY);
}

/* Is any page of a range of the launcher in use by the guest? */
static bool young(struct pvhost_vm *vm, unsigned long start, unsigned long end, bool age)
{
	bool used = false;
	unsigned int i;
	u64 gfn, last;

	read_lock(&vm->mmu_lock);
	for (i = 0; i < vm->nr_slots; i++) {
		if (!overlap(vm->slots[i], start, end, &gfn, &last))
			continue;
		for (; gfn < last; gfn++) {
			unsigned long *frame = pvhost_frame_at(vm->slots[i], gfn);
			unsigned long value = READ_ONCE(*frame);

			if (!pvhost_frame_usable(value) || !(value & PVHOST_FRAME_USED))
				continue;
			used = true;
			if (age && !(value & PVHOST_FRAME_QUEUED))
				note_frame(vm, gfn, frame);
		}
	}
	read_unlock(&vm->mmu_lock);
	return used;
}

static int clear_young(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long start,
		       unsigned long end)
{
	return young(container_of(mn, struct pvhost_vm, mn), start, end, true);
}

static int test_young(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long addr)
{
	return young(container_of(mn, struct pvhost_vm, mn), addr, addr + PAGE_SIZE, false);
}

/* Exchange the lists; returns the full one. */
static u64 *take_noted(struct pvhost_vm *vm, unsigned int *n)
{
	u64 *noted;

	spin_lock(&vm->aged_lock);
	noted = vm->aged[0];
	*n = vm->nr_aged;
	swap(vm->aged[0], vm->aged[1]);
	vm->nr_aged = 0;
	spin_unlock(&vm->aged_lock);
	return noted;
}

/* Make noted frames unUSED; what they are is put in their place. */
static unsigned int forget_frames(struct pvhost_vm *vm, u64 *noted, unsigned int n)
{
	unsigned int i, found = 0;

	lockdep_assert_held(&vm->drop_lock);
	write_lock(&vm->mmu_lock);
	for (i = 0; i < n; i++) {
		struct pvhost_slot *slot = pvhost_slot_of(vm, noted[i]);
		unsigned long *frame = slot ? pvhost_frame_at(slot, noted[i]) : NULL;

		if (!frame || slot->fixed || !pvhost_frame_usable(*frame))
			continue;
		if (*frame & PVHOST_FRAME_USED)
			noted[found++] = pvhost_frame_pfn(*frame);
		WRITE_ONCE(*frame, *frame & ~(PVHOST_FRAME_USED | PVHOST_FRAME_QUEUED));
	}
	write_unlock(&vm->mmu_lock);
	return found;
}

/*
 * A frame that is not USED is in no shadow: it is made so first, and what is entered from then
 * on says USED again. No page goes meanwhile (drop_lock), so that nobody relies on it before
 * it is true.
 */
static void age(struct work_struct *work)
{
	struct pvhost_vm *vm = container_of(work, struct pvhost_vm, age_work.work);
	unsigned int n;
	u64 *noted;

	BUILD_BUG_ON(sizeof(*noted) != sizeof(unsigned long));
	mutex_lock(&vm->drop_lock);
	noted = take_noted(vm, &n);
	n = forget_frames(vm, noted, n);
	if (n)
		pvhost_zap_pfns(vm, (unsigned long *)noted, n);
	mutex_unlock(&vm->drop_lock);
}

/* ---- beginning and end ---- */

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = invalidate_start,
	.invalidate_range_end = invalidate_end,
	.clear_flush_young = clear_young,
	.clear_young = clear_young,
	.test_young = test_young,
	.release = launcher_gone,
};

static void free_lists(struct pvhost_vm *vm)
{
	kfree(vm->aged[0]);
	kfree(vm->aged[1]);
}

/**
 * pvhost_notifier_init - begin to hear of the launcher's memory
 * @vm: the machine, not yet in use
 *
 * Context: a thread of the launcher; may sleep.
 * Return: 0, -ENOMEM, -EINTR; then there is nothing to undo.
 */
int pvhost_notifier_init(struct pvhost_vm *vm)
{
	int i, ret = -ENOMEM;

	INIT_DELAYED_WORK(&vm->age_work, age);
	for (i = 0; i < 2; i++) {
		vm->aged[i] = kcalloc(PVHOST_AGED, sizeof(*vm->aged[i]), GFP_KERNEL_ACCOUNT);
		if (!vm->aged[i])
			goto err;
	}
	vm->mn.ops = &notifier_ops;
	ret = mmu_notifier_register(&vm->mn, current->mm);
	if (!ret)
		return 0;
err:
	free_lists(vm);
	return ret;
}

/**
 * pvhost_notifier_exit - hear no more of it
 * @vm: the machine; its shadows are still there, its vCPUs are not
 *
 * Context: may sleep.
 */
void pvhost_notifier_exit(struct pvhost_vm *vm)
{
	mmu_notifier_unregister(&vm->mn, vm->mm);
	cancel_delayed_work_sync(&vm->age_work);
	free_lists(vm);
}
