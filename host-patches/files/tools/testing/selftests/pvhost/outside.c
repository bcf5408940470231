// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others do to a launcher whose vCPUs run: tracers, profilers, the core dumper, a
 * memory cgroup, memory compaction, an allocator that fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

#define CGROUP "/sys/fs/cgroup"
#define CGROUP_TEST CGROUP "/pvhost-selftest"
#define CGROUP_LIMIT (16L << 20)
#define DEBUGFS "/sys/kernel/debug"
#define PAGE_IDLE "/sys/kernel/mm/page_idle/bitmap"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* younger than some C libraries */
#endif

enum result { FAILED, PASSED, SKIPPED };

static struct vm vm;

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return atol(text);
}

/* The thread of a one-vCPU victim that runs the vCPU: the one that is not the main thread. */
static pid_t vcpu_thread_of(pid_t pid)
{
	char path[64], line[64];
	pid_t tid = -1;
	FILE *f;

	snprintf(path, sizeof(path), "ls /proc/%d/task", pid);
	f = popen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (atoi(line) != pid)
			tid = atoi(line);
	if (f)
		pclose(f);
	return tid;
}

/* Waits for a stop of the traced thread; interrupts it if there is none for 100 ms. */
static bool wait_stop(pid_t tid)
{
	int status;

	for (int i = 0; i < 10000; i++) {
		if (waitpid(tid, &status, __WALL | WNOHANG) == tid)
			return WIFSTOPPED(status);
		if (i == 100)
			ptrace(PTRACE_INTERRUPT, tid, 0, 0);
		usleep(1000);
	}
	return false;
}

/* The registers of a stopped launcher are its own: its last call was RUN, or none. */
static bool registers_are_the_launchers(pid_t tid)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, tid, 0, &r))
		return false;
	if (r.rip >= GUEST_VA + GUEST_GPA && r.rip < GUEST_VA + GUEST_STACKS) {
		ksft_print_msg("the tracer sees the guest's rip %llx\n", r.rip);
		return false;
	}
	return !ptrace(PTRACE_SETREGS, tid, 0, &r);
}

static enum result traced(enum guest_case number, long how)
{
	pid_t pid = vm_victim(number, 1), tid = pid > 0 ? vcpu_thread_of(pid) : -1;
	bool ok = tid > 0 && !ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD);

	ok = ok && !ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	for (int i = 0; i < 100 && ok; i++) {
		ok = wait_stop(tid) && registers_are_the_launchers(tid);
		ok = ok && !ptrace(how, tid, 0, 0);
		if (how == PTRACE_CONT) {
			usleep(2000);
			ok = ok && !ptrace(PTRACE_INTERRUPT, tid, 0, 0);
		}
	}
	if (pid > 0)
		kill(pid, SIGKILL);
	/* The tracer reaps its thread before the process can be reaped. */
	while (tid > 0 && waitpid(tid, NULL, __WALL) == tid && !kill(tid, 0))
		;
	return vm_killed(pid, SIGKILL) && ok ? PASSED : FAILED;
}

static enum result ptrace_stops(void)
{
	return traced(CASE_SPIN, PTRACE_CONT);
}

static enum result ptrace_system_calls(void)
{
	return traced(CASE_TOUCH_ALL, PTRACE_SYSCALL);
}

static enum result ptrace_steps(void)
{
	return traced(CASE_SPIN, PTRACE_SINGLESTEP);
}

/* Samples with call chain, registers and stack of "user mode", which is the guest. */
static enum result perf_samples(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(a),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 200000,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER |
			       PERF_SAMPLE_STACK_USER,
		.sample_regs_user = 0xff0fff, /* all but the segments */
		.sample_stack_user = 4096,
	};
	pid_t pid = vm_victim(CASE_TOUCH_ALL, 1), tid = pid > 0 ? vcpu_thread_of(pid) : -1;
	struct perf_event_mmap_page *page;
	uint64_t got = 0;
	int fd;

	if (tid < 0)
		return FAILED;
	fd = syscall(SYS_perf_event_open, &a, tid, -1, -1, 0);
	if (fd < 0) {
		vm_killed(pid, SIGKILL);
		return errno == ENOENT || errno == ENOSYS ? SKIPPED : FAILED;
	}
	page = mmap(NULL, 65 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (int i = 0; i < 100 && page != MAP_FAILED; i++) {
		usleep(10000);
		got += page->data_head - page->data_tail;
		page->data_tail = page->data_head;
	}
	close(fd);
	ksft_print_msg("%lu bytes of samples\n", (unsigned long)got);
	return vm_killed(pid, SIGKILL) && got ? PASSED : FAILED;
}

