/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls. Handlers are `long sys_NAME(unsigned long a, ...)` with as many arguments as
 * entry/syscall.tbl lists; their prototypes are generated (include/generated/syscalls.h). A
 * handler returns the result or a negative errno (or -ERESTART*, which signal_deliver.c resolves).
 */
#ifndef _SYSCALL_H
#define _SYSCALL_H

#include <compiler.h>
#include <errno.h>
#include <generated/syscalls.h>

#endif
