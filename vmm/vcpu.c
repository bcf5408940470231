// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs vCPUs. A thread enters the guest and comes back only for what the host
 * cannot do: the console, device registers, the end.
 */
#include "vcpu.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "machine.h"
#include "sandbox.h"

#define KICK	SIGUSR1

int vcpu_create(struct vcpu *vcpu, struct machine *machine, unsigned int index)
{
	vcpu->machine = machine;
	vcpu->index = index;
	vcpu->fd = host_create_vcpu(machine->vm, index, &vcpu->run);
	return vcpu->fd < 0 ? vcpu->fd : 0;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	munmap(vcpu->run, 2 * PV_VCPU_SIZE);
	close(vcpu->fd);
}

int vcpu_set_boot(struct vcpu *vcpu, const struct boot_state *boot)
{
	struct pv_vcpu *page = (struct pv_vcpu *)((char *)vcpu->run + PV_VCPU_SIZE);
	struct pvhost_state state = {
		.size = sizeof(state),
		.rip = boot->rip,
		.rsp = boot->rsp,
		.rdi = boot->rdi,
		.rflags = PV_FLAGS_ENTRY,
		.cs = PV_CS64,
		.mode = PVHOST_MODE_KERNEL,
		.kernel_root = boot->root,
		.user_root = PV_ANY,
	};

	page->mask = 1;
	if (ioctl(vcpu->fd, PVHOST_SET_STATE, &state))
		return fail(errno, "the host does not take the guest's entry point: %s", strerror(errno));
	return 0;
}

/* Guest memory of a hypercall's buffer. Return: NULL after setting the result to -EFAULT. */
static void *buffer(struct vcpu *vcpu, uint64_t gpa, uint64_t bytes)
{
	void *at = memory_at(&vcpu->machine->memory, gpa, bytes);

	if (!at)
		vcpu->run->result = -EFAULT;
	return at;
}

static void console_out(struct vcpu *vcpu)
{
	uint64_t gpa = vcpu->run->console.gpa, len = vcpu->run->console.len;
	const void *data = buffer(vcpu, gpa, len);

	if (!data)
		return;
	console_write(&vcpu->machine->console, data, len);
	vcpu->run->result = len;
}

static void console_in(struct vcpu *vcpu)
{
	uint64_t gpa = vcpu->run->console.gpa, len = vcpu->run->console.len;
	void *data = buffer(vcpu, gpa, len);
	bool wanted;

	if (!data)
		return;
	vcpu->run->result = console_read(&vcpu->machine->console, data, len, &wanted);
	if (wanted)
		machine_wake(vcpu->machine);
}

static void device_register(struct vcpu *vcpu, int write)
{
	struct pvhost_run *run = vcpu->run;
	uint64_t value = run->dev.value;
	int result = device_access(vcpu->machine, run->dev.device, run->dev.offset, run->dev.width,
				   &value, write);

	run->result = result || write ? result : (int64_t)value;
}

