// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow address spaces: mm_structs that hold what the host has translated of a
 * guest's page tables.
 *
 * A shadow mm has one special mapping over the whole of the user range and no
 * task. Its page tables are filled and emptied here, under vm->mmu_lock; Linux's
 * own TLB, PCID and mitigation code does the rest. Shadows are a cache: any entry,
 * and any space that no vCPU has loaded, can go at any time. What bounds them: the
 * number of spaces (the least recently used goes), and their page-table pages (an
 * unused space goes, or else the growing one is emptied).
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/bsearch.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <asm/mmu_context.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

#include "internal.h"

/* Spaces of a machine that are kept though no vCPU uses them. */
#define MAX_UNUSED		256
/* Page-table pages of a machine: at least this many, and a share of its memory. */
#define MIN_TABLES		2048
#define TABLE_SHARE		32
/* Page-table pages emptied under one hold of mmu_lock. */
#define ZAP_CHUNK		32

static vm_fault_t no_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct shadow_vm_ops = {
	.fault = no_fault,
};

static int map_everything(struct mm_struct *mm)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int ret;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = PV_VA_MIN;
	vma->vm_end = PV_VA_MAX;
	vma->vm_ops = &shadow_vm_ops;
	vm_flags_init(vma, VM_READ | VM_WRITE | VM_EXEC | VM_SHARED | VM_MAYREAD | VM_MAYWRITE |
		      VM_MAYEXEC | VM_MAYSHARE | VM_PFNMAP | VM_IO | VM_DONTEXPAND |
		      VM_DONTDUMP | VM_DONTCOPY);
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	mmap_write_lock(mm);
	ret = insert_vm_struct(mm, vma);
	mmap_write_unlock(mm);
	if (ret)
		vm_area_free(vma);
	return ret;
}

static struct mm_struct *shadow_mm_alloc(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return NULL;
#ifdef CONFIG_MEMCG
	/* It belongs to no task, and outlives the one that makes it. */
	mm->owner = NULL;
#endif
	if (map_everything(mm)) {
		mmput(mm);
		return NULL;
	}
	return mm;
}

/* ---- tables ---- */

static __always_inline pmd_t *shadow_pmd(struct mm_struct *mm, u64 addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	return pud_none(*pud) ? NULL : pmd_offset(pud, addr);
}

static int alloc_tables(struct mm_struct *mm, u64 addr, bool large)
{
	p4d_t *p4d = p4d_alloc(mm, pgd_offset(mm, addr), addr);
	pud_t *pud = p4d ? pud_alloc(mm, p4d, addr) : NULL;
	pmd_t *pmd = pud ? pmd_alloc(mm, pud, addr) : NULL;

	if (!pmd)
		return -ENOMEM;
	if (large || pmd_leaf(READ_ONCE(*pmd)))
		return 0;
	return pte_alloc(mm, pmd) ? -ENOMEM : 0;
}

static long table_limit(struct pvhost_vm *vm)
{
	return MIN_TABLES + atomic_long_read(&vm->nr_pages) / TABLE_SHARE;
}

static long tables_of(struct mm_struct *mm)
{
	return mm_pgtables_bytes(mm) >> PAGE_SHIFT;
}

/* ---- removing entries; mmu_lock is held for writing ---- */