/* A launcher that dies of SIGQUIT leaves a core, with its guest's memory. */
static enum result core_dump(void)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY}, before;
	char dir[] = "/tmp/pvhost-core.XXXXXX", old[256] = "";
	int status = 0, fd;
	bool ok;
	pid_t pid;

	fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
	if (fd < 0)
		return SKIPPED;
	ok = read(fd, old, sizeof(old) - 1) > 0 && mkdtemp(dir) && !chdir(dir) &&
	     write_file("/proc/sys/kernel/core_pattern", "core");
	close(fd);
	getrlimit(RLIMIT_CORE, &before);
	setrlimit(RLIMIT_CORE, &unlimited);
	pid = ok ? vm_victim(CASE_TOUCH_ALL, 2) : -1;
	setrlimit(RLIMIT_CORE, &before);
	if (pid > 0) {
		kill(pid, SIGQUIT);
		waitpid(pid, &status, 0);
	}
	write_file("/proc/sys/kernel/core_pattern", old);
	return pid > 0 && WIFSIGNALED(status) && WCOREDUMP(status) ? PASSED : FAILED;
}

static void touch_in_cgroup(void)
{
	if (!write_file(CGROUP_TEST "/cgroup.procs", "0") || vm_create(&vm, 1, CASE_TOUCH_ALL))
		_exit(2);
	vm_run(&vm, 0);
	_exit(vm.reason == PVHOST_EXIT_NOMEM ? 0 : 3);
}

/* Guest memory is charged to the launcher's cgroup: the limit stops the machine, not the host. */
static enum result memory_cgroup(void)
{
	char limit[32];
	int status = 0;
	long peak;
	pid_t pid;

	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP_TEST, 0755) && errno != EEXIST)
		return SKIPPED;
	snprintf(limit, sizeof(limit), "%ld", CGROUP_LIMIT);
	if (!write_file(CGROUP_TEST "/memory.max", limit)) {
		rmdir(CGROUP_TEST);
		return SKIPPED;
	}
	pid = fork();
	if (pid == 0)
		touch_in_cgroup();
	for (int i = 0; i < 600 && waitpid(pid, &status, WNOHANG) == 0; i++)
		usleep(100000);
	if (kill(pid, 0) == 0) {
		ksft_print_msg("the guest took all it wanted\n");
		vm_killed(pid, SIGKILL);
		status = -1;
	}
	peak = read_number(CGROUP_TEST "/memory.peak");
	ksft_print_msg("status %x, peak %ld bytes\n", status, peak);
	rmdir(CGROUP_TEST);
	if (peak > CGROUP_LIMIT || peak < CGROUP_LIMIT / 2)
		return FAILED;
	if (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		return PASSED;
	return FAILED;
}

/* Pages of the guest move, are collapsed into large ones, and are taken away. */
static enum result compaction(void)
{
	static const int advice[] = {MADV_HUGEPAGE, MADV_COLLAPSE, MADV_NOHUGEPAGE, MADV_PAGEOUT,
				     MADV_COLD,	    MADV_REMOVE,   MADV_DONTNEED};

	if (!vm_begin(&vm, CASE_TOUCH_ALL, 1))
		return FAILED;
	for (int i = 0; i < 4 * (int)ARRAY_SIZE(advice); i++) {
		if (i % ARRAY_SIZE(advice) == 3)
			write_file("/proc/sys/vm/compact_memory", "1");
		madvise(vm.mem + GUEST_HEAP, GUEST_MEM - GUEST_HEAP,
			advice[i % ARRAY_SIZE(advice)]);
	}
	return vm_end(&vm) ? PASSED : FAILED;
}

/* Host frame of a page of guest memory; 0 if there is none, or we may not know. */
static uint64_t frame_of(uint64_t gpa)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, 8, ((uintptr_t)vm.mem + gpa) / 4096 * 8) != 8)
		entry = 0;
	close(fd);
	return entry >> 63 ? entry & ((1UL << 55) - 1) : 0;
}

/* Tells Linux to take a frame for idle until it finds it used. */
static bool mark_idle(int fd, uint64_t frame)
{
	uint64_t bit = 1UL << frame % 64;

	return pwrite(fd, &bit, 8, frame / 64 * 8) == 8;
}

static bool is_idle(int fd, uint64_t frame)
{
	uint64_t bits = 0;

	return pread(fd, &bits, 8, frame / 64 * 8) == 8 && bits >> frame % 64 & 1;
}

