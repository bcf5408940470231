/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decompression of raw deflate data (lib/inflate.c), for the container formats around it.
 */
#ifndef _LIB_INFLATE_H
#define _LIB_INFLATE_H

#include <compiler.h>

typedef int (*inflate_out_t)(void *arg, const void *p, size_t n);

ssize_t inflate(const u8 *src, size_t n, size_t *used, inflate_out_t out, void *arg);

#endif
