/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The main thread while a machine runs: what the console asks for, signals, the end.
 */
#ifndef PVRUN_LOOP_H
#define PVRUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/**
 * struct loop - what the loop remembers; the main thread's own
 * @machine: the machine
 * @show: prints counters
 * @signals: signalfd
 * @deadline: end of the grace period by now_ms(), 0 before it starts
 * @reason: signal that started it, 0 for a key
 * @hurry: the person at the machine wants it to end, whatever the guest does
 */
struct loop {
	struct machine *machine;
	void (*show)(struct machine *machine);
	int signals;
	int64_t deadline;
	int reason;
	bool hurry;
};

/**
 * loop_open() - take the signals that a machine lives by, keep them from every thread
 * @loop: result
 * @machine: the machine
 * @show: called when the person at the console asks for counters
 *
 * From now on messages wait for nobody. Prints what is wrong. Context: the main thread,
 * before all others.
 *
 * Return: 0, or a negative errno.
 */
int loop_open(struct loop *loop, struct machine *machine, void (*show)(struct machine *machine));

/**
 * loop_run() - serve the machine until it has ended
 * @loop: its vCPUs run
 *
 * SIGTERM, SIGINT and SIGHUP raise PV_EVENT_POWER in the guest and end the machine
 * after the grace period, or at once when they come again; SIGQUIT and other signals
 * whose meaning is the end end it at once. SIGTSTP stops pvrun with the terminal as it
 * was before, SIGCONT makes it raw again.
 */
void loop_run(struct loop *loop);

/**
 * loop_drain() - let the console's reader have the rest of the output
 * @loop: nothing writes to the console any more
 *
 * Waits as long as the reader takes something at least every OUTLET_ABSENT ms, and no
 * longer than a second once somebody has asked for the end.
 */
void loop_drain(struct loop *loop);

#endif
