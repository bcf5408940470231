// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "machine.h"

#define FRAMES 48 /* small ones of the host */
#define HUGE_PFN 512 /* first of those in huge pages */
#define PIECES 8 /* that are looked at, of a huge page */
#define GFNS 2048
#define TABLES 6 /* of the guest: frames that can be read */
#define TLB 4
#define CHANGING 4
#define FIRST 64 /* bytes of a table: all addresses are in its first entries */
#define HISTORY 32
#define WATCHED 8 /* addresses */

struct tlb_entry {
	u64 va, pfn;
	bool valid, write;
};

/* What the model knows and the driver does not. */
static struct model {
	struct tlb_entry tlb[MAX_ACTORS][TLB];
	u64 next_pfn;
	u64 next_table;
	u64 contended; /* entries of the guest's that it changes */
	u64 *changing[CHANGING];
	u8 readers[8]; /* how often an actor has mmu_lock */
	u8 freed[FRAMES];
	u8 freed_pieces[2][PIECES];
	u16 gfn_of[FRAMES];
	u64 leaf_table[2]; /* the guest's, of VA and VB */
	u64 *spare_table; /* one of the shadow's, to be made while actors run */
	u64 huge; /* huge pages that have been taken */
	u8 huge_block[2];
	/* What has been shown where, and what has been flushed away since. */
	struct shown {
		u64 va, gfn;
		bool write, past;
	} history[HISTORY];
	int nr_history;
} *model;

char *model_ram;
struct machine *machine;
struct task_struct *current;
unsigned long __supported_pte_mask = ~0UL;

/* The program's first state is made by CPU 0. */
static int this_cpu(void)
{
	return actor_self() < 0 ? 0 : actor_self();
}

/* ---- what the driver calls ---- */

bool section_is_exclusive(void)
{
	return actor_self() < 0 || machine->vm.mmu_lock.writer == actor_self() + 1;
}

static bool can_read(const void *arg)
{
	return !((const rwlock_t *)arg)->writer;
}

static bool can_write(const void *arg)
{
	return !((const rwlock_t *)arg)->writer && !((const rwlock_t *)arg)->readers;
}

void read_lock(rwlock_t *lock)
{
	step_until(can_read, lock);
	lock->readers++;
	if (actor_self() >= 0)
		model->readers[actor_self()]++;
}

void read_unlock(rwlock_t *lock)
{
	lock->readers--;
	if (actor_self() >= 0)
		model->readers[actor_self()]--;
}

void write_lock(rwlock_t *lock)
{
	step_until(can_write, lock);
	lock->writer = actor_self() + 1 ?: -1;
}

void write_unlock(rwlock_t *lock)
{
	lock->writer = 0;
}

void look_at(const volatile void *p)
{
	bool guest = (char *)p >= model_ram && (char *)p < model_ram + TABLES * PAGE_SIZE;

	if (actor_self() < 0)
		return;
	/* Under the lock, what only writers change does not. */
	if (!guest && !model->readers[actor_self()] && !section_is_exclusive())
		step();
	for (u64 i = 0; guest && i < model->contended; i++)
		if (model->changing[i] == p)
			step();
}

static bool is_free(const void *arg)
{
	return !*(const int *)arg;
}

void spin_lock(spinlock_t *lock)
{
	if (!section_is_exclusive())
		step_until(is_free, &lock->held);
	lock->held++;
}

void spin_unlock(spinlock_t *lock)
{
	lock->held--;
}

void mutex_lock(struct mutex *lock)
{
	step_until(is_free, &lock->held);
	lock->held = 1;
}

void mutex_unlock(struct mutex *lock)
{
	lock->held = 0;
}

static u64 *new_table(struct mm_struct *mm)
{
	u64 *p = world_alloc(PAGE_SIZE);

	mm->tables++;
	world_changes(p, FIRST);
	return p;
}

p4d_t *p4d_alloc(struct mm_struct *mm, pgd_t *pgd, u64 addr)
{
	return pgd;
}

