// SPDX-License-Identifier: GPL-2.0-only
/*
 * A new program's stack: argument and environment strings are collected from the old address
 * space, and laid out in the new one with their vectors as the psABI (3.4.1) and Linux have it:
 *
 *	sp -> argc, argv[], NULL, envp[], NULL, auxv, ..., random bytes, platform,
 *	      argument strings, environment strings, path, 8 zero bytes = stack_top
 */
#include <mm.h>
#include <platform/trap.h>
#include <random.h>
#include <string.h>
#include <uaccess.h>
#include "exec.h"

#define STRING_LIMIT	(32 * PAGE_SIZE)	/* of one string, as Linux */
#define TOTAL_MIN	(32 * PAGE_SIZE)
#define TOTAL_MAX	(6UL << 20)
#define POINTERS_MAX	(1U << 20)
#define STACK_RESERVE	(32 * PAGE_SIZE)	/* mapped below the strings from the start */
#define RANDOM_BYTES	16
#define END_MARK	8
#define PLATFORM	"x86_64"
#define CLOCK_TICKS	100

enum auxv_type {
	AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_BASE = 7,
	AT_FLAGS = 8, AT_ENTRY = 9, AT_UID = 11, AT_EUID = 12, AT_GID = 13, AT_EGID = 14,
	AT_PLATFORM = 15, AT_HWCAP = 16, AT_CLKTCK = 17, AT_SECURE = 23, AT_RANDOM = 25,
	AT_HWCAP2 = 26, AT_EXECFN = 31, AT_MINSIGSTKSZ = 51,
};
#define PHDR_SIZE	56
#define SIGFRAME_FIXED	(440 + 128 + 64 + 16)	/* frame, red zone, alignment */

/* ---- collecting ---- */

static int strings_grow(struct exec_strings *s)
{
	size_t size = s->size ? 2 * s->size : PAGE_SIZE;
	char *buf;

	if (s->size >= s->limit)
		return -E2BIG;
	buf = kvmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (s->used)
		memcpy(buf, s->buf, s->used);
	kvfree(s->buf);
	s->buf = buf;
	s->size = size;
	return 0;
}

static ssize_t strings_take(struct exec_strings *s, const struct exec_source *from,
			    unsigned long address)
{
	size_t room = min_t(size_t, s->size - s->used, STRING_LIMIT);

	if (!room)
		return -ENAMETOOLONG;
	if (!from->is_kernel)
		return strncpy_from_user(s->buf + s->used, (const char __user *)address, room);
	if (strlen((const char *)address) >= room)
		return -ENAMETOOLONG;
	return strscpy(s->buf + s->used, (const char *)address, room);
}

static int strings_add(struct exec_strings *s, const struct exec_source *from,
		       unsigned long address)
{
	ssize_t n;
	int err;

	while ((n = strings_take(s, from, address)) == -ENAMETOOLONG) {
		if (s->size - s->used >= STRING_LIMIT)
			return -E2BIG;
		err = strings_grow(s);
		if (err)
			return err;
	}
	if (n < 0)
		return (int)n;
	s->used += (size_t)n + 1;
	return s->used > s->limit ? -E2BIG : 0;
}

/* The @i-th pointer of a vector; 0 at its end, or if there is no vector. */
static int source_pointer(const struct exec_source *from, u32 i, unsigned long *out)
{
	*out = 0;
	if (from->is_kernel) {
		*out = (unsigned long)from->kernel[i];
		return 0;
	}
	if (!from->user)
		return 0;
	return get_user(*out, (const unsigned long __user *)from->user + i);
}

static int strings_add_all(struct exec_strings *s, const struct exec_source *from, u32 *count)
{
	unsigned long address;
	int err;
	u32 i;

	for (i = 0; i < POINTERS_MAX; i++) {
		err = source_pointer(from, i, &address);
		if (err)
			return err;
		if (!address) {
			*count = i;
			return 0;
		}
		err = strings_add(s, from, address);
		if (err)
			return err;
	}
	return -E2BIG;
}

/**
 * exec_strings_copy - Collect the strings of a new program.
 * @s: zeroed; @s->buf is the caller's to free, also on failure
 * @argv: arguments; an empty vector becomes one empty string, as in Linux
 * @envp: environment
 *
 * Context: may sleep.
 * Return: 0, -E2BIG, -EFAULT, -ENOMEM.
 */
int exec_strings_copy(struct exec_strings *s, const struct exec_source *argv,
		      const struct exec_source *envp)
{
	const struct exec_source none = { .is_kernel = true };
	size_t pointers;
	int err;

	s->limit = clamp(rlimit(RLIMIT_STACK) / 4, TOTAL_MIN, TOTAL_MAX);
	err = strings_add_all(s, argv, &s->argc);
	if (!err && !s->argc) {
		s->argc = 1;
		err = strings_add(s, &none, (unsigned long)"");
	}
	if (err)
		return err;
	s->args_end = s->used;
	err = strings_add_all(s, envp, &s->envc);
	pointers = ((size_t)s->argc + s->envc) * sizeof(u64);
	if (!err && s->used + pointers > s->limit)
		err = -E2BIG;
	return err;
}

/**
 * exec_strings_drop_first - Forget argv[0]: a script's interpreter takes its place.
 * @s: strings, with at least one argument
 */
void exec_strings_drop_first(struct exec_strings *s)
{
	s->start += strlen(s->buf + s->start) + 1;
	s->argc--;
}

/* ---- laying out ---- */

/* The image of the stack's upper end while it is built; it will lie at @address. */
struct image {
	u8 *bytes;
	size_t size, used;
	unsigned long address;
};

static unsigned long image_add(struct image *im, const void *p, size_t n)
{
	unsigned long at = im->address + im->used;

	memcpy(im->bytes + im->used, p, n);
	im->used += n;
	return at;
}

