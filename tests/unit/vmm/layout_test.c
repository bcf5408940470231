// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.c, paging.c and boot.c: what the guest finds in memory, seen with the eyes of
 * the guest: through its page tables.
 */
#include <errno.h>
#include <string.h>

#include "boot.h"
#include "elf_maker.h"
#include "guest_view.h"
#include "vmm_unit.h"

#define MIB	(1ULL << 20)

struct built {
	struct made_elf elf;
	struct image image;
	struct layout layout;
	struct memory memory;
	struct boot_state state;
};

static const struct pv_device console = { .type = PV_DEV_CONSOLE, .event = PV_EVENT_CONSOLE };

static int plan(struct built *built, uint64_t ram, unsigned int nr_vcpus, uint64_t initrd)
{
	struct layout_request request = {
		.image = &built->image,
		.ram_bytes = ram,
		.nr_vcpus = nr_vcpus,
		.nr_devices = 1,
		.cmdline_bytes = sizeof("words"),
		.initrd_bytes = initrd,
	};
	const char *why;

	assert_int_equal(image_parse(&built->elf, sizeof(built->elf), &built->image, &why), 0);
	return layout_plan(&built->layout, &request);
}

static void build(struct built *built, uint64_t ram, unsigned int nr_vcpus, uint64_t initrd)
{
	static const char bytes[3 * 4096] = "initrd";
	struct boot_request request = {
		.image = &built->image,
		.layout = &built->layout,
		.initrd = bytes,
		.initrd_bytes = initrd,
		.cmdline = "words",
		.nr_vcpus = nr_vcpus,
		.devices = &console,
		.nr_devices = 1,
		.features = 5,
	};

	make_elf(&built->elf);
	memset(built->elf.text, 0x90, sizeof(built->elf.text));
	assert_int_equal(plan(built, ram, nr_vcpus, initrd), 0);
	assert_int_equal(memory_create(&built->memory, ram), 0);
	assert_int_equal(boot_fill(&built->memory, &request, &built->state), 0);
}

static uint64_t walk(const struct built *built, uint64_t va, uint64_t *size)
{
	return guest_walk(&built->memory, built->state.root, va, size);
}

/* Guest memory at a virtual address, which must be mapped. */
static void *at(const struct built *built, uint64_t va, uint64_t bytes)
{
	uint64_t size, leaf = walk(built, va, &size);
	void *here;

	assert_int_not_equal(leaf, 0);
	here = memory_at(&built->memory, guest_gpa(leaf, size, va), bytes);
	assert_non_null(here);
	return here;
}

static void maps_segments_with_their_rights(void **state)
{
	struct built built;
	uint64_t size, leaf;

	(void)state;
	build(&built, 16 * MIB, 1, 0);
	leaf = walk(&built, MAKER_VA + 0x200000, &size);
	assert_int_equal(leaf & PV_PTE_ADDR, 0x200000);
	assert_int_equal(leaf & (PV_PTE_W | PV_PTE_NX), 0);
	leaf = walk(&built, MAKER_VA + 0x202000, &size);
	assert_int_equal(leaf & PV_PTE_ADDR, 0x202000);
	assert_int_equal(leaf & (PV_PTE_W | PV_PTE_NX), PV_PTE_W | PV_PTE_NX);
	assert_int_equal(walk(&built, MAKER_VA + 0x204000, &size), 0);
	assert_int_equal(*(uint8_t *)at(&built, built.state.rip, 1), 0x90);
	memory_destroy(&built.memory);
}

static void maps_all_memory_directly(void **state)
{
	struct built built;
	uint64_t size, leaf;

	(void)state;
	build(&built, 16 * MIB, 3, 0);
	for (uint64_t gpa = 0; gpa < 16 * MIB; gpa += 4096) {
		leaf = walk(&built, PV_VA_DIRECT + gpa, &size);
		assert_int_equal(guest_gpa(leaf, size, PV_VA_DIRECT + gpa), gpa);
		assert_int_equal(size, 2 * MIB);
		assert_int_equal(leaf & (PV_PTE_W | PV_PTE_NX), PV_PTE_W | PV_PTE_NX);
	}
	leaf = walk(&built, PV_VA_DIRECT + built.layout.vcpu_pages + 2 * 4096, &size);
	assert_int_equal(leaf & PV_PTE_ADDR, built.layout.vcpu_pages + 2 * 4096);
	assert_int_equal(walk(&built, PV_VA_DIRECT + built.layout.vcpu_pages + 3 * 4096, &size), 0);
	memory_destroy(&built.memory);
}

