/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The line discipline: what happens to bytes between the wire and the program (POSIX.1-2017, XBD
 * chapter 11; termios(3)). Pure: no locks, no sleeping, no memory allocation, so it is tested on
 * the build host, too. The terminal's lock guards it.
 */
#ifndef _DRIVERS_TTY_LDISC_H
#define _DRIVERS_TTY_LDISC_H

#include <compiler.h>
#include <tty_abi.h>

#define LDISC_IN_SIZE	8192U	/* power of two: holds a line and what comes in behind it */
#define LDISC_LINE_MAX	4095U	/* bytes of a line before its end; more are cut, as in Linux */
#define LDISC_OUT_SIZE	4096U
#define LDISC_EXPANSION	8U	/* one byte written becomes at most so many (a tab) */

/**
 * struct ldisc - state of one terminal's line discipline
 * @termios: modes and special characters; changed by ldisc_set_termios() only
 * @in: ring of bytes received. Positions run freely and are masked on use
 * @mark: bit set: a line ends with this byte
 * @eof: bit set: this position stands for the end-of-file key and is no byte
 * @head: next byte to be read
 * @ready: in canonical mode the end of the finished lines
 * @tail: end of what has been received; from @ready on it can still be edited
 * @out: ring of bytes to be sent, already processed
 * @out_head: next to be sent
 * @out_tail: end
 * @column: of the cursor, for tabs
 * @line_column: column in which the line being edited began
 * @literal_next: the next byte is taken as it is (VLNEXT)
 * @stopped: output is stopped by VSTOP or TCOOFF
 * @signals: signals that keys have asked for, bit per signal; taken by the terminal
 */
struct ldisc {
	struct termios termios;
	u8 in[LDISC_IN_SIZE];
	unsigned long mark[LDISC_IN_SIZE / 64], eof[LDISC_IN_SIZE / 64];
	u32 head, ready, tail;
	u8 out[LDISC_OUT_SIZE];
	u32 out_head, out_tail;
	u32 column, line_column;
	bool literal_next, stopped;
	u64 signals;
};

void ldisc_init(struct ldisc *ld);
void ldisc_set_termios(struct ldisc *ld, const struct termios *t);
/* A byte, or a break, from the wire. */
void ldisc_receive(struct ldisc *ld, u8 c);
void ldisc_receive_break(struct ldisc *ld);
/* Whether read(2) has something to give: in canonical mode a finished line or an end of file. */
bool ldisc_has_input(const struct ldisc *ld);
/* Bytes that it could give: FIONREAD. */
u32 ldisc_readable(const struct ldisc *ld);
/*
 * Takes bytes for read(2): in canonical mode at most to the end of one line. *@end: a line or the
 * end of file was reached, stop.
 */
size_t ldisc_read(struct ldisc *ld, u8 *buf, size_t n, bool *end);
/* Processes bytes of write(2) into the output ring; returns how many found room. */
size_t ldisc_write(struct ldisc *ld, const u8 *p, size_t n);
u32 ldisc_write_room(const struct ldisc *ld);
/* Next contiguous run of bytes to be sent; 0: none, or stopped. ldisc_sent() takes them out. */
size_t ldisc_output(const struct ldisc *ld, const u8 **p);
void ldisc_sent(struct ldisc *ld, size_t n);
static inline u32 ldisc_unsent(const struct ldisc *ld) { return ld->out_tail - ld->out_head; }
/* Free input positions. */
static inline u32 ldisc_input_room(const struct ldisc *ld)
{
	return LDISC_IN_SIZE - (ld->tail - ld->head);
}
void ldisc_flush_input(struct ldisc *ld);
void ldisc_flush_output(struct ldisc *ld);

#endif