pud_t *pud_alloc(struct mm_struct *mm, p4d_t *p4d, u64 addr)
{
	if (!p4d->v)
		p4d->v = (u64)new_table(mm) | _PAGE_PRESENT;
	return pud_offset(p4d, addr);
}

pmd_t *pmd_alloc(struct mm_struct *mm, pud_t *pud, u64 addr)
{
	if (!pud->v)
		pud->v = (u64)new_table(mm) | _PAGE_PRESENT;
	return pmd_offset(pud, addr);
}

int pte_alloc(struct mm_struct *mm, pmd_t *pmd)
{
	spin_lock(&mm->ptl);
	if (!pmd->v)
		pmd->v = (u64)(model->spare_table ?: new_table(mm)) | _PAGE_PRESENT;
	spin_unlock(&mm->ptl);
	return 0;
}

void flush_tlb_mm_range(struct mm_struct *mm, u64 start, u64 end, int shift, bool freed)
{
	step();
	tell("TLBs flushed, 0x%lx to 0x%lx", (long)start, (long)end);
	for (int cpu = 0; cpu < MAX_ACTORS; cpu++)
		for (int i = 0; i < TLB; i++) {
			struct tlb_entry *t = &model->tlb[cpu][i];

			if (t->valid && t->va >= start && t->va < end)
				memset(t, 0, sizeof(*t));
		}
}

static u8 *freed(u64 pfn)
{
	return pfn < FRAMES ? &model->freed[pfn] :
			      &model->freed_pieces[pfn / HUGE_PFN - 1][pfn % PIECES];
}

static u64 gfn_of(u64 pfn)
{
	return pfn < FRAMES ? model->gfn_of[pfn] :
			      BLOCK(model->huge_block[pfn / HUGE_PFN - 1]) + pfn % 512;
}

unsigned int folio_order(struct folio *folio)
{
	return pvhost_frame_pfn((unsigned long)folio) < FRAMES ? 0 : 9;
}

struct pvhost_space *pvhost_next_space(struct pvhost_vm *vm, unsigned int *bucket,
				       struct pvhost_space *prev)
{
	return prev ? NULL : &machine->space;
}

struct pvhost_space *pvhost_space_find(struct pvhost_vm *vm, u64 root, bool kernel)
{
	return kernel == machine->space.kernel ? &machine->space : NULL;
}

void pvhost_space_put(struct pvhost_space *space)
{
}

int pvhost_shadow_tables(struct pvhost_space *space, u64 addr, bool large)
{
	return pvhost_shadow_mm_grow(space->mm, addr, large);
}

bool pvhost_gfn_valid(struct pvhost_vm *vm, u64 gfn)
{
	return gfn < GFNS;
}

static void take(u64 gfn)
{
	u64 pfn = model->next_pfn++;

	if (pfn >= FRAMES) {
		fprintf(stderr, "the model has too few frames\n");
		exit(2);
	}
	model->gfn_of[pfn] = gfn;
	machine->slot.frames[gfn] = PAGE_OFFSET + pfn * PAGE_SIZE;
}

int pvhost_pin(struct pvhost_vm *vm, u64 gfn, bool huge)
{
	write_lock(&vm->mmu_lock);
	if (!machine->slot.frames[gfn])
		take(gfn);
	write_unlock(&vm->mmu_lock);
	return 0;
}

/* ---- the guest ---- */

static u64 *guest_table(u64 gfn)
{
	return (u64 *)(model_ram + gfn * PAGE_SIZE);
}

/* The guest's entry at a level: 0 the lowest. Tables are frames below TABLES, one to one. */
static u64 *guest_entry(u64 va, int level)
{
	u64 gfn = 0, *e;

	for (int l = 3;; l--) {
		e = &guest_table(gfn)[va >> (12 + 9 * l) & 511];
		if (l == level)
			return e;
		/* Also where a large page stands before it just now. */
		if (l == 1 && model->leaf_table[va >> 21 & 1]) {
			gfn = model->leaf_table[va >> 21 & 1];
			continue;
		}
		if (!*e) {
			*e = model->next_table++ << 12 | PV_PTE_P | PV_PTE_W | PV_PTE_U | PV_PTE_A;
			if (model->next_table > TABLES)
				abort();
		}
		gfn = (*e & PV_PTE_ADDR) >> 12;
		if (l == 1)
			model->leaf_table[va >> 21 & 1] = gfn;
	}
}

