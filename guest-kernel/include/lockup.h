/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding CPUs that have stopped to work (kernel/sched/lockup.c), in kernels with
 * CONFIG_LOCKUP_DETECTOR; nothing in others.
 */
#ifndef _LOCKUP_H
#define _LOCKUP_H

#include <compiler.h>

struct ktest;
struct trapframe;

#ifdef CONFIG_LOCKUP_DETECTOR
/* This CPU is watched from now on, and watches another. Interrupts on, and timers work. */
void lockup_start_cpu(void);
/*
 * Around what the platform does for an interrupt of kernel mode: where it was, for the trace of a
 * CPU that is found stuck by its own timer. Interrupts off. The second restores what the first
 * returned.
 */
const struct trapframe *lockup_interrupted(const struct trapframe *tf);
#else
static inline void lockup_start_cpu(void) { }
static inline const struct trapframe *lockup_interrupted(const struct trapframe *tf)
{
	(void)tf;
	return NULL;
}
#endif

#endif
