/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers (kernel/random.c): ChaCha20 keyed from a BLAKE2s pool, which takes RDSEED/RDRAND
 * or the host's seeds, timing jitter and interrupt timings.
 */
#ifndef _RANDOM_H
#define _RANDOM_H

#include <types.h>

/*
 * Seeds the generator; from then on random_bytes() never blocks. Boot CPU, after platform_init().
 */
void random_init(void);
/* Any context but NMI. */
void random_bytes(void *buf, size_t n);
/*
 * Stirs @n bytes into the pool: writes to /dev/random, device serial numbers. Any context but NMI.
 */
void random_add_entropy(const void *p, size_t n);
/* The moment of an interrupt. Interrupts off; a few instructions. */
void random_interrupt(u32 source);
/* Bytes that the platform has given so far. */
u64 random_seeded(void);

#endif
