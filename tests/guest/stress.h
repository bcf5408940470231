/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random system calls in parallel (stress.c).
 */
#ifndef STRESS_H
#define STRESS_H

/* Runs for @seconds; 0 if the machine survived and still works. */
int stress_run(unsigned long seconds, unsigned long seed);

#endif
