// SPDX-License-Identifier: GPL-2.0-only
/*
 * image.c: what it takes, and what it must refuse. Every test copies the file into a
 * block of exactly its size, so that the sanitizer sees a read beyond the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_maker.h"
#include "vmm_unit.h"

/* Parses the first size bytes. Return: the reason for a refusal, or NULL. */
static const char *parse(const struct made_elf *elf, size_t size, struct image *image)
{
	void *copy = malloc(size ? size : 1);
	const char *why = NULL;
	int result;

	memcpy(copy, elf, size);
	result = image_parse(copy, size, image, &why);
	free(copy);
	assert_true(result == 0 || result == -ENOEXEC);
	assert_int_equal(result != 0, why != NULL);
	return why;
}

static void refused(const struct made_elf *elf, const char *reason)
{
	struct image image;
	const char *why = parse(elf, sizeof(*elf), &image);

	assert_non_null(why);
	if (!strstr(why, reason))
		fail_test("refused because \"%s\", not because of \"%s\"\n", why, reason);
}

static void takes_a_good_image(void **state)
{
	struct made_elf elf;
	struct image image;

	(void)state;
	make_elf(&elf);
	assert_null(parse(&elf, sizeof(elf), &image));
	assert_int_equal(image.nr_segments, 2);
	assert_int_equal(image.entry, elf.header.e_entry);
	assert_int_equal(image.note.major, PV_ABI_MAJOR);
	assert_int_equal(image.segments[0].rights, IMAGE_READ | IMAGE_EXEC);
	assert_int_equal(image.segments[1].mem_size, 0x3000);
}

static void sorts_segments(void **state)
{
	struct made_elf elf;
	struct image image;
	Elf64_Phdr first;

	(void)state;
	make_elf(&elf);
	first = elf.phdr[0];
	elf.phdr[0] = elf.phdr[1];
	elf.phdr[1] = first;
	assert_null(parse(&elf, sizeof(elf), &image));
	assert_int_equal(image.segments[0].gpa, 0x200000);
	assert_int_equal(image.segments[1].gpa, 0x201000);
}

static void refuses_every_truncation(void **state)
{
	struct made_elf elf;
	struct image image;

	(void)state;
	make_elf(&elf);
	for (size_t size = 0; size < sizeof(elf); size++)
		assert_non_null(parse(&elf, size, &image));
}

static void refuses_other_files(void **state)
{
	struct made_elf elf;

	(void)state;
	make_elf(&elf);
	elf.header.e_ident[0] = 0;
	refused(&elf, "not an ELF");
	make_elf(&elf);
	elf.header.e_machine = EM_AARCH64;
	refused(&elf, "64-bit x86");
	make_elf(&elf);
	elf.header.e_ident[EI_CLASS] = ELFCLASS32;
	refused(&elf, "64-bit x86");
	make_elf(&elf);
	elf.header.e_type = ET_REL;
	refused(&elf, "executable");
	make_elf(&elf);
	elf.phdr[2].p_type = PT_INTERP;
	refused(&elf, "dynamically linked");
}

static void refuses_bad_program_headers(void **state)
{
	struct made_elf elf;

	(void)state;
	make_elf(&elf);
	elf.header.e_phnum = 0;
	refused(&elf, "program headers");
	make_elf(&elf);
	elf.header.e_phentsize = 32;
	refused(&elf, "program headers");
	make_elf(&elf);
	elf.header.e_phoff = UINT64_MAX - 8;
	refused(&elf, "program headers");
	make_elf(&elf);
	elf.header.e_phnum = 0xffff;
	refused(&elf, "program headers");
}

static void refuses_bad_segments(void **state)
{
	struct made_elf elf;

	(void)state;
	make_elf(&elf);
	elf.phdr[0].p_offset = UINT64_MAX - 16;
	refused(&elf, "beyond the end");
	make_elf(&elf);
	elf.phdr[0].p_filesz = 65;
	refused(&elf, "larger in the file");
	make_elf(&elf);
	elf.phdr[1].p_memsz = UINT64_MAX;
	refused(&elf, "beyond any memory");
	make_elf(&elf);
	elf.phdr[1].p_paddr = UINT64_MAX - 0xfff;
	refused(&elf, "beyond any memory");
	make_elf(&elf);
	elf.phdr[1].p_vaddr = 0xffffffff80000000;
	refused(&elf, "outside the addresses");
	make_elf(&elf);
	elf.phdr[1].p_vaddr = PV_VA_MAX - 0x1000;
	refused(&elf, "outside the addresses");
	make_elf(&elf);
	elf.phdr[1].p_vaddr += 8;
	refused(&elf, "within a page");
}