void guest_changes(u64 va, bool large)
{
	if (model->contended == CHANGING)
		abort();
	model->changing[model->contended++] = guest_entry(va, large);
}

/* Only declared entries are changed: elsewhere nobody expects it. */
static void change(u64 *e, u64 value)
{
	bool found = actor_self() < 0;

	for (u64 i = 0; i < model->contended; i++)
		found |= model->changing[i] == e;
	if (!found)
		abort();
	*e = value;
}

/* The addresses that programs use: four of each table. */
static u64 watched(int i)
{
	return i < 4 ? VA(i) : VB(i - 4);
}

static void remember(u64 va, u64 gfn, bool write)
{
	if (model->nr_history == HISTORY)
		abort();
	model->history[model->nr_history++] = (struct shown){va, gfn, write, false};
}

/* May a CPU that uses this address come to this page? */
static bool may_show(u64 va, u64 gfn, bool write)
{
	for (int i = 0; i < model->nr_history; i++) {
		struct shown *s = &model->history[i];

		if (s->va == va && s->gfn == gfn && !s->past && (s->write || !write))
			return true;
	}
	return false;
}

void guest_map(u64 va, u64 gfn, u64 bits)
{
	u64 *e = guest_entry(va, 0);

	step();
	remember(va, gfn, bits & PV_PTE_W);
	change(e, gfn << 12 | PV_PTE_P | PV_PTE_U | PV_PTE_A | bits);
	tell("guest: 0x%lx shows page %lu", (long)va, (long)gfn);
}

void guest_map_large(u64 va, u64 block, u64 bits)
{
	u64 *e = guest_entry(va, 1);

	step();
	for (int i = 0; i < WATCHED; i++)
		if ((watched(i) & PMD_MASK) == va)
			remember(watched(i), BLOCK(block) + (watched(i) >> 12 & 511),
				 bits & PV_PTE_W);
	change(e, BLOCK(block) << 12 | PV_PTE_P | PV_PTE_U | PV_PTE_A | PV_PTE_PS | bits);
	tell("guest: 0x%lx and 2 MiB show pages from %lu on", (long)va, BLOCK(block));
}

void guest_map_table(u64 va)
{
	u64 *e = guest_entry(va, 1);

	step();
	change(e, model->leaf_table[va >> 21 & 1] << 12 | PV_PTE_P | PV_PTE_W | PV_PTE_U | PV_PTE_A);
	tell("guest: 0x%lx and 2 MiB show what their table says", (long)va);
}

void guest_unmap(u64 va)
{
	u64 *e = guest_entry(va, 0);

	step();
	change(e, 0);
	tell("guest: 0x%lx shows nothing", (long)va);
}

/* Do the guest's tables say that @s is shown? */
static bool is_shown(const struct shown *s)
{
	u64 e = *guest_entry(s->va & PMD_MASK, 1);

	if (!(e & PV_PTE_P))
		return false;
	if (e & PV_PTE_PS)
		return ((e & PV_PTE_ADDR) >> 12) + (s->va >> 12 & 511) == s->gfn &&
		       !!(e & PV_PTE_W) == s->write;
	e = *guest_entry(s->va, 0);
	return e & PV_PTE_P && (e & PV_PTE_ADDR) >> 12 == s->gfn && !!(e & PV_PTE_W) == s->write;
}

static void check_all(void);

