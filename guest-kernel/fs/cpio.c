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

ssize_t cpio_next(const u8 *p, size_t n, struct cpio_entry *e)
{
	size_t data, end;
	u32 namesize;

	if (n < CPIO_HEADER || !parse_header(p, e, &namesize))
		return -EINVAL;
	if (!namesize || namesize > CPIO_NAME_MAX || namesize > n - CPIO_HEADER)
		return -EINVAL;
	e->name = (const char *)p + CPIO_HEADER;
	if (strnlen(e->name, namesize) != namesize - 1)
		return -EINVAL;
	if (!strcmp(e->name, CPIO_TRAILER_NAME))
		return 0;
	data = ALIGN_UP((size_t)CPIO_HEADER + namesize, 4);
	if (data > n || e->size > n - data)
		return -EINVAL;
	e->data = p + data;
	/* The padding of the last member may be missing. */
	end = ALIGN_UP(data + e->size, 4);
	while (*e->name == '/')
		e->name++;
	return (ssize_t)min(end, n);
}
