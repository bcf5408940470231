// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two races that chance seldom meets: entries made behind a flush of everything, and
 * neighbours filled while the large page around them changes.
 */
#include "guest_storm.h"

/* Tables of STORM_SWEEPS' root: many, so that to empty them takes long. */
#define WIDE_VA 0x3000000000UL
#define WIDE 1400
/* Pages announced: more than the host writes down. */
#define MANY 300
#define CHECKED 4

/* STORM_AROUND: the page that shows one block or another; groups of that many pages. */
#define SWITCHED_VA (LARGE_VA + (1UL << 30))
#define GROUP 16
#define GROUPS (512 / GROUP)

u64 storm_wide_root;
static u64 *switched;

/* ---- entries made behind a sweep ---- */

/* All of the wide tables are one table of the guest's. */
void storm_make_wide_root(void)
{
	u64 leaves = page();

	storm_wide_root = page();
	for (u64 va = GUEST_VA + GUEST_GPA; va < (u64)guest_end; va += 4096)
		*entry(storm_wide_root, va) = (va - GUEST_VA) | USER_PTE;
	for (u64 i = 0; i < DENSE; i++) {
		entry(storm_wide_root, DENSE_VA + i * 4096);
		((u64 *)at(leaves))[i] = storm_page_gpa(STORM_PAGES - 1) | USER_PTE;
	}
	for (u64 i = 0; i < WIDE; i++)
		*storm_large_entry(storm_wide_root, WIDE_VA + (i << 21)) = leaves | 7;
	switched = storm_large_entry(GUEST_TABLES, SWITCHED_VA);
}

static void announce_many(struct storm_vcpu *me)
{
	storm_call_ok(me, call3(PV_HC_ANNOUNCE, storm_wide_root, DENSE_VA, MANY), PV_HC_ANNOUNCE);
	me->counts->announces++;
}

static void flush_wide(struct storm_vcpu *me, u64 va, u64 n)
{
	storm_call_ok(me, call3(PV_HC_FLUSH, storm_wide_root, va, n), PV_HC_FLUSH);
	me->counts->flushes++;
}

/* Let the dense addresses show the pages from @first on. */
static void show(u64 first)
{
	u64 *leaf = entry(storm_wide_root, DENSE_VA);

	for (u64 i = 0; i < MANY; i++)
		__atomic_store_n(&leaf[i], storm_page_gpa(first + i) | USER_PTE | PV_PTE_W,
				 __ATOMIC_RELAXED);
}

static void check_shown(struct storm_vcpu *me, u64 first)
{
	for (u64 n = 0; n < CHECKED; n++) {
		u64 i = storm_rnd(me) % MANY, va = DENSE_VA + i * 4096;
		struct storm_result r;

		me->page->ret_flags = 0;
		r = storm_user(me, storm_user_read, va, 0);
		if (r.status)
			storm_fail(me, FAULT_GONE, 1, va, r.status, TAG(first + i, 1));
		if (!storm_plausible(r.value))
			storm_fail(me, FAULT_FOREIGN, 1, va, r.value, TAG(first + i, 1));
		if (r.value != storm_expected(first + i, storm->page[first + i].gen))
			storm_fail(me, FAULT_OLD, 1, va, r.value, TAG(first + i, 1));
		me->counts->sure++;
	}
}

/* What the addresses showed goes back to the host, and comes back as new pages. */
static void renew(struct storm_vcpu *me, u64 first)
{
	storm_call_ok(me, call3(PV_HC_DISCARD, storm_page_gpa(first), MANY, 0), PV_HC_DISCARD);
	me->counts->discards++;
	for (u64 i = first; i < first + MANY; i++)
		storm_tag(i, ++storm->page[i].gen);
}

/*
 * Every flush here is of everything, and meets the same number of entries: those checked
 * are announced again, and are there already. Most of the time, that is how many there are.
 */
static void owner(struct storm_vcpu *me)
{
	u64 first = 0, begun, end;

	while (!__atomic_load_n(&storm->stop, __ATOMIC_RELAXED)) {
		begun = __builtin_ia32_rdtsc();
		me->counts->rounds++;
		show(first);
		flush_wide(me, 0, PV_ANY);
		/* Nothing of what was shown before may be left. */
		if (storm_rnd(me) % 4 == 0)
			renew(me, first ^ 512);
		check_shown(me, first);
		announce_many(me);
		end = __builtin_ia32_rdtsc();
		while (__builtin_ia32_rdtsc() - end < 4 * (end - begun))
			storm_pause(100);
		first ^= 512;
	}
}

void storm_sweeps(struct storm_vcpu *me)
{
	storm_call_ok(me, call3(PV_HC_USER_ROOT, storm_wide_root, 0, 0), PV_HC_USER_ROOT);
	if (me->n == 0)
		for (u64 i = 0; i < WIDE; i++)
			storm_call_ok(me, call3(PV_HC_ANNOUNCE, storm_wide_root,
						WIDE_VA + (i << 21), 1), PV_HC_ANNOUNCE);
	if (me->n == 0)
		owner(me);
	while (!__atomic_load_n(&storm->stop, __ATOMIC_RELAXED)) {
		flush_wide(me, 0, PV_ANY);
		storm_pause(storm_rnd(me) % 4096);
	}
}

/* ---- neighbours filled while their large page changes ---- */

static void wait_step(u64 i, u64 step)
{
	for (u64 n = 0; __atomic_load_n(&storm->step[i], __ATOMIC_SEQ_CST) < step; n++) {
		if (__atomic_load_n(&storm->stop, __ATOMIC_RELAXED))
			return;
		if (n > 100000)
			call3(PV_HC_NOP, 0, 0, 0);
	}
}

