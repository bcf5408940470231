/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The main thread while a machine runs: console input, signals, the end.
 */
#ifndef PVRUN_LOOP_H
#define PVRUN_LOOP_H

struct machine;

/**
 * loop_block_signals() - keep the signals that loop_run() handles from every thread
 *
 * Context: before the first thread is started.
 */
void loop_block_signals(void);

/**
 * loop_unblock_signals() - undo it, for a program that replaces this one
 */
void loop_unblock_signals(void);

/**
 * loop_run() - serve the machine until it has ended
 * @machine: its vCPUs run
 * @show: called when the person at the console asks for counters
 *
 * SIGTERM, SIGINT and SIGHUP raise PV_EVENT_POWER in the guest and end the machine
 * after the grace period, or at once when they come again.
 */
void loop_run(struct machine *machine, void (*show)(struct machine *machine));

#endif
