// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal's cells, control characters and short escape sequences; vt_csi.c
 * has the long ones.
 */
#include <string.h>

#include "vt.h"

#define DEFAULT_ATTR	0x07		/* light grey on black */
#define TAB_WIDTH	8
#define ESC		0x1b

static void mark(struct vt *vt, u32 from, u32 to)
{
	vt->dirty_from = min(vt->dirty_from, from);
	vt->dirty_to = max(vt->dirty_to, to);
}

/** vt_attribute - upper byte of a new cell */
u8 vt_attribute(const struct vt *vt)
{
	u8 fg = (u8)((vt->attr & 7) | (vt->bold ? 8 : 0)), bg = vt->attr >> 4 & 7;

	return vt->reverse ? (u8)(bg | (fg & 7) << 4) : (u8)(fg | bg << 4);
}

/** vt_clear - blank cells [@from, @to) in the present colours */
void vt_clear(struct vt *vt, u32 from, u32 to)
{
	u16 blank = (u16)(' ' | vt_attribute(vt) << 8);
	u32 i;

	for (i = from; i < to; i++)
		vt->cells[i] = blank;
	mark(vt, from, to);
}

/** vt_move - copy @n cells, which may overlap */
void vt_move(struct vt *vt, u32 to, u32 from, u32 n)
{
	memmove(&vt->cells[to], &vt->cells[from], n * sizeof(vt->cells[0]));
	mark(vt, to, to + n);
}

/**
 * vt_scroll - move the lines of a region
 * @vt: terminal
 * @top: first line
 * @bottom: last line
 * @lines: up if positive, down if negative
 */
void vt_scroll(struct vt *vt, u32 top, u32 bottom, s32 lines)
{
	u32 height = bottom - top + 1, n = min((u32)(lines < 0 ? -lines : lines), height);
	u32 start = top * vt->cols, kept = (height - n) * vt->cols, shift = n * vt->cols;

	if (lines > 0) {
		vt_move(vt, start, start + shift, kept);
		vt_clear(vt, start + kept, start + height * vt->cols);
	} else {
		vt_move(vt, start + shift, start, kept);
		vt_clear(vt, start, start + shift);
	}
}

/** vt_reset_attributes - SGR 0 */
void vt_reset_attributes(struct vt *vt)
{
	vt->attr = DEFAULT_ATTR;
	vt->bold = false;
	vt->reverse = false;
}

static void reset(struct vt *vt)
{
	vt_reset_attributes(vt);
	vt->top = 0;
	vt->bottom = vt->rows - 1;
	vt->x = 0;
	vt->y = 0;
	vt->hide_cursor = false;
	vt->state = VT_NORMAL;
	vt_clear(vt, 0, vt->cols * vt->rows);
}

static void line_feed(struct vt *vt)
{
	if (vt->y == vt->bottom)
		vt_scroll(vt, vt->top, vt->bottom, 1);
	else if (vt->y < vt->rows - 1)
		vt->y++;
}

static void reverse_line_feed(struct vt *vt)
{
	if (vt->y == vt->top)
		vt_scroll(vt, vt->top, vt->bottom, -1);
	else if (vt->y)
		vt->y--;
}

static void put(struct vt *vt, u8 c)
{
	u32 at;

	if (vt->x >= vt->cols) {
		vt->x = 0;
		line_feed(vt);
	}
	at = vt->y * vt->cols + vt->x++;
	vt->cells[at] = (u16)(c | vt_attribute(vt) << 8);
	mark(vt, at, at + 1);
}

static void control(struct vt *vt, u8 c)
{
	switch (c) {
	case '\b':
		if (vt->x)
			vt->x = min(vt->x, vt->cols) - 1;
		break;
	case '\t':
		vt->x = min((vt->x / TAB_WIDTH + 1) * TAB_WIDTH, vt->cols - 1);
		break;
	case '\n':
	case '\v':
	case '\f':
		line_feed(vt);
		break;
	case '\r':
		vt->x = 0;
		break;
	case ESC:
		vt->state = VT_ESCAPE;
		break;
	}
}

/* Bytes of UTF-8 beyond ASCII show as one '?': there is no font for them. */
static void normal(struct vt *vt, u8 c)
{
	if (c < ' ' || c == 0x7f)
		control(vt, c);
	else if (c < 0x80)
		put(vt, c);
	else if (c >= 0xc0)
		put(vt, '?');
}

static void save_cursor(struct vt *vt)
{
	vt->saved_x = vt->x;
	vt->saved_y = vt->y;
}

static void escape(struct vt *vt, u8 c)
{
	vt->state = VT_NORMAL;
	switch (c) {
	case '[':
		vt->state = VT_CSI;
		vt->private = false;
		vt->nr_params = 0;
		memset(vt->params, 0, sizeof(vt->params));
		break;
	case '(':
	case ')':
		vt->state = VT_CHARSET;
		break;
	case ']':
		vt->state = VT_STRING;
		break;
	case '7':
		save_cursor(vt);
		break;
	case '8':
		vt->x = vt->saved_x;
		vt->y = vt->saved_y;
		break;
	case 'E':
		vt->x = 0;
		line_feed(vt);
		break;
	case 'D':
		line_feed(vt);
		break;
	case 'M':
		reverse_line_feed(vt);
		break;
	case 'c':
		reset(vt);
		break;
	}
}

static void csi_byte(struct vt *vt, u8 c)
{
	u32 *p = &vt->params[vt->nr_params];

	if (c == '?') {
		vt->private = true;
	} else if (c >= '0' && c <= '9') {
		*p = min(*p * 10 + c - '0', 9999U);
	} else if (c == ';') {
		vt->nr_params = min(vt->nr_params + 1, VT_MAX_PARAMS - 1U);
	} else if (c < ' ') {
		control(vt, c);
	} else if (c >= 0x40) {
		vt->state = VT_NORMAL;
		vt->nr_params++;
		vt_csi(vt, c);
	}
}

static void byte(struct vt *vt, u8 c)
{
	switch (vt->state) {
	case VT_NORMAL:
		normal(vt, c);
		break;
	case VT_ESCAPE:
		escape(vt, c);
		break;
	case VT_CSI:
		csi_byte(vt, c);
		break;
	case VT_CHARSET:
		vt->state = VT_NORMAL;
		break;
	case VT_STRING:			/* a window title: ends with BEL or ESC \ */
		if (c == '\a')
			vt->state = VT_NORMAL;
		else if (c == ESC)
			vt->state = VT_CHARSET;
		break;
	}
}

/**
 * vt_init - an empty screen
 * @vt: terminal
 * @screen: hardware
 * @cols: cells a line
 * @rows: lines; @cols * @rows is at most VT_MAX_CELLS
 */
void vt_init(struct vt *vt, const struct vt_screen *screen, u32 cols, u32 rows)
{
	vt->screen = screen;
	vt->cols = cols;
	vt->rows = rows;
	reset(vt);
	vt_write(vt, NULL, 0);
}

/**
 * vt_write - show bytes
 * @vt: terminal
 * @s: bytes
 * @n: how many
 *
 * Context: any; the caller's lock held.
 */
void vt_write(struct vt *vt, const u8 *s, size_t n)
{
	while (n--)
		byte(vt, *s++);
	if (vt->dirty_from < vt->dirty_to)
		vt->screen->update(vt->cells, vt->dirty_from, vt->dirty_to - vt->dirty_from);
	vt->dirty_from = ~0U;
	vt->dirty_to = 0;
	vt->screen->cursor(vt->hide_cursor ? ~0U : vt->y * vt->cols + min(vt->x, vt->cols - 1));
}
