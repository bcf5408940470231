// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a vCPU is to its launcher: a timer that two CPUs change at once, a state that is read
 * while the timer fires, a stop that nobody but the vCPU notices, the CPU that it is told it has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

#define SECOND 1000000000UL
#define BIT(n) (1UL << (n))
#define DEBUGFS "/sys/kernel/debug"

enum result { FAILED, PASSED, SKIPPED };

static struct vm vm;
static volatile int stop, hearts_stop;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* Without a timer of the host: none may be left. */
static void spin(uint64_t ns)
{
	for (uint64_t end = now() + ns; now() < end;)
		sched_yield();
}

static bool on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

static int cpus(void)
{
	int n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < MAX_VCPUS ? n : MAX_VCPUS;
}

/* ---- timers ---- */

static volatile unsigned long beats[MAX_VCPUS];

static void *heart(void *arg)
{
	long cpu = (long)arg;

	for (on_cpu(cpu); !hearts_stop; beats[cpu]++)
		usleep(1000);
	return NULL;
}

static volatile unsigned int burst, done[2];

/* Guest time goes to and fro, three times a burst, while the other thread does the same. */
static void *clock_setter(void *arg)
{
	struct pvhost_clock c = {.size = sizeof(c)};
	long me = (long)arg;

	on_cpu(me % cpus());
	for (unsigned int n = 1; !stop; n++) {
		while (burst < n && !stop)
			sched_yield();
		for (unsigned int i = 0; i < 3; i++) {
			c.ns = i & 1 ? 0 : 500 * SECOND;
			ioctl(vm.fd, PVHOST_SET_CLOCK, &c);
		}
		done[me] = n;
	}
	return NULL;
}

static bool set_timer(int i, uint64_t ns)
{
	struct pvhost_state s = {.size = sizeof(s)};

	if (ioctl(vm.vcpu[i], PVHOST_GET_STATE, &s))
		return false;
	s.timer = ns;
	return !ioctl(vm.vcpu[i], PVHOST_SET_STATE, &s);
}

/* Do short sleeps end on all CPUs? */
static bool hearts_beat(void)
{
	bool ok = true;

	for (int i = 0; i < cpus(); i++) {
		unsigned long before = beats[i];

		for (uint64_t end = now() + 5 * SECOND; beats[i] < before + 2 && now() < end;)
			sched_yield();
		if (beats[i] >= before + 2)
			continue;
		ksft_print_msg("CPU %d has no timers any more, after %u bursts\n", i, burst);
		ok = false;
	}
	return ok;
}

static bool set_far_timers(void)
{
	for (int i = 0; i < vm.nr_vcpus; i++)
		if (!set_timer(i, 1000 * SECOND))
			return false;
	return true;
}

/*
 * Whatever a launcher does with guest time, the host's CPUs keep their timers. What is wrong
 * after a burst is put right by the next one, so that each has to be looked at.
 */
static enum result clock_storm(void)
{
	pthread_t hearts[MAX_VCPUS], setters[2];
	bool ok = true;

