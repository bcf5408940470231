// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plans guest physical memory: the image lies where it wants to, the rest as high
 * as possible, so that the guest keeps one large piece of RAM.
 */
#include "layout.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "paging.h"

#define PAGE		4096ULL
#define LARGE_PAGE	(2ULL << 20)

static uint64_t page_up(uint64_t value)
{
	return (value + PAGE - 1) & ~(PAGE - 1);
}

/* Adds a range in order; the caller knows that it overlaps no other. */
static void use(struct layout *layout, uint64_t base, uint64_t size, uint32_t type)
{
	struct pv_memory *at = layout->used + layout->nr_used++;

	for (; at > layout->used && at[-1].base > base; at--)
		at[0] = at[-1];
	*at = (struct pv_memory) { .base = base, .size = size, .type = type };
}

/* Finds the highest hole in RAM for size bytes. Return: its gpa, or 0. */
static uint64_t place(struct layout *layout, uint64_t size, uint32_t type)
{
	uint64_t top = layout->ram_bytes;

	for (unsigned int i = layout->nr_used; i-- > 0;) {
		const struct pv_memory *below = layout->used + i;
		uint64_t floor = below->base + below->size;

		if (below->base >= layout->ram_bytes)
			continue;
		if (floor <= top && top - floor >= size)
			break;
		top = below->base;
	}
	/* Page 0 stays free: a gpa of 0 means "none" in the boot information. */
	if (top < size + PAGE)
		return 0;
	use(layout, top - size, size, type);
	return top - size;
}

/* The pages of the image. Segments that share a page become one range. */
static int use_image(struct layout *layout, const struct image *image)
{
	for (unsigned int i = 0; i < image->nr_segments; i++) {
		const struct segment *segment = image->segments + i;
		uint64_t first = segment->gpa & ~(PAGE - 1);
		uint64_t end = page_up(segment->gpa + segment->mem_size);
		struct pv_memory *last = layout->used + layout->nr_used - 1;

		if (end > layout->ram_bytes)
			return fail(ENOMEM, "the image needs memory up to %llu KiB: give more with -m",
				    (unsigned long long)end >> 10);
		if (layout->nr_used && last->base + last->size >= first) {
			if (end > last->base + last->size)
				last->size = end - last->base;
			continue;
		}
		use(layout, first, end - first, PV_MEM_KERNEL);
	}
	return 0;
}

static uint64_t boot_bytes(const struct layout_request *request)
{
	return page_up(sizeof(struct pv_boot) + LAYOUT_MAX_MAP * sizeof(struct pv_memory) +
		       request->nr_devices * sizeof(struct pv_device) + request->cmdline_bytes);
}

static int place_loader(struct layout *layout, const struct layout_request *request)
{
	uint64_t boot = boot_bytes(request);

	layout->loader_bytes = boot + LAYOUT_STACK_BYTES +
			       PAGE * paging_tables_needed(request->image, layout->end);
	layout->loader = place(layout, layout->loader_bytes, PV_MEM_LOADER);
	if (!layout->loader)
		return fail(ENOMEM, "no room for the page tables: give more memory with -m");
	layout->boot = layout->loader;
	layout->stack = layout->boot + boot;
	layout->tables = layout->stack + LAYOUT_STACK_BYTES;
	return 0;
}

/* The direct map and the image's segments must not meet. */
static int check_addresses(const struct layout *layout, const struct image *image)
{
	for (unsigned int i = 0; i < image->nr_segments; i++) {
		const struct segment *segment = image->segments + i;

		if (segment->va < PV_VA_DIRECT + layout->end &&
		    segment->va + segment->mem_size > PV_VA_DIRECT)
			return fail(EINVAL, "a segment of the image lies where memory is mapped, at %#llx",
				    (unsigned long long)PV_VA_DIRECT);
	}
	if (layout->end > PV_VA_MAX - PV_VA_DIRECT)
		return fail(EINVAL, "so much memory cannot be mapped: give less with -m");
	return 0;
}

int layout_plan(struct layout *layout, const struct layout_request *request)
{
	int result;

	memset(layout, 0, sizeof(*layout));
	layout->ram_bytes = request->ram_bytes;
	layout->vcpu_pages = (request->ram_bytes + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	layout->end = layout->vcpu_pages + request->nr_vcpus * PAGE;
	result = use_image(layout, request->image);
	if (!result)
		result = check_addresses(layout, request->image);
	if (result)
		return result;
	if (request->initrd_bytes) {
		if (request->initrd_bytes < layout->ram_bytes)
			layout->initrd = place(layout, page_up(request->initrd_bytes), PV_MEM_INITRD);
		if (!layout->initrd)
			return fail(ENOMEM, "no room for the initrd: give more memory with -m");
	}
	result = place_loader(layout, request);
	if (!result)
		use(layout, layout->vcpu_pages, request->nr_vcpus * PAGE, PV_MEM_VCPU);
	return result;
}

unsigned int layout_map(const struct layout *layout, struct pv_memory *map)
{
	uint64_t at = 0;
	unsigned int n = 0;

	for (unsigned int i = 0; i < layout->nr_used; i++) {
		const struct pv_memory *used = layout->used + i;
		uint64_t end = used->base < layout->ram_bytes ? used->base : layout->ram_bytes;

		if (at < end)
			map[n++] = (struct pv_memory) {
				.base = at, .size = end - at, .type = PV_MEM_RAM,
			};
		map[n++] = *used;
		at = used->base + used->size;
	}
	return n;
}
