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

struct trapframe;
/* The user frame of the running system call (fork, execve, rt_sigreturn need it). */
struct trapframe *syscall_frame(void);

#endif