	if (vm_create(&vm, MAX_VCPUS, CASE_NOTHING) || !set_far_timers())
		return FAILED;
	stop = 0;
	hearts_stop = 0;
	for (long i = 0; i < cpus(); i++)
		pthread_create(&hearts[i], NULL, heart, (void *)i);
	for (long i = 0; i < 2; i++)
		pthread_create(&setters[i], NULL, clock_setter, (void *)i);
	for (uint64_t end = now() + 10 * SECOND; ok && now() < end;) {
		burst++;
		while (done[0] < burst || done[1] < burst)
			sched_yield();
		ok = hearts_beat();
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(setters[i], NULL);
	hearts_stop = 1;
	/* Those that sleep for ever end with the process. */
	for (int i = 0; i < cpus() && ok; i++)
		pthread_join(hearts[i], NULL);
	ksft_print_msg("%u bursts\n", burst);
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

/* It fires on the CPU it was set on, while the other one reads the state. */
static enum result timer_or_event(void)
{
	struct pvhost_state s = {.size = sizeof(s)};
	struct pvhost_clock c = {.size = sizeof(c)};
	bool ok = true;

	if (cpus() < 2)
		return SKIPPED;
	if (vm_create(&vm, 1, CASE_NOTHING))
		return FAILED;
	for (int i = 0; i < 3000 && ok; i++) {
		__atomic_store_n(&vm.page[0]->pending, 0, __ATOMIC_SEQ_CST);
		on_cpu(1);
		ok = !ioctl(vm.fd, PVHOST_GET_CLOCK, &c) && set_timer(0, c.ns + 1000000);
		on_cpu(0);
		do {
			ok = ok && !ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s);
		} while (ok && s.timer);
		ok = ok && __atomic_load_n(&vm.page[0]->pending, __ATOMIC_SEQ_CST) &
				   BIT(PV_EVENT_TIMER);
		if (!ok)
			ksft_print_msg("round %d: neither timer nor event\n", i);
	}
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

/* A deadline is guest time: set forward, it has passed for whom it keeps from running. */
static enum result deadline_moves(void)
{
	struct pvhost_clock c = {.size = sizeof(c)};
	struct pvhost_state s = {.size = sizeof(s)};
	bool ok;

	if (vm_create(&vm, 1, CASE_BLOCK_FOREVER) || ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s))
		return FAILED;
	s.run_flags |= PVHOST_STATE_BLOCKED;
	s.deadline = 1000 * SECOND;
	ok = !ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s);
	vm_start(&vm);
	usleep(100000);
	c.ns = 1001 * SECOND;
	ok = ok && !vm.param->flag && !ioctl(vm.fd, PVHOST_SET_CLOCK, &c) && vm_wait_flag(&vm, 1);
	vm_stop(&vm);
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

/* ---- stopping ---- */

static volatile unsigned long interrupted;

static void *counting_runner(void *arg)
{
	long i = (long)arg;

	while (!vm.ended) {
		if (!ioctl(vm.vcpu[i], PVHOST_RUN, 0))
			break;
		if (!vm.run[i]->immediate_exit)
			interrupted++;
	}
	return NULL;
}

static void nothing(int sig)
{
	(void)sig;
}

/* A vCPU stops others and itself: RUN returns for none of that. */
static enum result stop_is_no_signal(void)
{
	pthread_t t;
	bool ok;

	if (vm_create(&vm, 2, CASE_STOP_OTHER))
		return FAILED;
	signal(SIGUSR1, nothing);
	interrupted = 0;
	vm.param->count = 300;
	pthread_create(&t, NULL, counting_runner, (void *)1L);
	ok = vm_run(&vm, 0) == PVHOST_EXIT_SHUTDOWN && !vm.status;
	vm.run[1]->immediate_exit = 1;
	pthread_kill(t, SIGUSR1);
	pthread_join(t, NULL);
	if (!ok || interrupted)
		ksft_print_msg("exit %u, status %lu at %lu, %lu times EINTR\n", vm.reason,
			       (unsigned long)vm.status, vm.param->note, interrupted);
	ok = ok && !interrupted;
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

static volatile int waiting, gave;

/* Runs vCPU 1 to its first exit, and is about something else then. */
static void *waiter(void *arg)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event e;

	ioctl(vm.vcpu[1], PVHOST_RUN, 0);
	waiting = 1;
	gave = epoll_wait(fd, &e, 1, 1000) ? errno : 0;
	close(fd);
	return arg;
}

/* Who has run a vCPU, and does not now, is not disturbed by its stop. */
static enum result stop_of_an_absent_one(void)
{
	pthread_t t;
	bool ok;

	if (vm_create(&vm, 2, CASE_STOP_ABSENT))
		return FAILED;
	waiting = 0;
	gave = -1;
	pthread_create(&t, NULL, waiter, NULL);
	vm.nr_vcpus = 1;
	vm_start(&vm);
	for (int i = 0; i < 20000 && !waiting; i++)
		usleep(1000);
	usleep(50000);
	__atomic_store_n(&vm.param->flag, GUEST_GO_ON, __ATOMIC_SEQ_CST);
	pthread_join(t, NULL);
	ok = waiting && vm_wait_flag(&vm, GUEST_GO_ON + 1) && gave == 0;
	if (gave)
		ksft_print_msg("epoll_wait: %s\n", strerror(gave));
	vm_stop(&vm);
	vm.nr_vcpus = 2;
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

/* ---- a state that cannot be set ---- */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool same_state(const struct pvhost_state *want)
{
	struct pvhost_state s = {.size = sizeof(s)};

	return !ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s) && !memcmp(&s, want, sizeof(s));
}

/* The n-th allocation fails: then nothing has changed. False if there were not as many. */
static bool set_with_failure(int fd, int n, const struct pvhost_state *new, bool *ok)
{
	struct pvhost_state old = {.size = sizeof(old)};
	char text[16];
	int err;

	*ok = !ioctl(vm.vcpu[0], PVHOST_GET_STATE, &old);
	snprintf(text, sizeof(text), "%d", n);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		*ok = false;
	err = ioctl(vm.vcpu[0], PVHOST_SET_STATE, new) ? errno : 0;
	memset(text, 0, sizeof(text));
	if (pread(fd, text, sizeof(text) - 1, 0) < 0 || pwrite(fd, "0", 1, 0) < 0)
		*ok = false;
	*ok = *ok && same_state(err ? &old : new) && (!err || err == ENOMEM);
	if (!*ok)
		ksft_print_msg("allocation %d: %s, and the state is not what it was\n", n,
			       strerror(err));
	return atoi(text) == 0;
}

/* Roots that no space was made for yet, so that both have to be: once each fails. */
static enum result state_is_set_as_a_whole(void)
{
	struct pvhost_state s = {.size = sizeof(s)};
	int fd = open("/proc/thread-self/fail-nth", O_RDWR), n = 0;
	bool ok = true, more = true;

