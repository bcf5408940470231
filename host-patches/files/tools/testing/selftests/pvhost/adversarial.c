// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that do what a guest must not gain by.  Each test names the case it covers;
 * a clean kernel log afterwards is part of the assertion and looked at by whoever
 * runs this.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

static const struct {
	const char *name;
	enum guest_case number;
	int vcpus;
	uint64_t count;
} cases[] = {
	{"a guest that shuts down", CASE_NOTHING, 1, 0},
	{"privileged instructions, kernel mode", CASE_PRIVILEGED, 1, 0},
	{"every INT n, kernel mode", CASE_ALL_INT, 1, 0},
	{"vsyscall page, kernel mode", CASE_VSYSCALL, 1, 0},
	{"SGDT-class operands, kernel mode", CASE_UMIP, 1, 0},
	{"all 65,536 selectors, kernel mode", CASE_SELECTORS, 1, 0},
	{"IN and OUT, kernel mode", CASE_IO, 1, 0},
	{"every RFLAGS bit, kernel mode", CASE_POPF, 1, 0},
	{"single step, kernel mode", CASE_SINGLE_STEP, 1, 0},
	{"TF and MOV SS, kernel mode", CASE_MOV_SS, 1, 0},
	{"non-canonical RIP and operands, kernel mode", CASE_NON_CANONICAL, 1, 0},
	{"SYSENTER, kernel mode", CASE_SYSENTER, 1, 0},
	{"alignment check, kernel mode", CASE_ALIGNMENT, 1, 0},
	{"divide error, kernel mode", CASE_DIVIDE, 1, 0},
	{"x87 trap, kernel mode", CASE_FPU_TRAP, 1, 0},
	{"WRPKRU of all ones, kernel mode", CASE_PKRU, 1, 0},
	{"layout of the host's half hidden", CASE_HOST_ADDRESSES, 1, 0},
	{"code below PV_VA_MIN", CASE_NULL_CODE, 1, 0},
	{"privileged instructions, user mode", CASE_USER_PRIVILEGED, 1, 0},
	{"every INT n, user mode", CASE_USER_ALL_INT, 1, 0},
	{"vsyscall page, user mode", CASE_USER_VSYSCALL, 1, 0},
	{"SGDT-class operands, user mode", CASE_USER_UMIP, 1, 0},
	{"all 65,536 selectors, user mode", CASE_USER_SELECTORS, 1, 0},
	{"IN and OUT, user mode", CASE_USER_IO, 1, 0},
	{"every RFLAGS bit, user mode", CASE_USER_POPF, 1, 0},
	{"single step, user mode", CASE_USER_SINGLE_STEP, 1, 0},
	{"TF and MOV SS, user mode", CASE_USER_MOV_SS, 1, 0},
	{"non-canonical RIP and operands, user mode", CASE_USER_NON_CANONICAL, 1, 0},
	{"SYSENTER, user mode", CASE_USER_SYSENTER, 1, 0},
	{"alignment check, user mode", CASE_USER_ALIGNMENT, 1, 0},
	{"divide error, user mode", CASE_USER_DIVIDE, 1, 0},
	{"WRPKRU of all ones, user mode", CASE_USER_PKRU, 1, 0},
	{"no hypercalls from user mode", CASE_USER_NO_HYPERCALL, 1, 0},
	{"kernel memory out of reach of user mode", CASE_USER_KERNEL_MEMORY, 1, 0},
	{"RET_USER with hostile frames", CASE_RET_USER_FRAMES, 1, 0},
	{"RET_USER with random ranges", CASE_RET_USER_RANGES, 1, 0},
	{"a kernel stack that is none", CASE_BAD_KERNEL_SP, 1, 0},
	{"double fault entry", CASE_DOUBLE_FAULT_ENTRY, 1, 0},
	{"upcall with a bad stack", CASE_UPCALL_BAD_STACK, 1, 0},
	{"FS and GS bases", CASE_BASES, 1, 0},
	{"entry points out of range", CASE_ENTRIES_RANGE, 1, 0},
	{"frames out of range", CASE_FRAMES_OUT_OF_RANGE, 1, 0},
	{"reserved page-table bits", CASE_RESERVED_BITS, 1, 0},
	{"every permission permutation", CASE_PERMISSIONS, 1, 0},
	{"large pages at wrong levels", CASE_LARGE_WRONG_LEVEL, 1, 0},
	{"self-maps and cycles", CASE_SELF_MAP, 1, 0},
	{"a table written as data", CASE_TABLE_AS_DATA, 1, 0},
	{"one table at several levels", CASE_TABLE_MANY_LEVELS, 1, 0},
	{"non-present entries with frame numbers", CASE_NOT_PRESENT_NOISE, 1, 0},
	{"roots that are none", CASE_BAD_ROOTS, 1, 0},
	{"100,000 address spaces", CASE_MANY_ROOTS, 1, 100000},
	{"drop of the root in use", CASE_DROP_LOADED, 1, 0},
	{"extremes of flush and announce", CASE_FLUSH_ARGS, 1, 0},
	{"unknown hypercalls", CASE_UNKNOWN_CALLS, 1, 0},
	{"unknown features", CASE_FEATURES, 1, 0},
	{"batches with forbidden calls", CASE_BATCH, 1, 0},
	{"console arguments", CASE_CONSOLE_ARGS, 1, 0},
	{"device arguments", CASE_DEV_ARGS, 1, 0},
	{"CPUID leaves", CASE_CPUID, 1, 0},
	{"timer storm", CASE_TIMER_STORM, 1, 20000},
	{"timers early, late, past, huge", CASE_TIMER_EXTREMES, 1, 0},
	{"IPI storm", CASE_IPI_STORM, 2, 50000},
	{"vCPU start arguments", CASE_VCPU_START_ARGS, 2, 0},
	{"SYSCALL, SYSENTER, INT 0x80 and others from 32-bit code", CASE_USER_COMPAT, 1, 0},
	{"write protection holds after a flush", CASE_WRITE_PROTECT, 1, 0},
	{"accessed and dirty bits", CASE_ACCESSED_DIRTY, 1, 0},
	{"unmap and flush against a second vCPU", CASE_SMP_UNMAP_RACE, 2, 20000},
	{"no wake-up lost between block and event", CASE_SMP_PINGPONG, 2, 20000},
	{"exit storm", CASE_EXIT_LOOP, 1, 20000},
	{"console storm", CASE_CONSOLE_STORM, 1, 20000},
};

