// SPDX-License-Identifier: GPL-2.0-only
/*
 * The storm: several vCPUs change page tables and pages, and all of them check, by the
 * oracle of storm.h, what they read and write in the kernel's space and in user mode.
 */
#include "guest_storm.h"

struct storm *storm;
u64 storm_roots[STORM_SPACES];
/* Entry of each slot: of level 1, or 2 for the large ones; and their tables of level 1. */
static u64 *entries[STORM_SPACES][SLOTS];
static u64 large_tables[STORM_SPACES][LARGE];
static struct storm_vcpu vcpus[STORM_VCPUS];

u64 storm_rnd(struct storm_vcpu *me)
{
	me->rnd ^= me->rnd >> 12;
	me->rnd ^= me->rnd << 25;
	me->rnd ^= me->rnd >> 27;
	return (me->rnd * 0x2545f4914f6cdd1dUL) >> 16;
}

void storm_pause(u64 rounds)
{
	while (rounds--)
		asm volatile("pause");
}

void storm_fail(struct storm_vcpu *me, u64 fault, u64 space, u64 va, u64 got, u64 want)
{
	u64 none = FAULT_NONE;

	if (__atomic_compare_exchange_n(&storm->fault, &none, fault, 0, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST)) {
		storm->vcpu = me->n;
		storm->space = space;
		storm->va = va;
		storm->got = got;
		storm->want = want;
	}
	finish(GUEST_FAIL);
}

void storm_call_ok(struct storm_vcpu *me, long ret, u64 nr)
{
	if (ret)
		storm_fail(me, FAULT_CALL, 0, nr, ret, 0);
}

u64 storm_page_gpa(u64 page)
{
	return STORM_GPA + page * 4096;
}

u64 storm_direct(u64 page)
{
	return GUEST_VA + storm_page_gpa(page);
}

void storm_tag(u64 page, u64 gen)
{
	volatile u64 *first = (u64 *)storm_direct(page);

	first[0] = TAG(page, gen);
	first[TAG_LAST / 8] = TAG(page, gen);
}

int storm_plausible(u64 value)
{
	return !value || (value >> 48 == TAG_MAGIC && (value >> 32 & 0xffff) < STORM_PAGES);
}

/* ---- the oracle ---- */

static u64 slot_va(u64 slot, u64 offset)
{
	if (slot < DENSE)
		return DENSE_VA + slot * 4096;
	if (slot < FIRST_LARGE)
		return SPARSE_VA + ((slot - DENSE) << 21) + (slot % 512) * 4096;
	if (slot == SLOTS - 2)
		return LOW_EDGE_VA + offset * 4096;
	if (slot == SLOTS - 1)
		return HIGH_EDGE_VA + offset * 4096;
	return LARGE_VA + ((slot - FIRST_LARGE) << 21) + offset * 4096;
}

static u64 shown_page(unsigned int shows, u64 offset)
{
	return (shows & SHOWS_PAGE) + (shows & SHOWS_TABLE ? offset ^ 1 : offset);
}

static int outside(u64 va)
{
	return va < PV_VA_MIN || va >= PV_VA_MAX;
}

static unsigned int seen(unsigned int *seq)
{
	return __atomic_load_n(seq, __ATOMIC_SEQ_CST);
}

/* Was it even, and is it still the same? */
static int unchanged(unsigned int *seq, unsigned int before)
{
	return !(before & 1) && seen(seq) == before;
}

/* One access, by the kernel or by user mode: as storm_result. */
static struct storm_result touch(struct storm_vcpu *me, u64 space, const char *code, u64 va,
				 u64 value)
{
	struct storm_result r = {0, value};

	if (space)
		return storm_user(me, code, va, value);
	if (code == storm_user_read)
		r.status = storm_read(va, &r.value);
	else
		r.status = storm_write(va, value);
	return r;
}

