// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine is paused, its state put into a new one, and goes on there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

#define START_NS 1000000000000ULL /* guest time that no new machine has */

struct saved {
	struct pvhost_clock clock;
	struct {
		struct pvhost_state state;
		char xstate[16384] __attribute__((aligned(64)));
		uint64_t xstate_bytes;
		char page[4096];
	} vcpu[MAX_VCPUS];
	char mem[GUEST_MEM];
};

static struct saved saved;
static struct vm old, new;

static bool call(int fd, unsigned long cmd, void *arg, const char *name)
{
	if (!ioctl(fd, cmd, arg))
		return true;
	ksft_print_msg("%s: %s\n", name, strerror(errno));
	return false;
}

static bool save_vcpu(struct vm *vm, int i)
{
	struct pvhost_xstate x = {.size = sizeof(x),
				  .addr = (uint64_t)saved.vcpu[i].xstate,
				  .bytes = sizeof(saved.vcpu[i].xstate)};

	saved.vcpu[i].state = (struct pvhost_state){.size = sizeof(struct pvhost_state)};
	if (!call(vm->vcpu[i], PVHOST_GET_STATE, &saved.vcpu[i].state, "GET_STATE") ||
	    !call(vm->vcpu[i], PVHOST_GET_XSTATE, &x, "GET_XSTATE"))
		return false;
	saved.vcpu[i].xstate_bytes = x.bytes;
	memcpy(saved.vcpu[i].page, vm->page[i], sizeof(saved.vcpu[i].page));
	return true;
}

static bool save(struct vm *vm)
{
	bool ok;

	saved.clock = (struct pvhost_clock){.size = sizeof(saved.clock)};
	ok = call(vm->fd, PVHOST_GET_CLOCK, &saved.clock, "GET_CLOCK");
	for (int i = 0; i < vm->nr_vcpus; i++)
		ok = ok && save_vcpu(vm, i);
	memcpy(saved.mem, vm->mem, GUEST_MEM);
	return ok;
}

static bool load_vcpu(struct vm *vm, int i)
{
	struct pvhost_xstate x = {.size = sizeof(x),
				  .addr = (uint64_t)saved.vcpu[i].xstate,
				  .bytes = saved.vcpu[i].xstate_bytes};

	memcpy(vm->page[i], saved.vcpu[i].page, sizeof(saved.vcpu[i].page));
	return call(vm->vcpu[i], PVHOST_SET_XSTATE, &x, "SET_XSTATE") &&
	       call(vm->vcpu[i], PVHOST_SET_STATE, &saved.vcpu[i].state, "SET_STATE");
}

/* Into a new machine, whose own state must not show. */
static bool load(struct vm *vm, int nr_vcpus)
{
	bool ok;

	if (vm_create(vm, nr_vcpus, CASE_NOTHING))
		return false;
	memcpy(vm->mem, saved.mem, GUEST_MEM);
	saved.clock.wall_ns = 0;
	ok = call(vm->fd, PVHOST_SET_CLOCK, &saved.clock, "SET_CLOCK");
	for (int i = 0; i < nr_vcpus; i++)
		ok = ok && load_vcpu(vm, i);
	return ok;
}

static bool begin(enum guest_case number, int nr_vcpus)
{
	struct pvhost_clock clock = {.size = sizeof(clock), .ns = START_NS};

	return !vm_create(&old, nr_vcpus, number) &&
	       call(old.fd, PVHOST_SET_CLOCK, &clock, "SET_CLOCK");
}

/* From the old machine, whose threads have ended, into the new one and to its end there. */
static bool move(int nr_vcpus)
{
	struct pvhost_inject event = {.size = sizeof(event), .bits = 1UL << GUEST_EVENT};
	bool ok = save(&old);

	vm_destroy(&old);
	ok = ok && load(&new, nr_vcpus);
	if (ok) {
		__atomic_store_n(&new.param->flag, GUEST_GO_ON, __ATOMIC_SEQ_CST);
		ok = call(new.fd, PVHOST_INJECT, &event, "INJECT") && vm_finish(&new);
	}
	vm_destroy(&new);
	return ok;
}

static bool user_mode(void)
{
	bool ok = begin(CASE_SNAPSHOT_USER, 1);

	vm_start(&old);
	ok = ok && vm_wait_flag(&old, 1);
	vm_stop(&old);
	return move(1) && ok;
}

static bool user_mode_was_saved(void)
{
	const struct pvhost_state *s = &saved.vcpu[0].state;

	return s->mode == PVHOST_MODE_USER && s->user_root != PV_ANY && s->rbx == 0x1111 &&
	       s->cs == PV_CS64;
}

/* The last vCPU gets no thread in the old machine: it is started, but has not seen it. */
static bool several_vcpus(void)
{
	bool ok = begin(CASE_SNAPSHOT_KERNEL, 4);

	old.nr_vcpus = 3;
	vm_start(&old);
	ok = ok && vm_wait_flag(&old, 1);
	vm_stop(&old);
	old.nr_vcpus = 4;
	return move(4) && ok;
}

