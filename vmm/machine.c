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
static int build(struct machine *machine, const struct machine_plan *plan, struct boot_state *state)
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
	machine->vm = host_create(&plan->image.note, plan->layout.vcpu_pages, machine->nr_vcpus,
				  &request.features);
	if (machine->vm < 0)
		return machine->vm;
	result = memory_create(&machine->memory, plan->layout.ram_bytes);
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

static int start_devices(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->nr_devices; i++) {
		struct device *device = machine->devices[i];
		int result = device->ops->start ? device->ops->start(device) : 0;

		if (result)
			return result;
	}
	return 0;
}

static void stop_devices(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->nr_devices; i++)
		if (machine->devices[i]->ops->stop)
			machine->devices[i]->ops->stop(machine->devices[i]);
}

static int start(struct machine *machine, const struct machine_plan *plan)
{
	struct boot_state state;
	int result;

	machine->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (machine->wake < 0)
		return fail(errno, "no eventfd: %s", strerror(errno));
	result = build(machine, plan, &state);
	if (!result)
		result = create_vcpus(machine, &state);
	if (!result)
		result = start_devices(machine);
	return result ? result : console_open(&machine->console, machine->options);
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

struct ending machine_run(struct machine *machine, const struct machine_plan *plan)
{
	unsigned int running = 0;

	pthread_mutex_init(&machine->lock, NULL);
	if (start(machine, plan))
		return (struct ending) { .kind = ENDING_STATUS, .status = EXIT_LAUNCHER };
	while (running < machine->nr_vcpus && !vcpu_start(machine->vcpus + running))
		running++;
	if (running < machine->nr_vcpus)
		machine_end(machine, ENDING_STATUS, EXIT_LAUNCHER);
	loop_run(machine, print_stats);
	while (running)
		vcpu_stop(machine->vcpus + --running);
	stop_devices(machine);
	if (machine->options->stats)
		print_stats(machine);
	console_close(&machine->console);
	for (unsigned int i = 0; i < machine->nr_vcpus; i++)
		vcpu_destroy(machine->vcpus + i);
	close(machine->vm);
	memory_destroy(&machine->memory);
	return machine->ending;
}
