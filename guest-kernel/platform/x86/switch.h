/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel stacks of new threads, and switching between stacks, for the platforms' thread code. */
#ifndef _PLATFORM_X86_SWITCH_H
#define _PLATFORM_X86_SWITCH_H

struct thread;

/* switch.c: what a new thread's first switch finds below its user frame. */
void x86_thread_init(struct thread *t, void (*entry)(void *arg), void *arg);
void x86_fork_init(struct thread *t);
/* switch_stack.S */
void x86_switch_stack(unsigned long *save, unsigned long load);

#endif
