// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user mode must not do, and what it may do to irritate the entry code: privileged
 * instructions, software interrupts, flags, odd addresses. Signals and codes are Linux's.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "gt.h"

#define FLAG_TF 0x100UL
#define FLAG_DF 0x400UL
#define FLAG_IOPL 0x3000UL
#define FLAG_NT 0x4000UL
#define FLAG_AC 0x40000UL

#define TRAP_FLAG_ON "pushfq; orq $0x100, (%%rsp); popfq;"
#define TRAP_FLAG_OFF "pushfq; andq $~0x100, (%%rsp); popfq;"

static volatile sig_atomic_t seen, seen_code, seen_count;
static void *volatile seen_addr;

static void note(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = sig;
	seen_code = info->si_code;
	seen_addr = info->si_addr;
	seen_count++;
}

/* Ends with a status that tells the code. */
static void note_and_end(int sig, siginfo_t *info, void *context)
{
	note(sig, info, context);
	_exit(100 + info->si_code % 100);
}

static void catch (int sig, void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction sa = {.sa_sigaction = fn, .sa_flags = SA_SIGINFO};

	CHECK_EQ(sigaction(sig, &sa, NULL), 0);
}

static unsigned long read_flags(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags)::"memory");
	return flags;
}

static void write_flags(unsigned long flags)
{
	__asm__ volatile("pushq %0; popfq" ::"r"(flags) : "memory", "cc");
}

/* Each instruction runs in a child, which it kills. */
#define FATAL(name, code)                                                                          \
	static int insn_##name(void *arg)                                                          \
	{                                                                                          \
		(void)arg;                                                                         \
		__asm__ volatile(code ::: "rax", "rbx", "rcx", "rdx", "memory", "cc");             \
		return 0;                                                                          \
	}
FATAL(hlt, "hlt")
FATAL(cli, "cli")
FATAL(sti, "sti")
FATAL(in, "inb $0x60, %%al")
FATAL(out, "outb %%al, $0x80")
FATAL(rdmsr, "movl $0xc0000080, %%ecx; rdmsr")
FATAL(wrmsr, "movl $0xc0000082, %%ecx; xorl %%eax, %%eax; xorl %%edx, %%edx; wrmsr")
FATAL(read_cr0, "movq %%cr0, %%rax")
FATAL(write_cr3, "movq %%rax, %%cr3")
FATAL(write_dr7, "movq %%rax, %%dr7")
FATAL(invlpg, "invlpg (%%rsp)")
FATAL(wbinvd, "wbinvd")
FATAL(clts, "clts")
FATAL(swapgs, "swapgs")
FATAL(sysret, "sysretq")
FATAL(iret_kernel, "movq %%rsp, %%rbx; pushq $0x18; pushq %%rbx; pushfq; pushq $0x10;"
		   "leaq 1f(%%rip), %%rax; pushq %%rax; iretq; 1:")
FATAL(load_kernel_cs, "pushq $0x10; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:")
FATAL(load_bad_ds, "movl $0x18, %%eax; movl %%eax, %%ss")
FATAL(ltr, "movl $0x40, %%eax; ltr %%ax")
FATAL(lgdt, "lgdt (%%rsp)")
FATAL(int_20, "int $0x20")
FATAL(int_30, "int $0x30")
FATAL(int_f0, "int $0xf0")
FATAL(int_ff, "int $0xff")
FATAL(int_2, "int $2")
FATAL(int_8, "int $8")
FATAL(int_14, "int $14")
FATAL(int_18, "int $18")
FATAL(into_gate, "int $4")

static void privileged(void)
{
	static int (*const insns[])(void *) = {
		insn_hlt,
		insn_cli,
		insn_sti,
		insn_in,
		insn_out,
		insn_rdmsr,
		insn_wrmsr,
		insn_read_cr0,
		insn_write_cr3,
		insn_write_dr7,
		insn_invlpg,
		insn_wbinvd,
		insn_clts,
		insn_swapgs,
		insn_sysret,
		insn_iret_kernel,
		insn_load_kernel_cs,
		insn_load_bad_ds,
		insn_ltr,
		insn_lgdt,
	};

	for (size_t i = 0; i < ARRAY_SIZE(insns); i++) {
		int status = gt_run(insns[i], NULL);

		if (!KILLED(status, SIGSEGV) && !KILLED(status, SIGILL))
			gt_fail(__FILE__, __LINE__, "instruction %zu: status %x", i, status);
	}
}

