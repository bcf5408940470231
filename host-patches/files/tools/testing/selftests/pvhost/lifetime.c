// SPDX-License-Identifier: GPL-2.0-only
/*
 * The launcher misbehaves: closes, forks, kills, unmaps while a guest runs.  What
 * it held must come back, and nobody else may suffer.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

static struct vm vm;

/* kB of a line of /proc/meminfo. */
static long kilobytes(const char *key)
{
	char line[200];
	long kb = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key));
	if (f)
		fclose(f);
	return kb;
}

/* A counter of /proc/vmstat. */
static long counter(const char *key)
{
	char name[64];
	long n, found = -1;
	FILE *f = fopen("/proc/vmstat", "r");

	while (f && fscanf(f, "%63s %ld", name, &n) == 2)
		if (!strcmp(name, key))
			found = n;
	if (f)
		fclose(f);
	return found;
}

/* Pages that somebody in this system has pinned and not yet released, on all CPUs. */
static long pinned(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		ksft_print_msg("the counters may be late\n");
	close(fd);
	return counter("nr_foll_pin_acquired") - counter("nr_foll_pin_released");
}

/* The last reference to a machine may go a little later than its process, also before. */
static bool all_released(long before)
{
	for (int i = 0; i < 100; i++) {
		if (pinned() <= before)
			return true;
		usleep(50000);
	}
	ksft_print_msg("%ld pages pinned before, %ld after\n", before, pinned());
	return false;
}

static bool start(enum guest_case number, int vcpus)
{
	return vm_begin(&vm, number, vcpus);
}

static bool end(void)
{
	return vm_end(&vm);
}

static bool close_while_running(void)
{
	if (!start(CASE_SPIN, 2))
		return false;
	close(vm.vcpu[0]);
	close(vm.fd);
	close(vm.dev);
	usleep(50000);
	vm.vcpu[0] = -1;
	vm.fd = -1;
	vm.dev = -1;
	return end();
}

static bool dup_and_close(void)
{
	if (!start(CASE_SPIN, 1))
		return false;
	for (int i = 0; i < 200; i++)
		close(dup(vm.vcpu[0]));
	return end();
}

static bool send_over_socket(void)
{
	char buf[CMSG_SPACE(sizeof(int))] = {0}, c = 'x';
	struct iovec iov = {&c, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = buf,
			     .msg_controllen = sizeof(buf)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
	int s[2];

	if (!start(CASE_SPIN, 1))
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s)) {
		end();	/* or its machine would spin beside the other tests */
		return false;
	}
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &vm.vcpu[0], sizeof(int));
	if (sendmsg(s[0], &msg, 0) != 1)
		return false;
	close(s[0]);
	close(s[1]); /* with the descriptor inside */
	return end();
}

/* A child has the files but not the memory: it must not run the machine. */
static bool fork_cannot_run(void)
{
	int status;
	pid_t pid;

	if (vm_create(&vm, 1, CASE_NOTHING))
		return false;
	pid = fork();
	if (pid == 0)
		_exit(ioctl(vm.vcpu[0], PVHOST_RUN, 0) == -1 && errno != EINTR ? 0 : 1);
	waitpid(pid, &status, 0);
	if (status)
		return false;
	return vm_finish(&vm) && (vm_destroy(&vm), true);
}

static bool fork_while_running(void)
{
	int status;

	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, &status, 0);
	}
	return end();
}

static bool second_run_is_refused(void)
{
	bool ok;

	if (!start(CASE_SPIN, 1))
		return false;
	ok = ioctl(vm.vcpu[0], PVHOST_RUN, 0) == -1 && errno == EBUSY;
	return end() && ok;
}

static bool state_while_running(void)
{
	struct pvhost_state s = {.size = sizeof(s)};
	bool ok;

	if (!start(CASE_SPIN, 1))
		return false;
	ok = ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s) == -1 && errno == EBUSY;
	ok &= ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s) == -1 && errno == EBUSY;
	return end() && ok;
}

static bool unmap_memory(void)
{
	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	munmap(vm.mem + GUEST_HEAP, GUEST_MEM - GUEST_HEAP);
	usleep(50000);
	return end();
}

static bool unmap_and_map_again(void)
{
	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	for (int i = 0; i < 100; i++) {
		size_t off = GUEST_HEAP + (i % 16) * 0x10000;

		if (mmap(vm.mem + off, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 vm.memfd, off) == MAP_FAILED)
			return false;
	}
	return end();
}

