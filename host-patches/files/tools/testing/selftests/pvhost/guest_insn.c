// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that must trap, or do nothing, in kernel mode and in user mode of the guest.
 */
#include "guest_lib.h"

#define INSN(name, text)									\
	static void name(u64 a)								\
	{                                                                                          \
		asm volatile(text ::"D"(a) : "rax", "rbx", "rcx", "rdx", "memory", "cc");          \
	}
INSN(i_hlt, "hlt")
INSN(i_cli, "cli")
INSN(i_sti, "sti")
INSN(i_clts, "clts")
INSN(i_lgdt, "lgdt (%%rdi)")
INSN(i_lidt, "lidt (%%rdi)")
INSN(i_lldt, "mov $8, %%eax; lldt %%ax")
INSN(i_ltr, "mov $0x40, %%eax; ltr %%ax")
INSN(i_lmsw, "xor %%eax, %%eax; lmsw %%ax")
INSN(i_mov_cr0, "mov %%cr0, %%rax")
INSN(i_mov_cr3, "mov %%rdi, %%cr3")
INSN(i_mov_cr4, "mov %%cr4, %%rax")
INSN(i_mov_dr7, "mov %%rdi, %%dr7")
INSN(i_rdmsr, "mov $0xc0000080, %%ecx; rdmsr")
INSN(i_wrmsr, "mov $0xc0000101, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")
INSN(i_invlpg, "invlpg (%%rdi)")
INSN(i_swapgs, "swapgs")
INSN(i_sysret, "sysretq")
INSN(i_sysexit, "sysexitl")
INSN(i_div0, "xor %%ecx, %%ecx; xor %%edx, %%edx; div %%ecx")
INSN(i_sysenter, "mov %%rsp, %%rcx; sysenter")
INSN(i_in, "mov $0x60, %%dx; in %%dx, %%al")
INSN(i_out, "mov $0x80, %%dx; out %%al, %%dx")
INSN(i_sgdt, "sgdt (%%rdi)")
INSN(i_sidt, "sidt (%%rdi)")
INSN(i_sldt, "sldt %%eax")
INSN(i_str, "str %%eax")
INSN(i_smsw, "smsw %%eax")
INSN(i_unaligned, "pushf; orq $0x40000, (%%rsp); popf; mov 1(%%rdi), %%eax;"
		  "pushf; andq $~0x40000, (%%rsp); popf")
INSN(i_step, "pushf; orq $0x100, (%%rsp); popf; nop; nop")
INSN(i_mov_ss, "pushf; orq $0x100, (%%rsp); popf; mov %%ss, %%eax; mov %%eax, %%ss; nop; nop")
INSN(i_cpuid, "xor %%eax, %%eax; cpuid")
INSN(i_step_cpuid, "pushf; orq $0x100, (%%rsp); popf; cpuid; nop")
INSN(i_mov_ss_int, "mov %%ss, %%eax; mov %%eax, %%ss; int3")
INSN(i_mov_ss_syscall, "mov $1001, %%eax; mov %%ss, %%ebx; mov %%ebx, %%ss; syscall")

static void privileged(void)
{
	static void (*const list[])(u64) = {i_hlt,     i_cli,	  i_sti,     i_clts,	i_lgdt,
					    i_lidt,    i_lldt,	  i_ltr,     i_lmsw,	i_mov_cr0,
					    i_mov_cr3, i_mov_cr4, i_mov_dr7, i_rdmsr,	i_wrmsr,
					    i_invlpg,  i_swapgs,  i_sysret,  i_sysexit, i_ud2};
	u64 area[4] = {0};

	for (u64 i = 0; i < ARRAY_SIZE(list); i++) {
		param->note = 1000 + i;
		NEED(try_call(list[i], (u64)area) == 1);
	}
}

/* Has the guest got an INT 0x80 that ends here? */
static int int80_at(u64 end)
{
	if (in_user)
		return user_cause == PV_CAUSE_INT80 && user_ip == end;
	return (guest_page->kcause & ~PV_KCAUSE_MASKED) == PV_CAUSE_INT80 &&
	       guest_page->kip == end;
}

/* INT n for every n; 0x80 is a guest system call, not the host's. */
static void all_int(void)
{
	static char code[8] __aligned(16);

	for (int n = 0; n < 256; n++) {
		code[0] = 0xcd;
		code[1] = n;
		code[2] = 0xc3;
		param->note = 2000 + n;
		NEED(try_call(jump_to, (u64)code) == 1);
		if (n == 0x80)
			NEED(int80_at((u64)code + 2));
		else if (n > 4)
			/* QEMU's emulation has 16 bytes a gate there, as the table does. */
			NEED(vector_at((void (*)(u64))code) == 13 &&
			     (error_code() == n * 8 + 2 || error_code() == n * 16 + 2));
	}
	/* With prefixes that mean nothing to it. */
	memcpy(code, "\x66\x2e\x40\xcd\x80", 5);
	NEED(try_call(jump_to, (u64)code) == 1);
	NEED(int80_at((u64)code + 5));
}

