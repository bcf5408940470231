// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest of the adversarial tests.  Each case does something a guest must not
 * gain by; it ends with status 0 if it got what the specification says.
 */
#include "inside.h"

struct pv_vcpu *guest_page;
volatile u64 kernel_traps, user_traps, user_calls;
static struct guest_param *param;
static u64 heap = GUEST_HEAP;
static u64 user_root;

extern char enter_kernel[], enter_user[], enter_syscall[], guest_end[];
long try_call(void (*fn)(u64), u64 arg);
void jump_to(u64 where);
void spin_on(u64 sp);
void guest_main(struct guest_param *p);

long call5(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	register u64 r10 asm("r10") = d;
	register u64 r8 asm("r8") = e;
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return ret;
}

long call3(u64 nr, u64 a, u64 b, u64 c)
{
	return call5(nr, a, b, c, 0, 0);
}

static int in_user; /* which system calls are not hypercalls */

void finish(u64 status)
{
	for (;;) {
		if (in_user)
			call3(1000, status, 0, 0);
		else
			call3(PV_HC_SHUTDOWN, PV_SHUTDOWN_POWEROFF, status, 0);
	}
}

void need(int ok, u64 where)
{
	if (ok)
		return;
	param->note = where;
	finish(GUEST_FAIL);
}

void *memset(void *p, int c, u64 n)
{
	char *d = p;

	while (n--)
		* d++ = c;
	return p;
}

void *memcpy(void *p, const void *q, u64 n)
{
	char *d = p;
	const char *s = q;

	while (n--)
		* d++ = *s++;
	return p;
}

static u64 rnd_state;

static u64 rnd(void)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return rnd_state * 0x2545f4914f6cdd1dUL;
}

/* ---- memory ---- */

void *at(u64 gpa)
{
	return (void *)(GUEST_VA + gpa);
}

static u64 page(void)
{
	u64 gpa = heap;

	heap += 4096;
	NEED(heap < GUEST_MEM);
	memset(at(gpa), 0, 4096);
	return gpa;
}

static u64 *entry(u64 root, u64 va)
{
	u64 *table = at(root);

	for (int shift = 39; shift > 12; shift -= 9) {
		u64 *e = &table[va >> shift & 511];

		if (!(*e & PV_PTE_P))
			* e = page() | 7;
		table = at(*e & PV_PTE_ADDR);
	}
	return &table[va >> 12 & 511];
}

#define USER_DATA 0x10000000UL

/* A user root that shows this image, and a page at USER_DATA. */
static u64 make_user_root(void)
{
	u64 root = page();

	for (u64 va = GUEST_VA + GUEST_GPA; va < (u64)guest_end; va += 4096)
		* entry(root, va) = (va - GUEST_VA) | 0x67;
	for (u64 gpa = GUEST_STACKS; gpa < GUEST_STACKS + 0x40000; gpa += 4096)
		* entry(root, GUEST_VA + gpa) = gpa | 0x67 | PV_PTE_NX;
	* entry(root, GUEST_VA + GUEST_PARAM) = GUEST_PARAM | 0x67;
	* entry(root, USER_DATA) = page() | 0x67;
	return root;
}

static void set_entries(u64 dfault, u64 dfault_sp)
{
	NEED(call5(PV_HC_SET_ENTRIES, (u64)enter_syscall, (u64)enter_user, (u64)enter_kernel,
		   dfault, dfault_sp) == 0);
}

/* ---- user mode: the same code runs there ---- */

void user_exit(u64 status)
{
	call3(1000, status, 0, 0);
}

static void enter(u64 ip, u64 arg)
{
	struct pv_vcpu *v = guest_page;

	user_root = make_user_root();
	v->kernel_sp = GUEST_VA + GUEST_STACKS + 0x4000;
	v->ip = ip;
	v->sp = GUEST_VA + GUEST_STACKS + 0x8000 - 8;
	v->flags = 0x202;
	v->ax = v->cx = v->r11 = 0;
	v->cs = PV_CS64;
	v->ss = PV_SS;
	v->user_root = user_root;
	v->ret_flags = PV_RET_ROOT;
	asm volatile("xor %%r15d, %%r15d; syscall" ::"a"((u64)PV_HC_RET_USER), "D"(arg)
		     : "rcx", "r11", "r15", "memory");
	in_user = 0;
	finish(GUEST_BAD_RETURN);
}

void run_user(void (*fn)(u64), u64 arg)
{
	in_user = 1;
	enter((u64)fn, arg);
}

/* ---- things that must trap, in either mode ---- */

#define INSN(name, text)                                                                           \
	static void name(u64 a)                                                                    \
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
INSN(i_sysexit, "sysexit")
INSN(i_ud2, "ud2")
INSN(i_div0, "xor %%ecx, %%ecx; xor %%edx, %%edx; div %%ecx")
INSN(i_sysenter, "mov %%rsp, %%rcx; sysenter")
INSN(i_in, "mov $0x60, %%dx; in %%dx, %%al")
INSN(i_out, "mov $0x80, %%dx; out %%al, %%dx")
INSN(i_sgdt, "sgdt (%%rdi)")
INSN(i_sidt, "sidt (%%rdi)")
INSN(i_sldt, "sldt %%eax")
INSN(i_str, "str %%eax")
INSN(i_smsw, "smsw %%eax")
INSN(i_read, "mov (%%rdi), %%rax")
INSN(i_write, "movq $1, (%%rdi)")
INSN(i_call, "call *%%rdi")
INSN(i_unaligned, "pushf; orq $0x40000, (%%rsp); popf; mov 1(%%rdi), %%eax; pushf; andq $~0x40000, "
		  "(%%rsp); popf")
