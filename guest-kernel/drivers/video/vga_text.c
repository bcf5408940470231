// SPDX-License-Identifier: GPL-2.0-only
/* VGA's text mode 3, as a BIOS leaves it: 80 by 25 cells in memory, cursor by CRT controller. */
#include <boot_info.h>
#include <platform/mmu.h>
#include <plat/x86.h>

#include "screen.h"

#define VGA_MEMORY	0xb8000
#define VGA_COLS	80
#define VGA_ROWS	25
#define CRTC_INDEX	0x3d4
#define CRTC_DATA	0x3d5
#define CRTC_CURSOR_START 0x0a
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW	0x0f
#define CURSOR_OFF	0x20
#define CURSOR_FIRST_LINE 0x0d
#define MISC_READ	0x3cc
#define MISC_COLOUR	0x01		/* registers at 0x3dx, memory at 0xb8000 */

static void crtc_write(u8 index, u8 v)
{
	outb(CRTC_INDEX, index);
	outb(CRTC_DATA, v);
}

static void vga_update(const u16 *cells, u32 first, u32 n)
{
	volatile u16 *memory = (volatile u16 *)phys_to_virt(VGA_MEMORY) + first;
	u32 i;

	for (i = 0; i < n; i++)
		memory[i] = cells[first + i];
}

static void vga_cursor(u32 at)
{
	if (at == ~0U) {
		crtc_write(CRTC_CURSOR_START, CURSOR_OFF);
		return;
	}
	crtc_write(CRTC_CURSOR_START, CURSOR_FIRST_LINE);
	crtc_write(CRTC_CURSOR_HIGH, (u8)(at >> 8));
	crtc_write(CRTC_CURSOR_LOW, (u8)at);
}

static const struct vt_screen vga_screen = { .update = vga_update, .cursor = vga_cursor };

/*
 * A machine without VGA answers every port with ones; one that a loader has put
 * into a graphics mode has no text to show.
 */
const struct vt_screen *vga_text_probe(u32 *cols, u32 *rows)
{
	u8 misc = inb(MISC_READ);

	if (misc == 0xff || !(misc & MISC_COLOUR) || boot_info.fb.base)
		return NULL;
	*cols = VGA_COLS;
	*rows = VGA_ROWS;
	return &vga_screen;
}
