// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot option strace: logs every system call with its arguments and result, decoded by the
 * table that syscall.tbl generates. strace=NAME logs those of programs of that name only.
 */
#include <init.h>
#include <log.h>
#include <platform/trap.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <syscall_table.h>
#include <uaccess.h>
#include "../process/internal.h"

#define LINE_MAX	256
#define STRING_MAX	48	/* bytes of a string argument that are shown */

bool strace_on __ro_after_init;
static const char *strace_comm __ro_after_init;

struct line {
	char text[LINE_MAX];
	size_t len;
};

static __printf(2, 3) void line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->text + l->len, sizeof(l->text) - l->len, fmt, ap);
	va_end(ap);
	l->len += strlen(l->text + l->len);
}

static void add_string(struct line *l, unsigned long address)
{
	char text[STRING_MAX + 1];
	ssize_t n = strncpy_from_user(text, (const char __user *)address, sizeof(text));
	size_t i, len;

	if (n < 0 && n != -ENAMETOOLONG) {
		line_add(l, "0x%lx", address);
		return;
	}
	text[STRING_MAX] = '\0';
	len = strlen(text);
	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	line_add(l, "\"%s\"%s", text, n < 0 ? "..." : "");
}

static void add_argument(struct line *l, char kind, unsigned long value)
{
	switch (kind) {
	case SYSCALL_ARG_INT:
		line_add(l, "%d", (int)value);
		break;
	case SYSCALL_ARG_UINT:
		line_add(l, "%u", (u32)value);
		break;
	case SYSCALL_ARG_LONG:
		line_add(l, "%ld", (long)value);
		break;
	case SYSCALL_ARG_ULONG:
	case SYSCALL_ARG_SIZE:
		line_add(l, "%lu", value);
		break;
	case SYSCALL_ARG_OCTAL:
		line_add(l, "0%o", (u32)value);
		break;
	case SYSCALL_ARG_STR:
		add_string(l, value);
		break;
	default:
		line_add(l, "0x%lx", value);
		break;
	}
}

static void add_call(struct line *l, const struct trapframe *tf, u32 nr)
{
	const unsigned long args[] = { tf->rdi, tf->rsi, tf->rdx, tf->r10, tf->r8, tf->r9 };
	const char *kinds = syscall_info[nr].args;
	u32 i;

	if (syscall_info[nr].name)
		line_add(l, "%s(", syscall_info[nr].name);
	else
		line_add(l, "syscall_%u(", nr);
	for (i = 0; kinds && kinds[i] && i < ARRAY_SIZE(args); i++) {
		if (i)
			line_add(l, ", ");
		add_argument(l, kinds[i], args[i]);
	}
	line_add(l, kinds ? ")" : "...)");
}

/* Calls that do not return, or not to the same program, are logged before. */
static bool never_returns(u32 nr)
{
	return nr == __NR_exit || nr == __NR_exit_group || nr == __NR_execve ||
	       nr == __NR_execveat || nr == __NR_rt_sigreturn;
}

/**
 * strace_call - Serve a system call and log it.
 * @tf: user frame
 * @nr: number, below NR_SYSCALLS
 *
 * Context: process context, may sleep.
 * Return: the call's result.
 */
long strace_call(struct trapframe *tf, u32 nr)
{
	bool wanted = !*strace_comm || !strcmp(strace_comm, current->comm);
	struct line l = { .len = 0 };
	long result;

	if (wanted)
		add_call(&l, tf, nr);
	if (wanted && never_returns(nr))
		log_printf(LOG_INFO, "%d %s %s\n", current->tid, current->comm, l.text);
	result = syscall_table[nr](tf->rdi, tf->rsi, tf->rdx, tf->r10, tf->r8, tf->r9);
	if (!wanted)
		return result;
	if (result < 0 && result >= -MAX_ERRNO)
		log_printf(LOG_INFO, "%d %s %s = %ld %s\n", current->tid, current->comm, l.text, result,
			   errno_name((unsigned long)-result));
	else
		log_printf(LOG_INFO, "%d %s %s = 0x%lx\n", current->tid, current->comm, l.text,
			   (unsigned long)result);
	return result;
}

static int strace_init(void)
{
	const char *option = cmdline_get("strace");

	strace_comm = option ? option : "";
	strace_on = option != NULL;
	return 0;
}
core_initcall(strace_init);
