// SPDX-License-Identifier: GPL-2.0-only
/*
 * pvrun: runs a paravirtual guest kernel on a Linux host with the pvhost patches.
 *
 * Reading order: options.c (what was asked for), image.c, layout.c, paging.c and
 * boot.c (what the guest finds in memory), host.c (the machine in the host), vcpu.c
 * and loop.c (while it runs), console.c and outlet.c (who reads and writes), device.c and
 * virtio*.c (what it talks to). sandbox.c says what each of its threads may do.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "machine.h"
#include "options.h"

/*
 * Descriptors 0 to 2 are open from here on: what is opened next must not become the
 * standard output. What was closed cannot be read or written, as before.
 */
static int open_standard(void)
{
	static const int unusable[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", unusable[fd]) != fd)
			return -EBADF;
	return 0;
}

/* Status of an action that only prints. */
static int printed(void)
{
	if (!fflush(stdout))
		return 0;
	fail(errno, "standard output: %s", strerror(errno));
	return EXIT_LAUNCHER;
}

static int run(const struct options *options)
{
	static struct machine machine;
	static struct machine_plan plan;

	machine.options = options;
	if (machine_plan(&machine, &plan))
		return EXIT_LAUNCHER;
	if (options->action == ACTION_DRY_RUN) {
		machine_show(&machine, &plan);
		return printed();
	}
	return machine_run(&machine, &plan).status;
}

static int act(const struct options *options)
{
	switch (options->action) {
	case ACTION_HELP:
		options_usage();
		return printed();
	case ACTION_VERSION:
		printf("pvrun %s, PV ABI %u.%u\n", PVRUN_VERSION, PV_ABI_MAJOR, PV_ABI_MINOR);
		return printed();
	case ACTION_LIST_FEATURES:
		cpu_list();
		return printed();
	default:
		return run(options);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	int status = EXIT_LAUNCHER;

	if (open_standard())
		return EXIT_LAUNCHER;	/* nowhere to say so */
	if (!options_parse(&options, argc, argv))
		status = act(&options);
	options_release(&options);
	return status;
}
