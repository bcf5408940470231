// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest physical memory: slots of the launcher's address space, pinned page by
 * page on first use.
 *
 * A page is pinned, and counted against RLIMIT_MEMLOCK, as long as a shadow entry
 * or the host itself may use it: until its slot goes, the guest discards it, or the
 * launcher's mapping changes (notifier.c). Only shared memory can be a slot (memfd,
 * shared anonymous memory, hugetlb): it stays the same page for everybody who maps
 * it, and it is charged to the launcher's memory cgroup by whoever allocates it. That is
 * looked at when a slot is made, and again when a page is pinned, for the launcher may
 * have mapped something else there meanwhile.
 *
 * A page leaves in this order: tagged in slot->frames, out of all shadows and TLBs,
 * unpinned. Pages that have not been USED since the shadows were last made to forget
 * them are in none, and need not be looked for.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/capability.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/lockdep.h>
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

	lockdep_assert_held(&vm->drop_lock);
	/* Shared memory has no writeback that a missing lock could race with. */
	if (slot->writable && !folio_test_dirty(folio))
		folio_mark_dirty(folio);
	unpin_user_page(page);
	uncharge(vm->mm, 1);
	atomic_long_dec(&vm->nr_pages);
}

/**
 * pvhost_forget_walks - what walks remember may be about to go
 * @vm: the machine
 *
 * Context: mmu_lock is held for writing.
 */
void pvhost_forget_walks(struct pvhost_vm *vm)
{
	lockdep_assert_held_write(&vm->mmu_lock);
	if (!++vm->walk_seq)
		vm->walk_seq = 1;
}

/**
 * struct drop - pages on their way out
 * @pages: how many
 * @used: how many of them may be in shadows
 * @wanted: how many are looked for there: those, in debugging kernels the others as well
 * @pfns: the host frames of those, as far as there is room for them
 */
struct drop {
	unsigned long pages;
	unsigned long used;
	unsigned long wanted;
	unsigned long *pfns;
};

/*
 * Make the pages of [@gfn, @end) of a slot unusable: they stay in the table, with
 * a tag that lookups understand.
 */
static void tag_pages(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end,
		      struct drop *d)
{
	u64 stop;

	while (gfn < end) {
		stop = min(end, gfn + CHUNK);
		write_lock(&vm->mmu_lock);
		pvhost_forget_walks(vm);
		for (; gfn < stop; gfn++) {
			unsigned long *frame = pvhost_frame_at(slot, gfn);

			if (!pvhost_frame_usable(*frame))
				continue;
			d->pages++;
			if (*frame & PVHOST_FRAME_USED)
				d->used++;
			if (*frame & PVHOST_FRAME_USED || IS_ENABLED(CONFIG_DEBUG_VM)) {
				if (d->pfns && d->wanted < MAX_BATCH)
					d->pfns[d->wanted] = pvhost_frame_pfn(*frame);
				d->wanted++;
			}
			WRITE_ONCE(*frame, *frame | PVHOST_FRAME_TAG);
		}
		write_unlock(&vm->mmu_lock);
		cond_resched();
	}
}

static bool has_frame(const struct drop *d, unsigned long frame)
{
	unsigned long i;

	for (i = 0; i < d->wanted; i++)
		if (d->pfns[i] == pvhost_frame_pfn(frame))
			return true;
	return false;
}

/*
 * In debugging kernels: what was in a shadow though it was not USED can only have been entered
 * for another frame that is the same page of the host.
 */
static void check_used(struct pvhost_vm *vm, const struct drop *d, bool found)
{
	bool other = false;
	unsigned int i;
	u64 n;

	if (!IS_ENABLED(CONFIG_DEBUG_VM) || !found || d->used)
		return;
	read_lock(&vm->mmu_lock);
	for (i = 0; i < vm->nr_slots; i++)
		for (n = 0; n < vm->slots[i]->npages && !other; n++)
			other = vm->slots[i]->frames[n] & PVHOST_FRAME_USED &&
				has_frame(d, vm->slots[i]->frames[n]);
	read_unlock(&vm->mmu_lock);
	WARN_ON_ONCE(!other);
}

