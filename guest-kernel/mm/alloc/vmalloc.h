/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between mm/alloc/vmalloc.c and mm/alloc/kstack.c.
 */
#ifndef _MM_VMALLOC_H
#define _MM_VMALLOC_H

#include "../internal.h"

unsigned long vmalloc_area(size_t size, unsigned long align, u32 gfp);
/* The stacks that are kept can be given back. Before vmalloc.c says so of what waits there. */
void kstack_init(void);

#endif
