/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boot-time hooks: initcalls run in order of level, then link order, by init/main.c with
 * interrupts on, may sleep. Those of level 0 are for what has to be registered before
 * kernel_main(): they run with interrupts off and cannot allocate. And the command line.
 */
#ifndef _INIT_H
#define _INIT_H

#include <compiler.h>

typedef int (*initcall_t)(void);
/* A failing initcall (negative errno) is logged and the boot goes on. */
#define __initcall(fn, level) \
	static const initcall_t __initcall_##fn __used __section(".initcall" #level) = fn
#define early_initcall(fn)	__initcall(fn, 0)
#define core_initcall(fn)	__initcall(fn, 1)
#define fs_initcall(fn)		__initcall(fn, 2)
#define device_initcall(fn)	__initcall(fn, 3)
#define late_initcall(fn)	__initcall(fn, 4)
/*
 * Kernels are linked at a fixed address: the section between __initcall_start and __initcall_end is
 * a plain array of pointers, sorted by level by the linker script.
 */

/* Level 0: called by the platform's boot code as soon as devices can be reached. */
void early_initcalls(void);

/*
 * Boot options. cmdline_get("loglevel") gives the value of the last loglevel=VALUE ("" for a bare
 * word), NULL if absent. Words that the kernel does not know, and all behind "--", go to init as
 * arguments (words) or environment (name=value).
 */
void cmdline_cut(char *line, u32 lost);
void cmdline_init(const char *boot, const char *builtin);
const char *cmdline_get(const char *name);
/*
 * n-th occurrence (0..) of an option that may be given several times (console=). NULL at the end.
 */
const char *cmdline_get_nth(const char *name, u32 n);
u64 cmdline_get_u64(const char *name, u64 dflt);	/* memparse()d */
bool cmdline_flag(const char *name);
const char *cmdline_full(void);				/* /proc/cmdline */
/*
 * Words for init: fills at most @max pointers to strings that live for ever. Number of arguments |
 * number of environment strings << 16.
 */
u32 cmdline_init_args(const char **argv, u32 max_argv, const char **envp, u32 max_envp);

#endif
