/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers from the CPU: entropy.c.
 */
#ifndef _X86_ENTROPY_H
#define _X86_ENTROPY_H

#include <compiler.h>

size_t x86_entropy(void *buf, size_t n);

#endif
