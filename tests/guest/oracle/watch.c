// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watchers: two threads on each CPU, one of them real-time where that is allowed, that only show
 * that they run; root, who opens files, forks and reads /proc; and a shell that has to answer. Each
 * gives signs of life, all look at all, and whoever finds one missing says so at once: the others may
 * be unable to.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define BEAT_US 20000

static pid_t watchers[3];

static bool watching(void)
{
	return !atomic_load(&stage->over);
}

/* ---- CPUs ---- */

static void *cpu_thread(void *arg)
{
	unsigned int number = (unsigned int)(uintptr_t)arg, cpu = number / 2;
	struct sched_param rt = {.sched_priority = 1};
	char name[28];

	pin(cpu);
	if (number % 2 && sched_setscheduler(0, SCHED_FIFO, &rt))
		return NULL; /* not allowed here */
	snprintf(name, sizeof(name), "CPU %u%s", cpu, number % 2 ? " (real-time)" : "");
	be_watcher(PULSE_CPU + number, name);
	for (unsigned int i = 0; watching(); i++) {
		beat(PULSE_CPU + number);
		if (i % 16 == 0)
			check_pulses();
		sleep_us(BEAT_US);
	}
	atomic_store(&stage->pulses[PULSE_CPU + number].at, 0);
	return NULL;
}

static void watch_cpus(void)
{
	pthread_t threads[2 * MAX_CPUS];

	for (unsigned int i = 0; i < 2 * stage->cpus; i++)
		if (pthread_create(&threads[i], NULL, cpu_thread, (void *)(uintptr_t)i))
			_exit(1);
	for (unsigned int i = 0; i < 2 * stage->cpus; i++)
		pthread_join(threads[i], NULL);
}

/* ---- root ---- */

static void read_file(const char *path)
{
	char buf[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0) {
		if (errno != ENOENT && errno != ESRCH && errno != EACCES)
			trouble("root cannot open %s: errno %d", path, errno);
		return;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	if (n < 0 && errno != ESRCH && errno != EACCES)
		trouble("root cannot read %s: errno %d", path, errno);
	close(fd);
}

static void read_about(pid_t pid)
{
	static const char *const names[] = {"stat", "status", "maps", "cmdline", "statm"};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, names[i]);
		read_file(path);
	}
}

static void make_file(void)
{
	int fd = open("root", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char text[6] = "";

	if (fd < 0 || write(fd, "watch", 5) != 5 || pread(fd, text, 5, 0) != 5 || strcmp(text, "watch"))
		trouble("root cannot keep a file: errno %d", errno);
	close(fd);
	unlink("root");
}

static void make_process(void)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(7);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 7 << 8)
		trouble("root cannot fork: errno %d, status %#x", errno, status);
}

static void watch_as_root(void)
{
	be_watcher(PULSE_ROOT, geteuid() ? "the onlooker" : "root");
	while (watching()) {
		read_file("/proc/meminfo");
		read_file("/proc/stat");
		make_file();
		make_process();
		for (size_t i = 0; i < MAX_SEATS; i++)
			if (atomic_load(&stage->pids[i]))
				read_about(atomic_load(&stage->pids[i]));
		beat(PULSE_ROOT);
		check_pulses();
		sleep_us(100000);
	}
	atomic_store(&stage->pulses[PULSE_ROOT].at, 0);
}

/* ---- the shell ---- */

static pid_t start_shell(int *to, int *from)
{
	int in[2], out[2];
	pid_t pid;

	if (pipe(in) || pipe(out))
		_exit(1);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execl("/bin/sh", "sh", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = out[0];
	return pid;
}

/* The answer may take as long as it does: that it does not come is seen by check_pulses(). */
static bool shell_answers(int to, int from, unsigned int question)
{
	char text[100], want[40], got[40];
	size_t n = 0;

	dprintf(to, "ls / | cat >/dev/null; echo $((%u + 1))\n", question);
	snprintf(want, sizeof(want), "%u\n", question + 1);
	while (n < sizeof(got) - 1 && (!n || got[n - 1] != '\n')) {
		ssize_t r = read(from, got + n, 1);

		if (r <= 0)
			break;
		n += (size_t)r;
	}
	got[n] = '\0';
	if (!strcmp(got, want))
		return true;
	snprintf(text, sizeof(text), "%s", got);
	trouble("the shell says '%s', not %u", text, question + 1);
	return false;
}

static void watch_shell(void)
{
	int to, from;
	pid_t pid = start_shell(&to, &from);

	be_watcher(PULSE_SHELL, "the shell");
	for (unsigned int i = 0; watching() && shell_answers(to, from, i); i++) {
		beat(PULSE_SHELL);
		check_pulses();
		sleep_us(200000);
	}
	atomic_store(&stage->pulses[PULSE_SHELL].at, 0);
	close(to);
	waitpid(pid, NULL, 0);
}

/* ---- all ---- */

void watch_start(void)
{
	static void (*const bodies[])(void) = {watch_cpus, watch_as_root, watch_shell};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		watchers[i] = fork();
		if (watchers[i] == 0) {
			signal(SIGPIPE, SIG_IGN);
			bodies[i]();
			_exit(0);
		}
	}
	be_watcher(PULSE_MAIN, "the test itself");
}

/* Each CPU, root and the shell give a sign of life after all is over, or are reported. */
static void wait_for_signs(void)
{
	uint64_t since = now_ns();
	bool all;

	do {
		all = true;
		beat(PULSE_MAIN);
		for (unsigned int i = PULSE_ROOT; i < PULSE_CPU + 2 * MAX_CPUS; i++) {
			struct pulse *p = &stage->pulses[i];
			uint64_t at = atomic_load(&p->at);

			all = all && (!at || at > since || atomic_load(&p->late));
		}
		check_pulses();
		sleep_us(BEAT_US);
	} while (!all);
}

bool watch_end(void)
{
	uint64_t end = now_ns() + stage->deadline;
	bool all = false;

	wait_for_signs();
	atomic_store(&stage->over, true);
	while (!all && now_ns() < end) {
		all = true;
		for (size_t i = 0; i < ARRAY_SIZE(watchers); i++) {
			int status = 0;

			if (watchers[i] > 0 && waitpid(watchers[i], &status, WNOHANG) != 0) {
				watchers[i] = 0;
				if (status)
					trouble("a watcher ended with status %#x", status);
			}
			all = all && watchers[i] == 0;
		}
		sleep_us(1000);
	}
	if (!all)
		trouble("a watcher does not end");
	return atomic_load(&stage->troubles) == 0;
}
