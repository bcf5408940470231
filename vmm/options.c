// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the command line. The names are those that people know from QEMU, with one
 * dash or two; one table says what there is, and each entry has a function that
 * takes its value.
 */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define MIB		(1ULL << 20)
#define MIN_MEMORY	(4 * MIB)
#define MAX_MEMORY	(256ULL << 30)	/* the largest slot that the host takes */
#define LARGE_PAGE	(2 * MIB)

struct option {
	const char *name;
	bool has_value;
	int (*take)(struct options *options, char *value);
	const char *help;
};

static int parse_number(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || *number > max)
		return -EINVAL;
	return 0;
}

static int take_kernel(struct options *options, char *value)
{
	if (options->kernel)
		return fail(EINVAL, "two kernels, %s and %s: give one", options->kernel, value);
	options->kernel = value;
	return 0;
}

static int take_initrd(struct options *options, char *value)
{
	options->initrd = value;
	return 0;
}

static int take_append(struct options *options, char *value)
{
	options->append = value;
	return 0;
}

/* A number with K, M or G behind it; without one it is MiB, as in QEMU. */
static int parse_size(const char *text, uint64_t *bytes)
{
	unsigned int shift = 20;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno || end == text || *text == '-')
		return -EINVAL;
	switch (*end) {
	case 'k':
	case 'K':
		shift = 10;
		end++;
		break;
	case 'm':
	case 'M':
		end++;
		break;
	case 'g':
	case 'G':
		shift = 30;
		end++;
		break;
	}
	if (*end || *bytes > MAX_MEMORY >> shift)
		return -EINVAL;
	*bytes <<= shift;
	return 0;
}

static int take_memory(struct options *options, char *value)
{
	if (parse_size(value, &options->memory) || options->memory < MIN_MEMORY)
		return fail(EINVAL, "-m %s: want a size such as 64 (MiB), 512M or 2G, from 4M to 256G", value);
	options->memory = (options->memory + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	return 0;
}

static int take_smp(struct options *options, char *value)
{
	uint64_t number;

	if (!strncmp(value, "cpus=", 5))
		value += 5;
	if (parse_number(value, OPTIONS_MAX_VCPUS, &number) || !number)
		return fail(EINVAL, "-smp %s: want a number from 1 to %d", value, OPTIONS_MAX_VCPUS);
	options->nr_vcpus = number;
	return 0;
}

static int take_cpu(struct options *options, char *value)
{
	if (strcmp(value, "help"))
		return cpu_parse(value, &options->hidden);
	options->action = ACTION_LIST_FEATURES;
	return 0;
}

static int take_serial(struct options *options, char *value)
{
	if (!strcmp(value, "stdio")) {
		options->serial = SERIAL_STDIO;
	} else if (!strcmp(value, "pty")) {
		options->serial = SERIAL_PTY;
	} else if (!strcmp(value, "none")) {
		options->serial = SERIAL_NONE;
	} else if (!strncmp(value, "file:", 5) && value[5]) {
		options->serial = SERIAL_FILE;
		options->serial_path = value + 5;
	} else {
		return fail(EINVAL, "-serial %s: want stdio, file:PATH, pty or none", value);
	}
	return 0;
}

static int parse_switch(const char *text, bool *on)
{
	if (!strcmp(text, "on") || !strcmp(text, "off")) {
		*on = !strcmp(text, "on");
		return 0;
	}
	return -EINVAL;
}

/* One word of a -drive value. */
static int take_drive_word(struct drive *drive, char *word)
{
	if (!strncmp(word, "file=", 5)) {
		drive->path = word + 5;
		return 0;
	}
	if (!strcmp(word, "ro")) {
		drive->readonly = true;
		return 0;
	}
	if (!strncmp(word, "readonly=", 9))
		return parse_switch(word + 9, &drive->readonly);
	if (!strncmp(word, "serial=", 7)) {
		drive->serial = word + 7;
		return strlen(drive->serial) > OPTIONS_MAX_SERIAL ? -EINVAL : 0;
	}
	if (!strcmp(word, "format=raw") || !strcmp(word, "if=virtio"))
		return 0;
	if (!strchr(word, '=') && !drive->path) {
		drive->path = word;
		return 0;
	}
	return -EINVAL;
}

static int take_drive(struct options *options, char *value)
{
	struct drive *drive = options->drives + options->nr_drives;
	char *rest, *word;

	if (options->nr_drives == OPTIONS_MAX_DRIVES)
		return fail(EINVAL, "more than %d drives", OPTIONS_MAX_DRIVES);
	drive->words = strdup(value);	/* a reboot needs argv as it was */
	if (!drive->words)
		return fail(ENOMEM, "-drive: %s", strerror(ENOMEM));
	options->nr_drives++;
	rest = drive->words;
	while ((word = strsep(&rest, ",")))
		if (take_drive_word(drive, word))
			return fail(EINVAL, "-drive: cannot honour \"%s\": there are file=PATH, format=raw, "
				    "if=virtio, readonly=on|off, serial=TEXT (at most %d bytes)", word,
				    OPTIONS_MAX_SERIAL);
	if (!drive->path || !*drive->path)
		return fail(EINVAL, "-drive: want file=PATH");
	return 0;
}

static int take_grace(struct options *options, char *value)
{
	uint64_t number;

	if (parse_number(value, INT_MAX / 1000, &number))
		return fail(EINVAL, "-grace %s: want a number of seconds", value);
	options->grace = number;
	return 0;
}

static int take_sandbox(struct options *options, char *value)
{
	if (parse_switch(value, &options->sandbox))
		return fail(EINVAL, "-sandbox %s: want on or off", value);
	return 0;
}

static int take_no_reboot(struct options *options, char *value)
{
	(void)value;
	options->no_reboot = true;
	return 0;
}

static int take_stats(struct options *options, char *value)
{
	(void)value;
	options->stats = true;
	return 0;
}

static int take_dry_run(struct options *options, char *value)
{
	(void)value;
	options->action = ACTION_DRY_RUN;
	return 0;
}

static int take_version(struct options *options, char *value)
{
	(void)value;
	options->action = ACTION_VERSION;
	return 0;
}

static int take_help(struct options *options, char *value)
{
	(void)value;
	options->action = ACTION_HELP;
	return 0;
}

static const struct option table[] = {
	{ "kernel", true, take_kernel, "IMAGE      guest kernel: an ELF file with a PVGUEST note" },
	{ "append", true, take_append, "WORDS      its command line" },
	{ "initrd", true, take_initrd, "FILE       its initial RAM disk" },
	{ "m", true, take_memory, "SIZE            memory: MiB, or with K, M or G behind it (64)" },
	{ "smp", true, take_smp, "N             number of vCPUs (1)" },
	{ "cpu", true, take_cpu, "host[,-NAME]... the host's CPU without these features; -cpu help lists them" },
	{ "drive", true, take_drive, "file=PATH[,readonly=on][,serial=TEXT]  raw disk, as virtio; may be repeated" },
	{ "serial", true, take_serial, "WHERE      console: stdio, file:PATH, pty or none (stdio)" },
	{ "no-reboot", false, take_no_reboot, "        end where the guest asks for a reboot" },
	{ "grace", true, take_grace, "SECONDS     time for the guest to stop after SIGTERM (5)" },
	{ "sandbox", true, take_sandbox, "on|off    system-call filters on all threads (on)" },
	{ "stats", false, take_stats, "            print counters at the end" },
	{ "dry-run", false, take_dry_run, "          check everything, show the memory layout, start nothing" },
	{ "version", false, take_version, "          print the version" },
	{ "help", false, take_help, "             print this" },
	{ "h", false, take_help, NULL },
};

static const struct option *find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == length && !strncmp(table[i].name, name, length))
			return table + i;
	return NULL;
}

