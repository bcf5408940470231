// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random hypercalls and page tables (made inside the guest) and random ioctls, from
 * a seed: fuzz [SEED [OPERATIONS]].
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

#define PER_MACHINE 100000

static uint64_t rnd_state;

static uint64_t rnd(void)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return rnd_state * 0x2545f4914f6cdd1dULL;
}

/* A random program may end its vCPU; it may not fail to make progress. */
static bool guest_fuzz(enum guest_case number, uint64_t seed, uint64_t operations)
{
	uint64_t done = 0;

	while (done < operations) {
		struct vm vm;
		uint64_t n;

		if (vm_create(&vm, 1, number))
			return false;
		vm.param->seed = seed++;
		vm.param->count = PER_MACHINE;
		vm_run(&vm, 0);
		n = vm.reason == PVHOST_EXIT_SHUTDOWN ? PER_MACHINE : vm.param->note;
		if (vm.reason != PVHOST_EXIT_SHUTDOWN)
			ksft_print_msg("seed %llu: exit %u after %llu\n",
				       (unsigned long long)seed - 1, vm.reason,
				       (unsigned long long)n);
		vm_destroy(&vm);
		if (!n)
			return false;
		done += n;
	}
	return true;
}

static uint64_t word(const struct vm *vm)
{
	switch (rnd() % 6) {
	case 0:
		return rnd() % 8;
	case 1:
		return (uint64_t)vm->mem + rnd() % 64 * 4096;
	case 2:
		return 1ULL << (rnd() % 64);
	case 3:
		return rnd() % 0x2000 * 4096;
	case 4:
		return ~0ULL - rnd() % 2;
	default:
		return rnd();
	}
}

static void one_ioctl(struct vm *vm)
{
	uint64_t arg[40];
	unsigned int nr = rnd() % 0x28;
	int fds[3] = {vm->dev, vm->fd, vm->vcpu[0]}, r;

	for (int i = 0; i < 40; i++)
		arg[i] = rnd() % 3 ? 0 : word(vm);
	if (rnd() % 8)
		memcpy(arg, &(uint32_t){rnd() % 4 ? 16 + rnd() % 40 * 8 : rnd()}, sizeof(uint32_t));
	if (nr == 0x20 && rnd() % 16)
		return;
	if (nr == 0x20)
		vm->run[0]->immediate_exit = 1;
	r = ioctl(fds[rnd() % 3], _IO(PVHOST_IOC, nr),
		  nr == 0x20   ? NULL
		  : rnd() % 64 ? (void *)arg
			       : (void *)word(vm));
	if (r > 2)
		close(r);
}

static bool ioctl_fuzz(uint64_t seed, uint64_t operations)
{
	struct vm vm;

	rnd_state = seed | 1;
	for (uint64_t done = 0; done < operations; done += PER_MACHINE) {
		if (vm_create(&vm, 1, CASE_NOTHING))
			return false;
		for (uint64_t i = 0; i < PER_MACHINE; i++)
			one_ioctl(&vm);
		/* Memory slots may have been moved over our own memory: only the files matter. */
		vm_destroy(&vm);
	}
	return vm_case(CASE_NOTHING, 1, 0);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	uint64_t operations = argc > 2 ? strtoull(argv[2], NULL, 0) : 1000000;

	ksft_print_header();
	close(open_device());
	ksft_print_msg("seed %llu, %llu operations each\n", (unsigned long long)seed,
		       (unsigned long long)operations);
	ksft_set_plan(3);
	ksft_test_result(guest_fuzz(CASE_FUZZ_CALLS, seed, operations), "random hypercalls\n");
	ksft_test_result(guest_fuzz(CASE_FUZZ_TABLES, seed, operations), "random page tables\n");
	ksft_test_result(ioctl_fuzz(seed, operations), "random ioctls\n");
	ksft_finished();
}
