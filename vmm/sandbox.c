// SPDX-License-Identifier: GPL-2.0-only
/*
 * What pvrun's threads may ask of the host while a guest runs. The guest's own system
 * calls never come this way; this is the second wall, for a guest that has found a hole
 * in pvrun.
 */
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "pvhost.h"

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what)	BPF_STMT(BPF_RET | BPF_K, (what))
#define KILL		RETURN(SECCOMP_RET_KILL_PROCESS)
/* If the value loaded is this one, go on; else skip the next @n instructions. */
#define IF_NOT(value, n)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))
#define ALLOW(number)	IF_NOT(number, 1), RETURN(SECCOMP_RET_ALLOW)

/* A system call whose argument must be this; the low half is looked at. */
#define ALLOW_WITH(number, argument, value)	\
	IF_NOT(number, 4),			\
	LOAD(argument),				\
	ALLOW(value),				\
	KILL

/* mmap() or mprotect() of what cannot be executed. */
#define ALLOW_DATA(number)					\
	IF_NOT(number, 4),					\
	LOAD(args[2]),						\
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),	\
	RETURN(SECCOMP_RET_ALLOW),				\
	KILL

/* Native calls only; then the number is loaded. */
#define BEGIN								\
	LOAD(arch),							\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),	\
	KILL,								\
	LOAD(nr)

/*
 * Messages, eventfds; locks, time, waiting, the end of the thread; nothing else. The
 * terminal's mode is for terminal.c, when a fault ends pvrun.
 */
#define END						\
	ALLOW(SYS_write),				\
	ALLOW(SYS_futex),				\
	ALLOW(SYS_clock_gettime),			\
	ALLOW(SYS_clock_nanosleep),			\
	ALLOW(SYS_restart_syscall),			\
	ALLOW(SYS_rt_sigreturn),			\
	ALLOW(SYS_rt_sigprocmask),			\
	ALLOW(SYS_madvise),				\
	ALLOW(SYS_munmap),				\
	ALLOW(SYS_exit),				\
	ALLOW(SYS_exit_group),				\
	ALLOW_WITH(SYS_ioctl, args[1], TCSETS),		\
	KILL

/* Two requests, whose numbers no other driver uses, and that of END. */
static const struct sock_filter vcpu_filter[] = {
	BEGIN,
	IF_NOT(SYS_ioctl, 8),
	LOAD(args[1]),
	ALLOW(PVHOST_RUN),
	ALLOW(PVHOST_GET_VM_STATS),
	ALLOW(TCSETS),
	KILL,
	END,
};

/* Files that are open already. */
static const struct sock_filter device_filter[] = {
	BEGIN,
	ALLOW(SYS_read),
	ALLOW(SYS_pread64),
	ALLOW(SYS_pwrite64),
	ALLOW(SYS_fdatasync),
	ALLOW(SYS_fallocate),
	END,
};

static const struct sock_filter output_filter[] = {
	BEGIN,
	ALLOW(SYS_poll),
	END,
};

static const struct sock_filter input_filter[] = {
	BEGIN,
	ALLOW(SYS_poll),
	ALLOW(SYS_read),
	ALLOW(SYS_getpgrp),
	IF_NOT(SYS_ioctl, 6),
	LOAD(args[1]),
	ALLOW(TIOCGPGRP),
	ALLOW(TCSETS),
	KILL,
	END,
};

struct program {
	const struct sock_filter *rules;
	size_t n;
};

#define PROGRAM(rules)	{ rules, sizeof(rules) / sizeof((rules)[0]) }

static bool is_on = true;

void sandbox_switch(bool on)
{
	is_on = on;
}

static int install(struct program program)
{
	const struct sock_fprog filter = { .len = program.n, .filter = (struct sock_filter *)program.rules };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter))
		return fail(errno, "cannot filter system calls: %s (-sandbox off does without)",
			    strerror(errno));
	return 0;
}

/*
 * The main thread makes a machine anew after a reboot: it may use the host's device, but
 * from nothing that it would have to open. Signals go to this process only.
 */
static int enter_main(void)
{
	const struct sock_filter rules[] = {
		BEGIN,
		ALLOW(SYS_read),
		ALLOW(SYS_poll),
		ALLOW(SYS_close),
		ALLOW(SYS_brk),
		ALLOW_DATA(SYS_mmap),
		ALLOW_DATA(SYS_mprotect),
		ALLOW(SYS_fallocate),
		ALLOW(SYS_fdatasync),
		ALLOW(SYS_getrandom),
		ALLOW(SYS_getpid),
		ALLOW(SYS_gettid),
		ALLOW(SYS_getpgrp),
		ALLOW_WITH(SYS_kill, args[0], getpid()),
		ALLOW_WITH(SYS_tgkill, args[0], getpid()),
		IF_NOT(SYS_ioctl, 32),
		LOAD(args[1]),
		ALLOW(TCGETS),
		ALLOW(TCSETS),
		ALLOW(TIOCGPGRP),
		ALLOW(PVHOST_GET_INFO),
		ALLOW(PVHOST_CREATE_VM),
		ALLOW(PVHOST_GET_CPUID),
		ALLOW(PVHOST_SET_CPUID),
		ALLOW(PVHOST_SET_MEMORY),
		ALLOW(PVHOST_CREATE_VCPU),
		ALLOW(PVHOST_SET_STATE),
		ALLOW(PVHOST_BIND_DOORBELL),
		ALLOW(PVHOST_BIND_EVENT),
		ALLOW(PVHOST_INJECT),
		ALLOW(PVHOST_GET_STATS),
		ALLOW(PVHOST_GET_VM_STATS),
		KILL,
		END,
	};

	return install((struct program)PROGRAM(rules));
}

int sandbox_enter(enum sandbox kind)
{
	static const struct program programs[] = {
		[SANDBOX_VCPU] = PROGRAM(vcpu_filter),
		[SANDBOX_DEVICE] = PROGRAM(device_filter),
		[SANDBOX_OUTPUT] = PROGRAM(output_filter),
		[SANDBOX_INPUT] = PROGRAM(input_filter),
	};

	if (!is_on)
		return 0;
	return kind == SANDBOX_MAIN ? enter_main() : install(programs[kind]);
}
