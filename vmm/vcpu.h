/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPUs: one thread each, which stays when a reboot replaces the vCPU in the host.
 */
#ifndef PVRUN_VCPU_H
#define PVRUN_VCPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "pvhost.h"
#include "thread.h"

struct machine;

/**
 * struct vcpu - one vCPU
 * @machine: it belongs to
 * @index: its number
 * @fd: its file in the host
 * @run: its first shared page; the second, the guest's, follows
 * @thread: runs it
 * @stopping: set to make it come to rest
 * @starved_since: when it began to lack memory, by now_ms()
 * @starved_last: when it last did
 * @starved_rip: where
 *
 * The last three are the thread's own.
 */
struct vcpu {
	struct machine *machine;
	unsigned int index;
	int fd;
	struct pvhost_run *run;
	struct thread thread;
	atomic_bool stopping;
	int64_t starved_since;
	int64_t starved_last;
	uint64_t starved_rip;
};

/**
 * vcpu_create() - make a vCPU
 * @vcpu: result
 * @machine: it belongs to, with a file in the host
 * @index: its number
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int vcpu_create(struct vcpu *vcpu, struct machine *machine, unsigned int index);

/**
 * vcpu_set_boot() - put vCPU 0 at the guest's entry point
 * @vcpu: not running
 * @state: its registers
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int vcpu_set_boot(struct vcpu *vcpu, const struct boot_state *state);

/**
 * vcpu_start() - start the thread; it waits for machine_await_round()
 * @vcpu: of @machine
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int vcpu_start(struct vcpu *vcpu);

/**
 * vcpu_stop() - make it come to rest
 * @vcpu: created
 *
 * Does not wait: machine_rested() is called when it has. Context: the main thread.
 */
void vcpu_stop(struct vcpu *vcpu);

/**
 * vcpu_destroy() - give the vCPU back to the host
 * @vcpu: created, at rest
 */
void vcpu_destroy(struct vcpu *vcpu);

/**
 * vcpu_print_stats() - print its counters
 * @vcpu: may be running
 */
void vcpu_print_stats(struct vcpu *vcpu);

#endif
