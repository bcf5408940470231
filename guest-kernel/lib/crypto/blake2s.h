/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash function BLAKE2s with a 32-byte result and no key (RFC 7693). Pure. */
#ifndef _KERNEL_BLAKE2S_H
#define _KERNEL_BLAKE2S_H

#include <types.h>

#define BLAKE2S_BLOCK	64
#define BLAKE2S_HASH	32

struct blake2s {
	u32 h[8];
	u64 count;		/* bytes hashed, without @buf */
	u32 used;		/* of @buf */
	u8 buf[BLAKE2S_BLOCK];
};

void blake2s_init(struct blake2s *s);
void blake2s_update(struct blake2s *s, const void *p, size_t n);
void blake2s_final(struct blake2s *s, u8 out[BLAKE2S_HASH]);

#endif
