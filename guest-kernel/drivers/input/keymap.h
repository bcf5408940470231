/* SPDX-License-Identifier: GPL-2.0-only */
/* From scan codes (set 1) to bytes. */
#ifndef _DRIVERS_KEYMAP_H
#define _DRIVERS_KEYMAP_H

#include <compiler.h>

#define KEYMAP_SIZE	0x59

extern const u8 keymap_plain[KEYMAP_SIZE];
extern const u8 keymap_shift[KEYMAP_SIZE];
/* What a key that is no character sends; NULL: nothing. @extended: the code followed 0xe0. */
const char *keymap_sequence(u8 code, bool extended);

#endif