/* A page fault that says "protection"; a CPU with LASS raises #GP(0) instead. */
static int forbidden(u64 vector)
{
	return (vector == 14 && error_code() & 1) || (vector == 13 && !error_code());
}

static void vsyscall(void)
{
	for (u64 va = 0xffffffffff600000; va < 0xffffffffff601000; va += 1024) {
		param->note = va;
		NEED(try_call(i_read, va) == 1);
		NEED(forbidden(vector_at(i_read)));
		NEED(try_call(i_write, va) == 1);
		NEED(forbidden(vector_at(i_write)));
		NEED(try_call(i_call, va) == 1);
	}
}

/* May trap or give values of no use: what counts is that nothing else happens. */
static void umip(void)
{
	static void (*const list[])(u64) = {i_sgdt, i_sidt, i_sldt, i_str, i_smsw};
	char area[16];

	for (u64 i = 0; i < ARRAY_SIZE(list); i++) {
		try_call(list[i], (u64)area);
		try_call(list[i], 0x1000);
		try_call(list[i], 0xffff880000000000);
	}
}

static void load_selector(u64 sel)
{
	asm volatile("mov %0, %%es; mov %0, %%ds; mov %0, %%fs;"
		     "mov %0, %%gs" ::"r"((unsigned int)sel)
		     : "memory");
}

static void load_ss(u64 sel)
{
	asm volatile("mov %0, %%ss" ::"r"((unsigned int)sel) : "memory");
}

static void selectors(void)
{
	for (u64 s = 0; s < 65536; s++) {
		try_call(load_selector, s);
		if (s % 16 == 0)
			try_call(load_ss, s);
	}
	try_call(load_ss, PV_SS);
	load_selector(0);
}

static void io(void)
{
	NEED(try_call(i_in, 0) == 1);
	NEED(try_call(i_out, 0) == 1);
}

static void pop_flags(u64 flags)
{
	asm volatile("push %0; popf; pushf; andq $0x202, (%%rsp); popf; cld" ::"r"(flags)
		     : "memory", "cc");
}

static void popf_bits(void)
{
	for (int b = 0; b < 64; b++)
		try_call(pop_flags, 1UL << b);
	try_call(pop_flags, ~0UL);
	try_call(pop_flags, ~0x40100UL);
	pop_flags(0x202);
}

static void single_step(void)
{
	for (int i = 0; i < 100; i++)
		NEED(try_call(i_step, 0) == 1);
}

static void mov_ss(void)
{
	NEED(try_call(i_mov_ss, 0) == 1);
	NEED(try_call(i_mov_ss_int, 0) == 1);
	try_call(i_mov_ss_syscall, 0);
}

static void non_canonical(void)
{
	for (u64 i = 0; i < ARRAY_SIZE(odd_addresses); i++) {
		param->note = odd_addresses[i];
		NEED(try_call(jump_to, odd_addresses[i]) == 1);
		NEED(try_call(i_read, odd_addresses[i]) == 1);
		NEED(try_call(i_write, odd_addresses[i]) == 1);
	}
}

/* #UD or #GP, at the instruction, as the processor's maker has it. */
static void sysenter(void)
{
	u64 vector;

	NEED(try_call(i_sysenter, 0) == 1);
	vector = vector_at(i_sysenter);
	NEED(vector == 6 || (vector == 13 && error_code() == 0));
}

struct cpuid {
	u32 out[4];
};

static struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid c;

	asm volatile("cpuid"
		     : "=a"(c.out[0]), "=b"(c.out[1]), "=c"(c.out[2]), "=d"(c.out[3])
		     : "a"(leaf), "c"(subleaf));
	return c;
}

static void cpuid_is_the_hypercalls(u32 leaf)
{
	struct cpuid c = cpuid(leaf, 1);

	param->note = leaf;
	NEED(call3(PV_HC_CPUID, leaf, 1, 0) == 0);
	for (int i = 0; i < 4; i++)
		NEED(c.out[i] == guest_page->out[i]);
}

/* Where the CPU can fault it, the instruction gives what the hypercall gives. */
static void cpuid_insn(void)
{
	struct cpuid c = cpuid(0x40000000, 0);

	NEED(c.out[0] == 0x40000001 && c.out[1] == 0x6f685650); /* "PVho" */
	if (in_user)
		return;
	for (u32 i = 0; i < 32; i++) {
		cpuid_is_the_hypercalls(i);
		cpuid_is_the_hypercalls(0x40000000 + i);
		cpuid_is_the_hypercalls(0x80000000 + i);
	}
	NEED(try_call(i_step_cpuid, 0) == 1 && vector_at(i_step_cpuid) == 1);
	NEED(call3(PV_HC_FEATURES, PV_FEAT_CPUID_FAULT, 0, 0) == 0);
	NEED(try_call(i_cpuid, 0) == 1 && vector_at(i_cpuid) == 13 && error_code() == 0);
}

static void alignment(void)
{
	u64 area[4] = {0};

	try_call(i_unaligned, (u64)area);
}

static void divide(void)
{
	NEED(try_call(i_div0, 0) == 1);
}

