/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What scripts/gen-syscalls makes from entry/syscall.tbl. All of it is
 * constant; NR_SYSCALLS is in <generated/syscalls.h>.
 */
#ifndef _SYSCALL_TABLE_H
#define _SYSCALL_TABLE_H

#include <generated/syscalls.h>

/*
 * Handlers take as many arguments as their call has. They are called through
 * this type: the calling convention passes the first six in registers, and a
 * function does not look at those it has no parameter for.
 */
typedef long (*syscall_fn)(unsigned long, unsigned long, unsigned long,
			   unsigned long, unsigned long, unsigned long);

/* Handler by number, never NULL: sys_ni_syscall() where there is none. */
extern const syscall_fn syscall_table[NR_SYSCALLS];

/* Serves the numbers that have no handler: logs the name, returns -ENOSYS. */
long sys_ni_syscall(void);

/* How strace shows an argument: the letters of syscall_info.args. */
enum syscall_arg_kind {
	SYSCALL_ARG_INT = 'd',
	SYSCALL_ARG_UINT = 'u',
	SYSCALL_ARG_LONG = 'l',
	SYSCALL_ARG_ULONG = 'U',
	SYSCALL_ARG_SIZE = 'z',
	SYSCALL_ARG_HEX = 'x',
	SYSCALL_ARG_OCTAL = 'o',
	SYSCALL_ARG_PTR = 'p',
	SYSCALL_ARG_STR = 's',	/* a NUL-terminated string in user memory */
};

/**
 * struct syscall_info - what is shown of a system call
 * @name: Linux's name, or NULL if Linux has no call of this number
 * @args: one letter (enum syscall_arg_kind) for each argument, or NULL where
 *	  the arguments are not described
 */
struct syscall_info {
	const char *name;
	const char *args;
};

extern const struct syscall_info syscall_info[NR_SYSCALLS];

#endif
