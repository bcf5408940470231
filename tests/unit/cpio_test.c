// SPDX-License-Identifier: GPL-2.0-only
/*
 * init/cpio.c: members of newc archives in pieces of any size, and archives that lie. Each piece is
 * an allocation of its own, so that the sanitizer sees a step too far.
 */
#include <errno.h>
#include <string.h>

#include "../../guest-kernel/init/cpio.h"
#include "unit.h"

#define NAME_DIGITS	94	/* where c_namesize stands in the header */
#define SIZE_DIGITS	54	/* c_filesize */

static void put_hex(u8 *p, u32 v)
{
	for (int i = 7; i >= 0; i--, v >>= 4)
		p[i] = (u8)"0123456789abcdef"[v & 15];
}

/* A member with recognisable numbers; returns its bytes with the padding. */
static size_t put_member(u8 *p, const char *name, const void *data, u32 size)
{
	u32 len = (u32)strlen(name) + 1;
	size_t at = ALIGN_UP((size_t)CPIO_HEADER + len, 4);

	memset(p, '0', CPIO_HEADER);
	memcpy(p, "070701", 6);
	for (u32 i = 0; i < 11; i++)
		put_hex(p + 6 + 8 * i, 100 + i);
	put_hex(p + SIZE_DIGITS, size);
	put_hex(p + NAME_DIGITS, len);
	memset(p + CPIO_HEADER, 0, at - CPIO_HEADER);
	memcpy(p + CPIO_HEADER, name, len);
	memcpy(p + at, data, size);
	memset(p + at + size, 0, ALIGN_UP(at + size, 4) - at - size);
	return ALIGN_UP(at + size, 4);
}

/* What a reader saw of an archive: the last member, and how many there were. */
static struct seen {
	struct cpio_entry e;
	char name[64];
	u8 data[64];
	size_t size;
	u32 begun, ended, trailers;
	int refuse;		/* what begin() returns */
} seen;

static int on_begin(void *arg, const struct cpio_entry *e)
{
	EXPECT(arg == &seen);
	EXPECT_EQ(seen.begun, seen.ended);
	seen.begun++;
	seen.e = *e;
	seen.size = 0;
	memcpy(seen.name, e->name, strnlen(e->name, sizeof(seen.name) - 1));
	return seen.refuse;
}

static int on_data(void *arg, const void *p, size_t n)
{
	EXPECT(n > 0 && seen.begun == seen.ended + 1);
	if (seen.size + n <= sizeof(seen.data))
		memcpy(seen.data + seen.size, p, n);
	seen.size += n;
	return 0;
}

static int on_end(void *arg, const struct cpio_entry *e)
{
	EXPECT_EQ(seen.size, e->size);
	EXPECT_EQ(strncmp(seen.name, e->name, sizeof(seen.name) - 1), 0);
	seen.ended++;
	return 0;
}

static void on_trailer(void *arg)
{
	EXPECT_EQ(seen.begun, seen.ended);
	seen.trailers++;
}

static const struct cpio_sink sink = { on_begin, on_data, on_end, on_trailer };
static struct cpio_stream stream;

static void begin_reading(void)
{
	memset(&seen, 0, sizeof(seen));
	cpio_stream_init(&stream, &sink, &seen);
}

/* Feeds the bytes in pieces of at most @step; the bytes taken, or the error. */
static ssize_t feed(const u8 *bytes, size_t n, size_t step)
{
	size_t at = 0;

	while (at < n) {
		size_t piece = n - at < step ? n - at : step;
		u8 *copy = host_alloc(piece);
		ssize_t ret;

		memcpy(copy, bytes + at, piece);
		ret = cpio_feed(&stream, copy, piece);
		host_free(copy);
		if (ret < 0)
			return ret;
		EXPECT((size_t)ret <= piece);
		at += (size_t)ret;
		if ((size_t)ret < piece)
			break;
	}
	return (ssize_t)at;
}

static ssize_t read_from_start(const u8 *bytes, size_t n, size_t step)
{
	begin_reading();
	return feed(bytes, n, step);
}

UNIT_TEST(cpio_reads_a_member_in_pieces)
{
	u8 p[512];
	size_t n = put_member(p, "dir/file", "hello", 5);

	for (size_t step = 1; step <= n; step++) {
		EXPECT_EQ(read_from_start(p, n, step), n);
		EXPECT_EQ(seen.ended, 1);
		EXPECT_STR(seen.name, "dir/file");
		EXPECT_EQ(seen.size, 5);
		EXPECT_EQ(memcmp(seen.data, "hello", 5), 0);
		EXPECT_EQ(seen.e.ino, 100);
		EXPECT_EQ(seen.e.mode, 101);
		EXPECT_EQ(seen.e.uid, 102);
		EXPECT_EQ(seen.e.gid, 103);
		EXPECT_EQ(seen.e.nlink, 104);
		EXPECT_EQ(seen.e.mtime, 105);
		EXPECT_EQ(seen.e.dev_major, 107);
		EXPECT_EQ(seen.e.dev_minor, 108);
		EXPECT_EQ(seen.e.rdev_major, 109);
		EXPECT_EQ(seen.e.rdev_minor, 110);
	}
}

