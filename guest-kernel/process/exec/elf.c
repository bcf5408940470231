// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading ELF programs (gABI chapters 4 and 5, psABI AMD64): static, static position independent,
 * and dynamic ones with their program interpreter. The file may hold anything: every number that
 * leads to a mapping is checked first, and the mapping happens in an address space that is thrown
 * away on failure.
 */
#include <mm.h>
#include <string.h>
#include "exec.h"

#define ELFCLASS64	2
#define ELFDATA2LSB	1
#define EV_CURRENT	1
#define ET_EXEC		2
#define ET_DYN		3
#define EM_X86_64	62
#define PT_LOAD		1
#define PT_INTERP	3
#define PT_GNU_STACK	0x6474e551
#define PF_X		1
#define PF_W		2
#define PF_R		4
#define PHDRS_MAX	65536UL	/* bytes of program headers, as Linux */

/* Where a position-independent program goes, as Linux: two thirds up. */
#define PIE_BASE	0x555555554000UL
#define PIE_RANDOM	(1UL << 28)	/* pages */
#define BRK_RANDOM	(1UL << 13)	/* pages */
#define ALIGN_LIMIT	(1UL << 30)	/* of segments: more is not asked for by mistake */

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

static_assert(sizeof(struct elf_header) == 64 && sizeof(struct elf_phdr) == 56, "ELF-64 layout");

/**
 * struct elf_image - one ELF file being mapped: the program or its interpreter
 * @file: file
 * @header: checked header
 * @phdrs: program headers, allocated
 * @bias: added to the file's addresses
 * @low: lowest mapped address, without @bias
 * @high: end of the highest
 * @align: largest alignment of a segment, to be kept by @bias
 */
struct elf_image {
	struct file *file;
	struct elf_header header;
	struct elf_phdr *phdrs;
	unsigned long bias, low, high, align;
};

/* Source of the zeros behind a segment's file part. */
static const u8 zeros[PAGE_SIZE];

static int read_exactly(struct file *f, void *buf, size_t n, u64 offset)
{
	loff_t pos = (loff_t)offset;
	ssize_t got;

	if (pos < 0)
		return -ENOEXEC;
	got = file_read(f, buf, n, &pos);
	if (got < 0)
		return (int)got;
	return (size_t)got == n ? 0 : -ENOEXEC;
}

static bool header_ok(const struct elf_header *h)
{
	static const u8 magic[] = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT };

	return !memcmp(h->ident, magic, sizeof(magic)) &&
	       (h->type == ET_EXEC || h->type == ET_DYN) && h->machine == EM_X86_64 &&
	       h->phentsize == sizeof(struct elf_phdr) && h->phnum &&
	       h->phnum * sizeof(struct elf_phdr) <= PHDRS_MAX;
}

/* A loadable segment: no sum overflows, all within user space and the file. */
static bool segment_ok(const struct elf_phdr *p, const struct file *f)
{
	if (p->filesz > p->memsz || p->memsz > USER_TOP || p->vaddr > USER_TOP - p->memsz)
		return false;
	if (p->offset > (u64)f->inode->size || p->filesz > (u64)f->inode->size - p->offset)
		return false;
	return !((p->offset ^ p->vaddr) & ~PAGE_MASK);
}

/* Checks all segments and finds the span that they take. */
static int image_span(struct elf_image *im)
{
	const struct elf_phdr *p;

	im->low = ~0UL;
	im->high = 0;
	im->align = PAGE_SIZE;
	for (p = im->phdrs; p < im->phdrs + im->header.phnum; p++) {
		if (p->type != PT_LOAD || !p->memsz)
			continue;
		if (!segment_ok(p, im->file))
			return -ENOEXEC;
		im->low = min(im->low, ALIGN_DOWN(p->vaddr, PAGE_SIZE));
		im->high = max(im->high, ALIGN_UP(p->vaddr + p->memsz, PAGE_SIZE));
		if (p->align <= ALIGN_LIMIT && !(p->align & (p->align - 1)))
			im->align = max(im->align, p->align);
	}
	return im->high ? 0 : -ENOEXEC;
}