	if (fd < 0 || !put(DEBUGFS "/failslab/ignore-gfp-wait", "N") ||
	    !put(DEBUGFS "/fail_page_alloc/ignore-gfp-wait", "N") ||
	    !put(DEBUGFS "/fail_page_alloc/min-order", "0"))
		return SKIPPED;
	put(DEBUGFS "/failslab/verbose", "0");
	put(DEBUGFS "/fail_page_alloc/verbose", "0");
	while (more && ok && n < 500) {
		if (vm_create(&vm, 1, CASE_NOTHING) || ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s))
			return FAILED;
		s.kernel_root = GUEST_HEAP;
		s.user_root = GUEST_HEAP + 4096;
		s.rbx = 0x1234;
		more = set_with_failure(fd, ++n, &s, &ok);
		vm_destroy(&vm);
	}
	close(fd);
	ksft_print_msg("%d allocations, each has failed once\n", n - 1);
	return ok && n > 4 && n < 500 ? PASSED : FAILED;
}

/* A jump is done, and the guest is stopped before the fetch: its state is good, and faults. */
static enum result stopped_at_nowhere(void)
{
	static const uint64_t nowhere[] = {PV_VA_MAX, PV_VA_MAX + 0xfff, 0xffff800000000000,
					   0xffffffff81000000, ~0UL};
	struct pvhost_state s, got;
	bool ok = true;

	for (unsigned int i = 0; i < ARRAY_SIZE(nowhere) && ok; i++) {
		s = (struct pvhost_state){.size = sizeof(s)};
		got = s;
		if (vm_create(&vm, 1, CASE_NO_ENTRY) || ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s))
			return FAILED;
		s.rip = nowhere[i];
		ok = !ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s) &&
		     !ioctl(vm.vcpu[0], PVHOST_GET_STATE, &got) && got.rip == nowhere[i];
		if (ok)
			vm_run(&vm, 0);
		if (!ok || vm.reason != PVHOST_EXIT_DOUBLE_FAULT ||
		    vm.run[0]->fault.vector != 14 || vm.run[0]->fault.addr != nowhere[i]) {
			ksft_print_msg("%lx: %s, exit %u\n", nowhere[i], ok ? "set" : "refused",
				       vm.reason);
			ok = false;
		}
		vm_destroy(&vm);
	}
	return ok ? PASSED : FAILED;
}

/* ---- the CPU that the guest sees ---- */

static struct pvhost_cpuid_entry most[PVHOST_MAX_CPUID], entries[PVHOST_MAX_CPUID];
static struct pvhost_cpuid most_arg;

static long cpuid_call(int fd, unsigned long cmd, struct pvhost_cpuid_entry *e, unsigned int nr)
{
	most_arg = (struct pvhost_cpuid){.size = sizeof(most_arg), .entries = (uint64_t)e,
					 .nr = nr};
	return ioctl(fd, cmd, &most_arg) ? -errno : 0;
}

static struct pvhost_cpuid_entry *entry(struct pvhost_cpuid_entry *e, unsigned int nr,
					uint32_t leaf)
{
	for (; nr--; e++)
		if (e->leaf == leaf && !e->subleaf)
			return e;
	ksft_exit_fail_msg("no leaf %x\n", leaf);
}

/* Makes one change to what is supported: the table has to be refused. */
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		memcpy(entries, most, sizeof(most));                                               \
		change;                                                                            \
		if (cpuid_call(vm.fd, PVHOST_SET_CPUID, entries, nr) != -EINVAL) {                 \
			ksft_print_msg("not refused: " #change "\n");                              \
			ok = false;                                                                \
		}                                                                                  \
	} while (0)