static const char *word; /* only tests with this in their name */
static uint64_t rounds; /* so many, instead of what the table says */

static void run_case(int i)
{
	ksft_test_result(vm_case(cases[i].number, cases[i].vcpus, rounds ?: cases[i].count),
			 "%s\n", cases[i].name);
}

/* These must end the vCPU with a reason, as a triple fault would. */
static const struct {
	const char *name;
	enum guest_case number;
} fatal[] = {
	{"entry points that are not mapped", CASE_BAD_ENTRY},
	{"no entry points", CASE_NO_ENTRY},
	{"a trap with the interlock set", CASE_BUSY_SET},
	{"a kernel root without the kernel", CASE_KERNEL_ROOT_EMPTY},
};

static bool ends_in_double_fault(enum guest_case number)
{
	struct vm vm;
	bool ok = false;

	if (!vm_create(&vm, 1, number)) {
		vm_run(&vm, 0);
		ok = vm.reason == PVHOST_EXIT_DOUBLE_FAULT;
		if (!ok)
			ksft_print_msg("exit %u\n", vm.reason);
	}
	vm_destroy(&vm);
	return ok;
}

/* Can the host's own programs read the vsyscall page (vsyscall=emulate)? */
static bool vsyscall_readable(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/maps", "r");
	bool found = false;

	while (f && fgets(line, sizeof(line), f))
		found |= strstr(line, "[vsyscall]") && strstr(line, " r");
	if (f)
		fclose(f);
	return found;
}

/* Just read by the launcher, on this CPU: its TLB must not serve the guest. */
static bool vsyscall_after_use(enum guest_case number)
{
	static volatile const unsigned char *const page = (void *)0xffffffffff600000;
	cpu_set_t old, one;
	bool ok;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_getaffinity(0, sizeof(old), &old) || sched_setaffinity(0, sizeof(one), &one))
		return false;
	(void)*page;
	ok = vm_case(number, 1, 0);
	(void)*page;	/* and it is still the launcher's */
	return !sched_setaffinity(0, sizeof(old), &old) && ok;
}

static void test_vsyscall(enum guest_case number, const char *name)
{
	if (vsyscall_readable())
		ksft_test_result(vsyscall_after_use(number), "%s\n", name);
	else
		ksft_test_result_skip("%s: the host lacks vsyscall=emulate\n", name);
}

static bool cpuid_faults(void)
{
	struct pvhost_info info = {.size = sizeof(info)};
	int fd = open_device();
	bool found = !ioctl(fd, PVHOST_GET_INFO, &info) && info.features & PV_FEAT_CPUID_FAULT;

	close(fd);
	return found;
}

static void test_cpuid(enum guest_case number, const char *name)
{
	if (cpuid_faults())
		ksft_test_result(vm_case(number, 1, 0), "%s\n", name);
	else
		ksft_test_result_skip("%s: this CPU cannot make CPUID fault\n", name);
}