/* Give tagged pages back; nothing maps them any more. */
static void unpin_tagged(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end)
{
	for (; gfn < end; gfn++) {
		unsigned long *frame = pvhost_frame_at(slot, gfn);

		if (!(gfn % CHUNK))
			cond_resched();
		if (!(*frame & PVHOST_FRAME_TAG))
			continue;
		unpin_page(vm, slot, virt_to_page((void *)pvhost_frame_addr(*frame)));
		WRITE_ONCE(*frame, 0);
	}
}

/**
 * pvhost_drop_pages - take the pages of a range of a slot from the guest
 * @vm: the machine
 * @slot: the slot
 * @gfn: first frame, in the slot
 * @end: end of the range, at most the slot's
 *
 * No page is added meanwhile: the slot is out of the table, or an invalidation is under
 * way, or the launcher is gone.
 *
 * Context: drop_lock is held: a tag is the caller's, and whoever finds nothing to drop knows
 * that nothing is mapped. May sleep. On return no CPU uses any of them.
 * Return: how many there were.
 */
unsigned long pvhost_drop_pages(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end)
{
	struct drop d = {};

	lockdep_assert_held(&vm->drop_lock);
	d.pfns = kmalloc_array(MAX_BATCH, sizeof(*d.pfns), GFP_NOWAIT | __GFP_NOWARN);
	tag_pages(vm, slot, gfn, end, &d);
	if (d.wanted && d.pfns && d.wanted <= MAX_BATCH)
		check_used(vm, &d, pvhost_zap_pfns(vm, d.pfns, d.wanted));
	else if (d.wanted)
		pvhost_zap_pfns(vm, NULL, 0);
	if (d.pages)
		unpin_tagged(vm, slot, gfn, end);
	kfree(d.pfns);
	return d.pages;
}

static void drop_slot(struct pvhost_vm *vm, struct pvhost_slot *slot)
{
	mutex_lock(&vm->drop_lock);
	pvhost_drop_pages(vm, slot, slot->base, slot->base + slot->npages);
	mutex_unlock(&vm->drop_lock);
}

static bool quiet(struct pvhost_vm *vm)
{
	return !READ_ONCE(vm->invalidating);
}

/* ---- taking pages ---- */

/*
 * Is all of a range of the launcher memory that is the same for all who map it? Files on
 * disks are not: whoever writes them back has to hear of each write first.
 */
static bool backing_ok(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;

	mmap_assert_locked(current->mm);
	for (; start < end; start = vma->vm_end) {
		vma = vma_lookup(current->mm, start);
		if (!vma || !(vma->vm_flags & VM_SHARED) ||
		    vma->vm_flags & (VM_IO | VM_PFNMAP) ||
		    !(vma_is_shmem(vma) || is_vm_hugetlb_page(vma)))
			return false;
	}
	return true;
}

