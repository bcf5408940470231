/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of pvrun.
 */
#ifndef PVRUN_OPTIONS_H
#define PVRUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"


#define OPTIONS_MAX_DRIVES	8
#define OPTIONS_MAX_VCPUS	64
#define OPTIONS_MAX_SERIAL	20	/* VIRTIO_BLK_ID_BYTES */

/* Exit statuses that do not come from the guest. */
#define EXIT_LAUNCHER		125	/* wrong usage, or the host refused something */
#define EXIT_CRASHED		126	/* a vCPU could not go on */

enum serial_kind {
	SERIAL_STDIO,
	SERIAL_FILE,
	SERIAL_PTY,
	SERIAL_NONE,
};

enum action {
	ACTION_RUN,
	ACTION_DRY_RUN,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_LIST_FEATURES,
};

/**
 * struct drive - a disk of the guest
 * @words: the option's value, cut up; @path points into it
 * @path: regular file or block device, raw
 * @serial: what the guest sees as its identity, at most OPTIONS_MAX_SERIAL bytes, or NULL
 * @readonly: the guest's writes fail
 */
struct drive {
	char *words;
	const char *path;
	const char *serial;
	bool readonly;
};

/**
 * struct options - what the command line says; strings live as long as argv
 * @action: what to do
 * @kernel: path of the image
 * @initrd: path, or NULL
 * @append: command line of the guest kernel, "" if none was given
 * @memory: bytes, a multiple of 2 MiB
 * @hidden: CPU features that the guest is not shown
 * @nr_vcpus: 1 to OPTIONS_MAX_VCPUS
 * @serial: where the console is
 * @serial_path: with SERIAL_FILE
 * @nr_drives: used entries of @drives
 * @drives: in the order of the command line
 * @grace: seconds between asking the guest to stop and stopping it
 * @no_reboot: end where the guest asks for a reboot
 * @sandbox: seccomp filters for all threads
 * @stats: print counters at the end
 */
struct options {
	enum action action;
	const char *kernel;
	const char *initrd;
	const char *append;
	uint64_t memory;
	struct cpu_mask hidden;
	unsigned int nr_vcpus;
	enum serial_kind serial;
	const char *serial_path;
	unsigned int nr_drives;
	struct drive drives[OPTIONS_MAX_DRIVES];
	unsigned int grace;
	bool no_reboot;
	bool sandbox;
	bool stats;
};

/**
 * options_parse() - read the command line
 * @options: result; complete only on success
 * @argc: number of @argv
 * @argv: as main() got it; "-name value", "--name value" and "--name=value" are the same
 *
 * Prints what is wrong.
 *
 * Return: 0, or -EINVAL.
 */
int options_parse(struct options *options, int argc, char **argv);

/**
 * options_release() - free what options_parse() allocated, also after it failed
 * @options: not used any more
 */
void options_release(struct options *options);

/**
 * options_usage() - print the help text on stdout
 */
void options_usage(void);

#endif
