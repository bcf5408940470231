/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for several files (poll.c), for poll, select and epoll.
 */
#ifndef _FS_POLLWAIT_H
#define _FS_POLLWAIT_H

#include <fs.h>

#define POLL_INLINE 8
#define POLL_CHUNK  60
#define POLL_NOW    (~0ULL) /* deadline: only look */

struct poll_waiter;

/* A place in one wait queue; the reference on the file keeps the queue alive. */
struct poll_entry {
	struct wait_entry entry;
	struct poll_waiter *waiter;
	struct wait_queue *wq;
	struct file *file;
};

struct poll_chunk {
	struct poll_chunk *next;
	u32 nr;
	struct poll_entry entries[POLL_CHUNK];
};

/**
 * struct poll_waiter - a thread that waits for files; all its own but @triggered
 * @pt: what files are handed; its queue is NULL once there is nothing more to collect
 * @file: the one that is being asked
 * @triggered: set by wake-ups
 * @error: -ENOMEM if an entry could not be made
 */
struct poll_waiter {
	struct poll_table pt;
	struct thread *thread;
	struct file *file;
	bool triggered;
	int error;
	u64 deadline;
	u32 nr_inline;
	struct poll_entry inline_entries[POLL_INLINE];
	struct poll_chunk *chunks;
};

void poll_begin(struct poll_waiter *pw, u64 deadline);
u32 poll_file(struct poll_waiter *pw, struct file *f, u32 wanted);
int poll_sleep(struct poll_waiter *pw);
void poll_end(struct poll_waiter *pw);
u64 poll_deadline(u64 ns);
int poll_timespec(const struct timespec64 __user *uts, u64 *deadline);
/* personality(2), STICKY_TIMEOUTS: what is left of a timeout is not written back. */
static inline bool timeouts_stick(void)
{
	return current->process->personality & STICKY_TIMEOUTS;
}
void poll_timespec_left(struct timespec64 __user *uts, u64 deadline);

#endif