INSN(i_step, "pushf; orq $0x100, (%%rsp); popf; nop; nop")
INSN(i_mov_ss, "pushf; orq $0x100, (%%rsp); popf; mov %%ss, %%eax; mov %%eax, %%ss; nop; nop")
INSN(i_mov_ss_int, "mov %%ss, %%eax; mov %%eax, %%ss; int3")
INSN(i_mov_ss_syscall, "mov $1001, %%eax; mov %%ss, %%ebx; mov %%ebx, %%ss; syscall")

static void privileged(void)
{
	static void (*const list[])(u64) = {i_hlt,     i_cli,	  i_sti,     i_clts,	i_lgdt,
					    i_lidt,    i_lldt,	  i_ltr,     i_lmsw,	i_mov_cr0,
					    i_mov_cr3, i_mov_cr4, i_mov_dr7, i_rdmsr,	i_wrmsr,
					    i_invlpg,  i_swapgs,  i_sysret,  i_sysexit, i_ud2};
	u64 area[4] = {0};

	for (u64 i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		param->note = 1000 + i;
		NEED(try_call(list[i], (u64)area) == 1);
	}
}

/* INT n for every n; 0x80 is a guest system call, not the host's. */
static void all_int(void)
{
	static char code[4] __attribute__((aligned(16)));

	for (int n = 0; n < 256; n++) {
		code[0] = 0xcd;
		code[1] = n;
		code[2] = 0xc3;
		param->note = 2000 + n;
		NEED(try_call(jump_to, (u64)code) == 1);
	}
}

static void vsyscall(void)
{
	for (u64 va = 0xffffffffff600000; va < 0xffffffffff601000; va += 1024) {
		param->note = va;
		NEED(try_call(i_read, va) == 1);
		NEED(try_call(i_call, va) == 1);
	}
}

/* May trap or give values of no use: what counts is that nothing else happens. */
static void umip(void)
{
	static void (*const list[])(u64) = {i_sgdt, i_sidt, i_sldt, i_str, i_smsw};
	char area[16];

	for (u64 i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		try_call(list[i], (u64)area);
		try_call(list[i], 0x1000);
		try_call(list[i], 0xffff880000000000);
	}
}

