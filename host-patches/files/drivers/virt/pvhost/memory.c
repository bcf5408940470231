// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest physical memory: slots of the launcher's address space, pinned page by
 * page on first use.
 *
 * A page is pinned, and counted against RLIMIT_MEMLOCK, as long as a shadow entry
 * or the host itself may use it: until its slot goes, the guest discards it, or the
 * launcher changes its mapping (the MMU notifier). Only shared memory can be a slot
 * (memfd, shared anonymous memory, hugetlb): it stays the same page for everybody
 * who maps it, and it is charged to the launcher's memory cgroup by whoever
 * allocates it. A page leaves in this order: tagged in slot->frames, out of all
 * shadows and TLBs, unpinned.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/capability.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

/* Pages looked at under one hold of mmu_lock. */
#define CHUNK		1024
/* More pages than this are not looked for one by one in the shadows. */
#define MAX_BATCH	512

static bool charge(struct mm_struct *mm, unsigned long n)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	if (atomic64_add_return(n, &mm->pinned_vm) <= limit || capable(CAP_IPC_LOCK))
		return true;
	atomic64_sub(n, &mm->pinned_vm);
	return false;
}

static void uncharge(struct mm_struct *mm, unsigned long n)
{
	atomic64_sub(n, &mm->pinned_vm);
}

static void unpin_page(struct pvhost_vm *vm, struct pvhost_slot *slot, struct page *page)
{
	struct folio *folio = page_folio(page);

	/* Shared memory has no writeback that a missing lock could race with. */
	if (slot->writable && !folio_test_dirty(folio))
		folio_mark_dirty(folio);
	unpin_user_page(page);
	uncharge(vm->mm, 1);
	atomic_long_dec(&vm->nr_pages);
}

/* What a walk remembers may be about to go; mmu_lock is held for writing. */
static void forget_walks(struct pvhost_vm *vm)
{
	if (!++vm->walk_seq)
		vm->walk_seq = 1;
}

/*
 * Make the pages of [@gfn, @end) of a slot unusable: they stay in the table, with
 * a tag that lookups understand. Their frame numbers are collected, up to MAX_BATCH.
 */
static unsigned long tag_pages(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end,
			       unsigned long *pfns)
{
	unsigned long n = 0;
	u64 stop;

	while (gfn < end) {
		stop = min(end, gfn + CHUNK);
		write_lock(&vm->mmu_lock);
		forget_walks(vm);
		for (; gfn < stop; gfn++) {
			unsigned long *frame = &slot->frames[gfn - slot->base];

			if (!pvhost_frame_usable(*frame))
				continue;
			if (pfns && n < MAX_BATCH)
				pfns[n] = pvhost_frame_pfn(*frame);
			n++;
			WRITE_ONCE(*frame, *frame | PVHOST_FRAME_TAG);
		}
		write_unlock(&vm->mmu_lock);
		cond_resched();
	}
	return n;
}

/* Give tagged pages back; nothing maps them any more. */
static void unpin_tagged(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end)
{
	for (; gfn < end; gfn++) {
		unsigned long *frame = &slot->frames[gfn - slot->base];

		if (!(gfn % CHUNK))
			cond_resched();
		if (!(*frame & PVHOST_FRAME_TAG))
			continue;
		unpin_page(vm, slot, virt_to_page((void *)(*frame & PAGE_MASK)));
		WRITE_ONCE(*frame, 0);
	}
}

/*
 * Remove the pages of a range of a slot from the guest. No page is added
 * meanwhile: the slot is out of the table, or an invalidation is under way, or the
 * launcher is gone. drop_lock is held: a tag is the caller's, and whoever finds
 * nothing to drop knows that nothing is mapped.
 */
