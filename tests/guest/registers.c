// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU's registers belong to one thread: system calls, signals, interrupts and other
 * processes leave them alone, and nothing of one thread shows up in another.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "gt.h"

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004
#define RIVALS 3
#define SPIN_NS 300000000ULL

struct vectors {
	uint64_t xmm[16][2];
	uint32_t mxcsr;
	uint16_t control;
} __attribute__((aligned(16)));

static void load_vectors(const struct vectors *v)
{
	__asm__ volatile("movdqu 0(%0), %%xmm0; movdqu 16(%0), %%xmm1;"
			 "movdqu 32(%0), %%xmm2; movdqu 48(%0), %%xmm3;"
			 "movdqu 64(%0), %%xmm4; movdqu 80(%0), %%xmm5;"
			 "movdqu 96(%0), %%xmm6; movdqu 112(%0), %%xmm7;"
			 "movdqu 128(%0), %%xmm8; movdqu 144(%0), %%xmm9;"
			 "movdqu 160(%0), %%xmm10; movdqu 176(%0), %%xmm11;"
			 "movdqu 192(%0), %%xmm12; movdqu 208(%0), %%xmm13;"
			 "movdqu 224(%0), %%xmm14; movdqu 240(%0), %%xmm15;"
			 "ldmxcsr 256(%0); fldcw 260(%0)" ::"r"(v)
			 : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

static void store_vectors(struct vectors *v)
{
	__asm__ volatile("movdqu %%xmm0, 0(%0); movdqu %%xmm1, 16(%0);"
			 "movdqu %%xmm2, 32(%0); movdqu %%xmm3, 48(%0);"
			 "movdqu %%xmm4, 64(%0); movdqu %%xmm5, 80(%0);"
			 "movdqu %%xmm6, 96(%0); movdqu %%xmm7, 112(%0);"
			 "movdqu %%xmm8, 128(%0); movdqu %%xmm9, 144(%0);"
			 "movdqu %%xmm10, 160(%0); movdqu %%xmm11, 176(%0);"
			 "movdqu %%xmm12, 192(%0); movdqu %%xmm13, 208(%0);"
			 "movdqu %%xmm14, 224(%0); movdqu %%xmm15, 240(%0);"
			 "stmxcsr 256(%0); fnstcw 260(%0)" ::"r"(v)
			 : "memory");
}

static void fill(struct vectors *v, uint64_t seed)
{
	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < 16; i++) {
		v->xmm[i][0] = gt_random(&seed);
		v->xmm[i][1] = gt_random(&seed);
	}
	v->mxcsr = 0x1f80 | (unsigned int)(seed & 3) << 13; /* rounding */
	v->control = (uint16_t)(0x37f & ~(0xc00)) | (uint16_t)((seed >> 2 & 3) << 10);
}

/* Raw, so that no library code comes between the registers and the kernel. */
static long raw_syscall0(long nr)
{
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(nr) : "rcx", "r11", "memory");
	return r;
}

/* Keeps its pattern through yields and interrupts for a while. */
static int keep_vectors(void *arg)
{
	uint64_t end = gt_now() + SPIN_NS,
		 seed = (uint64_t)(uintptr_t)arg * 0x9e3779b97f4a7c15ULL + 1;
	struct vectors want, got;

	fill(&want, seed);
	memset(&got, 0, sizeof(got));
	while (gt_now() < end) {
		load_vectors(&want);
		for (int i = 0; i < 20; i++)
			raw_syscall0(SYS_sched_yield);
		for (volatile int i = 0; i < 20000; i++)
			;
		store_vectors(&got);
		if (memcmp(&want, &got, sizeof(want)))
			return 1;
	}
	return 0;
}

