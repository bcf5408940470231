// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target: an image that passes the parser must also load, into page tables
 * that say what the image says, without a byte outside guest memory being touched.
 */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "guest_view.h"
#include "image.h"

#define RAM	(4UL << 20)

static struct memory memory;

/* The guest must find a byte where the image puts it, with at least the image's rights. */
static void check_byte(const struct segment *segment, uint64_t offset, uint64_t root)
{
	uint64_t va = segment->va + offset, size, leaf = guest_walk(&memory, root, va, &size);

	if (!leaf || guest_gpa(leaf, size, va) != segment->gpa + offset)
		abort();
	if ((segment->rights & IMAGE_WRITE && !(leaf & PV_PTE_W)) ||
	    (segment->rights & IMAGE_EXEC && leaf & PV_PTE_NX))
		abort();
	if (offset < segment->file_size &&
	    memory.base[segment->gpa + offset] != segment->data[offset])
		abort();
}

static void check(const struct image *image, uint64_t root)
{
	for (unsigned int i = 0; i < image->nr_segments; i++) {
		const struct segment *segment = image->segments + i;

		check_byte(segment, 0, root);
		check_byte(segment, segment->mem_size / 2, root);
		check_byte(segment, segment->mem_size - 1, root);
	}
}

static void load(const struct image *image)
{
	struct layout layout;
	struct boot_state state;
	struct layout_request want = {
		.image = image, .ram_bytes = RAM, .nr_vcpus = 1, .nr_devices = 1, .cmdline_bytes = 1,
	};
	static const struct pv_device console = { .type = PV_DEV_CONSOLE };
	struct boot_request request = {
		.image = image, .layout = &layout, .cmdline = "", .nr_vcpus = 1,
		.devices = &console, .nr_devices = 1,
	};

	if (layout_plan(&layout, &want))
		return;
	if (!memory.base && memory_create(&memory, RAM))
		abort();
	memset(memory.base + layout.loader, 0, layout.loader_bytes);
	if (boot_fill(&memory, &request, &state))
		abort();	/* the plan said that it fits */
	check(image, state.root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;
	const char *why;

	if (!image_parse(data, size, &image, &why))
		load(&image);
	return 0;
}