static unsigned long drop_pages(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end)
{
	unsigned long *pfns, n;

	lockdep_assert_held(&vm->drop_lock);
	pfns = kmalloc_array(MAX_BATCH, sizeof(*pfns), GFP_NOWAIT | __GFP_NOWARN);
	n = tag_pages(vm, slot, gfn, end, pfns);
	if (n) {
		if (pfns && n <= MAX_BATCH)
			pvhost_zap_pfns(vm, pfns, n);
		else
			pvhost_zap_pfns(vm, NULL, 0);
		unpin_tagged(vm, slot, gfn, end);
	}
	kfree(pfns);
	return n;
}

static void drop_slot(struct pvhost_vm *vm, struct pvhost_slot *slot)
{
	mutex_lock(&vm->drop_lock);
	drop_pages(vm, slot, slot->base, slot->base + slot->npages);
	mutex_unlock(&vm->drop_lock);
}

/* ---- the launcher changes its mappings ---- */

static bool overlap(struct pvhost_slot *slot, unsigned long start, unsigned long end,
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

static struct pvhost_slot *nth_slot(struct pvhost_vm *vm, unsigned int n)
{
	struct pvhost_slot *slot;

	read_lock(&vm->mmu_lock);
	slot = n < vm->nr_slots ? vm->slots[n] : NULL;
	read_unlock(&vm->mmu_lock);
	return slot;
}

/*
 * Invalidation is under way: take_slot() waits for its end, so that the slots stay. One
 * that comes meanwhile moves the others up, and has no pages yet.
 */
static void drop_range(struct pvhost_vm *vm, unsigned long start, unsigned long end)
{
	struct pvhost_slot *slot;
	unsigned long dropped = 0;
	unsigned int i;
	u64 gfn, last;

	for (i = 0; (slot = nth_slot(vm, i)); i++)
		if (overlap(slot, start, end, &gfn, &last))
			dropped += drop_pages(vm, slot, gfn, last);
	if (!dropped)
		return;
	write_lock(&vm->mmu_lock);
	vm->invalidations++;
	write_unlock(&vm->mmu_lock);
}

static int invalidate_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct pvhost_vm *vm = container_of(mn, struct pvhost_vm, mn);

	write_lock(&vm->mmu_lock);
	vm->invalidate_seq++;
	vm->invalidating++;
	write_unlock(&vm->mmu_lock);
	/* Only private memory is reaped by those who may not sleep, and none is a guest's. */
	if (!mmu_notifier_range_blockable(range))
		return 0;
	/* Two ways may lead to the same page: by its mapping and by its file. */
	mutex_lock(&vm->drop_lock);
	drop_range(vm, range->start, range->end);
	mutex_unlock(&vm->drop_lock);
	return 0;
}

static void invalidate_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct pvhost_vm *vm = container_of(mn, struct pvhost_vm, mn);

	write_lock(&vm->mmu_lock);
	vm->invalidate_seq++;
	vm->invalidating--;
	write_unlock(&vm->mmu_lock);
	wake_up_var(&vm->invalidating);
}

/* The launcher is gone: no thread of it can run a vCPU any more. */
static void launcher_gone(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct pvhost_vm *vm = container_of(mn, struct pvhost_vm, mn);
	unsigned int i;

	for (i = 0; i < vm->nr_slots; i++)
		if (!vm->slots[i]->fixed)
			drop_slot(vm, vm->slots[i]);
}

const struct mmu_notifier_ops pvhost_mmu_notifier_ops = {
	.invalidate_range_start = invalidate_start,
	.invalidate_range_end = invalidate_end,
	.release = launcher_gone,
};

static bool quiet(struct pvhost_vm *vm)
{
	return !READ_ONCE(vm->invalidating);
}

/* ---- taking pages ---- */

/* Pin @n pages at @hva; all or none. */
static int pin_pages(struct pvhost_slot *slot, unsigned long hva, unsigned int n,
		     struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | (slot->writable ? FOLL_WRITE : 0);
	long got;
	u32 pkru;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	pkru = pvhost_own_pkru();
	got = pin_user_pages(hva, n, flags, pages);
	pvhost_guest_pkru(pkru);
	mmap_read_unlock(current->mm);
	if (got == n)
		return 0;
	if (got > 0)
		unpin_user_pages(pages, got);
	if (fatal_signal_pending(current))
		return -EINTR;
	return got == -ENOMEM ? -ENOMEM : -ENXIO;
}