/* @slot at page @offset: read the first or last word of it and compare. */
static void check_read(struct storm_vcpu *me, u64 space, u64 slot, u64 offset)
{
	struct storm_map *map = &storm->map[space][slot];
	unsigned int map_seq = seen(&map->seq), shows = map->shows, page_seq = 1, gen = 0;
	struct storm_page *page = 0;
	u64 va = slot_va(slot, offset), at_word = storm_rnd(me) & 1 ? TAG_LAST : 0;
	struct storm_result r;

	if (shows & SHOWS) {
		page = &storm->page[shown_page(shows, offset)];
		page_seq = seen(&page->seq);
		gen = page->gen;
	}
	r = touch(me, space, storm_user_read, va + at_word, 0);
	me->counts->reads++;
	if (r.status < 0)
		storm_fail(me, FAULT_CALL, space, PV_HC_RET_USER, r.status, 0);
	if (!r.status && outside(va))
		storm_fail(me, FAULT_OUTSIDE, space, va, r.value, 0);
	if (!r.status && !storm_plausible(r.value))
		storm_fail(me, FAULT_FOREIGN, space, va, r.value, 0);
	if (outside(va) || !unchanged(&map->seq, map_seq))
		return;
	if (!page) {
		if (!r.status)
			storm_fail(me, FAULT_MAPPED, space, va, r.value, 0);
	} else if (r.status) {
		storm_fail(me, FAULT_GONE, space, va, 0, shows);
	} else if (unchanged(&page->seq, page_seq) &&
		   r.value != storm_expected(shown_page(shows, offset), gen)) {
		storm_fail(me, FAULT_OLD, space, va, r.value,
			   storm_expected(shown_page(shows, offset), gen));
	}
	me->counts->sure++;
}

/* Write this vCPU's word there, and look at it where the kernel sees the page. */
static void check_write(struct storm_vcpu *me, u64 space, u64 slot, u64 offset)
{
	struct storm_map *map = &storm->map[space][slot];
	unsigned int map_seq = seen(&map->seq), shows = map->shows, page_seq;
	u64 va = slot_va(slot, offset), value = SCRATCH_MAGIC << 48 | ++me->scratch, got = 0;
	struct storm_result r;
	u64 page;

	if (!(shows & SHOWS) || outside(va))
		return;
	page = shown_page(shows, offset);
	page_seq = seen(&storm->page[page].seq);
	r = touch(me, space, storm_user_write, va + SCRATCH(me->n), value);
	me->counts->writes++;
	if (r.status < 0)
		storm_fail(me, FAULT_CALL, space, PV_HC_RET_USER, r.status, 1);
	if (!unchanged(&map->seq, map_seq))
		return;
	if (!(shows & SHOWS_WRITABLE)) {
		if (!r.status)
			storm_fail(me, FAULT_READ_ONLY, space, va, value, shows);
		return;
	}
	if (r.status)
		storm_fail(me, FAULT_GONE, space, va, 1, shows);
	storm_read(storm_direct(page) + SCRATCH(me->n), &got);
	if (got != value && unchanged(&storm->page[page].seq, page_seq))
		storm_fail(me, FAULT_ELSEWHERE, space, va, got, value);
}

/* ---- changing what there is ---- */

static void flush(struct storm_vcpu *me, u64 space, u64 slot)
{
	u64 root = storm_roots[space], va = slot_va(slot, 0), n = slot < FIRST_LARGE ? 1 : 512;
	u64 from = va, kind = storm_rnd(me) % 8;

	me->counts->flushes++;
	if (slot == SLOTS - 1)
		n = (PV_VA_MAX - HIGH_EDGE_VA) / 4096;
	switch (kind) {
	case 0:
		root = PV_ANY;
		n = PV_ANY;
		break;
	case 1:
		n = PV_ANY;
		break;
	case 2:
	case 3:
		/* More than what has changed. */
		from = va - (va >= DENSE_VA && va < HIGH_EDGE_VA ? 20 * 4096 : 0);
		n += (va - from) / 4096;
		break;
	}
	storm_call_ok(me, call3(PV_HC_FLUSH, root, from, n), PV_HC_FLUSH);
}