/* The ground is taken away: any end will do. */
static bool discard_everything(void)
{
	struct vm vm;
	bool ok = false;

	if (!vm_create(&vm, 1, CASE_DISCARD_EVERYTHING)) {
		vm_run(&vm, 0);
		ok = !(vm.reason == PVHOST_EXIT_SHUTDOWN && vm.status == GUEST_FAIL);
		if (!ok)
			ksft_print_msg("note %lu\n", vm.param->note);
	}
	vm_destroy(&vm);
	return ok;
}

/*
 * Three machines on two CPUs, with canaries of their own in every general, vector, PKRU, FS
 * and GS register: what leaks from one into another, or from the launcher, is seen.
 */
static bool registers_kept(uint64_t switches)
{
	static struct vm vms[3];
	int n = ARRAY_SIZE(vms);
	bool ok = true;

	for (int i = 0; i < n; i++) {
		ok &= !vm_create(&vms[i], 1, CASE_STATE_KEPT);
		if (!ok)
			break;
		vms[i].param->seed = 7 + i;
		vms[i].param->count = switches / n;
		vm_start(&vms[i]);
	}
	for (int i = 0; i < n && ok; i++) {
		pthread_join(vms[i].thread[0], NULL);
		vms[i].started[0] = false;
		ok &= vms[i].reason == PVHOST_EXIT_SHUTDOWN && !vms[i].status;
		if (!ok)
			ksft_print_msg("machine %d: exit %u, status %lu after %lu switches\n", i,
				       vms[i].reason, (unsigned long)vms[i].status,
				       vms[i].param->note);
	}
	for (int i = 0; i < n; i++) {
		vm_stop(&vms[i]);
		vm_destroy(&vms[i]);
	}
	return ok;
}

/* A bound doorbell rings an eventfd, as often as the guest rings it. */
static bool doorbell_storm(void)
{
	struct pvhost_doorbell d = {.size = sizeof(d), .device = 3, .queue = 1};
	uint64_t rung = 0;
	struct vm vm;
	bool ok;

	if (vm_create(&vm, 1, CASE_DOORBELL_STORM))
		return false;
	vm.param->count = 100000;
	d.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ok = !ioctl(vm.fd, PVHOST_BIND_DOORBELL, &d) && vm_finish(&vm);
	ok = ok && read(d.fd, &rung, sizeof(rung)) == sizeof(rung) && rung == 100000;
	if (!ok)
		ksft_print_msg("rung %lu times\n", (unsigned long)rung);
	close(d.fd);
	vm_destroy(&vm);
	return ok;
}

static unsigned int planned;

/* In the first pass tests are counted, in the second they run. */
static bool now(const char *name, bool count)
{
	if (word && !strstr(name, word))
		return false;
	planned += count;
	return !count;
}

static bool canaries(void)
{
	return registers_kept(1000000);
}

/* Tests that are more than a case. */
static void run_others(bool count)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} others[] = {
		{"discard of all memory", discard_everything},
		{"canaries in all registers, 1,000,000 switches", canaries},
		{"doorbell storm", doorbell_storm},
	};
	static const struct {
		const char *name;
		enum guest_case number;
		void (*run)(enum guest_case number, const char *name);
	} conditional[] = {
		{"vsyscall page, just read by the launcher, kernel mode", CASE_VSYSCALL,
		 test_vsyscall},
		{"vsyscall page, just read by the launcher, user mode", CASE_USER_VSYSCALL,
		 test_vsyscall},
		{"CPUID instruction, kernel mode", CASE_CPUID_INSN, test_cpuid},
		{"CPUID instruction, user mode", CASE_USER_CPUID_INSN, test_cpuid},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(others); i++)
		if (now(others[i].name, count))
			ksft_test_result(others[i].run(), "%s\n", others[i].name);
	for (unsigned int i = 0; i < ARRAY_SIZE(conditional); i++)
		if (now(conditional[i].name, count))
			conditional[i].run(conditional[i].number, conditional[i].name);
}

static void run_all(bool count)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		if (now(cases[i].name, count))
			run_case(i);
	for (unsigned int i = 0; i < ARRAY_SIZE(fatal); i++)
		if (now(fatal[i].name, count))
			ksft_test_result(ends_in_double_fault(fatal[i].number), "%s\n",
					 fatal[i].name);
	run_others(count);
}

/* adversarial [WORD [ROUNDS]]: only the tests with this in their name, and so many rounds. */
int main(int argc, char **argv)
{
	if (argc > 1)
		word = argv[1];
	if (argc > 2) {
		rounds = strtoull(argv[2], NULL, 0);
		vm_limit = 0;
	}
	ksft_print_header();
	close(open_device());
	run_all(true);
	ksft_set_plan(planned);
	run_all(false);
	ksft_finished();
}
