// SPDX-License-Identifier: GPL-2.0-only
/* drivers/tty/ldisc.c: editing, echo, special keys, output processing, mode changes. */
#include <string.h>

#include "../../guest-kernel/drivers/tty/ldisc.h"
#include "unit.h"

static struct ldisc ld;

static void start(void)
{
	ldisc_init(&ld);
}

static void type(const char *keys)
{
	for (; *keys; keys++)
		ldisc_receive(&ld, (u8)*keys);
}

/* What is on its way to the screen since the last look. */
static const char *screen(void)
{
	static char text[LDISC_OUT_SIZE + 1];
	size_t n = 0, part;
	const u8 *p;

	while ((part = ldisc_output(&ld, &p))) {
		memcpy(text + n, p, part);
		n += part;
		ldisc_sent(&ld, part);
	}
	text[n] = '\0';
	return text;
}

/* One read of at most @n bytes. */
static const char *line(size_t n)
{
	static char text[LDISC_IN_SIZE + 1];
	bool end;

	text[ldisc_read(&ld, (u8 *)text, n, &end)] = '\0';
	return text;
}

static void set_modes(u32 iflag_off, u32 lflag_off, u32 iflag_on, u32 lflag_on)
{
	struct termios t = ld.termios;

	t.c_iflag = (t.c_iflag & ~iflag_off) | iflag_on;
	t.c_lflag = (t.c_lflag & ~lflag_off) | lflag_on;
	ldisc_set_termios(&ld, &t);
}

static void raw(u8 min, u8 time)
{
	struct termios t = ld.termios;

	t.c_iflag = 0;
	t.c_oflag = 0;
	t.c_lflag = 0;
	t.c_cc[VMIN] = min;
	t.c_cc[VTIME] = time;
	ldisc_set_termios(&ld, &t);
}

UNIT_TEST(ldisc_gives_whole_lines_only)
{
	start();
	type("abc");
	EXPECT(!ldisc_has_input(&ld));
	EXPECT_EQ(ldisc_readable(&ld), 0);
	type("\rdef\n");
	EXPECT(ldisc_has_input(&ld));
	EXPECT_EQ(ldisc_readable(&ld), 8);
	EXPECT_STR(line(100), "abc\n");
	EXPECT_STR(line(2), "de");
	EXPECT_STR(line(100), "f\n");
	EXPECT(!ldisc_has_input(&ld));
	EXPECT_STR(screen(), "abc\r\ndef\r\n");
}

UNIT_TEST(ldisc_erases_characters_words_and_lines)
{
	start();
	type("ab\x7f\x7f\x7fxy\n");
	EXPECT_STR(line(100), "xy\n");
	EXPECT_STR(screen(), "ab\b \b\b \bxy\r\n");
	type("one two.  \x17\x17\n");
	EXPECT_STR(line(100), "\n");
	type("one, two\x17three\n");
	EXPECT_STR(line(100), "one, three\n");
	screen();
	type("ab\x15" "c\n");
	EXPECT_STR(line(100), "c\n");
	EXPECT_STR(screen(), "ab\b \b\b \bc\r\n");
}

UNIT_TEST(ldisc_erases_what_was_echoed)
{
	start();
	/* A control character takes two columns, a tab as many as it took. */
	type("\x01\x7f");
	EXPECT_STR(screen(), "^A\b \b\b \b");
	type("a\t\x7f");
	EXPECT_STR(screen(), "a\t\b \b\b \b\b \b\b \b\b \b\b \b\b \b");
	type("\x7f");
	EXPECT_STR(screen(), "\b \b");
	/* After a prompt the tab stops are those of the screen. */
	EXPECT_EQ(ldisc_write(&ld, (const u8 *)"12345> ", 7), 7);
	type("\t\x7f");
	EXPECT_STR(screen(), "12345> \t\b \b");
	/* With IUTF8 a character is erased whole. */
	set_modes(0, 0, IUTF8, 0);
	type("\xc3\xa4\x7fz\n");
	EXPECT_STR(line(100), "z\n");
	EXPECT_STR(screen(), "\xc3\xa4\b \bz\r\n");
}

