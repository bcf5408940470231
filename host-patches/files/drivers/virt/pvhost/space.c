// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow address spaces: which there are, who uses them, and what bounds them.
 *
 * Spaces are a cache: one that no vCPU has loaded can go at any time. The number of
 * spaces is bounded (the least recently used goes), and so are their page-table
 * pages (an unused space goes, or else the growing one is emptied). Some that have
 * gone are kept, empty but with their tables, for the next root: guests that fork
 * make and drop one each time.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/hash.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <asm/tlbflush.h>

#include "internal.h"

/* Spaces of a machine that are kept though no vCPU uses them. */
#define MAX_UNUSED		256
/* Page-table pages of a machine: at least this many, and a share of its memory. */
#define MIN_TABLES		2048
#define TABLE_SHARE		32
/* Empty spaces kept for re-use, and how many tables one may have. */
#define MAX_SPARE		4
#define MAX_SPARE_TABLES	64

static void release_space(struct kref *ref)
{
	struct pvhost_space *space = container_of(ref, struct pvhost_space, ref);

	atomic_long_sub(atomic_long_read(&space->tables), &space->vm->table_pages);
	mmput_async(space->mm);
	kfree(space);
}

/**
 * pvhost_space_put - drop a reference
 * @space: the space
 *
 * Context: any.
 */
void pvhost_space_put(struct pvhost_space *space)
{
	kref_put(&space->ref, release_space);
}

static struct hlist_head *bucket_of(struct pvhost_vm *vm, u64 root)
{
	return &vm->spaces[hash_64(root, PVHOST_SPACE_HASH_BITS)];
}

static struct pvhost_space *find_space(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space;

	hlist_for_each_entry(space, bucket_of(vm, root), hash)
		if (space->root == root && space->kernel == kernel)
			return space;
	return NULL;
}

/**
 * pvhost_next_space - walk through the spaces of a machine
 * @vm: the machine
 * @bucket: the walk's state, -1 at first
 * @prev: the space before, whose reference is dropped; NULL at first
 *
 * Context: no locks held. Spaces made meanwhile may be missed, others seen twice.
 * Return: a space, referenced; NULL at the end.
 */
struct pvhost_space *pvhost_next_space(struct pvhost_vm *vm, unsigned int *bucket,
				       struct pvhost_space *prev)
{
	struct pvhost_space *space;
	struct hlist_node *node;

	read_lock(&vm->mmu_lock);
	node = prev && !hlist_unhashed(&prev->hash) ? prev->hash.next : NULL;
	if (prev && hlist_unhashed(&prev->hash))
		(*bucket)--;	/* it has left: look through its bucket again */
	while (!node && ++*bucket < ARRAY_SIZE(vm->spaces))
		node = vm->spaces[*bucket].first;
	space = hlist_entry_safe(node, struct pvhost_space, hash);
	if (space)
		kref_get(&space->ref);
	read_unlock(&vm->mmu_lock);
	if (prev)
		pvhost_space_put(prev);
	return space;
}

/**
 * pvhost_space_find - find a space, for a moment
 * @vm: the machine
 * @root: gpa of the page-table root
 * @kernel: the kernel's view
 *
 * Return: the space, referenced; NULL if there is none.
 */
struct pvhost_space *pvhost_space_find(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space;

	read_lock(&vm->mmu_lock);
	space = find_space(vm, root, kernel);
	if (space)
		kref_get(&space->ref);
	read_unlock(&vm->mmu_lock);
	return space;
}

/*
 * Out of the hash: nobody finds it any more, neither to fill it nor to take a page out of
 * it. So no page goes until it is empty: drop_lock is kept for so long.
 */
static void unhash_space(struct pvhost_vm *vm, struct pvhost_space *space)
{
	lockdep_assert_held(&vm->drop_lock);
	lockdep_assert_held_write(&vm->mmu_lock);
	VM_WARN_ON_ONCE(space->users);
	hlist_del_init(&space->hash);
	list_del_init(&space->lru);
	vm->nr_spaces--;
}