/* Fills @im from the file; @head: its first bytes. @im->phdrs is the caller's to free. */
static int image_open(struct elf_image *im, const void *head, size_t head_len)
{
	size_t size;
	int err;

	if (head_len < sizeof(im->header))
		return -ENOEXEC;
	memcpy(&im->header, head, sizeof(im->header));
	if (!header_ok(&im->header))
		return -ENOEXEC;
	size = im->header.phnum * sizeof(struct elf_phdr);
	im->phdrs = kmalloc(size, GFP_KERNEL);
	if (!im->phdrs)
		return -ENOMEM;
	err = read_exactly(im->file, im->phdrs, size, im->header.phoff);
	return err ? err : image_span(im);
}

static const struct elf_phdr *image_find(const struct elf_image *im, u32 type)
{
	const struct elf_phdr *p;

	for (p = im->phdrs; p < im->phdrs + im->header.phnum; p++)
		if (p->type == type)
			return p;
	return NULL;
}

static int segment_prot(const struct elf_phdr *p)
{
	return (p->flags & PF_R ? PROT_READ : 0) | (p->flags & PF_W ? PROT_WRITE : 0) |
	       (p->flags & PF_X ? PROT_EXEC : 0);
}

static int map_file_part(struct mm *mm, struct file *f, const struct elf_phdr *p,
			 unsigned long bias)
{
	unsigned long start = ALIGN_DOWN(p->vaddr, PAGE_SIZE), end = p->vaddr + p->filesz;
	unsigned long tail = ALIGN_UP(end, PAGE_SIZE) - end;
	long at = mm_map(mm, start + bias, ALIGN_UP(end, PAGE_SIZE) - start, segment_prot(p),
			 MAP_PRIVATE | MAP_FIXED, f, p->offset >> PAGE_SHIFT);

	if (at < 0)
		return (int)at;
	/* What follows in the file must not be seen where the program expects zeros. */
	if (p->memsz > p->filesz && tail && (p->flags & PF_W) &&
	    mm_access(mm, end + bias, (void *)zeros, tail, true) != (ssize_t)tail)
		return -ENOMEM;
	return 0;
}

static int map_segment(struct mm *mm, struct file *f, const struct elf_phdr *p, unsigned long bias)
{
	unsigned long start = ALIGN_UP(p->vaddr + p->filesz, PAGE_SIZE);
	unsigned long end = ALIGN_UP(p->vaddr + p->memsz, PAGE_SIZE);
	long at;
	int err;

	if (p->filesz) {
		err = map_file_part(mm, f, p, bias);
		if (err)
			return err;
	} else {
		start = ALIGN_DOWN(p->vaddr, PAGE_SIZE);
	}
	if (start >= end)
		return 0;
	at = mm_map(mm, start + bias, end - start, segment_prot(p),
		    MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, NULL, 0);
	return at < 0 ? (int)at : 0;
}

static int image_map(struct mm *mm, const struct elf_image *im)
{
	unsigned long start = im->low + im->bias, end = im->high + im->bias;
	const struct elf_phdr *p;
	int err;

	/* Below mmap_base, where no stack is. The bias may be negative. */
	if (start > end || start < USER_MIN || end > mm->mmap_base)
		return -ENOEXEC;
	for (p = im->phdrs; p < im->phdrs + im->header.phnum; p++) {
		if (p->type != PT_LOAD || !p->memsz)
			continue;
		err = map_segment(mm, im->file, p, im->bias);
		if (err)
			return err;
	}
	return 0;
}

/* ---- the program interpreter (ld.so) ---- */

static struct file *open_interpreter(const struct elf_image *program, const struct elf_phdr *p)
{
	struct file *f;
	char *path;
	int err;

