// SPDX-License-Identifier: GPL-2.0-only
/*
 * Job control: stopping, continuing, background access to the terminal, orphaned groups.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "gt.h"

static int stop_self(void *arg)
{
	raise((int)(intptr_t)arg);
	return 3;
}

static void stop_signals(void)
{
	static const int sigs[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		pid_t pid = gt_child(stop_self, (void *)(intptr_t)sigs[i]);
		int status;

		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == sigs[i]);
		CHECK_EQ(kill(pid, SIGCONT), 0);
		CHECK(EXITED(gt_wait(pid), 3));
	}
}

static void kill_a_stopped_process(void)
{
	pid_t pid = gt_child(stop_self, (void *)(intptr_t)SIGSTOP);
	int status;

	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK_EQ(kill(pid, SIGTERM), 0); /* waits for SIGCONT */
	gt_sleep_ms(20);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static int lead_an_orphaned_group(void *arg)
{
	pid_t stopped;
	int status;

	(void)arg;
	setsid();
	stopped = gt_child(stop_self, (void *)(intptr_t)SIGSTOP);
	CHECK_EQ(waitpid(stopped, &status, WUNTRACED), stopped);
	CHECK(EXITED(gt_run(gt_return_0, NULL), 0));
	gt_sleep_ms(20);
	CHECK_EQ(waitpid(stopped, &status, WNOHANG), 0);
	kill(stopped, SIGCONT);
	return EXITED(gt_wait(stopped), 3) ? 0 : 1;
}

/* SIGHUP comes when a group with stopped members becomes an orphan, not whenever a member ends. */
static void orphaned_before(void)
{
	CHECK(EXITED(gt_run(lead_an_orphaned_group, NULL), 0));
}

static volatile sig_atomic_t continued;

static void on_cont(int sig)
{
	(void)sig;
	continued = 1;
}

static int handles_cont(void *arg)
{
	(void)arg;
	signal(SIGCONT, on_cont);
	raise(SIGSTOP);
	return continued ? 0 : 1;
}

static void cont_handler_runs(void)
{
	pid_t pid = gt_child(handles_cont, NULL);
	int status;

	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	kill(pid, SIGCONT);
	CHECK(EXITED(gt_wait(pid), 0));
}

static volatile sig_atomic_t got_chld, chld_code;

static void on_chld(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	got_chld++;
	chld_code = si->si_code;
}

static void parent_is_told(void)
{
	struct sigaction sa = {.sa_sigaction = on_chld, .sa_flags = SA_SIGINFO};
	pid_t pid;
	int status;

	sigaction(SIGCHLD, &sa, NULL);
	pid = gt_child(stop_self, (void *)(intptr_t)SIGSTOP);
	while (!got_chld)
		gt_sleep_ms(1);
	CHECK_EQ(chld_code, CLD_STOPPED);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	sa.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &sa, NULL);
	got_chld = 0;
	kill(pid, SIGCONT);
	while (!got_chld)
		gt_sleep_ms(1);
	CHECK_EQ(chld_code, CLD_EXITED);
	CHECK(EXITED(gt_wait(pid), 3));
}

/* The child of a child in a group of its own; when its parent goes, the stopped group gets SIGHUP
 * and SIGCONT. */
static int orphan_group(void *arg)
{
	int *fds = arg;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGHUP, SIG_DFL);
		raise(SIGSTOP);
		_exit(write(fds[1], "alive", 5) != 5);
	}
	while (waitpid(pid, &status, WUNTRACED) != pid)
		;
	return WIFSTOPPED(status) ? 0 : 1;
}

/* In a session of its own, so that whoever adopts the group is outside. */
static int orphan_session(void *arg)
{
	if (setsid() < 0)
		return 2;
	return orphan_group(arg);
}

static void orphaned_group_is_told(void)
{
	int fds[2];
	char buf[8];

	CHECK_EQ(pipe(fds), 0);
	CHECK(EXITED(gt_run(orphan_session, fds), 0));
	close(fds[1]);
	CHECK_EQ(read(fds[0], buf, sizeof(buf)), 0); /* SIGHUP ended it before it could write */
}

static int slave_fd, master_fd;

static int background_reader(void *arg)
{
	char c;

	(void)arg;
	setpgid(0, 0);
	return read(slave_fd, &c, 1) == 1 ? 0 : 9;
}

static int session(void *arg)
{
	struct termios t;
	pid_t pid;
	int status;

	(void)arg;
	if (setsid() < 0 || ioctl(slave_fd, TIOCSCTTY, 0))
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(background_reader(NULL));
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != SIGTTIN)
		return 2;
	signal(SIGTTOU, SIG_IGN);
	if (tcsetpgrp(slave_fd, pid))
		return 3;
	if (tcgetpgrp(slave_fd) != pid)
		return 4;
	kill(pid, SIGCONT);
	if (write(master_fd, "x\n", 2) != 2 || waitpid(pid, &status, 0) != pid ||
	    !EXITED(status, 0))
		return 5;
	/* Now we are in the background: with SIGTTOU ignored, changing the terminal works. */
	if (tcgetattr(slave_fd, &t) || tcsetattr(slave_fd, TCSANOW, &t))
		return 6;
	return tcsetpgrp(slave_fd, 999999) == -1 && (errno == EPERM || errno == ESRCH) ? 0 : 7;
}

static void background_read_stops(void)
{
	int zero = 0, nr;
	char name[32];

	master_fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (master_fd < 0)
		gt_skip("no /dev/ptmx");
	CHECK_EQ(ioctl(master_fd, TIOCSPTLCK, &zero), 0);
	CHECK_EQ(ioctl(master_fd, TIOCGPTN, &nr), 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	slave_fd = open(name, O_RDWR | O_NOCTTY);
	CHECK(slave_fd >= 0);
	CHECK(EXITED(gt_run(session, NULL), 0));
}

static const struct gt_test tests[] = {
	{"stop_signals", stop_signals, 0},
	{"kill_a_stopped_process", kill_a_stopped_process, 0},
	{"cont_handler_runs", cont_handler_runs, 0},
	{"parent_is_told", parent_is_told, 0},
	{"orphaned_group_is_told", orphaned_group_is_told, 0},
	{"orphaned_before", orphaned_before, 0},
	{"background_read_stops", background_read_stops, 0},
};
GT_GROUP(jobs);