static void load_selector(u64 sel)
{
	asm volatile(
		"mov %0, %%es; mov %0, %%ds; mov %0, %%fs; mov %0, %%gs" ::"r"((unsigned int)sel)
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

static const u64 odd_addresses[] = {0x8000000000000000,
				    0xffff7fffffffffff,
				    0x7ffffffff000,
				    0x7fffffffffff,
				    0x800000000000,
				    0xfffffffffffff000,
				    0xffff800000000000,
				    0xffffffff81000000,
				    0xfffffe0000000000,
				    0xffffffffff5ff000,
				    0,
				    8,
				    0xffff};

static void non_canonical(void)
{
	for (u64 i = 0; i < sizeof(odd_addresses) / 8; i++) {
		param->note = odd_addresses[i];
		NEED(try_call(jump_to, odd_addresses[i]) == 1);
		NEED(try_call(i_read, odd_addresses[i]) == 1);
		NEED(try_call(i_write, odd_addresses[i]) == 1);
	}
}

static void sysenter(void)
{
	NEED(try_call(i_sysenter, 0) == 1);
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
	* (volatile u64 *)&param->note = 5;
	wrpkru(0);
}

static void pkru(void)
{
	try_call(pkru_all, 0);
}

/* ---- user mode wrappers: run, count, leave ---- */

static void as_user(u64 which)
{
	static void (*const list[])(void) = {
		privileged, all_int,   vsyscall,    umip,   selectors,
		io,	    popf_bits, single_step, mov_ss, non_canonical,
		sysenter,   alignment, divide,	    pkru,   non_canonical};

	list[which]();
	user_exit(0);
}

/* A hypercall's number from user mode is the guest's own system call. */
static void user_no_hypercall(u64 unused)
{
	for (u64 nr = 0; nr < 64; nr++) {
		u64 r = nr;

		asm volatile("syscall"
			     : "+a"(r)
			     : "D"(0), "S"(0), "d"(0)
			     : "rcx", "r11", "r13", "memory");
		if (r != 42)
			user_exit(GUEST_FAIL);
	}
	user_exit(user_calls == 64 ? 0 : GUEST_FAIL);
}

static void user_kernel_memory(u64 unused)
{
	/* Memory that only the kernel's root maps. */
	int bad = try_call(i_read, GUEST_VA + GUEST_HEAP + 0x100000) != 1 ||
		  try_call(i_write, GUEST_VA) != 1 || try_call(i_read, USER_DATA + 4096) != 1 ||
		  try_call(i_read, USER_DATA) != 0;

	user_exit(bad ? GUEST_FAIL : 0);
}

static void nothing(u64 unused)
{
	user_exit(0);
}

/* ---- frames and entries ---- */

static long ret_user(void)
{
	return call3(PV_HC_RET_USER, 0, 0, 0);
}

static void ret_user_frames(void)
{
	struct pv_vcpu *v = guest_page;

	user_root = make_user_root();
	NEED(call3(PV_HC_USER_ROOT, user_root, 0, 0) == 0);
	for (u64 i = 0; i < sizeof(odd_addresses) / 8; i++) {
		v->ip = odd_addresses[i];
		v->sp = odd_addresses[i];
		v->flags = ~0UL;
		v->cs = PV_CS64;
		v->ss = PV_SS;
		v->ret_flags = 0;
		if (odd_addresses[i] >= PV_VA_MAX)
			NEED(ret_user() == -EINVAL);
	}
	v->ip = (u64)nothing;
	for (u64 sel = 0; sel < 65536; sel += 7) {
		v->cs = sel;
		v->ss = PV_SS;
		if (sel != PV_CS64 && sel != PV_CS32)
			NEED(ret_user() == -EINVAL);
		v->cs = PV_CS64;
		v->ss = sel;
		if (sel != PV_SS)
			NEED(ret_user() == -EINVAL);
	}
	for (int b = 0; b < 32; b++)
		if (!(PV_RET_ALL >> b & 1)) {
			v->ret_flags = 1U << b;
			NEED(ret_user() == -EINVAL);
		}
	run_user(nothing, 0);
}

static void ret_user_ranges(void)
{
	struct pv_vcpu *v = guest_page;

	for (unsigned int i = 0; i < PV_MAX_RET_RANGES; i++) {
		v->ranges[i].va = rnd();
		v->ranges[i].npages = rnd();
		v->ranges[i].flags = i % 8;
	}
	user_root = make_user_root();
	v->kernel_sp = GUEST_VA + GUEST_STACKS + 0x4000;
	v->ip = (u64)nothing;
	v->sp = GUEST_VA + GUEST_STACKS + 0x8000 - 8;
	v->flags = 0x202;
	v->user_root = user_root;
	v->ret_flags = PV_RET_ROOT | 9 << PV_RET_RANGES_SHIFT;
	NEED(ret_user() == -EINVAL);
	v->ret_flags = PV_RET_ROOT | PV_RET_SYSRET | 8 << PV_RET_RANGES_SHIFT;
	ret_user();
	/* Some of the random ranges may be malformed; without them it works. */
	run_user(nothing, 0);
}

static void bad_kernel_sp(void)
{
	guest_page->kernel_sp = 0x1000;
	set_entries(0, 0);
	user_root = make_user_root();
	guest_page->ip = (u64)i_ud2;
	guest_page->sp = GUEST_VA + GUEST_STACKS + 0x8000 - 8;
	guest_page->flags = 0x202;
	guest_page->user_root = user_root;
	guest_page->ret_flags = PV_RET_ROOT | PV_RET_SYSRET;
	/* enter_user needs no stack: it goes on at r15, here. */
	asm volatile(
		"lea 1f(%%rip), %%r15; mov $0x3000, %%r14; syscall; 1:" ::"a"((u64)PV_HC_RET_USER)
		: "rcx", "r11", "r13", "r14", "r15", "memory");
	/* In user mode now, without a stack. */
	asm volatile("mov $1000, %%eax; xor %%edi, %%edi; syscall" ::
			     : "rax", "rdi", "rcx", "r11", "memory");
}

/* These end in an exit of the vCPU: the launcher expects that. */
static void bad_entry(void)
{
	call5(PV_HC_SET_ENTRIES, 0x20000, 0x20000, 0x20000, 0, 0);
	i_ud2(0);
	finish(GUEST_FAIL);
}

static void no_entry(void)
{
	call5(PV_HC_SET_ENTRIES, 0, 0, 0, 0, 0);
	i_ud2(0);
	finish(GUEST_FAIL);
}

static void busy_set(void)
{
	guest_page->busy = 1;
	i_ud2(0);
	finish(GUEST_FAIL);
}

static void on_double_fault(void)
{
	finish(guest_page->dframe.vector == 6 ? 0 : GUEST_FAIL);
}

static void double_fault_entry(void)
{
	set_entries((u64)on_double_fault, GUEST_VA + GUEST_STACKS + 0xc000);
	guest_page->busy = 1;
	i_ud2(0);
	finish(GUEST_FAIL);
}

static void upcall_bad_stack(void)
{
	/* The stub does not use the stack but for a pushf: a double fault or a trap, never the
	 * host's trouble. */
	set_entries((u64)on_double_fault, GUEST_VA + GUEST_STACKS + 0xc000);
	guest_page->mask = 0;
	call3(PV_HC_SET_TIMER, call3(PV_HC_CLOCK, 0, 0, 0) + 30000000, 0, 0);
	asm volatile("lea 1f(%%rip), %%r15; lea (%%rsp), %%r14; mov $0x8000000000000000, %%rdi; "
		     "jmp spin_on; 1:" ::
			     : "r13", "r14", "r15", "rdi", "memory");
	finish(0);
}

static void bases(void)
{
	for (u64 i = 0; i < sizeof(odd_addresses) / 8; i++)
		for (u64 which = 0; which < 4; which++) {
			long r = call3(PV_HC_SET_BASE, which, odd_addresses[i], 0);

			if (which > 1 || odd_addresses[i] >= PV_VA_MAX)
				NEED(r == -EINVAL);
			else
				NEED(r == 0);
		}
	NEED(call3(PV_HC_SET_BASE, PV_BASE_GS, 0x12340000, 0) == 0);
}

static void entries_range(void)
{
	for (u64 i = 0; i < 5; i++) {
		u64 a[5] = {0x100000, 0x100000, 0x100000, 0, 0};

		a[i] = 0xffff800000000000;
		if (i < 4)
			NEED(call5(PV_HC_SET_ENTRIES, a[0], a[1], a[2], a[3], a[4]) == -EINVAL);
	}
}

/* ---- page tables ---- */

static u64 *kernel_entry(u64 va)
{
	return entry(GUEST_TABLES, va);
}

#define PROBE 0x7e0000000000UL

static int touch(u64 pte, int write)
{
	* kernel_entry(PROBE) = pte;
	call3(PV_HC_FLUSH, GUEST_TABLES, PROBE, 1);
	return try_call(write ? i_write : i_read, PROBE) == 0;
}

static void frames_out_of_range(void)
{
	for (int b = 25; b < 52; b++) {
		if (1UL << b == GUEST_VCPUS)
			continue;
		NEED(!touch(1UL << b | 7, 0));
		NEED(!touch(1UL << b | 7, 1));
	}
	for (int i = 0; i < 2000; i++) {
		u64 gpa = rnd() & PV_PTE_ADDR;

		if (gpa >= GUEST_MEM && (gpa < GUEST_VCPUS || gpa >= GUEST_VCPUS + 64 * 4096))
			NEED(!touch(gpa | 7, i & 1));
	}
	NEED(touch(page() | 7, 1));
}

static void reserved_bits(void)
{
	u64 p = page();

	for (int b = 52; b < 63; b++)
		touch(p | 7 | 1UL << b, 1);
	for (int i = 0; i < 2000; i++)
		touch((rnd() & ~PV_PTE_ADDR) | p, i & 1);
	NEED(touch(p | 7, 1));
}

static void permissions(void)
{
	u64 p = page();

	for (int bits = 0; bits < 16; bits++) {
		u64 pte = p | (bits & 7) | (bits & 8 ? PV_PTE_NX : 0);

		NEED(touch(pte, 0) == !!(bits & 1));
		NEED(touch(pte, 1) == ((bits & 3) == 3));
	}
	* (volatile unsigned char *)at(p) = 0xc3;
	NEED(touch(p | 3, 0));
	NEED(try_call(i_call, PROBE) == 0);
	NEED(touch(p | 3 | PV_PTE_NX, 0));
	NEED(try_call(i_call, PROBE) == 1);
}

static void large_wrong_level(void)
{
	u64 *top = (u64 *)at(GUEST_TABLES), *l3, *l2;

	kernel_entry(PROBE);
	l3 = at(top[PROBE >> 39] & PV_PTE_ADDR);
	l2 = at(l3[0] & PV_PTE_ADDR);
	top[PROBE >> 39] |= PV_PTE_PS;
	call3(PV_HC_FLUSH, GUEST_TABLES, PROBE, 1);
	try_call(i_read, PROBE);
	top[PROBE >> 39] &= ~(u64)PV_PTE_PS;
	l3[0] |= PV_PTE_PS; /* 1 GiB, badly aligned */
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	try_call(i_read, PROBE);
	try_call(i_write, PROBE + (512UL << 20));
	l3[0] = 0;
	l3[0] = (u64)((char *)l2 - (char *)at(0)) | 7;
	l2[0] = 0x1000 | 0x83; /* 2 MiB, badly aligned */
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	try_call(i_read, PROBE);
	l2[0] = GUEST_MEM | 0x83;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	NEED(try_call(i_read, PROBE) == 1);
	l2[0] = 0x800000 | 0x83;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	NEED(try_call(i_read, PROBE + 0x1000) == 0);
}

/* Roots whose every entry is themselves, entered in user mode. */
static void self_map(void)
{
	u64 root = page(), *t = at(root);

	for (int i = 0; i < 512; i++)
		t[i] = root | 0x67;
	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	guest_page->kernel_sp = GUEST_VA + GUEST_STACKS + 0x4000;
	guest_page->ip = 0x400000;
	guest_page->sp = 0x500000;
	guest_page->flags = 0x202;
	guest_page->ret_flags = PV_RET_SYSRET;
	/* The table's bytes run as code until something traps and we go on at r15 on a sane root.
	 */
	call3(PV_HC_ANNOUNCE, root, 0x400000, PV_ANY);
	call3(PV_HC_FLUSH, root, 0, PV_ANY);
	/* The same as the kernel's: a cycle of four levels. */
	((u64 *)at(GUEST_TABLES))[100] = GUEST_TABLES | 3;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	for (u64 va = 100UL << 39; va < (100UL << 39) + (1UL << 30); va += 1UL << 21)
		try_call(i_read, va);
	((u64 *)at(GUEST_TABLES))[100] = 0;
	call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY);
	run_user(nothing, 0);
}

static void table_as_data(void)
{
	u64 leaf = (u64)kernel_entry(PROBE) & ~4095UL, p = page();

	* kernel_entry(PROBE) = p | 3;
	* kernel_entry(PROBE + 4096) = (leaf - GUEST_VA) | 3;
	/* The table is written through its own mapping, without flush: old or new, never anything
	 * else. */
	for (int i = 0; i < 1000; i++) {
		((volatile u64 *)(PROBE + 4096))[0] = (i & 1 ? p : GUEST_HEAP) | 3;
		try_call(i_write, PROBE);
	}
	NEED(call3(PV_HC_FLUSH, GUEST_TABLES, PROBE, 2) == 0);
}

static void table_many_levels(void)
{
	u64 t = page(), *e = at(t), *top = at(GUEST_TABLES);

	for (int i = 0; i < 512; i++)
		e[i] = t | 3;
	top[101] = t | 3; /* used as levels 3, 2, 1 and page at once */
	for (u64 va = 101UL << 39; va < (101UL << 39) + (1UL << 38);
	     va += (1UL << 30) + (1UL << 21) + 4096)
		try_call(i_write, va);
	top[101] = 0;
	NEED(call3(PV_HC_FLUSH, GUEST_TABLES, 0, PV_ANY) == 0);
}

static void not_present_noise(void)
{
	for (int i = 0; i < 3000; i++)
		NEED(!touch(rnd() & ~1UL, i & 1));
}

static void bad_roots(void)
{
	for (int i = 0; i < 300; i++) {
		u64 root = i < 64 ? 1UL << i : rnd();
		long r = call3(PV_HC_USER_ROOT, root, 0, 0);

		if ((root & 4095) || root >= GUEST_MEM)
			NEED(r < 0 || (root >= GUEST_VCPUS && root < GUEST_VCPUS + 64 * 4096));
		if (root >= GUEST_MEM && root < GUEST_VCPUS)
			NEED(call3(PV_HC_KERNEL_ROOT, root, 0, 0) < 0);
		call3(PV_HC_DROP_ROOT, root, 0, 0);
	}
	NEED(call3(PV_HC_USER_ROOT, page(), 0xff, 0) == -EINVAL);
}

static void many_roots(void)
{
	for (u64 i = 0; i < param->count; i++) {
		u64 gpa = GUEST_HEAP + (i * 4096) % (GUEST_MEM - GUEST_HEAP);

		NEED(call3(PV_HC_USER_ROOT, gpa, 0, 0) == 0);
	}
}

static void drop_loaded(void)
{
	u64 root = page();

	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	NEED(call3(PV_HC_DROP_ROOT, root, 0, 0) == -EBUSY);
	NEED(call3(PV_HC_USER_ROOT, page(), 0, 0) == 0);
	NEED(call3(PV_HC_DROP_ROOT, root, 0, 0) == 0);
}

static void kernel_root_empty(void)
{
	call3(PV_HC_KERNEL_ROOT, page(), 0,
	      0); /* the next instruction is gone, and so is the entry */
	finish(GUEST_FAIL);
}

static void flush_args(void)
{
	static const u64 values[] = {0,		 1,	    4095,      4096,	  PV_ANY,
				     PV_ANY - 1, 1UL << 63, 1UL << 47, PV_VA_MAX, 1UL << 40};

	for (u64 a = 0; a < 10; a++)
		for (u64 b = 0; b < 10; b++)
			for (u64 c = 0; c < 10; c++) {
				call3(PV_HC_FLUSH, values[a], values[b], values[c]);
				call3(PV_HC_ANNOUNCE, values[a], values[b], values[c]);
			}
	for (u64 b = 0; b < 10; b++)
		call3(PV_HC_FLUSH, GUEST_TABLES, values[b], values[9 - b]);
}

/* ---- hypercalls ---- */

static void unknown_calls(void)
{
	for (u64 nr = PV_HC_NR; nr < 2000; nr++)
		NEED(call3(nr, 0, 0, 0) == -ENOSYS);
	NEED(call3(PV_ANY, 0, 0, 0) == -ENOSYS);
	NEED(call3(1UL << 32, 0, 0, 0) == -ENOSYS);
}

static void features(void)
{
	for (int b = 6; b < 64; b++)
		NEED(call3(PV_HC_FEATURES, 1UL << b, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_FEATURES, 0, 0, 0) == 0);
}

static void batch(void)
{
	u64 gpa = page();
	struct pv_call *c = at(gpa);

	for (int i = 0; i < 64; i++)
		c[i].nr = PV_HC_NOP;
	NEED(call3(PV_HC_BATCH, gpa, 64, 0) == 64);
	NEED(call3(PV_HC_BATCH, gpa, 65, 0) < 0);
	call3(PV_HC_BATCH, gpa + 4, 1, 0);
	NEED(call3(PV_HC_BATCH, GUEST_MEM, 1, 0) <= 0);
	NEED(call3(PV_HC_BATCH, PV_ANY & ~7UL, 64, 0) <= 0);
	for (u64 nr = 0; nr < PV_HC_NR + 5; nr++) {
		int allowed = nr == PV_HC_NOP || nr == PV_HC_FLUSH || nr == PV_HC_ANNOUNCE ||
			      nr == PV_HC_DROP_ROOT || nr == PV_HC_SET_TIMER || nr == PV_HC_IPI ||
			      nr == PV_HC_DOORBELL || nr == PV_HC_DISCARD;

		if (allowed)
			continue;
		c[3].nr = nr;
		NEED(call3(PV_HC_BATCH, gpa, 8, 0) == 3);
	}
}

static void console_args(void)
{
	NEED(call3(PV_HC_CONSOLE_WRITE, 0, PV_MAX_CONSOLE + 1, 0) == -EINVAL);
	NEED(call3(PV_HC_CONSOLE_WRITE, 0, PV_ANY, 0) == -EINVAL);
	NEED(call3(PV_HC_CONSOLE_READ, 0, PV_ANY, 0) == -EINVAL);
	call3(PV_HC_CONSOLE_WRITE, PV_ANY, 10, 0);
	call3(PV_HC_CONSOLE_WRITE, GUEST_MEM - 5, 10, 0);
	call3(PV_HC_CONSOLE_READ, GUEST_MEM - 5, 10, 0);
}

static void dev_args(void)
{
	for (u64 w = 0; w < 9; w++) {
		call5(PV_HC_DEV_READ, rnd(), rnd(), w, 0, 0);
		call5(PV_HC_DEV_WRITE, rnd(), rnd(), w, rnd(), 0);
		call3(PV_HC_DOORBELL, rnd(), rnd(), 0);
	}
	NEED(call5(PV_HC_DEV_READ, 0, 0, 3, 0, 0) == -EINVAL);
}

static void cpuid_leaves(void)
{
	for (u64 i = 0; i < 64; i++) {
		NEED(call3(PV_HC_CPUID, i, i, 0) == 0);
		NEED(call3(PV_HC_CPUID, 0x40000000 + i, 0, 0) == 0);
		NEED(call3(PV_HC_CPUID, 0x80000000 + i, 0, 0) == 0);
		call3(PV_HC_CPUID, rnd(), rnd(), 0);
	}
	call3(PV_HC_CPUID, 0x40000000, 0, 0);
	NEED(guest_page->out[1] == 0x6f685650); /* "PVho" */
}

/* ---- events ---- */

static void timer_storm(void)
{
	u64 seen = 0;

	guest_page->mask = 1;
	for (u64 i = 0; i < param->count; i++) {
		call3(PV_HC_SET_TIMER, i & 1 ? 1 : call3(PV_HC_CLOCK, 0, 0, 0) + 1000, 0, 0);
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		seen += __atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST) & 1;
	}
	NEED(seen == param->count);
}