/* Enter @n pinned pages unless the launcher's mappings have changed since @seq. */
static bool install_pages(struct pvhost_vm *vm, u64 gfn, unsigned int n, struct page **pages,
			  unsigned long seq, unsigned int *used)
{
	struct pvhost_slot *slot;
	unsigned int i;
	bool ok = false;

	*used = 0;
	write_lock(&vm->mmu_lock);
	slot = pvhost_slot_of(vm, gfn);
	if (vm->invalidate_seq == seq && !vm->invalidating && slot && !slot->fixed &&
	    gfn + n <= slot->base + slot->npages) {
		for (i = 0; i < n; i++) {
			unsigned long *frame = &slot->frames[gfn - slot->base + i];

			if (*frame)
				continue;
			WRITE_ONCE(*frame, (unsigned long)page_address(pages[i]));
			pages[i] = NULL;
			(*used)++;
		}
		ok = true;
	}
	write_unlock(&vm->mmu_lock);
	return ok;
}

static void release_rest(struct pvhost_vm *vm, struct page **pages, unsigned int n,
			 unsigned int used)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (pages[i])
			unpin_user_page(pages[i]);
	uncharge(vm->mm, n - used);
	atomic_long_add(used, &vm->nr_pages);
}

/* Private memory would be copied when somebody writes, behind the guest's back. */
static bool any_private(struct page **pages, unsigned int n)
{
	while (n--)
		if (PageAnon(pages[n]))
			return true;
	return false;
}

static int pin_range(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, unsigned int n,
		     struct page **pages, unsigned long seq, bool *large)
{
	unsigned int used;
	int ret;

	if (!charge(vm->mm, n))
		return -ENOMEM;
	ret = pin_pages(slot, slot->hva + ((gfn - slot->base) << PAGE_SHIFT), n, pages);
	if (ret) {
		uncharge(vm->mm, n);
		return ret;
	}
	*large = folio_order(page_folio(pages[0])) >= PMD_SHIFT - PAGE_SHIFT;
	if (any_private(pages, n)) {
		ret = -ENXIO;
		used = 0;
	} else if (!install_pages(vm, gfn, n, pages, seq, &used)) {
		ret = -EAGAIN;
	}
	release_rest(vm, pages, n, used);
	return ret;
}

/* A copy of what is needed of the slot of @gfn; false if there is none to pin in. */
static bool find_slot(struct pvhost_vm *vm, u64 gfn, struct pvhost_slot *copy, unsigned long *seq)
{
	struct pvhost_slot *slot;

	read_lock(&vm->mmu_lock);
	slot = pvhost_slot_of(vm, gfn);
	if (slot)
		*copy = *slot;
	*seq = vm->invalidate_seq;
	read_unlock(&vm->mmu_lock);
	return slot && !copy->fixed;
}

/* The rest of a huge page, so that it can be mapped as one; failure does not matter. */
static void pin_huge(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, unsigned long seq)
{
	u64 first = gfn & ~511ULL;
	struct page **pages;
	bool large;

	if (first < slot->base || first + 512 > slot->base + slot->npages)
		return;
	pages = kmalloc_array(512, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return;
	pin_range(vm, slot, first, 512, pages, seq, &large);
	kfree(pages);
}

/**
 * pvhost_pin - take a page of guest memory
 * @vm: the machine
 * @gfn: guest frame number
 * @huge: the guest maps 2 MiB here: take all of it if the backing is one huge page
 *
 * Context: a thread of the launcher, no locks held, may sleep. The page may be gone
 * again when this returns, and the caller has to look.
 * Return: 0; -ENXIO no such memory, or nothing mapped there; -ENOMEM, also for
 * RLIMIT_MEMLOCK; -EINTR a fatal signal.
 */
int pvhost_pin(struct pvhost_vm *vm, u64 gfn, bool huge)
{
	struct pvhost_slot slot;
	unsigned long seq;
	struct page *page;
	bool large;
	int ret;

	if (current->mm != vm->mm)
		return -ENXIO;
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		wait_var_event_killable(&vm->invalidating, quiet(vm));
		if (!find_slot(vm, gfn, &slot, &seq))
			return -ENXIO;
		ret = pin_range(vm, &slot, gfn, 1, &page, seq, &large);
	} while (ret == -EAGAIN);
	if (!ret && huge && large)
		pin_huge(vm, &slot, gfn, seq);
	return ret;
}