/* Flush on the way to user mode, in which something is then read: a slot of one page. */
static void flush_by_return(struct storm_vcpu *me, u64 space, u64 slot)
{
	struct pv_range *range = &me->page->ranges[0];
	struct storm_result r;

	range->va = slot_va(slot, 0);
	range->npages = 1;
	range->flags = PV_RANGE_FLUSH | (storm_rnd(me) & 1 ? PV_RANGE_ANNOUNCE : 0);
	me->page->ret_flags = PV_RET_ROOT | 1 << PV_RET_RANGES_SHIFT;
	me->page->user_root = storm_roots[space];
	me->user_space = space;
	r = storm_user(me, storm_user_read, range->va, 0);
	storm_call_ok(me, r.status < 0 ? r.status : 0, PV_HC_RET_USER);
	if (!r.status && !storm_plausible(r.value))
		storm_fail(me, FAULT_FOREIGN, space, range->va, r.value, 0);
	me->counts->flushes++;
}

static unsigned int new_target(struct storm_vcpu *me, u64 slot)
{
	unsigned int shows = storm_rnd(me) % STORM_PAGES;

	if (storm_rnd(me) % 8 == 0)
		return 0;
	if (slot >= FIRST_LARGE)
		shows &= ~511U;
	shows |= SHOWS | (storm_rnd(me) % 3 ? SHOWS_WRITABLE : 0);
	if (slot >= FIRST_LARGE && storm_rnd(me) & 1)
		shows |= SHOWS_TABLE;
	return shows;
}

/* Some have been used already, as the host would mark them, others not. */
static u64 pte_of(unsigned int shows, u64 page)
{
	u64 pte = storm_page_gpa(page) | PV_PTE_P | PV_PTE_U;

	if (shows & SHOWS_WRITABLE)
		pte |= PV_PTE_W;
	return pte | (page & 4 ? 0 : PV_PTE_A | (page & 8 ? 0 : PV_PTE_D));
}

/* The new content of an entry; the table of one by a table is filled: nothing uses it. */
static u64 new_entry(u64 space, u64 slot, unsigned int shows)
{
	u64 table;

	if (!(shows & SHOWS))
		return 0;
	if (slot < FIRST_LARGE)
		return pte_of(shows, shows & SHOWS_PAGE);
	if (!(shows & SHOWS_TABLE))
		return pte_of(shows, shows & SHOWS_PAGE) | PV_PTE_PS;
	table = large_tables[space][slot - FIRST_LARGE];
	for (u64 i = 0; i < 512; i++)
		((u64 *)at(table))[i] = pte_of(shows, shown_page(shows, i));
	return table | PV_PTE_P | PV_PTE_U | PV_PTE_W;
}

static void store(u64 *where, u64 value)
{
	__atomic_store_n(where, value, __ATOMIC_SEQ_CST);
}

static void remap(struct storm_vcpu *me)
{
	u64 space = storm_rnd(me) % STORM_SPACES, slot = storm_rnd(me) % SLOTS;
	struct storm_map *map;
	unsigned int shows;
	u64 *where;

	if (storm_rnd(me) % 4 == 0)
		slot = FIRST_LARGE + storm_rnd(me) % LARGE;
	map = &storm->map[space][slot];
	where = entries[space][slot];
	if (!storm_try_lock(&map->seq))
		return;
	shows = new_target(me, slot);
	if (map->shows & SHOWS_TABLE && shows & SHOWS_TABLE) {
		store(where, 0);
		flush(me, space, slot);
	}
	store(where, new_entry(space, slot, shows));
	storm_pause(storm_rnd(me) % 64);
	/* What was not there need not be flushed. */
	/* One view is enough for a user root: no vCPU has it as its kernel's. */
	if (!(map->shows & SHOWS) && storm_rnd(me) & 1)
		storm_pause(1);
	else if (space && slot < FIRST_LARGE && storm_rnd(me) % 4 == 0)
		flush_by_return(me, space, slot);
	else
		flush(me, space, slot);
	map->shows = shows;
	storm_unlock(&map->seq);
	me->counts->remaps++;
}

