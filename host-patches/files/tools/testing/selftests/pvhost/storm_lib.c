// SPDX-License-Identifier: GPL-2.0-only
/*
 * One storm: the machine, its threads and ours, and what came of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"
#include "storm_lib.h"

/* Seconds that the guest may take to end, on a slow machine with a debug kernel. */
#define PATIENCE 120
/* What each vCPU has to check before it counts as a test. */
#define ENOUGH 20

const char *const backing_names[BACKINGS] = {"4k", "thp", "hugetlb"};
const char *const program_names[STORM_PROGRAMS] = {"random", "sweeps", "around"};

static const char *const faults[FAULT_NR] = {
	[FAULT_FOREIGN] = "somebody else's data",
	[FAULT_OLD] = "old data after a flush or discard",
	[FAULT_MAPPED] = "an address that maps nothing can be read",
	[FAULT_GONE] = "an address that maps something cannot be used",
	[FAULT_READ_ONLY] = "a write to what is read-only",
	[FAULT_ELSEWHERE] = "a write that went to another page",
	[FAULT_CALL] = "a hypercall failed",
	[FAULT_OUTSIDE] = "an address outside the limits can be read",
};

volatile bool storm_over;
static struct vm vm;
static const struct storm_options *options;
static volatile bool canary_ok, stuck;
static unsigned long missing, nomem;

/* Memory that is not there just now will be: the vCPU tries again. False: it has ended. */
static bool serve(int i)
{
	switch (vm.run[i]->reason) {
	case PVHOST_EXIT_MEMORY:
		__atomic_add_fetch(&missing, 1, __ATOMIC_RELAXED);
		sched_yield();
		return true;
	case PVHOST_EXIT_NOMEM:
		__atomic_add_fetch(&nomem, 1, __ATOMIC_RELAXED);
		usleep(1000);
		return true;
	case PVHOST_EXIT_INTR:
		return true;
	case PVHOST_EXIT_SHUTDOWN:
		vm.status = vm.run[i]->shutdown.status;
		vm.reason = PVHOST_EXIT_SHUTDOWN;
		break;
	default:
		ksft_print_msg("vCPU %d: exit %u at %llx, cause %u vector %u addr %llx\n", i,
			       vm.run[i]->reason, (unsigned long long)vm.run[i]->rip,
			       vm.run[i]->fault.cause, vm.run[i]->fault.vector,
			       (unsigned long long)vm.run[i]->fault.addr);
		vm.reason = vm.run[i]->reason;
	}
	vm.ended = 1;
	return false;
}

/* The calling thread goes to the first CPU, or to the last. */
static void go_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu ? sysconf(_SC_NPROCESSORS_ONLN) - 1 : 0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* What a CPU remembers it forgets when it changes from task to task. */
static void place_vcpu(int i)
{
	if (options->alone)
		go_to(i);
	if (options->alone && i == 0)
		setpriority(PRIO_PROCESS, gettid(), -20);
	/* It has to leave the CPU to others if there are any. */
	if (i < options->fast)
		return;
	go_to(1);
	setpriority(PRIO_PROCESS, gettid(), 19);
}

static void *run_vcpu(void *arg)
{
	int i = (long)arg;

	place_vcpu(i);
	while (!vm.ended) {
		if (ioctl(vm.vcpu[i], PVHOST_RUN, 0) && errno != EINTR) {
			ksft_print_msg("vCPU %d: RUN: %s\n", i, strerror(errno));
			vm.ended = 1;
			break;
		}
		if (!serve(i))
			break;
	}
	return NULL;
}

/* Takes the CPU that slow ones have. */
static void *burn(void *arg)
{
	(void)arg;
	go_to(1);
	while (!storm_over && !oracle->stop)
		;
	return NULL;
}

static void *change(void *arg)
{
	unsigned int seed = options->seed * 2 + 1;

	(void)arg;
	/* First the guest writes all of it, and locks nothing. */
	while (!storm_over && !__atomic_load_n(&vm.param->flag, __ATOMIC_SEQ_CST))
		usleep(1000);
	while (!storm_over) {
		arena_change(&seed);
		usleep(rand_r(&seed) % 1000);
	}
	return NULL;
}

static void *keep_canaries(void *arg)
{
	unsigned int seed = options->seed * 2;

	(void)arg;
	if (options->alone)
		go_to(1);
	while (!storm_over) {
		canary_ok &= canary_turn(&seed);
		usleep(rand_r(&seed) % 200);
	}
	return NULL;
}

