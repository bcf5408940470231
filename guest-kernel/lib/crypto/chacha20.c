// SPDX-License-Identifier: GPL-2.0-only
/*
 * ChaCha20's block function (RFC 8439), for the random number generator. Constant time: no branch
 * or address depends on the key.
 */
#include "chacha20.h"

#include <string.h>

static u32 rotl(u32 v, u32 n)
{
	return v << n | v >> (32 - n);
}

static void quarter_round(u32 *x, u32 a, u32 b, u32 c, u32 d)
{
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 7);
}

void chacha20_block(const u32 key[CHACHA_KEY_WORDS], u32 counter, const u32 nonce[3],
		    u8 out[CHACHA_BLOCK_BYTES])
{
	u32 start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1],
			  key[2],     key[3],	  key[4],     key[5],	  key[6], key[7],
			  counter,    nonce[0],	  nonce[1],   nonce[2] };
	u32 x[16], i;

	memcpy(x, start, sizeof(x));
	for (i = 0; i < 10; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
	}
	for (i = 0; i < 16; i++) {
		x[i] += start[i];
		memcpy(out + 4 * i, &x[i], 4);
	}
}