static void show_message(struct vcpu *vcpu, uint64_t gpa, uint64_t len)
{
	char text[512];
	const char *from;
	size_t n = len < sizeof(text) ? len : sizeof(text) - 1;

	from = memory_at(&vcpu->machine->memory, gpa, n);
	if (!n || !from)
		return;
	for (size_t i = 0; i < n; i++)	/* the terminal must not obey the guest */
		text[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : ' ';
	text[n] = 0;
	note("guest: %s", text);
}

static void shut_down(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	uint64_t how = vcpu->run->shutdown.how;
	int status = vcpu->run->shutdown.status & 0xff;

	show_message(vcpu, vcpu->run->shutdown.gpa, vcpu->run->shutdown.len);
	if (how == PV_SHUTDOWN_REBOOT && !machine->options->no_reboot)
		machine_end(machine, ENDING_REBOOT, status);
	else if (how == PV_SHUTDOWN_PANIC)
		machine_end(machine, ENDING_STATUS, status ? status : 1);
	else
		machine_end(machine, ENDING_STATUS, status);
}

static void crash(struct vcpu *vcpu)
{
	const struct pvhost_run *run = vcpu->run;

	if (run->reason == PVHOST_EXIT_MEMORY)
		note("vCPU %u: guest memory at %#llx is gone", vcpu->index,
		     (unsigned long long)run->fault.addr);
	else
		note("vCPU %u: double fault: cause %u, vector %u, error %#llx, address %#llx, "
		     "rip %#llx, rsp %#llx", vcpu->index, run->fault.cause, run->fault.vector,
		     (unsigned long long)run->fault.error, (unsigned long long)run->fault.addr,
		     (unsigned long long)run->rip, (unsigned long long)run->fault.sp);
	machine_end(vcpu->machine, ENDING_STATUS, EXIT_CRASHED);
}

/* The host is out of memory: it may have some soon, or it kills us. */
static void wait_for_memory(void)
{
	struct timespec time = { .tv_nsec = 10 * 1000 * 1000 };

	nanosleep(&time, NULL);
}

/* Return: whether the vCPU goes on. */
static bool handle_exit(struct vcpu *vcpu)
{
	struct pvhost_run *run = vcpu->run;

	switch (run->reason) {
	case PVHOST_EXIT_INTR:
	case PVHOST_EXIT_NONE:
		return true;
	case PVHOST_EXIT_CONSOLE_WRITE:
		console_out(vcpu);
		return true;
	case PVHOST_EXIT_CONSOLE_READ:
		console_in(vcpu);
		return true;
	case PVHOST_EXIT_DEV_READ:
		device_register(vcpu, 0);
		return true;
	case PVHOST_EXIT_DEV_WRITE:
		device_register(vcpu, 1);
		return true;
	case PVHOST_EXIT_DOORBELL:
		run->result = device_doorbell(vcpu->machine, run->dev.device, run->dev.offset);
		return true;
	case PVHOST_EXIT_NOMEM:
		wait_for_memory();
		return true;
	case PVHOST_EXIT_SHUTDOWN:
		shut_down(vcpu);
		return false;
	default:
		crash(vcpu);
		return false;
	}
}

static void *vcpu_main(void *arg)
{
	struct vcpu *vcpu = arg;

	if (vcpu->machine->options->sandbox && sandbox_enter(SANDBOX_VCPU)) {
		machine_end(vcpu->machine, ENDING_STATUS, EXIT_LAUNCHER);
		return NULL;
	}
	while (!atomic_load_explicit(&vcpu->stopping, memory_order_relaxed)) {
		if (ioctl(vcpu->fd, PVHOST_RUN, 0) && errno != EINTR) {
			fail(errno, "vCPU %u cannot run: %s", vcpu->index, strerror(errno));
			machine_end(vcpu->machine, ENDING_STATUS, EXIT_LAUNCHER);
			break;
		}
		if (!handle_exit(vcpu))
			break;
	}
	return NULL;
}

static void on_kick(int signal)
{
	(void)signal;	/* its only purpose is to interrupt PVHOST_RUN */
}

int vcpu_start(struct vcpu *vcpu)
{
	struct sigaction action = { .sa_handler = on_kick };
	int error;

	sigaction(KICK, &action, NULL);
	error = pthread_create(&vcpu->thread, NULL, vcpu_main, vcpu);
	if (error)
		return fail(error, "no thread for vCPU %u: %s", vcpu->index, strerror(error));
	return 0;
}

void vcpu_stop(struct vcpu *vcpu)
{
	atomic_store(&vcpu->stopping, true);
	/* For a thread that is just about to enter, and for one that is inside. */
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(vcpu->thread, KICK);
	pthread_join(vcpu->thread, NULL);
}

void vcpu_print_stats(struct vcpu *vcpu)
{
	struct pvhost_stats stats = { .size = sizeof(stats) };

	if (ioctl(vcpu->fd, PVHOST_GET_STATS, &stats))
		return;
	note("vCPU %u: exits %llu, hypercalls %llu, syscalls %llu, traps %llu, events %llu, switches %llu",
	     vcpu->index, stats.exits, stats.hypercalls, stats.syscalls, stats.traps, stats.events,
	     stats.switches);
	note("vCPU %u: fills %llu (2M %llu, around %llu), announced %llu, flushes %llu, blocks %llu, "
	     "ipis %llu, kicks %llu, yields %llu, timers %llu", vcpu->index, stats.fills,
	     stats.fills_2m, stats.around, stats.announced, stats.flushes, stats.blocks, stats.ipis,
	     stats.kicks, stats.yields, stats.timers);
	note("vCPU %u: exits for console %llu out, %llu in; devices %llu read, %llu written, "
	     "%llu doorbells; %llu interrupted", vcpu->index, stats.exit[PVHOST_EXIT_CONSOLE_WRITE],
	     stats.exit[PVHOST_EXIT_CONSOLE_READ], stats.exit[PVHOST_EXIT_DEV_READ],
	     stats.exit[PVHOST_EXIT_DEV_WRITE], stats.exit[PVHOST_EXIT_DOORBELL],
	     stats.exit[PVHOST_EXIT_INTR]);
}