static void *press(void *arg)
{
	(void)arg;
	while (!storm_over)
		options->press();
	return NULL;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Until the time is over, the machine has ended, or memory of ours has changed. */
static void wait_for(unsigned int seconds)
{
	double end = now() + seconds;

	while (now() < end && !vm.ended && canary_ok)
		usleep(10000);
}

/* Have all vCPUs checked something? On a busy machine that may take longer than asked for. */
static bool all_busy(void)
{
	int n = options->program == STORM_RANDOM ? vm.nr_vcpus : 1;

	for (int i = 0; i < n; i++)
		if (oracle->counts[i].sure < ENOUGH)
			return false;
	return true;
}

static void run_threads(void)
{
	pthread_t threads[4];
	int n = 0;

	storm_over = false;
	canary_ok = true;
	pthread_create(&threads[n++], NULL, keep_canaries, NULL);
	if (options->change)
		pthread_create(&threads[n++], NULL, change, NULL);
	if (options->fast < options->vcpus)
		pthread_create(&threads[n++], NULL, burn, NULL);
	if (options->press)
		pthread_create(&threads[n++], NULL, press, NULL);
	for (long i = 0; i < vm.nr_vcpus; i++)
		vm.started[i] = !pthread_create(&vm.thread[i], NULL, run_vcpu, (void *)i);
	wait_for(options->seconds);
	for (int i = 0; i < PATIENCE && !all_busy(); i++)
		wait_for(1);
	__atomic_store_n(&oracle->stop, 1, __ATOMIC_SEQ_CST);
	wait_for(PATIENCE);
	stuck = !vm.ended;
	storm_over = true;
	while (n--)
		pthread_join(threads[n], NULL);
	vm_stop(&vm);
	canary_ok &= canary_end();
}

static void report(void)
{
	struct storm_counts sum = {0};

	for (int i = 0; i < vm.nr_vcpus; i++) {
		const struct storm_counts *c = &oracle->counts[i];

		sum.reads += c->reads;
		sum.sure += c->sure;
		sum.writes += c->writes;
		sum.users += c->users;
		sum.remaps += c->remaps;
		sum.flushes += c->flushes;
		sum.announces += c->announces;
		sum.discards += c->discards;
		sum.drops += c->drops;
		sum.rounds += c->rounds;
	}
	ksft_print_msg("%lu rounds, %lu reads, %lu sure, %lu writes, %lu visits to user mode\n",
		       sum.rounds, sum.reads, sum.sure, sum.writes, sum.users);
	ksft_print_msg("%lu remaps, %lu flushes, %lu announcements, %lu discards, %lu drops\n",
		       sum.remaps, sum.flushes, sum.announces, sum.discards, sum.drops);
	ksft_print_msg("%lu times memory was not there, %lu times the host had none\n", missing,
		       nomem);
	if (options->change)
		arena_report();
}

static bool verdict(void)
{
	bool ok = canary_ok && !stuck && !oracle->fault && vm.reason == PVHOST_EXIT_SHUTDOWN &&
		  vm.status == 0;

	if (stuck)
		ksft_print_msg("the guest does not end\n");
	if (oracle->fault && oracle->fault < FAULT_NR)
		ksft_print_msg("%s: vCPU %lu space %lu va 0x%lx: 0x%lx, not 0x%lx; round %lu\n",
			       faults[oracle->fault], oracle->vcpu, oracle->space, oracle->va,
			       oracle->got, oracle->want, oracle->counts[0].rounds);
	else if (vm.status)
		ksft_print_msg("the guest ended with status %lu, note %lu\n",
			       (unsigned long)vm.status, vm.param->note);
	if (!oracle->fault && !all_busy()) {
		ksft_print_msg("the guest makes no progress\n");
		ok = false;
	}
	return ok;
}

static int make_machine(void)
{
	struct pvhost_memory m = {.size = sizeof(m),
				  .slot = 1,
				  .gpa = STORM_GPA,
				  .bytes = STORM_PAGES * 4096UL};
	int err = vm_create(&vm, options->vcpus, CASE_STORM);

	if (err)
		return err;
	vm.param->seed = options->seed;
	oracle = (struct storm *)(vm.mem + STORM_STATE);
	oracle->program = options->program;
	m.hva = (uint64_t)arena;
	return ioctl(vm.fd, PVHOST_SET_MEMORY, &m) ? -errno : 0;
}

enum storm_result_kind storm_run(const struct storm_options *o)
{
	const char *why = arena_open(o->backing);
	bool ok = false;
	int err;

	options = o;
	missing = 0;
	nomem = 0;
	if (why) {
		ksft_print_msg("%s: %s\n", backing_names[o->backing], why);
		arena_close();
		return STORM_SKIPPED;
	}
	err = make_machine();
	if (err) {
		ksft_print_msg("cannot make a machine: %s\n", strerror(-err));
	} else {
		run_threads();
		report();
		ok = verdict();
	}
	vm_destroy(&vm);
	ok &= arena_close();
	return ok ? STORM_OK : STORM_FAILED;
}