static void timer_extremes(void)
{
	static const u64 values[] = {1, 2, 1UL << 62, 1UL << 63, PV_ANY, PV_ANY - 1, 0};

	for (int i = 0; i < 7; i++)
		NEED(call3(PV_HC_SET_TIMER, values[i], 0, 0) == 0);
	__atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST);
	NEED(call3(PV_HC_BLOCK, 1, 0, 0) == 0);
	NEED(call3(PV_HC_BLOCK, 0, 0, 0) == 0);
}

static void ipi_storm(void)
{
	for (u64 i = 0; i < param->count; i++)
		call3(PV_HC_IPI, rnd(), rnd() % 3 ? 0 : rnd(), rnd() % 70);
	NEED(call3(PV_HC_IPI, 1, 0, PV_EVENT_IPI0) == 0);
	NEED(guest_page->pending & 1UL << PV_EVENT_IPI0);
	NEED(call3(PV_HC_IPI, 1, 0, PV_EVENT_TIMER) == -EINVAL);
	NEED(call3(PV_HC_IPI, PV_ANY, PV_ANY, PV_EVENT_IPI0) == -EINVAL);
}

static void block_events(void)
{
	/* Another thread of the launcher sets bits at any moment: each must be seen. */
	u64 got = 0;

	guest_page->mask = 1;
	while (got < param->count) {
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		if (__atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST) & 1UL << 20) {
			got++;
			__atomic_store_n(&param->flag, got, __ATOMIC_SEQ_CST);
		}
	}
}

