// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second guest, written from SPECIFICATION.md as somebody would who ports a system:
 * two vCPUs run one user address space at once, each with its timer, while pages come by
 * faults, one is taken away under them, and free memory is given back to the host. The
 * stubs are those of hello; the numbers in the comments are sections.
 *
 * It says "port: all right" and ends with status 0, or panics with what was wrong.
 */
#include "hello.h"
#include "hypercall.h"
#include "pv_abi.h"

#define NR_VCPUS	2
#define MS		1000000UL
#define TICKS		20
#define EOPNOTSUPP	95

#define CODE_VA		0x400000UL
#define FLAG_VA		0x401000UL	/* word 0: stop */
#define SHARED_VA	0x402000UL	/* taken away under vCPU 1 */
#define DATA_VA		0x500000UL	/* a page a vCPU: rounds before and after the stop */

#define SYS_STOPPED	1
#define SYS_WRONG	2

struct registers {
	unsigned long r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
};

extern char start_second[], enter_syscall[], enter_user[], enter_kernel[], stack0[], stack1[];
extern char port_user_code[];

/* rdi: own data page, rsi: flag page, rdx: shared page */
__asm__(".section .user, \"ax\"\n.balign 4096\n.globl port_user_code\nport_user_code:\n"
	"1: incq (%rdi); cmpq $0, (%rsi); je 1b\n"
	"mov $1, %eax; syscall\n"
	"2: incq 8(%rdi); cmpq $0, (%rdx); je 2b\n"
	"mov $2, %eax; syscall\n.balign 4096\n.text\n");

static struct pv_vcpu *vcpus;
static unsigned long tables[4][512] __attribute__((aligned(4096)));
static volatile unsigned long flag[512] __attribute__((aligned(4096)));
static volatile unsigned long shared[512] __attribute__((aligned(4096)));
static volatile unsigned long data[NR_VCPUS][512] __attribute__((aligned(4096)));
static volatile int ticks[NR_VCPUS], faults[NR_VCPUS], unmapped, seen_gone;
static int table_lock;

static unsigned long gpa_of(const volatile void *object)
{
	return (unsigned long)object - KERNEL_VA;
}

static void shut_down(int how, int status, const char *text)
{
	static char message[128];
	unsigned long n = 0;

	for (; text[n] && n < sizeof(message); n++)
		message[n] = text[n];
	hypercall(PV_HC_CONSOLE_WRITE, gpa_of(message), n, 0, 0, 0);
	hypercall(PV_HC_SHUTDOWN, how, status, how == PV_SHUTDOWN_PANIC ? gpa_of(message) : 0, n, 0);
}

static void need(int ok, const char *what)
{
	if (!ok)
		shut_down(PV_SHUTDOWN_PANIC, 1, what);
}

static struct pv_vcpu *this_vcpu(void)
{
	unsigned long sp = (unsigned long)__builtin_frame_address(0);

	return *(struct pv_vcpu **)(sp & -(unsigned long)STACK_SIZE);
}

/* The clock in the vCPU page (8), else the hypercall. */
static unsigned long now(void)
{
	const volatile struct pv_clock *clock = &this_vcpu()->clock;
	unsigned int version, low, high;
	unsigned long delta, ns;

	if (!(clock->flags & PV_CLOCK_F_STABLE))
		return hypercall(PV_HC_CLOCK, PV_CLOCK_MONOTONIC, 0, 0, 0, 0);
	do {
		version = clock->version;
		__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
		delta = ((unsigned long)high << 32 | low) - clock->tsc;
		delta = clock->shift < 0 ? delta >> -clock->shift : delta << clock->shift;
		ns = clock->ns + (unsigned long)((unsigned __int128)delta * clock->mul >> 32);
	} while ((version & 1) || version != clock->version);
	return ns;
}

static void start_timer(void)
{
	need(!hypercall(PV_HC_SET_TIMER, now() + MS, 0, 0, 0, 0), "port: timer\n");
}

/* ------------------------------------------------------------- events (4) */

void hello_events(void)
{
	struct pv_vcpu *vcpu = this_vcpu();
	unsigned long events = __atomic_exchange_n(&vcpu->pending, 0, __ATOMIC_SEQ_CST);

	if (!(events & (1UL << PV_EVENT_TIMER)))
		return;
	ticks[vcpu->index]++;
	if (ticks[0] >= TICKS && ticks[1] >= TICKS)
		flag[0] = 1;
	else
		start_timer();
}

