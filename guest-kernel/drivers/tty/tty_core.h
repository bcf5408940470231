/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal, shared by the files of drivers/tty that deal with terminals as a whole; drivers of
 * lines need <tty.h> only.
 */
#ifndef _DRIVERS_TTY_TTY_CORE_H
#define _DRIVERS_TTY_TTY_CORE_H

#include <process.h>
#include <tty.h>

#include "ldisc.h"

/**
 * struct tty - a terminal
 * @lock: guards all of this but what is marked otherwise; interrupts off. Inside tasklist_lock
 * @ld: line discipline with its buffers
 * @driver: immutable
 * @devt: device number; immutable
 * @refs: atomic
 * @read_wait: readers and pollers
 * @write_wait: writers, and who waits for output to drain
 * @read_mutex: one reader at a time, so that lines are not torn apart
 * @write_mutex: one write(2) at a time; may sleep with it held
 * @modes_mutex: one change of modes at a time, so that the driver and @ld have the same
 * @ispeed, @ospeed: baud
 * @winsize: window size
 * @session: of which it is the controlling terminal, 0: none
 * @pgrp: foreground process group, 0: none
 * @generation: goes up with each hang-up; files opened before it are dead
 * @opens: open files
 * @exclusive: TIOCEXCL
 * @throttled: the driver was asked to stop input
 * @gone: the other end of a pseudo terminal is closed for good
 * @node: list of terminals; guarded by tty.c's list lock
 */
struct tty {
	struct spinlock lock;
	struct ldisc ld;
	struct tty_driver *driver;
	dev_t devt;
	atomic_t refs;
	struct wait_queue read_wait, write_wait;
	struct mutex read_mutex, write_mutex, modes_mutex;
	u32 ispeed, ospeed;
	struct winsize winsize;
	pid_t session, pgrp;
	u32 generation;
	u32 opens;
	bool exclusive, throttled, gone;
	struct list_head node;
};

/* Of an open file. Immutable. */
struct tty_file {
	struct tty *tty;	/* referenced */
	u32 generation;
};

static inline struct tty_file *tty_file(const struct file *f) { return f->private; }
static inline bool tty_file_dead(const struct tty_file *tf)
{
	return READ_ONCE(tf->tty->generation) != tf->generation;
}

/* tty.c */
extern const struct file_ops tty_fops;
struct tty *tty_alloc(struct tty_driver *d);
/* Lets open(2) find the terminal by its device number: 0 or -EEXIST. And no longer. */
int tty_publish(struct tty *tty);
void tty_unpublish(struct tty *tty);
/* Sends what the line takes. Lock held. */
void tty_push(struct tty *tty);
/* Waits until all output has left. 0, -ERESTARTSYS, or -EIO after a hang-up. */
int tty_drain(const struct tty_file *tf);
/* Makes @f an open file of @tty: 0, -EIO, -EBUSY, -ENOMEM. */
int tty_attach(struct file *f, struct tty *tty);
/*
 * Whether the other end may send a good piece of input now; if not, driver->throttle() has been or
 * will be called.
 */
bool tty_input_welcome(struct tty *tty);
/*
 * The input ring, or what can be read of it, has changed: the line is to stop, or may go on. Lock
 * held.
 */
void tty_throttle(struct tty *tty);

/* tty_ioctl.c */
long tty_ioctl(struct file *f, u32 cmd, unsigned long arg);
/* The part that the master of a pseudo terminal shares; -ENOTTY if @cmd is not one of them. */
long tty_ioctl_modes(const struct tty_file *tf, u32 cmd, unsigned long arg);

void tty_flush_input(struct tty *tty);

/* tty_termios.c */
long tty_ioctl_termios(const struct tty_file *tf, u32 cmd, unsigned long arg);

/*
 * In packet mode the master of a pseudo terminal hears of what happens to the terminal: @set are
 * the TIOCPKT_* to be told, @clear those that are no longer true. Lock held.
 */
static inline void tty_tell_packet(struct tty *tty, u8 set, u8 clear)
{
	if (tty->driver->packet_event)
		tty->driver->packet_event(tty->driver, set, clear);
}

/* The same for output that has been stopped, or started, since it was as @was. Lock held. */
static inline void tty_tell_stopped(struct tty *tty, bool was)
{
	if (tty->ld.stopped == was)
		return;
	if (tty->ld.stopped)
		tty_tell_packet(tty, TIOCPKT_STOP, TIOCPKT_START);
	else
		tty_tell_packet(tty, TIOCPKT_START, TIOCPKT_STOP);
}

/* tty_job.c */
extern const struct ctty_ops tty_ctty_ops;
pid_t tty_pgrp(struct tty *tty);	/* foreground group; -1: none */
/* The controlling terminal of the current process, referenced, or NULL. */
struct tty *tty_current(void);
/* open(2) by a session leader without a terminal makes @tty its controlling terminal. */
void tty_open_session(struct tty *tty);
/*
 * The current process wants to read (SIGTTIN), or to write or change modes (SIGTTOU). 0: go on.
 * -ERESTARTSYS: it is in the background and its group was sent @sig; -EIO: in the background, and
 * the signal would not stop it.
 */
int tty_check_background(struct tty *tty, int sig);
long tty_ioctl_job(const struct tty_file *tf, struct file *f, u32 cmd, unsigned long arg);

#endif
