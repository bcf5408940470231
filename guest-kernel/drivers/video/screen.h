/* SPDX-License-Identifier: GPL-2.0-only */
/* Screens that console.c can put its terminal on. */
#ifndef _DRIVERS_SCREEN_H
#define _DRIVERS_SCREEN_H

#include "vt.h"

/* NULL if the machine has none; else sets the size in cells. */
const struct vt_screen *vga_text_probe(u32 *cols, u32 *rows);

#endif
