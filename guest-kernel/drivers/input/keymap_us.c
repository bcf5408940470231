// SPDX-License-Identifier: GPL-2.0-only
/* The US layout; function keys send what terminfo's "linux" entry says. */
#include "keymap.h"

const u8 keymap_plain[KEYMAP_SIZE] = {
	[0x01] = 0x1b, [0x0e] = 0x7f, [0x0f] = '\t', [0x1c] = '\r', [0x39] = ' ',
	[0x02] = '1', [0x03] = '2', [0x04] = '3', [0x05] = '4', [0x06] = '5', [0x07] = '6',
	[0x08] = '7', [0x09] = '8', [0x0a] = '9', [0x0b] = '0', [0x0c] = '-', [0x0d] = '=',
	[0x10] = 'q', [0x11] = 'w', [0x12] = 'e', [0x13] = 'r', [0x14] = 't', [0x15] = 'y',
	[0x16] = 'u', [0x17] = 'i', [0x18] = 'o', [0x19] = 'p', [0x1a] = '[', [0x1b] = ']',
	[0x1e] = 'a', [0x1f] = 's', [0x20] = 'd', [0x21] = 'f', [0x22] = 'g', [0x23] = 'h',
	[0x24] = 'j', [0x25] = 'k', [0x26] = 'l', [0x27] = ';', [0x28] = '\'', [0x29] = '`',
	[0x2b] = '\\', [0x2c] = 'z', [0x2d] = 'x', [0x2e] = 'c', [0x2f] = 'v', [0x30] = 'b',
	[0x31] = 'n', [0x32] = 'm', [0x33] = ',', [0x34] = '.', [0x35] = '/', [0x37] = '*',
	[0x4a] = '-', [0x4e] = '+', [0x56] = '<',
};

const u8 keymap_shift[KEYMAP_SIZE] = {
	[0x01] = 0x1b, [0x0e] = 0x7f, [0x0f] = '\t', [0x1c] = '\r', [0x39] = ' ',
	[0x02] = '!', [0x03] = '@', [0x04] = '#', [0x05] = '$', [0x06] = '%', [0x07] = '^',
	[0x08] = '&', [0x09] = '*', [0x0a] = '(', [0x0b] = ')', [0x0c] = '_', [0x0d] = '+',
	[0x10] = 'Q', [0x11] = 'W', [0x12] = 'E', [0x13] = 'R', [0x14] = 'T', [0x15] = 'Y',
	[0x16] = 'U', [0x17] = 'I', [0x18] = 'O', [0x19] = 'P', [0x1a] = '{', [0x1b] = '}',
	[0x1e] = 'A', [0x1f] = 'S', [0x20] = 'D', [0x21] = 'F', [0x22] = 'G', [0x23] = 'H',
	[0x24] = 'J', [0x25] = 'K', [0x26] = 'L', [0x27] = ':', [0x28] = '"', [0x29] = '~',
	[0x2b] = '|', [0x2c] = 'Z', [0x2d] = 'X', [0x2e] = 'C', [0x2f] = 'V', [0x30] = 'B',
	[0x31] = 'N', [0x32] = 'M', [0x33] = '<', [0x34] = '>', [0x35] = '?', [0x37] = '*',
	[0x4a] = '-', [0x4e] = '+', [0x56] = '>',
};

struct key_sequence {
	u8 code;
	bool keypad;		/* without 0xe0 a key of the number block, which does the same */
	const char *bytes;
};

static const struct key_sequence sequences[] = {
	{ 0x48, true, "\033[A" }, { 0x50, true, "\033[B" }, { 0x4d, true, "\033[C" },
	{ 0x4b, true, "\033[D" }, { 0x47, true, "\033[1~" }, { 0x52, true, "\033[2~" },
	{ 0x53, true, "\033[3~" }, { 0x4f, true, "\033[4~" }, { 0x49, true, "\033[5~" },
	{ 0x51, true, "\033[6~" },
	{ 0x3b, false, "\033[[A" }, { 0x3c, false, "\033[[B" }, { 0x3d, false, "\033[[C" },
	{ 0x3e, false, "\033[[D" }, { 0x3f, false, "\033[[E" }, { 0x40, false, "\033[17~" },
	{ 0x41, false, "\033[18~" }, { 0x42, false, "\033[19~" }, { 0x43, false, "\033[20~" },
	{ 0x44, false, "\033[21~" }, { 0x57, false, "\033[23~" }, { 0x58, false, "\033[24~" },
};

const char *keymap_sequence(u8 code, bool extended)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sequences); i++) {
		if (sequences[i].code == code && (sequences[i].keypad || !extended))
			return sequences[i].bytes;
	}
	return NULL;
}