static void unmask_fpu(u64 unused)
{
	unsigned short cw = 0x300;

	asm volatile("fninit; fldcw %0; fldz; fld1; fdivp; fwait" ::"m"(cw));
}

static void fpu_trap(void)
{
	try_call(unmask_fpu, 0);
	asm volatile("fninit");
}

static void wrpkru(u64 v)
{
	asm volatile("wrpkru" ::"a"((unsigned int)v), "c"(0), "d"(0));
}

/* Forbids every key, then touches memory. Without protection keys WRPKRU is #UD. */
static void pkru_all(u64 unused)
{
	wrpkru(~0UL);
	*(volatile u64 *)&param->note = 5;
	wrpkru(0);
}

static void pkru(void)
{
	try_call(pkru_all, 0);
}

/* Closes all keys, then accesses memory in the very next instruction. */
static void pkru_access(u64 va)
{
	asm volatile("mov $-1, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx; wrpkru;"
		     "movq $7, (%%rdi)" ::"D"(va)
		     : "rax", "rcx", "rdx", "memory");
}

/* In kernel mode keys do not count. */
static void pkru_missing(void)
{
	NEED(try_call(pkru_access, GUEST_VA + GUEST_MEM - 4096) == 0);
	NEED(*(volatile u64 *)at(GUEST_MEM - 4096) == 7);
}

/* In user mode they do, whether or not the host has the page at hand. */
static void pkru_missing_user(u64 unused)
{
	NEED(try_call(pkru_access, USER_MISSING) == 1);
	NEED(user_cause == PV_CAUSE_TRAP && user_vector == 14 && user_error & 0x20);
	*(volatile u64 *)USER_MISSING = 8;
	NEED(try_call(pkru_access, USER_MISSING) == 1);
	NEED(user_cause == PV_CAUSE_TRAP && user_vector == 14 && user_error & 0x20);
	user_exit(0);
}

static void user_case_pkru_missing(void)
{
	run_user(pkru_missing_user, 0);
}

static void host_addresses(void)
{
	/* The layout of the host's half must not show: every probe looks alike, "protection". */
	for (u64 i = 0; i < 3000; i++) {
		u64 va = rnd() | 0xffff800000000000;

		NEED(try_call(i_read, va) == 1);
		NEED(guest_page->kvector != 14 || (guest_page->kerror & 1));
	}
}

static void null_code(void)
{
	for (u64 va = 0; va < 0x10000; va += 4096)
		NEED(try_call(jump_to, va) == 1);
}

/* The same in user mode, where only what the guest's kernel made of it comes back. */
void insn_as_user(u64 number)
{
	static void (*const list[])(void) = {
		[CASE_USER_PRIVILEGED - CASE_USER_FIRST] = privileged,
		[CASE_USER_ALL_INT - CASE_USER_FIRST] = all_int,
		[CASE_USER_VSYSCALL - CASE_USER_FIRST] = vsyscall,
		[CASE_USER_UMIP - CASE_USER_FIRST] = umip,
		[CASE_USER_SELECTORS - CASE_USER_FIRST] = selectors,
		[CASE_USER_IO - CASE_USER_FIRST] = io,
		[CASE_USER_POPF - CASE_USER_FIRST] = popf_bits,
		[CASE_USER_SINGLE_STEP - CASE_USER_FIRST] = single_step,
		[CASE_USER_MOV_SS - CASE_USER_FIRST] = mov_ss,
		[CASE_USER_NON_CANONICAL - CASE_USER_FIRST] = non_canonical,
		[CASE_USER_SYSENTER - CASE_USER_FIRST] = sysenter,
		[CASE_USER_ALIGNMENT - CASE_USER_FIRST] = alignment,
		[CASE_USER_DIVIDE - CASE_USER_FIRST] = divide,
		[CASE_USER_PKRU - CASE_USER_FIRST] = pkru,
		[CASE_USER_CPUID_INSN - CASE_USER_FIRST] = cpuid_insn,
	};

	list[number - CASE_USER_FIRST]();
	user_exit(0);
}

const struct guest_code insn_cases[] = {
	{CASE_PRIVILEGED, privileged},
	{CASE_ALL_INT, all_int},
	{CASE_VSYSCALL, vsyscall},
	{CASE_UMIP, umip},
	{CASE_SELECTORS, selectors},
	{CASE_IO, io},
	{CASE_POPF, popf_bits},
	{CASE_SINGLE_STEP, single_step},
	{CASE_MOV_SS, mov_ss},
	{CASE_NON_CANONICAL, non_canonical},
	{CASE_SYSENTER, sysenter},
	{CASE_ALIGNMENT, alignment},
	{CASE_DIVIDE, divide},
	{CASE_FPU_TRAP, fpu_trap},
	{CASE_PKRU, pkru},
	{CASE_PKRU_MISSING, pkru_missing},
	{CASE_USER_PKRU_MISSING, user_case_pkru_missing},
	{CASE_HOST_ADDRESSES, host_addresses},
	{CASE_NULL_CODE, null_code},
	{CASE_CPUID_INSN, cpuid_insn},
	{}
};
