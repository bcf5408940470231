// SPDX-License-Identifier: GPL-2.0-only
/*
 * The newc cpio format (cpio(5)): a header of ASCII hexadecimal numbers, the name, the data, each
 * part padded to four bytes. Nothing in it is trusted.
 */
#include "cpio.h"
#include <compiler.h>
#include <errno.h>
#include <string.h>

/* Eight hexadecimal digits; false if they are not. */
static bool parse_hex(const u8 *p, u32 *value)
{
	u32 v = 0;

	for (int i = 0; i < 8; i++) {
		u8 c = p[i];

		if (c >= '0' && c <= '9')
			c = (u8)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (u8)((c | 0x20) - 'a' + 10);
		else
			return false;
		v = v << 4 | c;
	}
	*value = v;
	return true;
}

static bool parse_header(const u8 *p, struct cpio_entry *e, u32 *namesize)
{
	u32 *const fields[] = {
		&e->ino,  &e->mode,	 &e->uid,	&e->gid,	&e->nlink,	&e->mtime,
		&e->size, &e->dev_major, &e->dev_minor, &e->rdev_major, &e->rdev_minor, namesize,
	};

	if (memcmp(p, "070701", 6) && memcmp(p, "070702", 6))
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++)
		if (!parse_hex(p + 6 + 8 * i, fields[i]))
			return false;
	return true;
}

static u32 padding(size_t n)
{
	return (u32)(-n & 3);
}

/* The contract stands in cpio.h, as does that of cpio_feed(). */
void cpio_stream_init(struct cpio_stream *s, const struct cpio_sink *sink, void *arg)
{
	s->sink = sink;
	s->arg = arg;
	s->have = 0;
	s->want = CPIO_HEADER;
	s->left = s->pad = 0;
	s->in_archive = false;
}

static int end_member(struct cpio_stream *s)
{
	s->have = 0;
	s->want = CPIO_HEADER;
	s->pad += padding(s->entry.size);
	return s->sink->end(s->arg, &s->entry);
}

/* The name is there. */
static int begin_member(struct cpio_stream *s)
{
	struct cpio_entry *e = &s->entry;
	size_t namesize = s->have - CPIO_HEADER;
	int err;

	e->name = (const char *)s->head + CPIO_HEADER;
	if (strnlen(e->name, namesize) != namesize - 1)
		return -EINVAL;
	if (!strcmp(e->name, CPIO_TRAILER_NAME)) {
		cpio_stream_init(s, s->sink, s->arg);
		s->sink->trailer(s->arg);
		return 0;
	}
	while (*e->name == '/')
		e->name++;
	s->pad = padding(s->have);
	s->left = e->size;
	err = s->sink->begin(s->arg, e);
	return err || s->left ? err : end_member(s);
}

/* The numbers are there. */
static int read_numbers(struct cpio_stream *s)
{
	u32 namesize;

	if (!parse_header(s->head, &s->entry, &namesize) || !namesize || namesize > CPIO_NAME_MAX)
		return -EINVAL;
	s->want = CPIO_HEADER + namesize;
	return 0;
}

static int feed_head(struct cpio_stream *s, const u8 *p, size_t n)
{
	memcpy(s->head + s->have, p, n);
	s->have += n;
	s->in_archive = true;
	if (s->have < s->want)
		return 0;
	return s->have == CPIO_HEADER ? read_numbers(s) : begin_member(s);
}

static int feed_data(struct cpio_stream *s, const u8 *p, size_t n)
{
	int err = s->sink->data(s->arg, p, n);

	s->left -= (u32)n;
	return err || s->left ? err : end_member(s);
}

ssize_t cpio_feed(struct cpio_stream *s, const void *bytes, size_t n)
{
	const u8 *p = bytes;
	bool began = s->in_archive;
	size_t at = 0, step;
	int err = 0;

	while (at < n && !err && (s->in_archive || !began)) {
		step = 1;
		if (s->pad) {
			step = min_t(size_t, s->pad, n - at);
			s->pad -= (u32)step;
		} else if (s->left) {
			step = min_t(size_t, s->left, n - at);
			err = feed_data(s, p + at, step);
		} else if (s->in_archive || p[at]) {
			step = min(s->want - s->have, n - at);
			err = feed_head(s, p + at, step);
			began = true;
		}
		at += step;
	}
	return err ? err : (ssize_t)at;
}
