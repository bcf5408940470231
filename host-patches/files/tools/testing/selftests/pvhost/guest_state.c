// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases about state: what a snapshot carries into another machine, what a vCPU starts
 * with, and what comes by eventfd.
 */
#include "guest_lib.h"

#define ENODEV 19
#define SECOND 1000000000UL
#define BIT(n) (1UL << (n))
#define MXCSR_START 0x1f80
#define MXCSR_OTHER 0x3f80 /* rounds down */

static void set_flag(u64 value)
{
	__atomic_store_n(&param->flag, value, __ATOMIC_SEQ_CST);
}

static unsigned int mxcsr(void)
{
	unsigned int value;

	asm volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void set_mxcsr(unsigned int value)
{
	asm volatile("ldmxcsr %0" ::"m"(value));
}

/* Sleeps until all of these have come, now or while others were waited for. */
static void wait_for(u64 events)
{
	static u64 seen;

	while ((seen & events) != events) {
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		seen |= __atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST);
	}
	seen &= ~events;
}

static long start(u64 vcpu, void (*fn)(u64))
{
	u64 sp = GUEST_VA + GUEST_STACKS + (vcpu + 1) * 0x4000 - 8;

	return call5(PV_HC_VCPU_START, vcpu, (u64)fn, sp, GUEST_TABLES, vcpu);
}

/* ---- snapshots ---- */

#define SET(reg, value) "mov $" #value ", %%" #reg "; "
#define DIFFERS(reg, value) "xor $" #value ", %%" #reg "; or %%" #reg ", %%rax; "

/*
 * Waits with all registers full until it is another machine's. r13 is the entry code's.
 * Return: 0 if all of them came along.
 */
static u64 wait_with_registers(volatile u64 *flag)
{
	u64 differs;

	asm volatile(SET(rbx, 0x1111) SET(r12, 0x2222) SET(r14, 0x4444) SET(r15, 0x5555)
		     SET(r8, 0x6666) SET(r9, 0x7777) SET(r10, 0x8888) SET(r11, 0x9999)
		     SET(rsi, 0xaaaa) SET(rdx, 0xbbbb) SET(rcx, 0xcccc)
		     "movq %%rbx, %%xmm0; movq %%r12, %%xmm15; "
		     "movq $1, (%%rdi); 1: pause; cmpq %2, (%%rdi); jne 1b; xor %%eax, %%eax; "
		     DIFFERS(rbx, 0x1111) DIFFERS(r12, 0x2222) DIFFERS(r14, 0x4444)
		     DIFFERS(r15, 0x5555) DIFFERS(r8, 0x6666) DIFFERS(r9, 0x7777)
		     DIFFERS(r10, 0x8888) DIFFERS(r11, 0x9999) DIFFERS(rsi, 0xaaaa)
		     DIFFERS(rdx, 0xbbbb) DIFFERS(rcx, 0xcccc)
		     "movq %%xmm0, %%rcx; " DIFFERS(rcx, 0x1111)
		     "movq %%xmm15, %%rcx; " DIFFERS(rcx, 0x2222)
		     : "=&a"(differs)
		     : "D"(flag), "i"(GUEST_GO_ON)
		     : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r14", "r15",
		       "memory", "cc");
	return differs;
}

static void snapshot_user(u64 unused)
{
	unsigned short es, fs;
	u64 differs;

	asm volatile("movw %w0, %%es; movw %w0, %%fs" ::"r"(PV_SS));
	set_mxcsr(MXCSR_OTHER);
	differs = wait_with_registers(&param->flag);
	NEED(!differs);
	NEED(mxcsr() == MXCSR_OTHER);
	asm volatile("movw %%es, %0; movw %%fs, %1" : "=m"(es), "=m"(fs));
	NEED(es == PV_SS && fs == PV_SS);
	/* The entry points, the way back and the user root are still there. */
	NEED(call3(1001, 0, 0, 0) == 42);
	user_exit(0);
}

static volatile u64 ready;

/* Event IPIn of vCPU 0 from vCPU n; the first one waits until it is asked. */
static void answer(u64 n)
{
	struct pv_vcpu *me = guest_page + n;

	ready = n;
	while (n == 1 && !(__atomic_load_n(&me->pending, __ATOMIC_SEQ_CST) & BIT(PV_EVENT_IPI0)))
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
	NEED(call3(PV_HC_IPI, 1, 0, PV_EVENT_IPI0 + n) == 0);
	call3(PV_HC_VCPU_STOP, n, 0, 0);
}