	if (p->filesz < 2 || p->filesz > PATH_MAX)
		return ERR_PTR(-ENOEXEC);
	path = kmalloc(p->filesz, GFP_KERNEL);
	if (!path)
		return ERR_PTR(-ENOMEM);
	err = read_exactly(program->file, path, p->filesz, p->offset);
	if (!err && path[p->filesz - 1])
		err = -ENOEXEC;
	f = err ? ERR_PTR(err) : file_open_exec(AT_FDCWD, path, 0);
	kfree(path);
	return f;
}

/* A damaged interpreter is another error than a damaged program (execve(2), ELIBBAD). */
static int load_interpreter_file(struct exec *e, struct file *f)
{
	struct elf_image im = { .file = f };
	struct elf_header head;
	int err = read_exactly(f, &head, sizeof(head), 0);

	if (!err)
		err = image_open(&im, &head, sizeof(head));
	if (!err) {
		/* Not at a place of its own choosing: the program may be there. */
		im.bias = ALIGN_DOWN(e->mm->mmap_base - im.high, im.align);
		if (im.header.type != ET_DYN || im.high - im.low > e->mm->mmap_base / 2)
			err = -ENOEXEC;
	}
	if (!err)
		err = image_map(e->mm, &im);
	if (!err) {
		e->base = im.bias;
		e->entry = im.bias + im.header.entry;
	}
	kfree(im.phdrs);
	return err == -ENOEXEC ? -ELIBBAD : err;
}

static int load_interpreter(struct exec *e, const struct elf_image *program,
			    const struct elf_phdr *p)
{
	struct file *f = open_interpreter(program, p);
	int err;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	err = load_interpreter_file(e, f);
	file_allow_write(f);
	file_put(f);
	return err;
}

/* ---- the program ---- */

static void place_layout(struct exec *e, const struct elf_image *im)
{
	struct mm *mm = e->mm;
	const struct elf_phdr *p;

	mm->start_code = ~0UL;
	for (p = im->phdrs; p < im->phdrs + im->header.phnum; p++) {
		unsigned long start = p->vaddr + im->bias, end = start + p->filesz;

		if (p->type != PT_LOAD || !p->memsz)
			continue;
		mm->start_code = min(mm->start_code, start);
		if ((p->flags & PF_X) && end > mm->end_code)
			mm->end_code = end;
		if (start > mm->start_data)
			mm->start_data = start;
		if (end > mm->end_data)
			mm->end_data = end;
		if (p->offset <= im->header.phoff && im->header.phoff - p->offset < p->filesz)
			e->phdr = im->header.phoff - p->offset + start;
	}
	mm->start_brk = im->high + im->bias + exec_random_pages(BRK_RANDOM);
	mm->brk = mm->start_brk;
}

static int load_program(struct exec *e, struct elf_image *im)
{
	const struct elf_phdr *p = image_find(im, PT_GNU_STACK);
	int err;

	if (im->header.type == ET_DYN)
		im->bias = ALIGN_DOWN(PIE_BASE + exec_random_pages(PIE_RANDOM) - im->low,
				      im->align);
	err = image_map(e->mm, im);
	if (err)
		return err;
	e->exec_stack = p && (p->flags & PF_X);
	e->program_entry = im->header.entry + im->bias;
	e->entry = e->program_entry;
	e->phnum = im->header.phnum;
	place_layout(e, im);
	p = image_find(im, PT_INTERP);
	if (p)
		err = load_interpreter(e, im, p);
	if (!err && (e->entry < USER_MIN || e->entry >= USER_TOP))
		err = -ENOEXEC;
	return err;
}

/**
 * elf_load - Map an ELF program into a new address space.
 * @e: @e->file and @e->head are set, @e->mm is empty; entry, phdr, base, ... are filled
 *
 * Context: may sleep.
 * Return: 0, -ENOEXEC if it is no valid ELF file for this machine, -ELIBBAD if its interpreter is
 * not, -ENOMEM, -EIO, or what opening the interpreter gave.
 */
int elf_load(struct exec *e)
{
	struct elf_image im = { .file = e->file };
	int err = image_open(&im, e->head, e->head_len);

	if (!err)
		err = load_program(e, &im);
	kfree(im.phdrs);
	return err;
}
