/* SPDX-License-Identifier: GPL-2.0-only */
/* Futexes (process/futex.c): what other parts need of them. */
#ifndef _FUTEX_H
#define _FUTEX_H

struct thread;

/*
 * The current thread leaves its address space, by exit or execve: marks the robust futexes it holds
 * as abandoned, clears *clear_child_tid and wakes one waiter there. May sleep; the address space is
 * still loaded.
 */
void futex_thread_exit(struct thread *t);

#endif
