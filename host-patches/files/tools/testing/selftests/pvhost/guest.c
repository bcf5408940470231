// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest of the adversarial tests.  Each case does something a guest must not
 * gain by; it ends with status 0 if it got what the specification says.  Here: its
 * start, its memory, and what the cases in guest_*.c share.
 */
#include "guest_lib.h"

struct pv_vcpu *guest_page;
volatile u64 kernel_traps, user_traps, user_calls;
volatile u64 user_cause, user_vector, user_error, user_ip;
struct guest_param *param;
static u64 heap = GUEST_HEAP;

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

int in_user; /* which system calls are not hypercalls */

void finish(u64 status)
{
	for (;;) {
		if (in_user)
			call3(1000, status, 0, 0);
		else
			call3(PV_HC_SHUTDOWN, PV_SHUTDOWN_POWEROFF, status, 0);
	}
}

void need(int ok, const char *file, u64 line)
{
	if (ok)
		return;
	param->file = (u64)file - GUEST_VA;
	param->note = line;
	finish(GUEST_FAIL);
}

void *memset(void *p, int c, u64 n)
{
	char *d = p;

	while (n--)
		*d++ = c;
	return p;
}

void *memcpy(void *p, const void *q, u64 n)
{
	char *d = p;
	const char *s = q;

	while (n--)
		*d++ = *s++;
	return p;
}

u64 rnd_state;

u64 rnd(void)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return rnd_state * 0x2545f4914f6cdd1dUL;
}

void *at(u64 gpa)
{
	return (void *)(GUEST_VA + gpa);
}

u64 page(void)
{
	u64 gpa = heap;

	heap += 4096;
	NEED(heap < GUEST_MEM);
	memset(at(gpa), 0, 4096);
	return gpa;
}

u64 *entry(u64 root, u64 va)
{
	u64 *table = at(root);

	for (int shift = 39; shift > 12; shift -= 9) {
		u64 *e = &table[va >> shift & 511];

		if (!(*e & PV_PTE_P))
			*e = page() | 7;
		table = at(*e & PV_PTE_ADDR);
	}
	return &table[va >> 12 & 511];
}

/* A user root that shows this image, and a page at USER_DATA. */
u64 make_user_root(void)
{
	u64 root = page();

	for (u64 va = GUEST_VA + GUEST_GPA; va < (u64)guest_end; va += 4096)
		*entry(root, va) = (va - GUEST_VA) | 0x67;
	for (u64 gpa = GUEST_STACKS; gpa < GUEST_STACKS + 0x40000; gpa += 4096)
		*entry(root, GUEST_VA + gpa) = gpa | 0x67 | PV_PTE_NX;
	*entry(root, GUEST_VA + GUEST_PARAM) = GUEST_PARAM | 0x67;
	*entry(root, USER_DATA) = page() | 0x67;
	*entry(root, USER_MISSING) = (GUEST_MEM - 4096) | 0x67;
	return root;
}

void set_entries(u64 dfault, u64 dfault_sp)
{
	NEED(call5(PV_HC_SET_ENTRIES, (u64)enter_syscall, (u64)enter_user, (u64)enter_kernel,
		   dfault, dfault_sp) == 0);
}

u64 *kernel_entry(u64 va)
{
	return entry(GUEST_TABLES, va);
}

void user_exit(u64 status)
{
	call3(1000, status, 0, 0);
}

static void enter(u64 ip, u64 arg)
{
	struct pv_vcpu *v = guest_page;

	v->kernel_sp = GUEST_VA + GUEST_STACKS + 0x4000;
	v->ip = ip;
	v->sp = GUEST_VA + GUEST_STACKS + 0x8000 - 8;
	v->flags = 0x202;
	v->ax = 0;
	v->cx = 0;
	v->r11 = 0;
	v->cs = PV_CS64;
	v->ss = PV_SS;
	v->user_root = make_user_root();
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

u64 vector_at(void (*code)(u64))
{
	u64 cause = user_cause, vector = user_vector, ip = user_ip;

	if (!in_user) {
		cause = guest_page->kcause & ~PV_KCAUSE_MASKED;
		vector = guest_page->kvector;
		ip = guest_page->kip;
	}
	return cause == PV_CAUSE_TRAP && ip - (u64)code < 32 ? vector : PV_ANY;
}

u64 error_code(void)
{
	return in_user ? user_error : guest_page->kerror;
}

/* The first of these tables that has the case has what it does. */
static const struct guest_code *const tables[] = {
	insn_cases, frame_cases, table_cases, call_cases, event_cases, fuzz_cases, register_cases,
	state_cases, storm_cases, large_cases};

static void run_case(u64 n)
{
	for (u64 i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct guest_code *c = tables[i]; c->run; c++)
			if (c->number == n) {
				c->run();
				return;
			}
	if (n >= CASE_USER_FIRST && n <= CASE_USER_LAST)
		run_user(insn_as_user, n);
	if (n != CASE_NOTHING)
		finish(GUEST_NO_CASE);
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
