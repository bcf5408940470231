// SPDX-License-Identifier: GPL-2.0-only
/*
 * brk(2): the heap that begins behind the program's data.
 */
#include "internal.h"
#include <process.h>
#include <syscall.h>

/* Room for the heap to end at @end, with the guard gap to a stack above it? */
static bool room_for(struct mm *mm, unsigned long from, unsigned long end)
{
	struct vma *next = vma_find(mm, from);
	unsigned long gap = next && (next->flags & VM_GROWSDOWN) ? STACK_GUARD_GAP : 0;

	return !next || end + gap <= next->start;
}

/* The heap's protection. */
static u32 heap_flags(void)
{
	bool exec = current->process->personality & READ_IMPLIES_EXEC;

	return PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0);
}

static bool within_limit(const struct mm *mm, unsigned long brk)
{
	return brk - mm->start_brk + (mm->end_data - mm->start_data) <= rlimit(RLIMIT_DATA);
}

/*
 * mm->lock held. Moves the end of the heap if that is possible; true if
 * the new part is to be populated.
 */
static bool move_brk(struct mm *mm, unsigned long brk, struct list_head *removed)
{
	const u32 flags = heap_flags() | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | mm->def_flags;
	unsigned long old = ALIGN_UP(mm->brk, PAGE_SIZE), new = ALIGN_UP(brk, PAGE_SIZE);
	struct vma *v, *prev;

	if (brk < mm->start_brk || brk > USER_TOP || !within_limit(mm, brk))
		return false;
	if (new <= old) {
		if (new < old && unmap_locked(mm, new, old, removed))
			return false;
		mm->brk = brk;
		return false;
	}
	if (!room_for(mm, old, new) || !mm_may_expand(mm, flags, NULL, (new - old) >> PAGE_SHIFT) ||
	    (new - old) >> PAGE_SHIFT > zone_total_pages())
		return false;
	if ((flags & VM_LOCKED) && !mlock_allowed(mm, (new - old) >> PAGE_SHIFT))
		return false;
	prev = vma_find(mm, old - 1);
	if (prev && prev->start < old && vma_can_extend(prev, old, flags, NULL, 0, NULL)) {
		prev->end = new;
		vma_account(mm, flags, NULL, (long)((new - old) >> PAGE_SHIFT));
	} else {
		v = mm->nr_vmas < MAX_MAP_COUNT ? vma_alloc(mm) : NULL;
		if (!v)
			return false;
		v->start = old;
		v->end = new;
		v->flags = flags;
		vma_insert(mm, v);
	}
	mm->brk = brk;
	return flags & VM_LOCKED;
}

long sys_brk(unsigned long brk)
{
	struct mm *mm = current->mm;
	unsigned long old, now;
	LIST_HEAD(removed);
	bool populate;

	down_write(&mm->lock);
	old = mm->brk;
	populate = move_brk(mm, brk, &removed);
	now = mm->brk;
	up_write(&mm->lock);
	vma_free_list(&removed);
	if (populate)
		(void)mm_populate(mm, ALIGN_UP(old, PAGE_SIZE), ALIGN_UP(now, PAGE_SIZE));
	return (long)now;
}
