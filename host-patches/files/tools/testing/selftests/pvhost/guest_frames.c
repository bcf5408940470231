// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways into the guest's kernel and back to its user mode, and what must survive them.
 */
#include "guest_lib.h"

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

static void ret_user_frames(void)
{
	struct pv_vcpu *v = guest_page;
	u64 root;

	root = make_user_root();
	NEED(call3(PV_HC_USER_ROOT, root, 0, 0) == 0);
	for (u64 i = 0; i < ARRAY_SIZE(odd_addresses); i++) {
		v->ip = odd_addresses[i];
		v->sp = odd_addresses[i];
		v->flags = ~0UL;
		v->cs = PV_CS64;
		v->ss = PV_SS;
		v->ret_flags = 0;
		if (odd_addresses[i] >= PV_VA_MAX)
			NEED(ret_user() == -EINVAL);
	}
	v->ip = (u64)user_exit;
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
	run_user(user_exit, 0);
}

static void ret_user_ranges(void)
{
	struct pv_vcpu *v = guest_page;
	u64 root;

	for (unsigned int i = 0; i < PV_MAX_RET_RANGES; i++) {
		v->ranges[i].va = rnd();
		v->ranges[i].npages = rnd();
		v->ranges[i].flags = i % 8;
	}
	root = make_user_root();
	v->kernel_sp = GUEST_VA + GUEST_STACKS + 0x4000;
	v->ip = (u64)user_exit;
	v->sp = GUEST_VA + GUEST_STACKS + 0x8000 - 8;
	v->flags = 0x202;
	v->user_root = root;
	v->ret_flags = PV_RET_ROOT | 9 << PV_RET_RANGES_SHIFT;
	NEED(ret_user() == -EINVAL);
	v->ret_flags = PV_RET_ROOT | PV_RET_SYSRET | 8 << PV_RET_RANGES_SHIFT;
	ret_user();
	/* Some of the random ranges may be malformed; without them it works. */
	run_user(user_exit, 0);
}

static void bad_kernel_sp(void)
{
	u64 root;

	guest_page->kernel_sp = 0x1000;
	set_entries(0, 0);
	root = make_user_root();
	guest_page->ip = (u64)i_ud2;
	guest_page->sp = GUEST_VA + GUEST_STACKS + 0x8000 - 8;
	guest_page->flags = 0x202;
	guest_page->user_root = root;
	guest_page->ret_flags = PV_RET_ROOT | PV_RET_SYSRET;
	/* enter_user needs no stack: it goes on at r15, here. */
	asm volatile("lea 1f(%%rip), %%r15; mov $0x3000, %%r14; syscall;"
		     "1:" ::"a"((u64)PV_HC_RET_USER)
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
	/*
	 * The stub does not use the stack but for a pushf: a double fault or a trap, never the
	 * host's trouble.
	 */
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
	for (u64 i = 0; i < ARRAY_SIZE(odd_addresses); i++)
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

static void user_case_no_hypercall(void)
{
	run_user(user_no_hypercall, 0);
}

static void user_case_kernel_memory(void)
{
	run_user(user_kernel_memory, 0);
}

const struct guest_code frame_cases[] = {
	{CASE_USER_NO_HYPERCALL, user_case_no_hypercall},
	{CASE_USER_KERNEL_MEMORY, user_case_kernel_memory},
	{CASE_RET_USER_FRAMES, ret_user_frames},
	{CASE_RET_USER_RANGES, ret_user_ranges},
	{CASE_BAD_KERNEL_SP, bad_kernel_sp},
	{CASE_BAD_ENTRY, bad_entry},
	{CASE_NO_ENTRY, no_entry},
	{CASE_BUSY_SET, busy_set},
	{CASE_DOUBLE_FAULT_ENTRY, double_fault_entry},
	{CASE_UPCALL_BAD_STACK, upcall_bad_stack},
	{CASE_BASES, bases},
	{CASE_ENTRIES_RANGE, entries_range},
	{}
};
