// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this kernel cannot do without, looked at before anything else of C: a missing feature is
 * named in one line, instead of a fault that nobody can explain. head.S has looked for 64-bit mode
 * itself. Also runs inside the EFI stub, at an address it was not linked for: no pointer constants.
 */
#include <string.h>

#include "boot.h"

#define SERIAL		0x3f8
#define SERIAL_STATUS	5
#define SERIAL_EMPTY	0x20
#define SERIAL_TRIES	100000
#define SCREEN		0xb8000UL
#define WHITE_ON_RED	0x4f00
#define LINE_MAX	160

struct feature {
	u32 leaf;
	u8 bit;			/* of edx */
	char name[11];
};

/*
 * x86-64 has all of these, and compilers count on it. Intel's CPUs show the bit of SYSCALL in
 * 64-bit mode only, so this cannot be earlier.
 */
static const struct feature required[] = {
	{ 1, 0, "fpu" }, { 1, 4, "tsc" }, { 1, 5, "msr" }, { 1, 6, "pae" }, { 1, 8, "cx8" },
	{ 1, 9, "apic" }, { 1, 15, "cmov" }, { 1, 24, "fxsr" }, { 1, 25, "sse" },
	{ 1, 26, "sse2" }, { 0x80000001, 11, "syscall" }, { 0x80000001, 29, "lm" },
};

static u32 cpuid_edx(u32 leaf)
{
	u32 a = leaf, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return d;
}

static void append(char *line, size_t size, const char *text)
{
	size_t used = strlen(line);

	strscpy(line + used, text, size - used);
}

/**
 * boot_missing_features - what this CPU lacks, as a line of text
 * @line: where to, empty if nothing is missing
 * @size: bytes there
 *
 * Context: 64-bit mode, wherever the image lies.
 * Return: whether something is missing.
 */
bool boot_missing_features(char *line, size_t size)
{
	bool any = false;
	unsigned int i;

	line[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (cpuid_edx(required[i].leaf) >> required[i].bit & 1)
			continue;
		append(line, size, any ? ", " : "Twinix needs what this CPU does not have: ");
		append(line, size, required[i].name);
		any = true;
	}
	return any;
}

static u8 in(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "d"(port));
	return v;
}

static void out(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" :: "a"(v), "d"(port));
}

static void say(const char *line)
{
	volatile u16 *cell = (volatile u16 *)SCREEN;
	unsigned int tries;

	for (; *line; line++) {
		if (*line >= ' ')
			*cell++ = (u16)(WHITE_ON_RED | *line);
		for (tries = 0; tries < SERIAL_TRIES; tries++) {
			if (in(SERIAL + SERIAL_STATUS) & SERIAL_EMPTY)
				break;
		}
		out(SERIAL, (u8)*line);
	}
}

/**
 * boot_check_cpu - go on only on a CPU that has what the kernel needs
 *
 * Context: boot CPU, identity mapping present, no console yet: the text goes to the first serial
 * port and the screen as they are.
 */
void boot_check_cpu(void)
{
	char line[LINE_MAX];

	if (!boot_missing_features(line, sizeof(line)))
		return;
	append(line, sizeof(line), "\r\n");
	say(line);
	for (;;)
		__asm__ volatile("cli; hlt");
}
