// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that binds everything, and a machine that does not end: lets device tests run
 * without /dev/pvhost.
 */
#include <stdlib.h>

#include "host.h"
#include "machine.h"

void machine_end(struct machine *machine, enum ending_kind kind, int status)
{
	(void)machine;
	(void)kind;
	(void)status;
	abort();
}

int host_bind_doorbell(int vm, unsigned int device, unsigned int queue, int fd)
{
	(void)vm;
	(void)device;
	(void)queue;
	(void)fd;
	return 0;
}

int host_bind_event(int vm, unsigned int vcpu, unsigned int event, int fd)
{
	(void)vm;
	(void)vcpu;
	(void)event;
	(void)fd;
	return 0;
}
