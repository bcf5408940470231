// SPDX-License-Identifier: GPL-2.0-only
/*
 * pvrun: runs a paravirtual guest kernel on a Linux host with the pvhost patches.
 *
 * Reading order: options.c (what was asked for), image.c, layout.c, paging.c and
 * boot.c (what the guest finds in memory), host.c (the machine in the host), vcpu.c
 * and loop.c (while it runs), device.c and virtio*.c (what it talks to).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "machine.h"
#include "options.h"

/* A reboot is a new start from nothing: the image may be another one by now. */
static int reboot(char **argv)
{
	loop_unblock_signals();
	execv("/proc/self/exe", argv);
	fail(errno, "cannot start again: %s", strerror(errno));
	return EXIT_LAUNCHER;
}

/* Status of an action that only prints. */
static int printed(void)
{
	if (!fflush(stdout))
		return 0;
	fail(errno, "standard output: %s", strerror(errno));
	return EXIT_LAUNCHER;
}

static int run(const struct options *options, char **argv)
{
	static struct machine machine;
	static struct machine_plan plan;
	struct ending ending;

	machine.options = options;
	if (machine_plan(&machine, &plan))
		return EXIT_LAUNCHER;
	if (options->action == ACTION_DRY_RUN) {
		machine_show(&machine, &plan);
		return printed();
	}
	loop_block_signals();
	ending = machine_run(&machine, &plan);
	return ending.kind == ENDING_REBOOT ? reboot(argv) : ending.status;
}

static int act(const struct options *options, char **argv)
{
	switch (options->action) {
	case ACTION_HELP:
		options_usage();
		return printed();
	case ACTION_VERSION:
		printf("pvrun %s, PV ABI %u.%u\n", PVRUN_VERSION, PV_ABI_MAJOR, PV_ABI_MINOR);
		return printed();
	default:
		return run(options, argv);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	int status = EXIT_LAUNCHER;

	if (!options_parse(&options, argc, argv))
		status = act(&options, argv);
	options_release(&options);
	return status;
}