static int cmp_pfn(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/* Is one of the frames looked for in [@pfn, @pfn + @n)? All are if none is given. */
static bool wanted(unsigned long pfn, unsigned int n, const unsigned long *pfns,
		   unsigned int nr_pfns)
{
	unsigned int i;

	if (!pfns)
		return true;
	if (n == 1)
		return bsearch(&pfn, pfns, nr_pfns, sizeof(*pfns), cmp_pfn);
	for (i = 0; i < nr_pfns; i++)
		if (pfns[i] - pfn < n)
			return true;
	return false;
}

static bool zap_ptes(struct mm_struct *mm, pmd_t *pmd, u64 addr, u64 end,
		     const unsigned long *pfns, unsigned int nr_pfns)
{
	pte_t *pte = pte_offset_kernel(pmd, addr);
	bool zapped = false;

	for (; addr < end; addr += PAGE_SIZE, pte++) {
		if (!pte_present(*pte) || !wanted(pte_pfn(*pte), 1, pfns, nr_pfns))
			continue;
		ptep_get_and_clear(mm, addr, pte);
		zapped = true;
	}
	return zapped;
}

static bool zap_large(struct mm_struct *mm, pmd_t *pmd, u64 addr,
		      const unsigned long *pfns, unsigned int nr_pfns)
{
	if (!wanted(pmd_pfn(*pmd), PTRS_PER_PTE, pfns, nr_pfns))
		return false;
	pvhost_clear_large(mm, pmd, addr & PMD_MASK);
	return true;
}

/* Empty up to ZAP_CHUNK tables of [@addr, @end); returns where it stopped. */
static u64 zap_some(struct mm_struct *mm, u64 addr, u64 end, const unsigned long *pfns,
		    unsigned int nr_pfns, bool *zapped)
{
	unsigned int n = 0;

	while (addr < end && n < ZAP_CHUNK) {
		pgd_t *pgd = pgd_offset(mm, addr);
		u64 next = pgd_addr_end(addr, end);
		p4d_t *p4d;
		pud_t *pud;
		pmd_t *pmd;

		if (!pgd_none(*pgd)) {
			p4d = p4d_offset(pgd, addr);
			next = p4d_addr_end(addr, end);
			if (!p4d_none(*p4d)) {
				pud = pud_offset(p4d, addr);
				next = pud_addr_end(addr, end);
				if (!pud_none(*pud)) {
					pmd = pmd_offset(pud, addr);
					next = pmd_addr_end(addr, end);
					if (pmd_leaf(*pmd))
						*zapped |= zap_large(mm, pmd, addr, pfns, nr_pfns);
					else if (!pmd_none(*pmd) && ++n)
						*zapped |= zap_ptes(mm, pmd, addr, next, pfns,
								    nr_pfns);
				}
			}
		}
		addr = next;
	}
	return addr;
}

/* All of a range, dropping the lock now and then; then the TLBs. */
static void zap_mm(struct pvhost_vm *vm, struct mm_struct *mm, u64 start, u64 end,
		   const unsigned long *pfns, unsigned int nr_pfns)
{
	bool zapped = false;
	u64 addr = start;

	while (addr < end) {
		write_lock(&vm->mmu_lock);
		addr = zap_some(mm, addr, end, pfns, nr_pfns, &zapped);
		write_unlock(&vm->mmu_lock);
	}
	if (zapped)
		flush_tlb_mm_range(mm, start, end, PAGE_SHIFT, false);
}

/**
 * pvhost_zap_range - remove the translations of a range
 * @space: the space, referenced
 * @start: first address
 * @end: end of the range
 *
 * Context: may sleep, no locks held. On return no CPU uses an old translation.
 */
void pvhost_zap_range(struct pvhost_space *space, u64 start, u64 end)
{
	struct pvhost_vm *vm = space->vm;
	struct mm_struct *mm;

	/* The mm may be replaced meanwhile; then it is empty already. */
	read_lock(&vm->mmu_lock);
	mm = space->mm;
	mmget(mm);
	read_unlock(&vm->mmu_lock);
	zap_mm(vm, mm, start, end, NULL, 0);
	mmput_async(mm);
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
 * pvhost_zap_pfns - remove host frames from all shadows of a machine
 * @vm: the machine
 * @pfns: frames; NULL for all
 * @n: number of frames
 *
 * The caller has made sure that none of them is entered again.
 *
 * Context: no locks held; may be called where sleeping is not allowed.
 */
void pvhost_zap_pfns(struct pvhost_vm *vm, unsigned long *pfns, unsigned int n)
{
	struct pvhost_space *space = NULL;
	unsigned int bucket = -1;
	struct mm_struct *mm;

	if (pfns)
		sort(pfns, n, sizeof(*pfns), cmp_pfn, NULL);
	while ((space = pvhost_next_space(vm, &bucket, space))) {
		read_lock(&vm->mmu_lock);
		mm = space->mm;
		mmget(mm);
		read_unlock(&vm->mmu_lock);
		zap_mm(vm, mm, PV_VA_MIN, PV_VA_MAX, pfns, n);
		mmput_async(mm);
	}
}

/* ---- entries; mmu_lock is held for reading ---- */

static __always_inline u64 entry_bits(u64 prot)
{
	return (_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_SPECIAL | prot) &
	       __supported_pte_mask;
}

/* Does an entry that is replaced leave something in the TLBs that must go? */
static bool is_stale(pte_t old, pte_t new)
{
	/* More rights on the same frame need no flush: the fault did it. */
	return pte_present(old) && (pte_pfn(old) != pte_pfn(new) ||
				    (pte_write(old) && !pte_write(new)));
}

/**
 * pvhost_shadow_set - enter a translation of 4 KiB
 * @space: the space
 * @addr: address, page aligned
 * @pfn: host frame
 * @prot: _PAGE_RW | _PAGE_DIRTY, _PAGE_NX as wanted
 *
 * Context: mmu_lock is held for reading.
 * Return: 0; 1 if the TLBs may hold another translation; -EAGAIN if the tables have
 * to be made first; -EEXIST if there is an entry of 2 MiB.
 */
int pvhost_shadow_set(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	struct mm_struct *mm = space->mm;
	pmd_t *pmd = shadow_pmd(mm, addr);
	pte_t *ptep, old, new;
	spinlock_t *ptl;

	if (unlikely(!pmd || pmd_none(*pmd)))
		return -EAGAIN;
	if (unlikely(pmd_leaf(*pmd)))
		return -EEXIST;
	new = pfn_pte(pfn, __pgprot(entry_bits(prot)));
	ptl = pte_lockptr(mm, pmd);
	ptep = pte_offset_kernel(pmd, addr);
	spin_lock(ptl);
	old = *ptep;
	if (pte_val(old) != pte_val(new))
		set_pte_at(mm, addr, ptep, new);
	spin_unlock(ptl);
	return is_stale(old, new);
}

/**
 * pvhost_shadow_set_large - enter a translation of 2 MiB
 * @space: the space
 * @addr: address in it
 * @pfn: host frame of its first page
 * @prot: as pvhost_shadow_set()
 *
 * Context: mmu_lock is held for reading.
 * Return: as pvhost_shadow_set(); -EEXIST if there are entries of 4 KiB.
 */
int pvhost_shadow_set_large(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot)
{
	pmd_t *pmd = shadow_pmd(space->mm, addr), old;
	int ret;

	if (!pmd)
		return -EAGAIN;
	old = *pmd;
	ret = pvhost_set_large(space->mm, pmd, addr & PMD_MASK, pfn, entry_bits(prot));
	if (ret)
		return ret;
	return pmd_leaf(old) && (pmd_pfn(old) != pfn ||
				 (pmd_write(old) && !(prot & _PAGE_RW)));
}

/**
 * pvhost_shadow_none - is nothing entered for an address whose table exists?
 * @space: the space
 * @addr: address
 *
 * Context: mmu_lock is held for reading.
 * Return: true if an entry can be made there without allocation.
 */
bool pvhost_shadow_none(struct pvhost_space *space, u64 addr)
{
	pmd_t *pmd = shadow_pmd(space->mm, addr);

	return pmd && !pmd_none(*pmd) && !pmd_leaf(*pmd) &&
	       pte_none(*pte_offset_kernel(pmd, addr));
}

/* ---- spaces ---- */

static void release_space(struct kref *ref)
{
	struct pvhost_space *space = container_of(ref, struct pvhost_space, ref);

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

/* Out of the hash: nobody finds it any more. mmu_lock is held for writing. */
static void unhash_space(struct pvhost_vm *vm, struct pvhost_space *space)
{
	hlist_del_init(&space->hash);
	list_del_init(&space->lru);
	vm->nr_spaces--;
}

/*
 * Let go of an unhashed, unused space. No CPU has it loaded: a vCPU that used it
 * has loaded another on the way, or its launcher's. The large entries go first:
 * the end of an mm would take them for what they are not.
 */
static void retire_space(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;

	atomic_long_sub(atomic_long_read(&space->tables), &vm->table_pages);
	zap_mm(vm, space->mm, PV_VA_MIN, PV_VA_MAX, NULL, 0);
	pvhost_space_put(space);
}

static void use_space(struct pvhost_space *space)
{
	if (!space->users++)
		list_del_init(&space->lru);
	kref_get(&space->ref);
}

static struct pvhost_space *new_space(struct pvhost_vm *vm, u64 root, bool kernel)
{
	struct pvhost_space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);

	if (!space)
		return NULL;
	space->mm = shadow_mm_alloc();
	if (!space->mm) {
		kfree(space);
		return NULL;
	}
	space->vm = vm;
	space->root = root;
	space->kernel = kernel;
	kref_init(&space->ref);
	INIT_LIST_HEAD(&space->lru);
	return space;
}

/* Drop the least recently used space; false if all are in use. */
static bool evict_one(struct pvhost_vm *vm)
{
	struct pvhost_space *space;

	write_lock(&vm->mmu_lock);
	space = list_first_entry_or_null(&vm->lru, struct pvhost_space, lru);
	if (space) {
		unhash_space(vm, space);
		vm->evictions++;
	}
	write_unlock(&vm->mmu_lock);
	if (space)
		retire_space(space);
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
	while (evict_one(vm))
		;
}

/* ---- growth ---- */

static void unload(void *mm)
{
	if (this_cpu_read(cpu_tlbstate.loaded_mm) == mm)
		switch_mm_irqs_off(NULL, current->mm ?: &init_mm, NULL);
}

/*
 * Exchange the tables of a space for none. Other vCPUs may have them loaded: they
 * are made to leave before the tables are freed, and find the new mm on their way
 * back to the guest.
 */
static int renew_space(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;
	struct mm_struct *mm = shadow_mm_alloc(), *old;

	if (!mm)
		return -ENOMEM;
	down_write(&vm->table_lock);
	write_lock(&vm->mmu_lock);
	old = space->mm;
	WRITE_ONCE(space->mm, mm);
	vm->evictions++;
	write_unlock(&vm->mmu_lock);
	atomic_long_sub(atomic_long_xchg(&space->tables, 0), &vm->table_pages);
	up_write(&vm->table_lock);
	on_each_cpu(unload, old, 1);
	zap_mm(vm, old, PV_VA_MIN, PV_VA_MAX, NULL, 0);
	mmput_async(old);
	return 0;
}

/* Make room for some more tables of @space. */
static int make_room(struct pvhost_space *space)
{
	struct pvhost_vm *vm = space->vm;

	while (atomic_long_read(&vm->table_pages) > table_limit(vm))
		if (!evict_one(vm))
			return renew_space(space);
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
	before = tables_of(space->mm);
	ret = alloc_tables(space->mm, addr, large);
	/* Two that race here may both count a page: a bound, not a balance. */
	made = tables_of(space->mm) - before;
	atomic_long_add(made, &space->tables);
	atomic_long_add(made, &vm->table_pages);
	up_read(&vm->table_lock);
	return ret;
}
