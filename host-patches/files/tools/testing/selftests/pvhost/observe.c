// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others see of a machine, and how they reach it: doorbells and events by
 * eventfd, counters, tracepoints.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

#define ROUNDS 500
#define TRACEFS "/sys/kernel/tracing"

static struct vm vm;

static bool bind_doorbell(int fd, unsigned int flags)
{
	struct pvhost_doorbell bind = {
		.size = sizeof(bind), .flags = flags, .device = 1, .queue = 0, .fd = fd};

	return !ioctl(vm.fd, PVHOST_BIND_DOORBELL, &bind);
}

static bool bind_event(int fd, unsigned int flags)
{
	struct pvhost_event bind = {
		.size = sizeof(bind), .flags = flags, .bit = GUEST_EVENT, .fd = fd};

	return !ioctl(vm.fd, PVHOST_BIND_EVENT, &bind);
}

static bool ring(int fd)
{
	uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one);
}

static struct pvhost_stats stats_of(int i)
{
	struct pvhost_stats stats = {.size = sizeof(stats)};

	if (ioctl(vm.vcpu[i], PVHOST_GET_STATS, &stats))
		ksft_print_msg("GET_STATS: %s\n", strerror(errno));
	return stats;
}

/* Bound doorbells are counted by their eventfd and cost no exit; one that is not bound does. */
static bool doorbells(void)
{
	int bell = eventfd(0, EFD_NONBLOCK), event = eventfd(0, 0);
	uint64_t rung = 0;
	bool ok;

	if (vm_create(&vm, 1, CASE_DOORBELLS))
		return false;
	vm.param->count = ROUNDS;
	ok = bind_doorbell(bell, 0) && bind_event(event, 0);
	vm_start(&vm);
	ok = ok && vm_wait_flag(&vm, 1) && read(bell, &rung, sizeof(rung)) == sizeof(rung);
	ok = ok && ring(event);
	for (int i = 0; i < 20000 && ok && !vm.ended; i++)
		usleep(1000);
	vm_stop(&vm);
	ok = ok && vm.reason == PVHOST_EXIT_SHUTDOWN && vm.status == 0;
	if (rung != ROUNDS + 1 || stats_of(0).exit[PVHOST_EXIT_DOORBELL] != 1) {
		ksft_print_msg("rung %llu times, %llu exits\n", (unsigned long long)rung,
			       (unsigned long long)stats_of(0).exit[PVHOST_EXIT_DOORBELL]);
		ok = false;
	}
	ok = ok && bind_doorbell(bell, PVHOST_UNBIND) && bind_event(event, PVHOST_UNBIND);
	vm_destroy(&vm);
	close(bell);
	close(event);
	return ok;
}

static bool pending(void)
{
	return vm.page[0]->pending & 1UL << GUEST_EVENT;
}

/* A signal that is there already counts; one after the binding has gone does not. */
static bool early_and_late(void)
{
	int event = eventfd(1, EFD_NONBLOCK);
	bool ok;

	if (vm_create(&vm, 1, CASE_NOTHING))
		return false;
	ok = bind_event(event, 0) && pending();
	vm.page[0]->pending = 0;
	ok = ok && ring(event) && pending();
	vm.page[0]->pending = 0;
	ok = ok && bind_event(event, PVHOST_UNBIND) && ring(event) && !pending();
	vm_destroy(&vm);
	close(event);
	return ok;
}

static bool exits_by_reason(void)
{
	struct pvhost_stats stats;
	uint64_t sum = 0;
	bool ok;

	if (vm_create(&vm, 1, CASE_EXIT_LOOP))
		return false;
	vm.param->count = ROUNDS;
	ok = vm_finish(&vm);
	stats = stats_of(0);
	for (int i = 0; i < PVHOST_EXIT_MAX; i++)
		sum += stats.exit[i];
	vm_destroy(&vm);
	return ok && stats.exit[PVHOST_EXIT_DEV_READ] == ROUNDS &&
	       stats.exit[PVHOST_EXIT_SHUTDOWN] == 1 && sum == stats.exits &&
	       stats.hypercalls > ROUNDS;
}

/* In a child, which may do nothing else with them. */
static bool read_counters(int vcpu_file, int vm_file)
{
	struct pvhost_vm_stats machine;
	struct pvhost_stats stats;

	if (ioctl(vm_file, PVHOST_INJECT, 0) != -1 || errno != ENOTTY ||
	    write(vm_file, &stats, sizeof(stats)) != -1)
		return false;
	return pread(vcpu_file, &stats, sizeof(stats), 0) == sizeof(stats) &&
	       stats.size == sizeof(stats) && stats.exit[PVHOST_EXIT_DEV_READ] == ROUNDS &&
	       pread(vm_file, &machine, sizeof(machine), 0) == sizeof(machine) &&
	       machine.size == sizeof(machine) && machine.pages > 0;
}