/* What is mapped over guest memory must be shared memory, too: a vCPU's page is none. */
static bool map_device_over(void)
{
	bool left;

	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	if (mmap(vm.mem + GUEST_HEAP, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 vm.vcpu[0], 0) == MAP_FAILED)
		return false;
	for (int i = 0; i < 100 && !vm.ended; i++)
		usleep(50000);
	left = vm.ended && vm.reason == PVHOST_EXIT_MEMORY;
	if (!left)
		ksft_print_msg("ended %d, reason %u\n", vm.ended, vm.reason);
	return end() && left;
}

static bool truncate_memory(void)
{
	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	for (int i = 0; i < 50; i++) {
		if (ftruncate(vm.memfd, GUEST_HEAP + 0x100000) || ftruncate(vm.memfd, GUEST_MEM))
			return false;
	}
	return end();
}

static bool protect_memory(void)
{
	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	for (int i = 0; i < 100; i++)
		mprotect(vm.mem + GUEST_HEAP, GUEST_MEM - GUEST_HEAP,
			 i & 1 ? PROT_READ | PROT_WRITE : PROT_READ);
	mprotect(vm.mem + GUEST_HEAP, GUEST_MEM - GUEST_HEAP, PROT_NONE);
	usleep(20000);
	return end();
}

/* Punches holes where the guest works. */
static bool punch_memory(void)
{
	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	for (int i = 0; i < 200; i++)
		fallocate(vm.memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  GUEST_HEAP + (i % 64) * 0x8000, 0x8000);
	return end();
}

static bool remove_slot_while_running(void)
{
	struct pvhost_memory m = {.size = sizeof(m), .slot = 0};

	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	ioctl(vm.fd, PVHOST_SET_MEMORY, &m);
	usleep(50000);
	return end();
}

static volatile int flip;

static void *flipper(void *arg)
{
	uint64_t rnd = 88172645463325252ULL;

	while (flip) {
		rnd ^= rnd << 13;
		rnd ^= rnd >> 7;
		rnd ^= rnd << 17;
		((volatile uint64_t *)vm.page[0])[rnd % 96] = rnd >> 8;
	}
	return arg;
}

/* Every field of the shared page changes while the host reads it. */
static bool flipped_page(void)
{
	pthread_t t;

	if (vm_create(&vm, 1, CASE_PAGE_FLIPPED))
		return false;
	vm.param->count = 20000;
	flip = 1;
	pthread_create(&t, NULL, flipper, NULL);
	vm_start(&vm);
	for (int i = 0; i < 2000 && !vm.ended; i++)
		usleep(1000);
	flip = 0;
	pthread_join(t, NULL);
	return end();
}

static bool events_are_not_lost(void)
{
	struct pvhost_inject in = {.size = sizeof(in), .bits = 1UL << 20};
	bool ok = true;

	if (vm_create(&vm, 1, CASE_BLOCK_EVENTS))
		return false;
	vm.param->count = 20000;
	vm_start(&vm);
	for (uint64_t i = 1; i <= 20000 && ok; i++) {
		if (ioctl(vm.fd, PVHOST_INJECT, &in))
			return false;
		ok = vm_wait_flag(&vm, i);
	}
	vm_stop(&vm);
	vm_destroy(&vm);
	return ok;
}

static bool signals_while_running(void)
{
	if (!start(CASE_SPIN, 1))
		return false;
	for (int i = 0; i < 500; i++) {
		pthread_kill(vm.thread[0], SIGWINCH);
		usleep(500);
	}
	return end();
}

static bool immediate_exit(void)
{
	bool ok;

	if (vm_create(&vm, 1, CASE_SPIN))
		return false;
	vm.run[0]->immediate_exit = 1;
	ok = ioctl(vm.vcpu[0], PVHOST_RUN, 0) == -1 && errno == EINTR;
	vm_destroy(&vm);
	return ok;
}

