// SPDX-License-Identifier: GPL-2.0-only
/*
 * console.c: the input ring and the keys.
 */
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "vmm_unit.h"

/* A console that reads from a pipe; as_terminal: with keys. Return: where to type. */
static int open_on_pipe(struct console *console, bool as_terminal)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	memset(console, 0, sizeof(*console));
	pthread_mutex_init(&console->lock, NULL);
	console->in = ends[0];
	console->out = -1;
	console->is_terminal = as_terminal;
	return ends[1];
}

static void type(int to, const char *text)
{
	assert_int_equal(write(to, text, strlen(text)), strlen(text));
}

static void passes_input_on(void **state)
{
	struct console console;
	int keyboard = open_on_pipe(&console, true);
	char buffer[8] = "";

	(void)state;
	type(keyboard, "ab");
	assert_int_equal(console_input(&console), CONSOLE_DATA);
	assert_int_equal(console_input(&console), CONSOLE_DATA);
	assert_int_equal(console_read(&console, buffer, 1), 1);
	assert_int_equal(console_read(&console, buffer + 1, 7), 1);
	assert_string_equal(buffer, "ab");
	assert_int_equal(console_read(&console, buffer, 8), 0);
	close(keyboard);
	assert_int_equal(console_input(&console), CONSOLE_END);
}

static void knows_its_keys(void **state)
{
	static const struct {
		char key;
		enum console_key meaning;
	} keys[] = {
		{ 'x', CONSOLE_QUIT }, { 'p', CONSOLE_POWER }, { 's', CONSOLE_STATS },
		{ 'a', CONSOLE_DATA }, { '\1', CONSOLE_DATA }, { 'z', CONSOLE_NOTHING },
	};
	struct console console;
	int keyboard = open_on_pipe(&console, true);

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		type(keyboard, (char[]) { 1, keys[i].key, 0 });
		assert_int_equal(console_input(&console), CONSOLE_NOTHING);
		assert_int_equal(console_input(&console), keys[i].meaning);
	}
	type(keyboard, "x");	/* no key is left half pressed */
	assert_int_equal(console_input(&console), CONSOLE_DATA);
}

static void has_no_keys_in_a_pipe(void **state)
{
	struct console console;
	int keyboard = open_on_pipe(&console, false);
	char buffer[8];

	(void)state;
	type(keyboard, "\1x");
	assert_int_equal(console_input(&console), CONSOLE_DATA);
	assert_int_equal(console_read(&console, buffer, sizeof(buffer)), 2);
	assert_memory_equal(buffer, "\1x", 2);
}

/* More than fits is left in the pipe, in order. */
static void takes_what_fits(void **state)
{
	struct console console;
	int keyboard = open_on_pipe(&console, false);
	char text[CONSOLE_INPUT + 100], buffer[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = 'a' + i % 26;
	assert_int_equal(write(keyboard, text, sizeof(text)), sizeof(text));
	assert_int_equal(console_input(&console), CONSOLE_DATA);
	assert_false(console_has_room(&console));
	assert_int_equal(console_read(&console, buffer, 60), 60);
	assert_false(console_has_room(&console));	/* not for a few bytes */
	assert_int_equal(console_input(&console), CONSOLE_DATA);
	assert_int_equal(console_read(&console, buffer + 60, CONSOLE_INPUT), CONSOLE_INPUT);
	assert_int_equal(console_input(&console), CONSOLE_DATA);
	assert_int_equal(console_read(&console, buffer + 60 + CONSOLE_INPUT, 100), 40);
	assert_memory_equal(buffer, text, sizeof(text));
}

static void stops_when_full(void **state)
{
	struct console console;
	int keyboard = open_on_pipe(&console, false);
	char buffer[CONSOLE_INPUT];

	(void)state;
	assert_false(console_waiting(&console));
	for (int i = 0; i < CONSOLE_INPUT; i++) {
		assert_int_equal(console_has_room(&console), i <= CONSOLE_INPUT / 2);
		type(keyboard, i & 1 ? "y" : "x");
		console_input(&console);
	}
	assert_true(console_waiting(&console));
	assert_int_equal(console_read(&console, buffer, CONSOLE_INPUT / 2 - 1), CONSOLE_INPUT / 2 - 1);
	assert_false(console_has_room(&console));
	assert_int_equal(console_read(&console, buffer, 1), 1);
	assert_true(console_has_room(&console));
	assert_int_equal(console_read(&console, buffer, 1), 1);
	for (int i = 0; i < CONSOLE_INPUT / 2 + 1; i++) {	/* round the end of the ring */
		type(keyboard, "z");
		console_input(&console);
	}
	console_input(&console);
	assert_int_equal(console_read(&console, buffer, sizeof(buffer)), CONSOLE_INPUT);
	assert_int_equal(buffer[0], 'y');
	assert_int_equal(buffer[CONSOLE_INPUT / 2 - 2], 'y');
	assert_int_equal(buffer[CONSOLE_INPUT / 2 - 1], 'z');
	assert_int_equal(buffer[CONSOLE_INPUT - 1], 'z');
}

int run_console_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_input_on),
		cmocka_unit_test(knows_its_keys),
		cmocka_unit_test(has_no_keys_in_a_pipe),
		cmocka_unit_test(takes_what_fits),
		cmocka_unit_test(stops_when_full),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
