// SPDX-License-Identifier: GPL-2.0-only
/*
 * Features by the names that Linux gives them in /proc/cpuinfo. Those that a 64-bit guest
 * cannot do without (SSE2, SYSCALL, NX) have no name here. Bits: Intel SDM volume 2, CPUID;
 * AMD APM volume 3, appendix E.
 */
#include "cpu.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "pvhost.h"

enum where { EAX, EBX, ECX, EDX };

/**
 * struct feature - a bit of CPUID
 * @name: Linux's
 * @leaf: eax before
 * @subleaf: ecx before
 * @where: register after
 * @bit: in it
 * @needs: name of a feature without which it makes no sense, or NULL
 */
struct feature {
	const char *name;
	uint32_t leaf;
	uint32_t subleaf;
	enum where where;
	unsigned int bit;
	const char *needs;
};

static const struct feature features[] = {
	{ "pni", 0x1, 0, ECX, 0, NULL },
	{ "pclmulqdq", 0x1, 0, ECX, 1, NULL },
	{ "ssse3", 0x1, 0, ECX, 9, "pni" },
	{ "fma", 0x1, 0, ECX, 12, "avx" },
	{ "cx16", 0x1, 0, ECX, 13, NULL },
	{ "sse4_1", 0x1, 0, ECX, 19, "ssse3" },
	{ "sse4_2", 0x1, 0, ECX, 20, "sse4_1" },
	{ "movbe", 0x1, 0, ECX, 22, NULL },
	{ "popcnt", 0x1, 0, ECX, 23, NULL },
	{ "aes", 0x1, 0, ECX, 25, NULL },
	{ "xsave", 0x1, 0, ECX, 26, NULL },
	{ "osxsave", 0x1, 0, ECX, 27, "xsave" },
	{ "avx", 0x1, 0, ECX, 28, "xsave" },
	{ "f16c", 0x1, 0, ECX, 29, "avx" },
	{ "rdrand", 0x1, 0, ECX, 30, NULL },
	{ "hypervisor", 0x1, 0, ECX, 31, NULL },
	{ "fsgsbase", 0x7, 0, EBX, 0, NULL },
	{ "bmi1", 0x7, 0, EBX, 3, NULL },
	{ "avx2", 0x7, 0, EBX, 5, "avx" },
	{ "bmi2", 0x7, 0, EBX, 8, NULL },
	{ "erms", 0x7, 0, EBX, 9, NULL },
	{ "avx512f", 0x7, 0, EBX, 16, "avx2" },
	{ "avx512dq", 0x7, 0, EBX, 17, "avx512f" },
	{ "rdseed", 0x7, 0, EBX, 18, NULL },
	{ "adx", 0x7, 0, EBX, 19, NULL },
	{ "avx512ifma", 0x7, 0, EBX, 21, "avx512f" },
	{ "clflushopt", 0x7, 0, EBX, 23, NULL },
	{ "clwb", 0x7, 0, EBX, 24, NULL },
	{ "avx512pf", 0x7, 0, EBX, 26, "avx512f" },
	{ "avx512er", 0x7, 0, EBX, 27, "avx512f" },
	{ "avx512cd", 0x7, 0, EBX, 28, "avx512f" },
	{ "sha_ni", 0x7, 0, EBX, 29, NULL },
	{ "avx512bw", 0x7, 0, EBX, 30, "avx512f" },
	{ "avx512vl", 0x7, 0, EBX, 31, "avx512f" },
	{ "avx512vbmi", 0x7, 0, ECX, 1, "avx512f" },
	{ "avx512_vbmi2", 0x7, 0, ECX, 6, "avx512f" },
	{ "gfni", 0x7, 0, ECX, 8, NULL },
	{ "vaes", 0x7, 0, ECX, 9, "avx" },
	{ "vpclmulqdq", 0x7, 0, ECX, 10, "avx" },
	{ "avx512_vnni", 0x7, 0, ECX, 11, "avx512f" },
	{ "avx512_bitalg", 0x7, 0, ECX, 12, "avx512f" },
	{ "avx512_vpopcntdq", 0x7, 0, ECX, 14, "avx512f" },
	{ "cldemote", 0x7, 0, ECX, 25, NULL },
	{ "movdiri", 0x7, 0, ECX, 27, NULL },
	{ "movdir64b", 0x7, 0, ECX, 28, NULL },
	{ "avx512_4vnniw", 0x7, 0, EDX, 2, "avx512f" },
	{ "avx512_4fmaps", 0x7, 0, EDX, 3, "avx512f" },
	{ "fsrm", 0x7, 0, EDX, 4, NULL },
	{ "avx512_vp2intersect", 0x7, 0, EDX, 8, "avx512f" },
	{ "md_clear", 0x7, 0, EDX, 10, NULL },
	{ "serialize", 0x7, 0, EDX, 14, NULL },
	{ "avx512_fp16", 0x7, 0, EDX, 23, "avx512f" },
	{ "xsaveopt", 0xd, 1, EAX, 0, "xsave" },
	{ "xsavec", 0xd, 1, EAX, 1, "xsave" },
	{ "xgetbv1", 0xd, 1, EAX, 2, "xsave" },
	{ "lahf_lm", 0x80000001, 0, ECX, 0, NULL },
	{ "abm", 0x80000001, 0, ECX, 5, NULL },
	{ "sse4a", 0x80000001, 0, ECX, 6, NULL },
	{ "misalignsse", 0x80000001, 0, ECX, 7, NULL },
	{ "3dnowprefetch", 0x80000001, 0, ECX, 8, NULL },
	{ "xop", 0x80000001, 0, ECX, 11, "avx" },
	{ "fma4", 0x80000001, 0, ECX, 16, "avx" },
	{ "tbm", 0x80000001, 0, ECX, 21, NULL },
	{ "mmxext", 0x80000001, 0, EDX, 22, NULL },
	{ "fxsr_opt", 0x80000001, 0, EDX, 25, NULL },
	{ "pdpe1gb", 0x80000001, 0, EDX, 26, NULL },
	{ "rdtscp", 0x80000001, 0, EDX, 27, NULL },
	{ "3dnowext", 0x80000001, 0, EDX, 30, "3dnow" },
	{ "3dnow", 0x80000001, 0, EDX, 31, NULL },
	{ "nonstop_tsc", 0x80000007, 0, EDX, 8, NULL },
	{ "clzero", 0x80000008, 0, EBX, 0, NULL },
	{ "xsaveerptr", 0x80000008, 0, EBX, 2, NULL },
};