static void software_interrupts(void)
{
	static int (*const insns[])(void *) = {
		insn_int_20, insn_int_30, insn_int_f0, insn_int_ff,    insn_int_2,
		insn_int_8,  insn_int_14, insn_int_18, insn_into_gate,
	};

	for (size_t i = 0; i < ARRAY_SIZE(insns); i++) {
		int status = gt_run(insns[i], NULL);

		if (!KILLED(status, SIGSEGV))
			gt_fail(__FILE__, __LINE__, "interrupt %zu: status %x", i, status);
	}
}

static int divide(void *arg)
{
	catch (SIGFPE, note_and_end);
	__asm__ volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx" ::
				 : "rax", "rcx", "rdx", "cc");
	(void)arg;
	return 0;
}

static int undefined(void *arg)
{
	catch (SIGILL, note_and_end);
	__asm__ volatile("ud2");
	(void)arg;
	return 0;
}

static int x87(void *arg)
{
	unsigned short control = 0x37b; /* division by zero not masked */

	catch (SIGFPE, note_and_end);
	__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(control));
	(void)arg;
	return 0;
}

static int simd(void *arg)
{
	unsigned int mxcsr = 0x1d80; /* division by zero not masked */
	float one = 1, zero = 0;

	catch (SIGFPE, note_and_end);
	__asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; divss %2, %%xmm0" ::"m"(mxcsr), "m"(one),
			 "m"(zero)
			 : "xmm0");
	(void)arg;
	return 0;
}

static void arithmetic(void)
{
	CHECK(EXITED(gt_run(divide, NULL), 100 + FPE_INTDIV));
	CHECK(EXITED(gt_run(undefined, NULL), 100 + ILL_ILLOPN));
	CHECK(EXITED(gt_run(x87, NULL), 100 + FPE_FLTDIV));
}

/* QEMU's emulated CPU sets the flag and goes on. */
static void arithmetic_simd(void)
{
	int status = gt_run(simd, NULL);

	if (EXITED(status, 0))
		gt_skip("this CPU raises no SSE exceptions");
	CHECK(EXITED(status, 100 + FPE_FLTDIV));
}

static void breakpoint(void)
{
	catch (SIGTRAP, note);
	__asm__ volatile("int3");
	CHECK_EQ(seen, SIGTRAP);
	CHECK_EQ(seen_code, SI_KERNEL);
	CHECK_EQ(seen_count, 1);
}

/* The trap flag: a signal after each instruction, system calls included. */
static void single_step(void)
{
	catch (SIGTRAP, note);
	__asm__ volatile(TRAP_FLAG_ON "nop; nop; nop;" TRAP_FLAG_OFF ::: "memory", "cc");
	CHECK_EQ(seen, SIGTRAP);
	CHECK_EQ(seen_code, TRAP_TRACE);
	CHECK(seen_count >= 4);
}

static void single_step_syscall(void)
{
	long pid;

	catch (SIGTRAP, note);
	__asm__ volatile(TRAP_FLAG_ON "syscall;" TRAP_FLAG_OFF
			 : "=a"(pid)
			 : "a"(SYS_getpid)
			 : "rcx", "r11", "memory", "cc");
	CHECK_EQ(pid, getpid());
	CHECK_EQ(seen, SIGTRAP);
}

/* A debug trap that MOV SS delays to the first instruction of the kernel. */
static void mov_ss_syscall(void)
{
	long pid;
	unsigned short ss;

	catch (SIGTRAP, note);
	__asm__ volatile("movw %%ss, %1;" TRAP_FLAG_ON "movw %1, %%ss; syscall;" TRAP_FLAG_OFF
			 : "=a"(pid), "=m"(ss)
			 : "a"(SYS_getpid)
			 : "rcx", "r11", "memory", "cc");
	CHECK_EQ(pid, getpid());
}

