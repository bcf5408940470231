/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readiness (fs/file/poll.c): poll, select, and what epoll builds on.
 */
#ifndef _POLL_H
#define _POLL_H

#include <wait.h>

#define POLLIN	   0x001
#define POLLPRI	   0x002
#define POLLOUT	   0x004
#define POLLERR	   0x008
#define POLLHUP	   0x010
#define POLLNVAL   0x020
#define POLLRDNORM 0x040
#define POLLRDBAND 0x080
#define POLLWRNORM 0x100
#define POLLWRBAND 0x200
#define POLLRDHUP  0x2000

/**
 * struct poll_table - how a file's poll operation says where to wait
 * @queue: called by poll_wait() for each wait queue that will be woken when the answer changes;
 * NULL: only the present state is asked
 */
struct poll_table {
	void (*queue)(struct poll_table *pt, struct wait_queue *wq);
};

static inline void poll_wait(struct poll_table *pt, struct wait_queue *wq)
{
	if (pt && pt->queue)
		pt->queue(pt, wq);
}

#endif
