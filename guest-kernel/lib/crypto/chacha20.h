/* SPDX-License-Identifier: GPL-2.0-only */
/* The ChaCha20 block function (RFC 8439, 2.3). Pure. */
#ifndef _KERNEL_CHACHA20_H
#define _KERNEL_CHACHA20_H

#include <types.h>

#define CHACHA_KEY_WORDS	8
#define CHACHA_BLOCK_BYTES	64

/* Writes the key stream block of @key, block number @counter and @nonce. */
void chacha20_block(const u32 key[CHACHA_KEY_WORDS], u32 counter, const u32 nonce[3],
		    u8 out[CHACHA_BLOCK_BYTES]);

#endif
