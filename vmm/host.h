/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/pvhost: thin wrappers that turn its errors into advice.
 */
#ifndef PVRUN_HOST_H
#define PVRUN_HOST_H

#include <stdint.h>

#include "cpu.h"
#include "memory.h"
#include "pv_abi.h"
#include "pvhost.h"

#define HOST_DEVICE	"/dev/pvhost"

/**
 * host_open() - open the host's device
 *
 * Prints what is wrong. Return: a file descriptor, or a negative errno.
 */
int host_open(void);

/**
 * host_create() - make a machine
 * @device: of host_open()
 * @note: what the image asks for
 * @vcpu_pages: gpa of the first vCPU page
 * @nr_vcpus: checked against what the host can do
 * @granted: result: features the guest may enable
 *
 * Prints what is wrong. Return: a file descriptor, or a negative errno.
 */
int host_create(int device, const struct pv_note *note, uint64_t vcpu_pages,
		unsigned int nr_vcpus, uint64_t *granted);

/**
 * host_hide() - show a machine's guest a CPU with fewer features
 * @vm: machine, before its first instruction
 * @mask: the features to be hidden
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int host_hide(int vm, const struct cpu_mask *mask);

/**
 * host_set_memory() - give a machine its RAM, from gpa 0
 * @vm: machine
 * @memory: the RAM
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int host_set_memory(int vm, const struct memory *memory);

/**
 * host_create_vcpu() - make a vCPU
 * @vm: machine
 * @index: from 0
 * @run: result: its two shared pages, struct pvhost_run and struct pv_vcpu
 *
 * Prints what is wrong. Return: a file descriptor, or a negative errno.
 */
int host_create_vcpu(int vm, unsigned int index, struct pvhost_run **run);

/**
 * host_inject() - raise an event
 * @vm: machine
 * @vcpu: receiver
 * @event: PV_EVENT_*
 *
 * Context: any thread.
 */
void host_inject(int vm, unsigned int vcpu, unsigned int event);

/**
 * host_bind_doorbell() - let a queue's doorbell signal an eventfd
 * @vm: machine
 * @device: index in the device table
 * @queue: its queue
 * @fd: eventfd
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int host_bind_doorbell(int vm, unsigned int device, unsigned int queue, int fd);

/**
 * host_bind_event() - let an eventfd raise an event
 * @vm: machine
 * @vcpu: receiver
 * @event: PV_EVENT_*
 * @fd: eventfd
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int host_bind_event(int vm, unsigned int vcpu, unsigned int event, int fd);

#endif
