/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Basic types. Everything in the kernel includes this first; it depends on nothing but the
 * compiler.
 */
#ifndef _TYPES_H
#define _TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

typedef long ssize_t;
typedef s64 loff_t;
#define LOFF_MAX INT64_MAX
typedef s32 pid_t;
typedef u32 uid_t;
typedef u32 gid_t;
typedef u32 umode_t; /* S_IFMT and permission bits, as in stat(2) */
typedef u64 dev_t; /* Linux encoding, see MKDEV() in fs.h */
typedef u64 ino_t;

/** typedef paddr_t - A physical address (in a PV guest: guest physical). */
typedef u64 paddr_t;
/** typedef pte_t - A page-table entry of any level, in the x86-64 format on every platform. */
typedef u64 pte_t;

typedef struct {
	int v;
} atomic_t;
typedef struct {
	s64 v;
} atomic64_t;

#endif