/* Pin @n pages at @hva; all or none. */
static int pin_pages(struct pvhost_slot *slot, unsigned long hva, unsigned int n,
		     struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | (slot->writable ? FOLL_WRITE : 0);
	long got = 0;
	u32 pkru;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	if (backing_ok(hva, hva + n * PAGE_SIZE)) {
		pkru = pvhost_own_pkru();
		got = pin_user_pages(hva, n, flags, pages);
		pvhost_guest_pkru(pkru);
	}
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
			unsigned long *frame = pvhost_frame_at(slot, gfn + i);

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

/* What is mapped there is what has been promised; it is looked at all the same. */
static bool all_shared(struct page **pages, unsigned int n)
{
	while (n--) {
		struct folio *folio = page_folio(pages[n]);

		if (folio_test_anon(folio) ||
		    !(folio_test_swapbacked(folio) || folio_test_hugetlb(folio)))
			return false;
	}
	return true;
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
	if (!all_shared(pages, n)) {
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
	frame = slot ? pvhost_frame_use(pvhost_frame_at(slot, gpa >> PAGE_SHIFT)) : 0;
	if (frame) {
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

/*
 * The slots change only while no invalidation is under way: each has to find the same ones
 * when it begins and when it ends, and one that a new slot's range saw the beginning of must
 * not go on behind it.
 */
static bool try_insert(struct pvhost_vm *vm, struct pvhost_slot *slot, unsigned int id)
{
	bool done;

	write_lock(&vm->mmu_lock);
	spin_lock(&vm->mn_lock);
	done = !vm->active;
	if (done) {
		memmove(&vm->slots[1], &vm->slots[0], vm->nr_slots * sizeof(vm->slots[0]));
		memmove(&vm->slot_ids[1], &vm->slot_ids[0],
			vm->nr_slots * sizeof(vm->slot_ids[0]));
		vm->slots[0] = slot;
		vm->slot_ids[0] = id;
		vm->nr_slots++;
	}
	spin_unlock(&vm->mn_lock);
	write_unlock(&vm->mmu_lock);
	return done;
}

static int insert_slot(struct pvhost_vm *vm, struct pvhost_slot *slot, unsigned int id)
{
	do {
		if (pvhost_wait_slots(vm))
			return -EINTR;
	} while (!try_insert(vm, slot, id));
	return 0;
}

static void free_slot(struct pvhost_slot *slot)
{
	kvfree(slot->frames);
	kfree(slot);
}

/* As try_insert(). */
static bool try_take(struct pvhost_vm *vm, unsigned int i)
{
	unsigned int rest = vm->nr_slots - i - 1;
	bool done;

	write_lock(&vm->mmu_lock);
	spin_lock(&vm->mn_lock);
	done = !vm->active;
	if (done) {
		pvhost_forget_walks(vm);
		vm->nr_slots--;
		memmove(&vm->slots[i], &vm->slots[i + 1], rest * sizeof(vm->slots[0]));
		memmove(&vm->slot_ids[i], &vm->slot_ids[i + 1], rest * sizeof(vm->slot_ids[0]));
		/* Nothing that is being pinned goes into it. */
		vm->invalidate_seq++;
	}
	spin_unlock(&vm->mn_lock);
	write_unlock(&vm->mmu_lock);
	return done;
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
	slot = vm->slots[i];
	do {
		if (pvhost_wait_slots(vm))
			return -EINTR;
	} while (!try_take(vm, i));
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

static int check_backing(const struct pvhost_memory *mem)
{
	bool ok;

	if (mmap_read_lock_killable(current->mm))
		return -EINTR;
	ok = backing_ok(mem->hva, mem->hva + mem->bytes);
	mmap_read_unlock(current->mm);
	return ok ? 0 : -EINVAL;
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
	ret = insert_slot(vm, slot, mem->slot);
	if (ret)
		free_slot(slot);
	return ret;
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
	return insert_slot(vm, slot, PVHOST_MAX_SLOTS);
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
	unsigned long page = pvhost_frame_addr(READ_ONCE(slot->frames[index]));

	if (!page) {
		page = get_zeroed_page(GFP_KERNEL_ACCOUNT);
		WRITE_ONCE(slot->frames[index], page);
	}
	return (void *)page;
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
	/* The launcher may have mapped a file of a disk there since: of that nothing is taken. */
	if (vma && vma->vm_file && (vma->vm_flags & need) == need &&
	    (vma_is_shmem(vma) || is_vm_hugetlb_page(vma))) {
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
				free_page(pvhost_frame_addr(slot->frames[n]));
		} else {
			drop_slot(vm, slot);
		}
		free_slot(slot);
	}
	vm->nr_slots = 0;
}
