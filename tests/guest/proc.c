// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc as programs read it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "gt.h"

static void self_link(void)
{
	char buf[32];
	ssize_t n = readlink("/proc/self", buf, sizeof(buf) - 1);

	CHECK(n > 0);
	buf[n] = 0;
	CHECK_EQ(atoi(buf), getpid());
}

static void stat_fields(void)
{
	int pid, ppid, pgrp;
	char comm[64], state;

	CHECK_EQ(sscanf(gt_slurp("/proc/self/stat"), "%d (%63[^)]) %c %d %d", &pid, comm, &state,
			&ppid, &pgrp),
		 5);
	CHECK_EQ(pid, getpid());
	CHECK_EQ(state, 'R');
	CHECK_EQ(ppid, getppid());
	CHECK_EQ(pgrp, getpgrp());
	CHECK(!strncmp("guest-tests", comm, strlen(comm)));
}

static void status_fields(void)
{
	const char *s = gt_slurp("/proc/self/status");

	CHECK(strstr(s, "Name:\t") && strstr(s, "VmRSS:\t") && strstr(s, "Uid:\t") &&
	      strstr(s, "SigBlk:\t"));
}

static void command_line(void)
{
	int fd = open("/proc/self/cmdline", O_RDONLY);
	char buf[1000];
	ssize_t n = read(fd, buf, sizeof(buf));

	CHECK(n > 0);
	CHECK(memchr(buf, 0, (size_t)n) != NULL);
	CHECK(strstr(buf, "guest-tests") != NULL);
}

static void executable(void)
{
	char buf[300];
	ssize_t n = readlink("/proc/self/exe", buf, sizeof(buf) - 1);

	CHECK(n > 0);
	buf[n] = 0;
	CHECK(!strcmp(buf, gt_self()));
}

static void maps(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     want[64];
	const char *s;

	CHECK_EQ(mprotect(p, 4096, PROT_READ), 0);
	s = gt_slurp("/proc/self/maps");
	CHECK(strstr(s, "[stack]") && strstr(s, "guest-tests"));
	snprintf(want, sizeof(want), "%lx-%lx r--p", (unsigned long)p, (unsigned long)p + 4096);
	CHECK(strstr(s, want) != NULL);
}

static void descriptors(void)
{
	int fd = open("/dev/null", O_RDONLY);
	char path[40], buf[100];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, buf, sizeof(buf));
	CHECK_EQ(n, 9);
	CHECK(!memcmp(buf, "/dev/null", 9));
	close(fd);
	CHECK_ERR(readlink(path, buf, sizeof(buf)), ENOENT);
}

static void system_files(void)
{
	static const char *const names[] = {"meminfo",
					    "stat",
					    "uptime",
					    "loadavg",
					    "version",
					    "cpuinfo",
					    "cmdline",
					    "mounts",
					    "filesystems",
					    "interrupts",
					    "sys/kernel/ostype",
					    "sys/kernel/osrelease",
					    "sys/kernel/hostname",
					    "sys/kernel/pid_max",
					    "sys/fs/file-nr"};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/%s", names[i]);
		CHECK(gt_slurp(path)[0] != 0);
	}
	CHECK(strstr(gt_slurp("/proc/meminfo"), "MemTotal:") != NULL);
	CHECK(strstr(gt_slurp("/proc/stat"), "cpu0 ") != NULL);
}

static void process_comes_and_goes(void)
{
	pid_t pid = gt_child(gt_pause, NULL);
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	CHECK(gt_slurp(path)[0] != 0);
	kill(pid, SIGKILL);
	gt_wait(pid);
	CHECK_ERR(stat(path, &st), ENOENT);
}

static void zombie_is_shown(void)
{
	pid_t pid = gt_child(gt_pause, NULL);
	siginfo_t si;
	char path[40];

	kill(pid, SIGKILL);
	CHECK_EQ(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	CHECK(strstr(gt_slurp(path), ") Z ") != NULL);
	gt_wait(pid);
}

static void random_directory_reads(void)
{
	/* Everybody else's files are read while processes come and go. */
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < 300; i++)
			gt_run(gt_return_0, NULL);
		_exit(0);
	}
	for (int round = 0; round < 20; round++) {
		DIR *d = opendir("/proc");
		struct dirent *e;
		char path[300], buf[1000];

		CHECK(d != NULL);
		while ((e = readdir(d))) {
			int fd;

			if (e->d_name[0] < '0' || e->d_name[0] > '9')
				continue;
			snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
			fd = open(path, O_RDONLY);
			if (fd >= 0) {
				if (read(fd, buf, sizeof(buf)) < 0)
					CHECK(errno == ESRCH);
				close(fd);
			}
		}
		closedir(d);
	}
	CHECK(EXITED(gt_wait(pid), 0));
}

/* Clock ticks of user time of a thread. */
static long thread_ticks(pid_t tid)
{
	char path[64];
	const char *p;
	long ticks;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	p = strrchr(gt_slurp(path), ')');
	CHECK(p && sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld", &ticks) == 1);
	return ticks;
}

static volatile pid_t busy_tid;
static volatile bool idle_again;

static void *be_busy(void *arg)
{
	busy_tid = (pid_t)syscall(SYS_gettid);
	while (!idle_again)
		;
	return arg;
}

static void times_of_one_thread(void)
{
	long mine = thread_ticks(getpid());
	pthread_t t;

	CHECK_EQ(pthread_create(&t, NULL, be_busy, NULL), 0);
	for (int i = 0; i < 100 && (!busy_tid || thread_ticks(busy_tid) < 20); i++)
		gt_sleep_ms(100);
	CHECK(thread_ticks(busy_tid) >= 20);
	CHECK(thread_ticks(getpid()) < mine + 20);
	idle_again = true;
	CHECK_EQ(pthread_join(t, NULL), 0);
}

static long status_kb(const char *key)
{
	const char *p = strstr(gt_slurp("/proc/self/status"), key);
	long kb;

	CHECK(p && sscanf(p + strlen(key), " %ld kB", &kb) == 1);
	return kb;
}

static void peak_stays(void)
{
	size_t n = 64UL << 20;
	long before = status_kb("VmSize:");
	void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(munmap(p, n), 0);
	CHECK(status_kb("VmPeak:") >= before + (long)(n >> 10));
	CHECK(status_kb("VmSize:") < before + (long)(n >> 10));
}

static const struct gt_test tests[] = {
	{"self_link", self_link, 0},
	{"stat_fields", stat_fields, 0},
	{"status_fields", status_fields, 0},
	{"command_line", command_line, 0},
	{"executable", executable, 0},
	{"maps", maps, 0},
	{"descriptors", descriptors, 0},
	{"system_files", system_files, 0},
	{"process_comes_and_goes", process_comes_and_goes, 0},
	{"zombie_is_shown", zombie_is_shown, 0},
	{"reads_while_processes_come_and_go", random_directory_reads, 40},
	{"times_of_one_thread", times_of_one_thread, 0},
	{"peak_stays", peak_stays, 0},
};
GT_GROUP(proc);