static void vcpu_start_args(void)
{
	NEED(call5(PV_HC_VCPU_START, 0, 0x100000, 0x100000, GUEST_TABLES, 0) == -EBUSY);
	NEED(call5(PV_HC_VCPU_START, 1000, 0x100000, 0x100000, GUEST_TABLES, 0) == -EINVAL);
	NEED(call5(PV_HC_VCPU_START, 1, PV_ANY, 0x100000, GUEST_TABLES, 0) == -EINVAL);
	NEED(call5(PV_HC_VCPU_START, 1, 0x100000, 0x100000, PV_ANY, 0) == -EINVAL);
	NEED(call3(PV_HC_VCPU_STOP, 1000, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_YIELD, 1000, 0, 0) == -EINVAL);
	NEED(call3(PV_HC_YIELD, PV_ANY, 0, 0) == 0);
}

static void discard_everything(void)
{
	NEED(call3(PV_HC_FEATURES, PV_FEAT_DISCARD, 0, 0) == 0);
	NEED(call3(PV_HC_DISCARD, GUEST_MEM, 1, 0) == -EINVAL);
	NEED(call3(PV_HC_DISCARD, 1, 1, 0) == -EINVAL);
	NEED(call3(PV_HC_DISCARD, 0, PV_ANY, 0) == -EINVAL);
	* (volatile u64 *)at(GUEST_HEAP) = 7;
	NEED(call3(PV_HC_DISCARD, GUEST_HEAP, 4, 0) == 0);
	NEED(*(volatile u64 *)at(GUEST_HEAP) == 0);
	/* The ground it stands on: the vCPU ends, not the host. */
	call3(PV_HC_DISCARD, 0, GUEST_MEM / 4096, 0);
	i_ud2(0);
}

