// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c: what each option does, and that nothing wrong passes silently.
 */
#include <errno.h>
#include <string.h>

#include "options.h"
#include "vmm_unit.h"

#define MIB	(1ULL << 20)
#define ARGS(...)	((const char *[]) { "pvrun", __VA_ARGS__, NULL })

static int parse(struct options *options, const char **args)
{
	char storage[32][128], *argv[32];
	int argc = 0, result;

	for (; args[argc]; argc++) {
		strcpy(storage[argc], args[argc]);
		argv[argc] = storage[argc];
	}
	result = options_parse(options, argc, argv);
	if (result)
		options_release(options);
	return result;
}

#define TAKES(options, ...)	assert_int_equal(parse(options, ARGS(__VA_ARGS__)), 0)
#define REFUSES(...)		do {							\
	struct options refused;								\
	assert_int_equal(parse(&refused, ARGS(__VA_ARGS__)), -EINVAL);			\
} while (0)

static void has_defaults(void **state)
{
	struct options options;

	(void)state;
	TAKES(&options, "image");
	assert_int_equal(options.memory, 64 * MIB);
	assert_int_equal(options.nr_vcpus, 1);
	assert_int_equal(options.serial, SERIAL_STDIO);
	assert_int_equal(options.action, ACTION_RUN);
	assert_true(options.sandbox);
	assert_string_equal(options.append, "");
}

static void takes_all_spellings(void **state)
{
	struct options options;

	(void)state;
	TAKES(&options, "-kernel", "a", "-smp", "3");
	assert_int_equal(options.nr_vcpus, 3);
	TAKES(&options, "--kernel", "a", "--smp=4");
	assert_int_equal(options.nr_vcpus, 4);
	TAKES(&options, "--kernel=a", "-smp=cpus=5");
	assert_int_equal(options.nr_vcpus, 5);
}

static void reads_sizes(void **state)
{
	struct options options;

	(void)state;
	TAKES(&options, "image", "-m", "8");
	assert_int_equal(options.memory, 8 * MIB);
	TAKES(&options, "image", "-m", "8192K");
	assert_int_equal(options.memory, 8 * MIB);
	TAKES(&options, "image", "-m", "2G");
	assert_int_equal(options.memory, 2048 * MIB);
	TAKES(&options, "image", "-m", "5M");
	assert_int_equal(options.memory, 6 * MIB);
	REFUSES("image", "-m", "1");
	REFUSES("image", "-m", "-8");
	REFUSES("image", "-m", "8X");
	REFUSES("image", "-m", "");
	REFUSES("image", "-m", "8MM");
	REFUSES("image", "-m", "99999999999999999999");
	REFUSES("image", "-m", "18446744073709551615G");
}

static void counts_vcpus(void **state)
{
	(void)state;
	REFUSES("image", "-smp", "0");
	REFUSES("image", "-smp", "65");
	REFUSES("image", "-smp", "-1");
	REFUSES("image", "-smp", "two");
	REFUSES("image", "-smp", "");
}

static void wants_one_kernel(void **state)
{
	(void)state;
	REFUSES("-m", "64");
	REFUSES("a", "b");
	REFUSES("a", "-kernel", "b");
}

static void refuses_unknown_things(void **state)
{
	(void)state;
	REFUSES("image", "-bios", "x");
	REFUSES("image", "-smp");
	REFUSES("image", "--version=2");
	REFUSES("image", "-");
	REFUSES("image", "--");
	REFUSES("image", "-=");
}

static void knows_serials(void **state)
{
	struct options options;

	(void)state;
	TAKES(&options, "image", "-serial", "file:/tmp/x");
	assert_int_equal(options.serial, SERIAL_FILE);
	assert_string_equal(options.serial_path, "/tmp/x");
	TAKES(&options, "image", "-serial", "pty");
	assert_int_equal(options.serial, SERIAL_PTY);
	REFUSES("image", "-serial", "file:");
	REFUSES("image", "-serial", "tcp:1234");
}

static void knows_drives(void **state)
{
	struct options options;

	(void)state;
	TAKES(&options, "image", "-drive", "file=/a,format=raw,if=virtio,readonly=on", "-drive", "/b,ro",
	      "-drive", "/c");
	assert_int_equal(options.nr_drives, 3);
	assert_string_equal(options.drives[0].path, "/a");
	assert_true(options.drives[0].readonly);
	assert_string_equal(options.drives[1].path, "/b");
	assert_true(options.drives[1].readonly);
	assert_false(options.drives[2].readonly);
	assert_null(options.drives[2].serial);
	options_release(&options);
	TAKES(&options, "image", "-drive", "/a,serial=01234567890123456789");
	assert_string_equal(options.drives[0].serial, "01234567890123456789");
	options_release(&options);
	REFUSES("image", "-drive", "/a,serial=012345678901234567890");
	REFUSES("image", "-drive", "file=/a,format=qcow2");
	REFUSES("image", "-drive", "file=/a,cache=none");
	REFUSES("image", "-drive", "file=/a,readonly=maybe");
	REFUSES("image", "-drive", "readonly=on");
	REFUSES("image", "-drive", "");
}

static void does_not_touch_its_arguments(void **state)
{
	char drive[] = "file=/a,format=raw", *argv[] = { "pvrun", "image", "-drive", drive, NULL };
	struct options options;

	(void)state;
	assert_int_equal(options_parse(&options, 4, argv), 0);
	assert_string_equal(drive, "file=/a,format=raw");	/* a reboot starts from them again */
	options_release(&options);
}

static void limits_drives(void **state)
{
	const char *args[2 + 2 * (OPTIONS_MAX_DRIVES + 1) + 1] = { "pvrun", "image" };
	struct options options;

	(void)state;
	for (int i = 0; i <= OPTIONS_MAX_DRIVES; i++) {
		args[2 + 2 * i] = "-drive";
		args[3 + 2 * i] = "/a";
	}
	assert_int_equal(parse(&options, args), -EINVAL);
}

static void needs_no_kernel_for_help(void **state)
{
	struct options options;

	(void)state;
	TAKES(&options, "--help");
	assert_int_equal(options.action, ACTION_HELP);
	TAKES(&options, "-version");
	assert_int_equal(options.action, ACTION_VERSION);
	REFUSES("-dry-run");
}

int run_options_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(takes_all_spellings),
		cmocka_unit_test(reads_sizes),
		cmocka_unit_test(counts_vcpus),
		cmocka_unit_test(wants_one_kernel),
		cmocka_unit_test(refuses_unknown_things),
		cmocka_unit_test(knows_serials),
		cmocka_unit_test(knows_drives),
		cmocka_unit_test(does_not_touch_its_arguments),
		cmocka_unit_test(limits_drives),
		cmocka_unit_test(needs_no_kernel_for_help),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
