// SPDX-License-Identifier: GPL-2.0-only
/* kernel/log/log_ring.c: order, overwriting, records that are not finished. */
#include <string.h>

#include "../../guest-kernel/kernel/log/log_ring.h"
#include "unit.h"

static struct log_record slots[8];
static struct log_ring ring;

static void start(void)
{
	memset(slots, 0, sizeof(slots));
	ring = (struct log_ring){ .slots = slots, .nr = 8 };
}

static void put(u32 n)
{
	char text[16];

	log_ring_put(&ring, (u8)(n % 8), n * 100, text, (size_t)snprintf(text, sizeof(text), "record %u", n));
}

static void expect_record(u64 *seq, u32 n)
{
	struct log_record rec;
	char text[16];

	EXPECT(log_ring_get(&ring, seq, &rec));
	EXPECT_EQ(*seq, n);
	EXPECT_EQ(rec.ns, n * 100);
	EXPECT_EQ(rec.level, n % 8);
	EXPECT_EQ(rec.len, snprintf(text, sizeof(text), "record %u", n));
	EXPECT_EQ(memcmp(rec.text, text, rec.len), 0);
	(*seq)++;
}

UNIT_TEST(log_ring_keeps_order)
{
	struct log_record rec;
	u64 seq = 0;
	u32 i;

	start();
	EXPECT(!log_ring_get(&ring, &seq, &rec));
	for (i = 0; i < 5; i++)
		put(i);
	for (i = 0; i < 5; i++)
		expect_record(&seq, i);
	EXPECT(!log_ring_get(&ring, &seq, &rec));
	EXPECT_EQ(seq, 5);
}

UNIT_TEST(log_ring_drops_the_oldest)
{
	u64 seq = 0;
	u32 i;

	start();
	for (i = 0; i < 20; i++)
		put(i);
	for (i = 12; i < 20; i++)
		expect_record(&seq, i);
}

UNIT_TEST(log_ring_waits_for_an_unfinished_record)
{
	struct log_record rec;
	u64 seq = 0;

	start();
	put(0);
	put(1);
	slots[0].seq = 0;	/* as if its writer had been interrupted */
	EXPECT(!log_ring_get(&ring, &seq, &rec));
	EXPECT_EQ(seq, 0);
	slots[0].seq = 1;
	expect_record(&seq, 0);
	expect_record(&seq, 1);
}

/* When nobody will finish it any more, what comes behind must be seen: the panic's own lines. */
UNIT_TEST(log_ring_goes_past_it_at_the_end)
{
	struct log_record rec;
	u64 seq = 0;

	start();
	put(0);
	put(1);
	put(2);
	slots[1].seq = 0;
	EXPECT(log_ring_get_last(&ring, &seq, &rec));
	EXPECT_EQ(seq, 0);
	seq++;
	EXPECT(log_ring_get_last(&ring, &seq, &rec));
	EXPECT_EQ(seq, 2);
	EXPECT_EQ(rec.ns, 200);
	seq++;
	EXPECT(!log_ring_get_last(&ring, &seq, &rec));
	EXPECT_EQ(seq, 3);
}

UNIT_TEST(log_ring_cuts_long_lines)
{
	static char text[LOG_TEXT_MAX * 2];
	struct log_record rec;
	u64 seq = 0;

	start();
	memset(text, 'a', sizeof(text));
	log_ring_put(&ring, 1, 2, text, sizeof(text));
	EXPECT(log_ring_get(&ring, &seq, &rec));
	EXPECT_EQ(rec.len, LOG_TEXT_MAX);
	EXPECT_EQ(rec.text[LOG_TEXT_MAX - 1], 'a');
}
