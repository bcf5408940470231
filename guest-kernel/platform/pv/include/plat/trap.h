/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: where the user frame lies, and which mode a frame is from. Both modes have the same CS, so a
 * kernel frame is marked in it (entry.S).
 */
#ifndef _PLAT_TRAP_H
#define _PLAT_TRAP_H

#define PV_CS_KERNEL 0 /* cs of a trapframe of kernel mode; no selector a program can have */

#ifndef __ASSEMBLY__

#include <thread.h>

static inline struct trapframe *user_frame(const struct thread *t)
{
	return (struct trapframe *)(t->kstack + KSTACK_SIZE - PV_STACK_SLOTS) - 1;
}

static inline bool user_mode(const struct trapframe *tf)
{
	return tf->cs != PV_CS_KERNEL;
}

#endif
#endif
