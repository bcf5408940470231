/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals (drivers/tty/): a driver moves bytes, the line discipline (ldisc.c) edits, echoes and
 * finds the keys that make signals, tty_job.c does controlling terminals.
 *
 * Lock order: tasklist_lock -> tty->lock -> driver's locks, wait queues. A driver calls the
 * functions below with none of its locks held.
 */
#ifndef _TTY_H
#define _TTY_H

#include <fs.h>
#include <tty_abi.h>

struct tty;
struct process;

/**
 * struct tty_driver - the byte mover below a terminal
 * @name: node name in /dev ("ttyS0")
 * @major: device number
 * @minor: device number
 * @winsize: window size to begin with; zeros: not known
 * @write: queues up to @n bytes, returns how many were taken; if not all, calls tty_write_wakeup()
 * later when there is room. Called with the terminal's lock held and interrupts off: must not call
 * back into the terminal
 * @drained: true when all output has left; as @write
 * @set_termios: baud rate and the like; changes what the line cannot do into what it does, which
 * is then read back; may be NULL; may sleep
 * @packet_event: of pseudo terminals only: what packet mode tells (TIOCPKT_*); as @write
 * @throttle: stop (true) or restart the input; may be NULL; as @write
 * @open: a file of the terminal is about to be opened; 0 or a negative errno; may be NULL; may
 * sleep
 * @close: the last open file of the terminal was closed; may be NULL; may sleep
 * @free: the terminal has been freed, and with it goes the driver; may be NULL
 * @tty: set by tty_register()
 */
struct tty_driver {
	const char *name;
	u32 major, minor;
	struct winsize winsize;
	size_t (*write)(struct tty_driver *d, const u8 *p, size_t n);
	bool (*drained)(struct tty_driver *d);
	void (*set_termios)(struct tty_driver *d, struct termios2 *t);
	void (*packet_event)(struct tty_driver *d, u8 set, u8 clear);
	void (*throttle)(struct tty_driver *d, bool on);
	int (*open)(struct tty_driver *d);
	void (*close)(struct tty_driver *d);
	void (*free)(struct tty_driver *d);
	struct tty *tty;
};

/* Makes the terminal and its /dev node. 0 or -ENOMEM, -EEXIST. May sleep. */
int tty_register(struct tty_driver *d);
/* Bytes received. Any context but NMI. */
void tty_receive(struct tty *tty, const u8 *p, size_t n);
void tty_receive_break(struct tty *tty);
/* Room for output again. Any context but NMI. */
void tty_write_wakeup(struct tty *tty);
/*
 * The line is gone: open files read end of file, the session is told by SIGHUP and loses its
 * terminal. May sleep.
 */
void tty_hangup(struct tty *tty);
/*
 * Exit of a session leader: gives up the terminal, SIGHUP and SIGCONT to the foreground group. May
 * sleep.
 */
void tty_session_exit(struct process *p);
/* References. The last one frees the terminal; those of registered drivers stay for ever. */
void tty_get(struct tty *t);
void tty_put(struct tty *t);

#endif