static void vectors_rivals(void)
{
	pid_t pids[RIVALS];

	for (uintptr_t i = 0; i < RIVALS; i++)
		pids[i] = gt_child(keep_vectors, (void *)(i + 1));
	for (size_t i = 0; i < RIVALS; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static int compare_vectors(void *arg)
{
	struct vectors got;

	memset(&got, 0, sizeof(got));
	store_vectors(&got);
	return memcmp(arg, &got, sizeof(got)) != 0;
}

/* A child starts with its parent's registers, whatever other children do with theirs. */
static void vectors_fork(void)
{
	struct vectors want, got;

	fill(&want, 77);
	memset(&got, 0, sizeof(got));
	for (int i = 0; i < 50; i++) {
		pid_t pid;
		int status;

		load_vectors(&want);
		pid = (pid_t)raw_syscall0(SYS_fork);
		if (pid == 0)
			_exit(compare_vectors(&want));
		store_vectors(&got);
		CHECK(!memcmp(&want, &got, sizeof(want)));
		status = gt_wait(pid);
		CHECK(EXITED(status, 0));
	}
}

static volatile sig_atomic_t handled;

static void clobber(int sig)
{
	struct vectors other;

	(void)sig;
	fill(&other, 4711);
	load_vectors(&other);
	handled++;
}

/* A handler starts with sane control words and may use all registers. */
static void vectors_signal(void)
{
	struct vectors want, got;
	long r, pid = getpid();

	signal(SIGUSR1, clobber);
	fill(&want, 99);
	memset(&got, 0, sizeof(got));
	for (int i = 1; i <= 20; i++) {
		load_vectors(&want);
		__asm__ volatile("syscall"
				 : "=a"(r)
				 : "a"(SYS_kill), "D"(pid), "S"(SIGUSR1)
				 : "rcx", "r11", "memory");
		store_vectors(&got);
		CHECK_EQ(r, 0);
		CHECK_EQ(handled, i);
		CHECK(!memcmp(&want, &got, sizeof(want)));
	}
}

static bool has_avx(void)
{
	unsigned int a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(c >> 27 & 1) || !(c >> 28 & 1))
		return false;
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (a & 6) == 6;
}

/* The upper halves of the AVX registers are state of their own. */
static int keep_avx(void *arg)
{
	uint64_t want[4], got[4], end = gt_now() + SPIN_NS, seed = (uint64_t)(uintptr_t)arg;

	for (size_t i = 0; i < 4; i++)
		want[i] = gt_random(&seed);
	while (gt_now() < end) {
		__asm__ volatile("vmovdqu %0, %%ymm9" ::"m"(want) : "xmm9");
		for (int i = 0; i < 20; i++)
			raw_syscall0(SYS_sched_yield);
		__asm__ volatile("vmovdqu %%ymm9, %0" : "=m"(got));
		if (memcmp(want, got, sizeof(want)))
			return 1;
	}
	return 0;
}

static void avx_rivals(void)
{
	pid_t pids[RIVALS];

	if (!has_avx())
		gt_skip("no AVX");
	for (uintptr_t i = 0; i < RIVALS; i++)
		pids[i] = gt_child(keep_avx, (void *)(i + 1));
	for (size_t i = 0; i < RIVALS; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

/* All but rax, rcx and r11 survive a system call. */
static void general_syscall(void)
{
	uint64_t in[12], out[12], seed = 5;

	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(in); i++)
			in[i] = gt_random(&seed);
		__asm__ volatile(
			"pushq %%rbp; pushq %%rbx; pushq %1;"
			"movq %0, %%rax;"
			"movq 0(%%rax), %%rbx; movq 8(%%rax), %%rdx;"
			"movq 16(%%rax), %%rsi; movq 24(%%rax), %%rdi; movq 32(%%rax), %%rbp;"
			"movq 40(%%rax), %%r8; movq 48(%%rax), %%r9;"
			"movq 56(%%rax), %%r10; movq 64(%%rax), %%r12; movq 72(%%rax), %%r13;"
			"movq 80(%%rax), %%r14; movq 88(%%rax), %%r15;"
			"movl %2, %%eax; syscall; popq %%rax;"
			"movq %%rbx, 0(%%rax); movq %%rdx, 8(%%rax);"
			"movq %%rsi, 16(%%rax); movq %%rdi, 24(%%rax); movq %%rbp, 32(%%rax);"
			"movq %%r8, 40(%%rax); movq %%r9, 48(%%rax);"
			"movq %%r10, 56(%%rax); movq %%r12, 64(%%rax); movq %%r13, 72(%%rax);"
			"movq %%r14, 80(%%rax); movq %%r15, 88(%%rax); popq %%rbx; popq %%rbp" ::
				"r"(in),
			"r"(out), "i"(SYS_getppid)
			: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
			  "r14", "r15", "memory", "cc");
		CHECK(!memcmp(in, out, sizeof(in)));
	}
}

static int base(int code, unsigned long addr)
{
	return (int)syscall(SYS_arch_prctl, code, addr);
}

static unsigned long get_gs(void)
{
	unsigned long v = 0;

	CHECK_EQ(base(ARCH_GET_GS, (unsigned long)&v), 0);
	return v;
}

static int keep_gs(void *arg)
{
	uint64_t word = 0x1234567800000000ULL + (uintptr_t)arg, end = gt_now() + SPIN_NS;

	if (base(ARCH_SET_GS, (unsigned long)&word))
		return 2;
	while (gt_now() < end) {
		uint64_t seen;

		raw_syscall0(SYS_sched_yield);
		__asm__ volatile("movq %%gs:0, %0" : "=r"(seen));
		if (seen != word || get_gs() != (unsigned long)&word)
			return 1;
	}
	return 0;
}

static void segment_bases(void)
{
	unsigned long fs = 0;
	pid_t pids[RIVALS];

	for (uintptr_t i = 0; i < RIVALS; i++)
		pids[i] = gt_child(keep_gs, (void *)i);
	for (size_t i = 0; i < RIVALS; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
	CHECK_EQ(base(ARCH_GET_FS, (unsigned long)&fs), 0);
	CHECK(fs != 0);
	CHECK_ERR(base(ARCH_SET_GS, 0xffff800000000000UL), EPERM);
	CHECK_ERR(base(ARCH_SET_GS, 0x0000800000000000UL), EPERM);
	CHECK_ERR(base(0x4321, 0), EINVAL);
	CHECK_ERR(base(ARCH_GET_GS, (unsigned long)BAD_PTR), EFAULT);
}

/* Selectors are the thread's own, too, even if hardly a program sets them. */
static int keep_selectors(void *arg)
{
	uint64_t end = gt_now() + SPIN_NS;
	unsigned short want = arg ? 0x2b : 0, ds, es;

	__asm__ volatile("movw %0, %%ds; movw %0, %%es" ::"r"(want));
	while (gt_now() < end) {
		raw_syscall0(SYS_sched_yield);
		__asm__ volatile("movw %%ds, %0; movw %%es, %1" : "=r"(ds), "=r"(es));
		if (ds != want || es != want)
			return 1;
	}
	return 0;
}

static void selectors(void)
{
	pid_t a = gt_child(keep_selectors, NULL);
	pid_t b = gt_child(keep_selectors, (void *)1);
	pid_t c = gt_child(keep_selectors, NULL);

	CHECK(EXITED(gt_wait(a), 0));
	CHECK(EXITED(gt_wait(b), 0));
	CHECK(EXITED(gt_wait(c), 0));
}

/* Sleeps again and again with a selector that has taken the place of FS's base. */
static void __attribute__((noreturn)) sleep_with_selector(void)
{
	struct timespec ts = {0, 3000000};
	long nr;

	/* No library code any more: it would look for its thread behind FS. */
	__asm__ volatile("movl %0, %%fs" ::"r"(0x2b));
	for (;;) {
		nr = SYS_nanosleep;
		__asm__ volatile("syscall" : "+a"(nr) : "D"(&ts), "S"(0) : "rcx", "r11", "memory");
	}
}

static uint64_t fs_base(void)
{
	uint64_t base = 0;

	CHECK_EQ(syscall(SYS_arch_prctl, ARCH_GET_FS, &base), 0);
	return base;
}

/*
 * Selectors that one process loads do not reach another with the same FS base (its parent), with
 * an idle CPU in between.
 */
static void selectors_stay_here(void)
{
	uint64_t self, base = fs_base(), end = gt_now() + SPIN_NS;
	cpu_set_t set;
	uint16_t fs;
	pid_t pid;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		sleep_with_selector();
	while (gt_now() < end) {
		gt_sleep_ms(2);
		__asm__ volatile("movq %%fs:0, %0; movw %%fs, %1" : "=r"(self), "=r"(fs));
		CHECK_EQ(self, base); /* musl's first word there is its own address */
		CHECK_EQ(fs, 0);
	}
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK(KILLED(gt_wait(pid), SIGKILL));
}

static const struct gt_test tests[] = {
	{"vectors_rivals", vectors_rivals, 0},
	{"vectors_fork", vectors_fork, 0},
	{"vectors_signal", vectors_signal, 0},
	{"avx_rivals", avx_rivals, 0},
	{"general_syscall", general_syscall, 0},
	{"segment_bases", segment_bases, 0},
	{"selectors", selectors, 0},
	{"selectors_stay_here", selectors_stay_here, 0},
};

GT_GROUP(registers);
