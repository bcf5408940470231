// SPDX-License-Identifier: GPL-2.0-only
/*
 * fs/cpio.c: members of newc archives, and archives that lie. Archives stand at the end of an allocation, so that the sanitizer sees a step too far.
 */
#include <errno.h>
#include <string.h>

#include "../../guest-kernel/fs/cpio.h"
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

/* What cpio_next() says of @n bytes with nothing behind them. */
static ssize_t next_of(const u8 *bytes, size_t n, struct cpio_entry *e)
{
	u8 *copy = host_alloc(n + 1);
	ssize_t ret;

	memcpy(copy + 1, bytes, n);
	ret = cpio_next(copy + 1, n, e);
	if (ret > 0) {
		EXPECT((size_t)ret <= n);
		EXPECT(e->data >= copy + 1 && e->size <= n && e->data + e->size <= copy + 1 + n);
		EXPECT((const u8 *)e->name + strlen(e->name) < copy + 1 + n);
	}
	host_free(copy);
	return ret;
}

UNIT_TEST(cpio_reads_a_member)
{
	struct cpio_entry e;
	u8 p[512];
	size_t n = put_member(p, "dir/file", "hello", 5);

	EXPECT_EQ(cpio_next(p, n, &e), n);
	EXPECT_STR(e.name, "dir/file");
	EXPECT_EQ(e.size, 5);
	EXPECT_EQ(memcmp(e.data, "hello", 5), 0);
	EXPECT_EQ(e.ino, 100);
	EXPECT_EQ(e.mode, 101);
	EXPECT_EQ(e.uid, 102);
	EXPECT_EQ(e.gid, 103);
	EXPECT_EQ(e.nlink, 104);
	EXPECT_EQ(e.mtime, 105);
	EXPECT_EQ(e.dev_major, 107);
	EXPECT_EQ(e.dev_minor, 108);
	EXPECT_EQ(e.rdev_major, 109);
	EXPECT_EQ(e.rdev_minor, 110);
}

UNIT_TEST(cpio_drops_leading_slashes)
{
	struct cpio_entry e;
	u8 p[512];
	size_t n = put_member(p, "//etc/passwd", "", 0);

	EXPECT_EQ(cpio_next(p, n, &e), n);
	EXPECT_STR(e.name, "etc/passwd");
}

UNIT_TEST(cpio_trailer_ends)
{
	struct cpio_entry e;
	u8 p[512];

	EXPECT_EQ(put_member(p, CPIO_TRAILER_NAME, "", 0), CPIO_TRAILER_SIZE);
	EXPECT_EQ(cpio_next(p, CPIO_TRAILER_SIZE, &e), 0);
}

UNIT_TEST(cpio_cut_short_is_refused)
{
	struct cpio_entry e;
	u8 p[512];
	size_t whole = put_member(p, "name", "0123456789", 10), data_end = ALIGN_UP((size_t)CPIO_HEADER + 5, 4) + 10;

	for (size_t n = 0; n <= whole; n++)
		EXPECT_EQ(next_of(p, n, &e), n < data_end ? -EINVAL : (ssize_t)n);
}

UNIT_TEST(cpio_sizes_that_lie_are_refused)
{
	static const u32 bad[] = { 0, 6, 4097, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };
	struct cpio_entry e;
	u8 p[512];
	size_t n = put_member(p, "name", "data", 4);

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		put_hex(p + NAME_DIGITS, bad[i]);
		EXPECT_EQ(next_of(p, n, &e), -EINVAL);
	}
	put_hex(p + NAME_DIGITS, 5);
	for (u32 i = 2; i < ARRAY_SIZE(bad); i++) {
		put_hex(p + SIZE_DIGITS, bad[i]);
		EXPECT_EQ(next_of(p, n, &e), -EINVAL);
	}
}

UNIT_TEST(cpio_names_end_where_they_say)
{
	struct cpio_entry e;
	u8 p[512];
	size_t n = put_member(p, "name", "", 0);

	p[CPIO_HEADER + 2] = '\0';		/* too early */
	EXPECT_EQ(next_of(p, n, &e), -EINVAL);
	memcpy(p + CPIO_HEADER, "names", 5);	/* not at all */
	EXPECT_EQ(next_of(p, n, &e), -EINVAL);
}

UNIT_TEST(cpio_numbers_are_hexadecimal)
{
	struct cpio_entry e;
	u8 p[512];
	size_t n = put_member(p, "name", "", 0);

	/* The check sum behind the length of the name means nothing in this format. */
	for (u32 at = 6; at < NAME_DIGITS + 8; at++) {
		u8 kept = p[at];

		p[at] = 'g';
		EXPECT_EQ(next_of(p, n, &e), -EINVAL);
		p[at] = kept;
	}
	memcpy(p, "070707", 6);
	EXPECT_EQ(next_of(p, n, &e), -EINVAL);
}

UNIT_TEST(cpio_survives_mutations)
{
	struct cpio_entry e;
	u8 p[600], q[600];
	size_t n = put_member(p, "some/longer/name", "the data of the member", 22), accepted = 0;

	for (u32 round = 0; round < 200000; round++) {
		memcpy(q, p, n);
		for (u32 k = unit_random() % 4; k < 4; k++)
			q[unit_random() % n] = unit_random() % 2 ? (u8)"0123456789abcdef"[unit_random() % 16] : (u8)unit_random();
		accepted += next_of(q, unit_random() % 8 ? n : unit_random() % n, &e) > 0;
	}
	EXPECT(accepted > 0 && accepted < 200000);
}