static void writes_boot_information(void **state)
{
	struct built built;
	struct pv_boot *boot;
	const struct pv_device *device;

	(void)state;
	build(&built, 16 * MIB, 2, 6);
	boot = at(&built, built.state.rdi, sizeof(*boot));
	assert_true(boot->magic == PV_BOOT_MAGIC);
	assert_int_equal(boot->size, sizeof(*boot));
	assert_int_equal(boot->nr_vcpus, 2);
	assert_int_equal(boot->features, 5);
	assert_int_equal(boot->root, built.state.root);
	assert_int_equal(boot->ram_bytes, 16 * MIB);
	assert_string_equal(at(&built, PV_VA_DIRECT + boot->cmdline, 6), "words");
	assert_memory_equal(at(&built, PV_VA_DIRECT + boot->initrd, 6), "initrd", 6);
	device = at(&built, PV_VA_DIRECT + boot->devices, sizeof(*device));
	assert_int_equal(device->type, PV_DEV_CONSOLE);
	assert_int_equal(built.state.rsp % 16, 0);
	memory_destroy(&built.memory);
}

static void describes_every_byte_once(void **state)
{
	struct built built;
	struct pv_memory map[LAYOUT_MAX_MAP];
	uint64_t end = 0, kernel = 0;
	unsigned int n;

	(void)state;
	build(&built, 16 * MIB, 2, 3 * 4096);
	n = layout_map(&built.layout, map);
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(map[i].base % 4096, 0);
		assert_int_equal(map[i].size % 4096, 0);
		assert_int_not_equal(map[i].size, 0);
		assert_int_equal(map[i].base, end);
		end += map[i].size;
		if (map[i].type == PV_MEM_KERNEL)
			kernel += map[i].size;
	}
	assert_int_equal(end, built.layout.end);
	assert_int_equal(kernel, 4 * 4096);
	memory_destroy(&built.memory);
}

static void says_what_does_not_fit(void **state)
{
	struct built built;

	(void)state;
	make_elf(&built.elf);
	assert_int_equal(plan(&built, 16 * MIB, 1, 16 * MIB), -ENOMEM);
	assert_int_equal(plan(&built, 16 * MIB, 1, UINT64_MAX - 4096), -ENOMEM);
	built.elf.phdr[1].p_paddr = 0x1000000;
	assert_int_equal(plan(&built, 16 * MIB, 1, 0), -ENOMEM);
	make_elf(&built.elf);
	built.elf.phdr[1].p_vaddr = PV_VA_DIRECT + 0x1000;
	assert_int_equal(plan(&built, 16 * MIB, 1, 0), -EINVAL);
}

static void places_things_round_the_image(void **state)
{
	struct built built;

	(void)state;
	make_elf(&built.elf);
	/* The data segment at the very top: the rest has to go below it. */
	built.elf.phdr[1].p_paddr = 16 * MIB - 0x3000;
	built.elf.phdr[1].p_vaddr = MAKER_VA + 16 * MIB - 0x3000;
	assert_int_equal(plan(&built, 16 * MIB, 1, 4096), 0);
	assert_true(built.layout.initrd + 4096 <= 16 * MIB - 0x3000);
	assert_true(built.layout.loader + built.layout.loader_bytes <= built.layout.initrd);
	for (unsigned int i = 1; i < built.layout.nr_used; i++)
		assert_true(built.layout.used[i - 1].base + built.layout.used[i - 1].size <=
			    built.layout.used[i].base);
}

static void translates_only_ram(void **state)
{
	struct memory memory;

	(void)state;
	assert_int_equal(memory_create(&memory, 4 * MIB), 0);
	assert_ptr_equal(memory_at(&memory, 0, 4 * MIB), memory.base);
	assert_non_null(memory_at(&memory, 4 * MIB - 1, 1));
	assert_null(memory_at(&memory, 4 * MIB - 1, 2));
	assert_null(memory_at(&memory, UINT64_MAX, 2));
	assert_null(memory_at(&memory, 8, UINT64_MAX));
	memory_destroy(&memory);
}

int run_layout_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_segments_with_their_rights),
		cmocka_unit_test(maps_all_memory_directly),
		cmocka_unit_test(writes_boot_information),
		cmocka_unit_test(describes_every_byte_once),
		cmocka_unit_test(says_what_does_not_fit),
		cmocka_unit_test(places_things_round_the_image),
		cmocka_unit_test(translates_only_ram),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
