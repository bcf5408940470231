// SPDX-License-Identifier: GPL-2.0-only
/* One CPU's part of /proc/cpuinfo, in Linux's words (SDM vol. 2, CPUID). */
#include <platform/cpu.h>
#include <string.h>
#include <thread.h>

#include "cpuinfo.h"
#include "mitigations.h"

struct cpu_flag {
	u32 leaf;
	u8 reg;			/* 0..3: eax, ebx, ecx, edx */
	u8 bit;
	const char *name;
};

enum { EAX, EBX, ECX, EDX };

static const struct cpu_flag flags[] = {
	{ 1, EDX, 0, "fpu" }, { 1, EDX, 1, "vme" }, { 1, EDX, 2, "de" }, { 1, EDX, 3, "pse" },
	{ 1, EDX, 4, "tsc" }, { 1, EDX, 5, "msr" }, { 1, EDX, 6, "pae" }, { 1, EDX, 7, "mce" },
	{ 1, EDX, 8, "cx8" }, { 1, EDX, 9, "apic" }, { 1, EDX, 11, "sep" }, { 1, EDX, 12, "mtrr" },
	{ 1, EDX, 13, "pge" }, { 1, EDX, 14, "mca" }, { 1, EDX, 15, "cmov" }, { 1, EDX, 16, "pat" },
	{ 1, EDX, 17, "pse36" }, { 1, EDX, 19, "clflush" }, { 1, EDX, 23, "mmx" },
	{ 1, EDX, 24, "fxsr" }, { 1, EDX, 25, "sse" }, { 1, EDX, 26, "sse2" }, { 1, EDX, 28, "ht" },
	{ 0x80000001, EDX, 11, "syscall" }, { 0x80000001, EDX, 20, "nx" },
	{ 0x80000001, EDX, 26, "pdpe1gb" }, { 0x80000001, EDX, 27, "rdtscp" },
	{ 0x80000001, EDX, 29, "lm" }, { 1, ECX, 0, "pni" }, { 1, ECX, 1, "pclmulqdq" },
	{ 1, ECX, 9, "ssse3" }, { 1, ECX, 12, "fma" }, { 1, ECX, 13, "cx16" },
	{ 1, ECX, 17, "pcid" }, { 1, ECX, 19, "sse4_1" }, { 1, ECX, 20, "sse4_2" },
	{ 1, ECX, 21, "x2apic" }, { 1, ECX, 22, "movbe" }, { 1, ECX, 23, "popcnt" },
	{ 1, ECX, 24, "tsc_deadline_timer" }, { 1, ECX, 25, "aes" }, { 1, ECX, 26, "xsave" },
	{ 1, ECX, 28, "avx" }, { 1, ECX, 29, "f16c" }, { 1, ECX, 30, "rdrand" },
	{ 1, ECX, 31, "hypervisor" }, { 0x80000001, ECX, 0, "lahf_lm" },
	{ 0x80000001, ECX, 5, "abm" }, { 0x80000001, ECX, 6, "sse4a" },
	{ 7, EBX, 3, "bmi1" }, { 7, EBX, 5, "avx2" }, { 7, EBX, 7, "smep" }, { 7, EBX, 8, "bmi2" },
	{ 7, EBX, 9, "erms" }, { 7, EBX, 10, "invpcid" }, { 7, EBX, 16, "avx512f" },
	{ 7, EBX, 18, "rdseed" }, { 7, EBX, 19, "adx" }, { 7, EBX, 20, "smap" },
	{ 7, EBX, 29, "sha_ni" }, { 7, ECX, 2, "umip" }, { 7, EDX, 4, "fsrm" },
	{ 0x80000007, EDX, 8, "constant_tsc nonstop_tsc" },
};

static u32 max_leaf(u32 base)
{
	u32 r[4];

	plat_cpuid(base, 0, r);
	return r[0];
}

static bool has_flag(const struct cpu_flag *f)
{
	u32 r[4];

	if (f->leaf > max_leaf(f->leaf & 0x80000000))
		return false;
	plat_cpuid(f->leaf, 0, r);
	return r[f->reg] >> f->bit & 1;
}

static void vendor_string(char out[13])
{
	u32 r[4];

	plat_cpuid(0, 0, r);
	memcpy(out, &r[EBX], 4);
	memcpy(out + 4, &r[EDX], 4);
	memcpy(out + 8, &r[ECX], 4);
	out[12] = '\0';
}

static void brand_string(char out[49])
{
	u32 i, r[4];

	strscpy(out, "unknown", 49);
	if (max_leaf(0x80000000) < 0x80000004)
		return;
	for (i = 0; i < 3; i++) {
		plat_cpuid(0x80000002 + i, 0, r);
		memcpy(out + 16 * i, r, 16);
	}
	out[48] = '\0';
}

/* Displayed family and model: SDM vol. 2, CPUID, "Version Information". */
static void signature(u32 *family, u32 *model, u32 *stepping)
{
	u32 r[4], v;

	plat_cpuid(1, 0, r);
	v = r[0];
	*family = v >> 8 & 0xf;
	*model = v >> 4 & 0xf;
	*stepping = v & 0xf;
	if (*family == 6 || *family == 15)
		*model |= (v >> 16 & 0xf) << 4;
	if (*family == 15)
		*family += v >> 20 & 0xff;
}

/* The line "bugs": what the CPU is prone to, whatever is done about it. */
static int bugs_line(char *buf, size_t size)
{
	const struct x86_vulnerability *v;
	int n = scnprintf(buf, size, "\nbugs\t\t:");

	for (v = x86_vulnerabilities(); v->name; v++) {
		if (v->bug && strcmp(v->bug, "others"))
			n += scnprintf(buf + n, size - n, " %s", v->bug);
	}
	return n;
}

/**
 * x86_cpuinfo - describe a CPU
 * @cpu: its number
 * @apic_id: of its local APIC
 * @tsc_hz: frequency of the time stamp counter
 * @buf: where to
 * @size: bytes there
 *
 * Return: bytes written.
 */
size_t x86_cpuinfo(u32 cpu, u32 apic_id, u64 tsc_hz, char *buf, size_t size)
{
	u32 family, model, stepping, i, khz = (u32)(tsc_hz / 1000);
	char vendor[13], brand[49];
	int n;

	vendor_string(vendor);
	brand_string(brand);
	signature(&family, &model, &stepping);
	n = scnprintf(buf, size,
		      "vendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\n"
		      "stepping\t: %u\ncpu MHz\t\t: %u.%03u\nphysical id\t: 0\nsiblings\t: %u\n"
		      "core id\t\t: %u\ncpu cores\t: %u\napicid\t\t: %u\nfpu\t\t: yes\n"
		      "fpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\nflags\t\t:",
		      vendor, family, model, brand, stepping, khz / 1000, khz % 1000, nr_cpus,
		      cpu, nr_cpus, apic_id, max_leaf(0));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (has_flag(&flags[i]))
			n += scnprintf(buf + n, size - n, " %s", flags[i].name);
	}
	n += bugs_line(buf + n, size - n);
	n += scnprintf(buf + n, size - n, "\nbogomips\t: %u.%02u\n", khz / 500, khz / 5 % 100);
	return (size_t)n;
}