/**
 * pvhost_gfn_valid - is there memory at this frame?
 * @vm: the machine
 * @gfn: guest frame number
 *
 * Context: any but mmu_lock.
 * Return: true if it is in a slot.
 */
bool pvhost_gfn_valid(struct pvhost_vm *vm, u64 gfn)
{
	bool ok;

	read_lock(&vm->mmu_lock);
	ok = pvhost_slot_of(vm, gfn);
	read_unlock(&vm->mmu_lock);
	return ok;
}

/**
 * pvhost_root_ok - can this be the root of page tables?
 * @vm: the machine
 * @root: gpa
 *
 * Context: any but mmu_lock.
 * Return: true if it is a page of the machine's memory.
 */
bool pvhost_root_ok(struct pvhost_vm *vm, u64 root)
{
	return !(root & ~PV_PTE_ADDR) && pvhost_gfn_valid(vm, root >> PAGE_SHIFT);
}

/* Copy from one page; -EAGAIN if it has to be pinned first. */
static int read_page(struct pvhost_vm *vm, u64 gpa, void *buf, size_t len)
{
	struct pvhost_slot *slot;
	unsigned long frame;
	int ret = -EAGAIN;

	read_lock(&vm->mmu_lock);
	slot = pvhost_slot_of(vm, gpa >> PAGE_SHIFT);
	frame = slot ? READ_ONCE(slot->frames[(gpa >> PAGE_SHIFT) - slot->base]) : 0;
	if (pvhost_frame_usable(frame)) {
		memcpy(buf, (void *)frame + offset_in_page(gpa), len);
		ret = 0;
	}
	read_unlock(&vm->mmu_lock);
	return ret;
}

/**
 * pvhost_read_guest - copy guest memory in
 * @vm: the machine
 * @gpa: guest physical address
 * @buf: where to
 * @len: bytes
 *
 * Context: a thread of the launcher, may sleep.
 * Return: 0, or as pvhost_pin().
 */
int pvhost_read_guest(struct pvhost_vm *vm, u64 gpa, void *buf, size_t len)
{
	while (len) {
		size_t n = min_t(size_t, len, PAGE_SIZE - offset_in_page(gpa));
		int ret = read_page(vm, gpa, buf, n);

		if (ret == -EAGAIN) {
			ret = pvhost_pin(vm, gpa >> PAGE_SHIFT, false);
			if (ret)
				return ret;
			continue;
		}
		gpa += n;
		buf += n;
		len -= n;
	}
	return 0;
}

/* ---- slots ---- */

static void insert_slot(struct pvhost_vm *vm, struct pvhost_slot *slot, unsigned int id)
{
	write_lock(&vm->mmu_lock);
	memmove(&vm->slots[1], &vm->slots[0], vm->nr_slots * sizeof(vm->slots[0]));
	memmove(&vm->slot_ids[1], &vm->slot_ids[0], vm->nr_slots * sizeof(vm->slot_ids[0]));
	vm->slots[0] = slot;
	vm->slot_ids[0] = id;
	vm->nr_slots++;
	write_unlock(&vm->mmu_lock);
}

static void free_slot(struct pvhost_slot *slot)
{
	kvfree(slot->frames);
	kfree(slot);
}

/* Take a slot out when no notifier is looking at it. */
static struct pvhost_slot *take_slot(struct pvhost_vm *vm, unsigned int i)
{
	struct pvhost_slot *slot = vm->slots[i];