/* Is a page that the guest uses in use for Linux, and one that it has left idle? */
static bool ages(int fd)
{
	uint64_t used, left;
	bool hot = false, cold;

	/* Only pages in the lists of reclaim are looked at: this puts them there. */
	write_file("/proc/sys/vm/compact_memory", "1");
	usleep(500000);
	used = frame_of(GUEST_HEAP);
	left = frame_of(GUEST_PARAM);
	/* At first both are young, as both have been used; at the next look only one is. */
	for (int i = 0; i < 2; i++) {
		if (!used || !left || !mark_idle(fd, used) || !mark_idle(fd, left))
			return false;
		sleep(1);
	}
	for (int i = 0; i < 100 && !hot; i++) {
		usleep(100000);
		hot = !is_idle(fd, used);
	}
	cold = is_idle(fd, left);
	if (!hot || !cold)
		ksft_print_msg("the page in use is %s, the other one is %s\n",
			       hot ? "young" : "idle", cold ? "idle" : "young");
	return hot && cold;
}

/* The host's reclaim can tell the pages that a guest uses from those that it does not. */
static enum result idle_pages(void)
{
	int fd = open(PAGE_IDLE, O_RDWR);
	bool ok;

	if (fd < 0)
		return SKIPPED;
	if (!vm_begin(&vm, CASE_TOUCH_ALL, 1)) {
		close(fd);
		return FAILED;
	}
	/* All of its memory, once. */
	sleep(1);
	ok = ages(fd);
	close(fd);
	return vm_end(&vm) && ok ? PASSED : FAILED;
}

/* All allocations of this thread may fail, also those that could wait. */
static bool fail_all_kinds(void)
{
	static const char *const files[][2] = {
		{DEBUGFS "/failslab/ignore-gfp-wait", "N"},
		{DEBUGFS "/failslab/verbose", "0"},
		{DEBUGFS "/fail_page_alloc/ignore-gfp-wait", "N"},
		{DEBUGFS "/fail_page_alloc/ignore-gfp-highmem", "N"},
		{DEBUGFS "/fail_page_alloc/min-order", "0"},
		{DEBUGFS "/fail_page_alloc/verbose", "0"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++)
		if (!write_file(files[i][0], files[i][1]))
			return false;
	return true;
}

/* A whole life of a machine, in which the n-th allocation fails. True if one did. */
static bool life_with_failure(int fd, int n, bool *ok)
{
	char text[16];
	int err, left;

	snprintf(text, sizeof(text), "%d", n);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		*ok = false;
	err = vm_create(&vm, 1, CASE_ACCESSED_DIRTY);
	/* What Linux says if there is no memory for the inode of a memfd. */
	if (err == -ENOSPC && vm.memfd < 0)
		err = -ENOMEM;
	if (!err)
		vm_run(&vm, 0);
	vm_destroy(&vm);
	memset(text, 0, sizeof(text));
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		*ok = false;
	left = atoi(text);
	if (pwrite(fd, "0", 1, 0) < 0)
		*ok = false;
	if (err && err != -ENOMEM) {
		ksft_print_msg("allocation %d: %s\n", n, strerror(-err));
		*ok = false;
	}
	return left == 0;
}

static enum result failing_allocations(void)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR), n = 1;
	bool ok = true;

	if (fd < 0 || !fail_all_kinds())
		return SKIPPED;
	while (n < 5000 && ok && life_with_failure(fd, n, &ok))
		n++;
	close(fd);
	ksft_print_msg("%d allocations, each has failed once\n", n - 1);
	return ok && n > 10 && n < 5000 && vm_case(CASE_NOTHING, 1, 0) ? PASSED : FAILED;
}

static const struct {
	const char *name;
	enum result (*run)(void);
} tests[] = {
	{"ptrace stops mid-guest", ptrace_stops},
	{"ptrace of system calls mid-guest", ptrace_system_calls},
	{"ptrace single steps into a guest", ptrace_steps},
	{"perf samples mid-guest", perf_samples},
	{"core dump mid-guest", core_dump},
	{"memory cgroup's limit", memory_cgroup},
	{"compaction, collapse and reclaim mid-run", compaction},
	{"idle pages are told from pages in use", idle_pages},
	{"allocation failure at every site", failing_allocations},
};

int main(void)
{
	int n = ARRAY_SIZE(tests);

	ksft_print_header();
	close(open_device());
	ksft_set_plan(n);
	for (int i = 0; i < n; i++) {
		enum result r = tests[i].run();

		if (r == SKIPPED)
			ksft_test_result_skip("%s\n", tests[i].name);
		else
			ksft_test_result(r == PASSED, "%s\n", tests[i].name);
	}
	ksft_finished();
}
