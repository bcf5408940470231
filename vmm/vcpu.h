/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPUs: one thread each.
 */
#ifndef PVRUN_VCPU_H
#define PVRUN_VCPU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "boot.h"
#include "pvhost.h"

struct machine;

/**
 * struct vcpu - one vCPU
 * @machine: it belongs to
 * @index: its number
 * @fd: its file in the host
 * @run: its first shared page; the second, the guest's, follows
 * @thread: runs it
 * @stopping: set to make the thread end
 */
struct vcpu {
	struct machine *machine;
	unsigned int index;
	int fd;
	struct pvhost_run *run;
	pthread_t thread;
	atomic_bool stopping;
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
 * vcpu_start() - start the thread
 * @vcpu: made by vcpu_create()
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int vcpu_start(struct vcpu *vcpu);

/**
 * vcpu_stop() - end the thread and wait for it
 * @vcpu: started
 */
void vcpu_stop(struct vcpu *vcpu);

/**
 * vcpu_destroy() - give the vCPU back to the host
 * @vcpu: its thread is not running
 */
void vcpu_destroy(struct vcpu *vcpu);

/**
 * vcpu_print_stats() - print its counters
 * @vcpu: may be running
 */
void vcpu_print_stats(struct vcpu *vcpu);

#endif