void flush(u64 va, u64 npages)
{
	struct pvhost_vcpu *v = &machine->vcpu[this_cpu()];
	bool old[HISTORY];
	int n = model->nr_history;

	tell("flush of 0x%lx, %ld pages", (long)va, (long)npages);
	for (int i = 0; i < n; i++)
		old[i] = !is_shown(&model->history[i]);
	if (pvhost_flush(v, machine->space.root, va, npages))
		violated("a flush failed");
	tell("flush has ended");
	for (int i = 0; i < n; i++) {
		struct shown *s = &model->history[i];

		if (old[i] && (npages == PV_ANY || (s->va >= va && s->va < va + npages * PAGE_SIZE)))
			s->past = true;
	}
	check_all();
}

/* ---- CPUs ---- */

static pmd_t *find_pmd(struct mm_struct *mm, u64 va)
{
	pgd_t *pgd = pgd_offset(mm, va);
	pud_t *pud;

	if (!pgd->v)
		return NULL;
	pud = pud_offset(pgd, va);
	return pud->v ? pmd_offset(pud, va) : NULL;
}

static u64 shadow_entry(struct mm_struct *mm, u64 va)
{
	pmd_t *pmd = find_pmd(mm, va);

	if (!pmd || !pmd->v)
		return 0;
	if (pmd_leaf(*pmd))
		return pmd->v + (va & ~PMD_MASK & PAGE_MASK);
	return ((u64 *)(pmd->v & PFN_BITS))[va >> 12 & 511];
}

static struct tlb_entry *look_up(u64 va)
{
	struct tlb_entry *free = NULL, *t;
	u64 e;

	for (int i = 0; i < TLB; i++) {
		t = &model->tlb[this_cpu()][i];
		if (t->valid && t->va == va)
			return t;
		if (!t->valid)
			free = t;
	}
	e = shadow_entry(machine->space.mm, va);
	if (!e)
		return NULL;
	*free = (struct tlb_entry){va, (e & PFN_BITS) >> 12, true, e & _PAGE_RW};
	return free;
}

static void check_use(const struct tlb_entry *t)
{
	if (*freed(t->pfn))
		violated("0x%lx leads to frame %lu, which has been freed", (long)t->va, (long)t->pfn);
	if (!may_show(t->va, gfn_of(t->pfn), t->write))
		violated("0x%lx leads to page %lu, %s, which has been flushed away", (long)t->va,
			 (long)gfn_of(t->pfn), t->write ? "writable" : "read-only");
}

bool touch(u64 va, bool write)
{
	struct pvhost_vcpu *v = &machine->vcpu[this_cpu()];
	unsigned long error = X86_PF_USER | (write ? X86_PF_WRITE : 0);
	struct tlb_entry *t;

	for (;;) {
		step();
		t = look_up(va);
		if (t && (t->write || !write)) {
			tell("vCPU uses frame %lu, page %u, by 0x%lx", (long)t->pfn,
			     (unsigned int)gfn_of(t->pfn), (long)va);
			check_use(t);
			return true;
		}
		/* A fault: the CPU forgets what it had of the address. */
		if (t)
			memset(t, 0, sizeof(*t));
		if (pvhost_fill(v, &machine->space, va, &error))
			return false;
	}
}

/* What must hold after each flush and each drop, whoever is in the midst of what. */
static void check_all(void)
{
	for (int cpu = 0; cpu < MAX_ACTORS; cpu++)
		for (int i = 0; i < TLB; i++)
			if (model->tlb[cpu][i].valid)
				check_use(&model->tlb[cpu][i]);
	for (int i = 0; i < WATCHED; i++) {
		u64 e = shadow_entry(machine->space.mm, watched(i));
		struct tlb_entry t = {watched(i), (e & PFN_BITS) >> 12, true, e & _PAGE_RW};

		if (e)
			check_use(&t);
	}
}

