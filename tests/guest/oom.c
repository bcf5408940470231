// SPDX-License-Identifier: GPL-2.0-only
/*
 * Too little memory: errors or one victim, and everybody else goes on. Only where the machine is
 * small and ours: on a developer's Linux it would hurt.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "gt.h"

static void small_machine_only(void)
{
	struct sysinfo si;

	CHECK_EQ(sysinfo(&si), 0);
	if (!gt_on_twinix())
		gt_skip("only on Twinix");
	if (si.totalram * si.mem_unit > 600UL << 20)
		gt_skip("only with less than 600 MiB");
}

static int eat(void *arg)
{
	(void)arg;
	for (;;) {
		size_t n = 1 << 20;
		char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return 5;
		for (size_t i = 0; i < n; i += 4096)
			p[i] = 1;
	}
}

static void hog_dies_alone(void)
{
	int fds[2], status;
	pid_t hog;
	char c = 'x';

	small_machine_only();
	CHECK_EQ(pipe(fds), 0);
	hog = gt_child(eat, NULL);
	status = gt_wait(hog);
	CHECK(KILLED(status, SIGKILL) || EXITED(status, 5));
	CHECK_EQ(write(fds[1], &c, 1), 1);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK(EXITED(gt_run(gt_return_0, NULL), 0));
}

static void full_tmpfs_gives_enospc(void)
{
	static char buf[1 << 16];
	ssize_t n;
	int fd;

	small_machine_only();
	fd = open("big", O_CREAT | O_WRONLY, 0644);
	CHECK(fd >= 0);
	while ((n = write(fd, buf, sizeof(buf))) > 0)
		;
	CHECK(errno == ENOSPC || errno == ENOMEM);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
}

/* Two processes in one address space: what they use is free only when both are gone. */
static int share_and_eat(void *arg)
{
	static char stack[16384] __attribute__((aligned(16)));
	int *fds = arg;
	pid_t pid = clone(gt_pause, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	if (pid < 0 || write(fds[1], &pid, sizeof(pid)) != sizeof(pid))
		return 1;
	return eat(NULL);
}

/* Gone, or a zombie that its new parent has not waited for. */
static bool is_dead(pid_t pid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return true;
	CHECK(fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
	fclose(f);
	return state == 'Z' || state == 'X';
}

static void sharers_die_together(void)
{
	int fds[2], status;
	pid_t sharer, hog;

	small_machine_only();
	CHECK_EQ(pipe(fds), 0);
	hog = gt_child(share_and_eat, fds);
	CHECK_EQ(read(fds[0], &sharer, sizeof(sharer)), sizeof(sharer));
	status = gt_wait(hog);
	CHECK(KILLED(status, SIGKILL));
	for (int i = 0; i < 100 && !is_dead(sharer); i++)
		gt_sleep_ms(50);
	CHECK(is_dead(sharer));
	CHECK(KILLED(gt_run(eat, NULL), SIGKILL)); /* the next one is found, too */
}

static int fork_bomb(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0)
			for (;;)
				pause();
	}
	return 0;
}

static void many_processes(void)
{
	pid_t pid;

	small_machine_only();
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		fork_bomb(NULL);
		kill(0, SIGKILL);
	}
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static const struct gt_test tests[] = {
	{"hog_dies_alone", hog_dies_alone, 400},
	{"sharers_die_together", sharers_die_together, 400},
	{"full_tmpfs_gives_enospc", full_tmpfs_gives_enospc, 120},
	{"many_processes", many_processes, 120},
};
GT_GROUP(oom);
