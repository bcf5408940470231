/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens when the kernel finds itself broken (kernel/log/panic.c).
 */
#ifndef _PANIC_H
#define _PANIC_H

#include <compiler.h>

struct trapframe;

/*
 * Logs the message, a symbolised back trace, stops the other CPUs and ends as the boot option
 * panic= says (0: halt, <0: reset at once, n: reset after n s).
 */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn __cold;
/* The same for a trap: registers and the trace of @tf are shown. */
void panic_trap(const struct trapframe *tf, const char *fmt, ...) __printf(2, 3) __noreturn __cold;
/* Logs a back trace from frame pointer @fp (0: the caller's). */
void backtrace(unsigned long fp);
/* The same from where @tf was saved on the stack that is in use. */
void backtrace_frame(const struct trapframe *tf);

/* Line @n of a trace: "#n address symbol+offset/size". */
void panic_print_address(u32 n, unsigned long addr);

/* An invariant of the kernel itself (never of what a user or a device did). Always compiled in. */
#define BUG_ON(cond) do { \
	if (unlikely(cond)) \
		panic("BUG at %s:%d: %s", __FILE__, __LINE__, #cond); \
} while (0)
/* The same, only in debug builds. */
#define DEBUG_ON(cond) do { if (IS_ENABLED(CONFIG_DEBUG_KERNEL)) BUG_ON(cond); } while (0)

#endif
