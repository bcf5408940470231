// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork, vfork, exit, wait, credentials, limits.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "gt.h"

static int exit_with(void *arg)
{
	return (int)(intptr_t)arg;
}

static void fork_exit_status(void)
{
	for (int code = 0; code < 256; code += 51)
		CHECK(EXITED(gt_run(exit_with, (void *)(intptr_t)code), code));
}

static void fork_copies_memory(void)
{
	volatile int here = 1;
	static volatile int there = 1;
	pid_t pid = fork();

	if (pid == 0) {
		here = there = 2;
		_exit(here == 2 && there == 2 ? 0 : 1);
	}
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(here, 1);
	CHECK_EQ(there, 1);
}

static void fork_shares_file_offset(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600);
	pid_t pid;

	CHECK(fd >= 0);
	pid = fork();
	if (pid == 0)
		_exit(write(fd, "abc", 3) != 3);
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
}

static void fork_many(void)
{
	pid_t pids[64];

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = gt_child(exit_with, (void *)(intptr_t)i);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		CHECK(EXITED(gt_wait(pids[i]), (int)i));
}

static int fork_deep_step(void *arg)
{
	intptr_t left = (intptr_t)arg;
	int status;

	if (!left)
		return 7;
	status = gt_run(fork_deep_step, (void *)(left - 1));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void fork_deep(void)
{
	CHECK(EXITED(gt_run(fork_deep_step, (void *)20), 7));
}

static void vfork_shares_memory(void)
{
	volatile int x = 1;
	pid_t pid = vfork();

	if (pid == 0) {
		x = 2;
		_exit(3);
	}
	CHECK_EQ(x, 2);
	CHECK(EXITED(gt_wait(pid), 3));
}

static void pids(void)
{
	pid_t me = getpid(), child = gt_child(exit_with, NULL);

	CHECK(child > 0 && child != me);
	gt_wait(child);
	CHECK_EQ(syscall(SYS_gettid), me);
	CHECK_EQ(getpgid(0), getpgrp());
}

static int parent_is(void *arg)
{
	return getppid() == (pid_t)(intptr_t)arg ? 0 : 1;
}

static void ppid(void)
{
	CHECK(EXITED(gt_run(parent_is, (void *)(intptr_t)getpid()), 0));
}

static void wait_no_children(void)
{
	CHECK_ERR(wait(NULL), ECHILD);
	CHECK_ERR(waitpid(getpid(), NULL, 0), ECHILD);
	CHECK_ERR(waitpid(-getpgrp(), NULL, WNOHANG), ECHILD);
}

static void wait_nohang(void)
{
	pid_t pid = gt_child(gt_pause, NULL);

	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static void wait_bad_options(void)
{
	CHECK_ERR(waitpid(-1, NULL, 0x40000000 | 0x100), EINVAL);
}

static void wait_by_group(void)
{
	pid_t a = gt_child(gt_pause, NULL), b = gt_child(gt_pause, NULL);
	int status;

	CHECK_EQ(setpgid(b, b), 0);
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	CHECK_EQ(waitpid(-b, &status, 0), b);
	CHECK(KILLED(status, SIGKILL));
	CHECK_EQ(waitpid(0, &status, 0), a);
}

static void wait_stopped_continued(void)
{
	pid_t pid = gt_child(gt_pause, NULL);
	int status;

	kill(pid, SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	kill(pid, SIGCONT);
	CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	kill(pid, SIGKILL);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static void waitid_info(void)
{
	pid_t pid = gt_child(exit_with, (void *)42);
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	CHECK_EQ(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_code, CLD_EXITED);
	CHECK_EQ(si.si_status, 42);
	CHECK_EQ(si.si_signo, SIGCHLD);
	CHECK(EXITED(gt_wait(pid), 42));
	CHECK_ERR(waitid(P_ALL, 0, &si, 0), EINVAL);
}

static void wait_rusage(void)
{
	struct rusage ru;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		uint64_t end = gt_now() + 60000000;

		while (gt_now() < end)
			;
		_exit(0);
	}
	CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
	CHECK(ru.ru_utime.tv_sec * 1000000L + ru.ru_utime.tv_usec + ru.ru_stime.tv_sec * 1000000L +
		      ru.ru_stime.tv_usec >
	      5000);
	CHECK_EQ(getrusage(RUSAGE_CHILDREN, &ru), 0);
	CHECK(ru.ru_utime.tv_sec * 1000000L + ru.ru_utime.tv_usec + ru.ru_stime.tv_sec * 1000000L +
		      ru.ru_stime.tv_usec >
	      5000);
}

static int orphan_maker(void *arg)
{
	int *fds = arg;
	pid_t pid = fork();

	if (pid == 0) {
		char c;

		while (read(fds[0], &c, 1) == 1)
			;
		_exit(getppid() == 1 ? 9 : 0);
	}
	_exit(0);
}

/* An orphan is adopted by the subreaper, which is the runner. */
static void orphan_is_adopted(void)
{
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	CHECK(EXITED(gt_run(orphan_maker, fds), 0));
	CHECK_ERR(waitpid(-1, NULL, 0), ECHILD);
	close(fds[1]);
}

static void sigchld_ignored_reaps(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = gt_child(exit_with, NULL);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
	signal(SIGCHLD, SIG_DFL);
}

static void setpgid_rules(void)
{
	pid_t pid = gt_child(gt_pause, NULL);

	CHECK_ERR(setpgid(pid, 999999), EPERM);
	CHECK_ERR(setpgid(0, -1), EINVAL);
	CHECK_ERR(setpgid(1, 0), ESRCH);
	CHECK_EQ(setpgid(pid, pid), 0);
	CHECK_EQ(getpgid(pid), pid);
	CHECK_EQ(setpgid(pid, getpgrp()), 0);
	kill(pid, SIGKILL);
	gt_wait(pid);
	CHECK_ERR(getpgid(pid), ESRCH);
}

static int new_session(void *arg)
{
	(void)arg;
	if (setsid() != getpid() || getsid(0) != getpid() || getpgrp() != getpid())
		return 1;
	if (setsid() != -1 || errno != EPERM)
		return 2;
	return setpgid(0, getpid()) == -1 && errno == EPERM ? 0 : 3;
}

static void setsid_rules(void)
{
	CHECK(EXITED(gt_run(new_session, NULL), 0));
}

static int drop_root(void *arg)
{
	gid_t groups[2] = {10, 20};

	(void)arg;
	if (setgroups(2, groups) || getgroups(0, NULL) != 2)
		return 1;
	if (setgid(1000) || setuid(1000))
		return 2;
	if (getuid() != 1000 || geteuid() != 1000 || getgid() != 1000)
		return 3;
	if (setuid(0) != -1 || errno != EPERM || setgid(0) != -1 || errno != EPERM)
		return 4;
	return kill(1, 0) == -1 && errno == EPERM ? 0 : 5;
}

static void need_root(void)
{
	if (geteuid())
		gt_skip("needs root");
}

static void setuid_drops_rights(void)
{
	need_root();
	CHECK(EXITED(gt_run(drop_root, NULL), 0));
}

static int swap_ids(void *arg)
{
	uid_t r, e, s;

	(void)arg;
	if (setresuid(1, 2, 3) || getresuid(&r, &e, &s) || r != 1 || e != 2 || s != 3)
		return 1;
	if (setreuid(2, 1) || getuid() != 2 || geteuid() != 1)
		return 2;
	return setresuid(7, -1, -1) == -1 && errno == EPERM ? 0 : 3;
}

static void setresuid_rules(void)
{
	need_root();
	CHECK(EXITED(gt_run(swap_ids, NULL), 0));
}

static void rlimits(void)
{
	struct rlimit rl, old;

	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	rl = old;
	rl.rlim_cur = 16;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &rl), 0);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &rl), 0);
	CHECK_EQ(rl.rlim_cur, 16);
	CHECK_ERR(dup2(0, 16), EBADF);
	rl.rlim_cur = rl.rlim_max + 1;
	if (rl.rlim_max != RLIM_INFINITY)
		CHECK_ERR(setrlimit(RLIMIT_NOFILE, &rl), EINVAL);
	CHECK_ERR(getrlimit(99, &rl), EINVAL);
}

