// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what does not depend on the machine: the walk of guest page tables,
 * the checks of frames, the clock, the layout of the ABI. They run under UML as
 * well as on x86.
 */
#include <kunit/test.h>
#include <linux/pv_abi.h>
#include <linux/sizes.h>

#include "clock_math.h"
#include "frame.h"
#include "log.h"
#include "walk.h"

/* Guest memory of the tests: frames of 4 KiB from gpa 0. */
#define FRAMES		16
#define TABLE		(PV_PTE_P | PV_PTE_W | PV_PTE_U | PV_PTE_A)
#define LEAF		(TABLE | PV_PTE_D)
#define VA		0x123456789000UL

struct memory {
	u64 frames[FRAMES][512];
	bool readonly;
	u64 missing;		/* gpa that is not at hand */
};

static u64 *map_frame(void *ctx, u64 gpa, bool *writable)
{
	struct memory *mem = ctx;

	if (gpa >= FRAMES * SZ_4K || gpa == mem->missing)
		return NULL;
	*writable = !mem->readonly;
	return mem->frames[gpa / SZ_4K];
}

/* A walk that remembers nothing. */
static int walk(struct pvhost_walk *w, u64 addr, struct memory *mem)
{
	struct pvhost_path path = {};

	return pvhost_walk(w, addr, map_frame, mem, &path, 1);
}

static unsigned int slot_of(u64 va, int level)
{
	return va >> (12 + 9 * level) & 511;
}

/* Frames 1 to 4 are the tables for VA, which maps gpa 0xabc000. */
static struct memory *make_memory(struct kunit *test)
{
	struct memory *mem = kunit_kzalloc(test, sizeof(*mem), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	mem->missing = ~0ULL;
	mem->frames[1][slot_of(VA, 3)] = 0x2000 | TABLE;
	mem->frames[2][slot_of(VA, 2)] = 0x3000 | TABLE;
	mem->frames[3][slot_of(VA, 1)] = 0x4000 | TABLE;
	mem->frames[4][slot_of(VA, 0)] = 0xabc000 | LEAF;
	return mem;
}

static struct pvhost_walk user_walk(void)
{
	return (struct pvhost_walk){ .root = 0x1000, .mark = true };
}

static u64 *entry_of(struct memory *mem, int level)
{
	return &mem->frames[4 - level][slot_of(VA, level)];
}

static void walk_finds_page(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	KUNIT_EXPECT_EQ(test, walk(&w, VA + 0x123, mem), 0);
	KUNIT_EXPECT_EQ(test, w.gpa, 0xabc000ULL);
	KUNIT_EXPECT_EQ(test, w.level, 0);
	KUNIT_EXPECT_TRUE(test, w.writable);
	KUNIT_EXPECT_FALSE(test, w.nx);
}

static void walk_finds_large_pages(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	*entry_of(mem, 1) = 0x40000000 | LEAF | PV_PTE_PS;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, w.level, 1);
	KUNIT_EXPECT_EQ(test, w.gpa, 0x40000000ULL + (VA & (SZ_2M - 1)));

	*entry_of(mem, 2) = 0x80000000ULL | LEAF | PV_PTE_PS;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, w.level, 2);
	KUNIT_EXPECT_EQ(test, w.gpa, 0x80000000ULL + (VA & (SZ_1G - 1) & ~0xfffUL));
}

static void walk_ignores_low_bits_of_large_pages(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	*entry_of(mem, 1) = 0x40000000 | 0x1ff000 | LEAF | PV_PTE_PS;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, w.gpa, 0x40000000ULL + (VA & (SZ_2M - 1)));
}

static void walk_has_no_leaf_at_the_top(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	*entry_of(mem, 3) |= PV_PTE_PS;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, w.level, 0);
	KUNIT_EXPECT_EQ(test, w.gpa, 0xabc000ULL);
}

static void walk_faults_on_absence(struct kunit *test)
{
	int level;

	for (level = 0; level < 4; level++) {
		struct memory *mem = make_memory(test);
		struct pvhost_walk w = user_walk();

		*entry_of(mem, level) &= ~PV_PTE_P;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
		KUNIT_EXPECT_FALSE(test, w.prot);
	}
}