static void set_step(u64 i, u64 step)
{
	__atomic_store_n(&storm->step[i], step, __ATOMIC_SEQ_CST);
}

static void switch_to(u64 block)
{
	__atomic_store_n(switched, storm_page_gpa(block * 512) | USER_PTE | PV_PTE_W | PV_PTE_PS,
			 __ATOMIC_SEQ_CST);
}

/* Steps of a round: those of the groups, then the rest. */
#define STEPS 64
#define ALL_SHOWN (GROUPS + 1)
#define LOOKED_AT (GROUPS + 2)
#define AGAIN (GROUPS + 3)

static u64 old_tag(u64 page)
{
	return storm_expected(512 + page, storm->page[512 + page].gen);
}

static u64 switched_va(u64 page)
{
	return SWITCHED_VA + page * 4096;
}

/*
 * Both blocks are at hand, for only then are neighbours filled. But block 1's pages must not
 * be in the tables elsewhere: a flush for their sake would hide what is looked for.
 */
static void take_blocks(struct storm_vcpu *me)
{
	u64 value;

	for (u64 n = 0; n < 1024; n++)
		storm_read(storm_direct(n), &value);
	storm_call_ok(me, call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY), PV_HC_FLUSH);
}

static void spin(long n)
{
	while (n-- > 0)
		asm volatile("");
}

/*
 * In each group, pages are seen in block 1, while the other may just fill in block 0's. Both
 * begin at once; one of them waits a little first. If block 1 is seen at once we were
 * too early, if block 0 is too late: so it goes on about where the two meet.
 */
static void look_at_groups(struct storm_vcpu *me, u64 first)
{
	u64 value;

	for (u64 g = 0; g < GROUPS; g++) {
		switch_to(0);
		set_step(0, first + 1 + g);
		wait_step(1, first + 1 + g);
		spin(storm->ahead + storm_rnd(me) % 32);
		switch_to(1);
		for (u64 i = g * GROUP + 1; i < (g + 1) * GROUP; i++) {
			storm_read(switched_va(i), &value);
			storm->shown[i] = value == old_tag(i);
		}
		storm->ahead += storm->shown[g * GROUP + 1] ? 16 : -16;
	}
	set_step(0, first + ALL_SHOWN);
}

/* What is dropped must not be there any more. */
static void look_again(struct storm_vcpu *me)
{
	for (u64 i = 0; i < 512; i++) {
		u64 va = switched_va(i), value;

		if (!storm->shown[i])
			continue;
		if (storm_read(va, &value))
			storm_fail(me, FAULT_GONE, 0, va, 1, old_tag(i));
		if (!storm_plausible(value))
			storm_fail(me, FAULT_FOREIGN, 0, va, value, TAG(i, 1));
		if (storm->shown[i] == 2 && value == old_tag(i))
			storm_fail(me, FAULT_OLD, 0, va, value, TAG(i, 1));
		me->counts->sure++;
	}
}

static void changer(struct storm_vcpu *me, u64 round)
{
	u64 first = round * STEPS;

	switch_to(0);
	storm_call_ok(me, call3(PV_HC_FLUSH, GUEST_TABLES, SWITCHED_VA, 512), PV_HC_FLUSH);
	me->counts->flushes++;
	set_step(0, first);
	look_at_groups(me, first);
	wait_step(1, first + LOOKED_AT);
	look_again(me);
	set_step(0, first + AGAIN);
	wait_step(1, first + AGAIN);
}

/* Follows the other from group to group. */
static void fill_groups(u64 first)
{
	u64 now, last = 0, value;

	while (!__atomic_load_n(&storm->stop, __ATOMIC_RELAXED)) {
		now = __atomic_load_n(&storm->step[0], __ATOMIC_SEQ_CST) - first;
		if (now >= ALL_SHOWN)
			break;
		if (now == last)
			continue;
		last = now;
		set_step(1, first + now);
		spin(-storm->ahead);
		storm_read(switched_va((now - 1) * GROUP), &value);
	}
}

/*
 * Where the tables show block 0 to this vCPU though the other has seen block 1, the page of
 * block 1 is dropped: the other must have forgotten it, too.
 */
static void drop_replaced(struct storm_vcpu *me)
{
	for (u64 i = 0; i < 512; i++) {
		u64 value = 0;

		if (!storm->shown[i] || storm_read(switched_va(i), &value) || value == old_tag(i))
			continue;
		storm_call_ok(me, call3(PV_HC_DISCARD, storm_page_gpa(512 + i), 1, 0),
			      PV_HC_DISCARD);
		me->counts->discards++;
		storm->shown[i] = 2;
	}
}

static void filler(struct storm_vcpu *me, u64 round)
{
	u64 first = round * STEPS;

	wait_step(0, first);
	fill_groups(first);
	if (__atomic_load_n(&storm->stop, __ATOMIC_SEQ_CST))
		return;
	drop_replaced(me);
	set_step(1, first + LOOKED_AT);
	wait_step(0, first + AGAIN);
	for (u64 i = 0; i < 512; i++) {
		if (storm->shown[i] == 2)
			storm_tag(512 + i, ++storm->page[512 + i].gen);
		storm->shown[i] = 0;
	}
	storm_call_ok(me, call3(PV_HC_FLUSH, GUEST_TABLES, storm_direct(0), 1024), PV_HC_FLUSH);
	set_step(1, first + AGAIN);
}

void storm_around(struct storm_vcpu *me)
{
	if (me->n == 0)
		take_blocks(me);
	for (u64 round = 1; me->n < 2 && !__atomic_load_n(&storm->stop, __ATOMIC_RELAXED);
	     round++) {
		me->counts->rounds++;
		if (me->n == 0)
			changer(me, round);
		else
			filler(me, round);
	}
}
