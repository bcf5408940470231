/* SPDX-License-Identifier: GPL-2.0-only */
/* From the keyboard to the screen's terminal. */
#ifndef _DRIVERS_SCREEN_CONSOLE_H
#define _DRIVERS_SCREEN_CONSOLE_H

#include <compiler.h>

/* Bytes typed. Interrupt context. */
void screen_console_input(const u8 *s, size_t n);

#endif
