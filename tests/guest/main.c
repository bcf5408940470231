// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the guest tests: each in a child, in a process group and a scratch directory of its own,
 * with a time limit; results as KTAP on stdout. At the end it checks that the kernel has lost
 * nothing: no process is left, and open files, kernel objects and free memory are what they were
 * (leak.c).
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#include "gt.h"
#include "leak.h"
#include "stress.h"

#define STATUS_FAIL 1
#define STATUS_SKIP 4 /* as kselftest */
#define DEFAULT_SECONDS 60

/* In this order. */
#define GROUPS(X) \
	X(process) \
	X(signal) \
	X(memory) \
	X(files) \
	X(dirs) \
	X(pipe) \
	X(poll) \
	X(tty) \
	X(time) \
	X(sched) \
	X(exec) \
	X(efault) \
	X(proc) \
	X(jobs) \
	X(oom) \
	X(traps) \
	X(registers) \
	X(threads) \
	X(timers) \
	X(mappings) \
	X(waiting) \
	X(oddities) \
	X(futex) \
	X(log) \
	X(sizes) \
	X(halves) \
	X(latency) \
	X(flush) \
	X(users) \
	X(linux_details)

#define DECLARE(name) extern const struct gt_group gt_##name;
#define ADDRESS(name) &gt_##name,
GROUPS(DECLARE)
static const struct gt_group *const groups[] = {GROUPS(ADDRESS)};

static char scratch[256]; /* directory of the test that runs */
static char self_path[256];
static char *message; /* shared with the test's child: why it failed or was skipped */
#define MESSAGE_SIZE 4096

static void say(const char *file, int line, const char *fmt, va_list ap)
{
	int n = file ? snprintf(message, MESSAGE_SIZE, "%s:%d: ", file, line) : 0;

	vsnprintf(message + n, MESSAGE_SIZE - (size_t)n, fmt, ap);
}

void gt_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!message[0]) /* the first one is the cause */
		say(file, line, fmt, ap);
	va_end(ap);
	_exit(STATUS_FAIL);
}

void gt_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(NULL, 0, fmt, ap);
	va_end(ap);
	_exit(STATUS_SKIP);
}

pid_t gt_child(int (*fn)(void *), void *arg)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(fn(arg));
	return pid;
}

int gt_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		CHECK(errno == EINTR);
	return status;
}

int gt_run(int (*fn)(void *), void *arg)
{
	return gt_wait(gt_child(fn, arg));
}

int gt_return_0(void *arg)
{
	(void)arg;
	return 0;
}

int gt_pause(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}