/* Every register holds a canary across many switches of mode and address space. */
static void state_kept_user(u64 unused)
{
	u64 bad = 0;

	for (u64 i = 0; i < 20000; i++) {
		u64 r = 1001;

		asm volatile("mov $0x1111, %%rbx; mov $0x2222, %%r12; mov $0x3333, %%r14; mov "
			     "$0x4444, %%r15; mov $0x5555, %%r8; mov $0x6666, %%r9;"
			     "mov $0x7777, %%r10; movq %%rbx, %%xmm0; movq %%r12, %%xmm15; mov "
			     "$0x8888, %%rsi; mov $0x9999, %%rdi; mov $0xaaaa, %%rdx;"
			     "syscall;"
			     "cmp $0x1111, %%rbx; jne 1f; cmp $0x2222, %%r12; jne 1f; cmp $0x3333, "
			     "%%r14; jne 1f; cmp $0x4444, %%r15; jne 1f;"
			     "cmp $0x5555, %%r8; jne 1f; cmp $0x6666, %%r9; jne 1f; cmp $0x7777, "
			     "%%r10; jne 1f; cmp $0x8888, %%rsi; jne 1f;"
			     "cmp $0x9999, %%rdi; jne 1f; cmp $0xaaaa, %%rdx; jne 1f; movq %%xmm0, "
			     "%%rcx; cmp $0x1111, %%rcx; jne 1f;"
			     "movq %%xmm15, %%rcx; cmp $0x2222, %%rcx; jne 1f; jmp 2f; 1: mov $1, "
			     "%%eax; 2:"
			     : "+a"(r)::"rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			       "r12", "r13", "r14", "r15", "memory", "cc");
		bad |= r != 42;
	}
	user_exit(bad ? GUEST_FAIL : 0);
}

static void write_protect(void)
{
	u64 p = page();

	for (int i = 0; i < 200; i++) {
		NEED(touch(p | 3 | PV_PTE_A | PV_PTE_D, 1));
		NEED(!touch(p | 1 | PV_PTE_A, 1));
		NEED(touch(p | 1 | PV_PTE_A, 0));
	}
}

static void accessed_dirty(void)
{
	u64 p = page(), *e;

	NEED(touch(p | 3, 0));
	e = kernel_entry(PROBE);
	NEED(*e & PV_PTE_A);
	NEED(!(*e & PV_PTE_D));
	NEED(try_call(i_write, PROBE) == 0);
	NEED(*e & PV_PTE_D);
}

/* ---- two vCPUs ---- */

static volatile u64 other_stop, other_rounds;

static void other_toucher(void)
{
	/* Reads through the probe as fast as it can; the first vCPU maps and unmaps it. A fault
	 * goes to enter_kernel of vCPU 0's page: none is registered here. */
	while (!other_stop) {
		other_rounds++;
		(void)*(volatile u64 *)(PROBE + 8192);
		call3(PV_HC_NOP, 0, 0, 0);
	}
	call3(PV_HC_VCPU_STOP, 1, 0, 0);
}

static void smp_unmap_race(void)
{
	u64 a = page(), b = page();

	* kernel_entry(PROBE + 8192) = a | 3;
	NEED(call5(PV_HC_VCPU_START, 1, (u64)other_toucher, GUEST_VA + GUEST_STACKS + 0x10000 - 8,
		   GUEST_TABLES, 0) == 0);
	for (u64 i = 0; i < param->count; i++) {
		* kernel_entry(PROBE + 8192) = (i & 1 ? a : b) | 3;
		NEED(call3(PV_HC_FLUSH, GUEST_TABLES, PROBE + 8192, 1) == 0);
	}
	while (!other_rounds)
		call3(PV_HC_YIELD, 1, 0, 0);
	other_stop = 1;
}

static void other_answers(void)
{
	struct pv_vcpu *me = guest_page + 1;

	for (;;) {
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
		if (__atomic_exchange_n(&me->pending, 0, __ATOMIC_SEQ_CST))
			call3(PV_HC_IPI, 1, 0, PV_EVENT_IPI1);
	}
}

static void smp_pingpong(void)
{
	NEED(call5(PV_HC_VCPU_START, 1, (u64)other_answers, GUEST_VA + GUEST_STACKS + 0x10000 - 8,
		   GUEST_TABLES, 0) == 0);
	guest_page->mask = 1;
	for (u64 i = 0; i < param->count; i++) {
		NEED(call3(PV_HC_IPI, 2, 0, PV_EVENT_IPI0) == 0);
		while (!__atomic_exchange_n(&guest_page->pending, 0, __ATOMIC_SEQ_CST))
			call3(PV_HC_BLOCK, PV_ANY, 0, 0);
	}
}

static void spinner(void)
{
	for (;;)
		asm volatile("pause");
}

static void spin_all(void)
{
	for (u64 i = 1; i < param->nr_vcpus; i++)
		call5(PV_HC_VCPU_START, i, (u64)spinner,
		      GUEST_VA + GUEST_STACKS + (i + 1) * 0x4000 - 8, GUEST_TABLES, 0);
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	spinner();
}

static void touch_all(void)
{
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (u64 round = 0;; round++)
		for (u64 gpa = GUEST_HEAP; gpa < GUEST_MEM; gpa += 4096) {
			try_call(i_write, GUEST_VA + gpa);
			if ((gpa & 0xfffff) == 0)
				call3(PV_HC_FLUSH, GUEST_TABLES, GUEST_VA + gpa, 256);
		}
}

/* The launcher scribbles over the vCPU page meanwhile: anything may happen to this machine, nothing
 * to the host. */
static void page_flipped(void)
{
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (u64 i = 0; i < param->count; i++) {
		try_call(i_ud2, 0);
		ret_user();
		call3(PV_HC_NOP, 0, 0, 0);
	}
}

/* ---- generators ---- */

static u64 interesting(void)
{
	switch (rnd() % 8) {
	case 0:
		return rnd() % 64;
	case 1:
		return GUEST_HEAP + (rnd() % 4096) * 4096;
	case 2:
		return GUEST_TABLES;
	case 3:
		return PV_ANY - rnd() % 3;
	case 4:
		return 1UL << (rnd() % 64);
	case 5:
		return GUEST_VA + rnd() % (2 * GUEST_MEM);
	case 6:
		return GUEST_MEM - rnd() % 8192;
	default:
		return rnd();
	}
}

static int may_not_fuzz(u64 nr)
{
	/* These end the run or pull the ground away; each has cases of its own. */
	return nr == PV_HC_SHUTDOWN || nr == PV_HC_KERNEL_ROOT || nr == PV_HC_RET_USER ||
	       nr == PV_HC_VCPU_STOP || nr == PV_HC_SET_ENTRIES || nr == PV_HC_DISCARD ||
	       nr == PV_HC_VCPU_START || nr == PV_HC_CONSOLE_READ || nr == PV_HC_FEATURES;
}

static void fuzz_one(void)
{
	u64 nr = rnd() % (PV_HC_NR + 2), a = interesting();

	if (may_not_fuzz(nr))
		return;
	if (nr == PV_HC_BLOCK)
		a = rnd() % 2; /* past: returns */
	if (nr == PV_HC_BATCH)
		a = GUEST_HEAP + rnd() % 65536 * 8;
	call5(nr, a, interesting(), interesting(), interesting(), interesting());
	guest_page->mask = 1;
}

static void fuzz_calls(void)
{
	rnd_state = param->seed;
	/* Data that batches and tables find: random, too. */
	for (u64 gpa = GUEST_HEAP; gpa < GUEST_HEAP + 0x80000; gpa += 8)
		* (u64 *)at(gpa) = rnd() % 3 ? rnd() % PV_HC_NR : interesting();
	for (u64 gpa = GUEST_HEAP; gpa < GUEST_HEAP + 0x80000; gpa += 32)
		if (may_not_fuzz(*(u64 *)at(gpa)))
			* (u64 *)at(gpa) = PV_HC_FLUSH;
	for (u64 i = 0; i < param->count; i++) {
		param->note = i;
		fuzz_one();
	}
}

/* Random entries at all levels below one top-level slot, random accesses, random flushes. */
static void fuzz_tables(void)
{
	u64 tables[16], *top = at(GUEST_TABLES);

	rnd_state = param->seed;
	for (int i = 0; i < 16; i++)
		tables[i] = page();
	top[102] = tables[0] | 3;
	for (u64 i = 0; i < param->count; i++) {
		u64 va = 102UL << 39 | (rnd() % 3) << 30 | (rnd() % 3) << 21 | (rnd() % 4) << 12;
		u64 *t = at(tables[rnd() % 16]);
		u64 pte = tables[rnd() % 16] | (rnd() & 0xfff);

		param->note = i;
		switch (rnd() % 6) {
		case 0:
			pte = rnd();
			/* fallthrough */
		case 1:
		case 2:
			t[rnd() % 4] = pte;
			break;
		case 3:
			call3(PV_HC_FLUSH, GUEST_TABLES, va, rnd() % 2 ? rnd() % 600 : PV_ANY);
			break;
		case 4:
			try_call(i_read, va);
			break;
		default:
			/* A store may hit a table or any page: only where it lands in the tables'
			 * own pages. */
			try_call(i_read, va + 8);
		}
	}
}

static void exit_loop(void)
{
	for (u64 i = 0; i < param->count; i++)
		call5(PV_HC_DEV_READ, 0, 0, 4, 0, 0);
}

static void block_forever(void)
{
	__atomic_store_n(&param->flag, 1, __ATOMIC_SEQ_CST);
	for (;;)
		call3(PV_HC_BLOCK, PV_ANY, 0, 0);
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

static void run_case(u64 n)
{
	static void (*const kernel_cases[CASE_NR])(void) = {
		[CASE_PRIVILEGED] = privileged,
		[CASE_ALL_INT] = all_int,
		[CASE_VSYSCALL] = vsyscall,
		[CASE_UMIP] = umip,
		[CASE_SELECTORS] = selectors,
		[CASE_IO] = io,
		[CASE_POPF] = popf_bits,
		[CASE_SINGLE_STEP] = single_step,
		[CASE_MOV_SS] = mov_ss,
		[CASE_NON_CANONICAL] = non_canonical,
		[CASE_SYSENTER] = sysenter,
		[CASE_ALIGNMENT] = alignment,
		[CASE_DIVIDE] = divide,
		[CASE_FPU_TRAP] = fpu_trap,
		[CASE_PKRU] = pkru,
		[CASE_HOST_ADDRESSES] = host_addresses,
		[CASE_NULL_CODE] = null_code,
		[CASE_RET_USER_FRAMES] = ret_user_frames,
		[CASE_RET_USER_RANGES] = ret_user_ranges,
		[CASE_BAD_KERNEL_SP] = bad_kernel_sp,
		[CASE_BAD_ENTRY] = bad_entry,
		[CASE_NO_ENTRY] = no_entry,
		[CASE_BUSY_SET] = busy_set,
		[CASE_DOUBLE_FAULT_ENTRY] = double_fault_entry,
		[CASE_UPCALL_BAD_STACK] = upcall_bad_stack,
		[CASE_BASES] = bases,
		[CASE_ENTRIES_RANGE] = entries_range,
		[CASE_FRAMES_OUT_OF_RANGE] = frames_out_of_range,
		[CASE_RESERVED_BITS] = reserved_bits,
		[CASE_PERMISSIONS] = permissions,
		[CASE_LARGE_WRONG_LEVEL] = large_wrong_level,
		[CASE_SELF_MAP] = self_map,
		[CASE_TABLE_AS_DATA] = table_as_data,
		[CASE_TABLE_MANY_LEVELS] = table_many_levels,
		[CASE_NOT_PRESENT_NOISE] = not_present_noise,
		[CASE_BAD_ROOTS] = bad_roots,
		[CASE_MANY_ROOTS] = many_roots,
		[CASE_DROP_LOADED] = drop_loaded,
		[CASE_KERNEL_ROOT_EMPTY] = kernel_root_empty,
		[CASE_FLUSH_ARGS] = flush_args,
		[CASE_UNKNOWN_CALLS] = unknown_calls,
		[CASE_FEATURES] = features,
		[CASE_BATCH] = batch,
		[CASE_CONSOLE_ARGS] = console_args,
		[CASE_DEV_ARGS] = dev_args,
		[CASE_CPUID] = cpuid_leaves,
		[CASE_TIMER_STORM] = timer_storm,
		[CASE_TIMER_EXTREMES] = timer_extremes,
		[CASE_IPI_STORM] = ipi_storm,
		[CASE_BLOCK_EVENTS] = block_events,
		[CASE_VCPU_START_ARGS] = vcpu_start_args,
		[CASE_DISCARD_EVERYTHING] = discard_everything,
		[CASE_WRITE_PROTECT] = write_protect,
		[CASE_ACCESSED_DIRTY] = accessed_dirty,
		[CASE_SMP_UNMAP_RACE] = smp_unmap_race,
		[CASE_SMP_PINGPONG] = smp_pingpong,
		[CASE_SPIN] = spin_all,
		[CASE_BLOCK_FOREVER] = block_forever,
		[CASE_TOUCH_ALL] = touch_all,
		[CASE_PAGE_FLIPPED] = page_flipped,
		[CASE_FUZZ_CALLS] = fuzz_calls,
		[CASE_FUZZ_TABLES] = fuzz_tables,
		[CASE_EXIT_LOOP] = exit_loop,
		[CASE_SNAPSHOT_KERNEL] = snapshot_kernel,
		[CASE_EXIT_RESULT] = exit_result,
		[CASE_RESTART] = restart,
		[CASE_DOORBELLS] = doorbells,
	};

	if (n >= CASE_USER_PRIVILEGED && n <= CASE_USER_HOST_ADDRESSES)
		run_user(as_user, n - CASE_USER_PRIVILEGED);
	if (n == CASE_USER_NO_HYPERCALL)
		run_user(user_no_hypercall, 0);
	if (n == CASE_USER_KERNEL_MEMORY)
		run_user(user_kernel_memory, 0);
	if (n == CASE_STATE_KEPT)
		run_user(state_kept_user, 0);
	if (n == CASE_SNAPSHOT_USER)
		run_user(snapshot_user, 0);
	if (n == CASE_NOTHING)
		finish(0);
	if (n >= CASE_NR || !kernel_cases[n])
		finish(GUEST_NO_CASE);
	kernel_cases[n]();
}

void guest_main(struct guest_param *p)
{
	param = p;
	rnd_state = p->seed | 1;
	guest_page = at(GUEST_VCPUS);
	guest_page->mask = 1;
	set_entries(0, 0);
	run_case(p->number);
	finish(0);
}