/* Locks some pages next to each other; how many, from *@first on. */
static u64 lock_run(struct storm_vcpu *me, u64 *first)
{
	u64 most = 1 + storm_rnd(me) % 16, n = 0;

	*first = storm_rnd(me) % (STORM_PAGES - most);
	while (n < most && storm_try_lock(&storm->page[*first + n].seq))
		n++;
	return n;
}

/* They are dropped, seen as zero, and written anew. */
static void discard(struct storm_vcpu *me)
{
	u64 first, got = 0, n = lock_run(me, &first);
	long ret;

	if (!n)
		return;
	ret = call3(PV_HC_DISCARD, storm_page_gpa(first), n, 0);
	me->counts->discards++;
	for (u64 i = first; i < first + n; i++) {
		if (storm_read(storm_direct(i), &got))
			storm_fail(me, FAULT_GONE, 0, storm_direct(i), 2, i);
		/* The launcher may have had nothing mapped there just then. */
		if (!ret && got)
			storm_fail(me, FAULT_OLD, 0, storm_direct(i), got, 0);
		storm->page[i].gen = storm_next(storm->page[i].gen);
		storm_tag(i, storm->page[i].gen);
		storm_unlock(&storm->page[i].seq);
	}
}

static void announce(struct storm_vcpu *me)
{
	static const u64 lengths[] = {1, 16, 300, 512};
	u64 space = 1 + storm_rnd(me) % STORM_ROOTS, n = lengths[storm_rnd(me) % 4];
	u64 va = slot_va(storm_rnd(me) % SLOTS, 0);

	if (n >= 300)
		va = DENSE_VA;
	if (va < DENSE_VA)
		va = PV_VA_MIN;
	if (va == HIGH_EDGE_VA && n == 512)
		n = 511;
	storm_call_ok(me, call3(PV_HC_ANNOUNCE, storm_roots[space], va, n), PV_HC_ANNOUNCE);
	me->counts->announces++;
}

static void drop_root(struct storm_vcpu *me)
{
	long ret = call3(PV_HC_DROP_ROOT, storm_roots[1 + storm_rnd(me) % STORM_ROOTS], 0, 0);

	if (ret && ret != -EBUSY)
		storm_fail(me, FAULT_CALL, 0, PV_HC_DROP_ROOT, ret, 0);
	me->counts->drops++;
}

/* ---- user mode ---- */

struct storm_result storm_user(struct storm_vcpu *me, const char *code, u64 va, u64 value)
{
	struct pv_vcpu *p = me->page;

	p->ip = (u64)code;
	p->sp = 0;
	p->flags = PV_FLAGS_ENTRY;
	p->ax = 0;
	p->ret_flags |= PV_RET_SYSRET;
	return storm_go(va, value);
}

/* Some addresses of one space: in user mode a few are asked for without leaving its root. */
static void look_around(struct storm_vcpu *me)
{
	u64 space = storm_rnd(me) % STORM_SPACES, n = 1 + storm_rnd(me) % 8;

	if (space) {
		storm_call_ok(me, call3(PV_HC_USER_ROOT, storm_roots[space], 0, 0),
			      PV_HC_USER_ROOT);
		me->user_space = space;
		me->page->ret_flags = 0;
		me->counts->users++;
	}
	while (n--) {
		u64 slot = storm_rnd(me) % SLOTS, offset = 0;

		if (storm_rnd(me) % 4 == 0)
			slot = FIRST_LARGE + storm_rnd(me) % LARGE;
		if (slot >= FIRST_LARGE)
			offset = storm_rnd(me) % 512;
		/* Around the edges. */
		if (slot == SLOTS - 2 && storm_rnd(me) & 1)
			offset = storm_rnd(me) % 32;
		if (slot == SLOTS - 1 && storm_rnd(me) & 1)
			offset = 510 + storm_rnd(me) % 2;
		if (storm_rnd(me) % 3)
			check_read(me, space, slot, offset);
		else
			check_write(me, space, slot, offset);
	}
}

