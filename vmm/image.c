// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads guest kernel images. The file may have been made by an enemy: every
 * offset and length is checked against the file before it is used, and every
 * sum against overflow, before anything is copied anywhere.
 */
#include "image.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PAGE_MASK	(4096ULL - 1)
#define MAX_GPA		(1ULL << 46)	/* far above any memory; keeps sums small */

struct file {
	const uint8_t *data;
	size_t size;
	const char **why;
};

static int refuse(const struct file *file, const char *why)
{
	*file->why = why;
	return -ENOEXEC;
}

static bool within(const struct file *file, uint64_t offset, uint64_t length)
{
	return offset <= file->size && length <= file->size - offset;
}

static int check_header(const struct file *file, Elf64_Ehdr *header)
{
	if (!within(file, 0, sizeof(*header)))
		return refuse(file, "too short for an ELF file");
	memcpy(header, file->data, sizeof(*header));
	if (memcmp(header->e_ident, ELFMAG, SELFMAG))
		return refuse(file, "not an ELF file");
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64)
		return refuse(file, "not for 64-bit x86");
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return refuse(file, "neither an executable nor a position-independent one");
	if (header->e_phentsize != sizeof(Elf64_Phdr) || !header->e_phnum)
		return refuse(file, "no program headers, or of an unknown size");
	if (!within(file, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr)))
		return refuse(file, "program headers beyond the end of the file");
	return 0;
}

static int check_segment(const struct file *file, const Elf64_Phdr *phdr)
{
	if (phdr->p_filesz > phdr->p_memsz)
		return refuse(file, "a segment is larger in the file than in memory");
	if (!within(file, phdr->p_offset, phdr->p_filesz))
		return refuse(file, "a segment lies beyond the end of the file");
	if (phdr->p_memsz > MAX_GPA || phdr->p_paddr > MAX_GPA)
		return refuse(file, "a segment lies beyond any memory");
	if (phdr->p_vaddr < PV_VA_MIN || phdr->p_vaddr >= PV_VA_MAX ||
	    phdr->p_memsz > PV_VA_MAX - phdr->p_vaddr)
		return refuse(file, "a segment lies outside the addresses of a PV guest "
				    "(an image for real hardware?)");
	if ((phdr->p_vaddr ^ phdr->p_paddr) & PAGE_MASK)
		return refuse(file, "a segment's virtual and physical addresses differ within a page");
	return 0;
}

static bool meet(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Whether two segments want the same byte, or the same virtual page for two pages of memory. */
static bool collide(const struct segment *a, const Elf64_Phdr *b)
{
	uint64_t a_page = a->va & ~PAGE_MASK, b_page = b->p_vaddr & ~PAGE_MASK;
	uint64_t a_size = ((a->va + a->mem_size + PAGE_MASK) & ~PAGE_MASK) - a_page;
	uint64_t b_size = ((b->p_vaddr + b->p_memsz + PAGE_MASK) & ~PAGE_MASK) - b_page;

	if (meet(a->gpa, a->mem_size, b->p_paddr, b->p_memsz) ||
	    meet(a->va, a->mem_size, b->p_vaddr, b->p_memsz))
		return true;
	return meet(a_page, a_size, b_page, b_size) && a->va - a->gpa != b->p_vaddr - b->p_paddr;
}

static int add_segment(const struct file *file, const Elf64_Phdr *phdr, struct image *image)
{
	struct segment *at = image->segments + image->nr_segments;
	struct segment *first = image->segments;
	int result = check_segment(file, phdr);

	if (result)
		return result;
	if (image->nr_segments == IMAGE_MAX_SEGMENTS)
		return refuse(file, "too many segments");
	for (struct segment *other = first; other < at; other++)
		if (collide(other, phdr))
			return refuse(file, "two segments overlap in memory");
	for (; at > first && at[-1].gpa > phdr->p_paddr; at--)
		at[0] = at[-1];
	*at = (struct segment) {
		.data = file->data + phdr->p_offset,
		.file_size = phdr->p_filesz,
		.mem_size = phdr->p_memsz,
		.gpa = phdr->p_paddr,
		.va = phdr->p_vaddr,
		.rights = phdr->p_flags & (IMAGE_EXEC | IMAGE_WRITE | IMAGE_READ),
	};
	image->nr_segments++;
	return 0;
}

static uint64_t align4(uint64_t value)
{
	return (value + 3) & ~3ULL;
}

/* Return: 1 if the note was found, 0 if not, or a negative errno. */
static int find_note(const struct file *file, const Elf64_Phdr *phdr, struct pv_note *note)
{
	uint64_t at = phdr->p_offset, end = at + phdr->p_filesz;
	Elf64_Nhdr header;

	if (!within(file, phdr->p_offset, phdr->p_filesz))
		return refuse(file, "a note lies beyond the end of the file");
	while (end - at >= sizeof(header)) {
		uint64_t name = at + sizeof(header), desc, next;

		memcpy(&header, file->data + at, sizeof(header));
		desc = name + align4(header.n_namesz);
		next = desc + align4(header.n_descsz);
		if (desc > end || header.n_descsz > end - desc)
			return refuse(file, "a note is cut off");
		if (header.n_type == PV_NOTE_TYPE && header.n_namesz == sizeof(PV_NOTE_OWNER) &&
		    !memcmp(file->data + name, PV_NOTE_OWNER, sizeof(PV_NOTE_OWNER))) {
			if (header.n_descsz != sizeof(*note))
				return refuse(file, "its PVGUEST note has an unknown size");
			memcpy(note, file->data + desc, sizeof(*note));
			return note->reserved ? refuse(file, "its PVGUEST note has unknown fields") : 1;
		}
		if (next > end)
			break;
		at = next;
	}
	return 0;
}

static bool is_entry(const struct segment *segment, uint64_t entry)
{
	return (segment->rights & IMAGE_EXEC) && entry >= segment->va &&
	       entry - segment->va < segment->mem_size;
}

static int check_entry(const struct file *file, const struct image *image)
{
	for (unsigned int i = 0; i < image->nr_segments; i++)
		if (is_entry(image->segments + i, image->entry))
			return 0;
	return refuse(file, "its entry point is not in an executable segment");
}

static int take_phdr(const struct file *file, const Elf64_Phdr *phdr, struct image *image,
		     bool *has_note)
{
	int result = 0;

	switch (phdr->p_type) {
	case PT_LOAD:
		return phdr->p_memsz ? add_segment(file, phdr, image) : 0;
	case PT_INTERP:
		return refuse(file, "dynamically linked: a program, not a kernel");
	case PT_NOTE:
		if (!*has_note)
			result = find_note(file, phdr, &image->note);
		if (result > 0)
			*has_note = true;
		return result < 0 ? result : 0;
	default:
		return 0;
	}
}

int image_parse(const void *data, size_t size, struct image *image, const char **why)
{
	const struct file file = { .data = data, .size = size, .why = why };
	bool has_note = false;
	Elf64_Ehdr header;
	int result;

	memset(image, 0, sizeof(*image));
	result = check_header(&file, &header);
	for (unsigned int i = 0; !result && i < header.e_phnum; i++) {
		Elf64_Phdr phdr;

		memcpy(&phdr, file.data + header.e_phoff + i * sizeof(phdr), sizeof(phdr));
		result = take_phdr(&file, &phdr, image, &has_note);
	}
	if (result)
		return result;
	if (!has_note)
		return refuse(&file, "no PVGUEST note: not a PV image");
	if (!image->nr_segments)
		return refuse(&file, "nothing to load");
	image->entry = header.e_entry;
	return check_entry(&file, image);
}
