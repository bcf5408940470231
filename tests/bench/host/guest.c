// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest kernel that measures the host: hypercalls, events, IPIs, and through its
 * user program system calls, address spaces and page faults. Prints lines "NAME TICKS
 * OPERATIONS". With "idle" on its command line it says so and sleeps for ever.
 */
#include "bench.h"
#include "guest.h"
#include "hypercall.h"
#include "pv_abi.h"

#define ROUNDS	20000

extern char start_second[], enter_syscall[], enter_user[], enter_kernel[];
extern char stack0[], stack1[], user_page[];
void user_main(void);

typedef unsigned long table[512];

static struct pv_vcpu *vcpus;
static table tables[2][6] __attribute__((aligned(4096)));	/* of the two user address spaces */
static char user_stack[4096] __attribute__((aligned(4096)));
static char user_data[USER_PAGES][4096] __attribute__((aligned(4096)));
static int announce, in_space;

static unsigned long gpa_of(const void *object)
{
	return (unsigned long)object - KERNEL_VA;
}

/* ------------------------------------------------------------- output */

static void print(const char *text)
{
	static char line[128];
	unsigned long n = 0;

	for (; text[n] && n < sizeof(line); n++)
		line[n] = text[n];
	hypercall(PV_HC_CONSOLE_WRITE, gpa_of(line), n, 0, 0, 0);
}

static void print_number(unsigned long number)
{
	char digits[24], *at = digits + sizeof(digits) - 1;

	*at = 0;
	do
		*--at = '0' + number % 10;
	while (number /= 10);
	print(at);
}

static void end(int status)
{
	hypercall(PV_HC_SHUTDOWN, PV_SHUTDOWN_POWEROFF, status, 0, 0, 0);
}

static void die(const char *why)
{
	print(why);
	print("\n");
	end(1);
}

static void report(unsigned long id, unsigned long ticks, unsigned long operations)
{
	static const char names[][24] = {
		[BENCH_HYPERCALL] = "hypercall ",
		[BENCH_EXIT] = "exit ",
		[BENCH_EVENT] = "event ",
		[BENCH_IPI] = "ipi ",
		[BENCH_SYSCALL] = "syscall ",
		[BENCH_SWITCH] = "switch ",
		[BENCH_FAULT] = "fault ",
		[BENCH_FAULT_ANNOUNCED] = "fault-announced ",
		[BENCH_REFILL] = "refill ",
	};

	if (id >= sizeof(names) / sizeof(names[0]))
		die("bad report");
	print(names[id]);
	print_number(ticks);
	print(" ");
	print_number(operations);
	print("\n");
}

/* ------------------------------------------------------------- kernel mode */

static void measure_hypercall(void)
{
	unsigned long start;

	for (int i = 0; i < 100; i++)
		hypercall(PV_HC_NOP, 0, 0, 0, 0, 0);
	start = ticks_now();
	for (int i = 0; i < ROUNDS; i++)
		hypercall(PV_HC_NOP, 0, 0, 0, 0, 0);
	report(BENCH_HYPERCALL, ticks_now() - start, ROUNDS);
}

/* To the launcher and back: reading from a console on which nobody types. */
static void measure_exit(void)
{
	unsigned long start, n = ROUNDS / 10;

	for (int i = 0; i < 100; i++)
		hypercall(PV_HC_CONSOLE_READ, gpa_of(user_data), 1, 0, 0, 0);
	start = ticks_now();
	for (unsigned long i = 0; i < n; i++)
		hypercall(PV_HC_CONSOLE_READ, gpa_of(user_data), 1, 0, 0, 0);
	report(BENCH_EXIT, ticks_now() - start, n);
}

/* What the stub has seen since the last time. */
static unsigned long delivered(struct pv_vcpu *vcpu)
{
	return __atomic_exchange_n((unsigned long *)vcpu->guest, 0, __ATOMIC_SEQ_CST);
}

/* An event to itself, unmasked: IPI hypercall, delivery, the stub, and back. */
static void measure_event(void)
{
	unsigned long start, seen = 0;

	vcpus[0].mask = 0;
	start = ticks_now();
	for (int i = 0; i < ROUNDS; i++) {
		hypercall(PV_HC_IPI, 1, 0, PV_EVENT_IPI0, 0, 0);
		seen += !!delivered(vcpus);
	}
	start = ticks_now() - start;
	vcpus[0].mask = 1;
	if (seen != ROUNDS)
		die("an event was lost");
	report(BENCH_EVENT, start, ROUNDS);
}

/* Sleeps until an event has been delivered. */
static void wait_event(struct pv_vcpu *vcpu)
{
	while (!vcpu->pending)
		hypercall(PV_HC_BLOCK, PV_ANY, 0, 0, 0, 0);
	__atomic_store_n(&vcpu->pending, 0, __ATOMIC_SEQ_CST);
}

void bench_second(void)
{
	for (;;) {
		wait_event(vcpus + 1);
		hypercall(PV_HC_IPI, 1, 0, PV_EVENT_IPI0, 0, 0);
	}
}