static void refuses_collisions(void **state)
{
	struct made_elf elf;

	(void)state;
	make_elf(&elf);
	elf.phdr[1].p_paddr = 0x200000;
	refused(&elf, "overlap");
	make_elf(&elf);
	elf.phdr[1].p_vaddr = MAKER_VA + 0x200000;
	refused(&elf, "overlap");
	make_elf(&elf);	/* different bytes, but one virtual page for two pages of memory */
	elf.phdr[1].p_vaddr = MAKER_VA + 0x200800;
	elf.phdr[1].p_paddr = 0x201800;
	refused(&elf, "overlap");
}

static void takes_segments_that_share_a_page(void **state)
{
	struct made_elf elf;
	struct image image;

	(void)state;
	make_elf(&elf);
	elf.phdr[1].p_vaddr = MAKER_VA + 0x200800;
	elf.phdr[1].p_paddr = 0x200800;
	assert_null(parse(&elf, sizeof(elf), &image));
}

static void refuses_too_many_segments(void **state)
{
	struct {
		struct made_elf elf;
		Elf64_Phdr more[IMAGE_MAX_SEGMENTS + 1];
	} file;
	struct image image;
	const char *why;

	(void)state;
	make_elf(&file.elf);
	for (unsigned int i = 0; i <= IMAGE_MAX_SEGMENTS; i++) {
		file.more[i] = file.elf.phdr[1];
		file.more[i].p_paddr += i << 20;
		file.more[i].p_vaddr += i << 20;
	}
	file.elf.header.e_phoff = offsetof(typeof(file), more);
	file.elf.header.e_phnum = IMAGE_MAX_SEGMENTS + 1;
	assert_int_equal(image_parse(&file, sizeof(file), &image, &why), -ENOEXEC);
	assert_string_equal(why, "too many segments");
}

static void refuses_bad_notes(void **state)
{
	struct made_elf elf;

	(void)state;
	make_elf(&elf);
	elf.owner[0] = 'X';
	refused(&elf, "no PVGUEST note");
	make_elf(&elf);
	elf.note.n_type = 2;
	refused(&elf, "no PVGUEST note");
	make_elf(&elf);
	elf.note.n_namesz = UINT32_MAX;
	refused(&elf, "cut off");
	make_elf(&elf);
	elf.note.n_descsz = UINT32_MAX;
	refused(&elf, "cut off");
	make_elf(&elf);
	elf.note.n_descsz = sizeof(struct pv_note) - 8;
	refused(&elf, "unknown size");
	make_elf(&elf);
	elf.pv.reserved = 1;
	refused(&elf, "unknown fields");
	make_elf(&elf);
	elf.phdr[2].p_offset = UINT64_MAX - 2;
	refused(&elf, "beyond the end");
}

static void refuses_bad_entry_points(void **state)
{
	struct made_elf elf;

	(void)state;
	make_elf(&elf);
	elf.header.e_entry = MAKER_VA + 0x201000;
	refused(&elf, "entry point");
	make_elf(&elf);
	elf.header.e_entry = MAKER_VA + 0x200000 + 64;
	refused(&elf, "entry point");
	make_elf(&elf);
	elf.header.e_entry = 0;
	refused(&elf, "entry point");
}

int run_image_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_good_image),
		cmocka_unit_test(sorts_segments),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(refuses_other_files),
		cmocka_unit_test(refuses_bad_program_headers),
		cmocka_unit_test(refuses_bad_segments),
		cmocka_unit_test(refuses_collisions),
		cmocka_unit_test(takes_segments_that_share_a_page),
		cmocka_unit_test(refuses_too_many_segments),
		cmocka_unit_test(refuses_bad_notes),
		cmocka_unit_test(refuses_bad_entry_points),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
