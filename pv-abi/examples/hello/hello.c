// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The smallest guest that uses every part of the PV ABI a kernel needs: it boots,
 * prints, takes a timer, talks to a second vCPU by IPI, runs a user mode with a
 * system call and a page fault, and powers off. Written from SPECIFICATION.md alone;
 * the numbers in the comments are its sections.
 */
#include "hello.h"
#include "hypercall.h"
#include "pv_abi.h"

#define MS	1000000UL

/* What the stubs push, lowest address first. */
struct registers {
	unsigned long r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
};

extern char start_second[], enter_syscall[], enter_user[], enter_kernel[];
extern char user_page[], stack0[], stack1[];

static struct pv_vcpu *vcpu_pages;
static unsigned long tables[4][512] __attribute__((aligned(4096)));
static unsigned long user_data[512] __attribute__((aligned(4096)));
static volatile int ticks, greetings[2];
static int exit_status;

static unsigned long gpa_of(const void *object)
{
	return (unsigned long)object - KERNEL_VA;
}

/* ------------------------------------------------------------- console (9) */

static void print_bytes(const char *text, unsigned long bytes)
{
	static char buffer[256];

	while (bytes) {
		unsigned long n = bytes < sizeof(buffer) ? bytes : sizeof(buffer);
		long done;

		for (unsigned long i = 0; i < n; i++)
			buffer[i] = text[i];
		done = hypercall(PV_HC_CONSOLE_WRITE, gpa_of(buffer), n, 0, 0, 0);
		if (done <= 0)
			return;
		text += done;
		bytes -= done;
	}
}

static void print(const char *text)
{
	unsigned long n = 0;

	while (text[n])
		n++;
	print_bytes(text, n);
}

static void print_number(unsigned long number)
{
	char digits[20], *at = digits + sizeof(digits);

	do
		*--at = '0' + number % 10;
	while (number /= 10);
	print_bytes(at, digits + sizeof(digits) - at);
}

static void power_off(int status)
{
	hypercall(PV_HC_SHUTDOWN, PV_SHUTDOWN_POWEROFF, status, 0, 0, 0);
}

static void panic(const char *why)
{
	unsigned long n = 0;

	while (why[n])
		n++;
	hypercall(PV_HC_SHUTDOWN, PV_SHUTDOWN_PANIC, 1, gpa_of(why), n, 0);
}

static void check(long result, const char *what)
{
	if (result < 0)
		panic(what);
}

/* ------------------------------------------------------------- events (4) */

/* The page of the vCPU that runs this, from the base of its stack; see entry.S. */
static struct pv_vcpu *this_vcpu(void)
{
	unsigned long sp = (unsigned long)__builtin_frame_address(0);

	return *(struct pv_vcpu **)(sp & -(unsigned long)STACK_SIZE);
}

/* Handles what is pending. Masked. */
void hello_events(void)
{
	struct pv_vcpu *vcpu = this_vcpu();
	unsigned long events = __atomic_exchange_n(&vcpu->pending, 0, __ATOMIC_SEQ_CST);

	if (events & (1UL << PV_EVENT_TIMER))
		ticks++;
	if (events & (1UL << PV_EVENT_IPI0))
		greetings[vcpu->index]++;
}

static void unmask(void)
{
	struct pv_vcpu *vcpu = this_vcpu();

	__atomic_store_n(&vcpu->mask, 0, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&vcpu->pending, __ATOMIC_RELAXED))
		hypercall(PV_HC_NOP, 0, 0, 0, 0, 0);
}

