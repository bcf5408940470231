/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading newc cpio archives (cpio.c) as their bytes come, in pieces of any size, so that nobody
 * has to hold an archive as a whole. Pure code, also tested and fuzzed on the build host.
 */
#ifndef _FS_CPIO_H
#define _FS_CPIO_H

#include <types.h>

#define CPIO_HEADER   110 /* "070701" and 13 numbers of 8 hexadecimal digits */
#define CPIO_NAME_MAX 4096
#define CPIO_TRAILER_NAME "TRAILER!!!"

/**
 * struct cpio_entry - one member of an archive
 * @name: terminated, without leading slashes; valid until the member ends
 */
struct cpio_entry {
	const char *name;
	u32 ino, mode, uid, gid, nlink, mtime, size;
	u32 dev_major, dev_minor, rdev_major, rdev_minor;
};

/**
 * struct cpio_sink - what is done with the members of an archive
 * @begin: a member begins
 * @data: its next bytes, together as many as @e->size
 * @end: all of its data was there
 * @trailer: the archive has ended
 *
 * Each returns 0, or an errno that ends the reading.
 */
struct cpio_sink {
	int (*begin)(void *arg, const struct cpio_entry *e);
	int (*data)(void *arg, const void *p, size_t n);
	int (*end)(void *arg, const struct cpio_entry *e);
	void (*trailer)(void *arg);
};

/**
 * struct cpio_stream - where the reading stands
 * @sink, @arg: who gets the members
 * @have: bytes of @head that are there
 * @want: bytes that @head is to have next: the numbers, or the name too
 * @left: bytes of the member's data that are still to come
 * @pad: bytes of padding that come before anything else
 * @in_archive: between the first byte of an archive and its trailer
 */
struct cpio_stream {
	const struct cpio_sink *sink;
	void *arg;
	size_t have, want;
	u32 left, pad;
	bool in_archive;
	struct cpio_entry entry;
	u8 head[CPIO_HEADER + CPIO_NAME_MAX];
};

/**
 * cpio_stream_init - Begin reading.
 * @s: filled
 * @sink: gets the members
 * @arg: its first argument
 */
void cpio_stream_init(struct cpio_stream *s, const struct cpio_sink *sink, void *arg);

/**
 * cpio_feed - Read the next bytes.
 * @s: the stream
 * @p: bytes; zeros between archives are skipped
 * @n: how many
 *
 * Return: how many were read: all, or those up to the end of a trailer (which another archive may
 * follow); -EINVAL for anything that is no sound member; or what the sink returned.
 */
ssize_t cpio_feed(struct cpio_stream *s, const void *p, size_t n);

#endif