#define NR_FEATURES	(sizeof(features) / sizeof(features[0]))
_Static_assert(NR_FEATURES <= 8 * sizeof(((struct cpu_mask *)0)->bits), "bits of struct cpu_mask");

static bool is_hidden(const struct cpu_mask *mask, size_t i)
{
	return mask->bits[i / 64] >> i % 64 & 1;
}

static void hide(struct cpu_mask *mask, size_t i)
{
	mask->bits[i / 64] |= 1ULL << i % 64;
}

/* QEMU writes some names with '-' or '.' where Linux has '_'. */
static bool same_name(const char *name, const char *text, size_t length)
{
	if (strlen(name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] != name[i] && !(name[i] == '_' && (text[i] == '-' || text[i] == '.')))
			return false;
	return true;
}

/* Return: the feature's place, NR_FEATURES if there is none of this name. */
static size_t find(const char *text, size_t length)
{
	size_t i = 0;

	while (i < NR_FEATURES && !same_name(features[i].name, text, length))
		i++;
	return i;
}

/* Hides what needs a hidden feature, and what needs that. */
static void hide_dependents(struct cpu_mask *mask)
{
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < NR_FEATURES; i++) {
			const char *needs = features[i].needs;

			if (!needs || is_hidden(mask, i) || !is_hidden(mask, find(needs, strlen(needs))))
				continue;
			hide(mask, i);
			again = true;
		}
	} while (again);
}

/* "-NAME" or "NAME=off". */
static int parse_word(const char *word, size_t length, struct cpu_mask *mask)
{
	const char *name = word;
	size_t i, bytes = length;

	if (length && *word == '-') {
		name++;
		bytes--;
	} else if (length > 4 && !strncmp(word + length - 4, "=off", 4)) {
		bytes -= 4;
	} else {
		return fail(EINVAL, "-cpu: \"%.*s\": features can only be hidden, as in \"host,-avx2\"",
			    (int)length, word);
	}
	i = find(name, bytes);
	if (i == NR_FEATURES)
		return fail(EINVAL, "-cpu: no feature \"%.*s\"; \"pvrun -cpu help\" lists them",
			    (int)bytes, name);
	hide(mask, i);
	return 0;
}

int cpu_parse(const char *value, struct cpu_mask *mask)
{
	size_t length = strcspn(value, ",");

	memset(mask, 0, sizeof(*mask));
	if (length != 4 || strncmp(value, "host", 4))
		return fail(EINVAL, "-cpu %s: want host, and after it features to be hidden, as in "
			    "\"host,-avx2\"", value);
	while (value[length]) {
		value += length + 1;
		length = strcspn(value, ",");
		if (parse_word(value, length, mask))
			return -EINVAL;
	}
	hide_dependents(mask);
	return 0;
}

void cpu_list(void)
{
	for (size_t i = 0; i < NR_FEATURES; i++)
		printf("%s\n", features[i].name);
}

bool cpu_hides(const struct cpu_mask *mask)
{
	return mask->bits[0] | mask->bits[1];
}

static uint32_t *register_of(struct pvhost_cpuid_entry *entry, enum where where)
{
	switch (where) {
	case EAX:
		return &entry->eax;
	case EBX:
		return &entry->ebx;
	case ECX:
		return &entry->ecx;
	default:
		return &entry->edx;
	}
}

void cpu_hide(const struct cpu_mask *mask, struct pvhost_cpuid_entry *entries, unsigned int n)
{
	for (size_t i = 0; i < NR_FEATURES; i++)
		for (unsigned int j = 0; is_hidden(mask, i) && j < n; j++)
			if (entries[j].leaf == features[i].leaf && entries[j].subleaf == features[i].subleaf)
				*register_of(entries + j, features[i].where) &= ~(1U << features[i].bit);
}