uint64_t gt_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void gt_sleep_ms(unsigned int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

const char *gt_path(const char *name)
{
	static char buf[4][512];
	static unsigned int turn;
	char *p = buf[turn++ % 4];

	snprintf(p, sizeof(buf[0]), "%s/%s", scratch, name);
	return p;
}

const char *gt_slurp(const char *path)
{
	static char buf[65536];
	int fd = open(path, O_RDONLY);
	size_t n = 0;
	ssize_t r;

	CHECK(fd >= 0);
	while ((r = read(fd, buf + n, sizeof(buf) - 1 - n)) > 0)
		n += (size_t)r;
	CHECK(r == 0);
	close(fd);
	buf[n] = '\0';
	return buf;
}

bool gt_on_twinix(void)
{
	return strstr(gt_slurp("/proc/version"), "Twinix") != NULL;
}

const char *gt_self(void)
{
	return self_path;
}

uint64_t gt_random(uint64_t *state)
{
	* state ^= *state >> 12;
	* state ^= *state << 25;
	* state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* ---- one test ---- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void make_scratch(void)
{
	snprintf(scratch, sizeof(scratch), "/tmp/gt.%d.XXXXXX", (int)getpid());
	if (!mkdtemp(scratch)) {
		perror("guest-tests: cannot make a directory in /tmp");
		exit(2);
	}
}

/* What a test left behind in other groups has been adopted by this process. */
static void kill_adopted(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int pid, ppid;

	while (d && (e = readdir(d))) {
		char path[300], line[512];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || !(f = fopen(path, "r")))
			continue;
		if (fgets(line, sizeof(line), f) && sscanf(line, "%d", &pid) == 1 &&
		    strrchr(line, ')') && sscanf(strrchr(line, ')'), ") %*c %d", &ppid) == 1 &&
		    ppid == getpid())
			kill(pid, SIGKILL);
		fclose(f);
	}
	if (d)
		closedir(d);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Waits up to the limit; kills the whole group behind it. */
static int wait_limited(pid_t pid, unsigned int seconds, bool *late)
{
	uint64_t end = gt_now() + seconds * 1000000000ULL;
	unsigned int pause_us = 50;
	int status;

	* late = false;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (gt_now() > end) {
			* late = true;
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		usleep(pause_us);
		if (pause_us < 20000)
			pause_us *= 2;
	}
	kill(-pid, SIGKILL);
	kill_adopted();
	return status;
}

static int run_child(const struct gt_test *t)
{
	setpgid(0, 0);
	if (chdir(scratch))
		_exit(STATUS_FAIL);
	t->run();
	_exit(0);
}

/* Result: STATUS_*, with the reason in message. */
static int run_test(const struct gt_test *t)
{
	unsigned int seconds = t->seconds ? t->seconds : DEFAULT_SECONDS;
	int status;
	pid_t pid;
	bool late;

	make_scratch();
	message[0] = '\0';
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_child(t);
	if (pid < 0) {
		snprintf(message, MESSAGE_SIZE, "fork: %s", strerror(errno));
		return STATUS_FAIL;
	}
	setpgid(pid, pid);
	status = wait_limited(pid, seconds, &late);
	nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	if (late && !message[0])
		snprintf(message, MESSAGE_SIZE, "not done after %u s", seconds);
	if (WIFSIGNALED(status) && !message[0])
		snprintf(message, MESSAGE_SIZE, "killed by signal %d", WTERMSIG(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIP)
		return STATUS_SKIP;
	return EXITED(status, 0) && !late ? 0 : STATUS_FAIL;
}

/* ---- all of them ---- */

static struct {
	unsigned int passed, failed, skipped;
} total;

static void report(unsigned int nr, const char *group, const char *name, int result)
{
	if (result == STATUS_FAIL) {
		printf("# %s\nnot ok %u %s.%s\n", message, nr, group, name);
		total.failed++;
	} else if (result == STATUS_SKIP) {
		printf("ok %u %s.%s # SKIP %s\n", nr, group, name, message);
		total.skipped++;
	} else {
		printf("ok %u %s.%s\n", nr, group, name);
		total.passed++;
	}
	fflush(stdout);
}

/* @pattern names a group, or group.test. */
static bool wanted(const struct gt_group *g, const struct gt_test *t, char *const *patterns)
{
	char full[128];

	if (!*patterns)
		return true;
	snprintf(full, sizeof(full), "%s.%s", g->name, t->name);
	for (; *patterns; patterns++)
		if (!strcmp(*patterns, g->name) || !strcmp(*patterns, full))
			return true;
	return false;
}

static unsigned int for_each_test(char *const *patterns,
				  void (*fn)(unsigned int nr, const struct gt_group *g,
					     const struct gt_test *t))
{
	unsigned int nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (size_t j = 0; j < groups[i]->n; j++)
			if (wanted(groups[i], &groups[i]->tests[j], patterns)) {
				nr++;
				if (fn)
					fn(nr, groups[i], &groups[i]->tests[j]);
			}
	return nr;
}

static void run_one(unsigned int nr, const struct gt_group *g, const struct gt_test *t)
{
	report(nr, g->name, t->name, run_test(t));
}

static void run_quietly(unsigned int nr, const struct gt_group *g, const struct gt_test *t)
{
	(void)nr;
	(void)g;
	run_test(t);
}

static void list_one(unsigned int nr, const struct gt_group *g, const struct gt_test *t)
{
	(void)nr;
	printf("%s.%s\n", g->name, t->name);
}

static void check_leaks(unsigned int nr, const struct leak_counts *before)
{
	message[0] = '\0';
	report(nr, "all", "nothing_lost", leak_compare(before, message, MESSAGE_SIZE));
}

/*
 * The first round fills caches that may stay filled; the second must give back all it takes.
 */
static int run_all(char *const *patterns, bool leaks)
{
	unsigned int n = for_each_test(patterns, NULL);
	struct leak_counts before;

	if (!n) {
		fprintf(stderr, "guest-tests: no such test; --list names them\n");
		return 2;
	}
	printf("KTAP version 1\n1..%u\n", n + leaks);
	for_each_test(patterns, run_one);
	if (leaks) {
		leak_measure(&before);
		for_each_test(patterns, run_quietly);
		check_leaks(n + 1, &before);
	}
	printf("# %u passed, %u failed, %u skipped\n", total.passed, total.failed, total.skipped);
	return total.failed != 0;
}

static const char usage[] =
	"usage: guest-tests [OPTION] [GROUP | GROUP.TEST]...\n"
	"Tests of the system-call interface; KTAP on stdout, status 0 if all passed.\n"
	"  --list           names of all tests\n"
	"  --leaks          run everything a second time and check that nothing was lost\n"
	"  --loop N         run N rounds\n"
	"  --stress SECONDS random system calls in parallel instead\n"
	"  --seed N         for --stress: repeat a run\n"
	"  --help           this text\n";

static int bad_usage(void)
{
	fputs(usage, stderr);
	return 2;
}

int main(int argc, char **argv)
{
	unsigned long loops = 1, stress_seconds = 0, seed = 1;
	bool leaks = false;
	int i, result = 0;

	if (argc > 1 && !strcmp(argv[1], "--helper"))
		return gt_exec_helper(argc - 2, argv + 2);
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--help"))
			return fputs(usage, stdout) < 0;
		if (!strcmp(argv[i], "--list"))
			return for_each_test(argv + argc, list_one) == 0;
		if (!strcmp(argv[i], "--leaks"))
			leaks = true;
		else if (!strcmp(argv[i], "--loop") && i + 1 < argc)
			loops = strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--stress") && i + 1 < argc)
			stress_seconds = strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
			seed = strtoul(argv[++i], NULL, 0);
		else
			return bad_usage();
	}
	if (!realpath("/proc/self/exe", self_path))
		snprintf(self_path, sizeof(self_path), "%s", argv[0]);
	message =
		mmap(NULL, MESSAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (message == MAP_FAILED) {
		perror("guest-tests: mmap");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans of tests come to us */
	signal(SIGQUIT, SIG_DFL); /* BusyBox's "sh -c" ignores it and hands that on when it execs */
	if (stress_seconds)
		return stress_run(stress_seconds, seed);
	while (loops--)
		result |= run_all(argv + i, leaks);
	return result;
}