void hello_kernel_trap(const struct registers *registers, unsigned int cause, unsigned long address)
{
	(void)registers;
	(void)address;
	need((cause & 0x7f) == PV_CAUSE_EVENT, "port: a trap in the kernel\n");
	hello_events();
}

/* Sleeps until it is so; another vCPU sends an IPI then (4.5). Events are masked. */
static void wait_for(volatile int *condition)
{
	while (!*condition) {
		hypercall(PV_HC_BLOCK, PV_ANY, 0, 0, 0, 0);
		hello_events();
	}
}

/* ------------------------------------------------------------- memory (5) */

static unsigned long *entry_of(unsigned long va)
{
	unsigned long bits = PV_PTE_P | PV_PTE_W | PV_PTE_U | PV_PTE_A;

	tables[0][va >> 39] = gpa_of(tables[1]) | bits;
	tables[1][va >> 30 & 511] = gpa_of(tables[2]) | bits;
	tables[2][va >> 21 & 511] = gpa_of(tables[3]) | bits;
	return &tables[3][va >> 12 & 511];
}

static void map(unsigned long va, const volatile void *page, unsigned long rights)
{
	while (__atomic_exchange_n(&table_lock, 1, __ATOMIC_ACQUIRE))
		hypercall(PV_HC_YIELD, PV_ANY, 0, 0, 0, 0);
	*entry_of(va) = gpa_of(page) | PV_PTE_P | PV_PTE_U | PV_PTE_A | rights;
	__atomic_store_n(&table_lock, 0, __ATOMIC_RELEASE);
}

/* Writable and present, or not there at all: the page is another's once this returns (5.3). */
static void unmap(unsigned long va)
{
	unmapped = 1;
	__atomic_store_n(entry_of(va), 0, __ATOMIC_SEQ_CST);
	need(!hypercall(PV_HC_FLUSH, gpa_of(tables[0]), va, 1, 0, 0), "port: flush\n");
}

/* A page of the memory map that nobody uses, given back and taken again (5.6). */
static void use_balloon(const struct pv_boot *boot)
{
	const struct pv_memory *memory = (struct pv_memory *)(PV_VA_DIRECT + boot->memory);
	volatile unsigned long *word;
	unsigned long gpa = 0;

	for (unsigned int i = 0; i < boot->nr_memory; i++)
		if (memory[i].type == PV_MEM_RAM)
			gpa = memory[i].base + memory[i].size - 4096;
	word = (unsigned long *)(PV_VA_DIRECT + gpa);
	*word = 0x1234;
	need(hypercall(PV_HC_DISCARD, gpa, 1, 0, 0, 0) == -EOPNOTSUPP, "port: discard, not enabled\n");
	need(*word == 0x1234, "port: it was discarded all the same\n");
	need(!hypercall(PV_HC_FEATURES, PV_FEAT_DISCARD | PV_FEAT_STEAL, 0, 0, 0, 0), "port: features\n");
	need(!hypercall(PV_HC_DISCARD, gpa, 1, 0, 0, 0), "port: discard\n");
	need(*word == 0, "port: discarded memory is not zero\n");
	*word = 1;
	need(*word == 1, "port: discarded memory cannot be used\n");
}

/* ------------------------------------------------------------- user mode (7) */

static void run_user(void *stack)
{
	struct pv_vcpu *vcpu = this_vcpu();

	start_timer();
	vcpu->kernel_sp = (unsigned long)stack + STACK_SIZE;
	vcpu->ip = CODE_VA;
	vcpu->sp = 0;
	vcpu->flags = 0x202;
	vcpu->cs = PV_CS64;
	vcpu->ss = PV_SS;
	vcpu->user_root = gpa_of(tables[0]);
	vcpu->ret_flags = PV_RET_ROOT;
	__asm__ volatile("syscall"
			 : : "a"((unsigned long)PV_HC_RET_USER), "D"(DATA_VA + vcpu->index * 4096UL),
			 "S"(FLAG_VA), "d"(SHARED_VA) : "rcx", "r11", "memory");
	need(0, "port: no way into user mode\n");
}

void hello_bad_return(long error)
{
	(void)error;
	need(0, "port: no way back to user mode\n");
}

