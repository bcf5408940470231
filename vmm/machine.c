// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a machine: plan, build, run, take down. What happens while it runs is
 * in loop.c (the main thread) and vcpu.c (the others).
 */
#include "machine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "loop.h"
#include "virtio_blk.h"

#define MAX_KERNEL	(1UL << 30)
#define MAX_INITRD	(1UL << 36)

void machine_wake(struct machine *machine)
{
	uint64_t one = 1;

	if (write(machine->wake, &one, sizeof(one)) < 0)
		return;	/* the counter is full: it is awake already */
}

void machine_end(struct machine *machine, enum ending_kind kind, int status)
{
	pthread_mutex_lock(&machine->lock);
	if (machine->ending.kind == ENDING_NONE)
		machine->ending = (struct ending) { .kind = kind, .status = status };
	pthread_mutex_unlock(&machine->lock);
	machine_wake(machine);
}

struct ending machine_ending(struct machine *machine)
{
	struct ending ending;

	pthread_mutex_lock(&machine->lock);
	ending = machine->ending;
	pthread_mutex_unlock(&machine->lock);
	return ending;
}

bool machine_await_round(struct machine *machine, unsigned int *round)
{
	bool over;

	pthread_mutex_lock(&machine->lock);
	while (machine->round == *round && !machine->over)
		pthread_cond_wait(&machine->change, &machine->lock);
	*round = machine->round;
	over = machine->over;
	pthread_mutex_unlock(&machine->lock);
	return !over;
}

void machine_rested(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	if (!--machine->running)
		pthread_cond_broadcast(&machine->change);
	pthread_mutex_unlock(&machine->lock);
}

static void add_device(struct machine *machine, struct device *device)
{
	device->machine = machine;
	device->index = machine->nr_devices;
	machine->devices[machine->nr_devices++] = device;
}

static int add_console(struct machine *machine)
{
	static const struct device_ops ops;
	struct device *console = calloc(1, sizeof(*console));

	if (!console)
		return fail(ENOMEM, "the console: %s", strerror(ENOMEM));
	console->ops = &ops;
	console->entry = (struct pv_device) { .type = PV_DEV_CONSOLE, .event = PV_EVENT_CONSOLE };
	add_device(machine, console);
	return 0;
}

static int add_drives(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->options->nr_drives; i++) {
		struct device *disk = virtio_blk_create(machine->options->drives + i, i);

		if (!disk)
			return -EINVAL;
		disk->entry.event = PV_EVENT_DEVICE + i;
		add_device(machine, disk);
	}
	return 0;
}

static int read_files(const struct options *options, struct machine_plan *plan)
{
	const char *why;
	int result;

	result = file_read(options->kernel, "kernel", MAX_KERNEL, &plan->kernel);
	if (result)
		return result;
	if (image_parse(plan->kernel.data, plan->kernel.size, &plan->image, &why))
		return fail(ENOEXEC, "kernel %s: %s", options->kernel, why);
	if (options->initrd)
		return file_read(options->initrd, "initrd", MAX_INITRD, &plan->initrd);
	return 0;
}

int machine_plan(struct machine *machine, struct machine_plan *plan)
{
	const struct options *options = machine->options;
	struct layout_request request = {
		.image = &plan->image,
		.ram_bytes = options->memory,
		.nr_vcpus = options->nr_vcpus,
		.cmdline_bytes = strlen(options->append) + 1,
	};
	int result;

	memset(plan, 0, sizeof(*plan));
	machine->nr_vcpus = options->nr_vcpus;
	result = read_files(options, plan);
	if (!result)
		result = add_console(machine);
	if (!result)
		result = add_drives(machine);
	request.initrd_bytes = plan->initrd.size;
	request.nr_devices = machine->nr_devices;
	return result ? result : layout_plan(&plan->layout, &request);
}

static const char *type_name(uint32_t type)
{
	static const char *const names[] = {
		[PV_MEM_RAM] = "RAM",
		[PV_MEM_LOADER] = "boot information, stack, page tables",
		[PV_MEM_KERNEL] = "kernel",
		[PV_MEM_INITRD] = "initrd",
		[PV_MEM_VCPU] = "vCPU pages",
	};

	return names[type];
}

