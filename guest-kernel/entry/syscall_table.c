// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables that scripts/gen-syscalls makes from syscall.tbl.
 */
#include <syscall_table.h>
#include <types.h>

/* By way of void (*)(void): the compiler lets that be cast to any function. */
#define HANDLER(function) ((syscall_fn)(void (*)(void))(function))

#include <generated/syscall_table.h>
