// SPDX-License-Identifier: GPL-2.0-only
/* Control sequences: ESC [ numbers letter (ECMA-48 section 8.3; console_codes(4)). */
#include <string.h>

#include "vt.h"

/* The number at @i, @dflt if it is missing or zero. */
static u32 param(const struct vt *vt, u32 i, u32 dflt)
{
	return i < vt->nr_params && vt->params[i] ? vt->params[i] : dflt;
}

static u32 here(const struct vt *vt)
{
	return vt->y * vt->cols + min(vt->x, vt->cols - 1);
}

static u32 line_end(const struct vt *vt)
{
	return (vt->y + 1) * vt->cols;
}

static void erase_display(struct vt *vt)
{
	u32 end = vt->cols * vt->rows;

	switch (vt->params[0]) {
	case 0:
		vt_clear(vt, here(vt), end);
		break;
	case 1:
		vt_clear(vt, 0, here(vt) + 1);
		break;
	default:
		vt_clear(vt, 0, end);
	}
}

static void erase_line(struct vt *vt)
{
	u32 start = vt->y * vt->cols;

	switch (vt->params[0]) {
	case 0:
		vt_clear(vt, here(vt), line_end(vt));
		break;
	case 1:
		vt_clear(vt, start, here(vt) + 1);
		break;
	default:
		vt_clear(vt, start, line_end(vt));
	}
}

static void insert_chars(struct vt *vt, u32 n)
{
	n = min(n, line_end(vt) - here(vt));
	vt_move(vt, here(vt) + n, here(vt), line_end(vt) - here(vt) - n);
	vt_clear(vt, here(vt), here(vt) + n);
}

static void delete_chars(struct vt *vt, u32 n)
{
	n = min(n, line_end(vt) - here(vt));
	vt_move(vt, here(vt), here(vt) + n, line_end(vt) - here(vt) - n);
	vt_clear(vt, line_end(vt) - n, line_end(vt));
}

/* Only inside of the scrolling region. */
static void insert_lines(struct vt *vt, s32 n)
{
	if (vt->y >= vt->top && vt->y <= vt->bottom)
		vt_scroll(vt, vt->y, vt->bottom, -n);
}

static void set_region(struct vt *vt)
{
	u32 top = param(vt, 0, 1) - 1, bottom = min(param(vt, 1, vt->rows), vt->rows) - 1;

	if (top >= bottom)
		return;
	vt->top = top;
	vt->bottom = bottom;
	vt->x = 0;
	vt->y = 0;
}

/* ANSI numbers colours red, green, blue from bit 0; VGA has blue there. */
static u8 vga_colour(u32 ansi)
{
	static const u8 map[] = { 0, 4, 2, 6, 1, 5, 3, 7 };

	return map[ansi & 7];
}

static void set_foreground(struct vt *vt, u8 colour)
{
	vt->attr = (u8)((vt->attr & 0xf0) | colour);
}

static void set_background(struct vt *vt, u8 colour)
{
	vt->attr = (u8)((vt->attr & 0x0f) | colour << 4);
}

static void select_rendition(struct vt *vt, u32 v)
{
	if (v == 0)
		vt_reset_attributes(vt);
	else if (v == 1)
		vt->bold = true;
	else if (v == 22)
		vt->bold = false;
	else if (v == 7 || v == 27)
		vt->reverse = v == 7;
	else if (v >= 30 && v <= 37)
		set_foreground(vt, vga_colour(v - 30));
	else if (v == 39)
		set_foreground(vt, 7);
	else if (v >= 40 && v <= 47)
		set_background(vt, vga_colour(v - 40));
	else if (v == 49)
		set_background(vt, 0);
	else if (v >= 90 && v <= 97)
		set_foreground(vt, vga_colour(v - 90));
}

static void set_rendition(struct vt *vt)
{
	u32 i;

	for (i = 0; i < vt->nr_params; i++)
		select_rendition(vt, vt->params[i]);
}

static void reply(struct vt *vt, const char *s)
{
	vt->reply_len = (u32)scnprintf(vt->reply, sizeof(vt->reply), "%s", s);
}

static void report(struct vt *vt)
{
	char buf[VT_REPLY_MAX];

	if (vt->params[0] == 5) {
		reply(vt, "\033[0n");
	} else if (vt->params[0] == 6) {
		scnprintf(buf, sizeof(buf), "\033[%u;%uR", vt->y + 1, min(vt->x, vt->cols - 1) + 1);
		reply(vt, buf);
	}
}

static void move_to(struct vt *vt, u32 row, u32 col)
{
	vt->y = min(row, vt->rows - 1);
	vt->x = min(col, vt->cols - 1);
}

static void move_cursor(struct vt *vt, u8 final)
{
	u32 n = param(vt, 0, 1);
	u32 x = min(vt->x, vt->cols - 1);

	switch (final) {
	case 'A':
		move_to(vt, vt->y - min(n, vt->y), x);
		break;
	case 'B':
	case 'e':
		move_to(vt, vt->y + n, x);
		break;
	case 'C':
	case 'a':
		move_to(vt, vt->y, x + n);
		break;
	case 'D':
		move_to(vt, vt->y, x - min(n, x));
		break;
	case 'E':
		move_to(vt, vt->y + n, 0);
		break;
	case 'F':
		move_to(vt, vt->y - min(n, vt->y), 0);
		break;
	case 'G':
	case '`':
		move_to(vt, vt->y, n - 1);
		break;
	case 'd':
		move_to(vt, n - 1, x);
		break;
	case 'H':
	case 'f':
		move_to(vt, n - 1, param(vt, 1, 1) - 1);
		break;
	}
}

static void edit(struct vt *vt, u8 final)
{
	u32 n = param(vt, 0, 1);

	switch (final) {
	case 'J':
		erase_display(vt);
		break;
	case 'K':
		erase_line(vt);
		break;
	case 'L':
		insert_lines(vt, (s32)n);
		break;
	case 'M':
		insert_lines(vt, -(s32)n);
		break;
	case 'P':
		delete_chars(vt, n);
		break;
	case '@':
		insert_chars(vt, n);
		break;
	case 'X':
		vt_clear(vt, here(vt), min(here(vt) + n, line_end(vt)));
		break;
	case 'S':
		vt_scroll(vt, vt->top, vt->bottom, (s32)n);
		break;
	case 'T':
		vt_scroll(vt, vt->top, vt->bottom, -(s32)n);
		break;
	}
}

static void private_mode(struct vt *vt, bool on)
{
	if (vt->params[0] == 25)
		vt->hide_cursor = !on;
}

/**
 * vt_csi - carry out a control sequence
 * @vt: terminal, with @params read
 * @final: the letter
 *
 * What is not known is ignored, as terminals do.
 */
void vt_csi(struct vt *vt, u8 final)
{
	if (vt->private) {
		if (final == 'h' || final == 'l')
			private_mode(vt, final == 'h');
		return;
	}
	switch (final) {
	case 'm':
		set_rendition(vt);
		break;
	case 'r':
		set_region(vt);
		break;
	case 'n':
		report(vt);
		break;
	case 'c':
		reply(vt, "\033[?6c");
		break;
	case 's':
		vt->saved_x = vt->x;
		vt->saved_y = vt->y;
		break;
	case 'u':
		move_to(vt, vt->saved_y, vt->saved_x);
		break;
	default:
		move_cursor(vt, final);
		edit(vt, final);
	}
}