static bool ioperm_is_refused(void)
{
	bool ok = true;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (vm_create(&vm, 1, CASE_NOTHING))
			_exit(2);
		if (syscall(SYS_ioperm, 0x80, 1, 1))
			_exit(0); /* no such rights to inherit here */
		_exit(ioctl(vm.vcpu[0], PVHOST_RUN, 0) == -1 && errno == EPERM ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return ok && status == 0;
}

/* Two ways to the same pages: the mapping and the file. */
static void *puncher(void *arg)
{
	for (int i = 0; flip; i++)
		fallocate(vm.memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  GUEST_HEAP + (i % 8) * 0x10000, 0x40000);
	return arg;
}

static bool remap_against_punch(void)
{
	long pins = pinned();
	pthread_t t[2];

	if (!start(CASE_TOUCH_ALL, 1))
		return false;
	flip = 1;
	for (int k = 0; k < 2; k++)
		pthread_create(&t[k], NULL, puncher, NULL);
	for (int i = 0; i < 1000; i++)
		mprotect(vm.mem + GUEST_HEAP + (i % 4) * 0x8000, 0x80000,
			 i & 1 ? PROT_READ | PROT_WRITE : PROT_READ);
	flip = 0;
	for (int k = 0; k < 2; k++)
		pthread_join(t[k], NULL);
	return end() && all_released(pins);
}

static int swapped_fd, eventfds[2];

static void *swapper(void *arg)
{
	for (int i = 0; flip; i++)
		dup2(eventfds[i & 1], swapped_fd);
	return arg;
}

/* A bound eventfd raises the event and is read; another does neither. */
static bool one_is_bound(void)
{
	uint64_t n = 1;
	int bound = 0;

	for (int k = 0; k < 2; k++) {
		bool raised, drained;

		__atomic_store_n(&vm.page[0]->pending, 0, __ATOMIC_SEQ_CST);
		if (write(eventfds[k], &n, sizeof(n)) != sizeof(n))
			return false;
		raised = __atomic_load_n(&vm.page[0]->pending, __ATOMIC_SEQ_CST);
		drained = read(eventfds[k], &n, sizeof(n)) < 0;
		if (raised != drained)
			return false;
		bound += raised;
	}
	return bound == 1;
}

/* The descriptor is another file from one moment to the next: bound is one or the other. */
static bool binding_against_dup(void)
{
	struct pvhost_event e = {.size = sizeof(e), .bit = 20};
	pthread_t t;
	bool ok = true;

	if (vm_create(&vm, 1, CASE_NOTHING))
		return false;
	for (int i = 0; i < 2; i++)
		eventfds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	swapped_fd = dup(eventfds[0]);
	e.fd = swapped_fd;
	flip = 1;
	pthread_create(&t, NULL, swapper, NULL);
	for (int i = 0; i < 20000 && ok; i++) {
		e.flags = 0;
		ok = !ioctl(vm.fd, PVHOST_BIND_EVENT, &e) && one_is_bound();
		e.flags = PVHOST_UNBIND;
		ok &= !ioctl(vm.fd, PVHOST_BIND_EVENT, &e);
	}
	flip = 0;
	pthread_join(t, NULL);
	for (int i = 0; i < 2; i++)
		close(eventfds[i]);
	close(swapped_fd);
	vm_destroy(&vm);
	return ok;
}

/* Descriptors of the launcher's, which ring 3 can load, must not be there. */
static bool tls_is_refused(void)
{
	struct user_desc *d = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long ret;

		*d = (struct user_desc){.entry_number = -1, .base_addr = 0x1000, .limit = 1,
					.seg_32bit = 1};
		if (vm_create(&vm, 1, CASE_NOTHING))
			_exit(2);
		asm volatile("int $0x80"
			     : "=a"(ret)
			     : "a"(243), "b"(d)
			     : "memory", "r8", "r9", "r10", "r11");
		if (ret)
			_exit(0); /* no 32-bit system calls here */
		_exit(ioctl(vm.vcpu[0], PVHOST_RUN, 0) == -1 && errno == EPERM ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

/* A timer stays at its guest time when guest time is set. */
static bool clock_moves_timers(void)
{
	struct pvhost_clock c = {.size = sizeof(c)};
	struct pvhost_state s = {.size = sizeof(s)};
	bool ok = false;

	if (vm_create(&vm, 1, CASE_NOTHING) || ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s) ||
	    ioctl(vm.fd, PVHOST_GET_CLOCK, &c))
		return false;
	s.timer = c.ns + 1000000000000;
	c.wall_ns = 0;
	if (ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s) || ioctl(vm.fd, PVHOST_SET_CLOCK, &c))
		return false;
	usleep(20000);
	if (vm.page[0]->pending)
		return false;
	c.ns = s.timer;
	if (ioctl(vm.fd, PVHOST_SET_CLOCK, &c))
		return false;
	for (int i = 0; i < 1000 && !ok; i++) {
		usleep(1000);
		ok = vm.page[0]->pending & 1UL << PV_EVENT_TIMER;
	}
	vm_destroy(&vm);
	return ok;
}

/* Only what the launcher could write itself is discarded, whichever mapping it is in. */
static bool discard_mappings(void)
{
	const size_t first = GUEST_MEM - (1 << 20), mine = first - 8192;
	int fd = memfd_create("other", MFD_CLOEXEC);
	bool ok;

	if (vm_create(&vm, 1, CASE_DISCARD_MAPPINGS) || ftruncate(fd, 8192))
		return false;
	if (mmap(vm.mem + mine, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
	    MAP_FAILED)
		return false;
	memset(vm.mem + first - 4 * 4096, 0x55, 8 * 4096);
	if (mprotect(vm.mem + first, GUEST_MEM - first, PROT_READ))
		return false;
	vm.param->seed = first;
	ok = vm_finish(&vm);
	for (size_t i = 0; i < 4096; i++)
		ok &= vm.mem[first + i] == 0x55 && !vm.mem[first - 8192 + i] &&
		      !vm.mem[first - 4 * 4096 + i];
	vm_destroy(&vm);
	close(fd);
	return ok;
}

/* A vCPU that has never been started has a state, too. */
static bool offline_state(void)
{
	struct pvhost_state s = {.size = sizeof(s)};
	bool ok;

	if (vm_create(&vm, 2, CASE_NOTHING))
		return false;
	ok = !ioctl(vm.vcpu[1], PVHOST_GET_STATE, &s) && s.run_flags & PVHOST_STATE_OFFLINE &&
	     s.kernel_root == PV_ANY && !ioctl(vm.vcpu[1], PVHOST_SET_STATE, &s);
	s.run_flags = 0;
	ok &= ioctl(vm.vcpu[1], PVHOST_SET_STATE, &s) == -1 && errno == EINVAL;
	/* Refused as a whole. */
	ok &= !ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s) && s.kernel_root == GUEST_TABLES;
	s.kernel_root = GUEST_HEAP;
	s.user_root = GUEST_MEM;
	ok &= ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s) == -1 && errno == EINVAL;
	ok &= !ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s) && s.kernel_root == GUEST_TABLES;
	return vm_finish(&vm) && (vm_destroy(&vm), ok);
}

