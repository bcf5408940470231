/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of the kernel's functions for back traces. The tables are made from the
 * linked image by scripts/kbuild/gen-kallsyms and are constant.
 */
#ifndef _KALLSYMS_H
#define _KALLSYMS_H

#include <types.h>

/**
 * struct ksym - one function, in ascending order of address
 * @offset: address of the function relative to _text
 * @name: offset of its name in ksym_names
 */
struct ksym {
	u32 offset;
	u32 name;
};

extern const struct ksym ksyms[];
extern const u32 ksym_count;
extern const char ksym_names[];

#ifdef CONFIG_KALLSYMS
const char *kallsyms_lookup(unsigned long addr, unsigned long *offset, unsigned long *size);
#else
static inline const char *kallsyms_lookup(unsigned long addr, unsigned long *offset,
					  unsigned long *size)
{
	return NULL;
}
#endif

#endif