static void image_add_word(struct image *im, u64 word)
{
	image_add(im, &word, sizeof(word));
}

/* Pointers to the @n strings that follow each other at @address. */
static void image_add_pointers(struct image *im, const char *strings, u32 n, unsigned long address)
{
	const char *s = strings;

	while (n--) {
		image_add_word(im, address + (unsigned long)(s - strings));
		s += strlen(s) + 1;
	}
}

static size_t prefix_size(const struct exec *e)
{
	size_t size = 0;
	u32 i;

	for (i = 0; i < e->nr_prefix; i++)
		size += strlen(e->prefix[i]) + 1;
	return size;
}

/* Addresses that the vectors point to. */
struct places {
	unsigned long random, platform, args, env, name;
};

static u32 fill_auxv(const struct exec *e, const struct places *at, unsigned long *auxv)
{
	const struct cred *c = e->cred ? e->cred : current_cred();
	const unsigned long entries[][2] = {
		{ AT_MINSIGSTKSZ, SIGFRAME_FIXED + plat_fpu_frame_size() },
		{ AT_HWCAP, plat_hwcap() },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_CLKTCK, CLOCK_TICKS },
		{ AT_PHDR, e->phdr },
		{ AT_PHENT, PHDR_SIZE },
		{ AT_PHNUM, e->phnum },
		{ AT_BASE, e->base },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, e->program_entry },
		{ AT_UID, c->uid },
		{ AT_EUID, c->euid },
		{ AT_GID, c->gid },
		{ AT_EGID, c->egid },
		{ AT_SECURE, e->secure },
		{ AT_RANDOM, at->random },
		{ AT_HWCAP2, 0 },
		{ AT_EXECFN, at->name },
		{ AT_PLATFORM, at->platform },
		{ AT_NULL, 0 },
	};

	static_assert(sizeof(entries) <= sizeof(((struct mm *)0)->auxv), "auxv fits");
	memcpy(auxv, entries, sizeof(entries));
	return sizeof(entries) / sizeof(unsigned long);
}

static void fill_strings(struct exec *e, struct image *im, struct places *at)
{
	const struct exec_strings *s = &e->strings;
	u8 random[RANDOM_BYTES];
	const u64 end = 0;
	u32 i;

	random_bytes(random, sizeof(random));
	at->random = image_add(im, random, sizeof(random));
	at->platform = image_add(im, PLATFORM, sizeof(PLATFORM));
	at->args = im->address + im->used;
	for (i = 0; i < e->nr_prefix; i++)
		image_add(im, e->prefix[i], strlen(e->prefix[i]) + 1);
	image_add(im, s->buf + s->start, s->args_end - s->start);
	at->env = image_add(im, s->buf + s->args_end, s->used - s->args_end);
	at->name = image_add(im, e->name, strlen(e->name) + 1);
	image_add(im, &end, END_MARK);
}

static void fill_vectors(struct exec *e, struct image *im, const struct places *at)
{
	const struct exec_strings *s = &e->strings;
	unsigned long args = at->args;
	u32 i;

	image_add_word(im, e->nr_prefix + s->argc);
	for (i = 0; i < e->nr_prefix; i++) {
		image_add_word(im, args);
		args += strlen(e->prefix[i]) + 1;
	}
	image_add_pointers(im, s->buf + s->start, s->argc, args);
	image_add_word(im, 0);
	image_add_pointers(im, s->buf + s->args_end, s->envc, at->env);
	image_add_word(im, 0);
	image_add(im, e->mm->auxv, fill_auxv(e, at, e->mm->auxv) * sizeof(unsigned long));
}

/* The vectors stand first in memory but are made last, when the strings' places are known. */
static int image_fill(struct exec *e, struct image *im, size_t strings)
{
	struct image low = *im, high = *im;
	struct mm *mm = e->mm;
	struct places at;

	high.used = im->size - strings;
	fill_strings(e, &high, &at);
	fill_vectors(e, &low, &at);
	mm->start_stack = im->address;
	mm->arg_start = at.args;
	mm->arg_end = at.env;
	mm->env_start = at.env;
	mm->env_end = at.name;
	return mm_access(mm, im->address, im->bytes, im->size, true) == (ssize_t)im->size ?
	       0 : -ENOMEM;
}

static int map_stack(struct exec *e, size_t image_size)
{
	unsigned long size = ALIGN_UP(image_size, PAGE_SIZE) + STACK_RESERVE;
	int prot = PROT_READ | PROT_WRITE | (e->exec_stack ? PROT_EXEC : 0);
	long address = mm_map(e->mm, e->stack_top - size, size, prot,
			      MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN,
			      NULL, 0);

	return address < 0 ? (int)address : 0;
}

/**
 * exec_stack_build - Map and fill the stack of a new program.
 * @e: program loaded, strings collected; sets @e->sp
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int exec_stack_build(struct exec *e)
{
	const struct exec_strings *s = &e->strings;
	size_t strings = RANDOM_BYTES + sizeof(PLATFORM) + prefix_size(e) + s->used - s->start +
			 strlen(e->name) + 1 + END_MARK;
	size_t words = 1 + e->nr_prefix + s->argc + 1 + s->envc + 1 + ARRAY_SIZE(e->mm->auxv);
	struct image im = { .size = ALIGN_UP(strings + words * sizeof(u64), 16) };
	int err = map_stack(e, im.size);

	if (err)
		return err;
	im.address = e->stack_top - im.size;
	im.bytes = kvmalloc(im.size, GFP_KERNEL | GFP_ZERO);
	if (!im.bytes)
		return -ENOMEM;
	err = image_fill(e, &im, strings);
	kvfree(im.bytes);
	e->sp = im.address;
	return err;
}
