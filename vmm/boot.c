// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads a guest: image, initrd, page tables, boot information.
 */
#include "boot.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"
#include "paging.h"

static void load_image(const struct memory *memory, const struct image *image)
{
	for (unsigned int i = 0; i < image->nr_segments; i++) {
		const struct segment *segment = image->segments + i;

		memcpy(memory_at(memory, segment->gpa, segment->mem_size), segment->data,
		       segment->file_size);
	}
}

/* The boot information and, behind it, the tables it points to. */
static int write_boot(const struct memory *memory, const struct boot_request *request, uint64_t root)
{
	const struct layout *layout = request->layout;
	uint64_t map = layout->boot + sizeof(struct pv_boot);
	uint64_t devices = map + LAYOUT_MAX_MAP * sizeof(struct pv_memory);
	uint64_t cmdline = devices + request->nr_devices * sizeof(struct pv_device);
	struct pv_boot *boot = memory_at(memory, layout->boot, sizeof(*boot));

	*boot = (struct pv_boot) {
		.magic = PV_BOOT_MAGIC,
		.major = PV_ABI_MAJOR,
		.minor = PV_ABI_MINOR,
		.size = sizeof(*boot),
		.features = request->features,
		.nr_vcpus = request->nr_vcpus,
		.nr_devices = request->nr_devices,
		.memory = map,
		.devices = devices,
		.cmdline = cmdline,
		.initrd = layout->initrd,
		.initrd_size = request->initrd_bytes,
		.vcpu_pages = layout->vcpu_pages,
		.root = root,
		.ram_bytes = layout->ram_bytes,
	};
	boot->nr_memory = layout_map(layout, (struct pv_memory *)(boot + 1));
	memcpy(memory_at(memory, devices, 0), request->devices,
	       request->nr_devices * sizeof(struct pv_device));
	strcpy(memory_at(memory, cmdline, 0), request->cmdline);
	if (getrandom(boot->seed, sizeof(boot->seed), 0) != sizeof(boot->seed))
		return fail(errno, "no random numbers for the guest: %s", strerror(errno));
	return 0;
}

int boot_fill(const struct memory *memory, const struct boot_request *request,
	      struct boot_state *state)
{
	const struct layout *layout = request->layout;
	struct paging paging = {
		.memory = memory,
		.next = layout->tables,
		.end = layout->loader + layout->loader_bytes,
	};

	load_image(memory, request->image);
	if (request->initrd_bytes)
		memcpy(memory_at(memory, layout->initrd, request->initrd_bytes), request->initrd,
		       request->initrd_bytes);
	if (paging_build(&paging, request->image, layout->end))
		return fail(ENOMEM, "too few page tables: a defect of pvrun");
	*state = (struct boot_state) {
		.rip = request->image->entry,
		.rsp = PV_VA_DIRECT + layout->stack + LAYOUT_STACK_BYTES,
		.rdi = PV_VA_DIRECT + layout->boot,
		.root = paging.root,
	};
	return write_boot(memory, request, paging.root);
}
