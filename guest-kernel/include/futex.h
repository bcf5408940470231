/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes (kernel/futex*.c): what the end of a thread has to do with them.
 */
#ifndef _FUTEX_H
#define _FUTEX_H

struct thread;

/*
 * The current thread leaves its address space (exit, execve): marks the robust futexes that it holds,
 * then stores 0 at clear_child_tid and wakes one waiter there, if others use the memory too. Context:
 * process context, may sleep; bad addresses are ignored.
 */
void futex_thread_exit(struct thread *t);

#endif