/* A vCPU that runs elsewhere is interrupted for its events, and that is counted. */
static bool kicks_are_counted(void)
{
	struct pvhost_inject in = {.size = sizeof(in)};
	struct pvhost_stats s = {.size = sizeof(s)};

	if (!start(CASE_SPIN, 1))
		return false;
	for (int i = 0; i < 5000 && !s.kicks; i++) {
		in.bits = 1UL << (20 + i % 20);
		if (ioctl(vm.fd, PVHOST_INJECT, &in) ||
		    ioctl(vm.vcpu[0], PVHOST_GET_STATS, &s))
			return false;
		__atomic_store_n(&vm.page[0]->pending, 0, __ATOMIC_SEQ_CST);
	}
	return end() && s.kicks;
}

/* KiB that are gone for good when some launchers have been killed; -1: that did not work. */
static long lost_by_kills(enum guest_case number, int vcpus, int rounds)
{
	long before = kilobytes("MemFree:"), lost = 0;

	for (int i = 0; i < rounds; i++)
		if (!vm_killed(vm_victim(number, vcpus), SIGKILL))
			return -1;
	for (int i = 0; i < 50; i++) {
		lost = before - kilobytes("MemFree:");
		if (lost < 4096)
			return 0;
		usleep(100000);
	}
	return lost;
}

/*
 * What it held must be free again. A debug kernel keeps what has been freed for a while: only
 * what is lost time and again is lost.
 */
static bool kill_frees(enum guest_case number, int vcpus, int rounds)
{
	long pins = pinned(), lost = lost_by_kills(number, vcpus, 1);

	for (int i = 0; i < 5 && lost >= 0; i++) {
		lost = lost_by_kills(number, vcpus, rounds);
		if (!lost)
			return all_released(pins);
	}
	ksft_print_msg("%ld kB lost\n", lost);
	return false;
}

