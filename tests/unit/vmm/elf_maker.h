/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes small guest images in memory, right ones that a test then spoils.
 */
#ifndef ELF_MAKER_H
#define ELF_MAKER_H

#include <elf.h>
#include <stddef.h>

#include "image.h"

#define MAKER_VA	0x7ff000000000ULL
#define MAKER_SEGMENTS	3

/**
 * struct made_elf - a file with a text segment, a data segment and a note
 * @header: ELF header
 * @phdr: text, data, note
 * @note: head of the note
 * @owner: its name
 * @pv: its descriptor
 * @text: contents of the text segment
 * @data: contents of the data segment
 *
 * Packed, because notes are only aligned to four bytes.
 */
struct made_elf {
	Elf64_Ehdr header;
	Elf64_Phdr phdr[MAKER_SEGMENTS];
	Elf64_Nhdr note;
	char owner[8];
	struct pv_note pv;
	uint8_t text[64];
	uint8_t data[32];
} __attribute__((packed));

/**
 * make_elf() - fill in a file that image_parse() accepts
 * @elf: result
 */
static inline void make_elf(struct made_elf *elf)
{
	*elf = (struct made_elf) {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_entry = MAKER_VA + 0x200010,
			.e_phoff = offsetof(struct made_elf, phdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = MAKER_SEGMENTS,
		},
		.phdr = {
			{
				.p_type = PT_LOAD,
				.p_flags = PF_R | PF_X,
				.p_offset = offsetof(struct made_elf, text),
				.p_vaddr = MAKER_VA + 0x200000,
				.p_paddr = 0x200000,
				.p_filesz = 64,
				.p_memsz = 64,
			}, {
				.p_type = PT_LOAD,
				.p_flags = PF_R | PF_W,
				.p_offset = offsetof(struct made_elf, data),
				.p_vaddr = MAKER_VA + 0x201000,
				.p_paddr = 0x201000,
				.p_filesz = 32,
				.p_memsz = 0x3000,
			}, {
				.p_type = PT_NOTE,
				.p_offset = offsetof(struct made_elf, note),
				.p_filesz = sizeof(Elf64_Nhdr) + 8 + sizeof(struct pv_note),
			},
		},
		.note = { .n_namesz = 8, .n_descsz = sizeof(struct pv_note), .n_type = PV_NOTE_TYPE },
		.owner = PV_NOTE_OWNER,
		.pv = { .major = PV_ABI_MAJOR },
	};
}

#endif