static void random_steps(struct storm_vcpu *me)
{
	while (!__atomic_load_n(&storm->stop, __ATOMIC_RELAXED)) {
		u64 what = storm_rnd(me) % 32;

		me->counts->rounds++;
		if (what < 20)
			look_around(me);
		else if (what < 27)
			remap(me);
		else if (what < 29)
			announce(me);
		else if (what < 31)
			discard(me);
		else
			drop_root(me);
	}
}

/* ---- the machine ---- */

u64 *storm_large_entry(u64 root, u64 va)
{
	u64 *table = at(root);

	for (int shift = 39; shift > 21; shift -= 9) {
		u64 *e = &table[va >> shift & 511];

		if (!(*e & PV_PTE_P))
			*e = page() | 7;
		table = at(*e & PV_PTE_ADDR);
	}
	return &table[va >> 21 & 511];
}

/* All tables that will be needed: page() is not for several vCPUs. */
static void make_space(u64 space)
{
	u64 root = space ? page() : GUEST_TABLES;

	storm_roots[space] = root;
	for (u64 va = GUEST_VA + GUEST_GPA; space && va < (u64)guest_end; va += 4096)
		*entry(root, va) = (va - GUEST_VA) | USER_PTE;
	for (u64 slot = 0; slot < FIRST_LARGE; slot++)
		entries[space][slot] = entry(root, slot_va(slot, 0));
	for (u64 i = 0; i < LARGE; i++) {
		u64 slot = FIRST_LARGE + i;

		entries[space][slot] = storm_large_entry(root, slot_va(slot, 0));
		large_tables[space][i] = page();
	}
}

static void make_spaces(void)
{
	for (u64 i = 0; i < STORM_BLOCKS; i++)
		*storm_large_entry(GUEST_TABLES, storm_direct(i * 512)) =
			storm_page_gpa(i * 512) | USER_PTE | PV_PTE_W | PV_PTE_PS;
	for (u64 space = 0; space < STORM_SPACES; space++)
		make_space(space);
	storm_make_wide_root();
	for (u64 i = 0; i < STORM_PAGES; i++) {
		storm->page[i].gen = 1;
		storm_tag(i, 1);
	}
}

static void vcpu_main(u64 n)
{
	struct storm_vcpu *me = &vcpus[n];

	me->n = n;
	me->rnd = (param->seed * STORM_VCPUS + n) * 0x9e3779b97f4a7c15UL | 1;
	me->page = guest_page + n;
	me->counts = &storm->counts[n];
	me->page->mask = 1;
	NEED(call3(PV_HC_SET_BASE, PV_BASE_GS, (u64)me->page, 0) == 0);
	NEED(call5(PV_HC_SET_ENTRIES, (u64)storm_enter_syscall, (u64)storm_enter_user,
		   (u64)storm_enter_kernel, 0, 0) == 0);
	if (storm->program == STORM_SWEEPS)
		storm_sweeps(me);
	else if (storm->program == STORM_AROUND)
		storm_around(me);
	else
		random_steps(me);
	__atomic_add_fetch(&storm->done, 1, __ATOMIC_SEQ_CST);
	while (n)
		call3(PV_HC_VCPU_STOP, n, 0, 0);
}

static void storm_case(void)
{
	storm = at(STORM_STATE);
	NEED(call3(PV_HC_FEATURES, PV_FEAT_DISCARD, 0, 0) == 0);
	make_spaces();
	for (u64 i = 1; i < param->nr_vcpus; i++)
		NEED(call5(PV_HC_VCPU_START, i, (u64)vcpu_main,
			   GUEST_VA + GUEST_STACKS + (i + 1) * 0x4000 - 8, GUEST_TABLES, i) == 0);
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	vcpu_main(0);
	while (__atomic_load_n(&storm->done, __ATOMIC_SEQ_CST) < param->nr_vcpus)
		call3(PV_HC_YIELD, PV_ANY, 0, 0);
}

const struct guest_code storm_cases[] = {
	{CASE_STORM, storm_case},
	{}
};
