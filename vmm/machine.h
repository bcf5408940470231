/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One running machine: what its threads share.
 */
#ifndef PVRUN_MACHINE_H
#define PVRUN_MACHINE_H

#include <pthread.h>
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
	ENDING_REBOOT,
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
 * @vm: file of the machine in the host
 * @nr_devices: entries of @devices
 * @devices: by number; the console is number 0 and has no registers
 * @nr_vcpus: entries of @vcpus
 * @vcpus: by number
 * @wake: eventfd that makes the main thread look around
 * @lock: guards @ending
 * @ending: the first reason to stop wins
 *
 * All but @ending are constant while vCPUs run.
 */
struct machine {
	const struct options *options;
	struct memory memory;
	struct console console;
	int vm;
	unsigned int nr_devices;
	struct device *devices[MACHINE_MAX_DEVICES];
	unsigned int nr_vcpus;
	struct vcpu vcpus[OPTIONS_MAX_VCPUS];
	int wake;
	pthread_mutex_t lock;
	struct ending ending;
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
 * Return: how it ended; after an error before the first instruction, EXIT_LAUNCHER.
 */
struct ending machine_run(struct machine *machine, const struct machine_plan *plan);

#endif
