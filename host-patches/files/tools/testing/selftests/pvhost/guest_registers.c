// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of all kinds hold canaries across many switches of mode and address space;
 * and user mode in 32-bit code.
 */
#include "guest_lib.h"

#define CHECK_EVERY 1000
#define PKRU_CANARY 0x55555550 /* key 0 is not touched */

static u64 wanted[64], found[64];
static int has_avx, has_pkru;

static u64 canary(u64 i)
{
	return (param->seed * 0x9e3779b97f4a7c15 + i) * 0xbf58476d1ce4e5b9;
}

static void cpuid(unsigned int leaf, unsigned int *r)
{
	asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

static void look_at_cpu(void)
{
	unsigned int r[4], low, high;

	cpuid(1, r);
	if ((r[2] >> 27 & 3) == 3) { /* OSXSAVE, AVX */
		asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		has_avx = (low & 6) == 6;
	}
	cpuid(7, r);
	has_pkru = r[2] >> 4 & 1; /* OSPKE */
}

static unsigned int rdpkru(void)
{
	unsigned int low, high;

	asm volatile("rdpkru" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

static u64 through_fs(void)
{
	u64 v;

	asm volatile("mov %%fs:0, %0" : "=r"(v));
	return v;
}

static u64 through_gs(void)
{
	u64 v;

	asm volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static void set_canaries(void)
{
	look_at_cpu();
	for (int i = 0; i < 64; i++)
		wanted[i] = has_avx || i % 4 < 2 ? canary(i) : 0;
	load_vectors(wanted, has_avx);
	if (has_pkru)
		asm volatile("wrpkru" ::"a"(PKRU_CANARY), "c"(0), "d"(0));
	*(u64 *)USER_DATA = canary(100);
	*(u64 *)(USER_DATA + 64) = canary(101);
}

static int canaries_live(void)
{
	store_vectors(found, has_avx);
	for (int i = 0; i < 64; i++)
		if (found[i] != wanted[i])
			return 0;
	return through_fs() == canary(100) && through_gs() == canary(101) &&
	       (!has_pkru || rdpkru() == PKRU_CANARY);
}

/* One system call, to the guest's kernel and back: true if it keeps the general registers. */
static int call_keeps_registers(void)
{
	u64 r = 1001;

	asm volatile("mov $0x1111, %%rbx; mov $0x2222, %%r12; mov $0x3333, %%r14;"
		     "mov $0x4444, %%r15; mov $0x5555, %%r8; mov $0x6666, %%r9;"
		     "mov $0x7777, %%r10; mov $0x8888, %%rsi; mov $0x9999, %%rdi;"
		     "mov $0xaaaa, %%rdx; syscall;"
		     "cmp $0x1111, %%rbx; jne 1f; cmp $0x2222, %%r12; jne 1f;"
		     "cmp $0x3333, %%r14; jne 1f; cmp $0x4444, %%r15; jne 1f;"
		     "cmp $0x5555, %%r8; jne 1f; cmp $0x6666, %%r9; jne 1f;"
		     "cmp $0x7777, %%r10; jne 1f; cmp $0x8888, %%rsi; jne 1f;"
		     "cmp $0x9999, %%rdi; jne 1f; cmp $0xaaaa, %%rdx; je 2f;"
		     "1: mov $1, %%eax;"
		     "2:"
		     : "+a"(r)::"rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
		       "r13", "r14", "r15", "memory", "cc");
	return r == 42;
}

static void state_kept_user(u64 unused)
{
	set_canaries();
	for (u64 i = 0; i < param->count; i++) {
		param->note = i;
		if (!call_keeps_registers())
			user_exit(GUEST_FAIL);
		if (i % CHECK_EVERY == 0 && !canaries_live())
			user_exit(GUEST_FAIL);
	}
	user_exit(canaries_live() ? 0 : GUEST_FAIL);
}

static void state_kept(void)
{
	NEED(call3(PV_HC_SET_BASE, PV_BASE_FS, USER_DATA, 0) == 0);
	NEED(call3(PV_HC_SET_BASE, PV_BASE_GS, USER_DATA + 64, 0) == 0);
	run_user(state_kept_user, 0);
}

/* What 32-bit code may try, and the cause that the guest's kernel may be told besides a trap. */
static const struct {
	unsigned char code[12];
	u64 cause;
} compat_code[] = {
	{{0xcd, 0x80}, PV_CAUSE_INT80},				/* int $0x80 */
	{{0x0f, 0x34}, PV_CAUSE_SYSENTER},			/* sysenter */
	{{0x0f, 0x05}, PV_CAUSE_SYSENTER},			/* syscall */
	{{0x0f, 0x0b}, PV_CAUSE_TRAP},				/* ud2 */
	{{0xb0, 0x7f, 0x04, 0x01, 0xce}, PV_CAUSE_TRAP},	/* into, overflowed */
	{{0x31, 0xc0, 0x62, 0x00}, PV_CAUSE_TRAP},		/* bound eax, (0) */
	{{0xe4, 0x60}, PV_CAUSE_TRAP},				/* in $0x60, %al */
	{{0xfa}, PV_CAUSE_TRAP},				/* cli */
	{{0xf4}, PV_CAUSE_TRAP},				/* hlt */
	{{0x9a, 0, 0, 0, 0, 0x10, 0}, PV_CAUSE_TRAP},		/* lcall $0x10, $0 */
	{{0xa1, 0, 0, 0, 0xc0}, PV_CAUSE_TRAP},			/* mov 0xc0000000, %eax */
};

static int intel;

static void compat_user(u64 unused)
{
	static const struct {
		unsigned int offset;
		unsigned short selector;
	} there = {USER_DATA, PV_CS32};

	for (u64 i = 0; i < ARRAY_SIZE(compat_code); i++) {
		u64 before = user_traps;

		/* #UD on Intel's; QEMU's TCG jumps to CSTAR, which Linux has not set there. */
		if (intel && compat_code[i].code[1] == 0x05)
			continue;
		param->note = i;
		memcpy((void *)USER_DATA, compat_code[i].code, sizeof(compat_code[i].code));
		run_compat(&there);
		if (user_traps != before + 1)
			user_exit(GUEST_FAIL);
		if (user_cause != PV_CAUSE_TRAP && user_cause != compat_code[i].cause)
			user_exit(GUEST_FAIL);
		if (i == 0 && user_cause != PV_CAUSE_INT80)
			user_exit(GUEST_FAIL);
	}
	user_exit(0);
}

static void compat(void)
{
	NEED(call3(PV_HC_CPUID, 0, 0, 0) == 0);
	intel = guest_page->out[1] == 0x756e6547; /* "Genu" */
	run_user(compat_user, 0);
}

const struct guest_code register_cases[] = {
	{CASE_STATE_KEPT, state_kept},
	{CASE_USER_COMPAT, compat},
	{}
};
