/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVM: where the user frame lies, and which mode a frame is from.
 */
#ifndef _PLAT_TRAP_H
#define _PLAT_TRAP_H

#include <thread.h>

static inline struct trapframe *user_frame(const struct thread *t)
{
	return (struct trapframe *)(t->kstack + KSTACK_SIZE) - 1;
}

static inline bool user_mode(const struct trapframe *tf)
{
	return tf->cs & 3;
}

#endif