/* An absent page is that, also behind entries without the right. */
static void walk_absence_comes_before_rights(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	*entry_of(mem, 3) &= ~PV_PTE_U;
	*entry_of(mem, 0) = 0;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
	KUNIT_EXPECT_FALSE(test, w.prot);
}

static void walk_needs_user_bit_at_each_level(struct kunit *test)
{
	int level;

	for (level = 0; level < 4; level++) {
		struct memory *mem = make_memory(test);
		struct pvhost_walk w = user_walk();

		*entry_of(mem, level) &= ~PV_PTE_U;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
		KUNIT_EXPECT_TRUE(test, w.prot);
		w.kernel = true;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	}
}

static void walk_needs_write_bit_at_each_level(struct kunit *test)
{
	int level;

	for (level = 0; level < 4; level++) {
		struct memory *mem = make_memory(test);
		struct pvhost_walk w = user_walk();

		*entry_of(mem, level) &= ~PV_PTE_W;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
		KUNIT_EXPECT_FALSE(test, w.writable);
		w.write = true;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
		KUNIT_EXPECT_TRUE(test, w.prot);
		/* Also for the kernel: as with CR0.WP. */
		w.kernel = true;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
	}
}

static void walk_obeys_nx_of_each_level(struct kunit *test)
{
	int level;

	for (level = 0; level < 4; level++) {
		struct memory *mem = make_memory(test);
		struct pvhost_walk w = user_walk();

		*entry_of(mem, level) |= PV_PTE_NX;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
		KUNIT_EXPECT_TRUE(test, w.nx);
		w.fetch = true;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
		KUNIT_EXPECT_TRUE(test, w.prot);
	}
}

static void walk_marks(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	*entry_of(mem, 0) &= ~(PV_PTE_A | PV_PTE_D);
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, *entry_of(mem, 0), 0xabc000ULL | TABLE);
	/* The first write has to be seen, to set D. */
	KUNIT_EXPECT_FALSE(test, w.writable);
	w.write = true;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, *entry_of(mem, 0), 0xabc000ULL | LEAF);
	KUNIT_EXPECT_TRUE(test, w.writable);
}

static void walk_marks_nothing_when_told_so(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	w.mark = false;
	*entry_of(mem, 0) &= ~PV_PTE_D;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_FALSE(test, w.writable);
	*entry_of(mem, 0) &= ~PV_PTE_A;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
	KUNIT_EXPECT_EQ(test, *entry_of(mem, 0) & (PV_PTE_A | PV_PTE_D), 0ULL);
}

static void walk_does_not_write_readonly_tables(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	mem->readonly = true;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	*entry_of(mem, 0) &= ~PV_PTE_A;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -EFAULT);
	KUNIT_EXPECT_EQ(test, *entry_of(mem, 0) & PV_PTE_A, 0ULL);
}

static void walk_says_which_table_is_missing(struct kunit *test)
{
	u64 gpa;

	for (gpa = 0x1000; gpa <= 0x4000; gpa += 0x1000) {
		struct memory *mem = make_memory(test);
		struct pvhost_walk w = user_walk();

		mem->missing = gpa;
		KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), -ENXIO);
		KUNIT_EXPECT_EQ(test, w.missing, gpa);
	}
}

static void walk_takes_address_bits_only(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();

	*entry_of(mem, 0) |= 0x7ff0000000000e18ULL;	/* ignored, PWT, PCD, keys */
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, w.gpa, 0xabc000ULL);
}

/* A table that is its own child, at all levels, and is a page as well. */
static void walk_ends_in_cycles(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();
	int i;

	for (i = 0; i < 512; i++)
		mem->frames[1][i] = 0x1000 | LEAF;
	KUNIT_EXPECT_EQ(test, walk(&w, VA, mem), 0);
	KUNIT_EXPECT_EQ(test, w.gpa, 0x1000ULL);
}