/* Another process reads them, and nothing else; also when only they are left of the machine. */
static bool counters_by_file(void)
{
	int vcpu_file, vm_file, status;
	struct pvhost_stats stats;
	bool ok;
	pid_t pid;

	if (vm_create(&vm, 1, CASE_EXIT_LOOP))
		return false;
	vm.param->count = ROUNDS;
	vcpu_file = ioctl(vm.vcpu[0], PVHOST_STATS_FD, 0);
	vm_file = ioctl(vm.fd, PVHOST_VM_STATS_FD, 0);
	ok = vcpu_file >= 0 && vm_file >= 0 && fcntl(vm_file, F_GETFD) == FD_CLOEXEC;
	ok = ok && ioctl(vm.fd, PVHOST_VM_STATS_FD, 1) == -1 && errno == EINVAL;
	ok = vm_finish(&vm) && ok;
	pid = fork();
	if (pid == 0)
		_exit(!read_counters(vcpu_file, vm_file));
	waitpid(pid, &status, 0);
	vm_destroy(&vm);
	ok = ok && status == 0 && pread(vcpu_file, &stats, sizeof(stats), 0) == sizeof(stats);
	close(vcpu_file);
	close(vm_file);
	return ok;
}

static bool stats_arguments(void)
{
	struct pvhost_stats stats = {.size = sizeof(stats), .flags = 1};
	struct pvhost_vm_stats machine = {.size = sizeof(machine), .flags = 1};
	bool ok;

	if (vm_create(&vm, 1, CASE_NOTHING))
		return false;
	ok = ioctl(vm.vcpu[0], PVHOST_GET_STATS, &stats) == -1 && errno == EINVAL;
	ok = ok && ioctl(vm.fd, PVHOST_GET_VM_STATS, &machine) == -1 && errno == EINVAL;
	/* A launcher that knows less of it gets that much. */
	memset(&stats, 0xff, sizeof(stats));
	stats.size = 16;
	stats.flags = 0;
	ok = ok && !ioctl(vm.vcpu[0], PVHOST_GET_STATS, &stats) && stats.exits == 0 &&
	     stats.hypercalls == ~0ULL;
	vm_destroy(&vm);
	return ok;
}

/* ---- tracepoints ---- */

static bool put(const char *name, const char *text)
{
	char path[200];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), TRACEFS "/%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

static bool trace_has(const char *trace, const char *event)
{
	if (strstr(trace, event))
		return true;
	ksft_print_msg("no event %s\n", event);
	return false;
}

static bool tracepoints(void)
{
	static char trace[1 << 20];
	bool ok = put("trace", "") && put("events/pvhost/enable", "1");
	size_t n = 0;
	FILE *f;

	ok = ok && vm_case(CASE_STATE_KEPT, 1, 0) && vm_case(CASE_TIMER_EXTREMES, 1, 0);
	ok = put("events/pvhost/enable", "0") && ok;
	f = fopen(TRACEFS "/trace", "r");
	if (f) {
		n = fread(trace, 1, sizeof(trace) - 1, f);
		fclose(f);
	}
	trace[n] = 0;
	return ok && trace_has(trace, "pvhost_run:") && trace_has(trace, "pvhost_exit:") &&
	       trace_has(trace, "pvhost_hypercall:") && trace_has(trace, "pvhost_fill:");
}

static bool have_tracepoints(void)
{
	mount("none", TRACEFS, "tracefs", 0, NULL);
	return access(TRACEFS "/events/pvhost/enable", W_OK) == 0;
}

int main(void)
{
	ksft_print_header();
	close(open_device());
	ksft_set_plan(6);
	ksft_test_result(doorbells(), "doorbells and an event by eventfd\n");
	ksft_test_result(early_and_late(), "an eventfd signalled before, and after\n");
	ksft_test_result(exits_by_reason(), "exits are counted by reason\n");
	ksft_test_result(counters_by_file(), "counters as a file\n");
	ksft_test_result(stats_arguments(), "GET_STATS: flags and sizes\n");
	if (have_tracepoints())
		ksft_test_result(tracepoints(), "tracepoints\n");
	else
		ksft_test_result_skip("tracepoints: this kernel has none\n");
	ksft_finished();
}