static bool refusals(unsigned int nr)
{
	bool ok = true;

	REFUSED(entry(entries, nr, 7)->ecx |= BIT(3));	/* protection keys */
	REFUSED(entry(entries, nr, 7)->edx |= BIT(24));	/* AMX */
	REFUSED(entry(entries, nr, 1)->ecx |= BIT(5));	/* VMX */
	REFUSED(entry(entries, nr, 7)->leaf = 0x15);
	REFUSED(entry(entries, nr, 7)->leaf = 0x40000000);
	REFUSED(entry(entries, nr, 7)->leaf = 1);
	REFUSED(entry(entries, nr, 7)->subleaf = 1);
	REFUSED(entry(entries, nr, 7)->flags = 0);
	REFUSED(entry(entries, nr, 7)->flags |= 2);
	REFUSED(entry(entries, nr, 7)->reserved = 1);
	REFUSED(entries[nr - 1] = *entry(entries, nr, 1));
	REFUSED(entry(entries, nr, 0)->eax = 0x20);
	REFUSED(entry(entries, nr, 0x80000008)->eax++);
	return ok;
}

/* Only features that ring 3 has, and nothing that this interface does not know. */
static enum result cpuid_supported(void)
{
	unsigned int nr;
	bool ok;

	if (vm_create(&vm, 1, CASE_NOTHING))
		return FAILED;
	ok = cpuid_call(vm.dev, PVHOST_GET_SUPPORTED_CPUID, most, 1) == -E2BIG && most_arg.nr > 1;
	ok = ok && !cpuid_call(vm.dev, PVHOST_GET_SUPPORTED_CPUID, most, PVHOST_MAX_CPUID);
	nr = most_arg.nr;
	ok = ok && !cpuid_call(vm.fd, PVHOST_GET_CPUID, entries, PVHOST_MAX_CPUID) &&
	     most_arg.nr == nr && !memcmp(most, entries, nr * sizeof(*most));
	ok = ok && entry(most, nr, 0)->eax <= 0xd && entry(most, nr, 1)->ecx & BIT(31) &&
	     !(entry(most, nr, 1)->ecx & (BIT(3) | BIT(5) | BIT(21))) &&
	     !(entry(most, nr, 7)->ecx & BIT(3)) && !(entry(most, nr, 7)->edx & BIT(24));
	ok = refusals(nr) && ok;
	ok = ok && cpuid_call(vm.fd, PVHOST_SET_CPUID, most, PVHOST_MAX_CPUID + 1) == -EINVAL &&
	     cpuid_call(vm.fd, PVHOST_SET_CPUID, (void *)8, 1) == -EFAULT;
	ok = ok && !cpuid_call(vm.fd, PVHOST_SET_CPUID, most, nr);
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

/* The guest sees what the launcher has set, and it stays so. */
static enum result cpuid_of_a_guest(void)
{
	struct pvhost_cpuid_entry *e;
	unsigned int nr;
	bool ok;

	if (vm_create(&vm, 1, CASE_CPUID_SET) ||
	    cpuid_call(vm.fd, PVHOST_GET_CPUID, entries, PVHOST_MAX_CPUID))
		return FAILED;
	nr = most_arg.nr;
	e = entry(entries, nr, 1);
	e->eax = 0x12345;
	e->edx &= ~BIT(26);	/* SSE2 */
	e = entry(entries, nr, 0);
	e->eax = 1;
	memcpy(&e->ebx, "Twin", 4);
	*entry(entries, nr, 7) = entries[nr - 1];
	ok = !cpuid_call(vm.fd, PVHOST_SET_CPUID, entries, nr - 1) && vm_finish(&vm) &&
	     cpuid_call(vm.fd, PVHOST_SET_CPUID, entries, nr - 1) == -EBUSY;
	vm_destroy(&vm);
	return ok ? PASSED : FAILED;
}

/* ---- barriers ---- */

static bool barriers_ordered(void)
{
	char text[8] = "";
	FILE *f = fopen("/sys/module/pvhost/parameters/ibpb", "r");

	if (f) {
		if (!fgets(text, sizeof(text), f))
			text[0] = 0;
		fclose(f);
	}
	return !strncmp(text, "on", 2);
}

static struct pvhost_stats stats(void)
{
	struct pvhost_stats s = {.size = sizeof(s)};