void machine_show(const struct machine *machine, const struct machine_plan *plan)
{
	struct pv_memory map[LAYOUT_MAX_MAP];
	unsigned int n = layout_map(&plan->layout, map);

	printf("kernel %s: entry %#" PRIx64 ", PV ABI %u.%u, requires %#" PRIx64 ", wants %#" PRIx64 "\n",
	       machine->options->kernel, plan->image.entry, plan->image.note.major,
	       plan->image.note.minor, plan->image.note.required, plan->image.note.wanted);
	for (unsigned int i = 0; i < plan->image.nr_segments; i++) {
		const struct segment *segment = plan->image.segments + i;

		printf("segment %#14" PRIx64 " at %#10" PRIx64 ", %8" PRIu64 " KiB, %c%c%c\n",
		       segment->va, segment->gpa, (segment->mem_size + 1023) >> 10,
		       segment->rights & IMAGE_READ ? 'r' : '-',
		       segment->rights & IMAGE_WRITE ? 'w' : '-',
		       segment->rights & IMAGE_EXEC ? 'x' : '-');
	}
	for (unsigned int i = 0; i < n; i++)
		printf("memory  %#14" PRIx64 " %8" PRIu64 " KiB  %s\n", map[i].base, map[i].size >> 10,
		       type_name(map[i].type));
	printf("%u vCPU%s, %u device%s, command line \"%s\"\n", machine->nr_vcpus,
	       machine->nr_vcpus == 1 ? "" : "s", machine->nr_devices,
	       machine->nr_devices == 1 ? "" : "s", machine->options->append);
}

/* Makes the machine in the host and fills its memory. */
static int make_vm(struct machine *machine, const struct machine_plan *plan, struct boot_state *state)
{
	struct pv_device devices[MACHINE_MAX_DEVICES];
	struct boot_request request = {
		.image = &plan->image,
		.layout = &plan->layout,
		.initrd = plan->initrd.data,
		.initrd_bytes = plan->initrd.size,
		.cmdline = machine->options->append,
		.nr_vcpus = machine->nr_vcpus,
		.devices = devices,
		.nr_devices = machine->nr_devices,
	};
	int result;

	for (unsigned int i = 0; i < machine->nr_devices; i++)
		devices[i] = machine->devices[i]->entry;
	machine->vm = host_create(machine->host, &plan->image.note, plan->layout.vcpu_pages,
				  machine->nr_vcpus, &request.features);
	if (machine->vm < 0)
		return machine->vm;
	result = host_hide(machine->vm, &machine->options->hidden);
	if (result)
		return result;
	if (!machine->memory.base)
		result = memory_create(&machine->memory, plan->layout.ram_bytes);
	else
		result = memory_clear(&machine->memory);
	if (!result)
		result = boot_fill(&machine->memory, &request, state);
	return result ? result : host_set_memory(machine->vm, &machine->memory);
}

static int create_vcpus(struct machine *machine, const struct boot_state *state)
{
	for (unsigned int i = 0; i < machine->nr_vcpus; i++) {
		int result = vcpu_create(machine->vcpus + i, machine, i);

		if (result)
			return result;
	}
	return vcpu_set_boot(machine->vcpus, state);
}

/* All that a boot needs and nothing that outlives it. */
static int build(struct machine *machine, const struct machine_plan *plan)
{
	struct boot_state state;
	int result = make_vm(machine, plan, &state);

	return result ? result : create_vcpus(machine, &state);
}

static void unbuild(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->nr_vcpus; i++)
		vcpu_destroy(machine->vcpus + i);
	close(machine->vm);
}

/* Calls a function of every device that has it. Return: 0, or the first error. */
static int for_devices(struct machine *machine, int (*call)(struct device *device))
{
	int result = 0;

	for (unsigned int i = 0; !result && i < machine->nr_devices; i++)
		result = call(machine->devices[i]);
	return result;
}

static int start_device(struct device *device)
{
	return device->ops->start ? device->ops->start(device) : 0;
}

static int bind_device(struct device *device)
{
	return device->ops->bind ? device->ops->bind(device) : 0;
}

