/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices as the machine sees them: an entry in the guest's device table, registers,
 * an event. virtio.h builds on this.
 */
#ifndef PVRUN_DEVICE_H
#define PVRUN_DEVICE_H

#include <stdint.h>

#include "pv_abi.h"

struct device;
struct machine;

/**
 * struct device_ops - what a kind of device does
 * @read: PV_HC_DEV_READ; @width is 1, 2 or 4. Return: 0 or a negative errno
 * @write: PV_HC_DEV_WRITE; @width is 1, 2 or 4. Return: 0 or a negative errno
 * @doorbell: PV_HC_DOORBELL of a queue that is not bound to an eventfd. Return: 0 or a negative errno
 * @start: start threads; once. Return: 0 or a negative errno
 * @bind: a machine has been made: bind doorbells and events. Return: 0 or a negative errno
 * @reset: no vCPU runs, and the machine is about to be made anew: forget what its driver said
 * @stop: no vCPU runs any more: stop threads, write back, free everything
 *
 * Any may be NULL. read, write and doorbell run on vCPU threads, several at once.
 */
struct device_ops {
	int (*read)(struct device *device, uint64_t offset, unsigned int width, uint64_t *value);
	int (*write)(struct device *device, uint64_t offset, unsigned int width, uint64_t value);
	int (*doorbell)(struct device *device, uint64_t queue);
	int (*start)(struct device *device);
	int (*bind)(struct device *device);
	void (*reset)(struct device *device);
	void (*stop)(struct device *device);
};

/**
 * struct device - the head of every device; constant once the machine starts
 * @ops: its functions
 * @machine: it belongs to
 * @index: in the device table
 * @entry: what the guest reads about it
 */
struct device {
	const struct device_ops *ops;
	struct machine *machine;
	unsigned int index;
	struct pv_device entry;
};

/**
 * device_access() - a vCPU reads or writes a register
 * @machine: the machine
 * @index: device number, as the guest gave it
 * @offset: register, as the guest gave it
 * @width: bytes, as the guest gave it
 * @value: to be written, or result
 * @write: which of the two
 *
 * Return: 0, -ENODEV or -EINVAL.
 */
int device_access(struct machine *machine, uint64_t index, uint64_t offset, unsigned int width,
		  uint64_t *value, int write);

/**
 * device_doorbell() - a vCPU rings a doorbell that is bound to nothing
 * @machine: the machine
 * @index: device number, as the guest gave it
 * @queue: as the guest gave it
 *
 * Return: 0, -ENODEV or -EINVAL.
 */
int device_doorbell(struct machine *machine, uint64_t index, uint64_t queue);

#endif