/* Keep an unhashed, empty space if nobody else refers to it. */
static bool keep_spare(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;
	bool kept = false;

	write_lock(&vm->mmu_lock);
	if (vm->nr_spare < MAX_SPARE && kref_read(&space->ref) == 1 &&
	    pvhost_log_empty(&space->log) &&
	    atomic_long_read(&space->tables) <= MAX_SPARE_TABLES) {
		list_add(&space->lru, &vm->spare);
		vm->nr_spare++;
		kept = true;
	}
	write_unlock(&vm->mmu_lock);
	return kept;
}

static struct pvhost_space *take_spare(struct pvhost_vm *vm)
{
	struct pvhost_space *space;

	write_lock(&vm->mmu_lock);
	space = list_first_entry_or_null(&vm->spare, struct pvhost_space, lru);
	if (space) {
		list_del_init(&space->lru);
		vm->nr_spare--;
	}
	write_unlock(&vm->mmu_lock);
	return space;
}

/*
 * Let go of an unhashed, unused space. No CPU has it loaded: a vCPU that used it
 * has loaded another on the way, or its launcher's. It has to be empty in any case:
 * the end of an mm would take large entries for what they are not.
 */
static void retire_space(struct pvhost_space *space)
{
	lockdep_assert_held(&space->vm->drop_lock);
	pvhost_zap_range(space, PV_VA_MIN, PV_VA_MAX);
	if (!keep_spare(space))
		pvhost_space_put(space);
}

static void use_space(struct pvhost_space *space)
{
	if (!space->users++)
		list_del_init(&space->lru);
	kref_get(&space->ref);
}

static struct pvhost_space *alloc_space(struct pvhost_vm *vm)
{
	struct pvhost_space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);

	if (!space)
		return NULL;
	space->mm = pvhost_shadow_mm_alloc();
	if (!space->mm) {
		kfree(space);
		return NULL;
	}
	space->vm = vm;
	kref_init(&space->ref);
	INIT_LIST_HEAD(&space->lru);
	return space;
}

static struct pvhost_space *new_space(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space = take_spare(vm) ?: alloc_space(vm);

	if (!space)
		return NULL;
	space->root = root;
	space->kernel = kernel;
	return space;
}

/*
 * Drop the least recently used space; false if all are in use. As long as it is not
 * empty, no page goes that it may have: nobody would look for it there any more.
 */
static bool evict_one(struct pvhost_vm *vm)
{
	struct pvhost_space *space;

	mutex_lock(&vm->drop_lock);
	write_lock(&vm->mmu_lock);
	space = list_first_entry_or_null(&vm->lru, struct pvhost_space, lru);
	if (space) {
		unhash_space(vm, space);
		vm->evictions++;
	}
	write_unlock(&vm->mmu_lock);
	if (space)
		retire_space(space);
	mutex_unlock(&vm->drop_lock);
	return space;
}

static struct pvhost_space *use_found(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space;

	write_lock(&vm->mmu_lock);
	space = find_space(vm, root, kernel);
	if (space)
		use_space(space);
	write_unlock(&vm->mmu_lock);
	return space;
}

/**
 * pvhost_space_get - the shadow of a root, made if need be
 * @vm: the machine
 * @root: gpa of the page-table root
 * @kernel: the kernel's view
 *
 * Context: may sleep.
 * Return: the space, counted as used, or ERR_PTR(-ENOMEM).
 */
struct pvhost_space *pvhost_space_get(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space, *other;

	space = use_found(vm, root, kernel);
	if (space)
		return space;
	while (READ_ONCE(vm->nr_spaces) >= MAX_UNUSED && evict_one(vm))
		;
	space = new_space(vm, root, kernel);
	if (!space)
		return ERR_PTR(-ENOMEM);
	write_lock(&vm->mmu_lock);
	other = find_space(vm, root, kernel);
	if (other) {
		use_space(other);
	} else {
		hlist_add_head(&space->hash, bucket_of(vm, root));
		vm->nr_spaces++;
		use_space(space);
	}
	write_unlock(&vm->mmu_lock);
	if (!other)
		return space;
	pvhost_space_put(space);
	return other;
}

/**
 * pvhost_space_unuse - a vCPU is done with a space
 * @space: the space
 *
 * Context: no CPU has it loaded for this vCPU any more.
 */