	if (ioctl(vm.vcpu[0], PVHOST_GET_STATS, &s))
		ksft_exit_fail_msg("GET_STATS: %s\n", strerror(errno));
	return s;
}

/* Every exit is one, and hardly anything else here. */
static enum result barrier_at_an_exit(void)
{
	struct pvhost_stats s;
	bool ok;

	if (!barriers_ordered())
		return SKIPPED;
	if (vm_create(&vm, 1, CASE_EXIT_LOOP))
		return FAILED;
	vm.param->count = 1000;
	ok = vm_finish(&vm);
	s = stats();
	vm_destroy(&vm);
	ksft_print_msg("%llu exits, %llu barriers\n", s.exits, s.barriers);
	return ok && s.barriers >= s.exits && s.barriers < 2 * s.exits ? PASSED : FAILED;
}

/* A thread of the launcher takes the guest its CPU away, again and again. */
static enum result barrier_at_a_preemption(void)
{
	unsigned long long before, after;
	bool ok;

	if (!barriers_ordered())
		return SKIPPED;
	if (!on_cpu(0) || vm_create(&vm, 1, CASE_SPIN))
		return FAILED;
	vm_start(&vm);
	ok = vm_wait_flag(&vm, 1);
	before = stats().barriers;
	spin(SECOND);
	after = stats().barriers;
	vm_stop(&vm);
	vm_destroy(&vm);
	ksft_print_msg("%llu barriers in a second\n", after - before);
	return ok && after - before >= 10 ? PASSED : FAILED;
}

/* Nobody else is there when a guest sleeps: the same branches may be predicted again. */
static enum result no_barrier_for_idleness(void)
{
	struct pvhost_stats s;
	bool ok;

	if (!barriers_ordered() || cpus() < 2)
		return SKIPPED;
	if (vm_create(&vm, 1, CASE_SLEEPS))
		return FAILED;
	vm.param->count = 1000;
	on_cpu(1);
	ok = vm_finish(&vm);
	s = stats();
	vm_destroy(&vm);
	ksft_print_msg("%llu blocks, %llu barriers\n", s.blocks, s.barriers);
	return ok && s.blocks > 500 && s.barriers < s.blocks / 2 ? PASSED : FAILED;
}

/* ---- protection keys ---- */

static bool has_keys(void)
{
	unsigned int a = 7, b, c = 0, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return c & BIT(4);
}

/* A key that a guest has closed is nothing to the host. */
static enum result closed_key(enum guest_case number)
{
	if (!has_keys())
		return SKIPPED;
	return vm_case(number, 1, 0) ? PASSED : FAILED;
}

static enum result closed_key_kernel(void)
{
	return closed_key(CASE_PKRU_MISSING);
}

static enum result closed_key_user(void)
{
	return closed_key(CASE_USER_PKRU_MISSING);
}

static const struct {
	const char *name;
	enum result (*run)(void);
} tests[] = {
	{"a closed key and a page that is missing, kernel mode", closed_key_kernel},
	{"a closed key and a page that is missing, user mode", closed_key_user},
	{"a timer that fires is in the state or in the page", timer_or_event},
	{"guest time set against a far deadline", deadline_moves},
	{"a stopped vCPU does not return from RUN", stop_is_no_signal},
	{"a stop disturbs no other system call", stop_of_an_absent_one},
	{"SET_STATE that fails changes nothing", state_is_set_as_a_whole},
	{"stopped between a jump to nowhere and its fault", stopped_at_nowhere},
	{"CPUID: what is supported, and no more", cpuid_supported},
	{"CPUID: what the launcher has set", cpuid_of_a_guest},
	{"barrier at every exit", barrier_at_an_exit},
	{"barrier before the launcher's other threads", barrier_at_a_preemption},
	{"no barrier when a guest sleeps", no_barrier_for_idleness},
	{"guest time set by two threads, with a timer", clock_storm},
};

int main(int argc, char **argv)
{
	cpu_set_t all;

	ksft_print_header();
	close(open_device());
	sched_getaffinity(0, sizeof(all), &all);
	ksft_set_plan(ARRAY_SIZE(tests));
	for (unsigned int i = 0; i < ARRAY_SIZE(tests); i++) {
		enum result r = SKIPPED;

		sched_setaffinity(0, sizeof(all), &all);
		if (argc < 2 || strstr(tests[i].name, argv[1]))
			r = tests[i].run();
		if (r == SKIPPED)
			ksft_test_result_skip("%s\n", tests[i].name);
		else
			ksft_test_result(r == PASSED, "%s\n", tests[i].name);
	}
	ksft_finished();
}
