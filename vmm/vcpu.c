// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs vCPUs. A thread enters the guest and comes back only for what the host
 * cannot do: the console, device registers, the end.
 */
#include "vcpu.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "host.h"
#include "log.h"
#include "machine.h"

#define RETRY_MEMORY	10	/* ms between two attempts without memory */
#define STARVED_NEW	1000	/* ms without lack of memory after which it is another lack */

int vcpu_create(struct vcpu *vcpu, struct machine *machine, unsigned int index)
{
	vcpu->machine = machine;
	vcpu->index = index;
	atomic_store(&vcpu->stopping, false);
	vcpu->starved_last = 0;
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
	if (!ioctl(vcpu->fd, PVHOST_SET_STATE, &state))
		return 0;
	if (errno == ENOMEM)
		return machine_no_memory(vcpu->machine, "for the guest's first instruction");
	return fail(errno, "the host does not take the guest's entry point: %s", strerror(errno));
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
	vcpu->run->result = console_write(&vcpu->machine->console, data, len);
}

static void console_in(struct vcpu *vcpu)
{
	uint64_t gpa = vcpu->run->console.gpa, len = vcpu->run->console.len;
	void *data = buffer(vcpu, gpa, len);

	if (data)
		vcpu->run->result = console_read(&vcpu->machine->console, data, len);
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

/*
 * There is no memory for the guest's next instruction. The host may have some soon, or
 * it kills us. A limit of ours ends the machine unless the vCPU gets on in time: it may
 * be raised from outside, and other vCPUs may give memory back.
 */
static bool wait_for_memory(struct vcpu *vcpu)
{
	struct timespec time = ms_to_timespec(RETRY_MEMORY);
	int64_t now = now_ms();

	if (vcpu->run->rip != vcpu->starved_rip || now - vcpu->starved_last > STARVED_NEW) {
		vcpu->starved_rip = vcpu->run->rip;
		vcpu->starved_since = now;
	}
	vcpu->starved_last = now;
	if (!machine_starved(vcpu->machine, now - vcpu->starved_since))
		return false;
	nanosleep(&time, NULL);
	return true;
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
		return wait_for_memory(vcpu);
	case PVHOST_EXIT_SHUTDOWN:
		shut_down(vcpu);
		return false;
	default:
		crash(vcpu);
		return false;
	}
}

/* Runs the guest until it or the machine ends. */
static void run(struct vcpu *vcpu)
{
	while (!atomic_load_explicit(&vcpu->stopping, memory_order_relaxed)) {
		if (ioctl(vcpu->fd, PVHOST_RUN, 0) && errno != EINTR) {
			fail(errno, "vCPU %u cannot run: %s", vcpu->index, strerror(errno));
			machine_end(vcpu->machine, ENDING_STATUS, EXIT_LAUNCHER);
			return;
		}
		if (!handle_exit(vcpu))
			return;
	}
}

static void vcpu_main(void *arg)
{
	struct vcpu *vcpu = arg;
	unsigned int round = 0;

	while (machine_await_round(vcpu->machine, &round)) {
		run(vcpu);
		machine_rested(vcpu->machine);
	}
}

int vcpu_start(struct vcpu *vcpu)
{
	return thread_start(&vcpu->thread, "a vCPU", SANDBOX_VCPU, vcpu_main, vcpu);
}

void vcpu_stop(struct vcpu *vcpu)
{
	atomic_store(&vcpu->stopping, true);
	/* For a thread that is just about to enter, and for one that is inside. */
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	thread_kick(&vcpu->thread);
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
