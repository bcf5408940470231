// SPDX-License-Identifier: GPL-2.0-only
/*
 * sandbox.c: what each kind of thread may do, and what kills it. Each try is a child's.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "pvhost.h"
#include "sandbox.h"
#include "vmm_unit.h"

static const enum sandbox kinds[] = {
	SANDBOX_VCPU, SANDBOX_DEVICE, SANDBOX_OUTPUT, SANDBOX_INPUT, SANDBOX_MAIN,
};

/* A system call of its own number, without what a library does around it. */
struct attempt {
	long number;
	long args[6];
};

/* Return: whether a child with this filter outlives the system call. */
static bool survives(enum sandbox kind, const struct attempt *attempt)
{
	const long *args = attempt->args;
	pid_t child = fork();
	int status;

	if (!child) {
		sandbox_switch(true);
		if (sandbox_enter(kind))
			_exit(1);
		syscall(attempt->number, args[0], args[1], args[2], args[3], args[4], args[5]);
		syscall(SYS_exit_group, 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGSYS);
		return false;
	}
	assert_int_equal(status, 0);
	return true;
}

static void nobody_opens_or_executes(void **state)
{
	static char path[] = "/bin/true";
	char *argv[] = { path, NULL };
	const struct attempt attempts[] = {
		{ SYS_openat, { AT_FDCWD, (long)path, O_RDONLY } },
		{ SYS_open, { (long)path, O_RDONLY } },
		{ SYS_execve, { (long)path, (long)argv, 0 } },
		{ SYS_execveat, { AT_FDCWD, (long)path, (long)argv, 0, 0 } },
		{ SYS_fork, { 0 } }, { SYS_vfork, { 0 } }, { SYS_clone, { SIGCHLD } }, { SYS_clone3, { 0 } },
		{ SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
		{ SYS_ptrace, { 0, 1, 0, 0 } },
		{ SYS_process_vm_writev, { 1 } },
		{ SYS_kill, { 1, 0 } },
		{ SYS_tgkill, { 1, 1, 0 } },
		{ SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
		{ SYS_mprotect, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC } },
		{ SYS_ioctl, { 0, TIOCSTI, 0 } },
		{ SYS_ioctl, { 0, FIONREAD, 0 } },
		{ SYS_io_uring_setup, { 1, 0 } },
		{ SYS_prctl, { 0 } },
	};

	(void)state;
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
			if (survives(kinds[kind], attempts + i))
				fail_test("kind %zu survives system call %ld\n", kind, attempts[i].number);
}

static void everybody_does_his_work(void **state)
{
	static const struct {
		enum sandbox kind;
		struct attempt attempt;
	} works[] = {
		{ SANDBOX_VCPU, { SYS_ioctl, { -1, PVHOST_RUN } } },
		{ SANDBOX_VCPU, { SYS_ioctl, { -1, PVHOST_GET_VM_STATS } } },
		{ SANDBOX_DEVICE, { SYS_pread64, { -1 } } },
		{ SANDBOX_DEVICE, { SYS_fallocate, { -1 } } },
		{ SANDBOX_OUTPUT, { SYS_poll, { 0, 0, 0 } } },
		{ SANDBOX_INPUT, { SYS_read, { -1 } } },
		{ SANDBOX_INPUT, { SYS_ioctl, { -1, TIOCGPGRP } } },
		{ SANDBOX_MAIN, { SYS_ioctl, { -1, PVHOST_CREATE_VM } } },
		{ SANDBOX_MAIN, { SYS_ioctl, { -1, PVHOST_SET_CPUID } } },
		{ SANDBOX_MAIN, { SYS_ioctl, { -1, PVHOST_INJECT } } },
		{ SANDBOX_MAIN, { SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		assert_true(survives(works[i].kind, &works[i].attempt));
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		const struct attempt restore = { SYS_ioctl, { -1, TCSETS } };
		const struct attempt message = { SYS_write, { -1 } };

		assert_true(survives(kinds[kind], &restore));
		assert_true(survives(kinds[kind], &message));
	}
}

static void nobody_runs_for_another(void **state)
{
	const struct attempt run = { SYS_ioctl, { -1, PVHOST_RUN } };
	const struct attempt inject = { SYS_ioctl, { -1, PVHOST_INJECT } };
	const struct attempt read = { SYS_read, { -1 } };

	(void)state;
	assert_false(survives(SANDBOX_MAIN, &run));
	assert_false(survives(SANDBOX_DEVICE, &run));
	assert_false(survives(SANDBOX_VCPU, &inject));
	assert_false(survives(SANDBOX_VCPU, &read));
	assert_false(survives(SANDBOX_OUTPUT, &read));
}

int run_sandbox_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_opens_or_executes),
		cmocka_unit_test(everybody_does_his_work),
		cmocka_unit_test(nobody_runs_for_another),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