static int fsize_writer(void *arg)
{
	struct rlimit rl = {1000, 1000};
	int fd = open("big", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	static char buf[2000];

	if (arg)
		signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &rl);
	if (write(fd, buf, 2000) != 1000)
		return 1;
	return write(fd, buf, 1) == -1 && errno == EFBIG ? 0 : 2;
}

static void rlimit_fsize(void)
{
	CHECK(EXITED(gt_run(fsize_writer, (void *)1), 0));
	CHECK(KILLED(gt_run(fsize_writer, NULL), SIGXFSZ));
}

static int cpu_burner(void *arg)
{
	struct rlimit rl = {1, 2};

	(void)arg;
	setrlimit(RLIMIT_CPU, &rl);
	for (;;)
		getppid();
	return 0;
}

static void rlimit_cpu(void)
{
	CHECK(KILLED(gt_run(cpu_burner, NULL), SIGXCPU));
}

static int fork_until_limit(void *arg)
{
	struct rlimit rl = {3, 3};
	int n = 0;

	(void)arg;
	if (setgid(12345) || setuid(12345) || setrlimit(RLIMIT_NPROC, &rl))
		return 1;
	for (;;) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0)
			gt_pause(NULL);
		n++;
	}
	kill(0, SIGCONT);
	return errno == EAGAIN && n == 2 ? 0 : 2;
}