/* However long it is: each key is handled in an interrupt. */
UNIT_TEST(ldisc_erases_a_long_line_at_once)
{
	u32 i;

	start();
	for (i = 0; i < LDISC_LINE_MAX; i++) {
		type("x");
		screen();
	}
	type("\025");
	EXPECT_EQ(strlen(screen()), LDISC_OUT_SIZE);
	EXPECT_EQ(ld.column, 0);
	type("ok\n");
	EXPECT(!strcmp(line(100), "ok\n"));
	for (i = 0; i < 1000; i++) {
		type("w");
		screen();
	}
	type("\027");
	EXPECT_EQ(strlen(screen()), 3000);
	type("a\n");
	EXPECT(!strcmp(line(100), "a\n"));
}

UNIT_TEST(ldisc_ends_the_file)
{
	bool end;
	u8 c;

	start();
	type("\x04");
	EXPECT(ldisc_has_input(&ld));
	EXPECT_EQ(ldisc_readable(&ld), 0);
	EXPECT_EQ(ldisc_read(&ld, &c, 1, &end), 0);
	EXPECT(end);
	EXPECT(!ldisc_has_input(&ld));
	/* Behind text it only ends the read, and is not seen again. */
	type("abc\x04");
	EXPECT_STR(line(3), "abc");
	EXPECT(!ldisc_has_input(&ld));
	EXPECT_STR(screen(), "abc");
}

UNIT_TEST(ldisc_takes_the_next_key_literally)
{
	start();
	type("a\x16\x03" "b\x16\x7f\n");
	EXPECT_EQ(ld.signals, 0);
	EXPECT_STR(line(100), "a\x03" "b\x7f\n");
}

UNIT_TEST(ldisc_makes_signals)
{
	start();
	type("abc\x03");
	EXPECT_EQ(ld.signals, 1UL << (2 - 1));
	ld.signals = 0;
	type("def\n");
	EXPECT_STR(line(100), "def\n");
	type("\x1a\x1c");
	EXPECT_EQ(ld.signals, 1UL << (20 - 1) | 1UL << (3 - 1));
	ld.signals = 0;
	set_modes(0, ISIG, 0, 0);
	type("\x03\n");
	EXPECT_EQ(ld.signals, 0);
	EXPECT_STR(line(100), "\x03\n");
	set_modes(0, 0, 0, ISIG | NOFLSH);
	type("keep\x03\n");
	EXPECT_STR(line(100), "keep\n");
}

UNIT_TEST(ldisc_stops_and_goes_on)
{
	start();
	type("\x13");
	EXPECT_EQ(ldisc_write(&ld, (const u8 *)"x", 1), 1);
	EXPECT_STR(screen(), "");
	type("\x11");
	EXPECT_STR(screen(), "x");
	set_modes(IXON, 0, 0, 0);
	type("\x13\n");
	EXPECT_STR(line(100), "\x13\n");
}

UNIT_TEST(ldisc_maps_cr_and_nl)
{
	start();
	set_modes(ICRNL, 0, INLCR, 0);
	type("a\rb\n");
	EXPECT(!ldisc_has_input(&ld));
	start();
	set_modes(0, 0, IGNCR, 0);
	type("a\rb\n");
	EXPECT_STR(line(100), "ab\n");
}

UNIT_TEST(ldisc_gives_raw_bytes_at_once)
{
	start();
	raw(1, 0);
	type("a\x03\r\x7f");
	EXPECT_EQ(ldisc_readable(&ld), 4);
	EXPECT_STR(line(100), "a\x03\r\x7f");
	EXPECT_STR(screen(), "");
	EXPECT_EQ(ldisc_write(&ld, (const u8 *)"a\nb", 3), 3);
	EXPECT_STR(screen(), "a\nb");
}

UNIT_TEST(ldisc_keeps_input_when_the_mode_changes)
{
	start();
	type("half");
	raw(1, 0);
	EXPECT_STR(line(100), "half");
	type("more");
	ldisc_set_termios(&ld, &(struct termios){ .c_lflag = ICANON, .c_cc = { [VEOF] = 4 } });
	EXPECT_STR(line(100), "more");
	EXPECT(!ldisc_has_input(&ld));
}

UNIT_TEST(ldisc_processes_output)
{
	struct termios t;

	start();
	t = ld.termios;
	t.c_oflag |= XTABS;
	ldisc_set_termios(&ld, &t);
	EXPECT_EQ(ldisc_write(&ld, (const u8 *)"ab\tc\n\td", 7), 7);
	EXPECT_STR(screen(), "ab      c\r\n        d");
	t.c_oflag = OPOST | OCRNL | ONOCR | OLCUC;
	ldisc_set_termios(&ld, &t);
	ld.column = 0;
	EXPECT_EQ(ldisc_write(&ld, (const u8 *)"\rab\r", 4), 4);
	EXPECT_STR(screen(), "AB\n");
}