void pvhost_space_unuse(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;

	write_lock(&vm->mmu_lock);
	if (!--space->users && !hlist_unhashed(&space->hash))
		list_add_tail(&space->lru, &vm->lru);
	write_unlock(&vm->mmu_lock);
	pvhost_space_put(space);
}

/* Take one view of a root out of the hash. */
static int drop_view(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space;
	int ret = 0;

	mutex_lock(&vm->drop_lock);
	write_lock(&vm->mmu_lock);
	space = find_space(vm, root, kernel);
	if (space && space->users) {
		space = NULL;
		ret = -EBUSY;
	} else if (space) {
		unhash_space(vm, space);
	}
	write_unlock(&vm->mmu_lock);
	if (space)
		retire_space(space);
	mutex_unlock(&vm->drop_lock);
	return ret;
}

/**
 * pvhost_space_drop - PV_HC_DROP_ROOT
 * @vm: the machine
 * @root: gpa of the page-table root
 *
 * Return: 0, also if there is no such space; -EBUSY if a vCPU uses it.
 */
int pvhost_space_drop(struct pvhost_vm *vm, u64 root)
{
	int ret = drop_view(vm, root, true);

	return drop_view(vm, root, false) ?: ret;
}

/**
 * pvhost_spaces_free - the end of a machine's shadows
 * @vm: the machine, without vCPUs
 */
void pvhost_spaces_free(struct pvhost_vm *vm)
{
	struct pvhost_space *space;

	while (evict_one(vm))
		;
	while ((space = take_spare(vm)))
		pvhost_space_put(space);
}

/* ---- growth ---- */

static void unload(void *mm)
{
	if (this_cpu_read(cpu_tlbstate.loaded_mm) == mm)
		switch_mm_irqs_off(NULL, current->mm ?: &init_mm, NULL);
}

static long table_limit(struct pvhost_vm *vm)
{
	return MIN_TABLES + atomic_long_read(&vm->nr_pages) / TABLE_SHARE;
}

/*
 * Exchange the tables of a space for none. Other vCPUs may have them loaded: they
 * are made to leave before anybody can flush or drop pages in the new mm, which they
 * find on their way back to the guest, and believe that to be all. Interrupts are on
 * wherever mmu_lock is waited for, so that it can be held over the call.
 */
static int renew_space(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;
	struct mm_struct *mm = pvhost_shadow_mm_alloc(), *old;

	if (!mm)
		return -ENOMEM;
	down_write(&vm->table_lock);
	mutex_lock(&vm->drop_lock);
	write_lock(&vm->mmu_lock);
	old = space->mm;
	WRITE_ONCE(space->mm, mm);
	on_each_cpu(unload, old, 1);
	pvhost_log_renew(&space->log);
	vm->evictions++;
	write_unlock(&vm->mmu_lock);
	atomic_long_sub(atomic_long_xchg(&space->tables, 0), &vm->table_pages);
	up_write(&vm->table_lock);
	pvhost_zap_mm(space, old);
	mutex_unlock(&vm->drop_lock);
	mmput_async(old);
	return 0;
}

/* Make room for some more tables of @space. */
static int make_room(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;

	while (atomic_long_read(&vm->table_pages) > table_limit(vm)) {
		struct pvhost_space *spare = take_spare(vm);

		if (spare)
			pvhost_space_put(spare);
		else if (!evict_one(vm))
			return renew_space(space);
	}
	return 0;
}

/**
 * pvhost_shadow_tables - make the tables for an address
 * @space: the space
 * @addr: address
 * @large: for an entry of 2 MiB
 *
 * Context: may sleep; no locks held.
 * Return: 0 or -ENOMEM.
 */
int pvhost_shadow_tables(struct pvhost_space *space, u64 addr, bool large)
{
	struct pvhost_vm *vm = space->vm;
	long before, made;
	int ret;

	ret = make_room(space);
	if (ret)
		return ret;
	down_read(&vm->table_lock);
	before = pvhost_shadow_mm_tables(space->mm);
	ret = pvhost_shadow_mm_grow(space->mm, addr, large);
	/* Two that race here may both count a page: a bound, not a balance. */
	made = pvhost_shadow_mm_tables(space->mm) - before;
	atomic_long_add(made, &space->tables);
	atomic_long_add(made, &vm->table_pages);
	up_read(&vm->table_lock);
	return ret;
}
