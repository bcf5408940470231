/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel holds, counted from /proc before and after (leak.c).
 */
#ifndef LEAK_H
#define LEAK_H

#include <stddef.h>

struct leak_counts {
	long processes, files, free_kib;
	long process_objects, thread_objects, mm_objects, vma_objects,
		pipe_objects; /* -1: not known here */
};

void leak_measure(struct leak_counts *c);
/* Measures again: 0, or a failing status with the reason in @why. */
int leak_compare(const struct leak_counts *before, char *why, size_t size);

/* exec.c: what this binary does when a test executes it with --helper. */
int gt_exec_helper(int argc, char **argv);

#endif