/* What vCPU 0 does when the programs have been stopped; it does not return to its own. */
static void take_page_away(void)
{
	while (data[1][1] < 1000)
		hypercall(PV_HC_YIELD, 1, 0, 0, 0, 0);
	unmap(SHARED_VA);
	shared[0] = 0xbad;	/* the page is something else now */
	wait_for(&seen_gone);
	need(faults[0] && faults[1] && faults[0] + faults[1] >= 5, "port: too few page faults\n");
	need(data[0][0] && data[1][0], "port: a program that did nothing\n");
	need(data[0][1] == 0, "port: the program of vCPU 0 went on\n");
	shut_down(PV_SHUTDOWN_POWEROFF, 0, "port: all right\n");
}

void hello_syscall(const struct registers *user)
{
	struct pv_vcpu *vcpu = this_vcpu();

	need(user->rax == SYS_STOPPED, "port: user mode saw a page that was gone\n");
	if (!vcpu->index)
		take_page_away();
	vcpu->ax = 0;
	vcpu->ret_flags = PV_RET_SYSRET;
}

static void page_fault(struct pv_vcpu *vcpu)
{
	unsigned long page = vcpu->addr & -4096UL;

	faults[vcpu->index]++;
	if (page == SHARED_VA && unmapped) {
		seen_gone = 1;
		hypercall(PV_HC_IPI, 1, 0, PV_EVENT_IPI0, 0, 0);
		hypercall(PV_HC_VCPU_STOP, vcpu->index, 0, 0, 0, 0);
	}
	if (page == FLAG_VA)
		map(page, flag, PV_PTE_NX);
	else if (page == SHARED_VA)
		map(page, shared, PV_PTE_NX);
	else if (page == DATA_VA + vcpu->index * 4096UL)
		map(page, data[vcpu->index], PV_PTE_W | PV_PTE_D | PV_PTE_NX);
	else
		need(0, "port: a page fault elsewhere\n");
	vcpu->ranges[0] = (struct pv_range) { .va = page, .npages = 1, .flags = PV_RANGE_ANNOUNCE };
	vcpu->ret_flags = 1 << PV_RET_RANGES_SHIFT;
}

void hello_user_trap(const struct registers *user)
{
	struct pv_vcpu *vcpu = this_vcpu();

	vcpu->ax = user->rax;
	vcpu->cx = user->rcx;
	vcpu->r11 = user->r11;
	vcpu->ret_flags = 0;
	if (vcpu->cause == PV_CAUSE_EVENT)
		hello_events();
	else if (vcpu->cause == PV_CAUSE_TRAP && vcpu->vector == 14)
		page_fault(vcpu);
	else
		need(0, "port: a trap in user mode\n");
}

/* ------------------------------------------------------------- start (2, 3) */

static void set_entries(void)
{
	need(!hypercall(PV_HC_SET_ENTRIES, (unsigned long)enter_syscall, (unsigned long)enter_user,
			(unsigned long)enter_kernel, 0, 0), "port: entry points\n");
}

void hello_second(struct pv_vcpu *vcpu)
{
	(void)vcpu;
	set_entries();
	run_user(stack1);
}

static void check_signature(void)
{
	static const char signature[] = "PVhostPVhost";
	const char *out = (const char *)&vcpus[0].out[1];

	need(!hypercall(PV_HC_CPUID, 0x40000000, 0, 0, 0, 0), "port: CPUID\n");
	for (int i = 0; i < 12; i++)
		need(out[i] == signature[i], "port: signature\n");
	need(hypercall(1000, 0, 0, 0, 0, 0) == -38, "port: an unknown hypercall\n");
}

void hello_main(const struct pv_boot *boot)
{
	vcpus = (struct pv_vcpu *)(PV_VA_DIRECT + boot->vcpu_pages);
	*(struct pv_vcpu **)stack0 = vcpus;
	*(struct pv_vcpu **)stack1 = vcpus + 1;
	need(boot->magic == PV_BOOT_MAGIC && boot->nr_vcpus == NR_VCPUS, "port: boot information\n");
	check_signature();
	set_entries();
	use_balloon(boot);
	map(CODE_VA, port_user_code, 0);
	need(!hypercall(PV_HC_VCPU_START, 1, (unsigned long)start_second,
			(unsigned long)stack1 + STACK_SIZE, boot->root,
			(unsigned long)(vcpus + 1)), "port: second vCPU\n");
	run_user(stack0);
}