static void mask(void)
{
	__atomic_store_n(&this_vcpu()->mask, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Sleeps until something has been counted (4.5). */
static void wait_for(volatile int *count)
{
	mask();
	while (!*count) {
		check(hypercall(PV_HC_BLOCK, PV_ANY, 0, 0, 0, 0), "block");
		unmask();
		mask();
	}
	unmask();
}

void hello_kernel_trap(const struct registers *registers, unsigned int cause, unsigned long address)
{
	(void)registers;
	(void)address;
	if ((cause & 0x7f) == PV_CAUSE_EVENT)
		hello_events();
	else
		panic("a trap in the guest kernel");
}

/* ------------------------------------------------------------- user mode (5, 7) */

/* Maps one page in the user's tables, which cover one 2 MiB piece of memory a table. */
static void map_user(unsigned long va, const void *page, unsigned long rights)
{
	unsigned long table = PV_PTE_P | PV_PTE_W | PV_PTE_U | PV_PTE_A;

	tables[0][va >> 39] = gpa_of(tables[1]) | table;
	tables[1][va >> 30 & 511] = gpa_of(tables[2]) | table;
	tables[2][va >> 21 & 511] = gpa_of(tables[3]) | table;
	tables[3][va >> 12 & 511] = gpa_of(page) | PV_PTE_P | PV_PTE_U | PV_PTE_A | rights;
}

/* Both lie in one piece of 2 MiB, so one table serves. */
_Static_assert(USER_CODE >> 21 == USER_DATA >> 21, "one table");

static void run_user(void)
{
	struct pv_vcpu *vcpu = this_vcpu();

	map_user(USER_CODE, user_page, 0);
	mask();
	vcpu->kernel_sp = (unsigned long)stack0 + STACK_SIZE;
	vcpu->ip = USER_CODE;
	vcpu->sp = 0;
	vcpu->flags = 0x202;
	vcpu->cs = PV_CS64;
	vcpu->ss = PV_SS;
	vcpu->ax = 0;
	vcpu->cx = 0;
	vcpu->r11 = 0;
	vcpu->user_root = gpa_of(tables[0]);
	vcpu->ret_flags = PV_RET_ROOT;
	check(hypercall(PV_HC_RET_USER, 0, 0, 0, 0, 0), "cannot enter user mode");
}

void hello_bad_return(long error)
{
	(void)error;
	panic("cannot return to user mode");
}

/* A system call: only the result has to be stored to return (7). */
void hello_syscall(const struct registers *user)
{
	struct pv_vcpu *vcpu = this_vcpu();

	switch (user->rax) {
	case SYS_PRINT:
		if (user->rdi < USER_CODE || user->rsi > 4096 ||
		    user->rdi - USER_CODE > 4096 - user->rsi)
			break;
		print_bytes(user_page + (user->rdi - USER_CODE), user->rsi);
		vcpu->ax = 0;
		vcpu->ret_flags = PV_RET_SYSRET;
		return;
	case SYS_EXIT:
		print("user:   6 * 7 = ");
		print_number(user->rdi);
		print("\n");
		power_off(user->rdi == 42 ? exit_status : 1);
	}
	panic("a bad system call");
}

/* Anything else from user mode: events, and the one page fault that is meant to happen. */
void hello_user_trap(const struct registers *user)
{
	struct pv_vcpu *vcpu = this_vcpu();

	if (vcpu->cause == PV_CAUSE_EVENT) {
		hello_events();
	} else if (vcpu->cause == PV_CAUSE_TRAP && vcpu->vector == 14 && vcpu->addr == USER_DATA) {
		print("kernel: mapping the page\n");
		map_user(USER_DATA, user_data, PV_PTE_W | PV_PTE_D | PV_PTE_NX);
	} else {
		panic("a trap in user mode");
	}
	vcpu->ax = user->rax;
	vcpu->cx = user->rcx;
	vcpu->r11 = user->r11;
	vcpu->ranges[0].va = USER_DATA;
	vcpu->ranges[0].npages = 1;
	vcpu->ranges[0].flags = PV_RANGE_ANNOUNCE;
	vcpu->ret_flags = 1 << PV_RET_RANGES_SHIFT;
}

/* ------------------------------------------------------------- start (2, 3) */

static void set_entries(void)
{
	check(hypercall(PV_HC_SET_ENTRIES, (unsigned long)enter_syscall, (unsigned long)enter_user,
			(unsigned long)enter_kernel, 0, 0), "entry points");
}

/* The number behind "status=" on the command line, else 0. */
static int wanted_status(const char *cmdline)
{
	static const char name[] = "status=";

	for (; *cmdline; cmdline++) {
		int n = 0, number = 0;

		while (name[n] && cmdline[n] == name[n])
			n++;
		if (name[n])
			continue;
		for (; cmdline[n] >= '0' && cmdline[n] <= '9'; n++)
			number = number * 10 + cmdline[n] - '0';
		return number;
	}
	return 0;
}

static void greet(const struct pv_boot *boot)
{
	print("hello:  PV ABI ");
	print_number(boot->major);
	print(".");
	print_number(boot->minor);
	print(", ");
	print_number(boot->nr_vcpus);
	print(" vCPUs, ");
	print_number(boot->ram_bytes >> 10);
	print(" KiB\n");
}

static void take_timer(void)
{
	long now = hypercall(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0, 0, 0);

	check(hypercall(PV_HC_SET_TIMER, now + 2 * MS, 0, 0, 0, 0), "timer");
	wait_for(&ticks);
	if (hypercall(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0, 0, 0) - now < (long)(2 * MS))
		panic("the timer was early");
	print("timer:  in time\n");
}

/* vCPU 1: answers one IPI with another and goes to sleep for good. */
void hello_second(struct pv_vcpu *vcpu)
{
	set_entries();
	wait_for(&greetings[1]);
	check(hypercall(PV_HC_IPI, 1, 0, PV_EVENT_IPI0, 0, 0), "IPI");
	hypercall(PV_HC_VCPU_STOP, vcpu->index, 0, 0, 0, 0);
}

static void start_vcpu(const struct pv_boot *boot)
{
	*(struct pv_vcpu **)stack1 = vcpu_pages + 1;
	check(hypercall(PV_HC_VCPU_START, 1, (unsigned long)start_second,
			(unsigned long)stack1 + STACK_SIZE, boot->root,
			(unsigned long)(vcpu_pages + 1)), "second vCPU");
	check(hypercall(PV_HC_IPI, 2, 0, PV_EVENT_IPI0, 0, 0), "IPI");
	wait_for(&greetings[0]);
	print("vCPU 1: answered\n");
}

void hello_main(const struct pv_boot *boot)
{
	if (boot->magic != PV_BOOT_MAGIC || boot->major != PV_ABI_MAJOR)
		power_off(2);
	vcpu_pages = (struct pv_vcpu *)(PV_VA_DIRECT + boot->vcpu_pages);
	*(struct pv_vcpu **)stack0 = vcpu_pages;
	exit_status = wanted_status((const char *)(PV_VA_DIRECT + boot->cmdline));
	set_entries();
	greet(boot);
	take_timer();
	if (boot->nr_vcpus > 1)
		start_vcpu(boot);
	run_user();
}
