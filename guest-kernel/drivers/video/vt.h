/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A terminal on a screen of character cells: what "linux" in terminfo promises
 * and full-screen programs use (ECMA-48; console_codes(4)). Knows neither the
 * hardware nor the tty layer.
 */
#ifndef _DRIVERS_VT_H
#define _DRIVERS_VT_H

#include <compiler.h>

#define VT_MAX_CELLS	(240 * 100)
#define VT_MAX_PARAMS	8
#define VT_REPLY_MAX	16

struct vt;

/**
 * struct vt_screen - the hardware below
 * @update: cells [@first, @first + @n) of the screen have changed
 * @cursor: the cursor is at cell @at; ~0: hidden
 */
struct vt_screen {
	void (*update)(const u16 *cells, u32 first, u32 n);
	void (*cursor)(u32 at);
};

enum vt_state { VT_NORMAL, VT_ESCAPE, VT_CSI, VT_CHARSET, VT_STRING };

/**
 * struct vt - the terminal; guarded by its user's lock
 * @screen: see above
 * @cols: cells a line
 * @rows: lines
 * @x: column of the cursor; == @cols while the next character will wrap
 * @y: line of the cursor
 * @saved_x: by DECSC
 * @saved_y: by DECSC
 * @top: first line of the scrolling region
 * @bottom: last line of it
 * @attr: colours of new cells, as in VGA text: upper byte of a cell
 * @bold: intensity, kept apart from the colour
 * @reverse: colours are swapped
 * @hide_cursor: by DECTCEM
 * @state: of the parser
 * @private: the sequence began with '?'
 * @nr_params: used entries of @params
 * @params: numbers of a control sequence
 * @reply_len: bytes that the terminal answers, for its user to fetch
 * @reply: the bytes
 * @dirty_from: first cell changed since the last update
 * @dirty_to: behind the last one
 * @cells: characters and attributes, as in VGA text
 */
struct vt {
	const struct vt_screen *screen;
	u32 cols, rows;
	u32 x, y, saved_x, saved_y;
	u32 top, bottom;
	u8 attr;
	bool bold, reverse, hide_cursor;
	enum vt_state state;
	bool private;
	u32 nr_params;
	u32 params[VT_MAX_PARAMS];
	u32 reply_len;
	char reply[VT_REPLY_MAX];
	u32 dirty_from, dirty_to;
	u16 cells[VT_MAX_CELLS];
};

void vt_init(struct vt *vt, const struct vt_screen *screen, u32 cols, u32 rows);
void vt_write(struct vt *vt, const u8 *s, size_t n);

/* Shared by vt.c and vt_csi.c. */
void vt_csi(struct vt *vt, u8 final);
void vt_clear(struct vt *vt, u32 from, u32 to);
void vt_move(struct vt *vt, u32 to, u32 from, u32 n);
void vt_scroll(struct vt *vt, u32 top, u32 bottom, s32 lines);
void vt_reset_attributes(struct vt *vt);
u8 vt_attribute(const struct vt *vt);

#endif