UNIT_TEST(cpio_drops_leading_slashes)
{
	u8 p[512];
	size_t n = put_member(p, "//etc/passwd", "", 0);

	EXPECT_EQ(read_from_start(p, n, n), n);
	EXPECT_STR(seen.name, "etc/passwd");
	EXPECT_EQ(seen.ended, 1);
}

/* Two archives with zeros before, between and behind them; a call ends with a trailer. */
UNIT_TEST(cpio_trailer_ends_an_archive)
{
	u8 p[2048] = { 0 };
	size_t n = 3, at, end;

	n += put_member(p + n, "a", "1", 1);
	n += put_member(p + n, "b", "", 0);
	n += put_member(p + n, CPIO_TRAILER_NAME, "", 0);
	end = n;
	n += 513;
	n += put_member(p + n, "c", "four", 4);
	n += put_member(p + n, CPIO_TRAILER_NAME, "", 0);
	begin_reading();
	at = (size_t)cpio_feed(&stream, p, n);
	EXPECT(at > end - 4 && at <= end);
	EXPECT_EQ(seen.ended, 2);
	EXPECT_EQ(seen.trailers, 1);
	EXPECT(!stream.in_archive);
	EXPECT(cpio_feed(&stream, p + at, n - at) > 0);
	EXPECT_STR(seen.name, "c");
	EXPECT_EQ(seen.ended, 3);
	EXPECT_EQ(seen.trailers, 2);
	EXPECT(!stream.in_archive);
}

UNIT_TEST(cpio_cut_short_has_no_end)
{
	u8 p[512];
	size_t whole = put_member(p, "name", "0123456789", 10);
	size_t data_end = ALIGN_UP((size_t)CPIO_HEADER + 5, 4) + 10;

	for (size_t n = 1; n <= whole; n++) {
		EXPECT_EQ(read_from_start(p, n, n), n);
		EXPECT_EQ(seen.ended, n >= data_end);
		EXPECT(stream.in_archive);
	}
}

UNIT_TEST(cpio_stops_where_the_sink_refuses)
{
	u8 p[512];
	size_t n = put_member(p, "name", "data", 4);

	begin_reading();
	seen.refuse = -EROFS;
	EXPECT_EQ(feed(p, n, n), -EROFS);
	EXPECT_EQ(seen.ended, 0);
}

UNIT_TEST(cpio_sizes_that_lie_are_refused)
{
	static const u32 bad[] = { 0, 6, 4097, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };
	u8 p[512];
	size_t n = put_member(p, "name", "data", 4);

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		put_hex(p + NAME_DIGITS, bad[i]);
		EXPECT_EQ(read_from_start(p, n, n), -EINVAL);
	}
	/* A size beyond what is there is data that has not come yet. */
	put_hex(p + NAME_DIGITS, 5);
	for (u32 i = 2; i < ARRAY_SIZE(bad); i++) {
		put_hex(p + SIZE_DIGITS, bad[i]);
		EXPECT_EQ(read_from_start(p, n, n), n);
		EXPECT_EQ(seen.begun, 1);
		EXPECT_EQ(seen.ended, 0);
		EXPECT_EQ(stream.left, bad[i] - 4);
	}
}

UNIT_TEST(cpio_names_end_where_they_say)
{
	u8 p[512];
	size_t n = put_member(p, "name", "", 0);

	p[CPIO_HEADER + 2] = '\0';		/* too early */
	EXPECT_EQ(read_from_start(p, n, n), -EINVAL);
	memcpy(p + CPIO_HEADER, "names", 5);	/* not at all */
	EXPECT_EQ(read_from_start(p, n, n), -EINVAL);
}

UNIT_TEST(cpio_numbers_are_hexadecimal)
{
	u8 p[512];
	size_t n = put_member(p, "name", "", 0);

	/* The check sum behind the length of the name means nothing in this format. */
	for (u32 at = 6; at < NAME_DIGITS + 8; at++) {
		u8 kept = p[at];

		p[at] = 'g';
		EXPECT_EQ(read_from_start(p, n, n), -EINVAL);
		p[at] = kept;
	}
	memcpy(p, "070707", 6);
	EXPECT_EQ(read_from_start(p, n, n), -EINVAL);
}

UNIT_TEST(cpio_survives_mutations)
{
	u8 p[600], q[600];
	size_t n = put_member(p, "some/longer/name", "the data of the member", 22), accepted = 0;

	for (u32 round = 0; round < 200000; round++) {
		memcpy(q, p, n);
		for (u32 k = unit_random() % 4; k < 4; k++)
			q[unit_random() % n] = unit_random() % 2 ?
				(u8)"0123456789abcdef"[unit_random() % 16] : (u8)unit_random();
		read_from_start(q, unit_random() % 8 ? n : unit_random() % n, 1 + unit_random() % n);
		accepted += seen.ended > 0;
	}
	EXPECT(accepted > 0 && accepted < 200000);
}