static bool kill_spinning(void)
{
	return kill_frees(CASE_SPIN, 16, 5);
}

static bool kill_blocked(void)
{
	return kill_frees(CASE_BLOCK_FOREVER, 1, 5);
}

static bool kill_batching(void)
{
	return kill_frees(CASE_BATCH_LOOP, 1, 8);
}

static bool kill_touching(void)
{
	return kill_frees(CASE_TOUCH_ALL, 1, 8);
}

/* Memory the guest takes is charged: a limit stops it, not the host. */
static bool locked_memory_limit(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit rl = {8 << 20, 8 << 20};

		if (setrlimit(RLIMIT_MEMLOCK, &rl) || setgid(12345) ||
		    vm_create(&vm, 1, CASE_TOUCH_ALL))
			_exit(2);
		/* Root may exceed the limit: give that up, with the device open. */
		if (setuid(12345))
			_exit(3);
		vm_run(&vm, 0);
		_exit(vm.reason == PVHOST_EXIT_NOMEM ? 0 : 4);
	}
	for (int i = 0; i < 200; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			if (status)
				ksft_print_msg("status %x\n", status);
			return status == 0;
		}
		usleep(100000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ksft_print_msg("the guest took all it wanted\n");
	return false;
}

static bool many_machines(void)
{
	enum { N = 40 };
	static struct vm vms[N];
	bool ok = true;

	for (int i = 0; i < N; i++)
		ok &= !vm_create(&vms[i], 1, CASE_NOTHING);
	for (int i = 0; i < N && ok; i++)
		ok = vm_finish(&vms[i]);
	for (int i = 0; i < N; i++)
		vm_destroy(&vms[i]);
	return ok;
}

static bool exec_ends_it(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (!start(CASE_SPIN, 2))
			_exit(1);
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	return waitpid(child, &status, 0) == child && status == 0;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{"close during RUN", close_while_running},
	{"dup during RUN", dup_and_close},
	{"SCM_RIGHTS during RUN", send_over_socket},
	{"a forked child cannot run the machine", fork_cannot_run},
	{"fork during RUN", fork_while_running},
	{"a second RUN of the same vCPU", second_run_is_refused},
	{"state ioctls during RUN", state_while_running},
	{"munmap of guest memory mid-run", unmap_memory},
	{"guest memory mapped over mid-run", unmap_and_map_again},
	{"a device mapped over guest memory", map_device_over},
	{"truncate of guest memory mid-run", truncate_memory},
	{"mprotect of guest memory mid-run", protect_memory},
	{"holes in guest memory mid-run", punch_memory},
	{"mprotect against holes, mid-run", remap_against_punch},
	{"discard of read-only and of several mappings", discard_mappings},
	{"slot removed mid-run", remove_slot_while_running},
	{"shared page flipped while it is read", flipped_page},
	{"20,000 events, none lost", events_are_not_lost},
	{"signals to the vCPU thread mid-guest", signals_while_running},
	{"immediate_exit", immediate_exit},
	{"kicks are counted", kicks_are_counted},
	{"bound descriptor replaced meanwhile", binding_against_dup},
	{"a thread with port rights is refused", ioperm_is_refused},
	{"a thread with TLS descriptors is refused", tls_is_refused},
	{"timers when the clock is set", clock_moves_timers},
	{"state of an offline vCPU; refused state changes nothing", offline_state},
	{"kill -9 of 16 spinning vCPUs frees everything", kill_spinning},
	{"kill -9 of a blocked vCPU", kill_blocked},
	{"kill -9 of a machine that touches all its memory", kill_touching},
	{"kill -9 in the midst of giant batches", kill_batching},
	{"execve with vCPUs running", exec_ends_it},
	{"RLIMIT_MEMLOCK", locked_memory_limit},
	{"40 machines at once", many_machines},
};

int main(void)
{
	int n = ARRAY_SIZE(tests);

	ksft_print_header();
	close(open_device());
	signal(SIGWINCH, SIG_IGN);
	ksft_set_plan(n);
	for (int i = 0; i < n; i++)
		ksft_test_result(tests[i].run(), "%s\n", tests[i].name);
	ksft_finished();
}