static void rlimit_nproc(void)
{
	need_root();
	CHECK(EXITED(gt_run(fork_until_limit, NULL), 0));
}

static void uname_fields(void)
{
	struct utsname u;

	CHECK_EQ(uname(&u), 0);
	CHECK(!strcmp(u.sysname, "Linux")); /* the ABI that programs find here */
	CHECK(!strcmp(u.machine, "x86_64"));
	CHECK(u.release[0] >= '0' && u.release[0] <= '9');
}

static void unknown_syscall(void)
{
	CHECK_ERR(syscall(100000), ENOSYS);
	CHECK_ERR(syscall(-1), ENOSYS);
	CHECK_ERR(syscall(335), ENOSYS);
}

static void clone_thread_shares(void)
{
	/* A process that shares files and fs context, as posix_spawn() makes them. */
	int flags = CLONE_FILES | CLONE_FS | SIGCHLD;
	long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	int fd;

	if (pid == 0) {
		fd = open("/dev/null", O_RDONLY);
		umask(0123);
		_exit(fd);
	}
	CHECK(pid > 0);
	fd = WEXITSTATUS(gt_wait((pid_t)pid));
	CHECK(fcntl(fd, F_GETFD) >= 0);
	CHECK_EQ(umask(022), 0123);
}

static void clone_bad_flags(void)
{
	CHECK_ERR(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, NULL, NULL, NULL, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_clone, CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL),
		  EINVAL);
}

static int threads_in_all(void)
{
	const char *slash = strchr(gt_slurp("/proc/loadavg"), '/');

	CHECK(slash);
	return atoi(slash + 1);
}

/* A zombie holds memory: it counts among the threads that there may be. */
static void zombies_count(void)
{
	int before = threads_in_all();
	pid_t pids[20];
	siginfo_t info;

	for (int i = 0; i < 20; i++)
		pids[i] = gt_child(gt_return_0, NULL);
	for (int i = 0; i < 20; i++)
		CHECK_EQ(waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOWAIT), 0);
	CHECK(threads_in_all() >= before + 15);
	for (int i = 0; i < 20; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
	CHECK(threads_in_all() < before + 15);
}

static const struct gt_test tests[] = {
	{"fork_exit_status", fork_exit_status, 0},
	{"fork_copies_memory", fork_copies_memory, 0},
	{"fork_shares_file_offset", fork_shares_file_offset, 0},
	{"fork_many", fork_many, 0},
	{"fork_deep", fork_deep, 0},
	{"vfork_shares_memory", vfork_shares_memory, 0},
	{"pids", pids, 0},
	{"ppid", ppid, 0},
	{"wait_no_children", wait_no_children, 0},
	{"wait_nohang", wait_nohang, 0},
	{"wait_bad_options", wait_bad_options, 0},
	{"wait_by_group", wait_by_group, 0},
	{"wait_stopped_continued", wait_stopped_continued, 0},
	{"waitid_info", waitid_info, 0},
	{"wait_rusage", wait_rusage, 0},
	{"zombies_count", zombies_count, 0},
	{"orphan_is_adopted", orphan_is_adopted, 0},
	{"sigchld_ignored_reaps", sigchld_ignored_reaps, 0},
	{"setpgid_rules", setpgid_rules, 0},
	{"setsid_rules", setsid_rules, 0},
	{"setuid_drops_rights", setuid_drops_rights, 0},
	{"setresuid_rules", setresuid_rules, 0},
	{"rlimits", rlimits, 0},
	{"rlimit_fsize", rlimit_fsize, 0},
	{"rlimit_cpu", rlimit_cpu, 30},
	{"rlimit_nproc", rlimit_nproc, 0},
	{"uname_fields", uname_fields, 0},
	{"unknown_syscall", unknown_syscall, 0},
	{"clone_shares_files", clone_thread_shares, 0},
	{"clone_bad_flags", clone_bad_flags, 0},
};
GT_GROUP(process);
