// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target: an image that passes the parser must also load, into page tables
 * that say what the image says, without a byte outside guest memory being touched.
 */
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "image.h"

#define RAM	(4UL << 20)

static void load(const struct image *image)
{
	static struct memory memory;
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;
	const char *why;

	if (!image_parse(data, size, &image, &why))
		load(&image);
	return 0;
}
