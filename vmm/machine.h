/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One running machine: what its threads share.
 */
#ifndef PVRUN_MACHINE_H
#define PVRUN_MACHINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "console.h"
#include "device.h"
#include "file.h"
#include "memory.h"
#include "options.h"
#include "vcpu.h"

#define MACHINE_MAX_DEVICES	(1 + OPTIONS_MAX_DRIVES)

enum ending_kind {
	ENDING_NONE,		/* it runs */
	ENDING_STATUS,		/* with the status of struct ending */
	ENDING_REBOOT,		/* only to begin again */
};

/**
 * struct ending - how a machine ended
 * @kind: ENDING_*
 * @status: exit status of pvrun
 */
struct ending {
	enum ending_kind kind;
	int status;
};

/**
 * struct machine - a machine
 * @options: what the command line says
 * @memory: guest RAM
 * @console: the console
 * @host: file of the host's device, for a new machine after a reboot
 * @vm: file of the machine in the host
 * @memory_limit: bytes that we may lock, UINT64_MAX without a limit
 * @told_limit: it has been said that @memory_limit is used up
 * @told_host: it has been said that the host lacks memory
 * @nr_devices: entries of @devices
 * @devices: by number; the console is number 0 and has no registers
 * @nr_vcpus: entries of @vcpus
 * @vcpus: by number
 * @wake: eventfd that makes the main thread look around
 * @lock: guards the fields below
 * @ending: the first reason to stop wins
 * @change: @round or @over has changed, or @running has become 0
 * @round: counts the machine's starts
 * @running: vCPUs that are not at rest
 * @over: vCPU threads are to end
 *
 * What stands before @lock is constant while vCPUs run.
 */
struct machine {
	const struct options *options;
	struct memory memory;
	struct console console;
	int host;
	int vm;
	uint64_t memory_limit;
	atomic_bool told_limit;
	atomic_bool told_host;
	unsigned int nr_devices;
	struct device *devices[MACHINE_MAX_DEVICES];
	unsigned int nr_vcpus;
	struct vcpu vcpus[OPTIONS_MAX_VCPUS];
	int wake;
	pthread_mutex_t lock;
	struct ending ending;
	pthread_cond_t change;
	unsigned int round;
	unsigned int running;
	bool over;
};

/**
 * machine_end() - say that the machine is to stop, and how
 * @machine: the machine
 * @kind: ENDING_STATUS or ENDING_REBOOT
 * @status: exit status of pvrun
 *
 * Wakes the main thread, which stops the vCPUs. Only the first call counts.
 *
 * Context: any thread.
 */
void machine_end(struct machine *machine, enum ending_kind kind, int status);

/**
 * machine_ending() - whether, and how, the machine has ended
 * @machine: the machine
 *
 * Context: any thread.
 *
 * Return: a copy of it; ENDING_NONE while the machine runs.
 */
struct ending machine_ending(struct machine *machine);

/**
 * machine_wake() - make the main thread look around
 * @machine: the machine
 *
 * Context: any thread.
 */
void machine_wake(struct machine *machine);

/**
 * machine_await_round() - a vCPU's thread waits until the machine starts
 * @machine: the machine
 * @round: the last start that this thread has seen, 0 at first
 *
 * Context: a vCPU's thread.
 *
 * Return: whether it is to run its vCPU; else it is to end.
 */
bool machine_await_round(struct machine *machine, unsigned int *round);

/**
 * machine_rested() - a vCPU does not run any more
 * @machine: the machine
 *
 * Context: a vCPU's thread.
 */
void machine_rested(struct machine *machine);

/**
 * machine_memory_limit() - how much memory we may lock
 *
 * Return: RLIMIT_MEMLOCK in bytes, UINT64_MAX without a limit.
 */
uint64_t machine_memory_limit(void);

/**
 * machine_no_memory() - report that a machine cannot be made for lack of memory
 * @machine: the machine
 * @what: what memory is lacking for, with its preposition
 *
 * Return: -ENOMEM.
 */
int machine_no_memory(struct machine *machine, const char *what);

/**
 * machine_starved() - a vCPU lacks memory for its next instruction
 * @machine: the machine
 * @ms: for how long it has lacked it
 *
 * Says once why, and what to do. If it is our limit on locked memory, the machine ends
 * when a vCPU has not got on for some seconds; if the host has no memory, it waits.
 *
 * Context: a vCPU's thread.
 *
 * Return: whether to try again.
 */
bool machine_starved(struct machine *machine, int64_t ms);

/**
 * struct machine_plan - a machine before it exists
 * @kernel: the image file
 * @initrd: the initrd file; @data is NULL without one
 * @image: @kernel, parsed
 * @layout: where everything goes
 */
struct machine_plan {
	struct blob kernel;
	struct blob initrd;
	struct image image;
	struct layout layout;
};

/**
 * machine_plan() - do all that can be done without the host: read files, plan memory
 * @machine: zero but for @options; gets its devices
 * @plan: result
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int machine_plan(struct machine *machine, struct machine_plan *plan);

/**
 * machine_show() - print a plan on stdout
 * @machine: planned
 * @plan: of machine_plan()
 */
void machine_show(const struct machine *machine, const struct machine_plan *plan);

/**
 * machine_run() - run a machine to its end
 * @machine: planned
 * @plan: of machine_plan()
 *
 * A reboot starts the same image again, as it was read, in a new machine with the same
 * console and disks.
 *
 * Return: how it ended; after an error before the first instruction, EXIT_LAUNCHER.
 */
struct ending machine_run(struct machine *machine, const struct machine_plan *plan);

#endif
