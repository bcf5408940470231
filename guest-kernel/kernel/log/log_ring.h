/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of log records, without anything of the kernel around it, so that it is also tested on
 * the build host.
 *
 * Writers reserve a slot by one atomic addition, fill it and publish it by storing its number.
 * Nobody ever waits for anybody: an interrupt, an NMI or a panic in the middle of a write takes the
 * next slot. A reader copies a slot and then checks that its number has not changed meanwhile. Only
 * a writer that is interrupted for so long that the ring goes round once completely can spoil
 * another's text.
 */
#ifndef _KERNEL_LOG_RING_H
#define _KERNEL_LOG_RING_H

#include <compiler.h>

#define LOG_TEXT_MAX	232

/**
 * struct log_record - one line
 * @seq: number of the record plus one; 0 while it is being written
 * @ns: monotonic time stamp
 * @level: LOG_*
 * @len: bytes of @text, which is not terminated
 */
struct log_record {
	u64 seq;
	u64 ns;
	u8 level;
	u8 len;
	char text[LOG_TEXT_MAX];
};

/**
 * struct log_ring - the records
 * @slots: array of @nr slots
 * @nr: a power of two
 * @head: number of the next record; atomic
 */
struct log_ring {
	struct log_record *slots;
	u64 nr;
	u64 head;
};

/* Adds a record of at most LOG_TEXT_MAX bytes. Any context. */
void log_ring_put(struct log_ring *r, u8 level, u64 ns, const char *text, size_t len);
/*
 * Copies the record with number *@seq, or, if it has been overwritten, the oldest there is (then
 * *@seq is set to its number). False if it is not (yet) there; a record that is just being
 * overwritten is skipped.
 */
bool log_ring_get(const struct log_ring *r, u64 *seq, struct log_record *out);
/*
 * The same when nobody writes any more: a record that was begun will never be finished, and what
 * comes behind it must be seen (panic).
 */
bool log_ring_get_last(const struct log_ring *r, u64 *seq, struct log_record *out);

#endif
