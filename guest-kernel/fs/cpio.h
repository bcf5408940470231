/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading newc cpio archives (cpio.c): pure code, also tested and fuzzed on the build host.
 */
#ifndef _FS_CPIO_H
#define _FS_CPIO_H

#include <types.h>

#define CPIO_HEADER   110 /* "070701" and 13 numbers of 8 hexadecimal digits */
#define CPIO_NAME_MAX 4096

/**
 * struct cpio_entry - one member of an archive
 * @name: terminated, without leading slashes; points into the archive
 * @data: @size bytes, inside the archive
 */
struct cpio_entry {
	const char *name;
	const u8 *data;
	u32 ino, mode, uid, gid, nlink, mtime, size;
	u32 dev_major, dev_minor, rdev_major, rdev_minor;
};

/**
 * cpio_next - Read the next member.
 * @p: archive from here on
 * @n: bytes there are
 * @e: filled
 *
 * Return: bytes of the member with its padding; 0 for the trailer (@e is not filled; the archive
 * may be followed by zeros and another); -EINVAL for anything that is no sound member.
 */
ssize_t cpio_next(const u8 *p, size_t n, struct cpio_entry *e);
#define CPIO_TRAILER_NAME "TRAILER!!!"
/* Bytes of the trailer itself. */
#define CPIO_TRAILER_SIZE 124

#endif
