// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens when the guest touches memory and there is none. The host only says that
 * a page cannot be had; whether a limit of ours is the reason, its count of pages tells.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "log.h"
#include "machine.h"

#define PAGE		4096
#define TELL_LIMIT	200	/* ms before a lack is more than a race between vCPUs */
#define TELL_HOST	1000	/* ms before it is worth a word that the host has none */
#define GIVE_UP		5000	/* ms at the limit before the machine ends */
/* Pages that a vCPU may be about to take, and is counted for, when another finds none. */
#define IN_FLIGHT	512

uint64_t machine_memory_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

/* Whether the limit on locked memory is what stops the guest. */
static bool at_limit(const struct machine *machine)
{
	struct pvhost_vm_stats stats = { .size = sizeof(stats) };
	uint64_t slack = (IN_FLIGHT + machine->nr_vcpus) * (uint64_t)PAGE, used;

	if (machine->memory_limit == UINT64_MAX || ioctl(machine->vm, PVHOST_GET_VM_STATS, &stats))
		return false;
	used = stats.pages * PAGE;
	/* With more than the limit, it does not hold for us: CAP_IPC_LOCK. */
	return used <= machine->memory_limit && used + slack >= machine->memory_limit;
}

int machine_no_memory(struct machine *machine, const char *what)
{
	if (machine->memory_limit == UINT64_MAX)
		return fail(ENOMEM, "the host has no memory %s", what);
	return fail(ENOMEM, "no memory %s: the limit on locked memory is %llu KiB; raise it, as with "
		    "\"ulimit -l %llu\" (Documentation/pvrun.md)", what,
		    (unsigned long long)machine->memory_limit >> 10,
		    (unsigned long long)machine->memory.bytes >> 10);
}

static void tell_limit(struct machine *machine)
{
	if (atomic_exchange(&machine->told_limit, true))
		return;
	fail(ENOMEM, "the limit on locked memory, %llu KiB, is used up, and the guest, which was given "
	     "%llu KiB, needs more: raise it, as with \"ulimit -l %llu\" (Documentation/pvrun.md), or give "
	     "the guest less; it ends in %d s if it gets none",
	     (unsigned long long)machine->memory_limit >> 10,
	     (unsigned long long)machine->memory.bytes >> 10,
	     (unsigned long long)machine->memory.bytes >> 10, GIVE_UP / 1000);
}

bool machine_starved(struct machine *machine, int64_t ms)
{
	if (ms < TELL_LIMIT)
		return true;
	if (!at_limit(machine)) {
		if (ms >= TELL_HOST && !atomic_exchange(&machine->told_host, true))
			note("the host has no memory for the guest, which waits until there is some");
		return true;
	}
	tell_limit(machine);
	if (ms < GIVE_UP)
		return true;
	machine_end(machine, ENDING_STATUS, EXIT_LAUNCHER);
	return false;
}
