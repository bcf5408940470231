// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the threads that handle a guest's wishes may ask of the host. The guest's own
 * system calls never come this way; this is the second wall, for a guest that has found
 * a hole in pvrun.
 */
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "pvhost.h"

#define LOAD(field)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what)	BPF_STMT(BPF_RET | BPF_K, (what))
/* If the value loaded is this one, go on; else skip the next instruction. */
#define ONLY_IF(value)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define ALLOW(number)	ONLY_IF(number), RETURN(SECCOMP_RET_ALLOW)

/* Native calls only; then the number is loaded. */
#define BEGIN								\
	LOAD(arch),							\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),	\
	RETURN(SECCOMP_RET_KILL_PROCESS),				\
	LOAD(nr)

/* Messages, eventfds; locks, waiting, the end of the thread; nothing else. */
#define END				\
	ALLOW(SYS_write),		\
	ALLOW(SYS_futex),		\
	ALLOW(SYS_restart_syscall),	\
	ALLOW(SYS_rt_sigreturn),	\
	ALLOW(SYS_rt_sigprocmask),	\
	ALLOW(SYS_madvise),		\
	ALLOW(SYS_munmap),		\
	ALLOW(SYS_exit),		\
	ALLOW(SYS_exit_group),		\
	RETURN(SECCOMP_RET_KILL_PROCESS)

static const struct sock_filter vcpu_filter[] = {
	BEGIN,
	/* ioctl: two requests, whose numbers no other driver uses */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 6),
	LOAD(args[1]),
	ALLOW(PVHOST_RUN),
	ALLOW(PVHOST_INJECT),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	ALLOW(SYS_clock_nanosleep),
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

#define PROGRAM(rules)	{ .len = sizeof(rules) / sizeof((rules)[0]), .filter = (struct sock_filter *)(rules) }

int sandbox_enter(enum sandbox kind)
{
	const struct sock_fprog programs[] = {
		[SANDBOX_VCPU] = PROGRAM(vcpu_filter),
		[SANDBOX_DEVICE] = PROGRAM(device_filter),
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[kind]))
		return fail(errno, "cannot filter system calls: %s (-sandbox off does without)",
			    strerror(errno));
	return 0;
}