/* Takes the option at argv[0]. Return: words used, or a negative errno. */
static int take_option(struct options *options, int argc, char **argv)
{
	char *name = argv[0] + (argv[0][1] == '-' ? 2 : 1);
	size_t length = strcspn(name, "=");
	char *value = name[length] ? name + length + 1 : NULL;
	const struct option *option = find(name, length);
	int used = 1, result;

	if (!option)
		return fail(EINVAL, "unknown option %s; see pvrun --help", argv[0]);
	if (option->has_value && !value) {
		if (argc < 2)
			return fail(EINVAL, "%s needs a value; see pvrun --help", argv[0]);
		value = argv[1];
		used = 2;
	} else if (!option->has_value && value) {
		return fail(EINVAL, "-%s takes no value", option->name);
	}
	result = option->take(options, value);
	return result ? result : used;
}

static int check(const struct options *options)
{
	if (options->action == ACTION_HELP || options->action == ACTION_VERSION ||
	    options->action == ACTION_LIST_FEATURES)
		return 0;
	if (!options->kernel)
		return fail(EINVAL, "no kernel image; see pvrun --help");
	return 0;
}

int options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options) {
		.append = "",
		.memory = 64 * MIB,
		.nr_vcpus = 1,
		.grace = 5,
		.sandbox = true,
	};
	for (int i = 1; i < argc;) {
		int used = 1, result = 0;

		if (argv[i][0] == '-' && argv[i][1])
			used = take_option(options, argc - i, argv + i);
		else
			result = take_kernel(options, argv[i]);
		if (used < 0 || result)
			return -EINVAL;
		i += used;
	}
	return check(options);
}

void options_release(struct options *options)
{
	while (options->nr_drives)
		free(options->drives[--options->nr_drives].words);
}

void options_usage(void)
{
	printf("usage: pvrun [OPTION...] IMAGE\n\n"
	       "Runs a paravirtual guest kernel on a Linux host with the pvhost patches.\n\n");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].help)
			printf("  -%s %s\n", table[i].name, table[i].help);
	printf("\nOptions may be written with two dashes, and as --name=value.\n"
	       "On the console, Ctrl-a h lists the keys; Ctrl-a x ends the guest.\n"
	       "Exit status: the guest's; %d for errors of pvrun and the host, %d if the guest\n"
	       "crashed, 128 + N if ended by signal N. More: man pvrun.\n",
	       EXIT_LAUNCHER, EXIT_CRASHED);
}