	for (;;) {
		wait_var_event(&vm->invalidating, quiet(vm));
		write_lock(&vm->mmu_lock);
		if (!vm->invalidating)
			break;
		write_unlock(&vm->mmu_lock);
	}
	forget_walks(vm);
	vm->nr_slots--;
	memmove(&vm->slots[i], &vm->slots[i + 1], (vm->nr_slots - i) * sizeof(vm->slots[0]));
	memmove(&vm->slot_ids[i], &vm->slot_ids[i + 1],
		(vm->nr_slots - i) * sizeof(vm->slot_ids[0]));
	vm->invalidate_seq++;
	write_unlock(&vm->mmu_lock);
	return slot;
}

static int remove_slot(struct pvhost_vm *vm, unsigned int id)
{
	struct pvhost_slot *slot;
	unsigned int i;

	for (i = 0; i < vm->nr_slots; i++)
		if (vm->slot_ids[i] == id)
			break;
	if (i == vm->nr_slots)
		return -ENOENT;
	slot = take_slot(vm, i);
	drop_slot(vm, slot);
	free_slot(slot);
	return 0;
}

static int check_slot(struct pvhost_vm *vm, const struct pvhost_memory *mem)
{
	u64 base = mem->gpa >> PAGE_SHIFT, npages = mem->bytes >> PAGE_SHIFT;
	unsigned int i;

	if (npages > PVHOST_MAX_PAGES || mem->gpa + mem->bytes > PV_PTE_ADDR ||
	    mem->gpa + mem->bytes < mem->gpa ||
	    !access_ok((void __user *)mem->hva, mem->bytes))
		return -EINVAL;
	for (i = 0; i < vm->nr_slots; i++) {
		struct pvhost_slot *slot = vm->slots[i];

		if (base < slot->base + slot->npages && slot->base < base + npages)
			return -EEXIST;
		if (vm->slot_ids[i] == mem->slot)
			return -EEXIST;
	}
	return 0;
}

/* All of it mapped, and shared. */
static int check_backing(const struct pvhost_memory *mem)
{
	unsigned long start = mem->hva, end = mem->hva + mem->bytes;
	struct vm_area_struct *vma;
	int ret = 0;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	while (start < end) {
		vma = vma_lookup(current->mm, start);
		if (!vma || !(vma->vm_flags & VM_SHARED) ||
		    vma->vm_flags & (VM_IO | VM_PFNMAP)) {
			ret = -EINVAL;
			break;
		}
		start = vma->vm_end;
	}
	mmap_read_unlock(current->mm);
	return ret;
}

static struct pvhost_slot *alloc_slot(u64 base, u64 npages)
{
	struct pvhost_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);

	if (!slot)
		return NULL;
	slot->base = base;
	slot->npages = npages;
	slot->writable = true;
	slot->frames = kvcalloc(npages, sizeof(*slot->frames), GFP_KERNEL_ACCOUNT);
	if (slot->frames)
		return slot;
	kfree(slot);
	return NULL;
}

/**
 * pvhost_set_memory - PVHOST_SET_MEMORY
 * @vm: the machine, locked
 * @mem: arguments
 *
 * Return: 0, -EINVAL, -EEXIST overlaps or is set, -ENOENT, -ENOMEM, -EINTR.
 */
int pvhost_set_memory(struct pvhost_vm *vm, const struct pvhost_memory *mem)
{
	struct pvhost_slot *slot;
	int ret;

	if (mem->reserved || mem->slot >= PVHOST_MAX_SLOTS ||
	    (mem->gpa | mem->bytes | mem->hva) & ~PAGE_MASK)
		return -EINVAL;
	if (!mem->bytes)
		return remove_slot(vm, mem->slot);
	ret = check_slot(vm, mem);
	if (!ret)
		ret = check_backing(mem);
	if (ret)
		return ret;
	slot = alloc_slot(mem->gpa >> PAGE_SHIFT, mem->bytes >> PAGE_SHIFT);
	if (!slot)
		return -ENOMEM;
	slot->hva = mem->hva;
	slot->writable = !(mem->flags & PVHOST_MEM_READONLY);
	insert_slot(vm, slot, mem->slot);
	return 0;
}