/* A second walk takes the same way without mapping a table. */
static void walk_remembers_its_way(struct kunit *test)
{
	struct memory *mem = make_memory(test);
	struct pvhost_walk w = user_walk();
	struct pvhost_path path = {};

	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), 0);
	mem->missing = 0x1000;
	w.gpa = 0;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), 0);
	KUNIT_EXPECT_EQ(test, w.gpa, 0xabc000ULL);
	/* The leaf is read each time. */
	*entry_of(mem, 0) = 0;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), -EFAULT);
	/* Another region, root or sequence number is another way. */
	*entry_of(mem, 0) = 0xabc000 | LEAF;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 2), -ENXIO);
	mem->missing = ~0ULL;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 2), 0);
	mem->missing = 0x1000;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA + SZ_2M, map_frame, mem, &path, 2), -ENXIO);
	mem->missing = ~0ULL;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 2), 0);
	w.root = 0x5000;
	KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 2), -EFAULT);
}

/* What is remembered is where tables are, not what is in them. */
static void walk_sees_each_change(struct kunit *test)
{
	int level;

	for (level = 1; level < 4; level++) {
		struct memory *mem = make_memory(test);
		struct pvhost_walk w = user_walk();
		struct pvhost_path path = {};
		u64 old = *entry_of(mem, level);

		KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), 0);
		*entry_of(mem, level) = 0;
		KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), -EFAULT);
		KUNIT_EXPECT_FALSE(test, w.prot);
		*entry_of(mem, level) = old & ~PV_PTE_U;
		KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), -EFAULT);
		KUNIT_EXPECT_TRUE(test, w.prot);
		*entry_of(mem, level) = old;
		KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), 0);
		/* A table elsewhere, the same but for the page. */
		memcpy(mem->frames[10], mem->frames[4], sizeof(mem->frames[4]));
		mem->frames[10][slot_of(VA, 0)] = 0xdef000 | LEAF;
		*entry_of(mem, 1) = 0xa000 | TABLE;
		KUNIT_EXPECT_EQ(test, pvhost_walk(&w, VA, map_frame, mem, &path, 1), 0);
		KUNIT_EXPECT_EQ(test, w.gpa, 0xdef000ULL);
	}
}

static void frame_flags_are_safe(struct kunit *test)
{
	int bit;

	for (bit = 0; bit < 64; bit++) {
		u64 flags = pvhost_flags(BIT_ULL(bit));

		KUNIT_EXPECT_EQ(test, flags & PV_FLAGS_ENTRY, (u64)PV_FLAGS_ENTRY);
		/* IOPL, VM, VIF, VIP and all that does not exist */
		KUNIT_EXPECT_EQ(test, flags & ~0x254fd7ULL, 0ULL);
	}
	KUNIT_EXPECT_EQ(test, pvhost_flags(~0ULL), PV_FLAGS_USER | (u64)PV_FLAGS_ENTRY);
}

static void frame_ip_is_canonical(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, pvhost_ip_ok(0));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_ok(PV_VA_MAX - 1));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_ok(PV_VA_MAX));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_ok(0x800000000000));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_ok(0xffff800000000000));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_ok(~0ULL));
}

static void frame_ip_was_reached(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(0, 48));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(PV_VA_MAX, 48));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(0x7fffffffffff, 48));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_reached(0x800000000000, 48));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(0x800000000000, 57));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_reached(0xffff7fffffffffff, 48));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(0xffff800000000000, 48));
	KUNIT_EXPECT_FALSE(test, pvhost_ip_reached(0x0100000000000000, 57));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(~0ULL, 48));
	KUNIT_EXPECT_TRUE(test, pvhost_ip_reached(~0ULL, 57));
}

static void frame_selectors(struct kunit *test)
{
	unsigned int sel, ok = 0;

	for (sel = 0; sel < 65536; sel++) {
		ok += pvhost_cs_ok(sel, PV_SS);
		KUNIT_EXPECT_EQ(test, pvhost_cs_ok(PV_CS64, sel), sel == PV_SS);
	}
	KUNIT_EXPECT_EQ(test, ok, 2);
	KUNIT_EXPECT_TRUE(test, pvhost_cs_ok(PV_CS32, PV_SS));
	KUNIT_EXPECT_FALSE(test, pvhost_cs_ok(0x10, 0x18));
}

static void frame_delivery(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, pvhost_may_deliver(0, 0));
	KUNIT_EXPECT_FALSE(test, pvhost_may_deliver(1, 0));
	KUNIT_EXPECT_FALSE(test, pvhost_may_deliver(0, 1));
	KUNIT_EXPECT_FALSE(test, pvhost_may_deliver(0x80, 0xff));
}