static int reset_device(struct device *device)
{
	if (device->ops->reset)
		device->ops->reset(device);
	return 0;
}

static int stop_device(struct device *device)
{
	if (device->ops->stop)
		device->ops->stop(device);
	return 0;
}

/*
 * Starts every thread there will be; then this one needs nothing of what a filter
 * takes from it.
 */
static int start_threads(struct machine *machine)
{
	int result = for_devices(machine, start_device);

	for (unsigned int i = 0; !result && i < machine->nr_vcpus; i++) {
		machine->vcpus[i].machine = machine;
		result = vcpu_start(machine->vcpus + i);
	}
	if (!result)
		result = console_open(&machine->console, machine->options, machine->wake);
	return result ? result : sandbox_enter(SANDBOX_MAIN);
}

static void print_stats(struct machine *machine)
{
	struct pvhost_vm_stats stats = { .size = sizeof(stats) };

	for (unsigned int i = 0; i < machine->nr_vcpus; i++)
		vcpu_print_stats(machine->vcpus + i);
	if (ioctl(machine->vm, PVHOST_GET_VM_STATS, &stats))
		return;
	note("machine: %llu pages, %llu address spaces, %llu table pages, %llu evictions, "
	     "%llu invalidations, %llu discards", stats.pages, stats.spaces, stats.table_pages,
	     stats.evictions, stats.invalidations, stats.discards);
}

static void let_run(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	machine->ending.kind = ENDING_NONE;
	machine->running = machine->nr_vcpus;
	machine->round++;
	pthread_cond_broadcast(&machine->change);
	pthread_mutex_unlock(&machine->lock);
}

/* Brings every vCPU to rest. */
static void hold(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->nr_vcpus; i++)
		vcpu_stop(machine->vcpus + i);
	pthread_mutex_lock(&machine->lock);
	while (machine->running)
		pthread_cond_wait(&machine->change, &machine->lock);
	pthread_mutex_unlock(&machine->lock);
}

/* From the first instruction to the last. */
static struct ending run_once(struct machine *machine, struct loop *loop)
{
	let_run(machine);
	loop_run(loop);
	hold(machine);
	if (machine->options->stats)
		print_stats(machine);
	return machine_ending(machine);
}

static void end_vcpus(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	machine->over = true;
	pthread_cond_broadcast(&machine->change);
	pthread_mutex_unlock(&machine->lock);
	for (unsigned int i = 0; i < machine->nr_vcpus; i++)
		thread_join(&machine->vcpus[i].thread);
}

/* Boots until something else than a reboot is asked for. */
static struct ending run_all(struct machine *machine, const struct machine_plan *plan,
			     struct loop *loop)
{
	const struct ending failed = { .kind = ENDING_STATUS, .status = EXIT_LAUNCHER };
	struct ending ending;

	if (build(machine, plan) || start_threads(machine))
		return failed;
	for (;;) {
		if (for_devices(machine, bind_device))
			return failed;
		ending = run_once(machine, loop);
		unbuild(machine);
		if (ending.kind != ENDING_REBOOT || loop->hurry)
			break;
		for_devices(machine, reset_device);
		if (build(machine, plan))
			return failed;
	}
	for_devices(machine, stop_device);
	end_vcpus(machine);
	loop_drain(loop);
	return ending;
}

static int prepare(struct machine *machine)
{
	pthread_mutex_init(&machine->lock, NULL);
	pthread_cond_init(&machine->change, NULL);
	machine->memory_limit = machine_memory_limit();
	machine->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (machine->wake < 0)
		return fail(errno, "no eventfd: %s", strerror(errno));
	machine->host = host_open();
	return machine->host < 0 ? machine->host : 0;
}

struct ending machine_run(struct machine *machine, const struct machine_plan *plan)
{
	struct ending ending = { .kind = ENDING_STATUS, .status = EXIT_LAUNCHER };
	struct loop loop;

	sandbox_switch(machine->options->sandbox);
	if (loop_open(&loop, machine, print_stats))
		return ending;
	if (!prepare(machine))
		ending = run_all(machine, plan, &loop);
	console_close(&machine->console);
	log_close();
	return ending;
}