/* The end of a line that is too long is still taken, and what comes in right behind it. */
UNIT_TEST(ldisc_cuts_a_long_line)
{
	u32 i;

	start();
	for (i = 0; i < 2 * LDISC_IN_SIZE; i++)
		ldisc_receive(&ld, 'x');
	EXPECT(!ldisc_has_input(&ld));
	type("\ny\n\x04");
	EXPECT_EQ(strlen(line(LDISC_IN_SIZE)), LDISC_LINE_MAX + 1);
	EXPECT_STR(line(100), "y\n");
	EXPECT(ldisc_has_input(&ld));
	EXPECT_STR(line(100), "");
	EXPECT(!ldisc_has_input(&ld));
}

UNIT_TEST(ldisc_survives_a_full_ring)
{
	u32 i;
	bool end;
	u8 c;

	start();
	for (i = 0; i < LDISC_IN_SIZE; i++)
		ldisc_receive(&ld, i == LDISC_LINE_MAX ? '\n' : 'x');
	/* There is always room to end the line. */
	type("\n");
	EXPECT_EQ(ldisc_readable(&ld), LDISC_IN_SIZE);
	type("y\n\x04");
	for (i = 0; i < LDISC_IN_SIZE - 1; i++) {
		EXPECT_EQ(ldisc_read(&ld, &c, 1, &end), 1);
		EXPECT_EQ(c, i == LDISC_LINE_MAX ? '\n' : 'x');
	}
	EXPECT_STR(line(100), "\n");
	EXPECT(!ldisc_has_input(&ld));
	type("z\n");
	EXPECT_STR(line(100), "z\n");
}

UNIT_TEST(ldisc_takes_what_finds_room)
{
	static u8 many[2 * LDISC_OUT_SIZE];
	size_t n;

	start();
	memset(many, '\n', sizeof(many));
	n = ldisc_write(&ld, many, sizeof(many));
	EXPECT(n > 0 && n < sizeof(many));
	EXPECT_EQ(ldisc_unsent(&ld), 2 * n);
	EXPECT_EQ(ldisc_write(&ld, many, 1), 0);
	EXPECT_EQ(strlen(screen()), 2 * n);
}

/* However the bytes are cut into writes, the screen and the column are the same. */
UNIT_TEST(ldisc_output_is_the_same_in_pieces)
{
	static char whole[LDISC_OUT_SIZE + 1];
	u32 round, i, column, start_column;
	struct termios t;
	u8 text[400];

	start();
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < sizeof(text); i++)
			text[i] = unit_random() % 8 ? 0x1e + unit_random() % 0x62 : (u8)(unit_random() | 1);
		t = ld.termios;
		t.c_iflag = unit_random() % 2 ? IUTF8 : 0;
		t.c_oflag = unit_random() % 2 ? OPOST | (unit_random() & 0177) : unit_random() & 017777;
		ldisc_set_termios(&ld, &t);
		start_column = ld.column;
		EXPECT_EQ(ldisc_write(&ld, text, sizeof(text)), sizeof(text));
		memcpy(whole, screen(), sizeof(whole));
		column = ld.column;
		ld.column = start_column;
		for (i = 0; i < sizeof(text); i++)
			EXPECT_EQ(ldisc_write(&ld, text + i, 1), 1);
		EXPECT_STR(screen(), whole);
		EXPECT_EQ(ld.column, column);
	}
}

UNIT_TEST(ldisc_stands_random_keys_and_modes)
{
	u32 i;
	bool end;
	u8 buf[64];

	start();
	for (i = 0; i < 200000; i++) {
		ldisc_receive(&ld, (u8)unit_random());
		if (unit_random() % 8 == 0)
			EXPECT(ldisc_read(&ld, buf, unit_random() % sizeof(buf), &end) <= sizeof(buf));
		if (unit_random() % 64 == 0)
			screen();
		if (unit_random() % 256 == 0) {
			struct termios t = ld.termios;

			t.c_iflag = unit_random() & 077777;
			t.c_oflag = unit_random() & 0177;
			t.c_lflag = unit_random() & 0177777;
			ldisc_set_termios(&ld, &t);
		}
		EXPECT(ld.tail - ld.head <= LDISC_IN_SIZE);
		EXPECT(ld.ready - ld.head <= ld.tail - ld.head);
		EXPECT(ldisc_unsent(&ld) <= LDISC_OUT_SIZE);
	}
}