static void insn_cpuid(struct kunit *test)
{
	static const u8 cpuid[] = { 0x0f, 0xa2 };
	unsigned int a, b, found = 0;

	KUNIT_EXPECT_TRUE(test, pvhost_is_cpuid(cpuid));
	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++) {
			const u8 code[] = { a, b };

			found += pvhost_is_cpuid(code);
		}
	KUNIT_EXPECT_EQ(test, found, 1);
}

static void insn_next(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pvhost_next_ip(0x123456789abe, 2, PV_CS64), 0x123456789ac0ULL);
	KUNIT_EXPECT_EQ(test, pvhost_next_ip(0xfffffffe, 2, PV_CS64), 0x100000000ULL);
	/* 32-bit code wraps. */
	KUNIT_EXPECT_EQ(test, pvhost_next_ip(0xfffffffe, 2, PV_CS32), 0ULL);
	KUNIT_EXPECT_EQ(test, pvhost_next_ip(0x1000, 2, PV_CS32), 0x1002ULL);
	/* Behind the last page: the guest's own fault, and safe to return to. */
	KUNIT_EXPECT_EQ(test, pvhost_next_ip(PV_VA_MAX - 2, 2, PV_CS64), (u64)PV_VA_MAX);
}

/* Shadows have nothing below the lowest and above the highest address, in no size. */
static void range_has_edges(struct kunit *test)
{
	const u64 large = SZ_2M;

	KUNIT_EXPECT_TRUE(test, pvhost_range_ok(PV_VA_MIN, SZ_4K));
	KUNIT_EXPECT_TRUE(test, pvhost_range_ok(PV_VA_MAX - SZ_4K, SZ_4K));
	KUNIT_EXPECT_TRUE(test, pvhost_range_ok(PV_VA_MIN, PV_VA_MAX - PV_VA_MIN));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(PV_VA_MIN - SZ_4K, SZ_4K));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(PV_VA_MAX, SZ_4K));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(PV_VA_MAX - SZ_4K, 2 * SZ_4K));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(0, SZ_4K));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(-(u64)SZ_4K, SZ_4K));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(PV_VA_MAX - SZ_4K, ~0ULL));
	/* The first and the last 2 MiB are not all the guest's. */
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok(PV_VA_MIN & ~(large - 1), large));
	KUNIT_EXPECT_FALSE(test, pvhost_range_ok((PV_VA_MAX - 1) & ~(large - 1), large));
	KUNIT_EXPECT_TRUE(test, pvhost_range_ok(large, large));
	KUNIT_EXPECT_TRUE(test, pvhost_range_ok(((PV_VA_MAX - 1) & ~(large - 1)) - large, large));
}

/*
 * A shadow of two places and its log, as two sweeps and those who make entries use
 * them; every step is one hold of the lock.
 */
#define PLACES		2
#define IDLE		PLACES

struct shadow {
	struct pvhost_log log;
	bool entry[PLACES];
	u64 sweep[2];
	int at[2];
};

/* Make an entry; with @many, as if the log had been filled up by others in the same place. */
static void shadow_fill(struct shadow *s, int place, bool many)
{
	if (!s->entry[place]) {
		s->entry[place] = true;
		pvhost_log_add(&s->log, place);
	}
	if (many)
		atomic64_add(PVHOST_LOG + 1, &s->log.nr);
}

/* As zap_logged(): everything in one step. */
static void shadow_zap_logged(struct shadow *s)
{
	u64 i;

	for (i = 0; i < atomic64_read(&s->log.nr); i++)
		s->entry[s->log.where[i]] = false;
	atomic64_set(&s->log.nr, 0);
}

/* The next step of a sweep, as zap_step(). */
static void shadow_sweep(struct shadow *s, int who)
{
	if (s->at[who] == IDLE) {
		if (pvhost_log_complete(&s->log)) {
			shadow_zap_logged(s);
			return;
		}
		s->sweep[who] = pvhost_log_begin(&s->log);
		s->at[who] = 0;
	}
	s->entry[s->at[who]++] = false;
	if (s->at[who] == IDLE)
		pvhost_log_end(&s->log, s->sweep[who]);
}

