// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the device that a hypercall means.
 */
#include "device.h"

#include <errno.h>
#include <stddef.h>

#include "machine.h"

static struct device *find(struct machine *machine, uint64_t index)
{
	return index < machine->nr_devices ? machine->devices[index] : NULL;
}

int device_access(struct machine *machine, uint64_t index, uint64_t offset, unsigned int width,
		  uint64_t *value, int write)
{
	struct device *device = find(machine, index);

	if (!device || !device->ops->read || !device->ops->write)
		return -ENODEV;
	if (width != 1 && width != 2 && width != 4)
		return -EINVAL;
	if (offset > UINT32_MAX)
		return -EINVAL;
	if (write)
		return device->ops->write(device, offset, width, *value);
	return device->ops->read(device, offset, width, value);
}

int device_doorbell(struct machine *machine, uint64_t index, uint64_t queue)
{
	struct device *device = find(machine, index);

	if (!device || !device->ops->doorbell)
		return -ENODEV;
	return device->ops->doorbell(device, queue);
}
