/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals (drivers/tty/): a driver moves bytes, the line discipline (n_tty.c) edits, echoes and makes signals, job.c does controlling terminals.
 */
#ifndef _TTY_H
#define _TTY_H

#include <fs.h>

#define NCCS 19
struct termios { u32 c_iflag, c_oflag, c_cflag, c_lflag; u8 c_line, c_cc[NCCS]; };	/* TCGETS layout */
struct winsize { u16 ws_row, ws_col, ws_xpixel, ws_ypixel; };

struct tty;
/**
 * struct tty_driver - the byte mover below a terminal
 * @name: node name in /dev ("ttyS0")
 * @write: queues up to @n bytes, returns how many were taken (0: full; tty_write_wakeup() when there is room). Any context, tty lock not held
 * @write_room: free bytes in the output queue
 * @drain: true when all output has left
 * @set_termios: baud rate and the like; may be NULL
 * @throttle: stop (true) or restart the input; may be NULL
 */
struct tty_driver {
	const char *name;
	u32 major, minor;
	size_t (*write)(struct tty_driver *d, const u8 *p, size_t n);
	size_t (*write_room)(struct tty_driver *d);
	bool (*drained)(struct tty_driver *d);
	void (*set_termios)(struct tty_driver *d, const struct termios *t);
	void (*throttle)(struct tty_driver *d, bool on);
	struct tty *tty;	/* set by tty_register() */
};
/* Makes the terminal and its /dev node. 0 or -ENOMEM, -EEXIST. */
int tty_register(struct tty_driver *d);
/* Bytes received: any context. @n bytes, @flag: TTY_BREAK, TTY_PARITY, TTY_OVERRUN or 0. */
void tty_receive(struct tty *tty, const u8 *p, size_t n);
void tty_receive_break(struct tty *tty);
/* Room for output again: any context. */
void tty_write_wakeup(struct tty *tty);
void tty_hangup(struct tty *tty);
/* exit of a session leader: gives up the terminal, SIGHUP to the foreground group. */
void tty_session_exit(struct process *p);
/* /dev/tty number for /proc/PID/stat: encoded dev, foreground pgid. */
dev_t tty_devt(const struct tty *tty);
pid_t tty_pgrp(const struct tty *tty);
void tty_get(struct tty *t);
void tty_put(struct tty *t);

#endif