static u64 clock_of_page(void)
{
	struct pv_clock *clock = &guest_page->clock;
	unsigned int low, high, version;
	u64 ticks, ns;

	do {
		version = __atomic_load_n(&clock->version, __ATOMIC_ACQUIRE);
		asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
		ticks = ((u64)high << 32 | low) - clock->tsc;
		ticks = clock->shift < 0 ? ticks >> -clock->shift : ticks << clock->shift;
		ns = clock->ns + (u64)((unsigned __int128)ticks * clock->mul >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != __atomic_load_n(&clock->version, __ATOMIC_RELAXED));
	return ns;
}

static void time_went_on(u64 due)
{
	u64 now = call3(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0), page = clock_of_page();

	NEED(now >= due && now < due + 600 * SECOND);
	if (guest_page->clock.flags & PV_CLOCK_F_STABLE)
		NEED(page >= due && page - now < 600 * SECOND);
}

/* vCPU 1 is blocked, 2 was never started, 3 was but has not run yet; a timer is set. */
static void snapshot_kernel(void)
{
	static const u64 fs = 0xf5f5, gs = 0x6565;
	u64 due, value;

	NEED(call3(PV_HC_FEATURES, PV_FEAT_STEAL | PV_FEAT_DISCARD, 0, 0) == 0);
	NEED(call3(PV_HC_SET_BASE, PV_BASE_FS, (u64)&fs, 0) == 0);
	NEED(call3(PV_HC_SET_BASE, PV_BASE_GS, (u64)&gs, 0) == 0);
	NEED(start(1, answer) == 0);
	while (!ready || guest_page[1].runstate != PV_RUN_BLOCKED)
		call3(PV_HC_YIELD, PV_ANY, 0, 0);
	NEED(start(3, answer) == 0);
	due = call3(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0) + 5 * SECOND;
	NEED(call3(PV_HC_SET_TIMER, due, 0, 0) == 0);
	set_flag(1);
	wait_for(BIT(PV_EVENT_TIMER) | BIT(GUEST_EVENT));
	time_went_on(due);
	asm volatile("mov %%fs:0, %0" : "=r"(value));
	NEED(value == fs);
	asm volatile("mov %%gs:0, %0" : "=r"(value));
	NEED(value == gs);
	NEED(call3(PV_HC_IPI, BIT(1), 0, PV_EVENT_IPI0) == 0);
	NEED(start(2, answer) == 0);
	wait_for(BIT(PV_EVENT_IPI1) | BIT(PV_EVENT_IPI2) | BIT(PV_EVENT_IPI3));
	NEED(call3(PV_HC_DISCARD, GUEST_HEAP, 1, 0) == 0);
}

/* The launcher answers in one machine what was asked in another. */
static void exit_result(void)
{
	NEED(call3(PV_HC_CONSOLE_READ, GUEST_HEAP, 16, 0) == 3);
}

/* ---- a vCPU started twice ---- */

static void make_dirty(u64 n)
{
	asm volatile("mov $0x1234, %%eax; movq %%rax, %%xmm0; fldpi" ::: "rax");
	set_mxcsr(MXCSR_OTHER);
	NEED(call3(PV_HC_USER_ROOT, GUEST_TABLES, 0, 0) == 0);
	NEED(call3(PV_HC_SET_TIMER, PV_ANY, 0, 0) == 0);
	call3(PV_HC_VCPU_STOP, n, 0, 0);
}

static void find_clean(u64 n)
{
	u64 xmm0;
	unsigned short x87[14];

	asm volatile("movq %%xmm0, %0; fnstenv %1" : "=r"(xmm0), "=m"(x87));
	NEED(xmm0 == 0);
	NEED(mxcsr() == MXCSR_START);
	NEED(x87[0] == 0x37f && x87[4] == 0xffff);
	/* No user mode without a user root. */
	guest_page[n].ret_flags = 0;
	NEED(call3(PV_HC_RET_USER, 0, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_IPI, 1, 0, PV_EVENT_IPI1) == 0);
	call3(PV_HC_VCPU_STOP, n, 0, 0);
}

static void restart(void)
{
	long ret;

	NEED(start(1, make_dirty) == 0);
	do {
		call3(PV_HC_YIELD, PV_ANY, 0, 0);
		ret = start(1, find_clean);
	} while (ret == -EBUSY);
	NEED(ret == 0);
	wait_for(BIT(PV_EVENT_IPI1));
	/* An IPI of which one receiver does not exist reaches none. */
	NEED(call3(PV_HC_IPI, BIT(0) | BIT(20), 0, PV_EVENT_IPI2) == -EINVAL);
	NEED(!(guest_page->pending & BIT(PV_EVENT_IPI2)));
}

/* ---- a vCPU stopped by another ---- */

static volatile u64 laps;

static void run_laps(u64 n)
{
	for (;;)
		laps++;
}

static void stop_at_once(u64 n)
{
	laps++;
	call3(PV_HC_VCPU_STOP, n, 0, 0);
}

/* It spins, or stops itself: it is gone, and comes again. */
static void stop_other(void)
{
	static void (*const life[])(u64) = {run_laps, stop_at_once};

	for (u64 i = 0; i < param->count; i++) {
		u64 before = laps;
		long ret;

		param->note = i;
		do {
			ret = start(1, life[i & 1]);
		} while (ret == -EBUSY);
		NEED(ret == 0);
		while (laps == before)
			call3(PV_HC_YIELD, PV_ANY, 0, 0);
		if (life[i & 1] == run_laps)
			NEED(call3(PV_HC_VCPU_STOP, 1, 0, 0) == 0);
	}
}

static void leave_once(u64 n)
{
	call5(PV_HC_DEV_READ, 0, 0, 4, 0, 0);
	run_laps(n);
}

/* vCPU 1 has left to the launcher, which is about other things. */
static void stop_absent(void)
{
	NEED(start(1, leave_once) == 0);
	while (__atomic_load_n(&param->flag, __ATOMIC_SEQ_CST) != GUEST_GO_ON)
		call3(PV_HC_YIELD, PV_ANY, 0, 0);
	NEED(call3(PV_HC_VCPU_STOP, 1, 0, 0) == 0);
	set_flag(GUEST_GO_ON + 1);
	for (;;)
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
}

/* Sleeps, each time until guest time gets there. */
static void sleeps(void)
{
	for (u64 i = 0; i < param->count; i++) {
		u64 until = call3(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0) + 200000;

		NEED(call3(PV_HC_BLOCK, until, 0, 0) == 0);
		NEED((u64)call3(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0) >= until);
	}
}

/* ---- what a hypercall preserves ---- */

/* Return: 0 if all that must be the same after the call is. */
static u64 changes(u64 nr)
{
	u64 differs;

	asm volatile("push %%rbp; xor %%edi, %%edi; xor %%esi, %%esi; mov $4, %%edx; "
		     SET(rbx, 0x1111) SET(rbp, 0x2222) SET(r12, 0x3333) SET(r13, 0x4444)
		     SET(r14, 0x5555) SET(r15, 0x6666) SET(r8, 0x7777) SET(r9, 0x8888)
		     SET(r10, 0x9999)
		     "movq %%rbx, %%xmm0; movq %%r12, %%xmm15; std; syscall; pushf; "
		     "pop %%rcx; cld; mov %%rcx, %%rax; and $0x400, %%eax; xor $0x400, %%eax; "
		     DIFFERS(rdi, 0) DIFFERS(rsi, 0) DIFFERS(rdx, 4) DIFFERS(rbx, 0x1111)
		     DIFFERS(rbp, 0x2222) DIFFERS(r12, 0x3333) DIFFERS(r13, 0x4444)
		     DIFFERS(r14, 0x5555) DIFFERS(r15, 0x6666) DIFFERS(r8, 0x7777)
		     DIFFERS(r9, 0x8888) DIFFERS(r10, 0x9999)
		     "movq %%xmm0, %%rcx; " DIFFERS(rcx, 0x1111)
		     "movq %%xmm15, %%rcx; " DIFFERS(rcx, 0x3333)
		     "pop %%rbp"
		     : "=a"(differs)
		     : "a"(nr)
		     : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
		       "r14", "r15", "memory", "cc");
	return differs;
}

/* Every call that returns, those that the launcher answers too, and some that do not exist. */
static void preserved(void)
{
	for (u64 nr = 0; nr < PV_HC_NR + 3; nr++) {
		if (nr == PV_HC_RET_USER || nr == PV_HC_SET_ENTRIES || nr == PV_HC_KERNEL_ROOT ||
		    nr == PV_HC_VCPU_STOP || nr == PV_HC_SHUTDOWN)
			continue;
		need(!changes(nr), "hypercall", nr);
	}
}

/* ---- eventfds ---- */

static void doorbells(void)
{
	struct pv_call *calls = at(GUEST_HEAP);

	for (u64 i = 0; i < param->count; i++)
		NEED(call3(PV_HC_DOORBELL, 1, 0, 0) == 0);
	NEED(call3(PV_HC_DOORBELL, 1, 1, 0) == -ENODEV);
	calls[0] = (struct pv_call){.nr = PV_HC_DOORBELL, .arg = {1, 0}};
	calls[1] = (struct pv_call){.nr = PV_HC_DOORBELL, .arg = {1, 1}};
	calls[2] = calls[0];
	NEED(call3(PV_HC_BATCH, GUEST_HEAP, 3, 0) == 1);
	set_flag(1);
	wait_for(BIT(GUEST_EVENT));
}

static void user_case_snapshot(void)
{
	run_user(snapshot_user, 0);
}

const struct guest_code state_cases[] = {
	{CASE_SNAPSHOT_USER, user_case_snapshot},
	{CASE_SNAPSHOT_KERNEL, snapshot_kernel},
	{CASE_EXIT_RESULT, exit_result},
	{CASE_RESTART, restart},
	{CASE_STOP_OTHER, stop_other},
	{CASE_STOP_ABSENT, stop_absent},
	{CASE_SLEEPS, sleeps},
	{CASE_PRESERVED, preserved},
	{CASE_DOORBELLS, doorbells},
	{}
};