/* What the log's users rely on. */
static bool shadow_right(const struct shadow *s)
{
	int place;
	u64 i;

	if (!pvhost_log_complete(&s->log))
		return !pvhost_log_empty(&s->log);
	for (place = 0; place < PLACES; place++) {
		for (i = 0; i < atomic64_read(&s->log.nr); i++)
			if (s->log.where[i] == place)
				break;
		if (s->entry[place] && i == atomic64_read(&s->log.nr))
			return false;
	}
	return true;
}

static void shadow_step(struct shadow *s, unsigned int what)
{
	if (what < 2)
		shadow_sweep(s, what);
	else
		shadow_fill(s, what & 1, what < 4);
}

/* Six things can happen: all orders of seven of them. */
static void log_knows_all(struct kunit *test)
{
	struct shadow *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	unsigned int order, rest, i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (order = 0; order < 6 * 6 * 6 * 6 * 6 * 6 * 6; order++) {
		memset(&s->log, 0, offsetof(struct pvhost_log, where));
		memset(s->entry, 0, sizeof(s->entry));
		s->at[0] = IDLE;
		s->at[1] = IDLE;
		for (i = 0, rest = order; i < 7; i++, rest /= 6) {
			shadow_step(s, rest % 6);
			if (!shadow_right(s)) {
				KUNIT_FAIL(test, "order %u, step %u", order, i);
				return;
			}
		}
		if (!(order % 4096))
			cond_resched();
	}
}

/* More entries than fit, a sweep, and as many behind it: known to be incomplete. */
static void log_starts_anew(struct kunit *test)
{
	struct pvhost_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);
	u64 first, second;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, log);
	KUNIT_EXPECT_TRUE(test, pvhost_log_empty(log));
	for (i = 0; i < PVHOST_LOG; i++)
		pvhost_log_add(log, i);
	KUNIT_EXPECT_TRUE(test, pvhost_log_complete(log));
	pvhost_log_add(log, i);
	KUNIT_EXPECT_FALSE(test, pvhost_log_complete(log));
	first = pvhost_log_begin(log);
	second = pvhost_log_begin(log);
	KUNIT_EXPECT_NE(test, first, second);
	KUNIT_EXPECT_FALSE(test, pvhost_log_complete(log));
	pvhost_log_end(log, first);
	KUNIT_EXPECT_FALSE(test, pvhost_log_complete(log));
	KUNIT_EXPECT_FALSE(test, pvhost_log_empty(log));
	pvhost_log_add(log, 1);
	pvhost_log_end(log, second);
	KUNIT_EXPECT_TRUE(test, pvhost_log_complete(log));
	KUNIT_EXPECT_FALSE(test, pvhost_log_empty(log));
	pvhost_log_renew(log);
	KUNIT_EXPECT_TRUE(test, pvhost_log_empty(log));
	/* Sweeps of tables that are no more. */
	first = pvhost_log_begin(log);
	pvhost_log_renew(log);
	pvhost_log_add(log, 1);
	pvhost_log_end(log, first);
	KUNIT_EXPECT_TRUE(test, pvhost_log_complete(log));
	KUNIT_EXPECT_EQ(test, atomic64_read(&log->nr), 1);
}

/* Rates from 10 MHz to 10 GHz: an hour is right to the microsecond. */
static void clock_is_right(struct kunit *test)
{
	static const u32 khz[] = {
		10000, 999999, 1000000, 1000001, 1999999, 2000000, 2000001, 2893202,
		3999999, 4000000, 10000000,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(khz); i++) {
		struct pv_clock clock = { .tsc = 12345, .ns = 678 };
		u64 ticks = (u64)khz[i] * 1000 * 3600, hour = 3600 * NSEC_PER_SEC, ns;

		pvhost_clock_scale(&clock, khz[i]);
		KUNIT_EXPECT_GE(test, clock.mul, 1u << 31);
		KUNIT_EXPECT_EQ(test, pvhost_clock_ns(&clock, clock.tsc), 678ULL);
		ns = pvhost_clock_ns(&clock, clock.tsc + ticks) - 678;
		KUNIT_EXPECT_LE(test, ns, hour);
		KUNIT_EXPECT_GE(test, ns, hour - 2 * NSEC_PER_USEC);
	}
}

