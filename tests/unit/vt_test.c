// SPDX-License-Identifier: GPL-2.0-only
/* drivers/video/vt.c, vt_csi.c: what a screen shows after which bytes. */
#include <string.h>

#include "../../guest-kernel/drivers/video/vt.h"
#include "unit.h"

#define COLS 10
#define ROWS 4

static struct vt vt;
static u32 cursor;
static u16 shown[COLS * ROWS];	/* only what update() was told of */

static void update(const u16 *cells, u32 first, u32 n)
{
	EXPECT(first + n <= COLS * ROWS);
	memcpy(shown + first, cells + first, n * sizeof(*cells));
}

static void set_cursor(u32 at)
{
	EXPECT(at == ~0U || at < COLS * ROWS);
	cursor = at;
}

static const struct vt_screen screen = { .update = update, .cursor = set_cursor };

static void start(void)
{
	memset(&vt, 0, sizeof(vt));
	memset(shown, 0, sizeof(shown));
	vt_init(&vt, &screen, COLS, ROWS);
}

static void show(const char *s)
{
	vt_write(&vt, (const u8 *)s, strlen(s));
}

static const char *line(u32 y)
{
	static char text[COLS + 1];
	u32 x;

	for (x = 0; x < COLS; x++)
		text[x] = (char)shown[y * COLS + x];
	while (x && text[x - 1] == ' ')
		x--;
	text[x] = '\0';
	return text;
}

static u8 colour(u32 x, u32 y)
{
	return (u8)(shown[y * COLS + x] >> 8);
}

UNIT_TEST(vt_text_wraps_and_scrolls)
{
	start();
	show("0123456789");
	EXPECT_EQ(cursor, 9);			/* the last column waits for the next character */
	show("a\r\nb\nc");
	EXPECT_STR(line(0), "0123456789");
	EXPECT_STR(line(1), "a");
	EXPECT_STR(line(2), "b");
	EXPECT_STR(line(3), " c");
	show("\r\nd");
	EXPECT_STR(line(0), "a");
	EXPECT_STR(line(3), "d");
	EXPECT_EQ(cursor, 3 * COLS + 1);
}

UNIT_TEST(vt_controls)
{
	start();
	show("ab\bc\tx\ry");
	EXPECT_STR(line(0), "yc      x");
	show("\033[2J\033[H\303\244z\a");	/* two bytes of UTF-8 are one character */
	EXPECT_STR(line(0), "?z");
}

UNIT_TEST(vt_cursor_movements)
{
	start();
	show("\033[2;3Hx\033[Ay\033[2Bz\033[10Dw\033[99;99Hv\033[1;1Hu");
	EXPECT_STR(line(0), "u  y");
	EXPECT_STR(line(1), "  x");
	EXPECT_STR(line(2), "w   z");
	EXPECT_STR(line(3), "         v");
	show("\033[3G3\033[2d2\033[s\033[4;5H\033[u1");
	EXPECT_STR(line(0), "u 3y");
	EXPECT_STR(line(1), "  x21");
	show("\0337\033[H\0338!");
	EXPECT_STR(line(1), "  x21!");
}

UNIT_TEST(vt_erasing_and_editing)
{
	start();
	show("abcdefghij\033[1;4H\033[2P");
	EXPECT_STR(line(0), "abcfghij");
	show("\033[2@");
	EXPECT_STR(line(0), "abc  fghij");
	show("\033[3X");
	EXPECT_STR(line(0), "abc   ghij");
	show("\033[1K");
	EXPECT_STR(line(0), "      ghij" + 0);
	show("\033[9G\033[K");
	EXPECT_STR(line(0), "      gh");
	show("\033[2K");
	EXPECT_STR(line(0), "");
	show("\033[H1\r\n2\r\n3\r\n4\033[2;1H\033[J");
	EXPECT_STR(line(0), "1");
	EXPECT_STR(line(1), "");
	EXPECT_STR(line(3), "");
}

UNIT_TEST(vt_lines_in_a_region)
{
	start();
	show("1\r\n2\r\n3\r\n4\033[2;3r\033[2;1H\033[L");
	EXPECT_STR(line(0), "1");
	EXPECT_STR(line(1), "");
	EXPECT_STR(line(2), "2");
	EXPECT_STR(line(3), "4");
	show("\033[M");
	EXPECT_STR(line(1), "2");
	EXPECT_STR(line(2), "");
	show("\033[3;1H\n\033[2;1H\033M");
	EXPECT_STR(line(1), "");
	EXPECT_STR(line(3), "4");
}

UNIT_TEST(vt_colours)
{
	start();
	show("a\033[31;44;1mb\033[7mc\033[0md");
	EXPECT_EQ(colour(0, 0), 0x07);
	EXPECT_EQ(colour(1, 0), 0x1c);
	EXPECT_EQ(colour(2, 0), 0x41);
	EXPECT_EQ(colour(3, 0), 0x07);
}

UNIT_TEST(vt_answers)
{
	start();
	show("\033[3;5H\033[6n");
	EXPECT_EQ(vt.reply_len, 6);
	EXPECT(!memcmp(vt.reply, "\033[3;5R", 6));
	show("\033[?25l");
	EXPECT_EQ(cursor, ~0U);
	show("\033[?25h");
	EXPECT_EQ(cursor, 2 * COLS + 4);
}

/* Whatever comes, nothing is written outside of the screen (the sanitizers look on). */
UNIT_TEST(vt_survives_noise)
{
	static const char alphabet[] = "\033\033[[[;;?0123456789ABCDEFGHJKLMPSTX@`adefhlmnrsu78cDEM()]\a\b\t\n\rx";
	u32 i;

	start();
	for (i = 0; i < 200000; i++) {
		u8 c = (u8)alphabet[unit_random() % (sizeof(alphabet) - 1)];

		vt_write(&vt, &c, 1);
		EXPECT(vt.y < ROWS && vt.x <= COLS && vt.top < vt.bottom && vt.bottom < ROWS);
	}
}