/* As drop_pages() of memory.c, for one page. */
void drop(u64 gfn)
{
	struct pvhost_vm *vm = &machine->vm;
	unsigned long *frame = &machine->slot.frames[gfn], pfn;

	mutex_lock(&vm->drop_lock);
	write_lock(&vm->mmu_lock);
	if (!++vm->walk_seq)
		vm->walk_seq = 1;
	if (!pvhost_frame_usable(*frame)) {
		write_unlock(&vm->mmu_lock);
		mutex_unlock(&vm->drop_lock);
		return;
	}
	pfn = pvhost_frame_pfn(*frame);
	*frame |= PVHOST_FRAME_TAG;
	write_unlock(&vm->mmu_lock);
#ifdef PVHOST_FRAME_USED
	if (*frame & PVHOST_FRAME_USED)
#endif
		pvhost_zap_pfns(vm, &pfn, 1);
	step();
	tell("frame %lu of page %lu is freed", pfn, (long)gfn);
	*freed(pfn) = 1;
	*frame = 0;
	check_all();
	mutex_unlock(&vm->drop_lock);
}

void host_take(u64 gfn)
{
	take(gfn);
}

void host_take_huge(u64 block)
{
	u64 pfn = ++model->huge * HUGE_PFN;

	model->huge_block[model->huge - 1] = block;
	for (u64 i = 0; i < 512; i++)
		machine->slot.frames[BLOCK(block) + i] = PAGE_OFFSET + (pfn + i) * PAGE_SIZE;
}

/* ---- the whole ---- */

void machine_setup(void)
{
	struct pvhost_vm *vm;

	machine = world_alloc(sizeof(*machine));
	model = world_alloc(sizeof(*model));
	model_ram = world_alloc(TABLES * PAGE_SIZE);
	model->next_pfn = TABLES;
	model->next_table = 1;
	vm = &machine->vm;
	vm->walk_seq = 1;
	vm->slots[0] = &machine->slot;
	vm->nr_slots = 1;
	machine->slot.npages = GFNS;
	machine->slot.writable = true;
	machine->slot.frames = world_alloc(GFNS * sizeof(unsigned long));
	for (u64 i = 0; i < TABLES; i++)
		machine->slot.frames[i] = PAGE_OFFSET + i * PAGE_SIZE;
	world_changes(machine, sizeof(*machine));
	world_changes(model, sizeof(*model));
	for (u64 i = 0; i < TABLES; i++)
		world_changes(model_ram + i * PAGE_SIZE, FIRST);
	world_changes(machine->slot.frames, 32 * sizeof(u64));
	for (u64 i = 1; i < 3; i++)
		world_changes(machine->slot.frames + BLOCK(i), PIECES * sizeof(u64));
	machine->mm.pgd = world_alloc(PAGE_SIZE);
	machine->space.mm = &machine->mm;
	machine->space.vm = vm;
	machine->space.hash.pprev = &vm->spaces[0].first;
	for (int i = 0; i < MAX_ACTORS; i++) {
		machine->vcpu[i].vm = vm;
		machine->vcpu[i].run = &machine->run;
		machine->vcpu[i].kspace = machine->vcpu[i].uspace = &machine->space;
	}
	current = &machine->task;
	pvhost_shadow_mm_grow(&machine->mm, VA(0), false);
	pvhost_shadow_mm_grow(&machine->mm, VB(0), false);
	guest_entry(VA(0), 0);
	guest_entry(VB(0), 0);
}

void machine_no_leaf_table(u64 va)
{
	pmd_t *pmd = find_pmd(&machine->mm, va);

	model->spare_table = (u64 *)(pmd->v & PFN_BITS);
	pmd->v = 0;
}

static void nothing_left(u64 va)
{
	u64 e = shadow_entry(&machine->mm, va);

	if (e)
		violated("frame %lu is left at 0x%lx, and no flush finds it", (long)(e & PFN_BITS) >> 12,
			 (long)va);
}

void check_rest(void)
{
	check_all();
	/* And whatever is left now goes with one flush. */
	if (pvhost_flush(&machine->vcpu[0], machine->space.root, 0, PV_ANY))
		violated("a flush failed");
	for (int i = 0; i < WATCHED; i++)
		nothing_left(watched(i));
}