/* A hundred years: no overflow, and right to the rounding of mul. */
static void clock_continues(struct kunit *test)
{
	const u64 second = NSEC_PER_SEC;

	/* The later one: nobody has seen more. */
	KUNIT_EXPECT_EQ(test, pvhost_clock_continue(100 * second, 101 * second), 101 * second);
	KUNIT_EXPECT_EQ(test, pvhost_clock_continue(102 * second, 101 * second), 102 * second);
	/* It has leapt, or gone below zero. */
	KUNIT_EXPECT_EQ(test, pvhost_clock_continue(1000 * second, 101 * second), 101 * second);
	KUNIT_EXPECT_EQ(test, pvhost_clock_continue(-second, 101 * second), 101 * second);
	/* In a year a clock that is slewed is far away. */
	KUNIT_EXPECT_EQ(test, pvhost_clock_continue(31010000 * second, 31000000 * second),
			31010000 * second);
}

static void clock_lasts(struct kunit *test)
{
	struct pv_clock clock = {};
	u64 seconds = 100ULL * 365 * 24 * 3600, found;

	pvhost_clock_scale(&clock, 3000000);
	found = div64_u64(pvhost_clock_ns(&clock, seconds * 3000000000ULL), NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, found, seconds);
	KUNIT_EXPECT_GE(test, found, seconds - 2);
}

/* Numbers that other people's kernels are compiled with. */
static void abi_numbers(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PV_ABI_MAJOR, 1);
	KUNIT_EXPECT_EQ(test, PV_HC_RET_USER, 1);
	KUNIT_EXPECT_EQ(test, PV_HC_FLUSH, 8);
	KUNIT_EXPECT_EQ(test, PV_HC_CPUID, 15);
	KUNIT_EXPECT_EQ(test, PV_HC_BATCH, 25);
	KUNIT_EXPECT_EQ(test, PV_HC_NR, 26);
	KUNIT_EXPECT_EQ(test, sizeof(struct pv_vcpu), 4096ul);
	KUNIT_EXPECT_EQ(test, offsetof(struct pv_vcpu, clock), 0x80ul);
	KUNIT_EXPECT_EQ(test, sizeof(struct pv_boot), 240ul);
}

static struct kunit_case pvhost_cases[] = {
	KUNIT_CASE(walk_finds_page),
	KUNIT_CASE(walk_finds_large_pages),
	KUNIT_CASE(walk_ignores_low_bits_of_large_pages),
	KUNIT_CASE(walk_has_no_leaf_at_the_top),
	KUNIT_CASE(walk_faults_on_absence),
	KUNIT_CASE(walk_absence_comes_before_rights),
	KUNIT_CASE(walk_needs_user_bit_at_each_level),
	KUNIT_CASE(walk_needs_write_bit_at_each_level),
	KUNIT_CASE(walk_obeys_nx_of_each_level),
	KUNIT_CASE(walk_marks),
	KUNIT_CASE(walk_marks_nothing_when_told_so),
	KUNIT_CASE(walk_does_not_write_readonly_tables),
	KUNIT_CASE(walk_says_which_table_is_missing),
	KUNIT_CASE(walk_takes_address_bits_only),
	KUNIT_CASE(walk_ends_in_cycles),
	KUNIT_CASE(walk_remembers_its_way),
	KUNIT_CASE(walk_sees_each_change),
	KUNIT_CASE(frame_flags_are_safe),
	KUNIT_CASE(frame_ip_is_canonical),
	KUNIT_CASE(frame_ip_was_reached),
	KUNIT_CASE(frame_selectors),
	KUNIT_CASE(frame_delivery),
	KUNIT_CASE(insn_cpuid),
	KUNIT_CASE(insn_next),
	KUNIT_CASE(range_has_edges),
	KUNIT_CASE(log_starts_anew),
	KUNIT_CASE(log_knows_all),
	KUNIT_CASE(clock_is_right),
	KUNIT_CASE(clock_lasts),
	KUNIT_CASE(clock_continues),
	KUNIT_CASE(abi_numbers),
	{}
};

static struct kunit_suite pvhost_suite = {
	.name = "pvhost",
	.test_cases = pvhost_cases,
};

kunit_test_suite(pvhost_suite);

MODULE_DESCRIPTION("KUnit tests of the paravirtual host");
MODULE_LICENSE("GPL");
