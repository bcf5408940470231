/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A launcher of a hundred lines, for the tests.
 */
#ifndef PVHOST_SELFTEST_VM_H
#define PVHOST_SELFTEST_VM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/pv_abi.h>
#include <linux/pvhost.h>
#include "guest.h"

#define MAX_VCPUS 16

struct vm {
	int dev, fd, memfd;
	char *mem;
	int nr_vcpus;
	int vcpu[MAX_VCPUS];
	struct pvhost_run *run[MAX_VCPUS];
	struct pv_vcpu *page[MAX_VCPUS];
	pthread_t thread[MAX_VCPUS];
	bool started[MAX_VCPUS];
	volatile int ended;		/* the machine has shut down */
	volatile uint32_t reason;	/* PVHOST_EXIT_* that ended vCPU 0 */
	volatile uint64_t status;
	struct guest_param *param;
};

/* Opens the device; ends the program as skipped (4) if there is none. */
int open_device(void);
/* A machine with memory, the guest image and boot tables. 0, or -errno of the step that failed. */
int vm_create(struct vm *vm, int nr_vcpus, enum guest_case number);
/* Runs vCPU @i in this thread until it ends; the exit reason. */
uint32_t vm_run(struct vm *vm, int i);
/* Runs all vCPUs, vCPU 0 here; true if it shut down with status 0. */
bool vm_finish(struct vm *vm);
/* Starts a thread for each vCPU. */
void vm_start(struct vm *vm);
/* Ends the threads. */
void vm_stop(struct vm *vm);
void vm_destroy(struct vm *vm);
/* Seconds that a case may take; 0: any time. */
extern unsigned int vm_limit;
/* Runs one case on a new machine: true if it shut down with status 0. */
bool vm_case(enum guest_case number, int nr_vcpus, uint64_t count);
/* Waits until the guest has set its flag; false after 20 s. */
bool vm_wait_flag(struct vm *vm, uint64_t value);
/* Makes a machine and lets it run; true when the guest has got to its flag. */
bool vm_begin(struct vm *vm, enum guest_case number, int nr_vcpus);
/* Ends it; true if the next machine still works. */
bool vm_end(struct vm *vm);
/* A child that runs such a machine until it is killed; -1: it could not. */
pid_t vm_victim(enum guest_case number, int nr_vcpus);
/* Ends a child by a signal; true if it died of that. */
bool vm_killed(pid_t pid, int sig);

extern const char guest_image[], guest_image_end[];

#endif