/* The kernel runs with its own direction, alignment and nesting flags whatever the user's are. */
static void flags_in_syscalls(void)
{
	static const unsigned long bits[] = {FLAG_DF, FLAG_NT, FLAG_AC,
					     FLAG_DF | FLAG_NT | FLAG_AC};
	char name[65];
	long r;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		unsigned long after;

		memset(name, 0, sizeof(name));
		__asm__ volatile("pushfq; orq %3, (%%rsp); popfq; syscall; pushfq; popq %1;"
				 "pushfq; andq %4, (%%rsp); popfq"
				 : "=a"(r), "=&r"(after)
				 : "a"(SYS_getcwd), "r"(bits[i]), "r"(~bits[i]), "D"(name),
				   "S"(sizeof(name))
				 : "rcx", "r11", "memory", "cc");
		CHECK(r > 0);
		CHECK_EQ(name[0], '/');
		CHECK_EQ(after & bits[i], bits[i]);
	}
}

/* Interrupts and page faults arrive with these flags set, too. */
static void flags_in_traps(void)
{
	char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long bits = FLAG_DF | FLAG_NT | FLAG_AC;
	volatile unsigned long spin;

	CHECK(p != MAP_FAILED);
	__asm__ volatile("pushfq; orq %0, (%%rsp); popfq" ::"r"(bits) : "memory", "cc");
	for (size_t i = 0; i < 1 << 20; i += 4096)
		* (volatile char *)(p + i) = 1;
	for (spin = 0; spin < 20000000; spin++)
		;
	__asm__ volatile("pushfq; andq %0, (%%rsp); popfq" ::"r"(~bits) : "memory", "cc");
	for (size_t i = 0; i < 1 << 20; i += 4096)
		CHECK_EQ(p[i], 1);
}

static void io_privilege(void)
{
	write_flags(read_flags() | FLAG_IOPL);
	CHECK_EQ(read_flags() & FLAG_IOPL, 0);
}

static int misaligned(void *arg)
{
	static char buf[16] __attribute__((aligned(16)));

	catch (SIGBUS, note_and_end);
	__asm__ volatile("pushfq; orq $0x40000, (%%rsp); popfq; movl %%eax, 1(%0)" ::"r"(buf)
			 : "memory", "cc");
	(void)arg;
	return 0;
}

static void alignment_check(void)
{
	int status = gt_run(misaligned, NULL);

	if (EXITED(status, 0))
		gt_skip("this CPU checks no alignment"); /* QEMU's emulated one */
	CHECK(EXITED(status, 100 + BUS_ADRALN));
}

static int touch(void *arg)
{
	catch (SIGSEGV, note_and_end);
	* (volatile char *)arg = 1;
	return 0;
}

static void odd_addresses(void)
{
	static void *const bad[] = {
		(void *)0x0000800000000000UL, (void *)0x8000000000000000UL,
		(void *)0xffff800000000000UL, (void *)0xffffffff80100000UL,
		(void *)0xfffffffffffff000UL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int status = gt_run(touch, bad[i]);

		CHECK(EXITED(status, 100 + SEGV_MAPERR) || EXITED(status, 100 + SI_KERNEL % 100));
	}
}

static int jump(void *arg)
{
	catch (SIGSEGV, note_and_end);
	((void (*)(void))arg)();
	return 0;
}

static void odd_jumps(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;

	CHECK(page != MAP_FAILED);
	* page = (char)0xc3;
	CHECK(EXITED(gt_run(jump, page), 100 + SEGV_ACCERR)); /* not executable */
	status = gt_run(jump, (void *)0x0000800000000000UL);
	CHECK(EXITED(status, 100 + SEGV_MAPERR) || EXITED(status, 100 + SI_KERNEL % 100));
	status = gt_run(jump, (void *)0xffffffff80100000UL);
	CHECK(EXITED(status, 100 + SEGV_MAPERR) || EXITED(status, 100 + SI_KERNEL % 100));
}

/* System calls do not touch the user's stack, so any value will do. */
static void odd_stacks(void)
{
	static const unsigned long stacks[] = {0, 8, 0x800000000000UL, 0xffff800000000000UL, ~0UL};

	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		long pid;

		__asm__ volatile("movq %%rsp, %%r12; movq %2, %%rsp; syscall; movq %%r12, %%rsp"
				 : "=a"(pid)
				 : "a"(SYS_getpid), "r"(stacks[i])
				 : "rcx", "r11", "r12", "memory");
		CHECK_EQ(pid, getpid());
	}
}

/* ---- system calls of 32-bit programs, of which there are none ---- */

