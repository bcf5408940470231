// SPDX-License-Identifier: GPL-2.0-only
/* kernel/cmdline.c: words, quotes, what is init's. */
#include <boot_info.h>
#include <init.h>
#include <string.h>

#include "unit.h"

UNIT_TEST(cmdline_finds_options)
{
	cmdline_init("  root=/dev/vda quiet\tmem=64M loglevel=3 loglevel=7 name=\"a b\" ", "console=ttyS0 loglevel=1");
	EXPECT_STR(cmdline_get("root"), "/dev/vda");
	EXPECT_STR(cmdline_get("quiet"), "");
	EXPECT_STR(cmdline_get("name"), "a b");
	EXPECT_STR(cmdline_get("console"), "ttyS0");
	EXPECT_EQ(cmdline_get_u64("loglevel", 0), 7);
	EXPECT_EQ(cmdline_get_u64("mem", 0), 64UL << 20);
	EXPECT(!cmdline_get("roo"));
	EXPECT(!cmdline_get("rootx"));
	EXPECT(cmdline_flag("quiet"));
	EXPECT(!cmdline_flag("debug"));
}

UNIT_TEST(cmdline_repeats_options)
{
	cmdline_init("console=tty0 console=ttyS0,115200", NULL);
	EXPECT_STR(cmdline_get_nth("console", 0), "tty0");
	EXPECT_STR(cmdline_get_nth("console", 1), "ttyS0,115200");
	EXPECT(!cmdline_get_nth("console", 2));
	EXPECT_STR(cmdline_get("console"), "ttyS0,115200");
}

UNIT_TEST(cmdline_numbers)
{
	cmdline_init("panic=-1 a=12x b= c=0x10 flag=0 on=1", NULL);
	EXPECT_EQ(cmdline_get_u64("panic", 0), -1L);
	EXPECT_EQ(cmdline_get_u64("a", 5), 5);
	EXPECT_EQ(cmdline_get_u64("b", 6), 6);
	EXPECT_EQ(cmdline_get_u64("c", 0), 16);
	EXPECT_EQ(cmdline_get_u64("absent", 9), 9);
	EXPECT(!cmdline_flag("flag"));
	EXPECT(cmdline_flag("on"));
}

UNIT_TEST(cmdline_gives_the_rest_to_init)
{
	const char *argv[4], *envp[4];
	u32 n;

	cmdline_init("quiet single TERM=vt100 known=1 ata.dma=0 -- -v panic=5 --", NULL);
	cmdline_get("known");
	n = cmdline_init_args(argv, 4, envp, 4);
	EXPECT_EQ(n & 0xffff, 4);
	EXPECT_STR(argv[0], "single");
	EXPECT_STR(argv[1], "-v");
	EXPECT_STR(argv[2], "panic=5");
	EXPECT_STR(argv[3], "--");
	EXPECT_EQ(n >> 16, 1);
	EXPECT_STR(envp[0], "TERM=vt100");
	EXPECT(!cmdline_get("panic"));
	/* No more than there is room for. */
	EXPECT_EQ(cmdline_init_args(argv, 2, envp, 0), 2);
}

UNIT_TEST(cmdline_is_cut_at_a_word)
{
	static const struct {
		const char *line, *left;
	} lines[] = {
		{ "one two=2 thr", "one two=2 " },
		{ "one  two=2 ", "one  two=2 " },
		{ "one name=\"a b c", "one " },
		{ "one name=\"a b\"", "one " },	/* more of it may have followed */
		{ "oneandonly", "" },
		{ " \t", " \t" },
		{ "", "" },
	};
	char copy[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		strscpy(copy, lines[i].line, sizeof(copy));
		cmdline_cut(copy, 7);
		EXPECT_STR(copy, lines[i].left);
	}
}

UNIT_TEST(cmdline_takes_all_it_has_room_for)
{
	static char line[BOOT_CMDLINE_MAX];
	u32 i, used = 0;

	for (i = 0; used + 40 < sizeof(line); i++)
		used += snprintf(line + used, sizeof(line) - used, "word%u=%030u ", i, i);
	cmdline_init(line, "builtin=1");
	EXPECT_EQ(strlen(cmdline_full()), used + strlen("builtin=1 "));
	snprintf(line, sizeof(line), "word%u", i - 1);
	EXPECT(cmdline_get(line));
}

UNIT_TEST(cmdline_stands_odd_ones)
{
	static char many[2048];
	u32 i;

	cmdline_init(NULL, NULL);
	EXPECT_STR(cmdline_full(), "");
	EXPECT(!cmdline_get("x"));
	cmdline_init("= =x \"unterminated quote", NULL);
	EXPECT(!cmdline_get("x"));
	for (i = 0; i < sizeof(many) - 1; i++)
		many[i] = i % 2 ? ' ' : 'w';
	cmdline_init(many, many);
	EXPECT_STR(cmdline_get("w"), "");
}