static bool several_were_saved(void)
{
	const uint16_t wanted[4] = {PVHOST_STATE_BLOCKED, PVHOST_STATE_BLOCKED,
				    PVHOST_STATE_OFFLINE, 0};
	bool ok = true;

	/* The first one may have been just before its call. */
	for (int i = 1; i < 4; i++)
		ok = ok && saved.vcpu[i].state.run_flags == wanted[i];
	return ok && saved.vcpu[2].state.kernel_root == PV_ANY &&
	       saved.vcpu[3].state.kernel_root == GUEST_TABLES &&
	       saved.clock.ns >= START_NS && saved.vcpu[0].state.timer >= START_NS;
}

/* Between an exit and its answer. */
static bool in_an_exit(void)
{
	bool ok = begin(CASE_EXIT_RESULT, 1);

	ok = ok && !ioctl(old.vcpu[0], PVHOST_RUN, 0) &&
	     old.run[0]->reason == PVHOST_EXIT_CONSOLE_READ;
	old.run[0]->result = 3;
	ok = move(1) && ok;
	return ok && saved.vcpu[0].state.rax == 3;
}

/* A state is taken out and put back, again and again, while the guest gets on. */
static bool in_place(void)
{
	bool ok;

	if (vm_create(&old, 1, CASE_EXIT_LOOP))
		return false;
	old.param->count = 300;
	do {
		ok = !ioctl(old.vcpu[0], PVHOST_RUN, 0);
		old.run[0]->result = -ENODEV;
		ok = ok && save_vcpu(&old, 0) && load_vcpu(&old, 0);
	} while (ok && old.run[0]->reason == PVHOST_EXIT_DEV_READ);
	ok = ok && old.run[0]->reason == PVHOST_EXIT_SHUTDOWN && !old.run[0]->shutdown.status;
	vm_destroy(&old);
	return ok;
}

static bool refused(struct pvhost_state *s)
{
	return ioctl(old.vcpu[0], PVHOST_SET_STATE, s) == -1 && errno == EINVAL;
}

static bool bad_roots(void)
{
	struct pvhost_state good = {.size = sizeof(good)}, s;
	bool ok;

	if (vm_create(&old, 1, CASE_NOTHING) ||
	    !call(old.vcpu[0], PVHOST_GET_STATE, &good, "GET_STATE"))
		return false;
	s = good;
	s.kernel_root = PV_ANY;
	ok = refused(&s);
	s = good;
	s.mode = PVHOST_MODE_USER;
	ok = refused(&s) && ok;
	s = good;
	s.run_flags = PVHOST_STATE_SHARED;
	ok = refused(&s) && ok;
	s.user_root = s.kernel_root;
	ok = refused(&s) && ok;
	s.features = PV_FEAT_SHARED_ROOT;
	ok = call(old.vcpu[0], PVHOST_SET_STATE, &s, "SET_STATE: shared root") && ok;
	ok = call(old.vcpu[0], PVHOST_GET_STATE, &s, "GET_STATE") && ok;
	ok = ok && s.user_root == s.kernel_root && s.run_flags == PVHOST_STATE_SHARED;
	ok = call(old.vcpu[0], PVHOST_SET_STATE, &good, "SET_STATE: none again") && ok;
	ok = call(old.vcpu[0], PVHOST_GET_STATE, &s, "GET_STATE") && ok;
	ok = ok && s.user_root == PV_ANY && !s.run_flags;
	ok = ok && vm_finish(&old);
	vm_destroy(&old);
	return ok;
}

/* Does not wait for anything, be the vCPU blocked or offline. */
static bool immediate_exit_of_waiting(void)
{
	bool ok;

	if (vm_create(&old, 2, CASE_BLOCK_FOREVER))
		return false;
	vm_start(&old);
	ok = vm_wait_flag(&old, 1);
	vm_stop(&old);
	/* vm_stop() leaves the flag set: nobody sends a signal now. */
	alarm(30);
	for (int i = 0; i < 2; i++)
		ok = ioctl(old.vcpu[i], PVHOST_RUN, 0) == -1 && errno == EINTR && ok;
	alarm(0);
	vm_destroy(&old);
	return ok;
}

int main(void)
{
	ksft_print_header();
	close(open_device());
	ksft_set_plan(10);
	ksft_test_result(user_mode(), "user mode goes on in another machine\n");
	ksft_test_result(user_mode_was_saved(), "it was in user mode\n");
	ksft_test_result(several_vcpus(), "blocked, offline and starting vCPUs, a timer\n");
	ksft_test_result(several_were_saved(), "they were all that\n");
	ksft_test_result(in_an_exit(), "an exit is answered in another machine\n");
	ksft_test_result(in_place(), "state and xstate put back at every exit\n");
	ksft_test_result(bad_roots(), "roots that are none, and shared ones\n");
	ksft_test_result(immediate_exit_of_waiting(), "immediate_exit of a waiting vCPU\n");
	ksft_test_result(vm_case(CASE_RESTART, 2, 0), "a stopped vCPU starts afresh\n");
	ksft_test_result(vm_case(CASE_PRESERVED, 1, 0), "registers across every hypercall\n");
	ksft_finished();
}