/* There and back between two vCPUs that both sleep while they wait. */
static void measure_ipi(const struct pv_boot *boot)
{
	unsigned long start, n = ROUNDS / 10;

	*(struct pv_vcpu **)stack1 = vcpus + 1;
	if (hypercall(PV_HC_VCPU_START, 1, (unsigned long)start_second,
		      (unsigned long)stack1 + STACK_SIZE, boot->root, 0))
		die("no second vCPU");
	start = ticks_now();
	for (unsigned long i = 0; i < n + 10; i++) {
		if (i == 10)
			start = ticks_now();
		hypercall(PV_HC_IPI, 2, 0, PV_EVENT_IPI0, 0, 0);
		wait_event(vcpus);
	}
	report(BENCH_IPI, ticks_now() - start, n);
	hypercall(PV_HC_VCPU_STOP, 1, 0, 0, 0, 0);
}

void bench_bad_trap(void)
{
	die("a trap in the guest kernel");
}

/* ------------------------------------------------------------- user mode */

static void map(int space, unsigned long va, const void *page, unsigned long rights)
{
	unsigned long link = PV_PTE_P | PV_PTE_W | PV_PTE_U | PV_PTE_A;
	table *t = tables[space];
	int last = 3 + (va >= USER_DATA);

	t[0][0] = gpa_of(t[1]) | link;
	t[1][0] = gpa_of(t[2]) | link;
	t[2][va >> 21] = gpa_of(t[last]) | link;
	t[last][va >> 12 & 511] = gpa_of(page) | PV_PTE_P | PV_PTE_U | PV_PTE_A | rights;
}

static void flush_data(void)
{
	if (hypercall(PV_HC_FLUSH, gpa_of(tables[in_space][0]), USER_DATA, USER_PAGES, 0, 0))
		die("flush failed");
}

static void unmap_data(void)
{
	for (int i = 0; i < USER_PAGES; i++)
		tables[in_space][4][i] = 0;
	flush_data();
}

static void measure_user(void)
{
	struct pv_vcpu *vcpu = vcpus;

	for (int space = 0; space < 2; space++) {
		map(space, USER_CODE, user_page, 0);
		map(space, USER_STACK, user_stack, PV_PTE_W | PV_PTE_D | PV_PTE_NX);
	}
	vcpu->kernel_sp = (unsigned long)stack0 + STACK_SIZE - 16;	/* the stub looks below it */
	vcpu->ip = USER_CODE + ((unsigned long)user_main - (unsigned long)user_page);
	vcpu->sp = USER_STACK + 4096 - 8;
	vcpu->flags = 0x202;
	vcpu->user_root = gpa_of(tables[0][0]);
	vcpu->ret_flags = PV_RET_SYSRET | PV_RET_ROOT;
	hypercall(PV_HC_RET_USER, 0, 0, 0, 0, 0);
	die("cannot enter user mode");
}

long bench_syscall(unsigned long a, unsigned long b, unsigned long c, unsigned long number)
{
	struct pv_vcpu *vcpu = vcpus;

	vcpu->ret_flags = PV_RET_SYSRET;
	switch (number) {
	case SYS_NULL:
		return 42;
	case SYS_REPORT:
		report(a, b, c);
		return 0;
	case SYS_SWITCH:
		in_space = !in_space;
		vcpu->user_root = gpa_of(tables[in_space][0]);
		vcpu->ret_flags = PV_RET_SYSRET | PV_RET_ROOT;
		return 0;
	case SYS_UNMAP:
		announce = a;
		unmap_data();
		return 0;
	case SYS_FLUSH:
		flush_data();
		return 0;
	default:
		end(0);
		return -1;
	}
}

/* The registers that the stub has pushed, lowest address first. */
struct scratch {
	unsigned long r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
};

void bench_user_trap(const struct scratch *user)
{
	struct pv_vcpu *vcpu = vcpus;
	unsigned long page = (vcpu->addr - USER_DATA) >> 12;

	if (vcpu->cause == PV_CAUSE_TRAP) {
		if (vcpu->vector != 14 || page >= USER_PAGES)
			die("a trap in user mode");
		map(in_space, vcpu->addr, user_data[page], PV_PTE_W | PV_PTE_D | PV_PTE_NX);
	}
	vcpu->ax = user->rax;
	vcpu->cx = user->rcx;
	vcpu->r11 = user->r11;
	vcpu->ret_flags = 0;
	if (announce) {
		vcpu->ranges[0] = (struct pv_range) {
			.va = vcpu->addr, .npages = 1, .flags = PV_RANGE_ANNOUNCE,
		};
		vcpu->ret_flags = 1 << PV_RET_RANGES_SHIFT;
	}
}

static int is_idle(const char *cmdline)
{
	return cmdline[0] == 'i';
}

void bench_main(const struct pv_boot *boot)
{
	vcpus = (struct pv_vcpu *)(PV_VA_DIRECT + boot->vcpu_pages);
	*(struct pv_vcpu **)stack0 = vcpus;
	if (is_idle((const char *)(PV_VA_DIRECT + boot->cmdline))) {
		print("idle\n");
		for (;;)
			hypercall(PV_HC_BLOCK, PV_ANY, 0, 0, 0, 0);
	}
	if (hypercall(PV_HC_SET_ENTRIES, (unsigned long)enter_syscall, (unsigned long)enter_user,
		      (unsigned long)enter_kernel, 0, 0))
		die("entry points");
	measure_hypercall();
	measure_exit();
	measure_event();
	if (boot->nr_vcpus > 1)
		measure_ipi(boot);
	measure_user();
}