#define LOW_CODE ((unsigned char *)0x10000000UL)
#define LOW_STACK ((char *)0x20000000UL)
#define USER32_CS 0x23

struct compat_call {
	const char *name;
	unsigned char code[2];
	bool long_mode;
};

enum { REFUSED = 10, UNKNOWN, EXECUTED };

static void tell_refusal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (sig == SIGSEGV && info->si_code == SI_KERNEL)
		_exit(REFUSED);
	if (sig == SIGILL && info->si_code == ILL_ILLOPN)
		_exit(UNKNOWN);
	_exit(sig == SIGTRAP ? EXECUTED : 1);
}

static void catch_refusals(void)
{
	static char stack[16384];
	struct sigaction sa = {.sa_sigaction = tell_refusal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};

	CHECK_EQ(sigaltstack(&alt, NULL), 0);
	CHECK_EQ(sigaction(SIGSEGV, &sa, NULL), 0);
	CHECK_EQ(sigaction(SIGILL, &sa, NULL), 0);
	CHECK_EQ(sigaction(SIGTRAP, &sa, NULL), 0);
}

/* The instruction and an int3 behind it, in 32-bit or in 64-bit mode; number: getpid of the one ABI. */
static int compat_call(void *arg)
{
	const struct compat_call *call = arg;
	struct __attribute__((packed)) {
		unsigned int ip;
		unsigned short cs;
	} far = {0x10000000, USER32_CS};

	CHECK(mmap(LOW_CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == LOW_CODE);
	CHECK(mmap(LOW_STACK, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == LOW_STACK);
	memset(LOW_STACK, 0, 4096);
	memcpy(LOW_CODE, call->code, 2);
	LOW_CODE[2] = 0xcc;
	catch_refusals();
	if (call->long_mode)
		__asm__ volatile("jmp *%0" ::"r"(LOW_CODE), "a"(20) : "memory");
	else
		__asm__ volatile("movq %1, %%rsp; ljmpl *(%0)" ::"r"(&far), "r"(LOW_STACK + 2048),
				 "a"(20)
				 : "memory");
	return 0;
}

static bool is_intel(void)
{
	unsigned int a = 0, b, c, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return b == 0x756e6547 && d == 0x49656e69 && c == 0x6c65746e;
}

/*
 * Intel's CPUs do not have SYSCALL in 32-bit mode, AMD's do not have SYSENTER in 64-bit kernels; an
 * emulated one may have both. None of them may get anywhere.
 */
static void compat_calls(void)
{
	static const struct compat_call calls[] = {
		{"syscall in 32-bit mode", {0x0f, 0x05}, false},
		{"sysenter in 32-bit mode", {0x0f, 0x34}, false},
		{"int 0x80 in 32-bit mode", {0xcd, 0x80}, false},
		{"sysenter", {0x0f, 0x34}, true},
		{"int 0x80", {0xcd, 0x80}, true},
	};

	if (!gt_on_twinix())
		gt_skip("Linux has an ABI for 32-bit programs");
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		bool syscall = calls[i].code[1] == 0x05, sysenter = calls[i].code[1] == 0x34;
		int status = gt_run(compat_call, (void *)&calls[i]);

		if ((syscall && is_intel()) || (sysenter && !is_intel()))
			status = EXITED(status, UNKNOWN) ? REFUSED << 8 : status;
		if (!EXITED(status, REFUSED))
			gt_fail(__FILE__, __LINE__, "%s: status %x", calls[i].name, status);
	}
}

static const struct gt_test tests[] = {
	{"privileged", privileged, 0},
	{"software_interrupts", software_interrupts, 0},
	{"compat_calls", compat_calls, 0},
	{"arithmetic", arithmetic, 0},
	{"arithmetic_simd", arithmetic_simd, 0},
	{"breakpoint", breakpoint, 0},
	{"single_step", single_step, 0},
	{"single_step_syscall", single_step_syscall, 0},
	{"mov_ss_syscall", mov_ss_syscall, 0},
	{"flags_in_syscalls", flags_in_syscalls, 0},
	{"flags_in_traps", flags_in_traps, 0},
	{"io_privilege", io_privilege, 0},
	{"alignment_check", alignment_check, 0},
	{"odd_addresses", odd_addresses, 0},
	{"odd_jumps", odd_jumps, 0},
	{"odd_stacks", odd_stacks, 0},
};

GT_GROUP(traps);