/**
 * pvhost_add_fixed - make the range of the vCPU pages
 * @vm: the machine, not yet in use
 * @base: first frame
 * @npages: number of frames
 *
 * Return: 0 or -ENOMEM.
 */
int pvhost_add_fixed(struct pvhost_vm *vm, u64 base, u64 npages)
{
	struct pvhost_slot *slot = alloc_slot(base, npages);

	if (!slot)
		return -ENOMEM;
	slot->fixed = true;
	insert_slot(vm, slot, PVHOST_MAX_SLOTS);
	return 0;
}

/**
 * pvhost_fixed_page - the page of a vCPU, made on first use
 * @vm: the machine, locked
 * @index: of the vCPU
 *
 * Return: the page, or NULL for lack of memory.
 */
void *pvhost_fixed_page(struct pvhost_vm *vm, u32 index)
{
	struct pvhost_slot *slot = vm->slots[vm->nr_slots - 1];
	unsigned long frame = slot->frames[index];

	if (!frame) {
		frame = get_zeroed_page(GFP_KERNEL_ACCOUNT);
		WRITE_ONCE(slot->frames[index], frame);
	}
	return (void *)frame;
}

/*
 * Give memory back to where it came from, for good: as much of it as one mapping covers, if
 * the launcher could write there itself. Returns the number of bytes, or -errno.
 */
static loff_t punch(unsigned long hva, unsigned long end)
{
	const unsigned long need = VM_SHARED | VM_WRITE;
	struct vm_area_struct *vma;
	struct file *file = NULL;
	loff_t offset = 0, len = 0;
	int ret;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	vma = vma_lookup(current->mm, hva);
	if (vma && vma->vm_file && (vma->vm_flags & need) == need) {
		offset = ((loff_t)vma->vm_pgoff << PAGE_SHIFT) + (hva - vma->vm_start);
		len = min(end, vma->vm_end) - hva;
		file = get_file(vma->vm_file);
	}
	mmap_read_unlock(current->mm);
	if (!file)
		return -ENXIO;
	ret = vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, len);
	fput(file);
	return ret ?: len;
}

/**
 * pvhost_discard - give guest pages back
 * @vm: the machine
 * @gfn: first frame
 * @npages: number of frames
 *
 * Punching the hole makes the MMU notifier take the pages out of the guest.
 *
 * Context: a thread of the launcher with no guest address space loaded; may sleep.
 * Return: 0, -EINVAL not in one slot, or what the file system says.
 */
int pvhost_discard(struct pvhost_vm *vm, u64 gfn, u64 npages)
{
	unsigned long seq, hva, end;
	struct pvhost_slot slot;
	loff_t done;

	if (!npages || !find_slot(vm, gfn, &slot, &seq) || !slot.writable ||
	    npages > slot.npages - (gfn - slot.base))
		return -EINVAL;
	hva = slot.hva + ((gfn - slot.base) << PAGE_SHIFT);
	for (end = hva + (npages << PAGE_SHIFT); hva < end; hva += done) {
		done = punch(hva, end);
		if (done < 0)
			return done;
		atomic64_add(done >> PAGE_SHIFT, &vm->discards);
	}
	return 0;
}

/**
 * pvhost_memory_free - the end of a machine's memory
 * @vm: the machine; its shadows are gone
 */
void pvhost_memory_free(struct pvhost_vm *vm)
{
	unsigned int i;
	u64 n;

	for (i = 0; i < vm->nr_slots; i++) {
		struct pvhost_slot *slot = vm->slots[i];

		if (slot->fixed) {
			for (n = 0; n < slot->npages; n++)
				free_page(slot->frames[n]);
		} else {
			drop_slot(vm, slot);
		}
		free_slot(slot);
	}
	vm->nr_slots = 0;
}
