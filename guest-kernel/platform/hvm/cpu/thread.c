// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads as the CPU sees them: a kernel stack, user segment bases, extended
 * state. Contracts stand in include/platform/trap.h.
 */
#include <errno.h>
#include <mm.h>
#include <process.h>
#include <sched.h>
#include <string.h>

#include "../../x86/fpu.h"
#include "../../x86/switch.h"
#include "../hvm.h"

/* Entry code relies on these. */
static_assert(offsetof(struct hvm_cpu, running) == CPU_CURRENT, "CPU_CURRENT");
static_assert(offsetof(struct hvm_cpu, kstack_top) == CPU_KSTACK_TOP, "CPU_KSTACK_TOP");
static_assert(offsetof(struct hvm_cpu, user_rsp) == CPU_USER_RSP, "CPU_USER_RSP");
static_assert(offsetof(struct hvm_cpu, kernel_cr3) == CPU_KERNEL_CR3, "CPU_KERNEL_CR3");
static_assert(offsetof(struct hvm_cpu, user_cr3) == CPU_USER_CR3, "CPU_USER_CR3");
static_assert(offsetof(struct hvm_cpu, entry_top) == CPU_ENTRY_TOP, "CPU_ENTRY_TOP");
static_assert(offsetof(struct hvm_cpu, scratch) == CPU_SCRATCH, "CPU_SCRATCH");
static_assert(offsetof(struct hvm_cpu, spec_ctrl) == CPU_SPEC_CTRL, "CPU_SPEC_CTRL");
static_assert(offsetof(struct hvm_cpu, verw_selector) == CPU_VERW, "CPU_VERW");

/**
 * plat_thread_init - prepare a kernel thread
 * @t: the thread, with its stack
 * @entry: called with interrupts on, must not return
 * @arg: its argument
 */
void plat_thread_init(struct thread *t, void (*entry)(void *), void *arg)
{
	x86_thread_init(t, entry, arg);
}

static void read_selectors(struct plat_thread *p)
{
	__asm__("movw %%fs, %0; movw %%gs, %1; movw %%ds, %2; movw %%es, %3"
		: "=m"(p->fs), "=m"(p->gs), "=m"(p->ds), "=m"(p->es));
}

/**
 * plat_thread_fork - prepare the child of fork or clone
 * @t: the child, with its stack
 * @tf: the parent's user frame
 * @sp: the child's stack pointer, 0: as the parent's
 * @tls: the child's FS base, ~0: as the parent's
 *
 * Return: 0 or -ENOMEM. Context: may sleep; current is the parent.
 */
int plat_thread_fork(struct thread *t, const struct trapframe *tf, unsigned long sp,
		     unsigned long tls)
{
	struct trapframe *child = user_frame(t);

	memset(&t->plat, 0, sizeof(t->plat));
	*child = *tf;
	child->rax = 0;
	if (sp)
		child->rsp = sp;
	t->plat.fsbase = tls == ~0UL ? current->plat.fsbase : tls;
	t->plat.gsbase = current->plat.gsbase;
	x86_fork_init(t);
	return fpu_fork(t);
}

/** plat_thread_free - give back what the platform keeps for a dead thread */
void plat_thread_free(struct thread *t)
{
	fpu_free(t);
}

static void set_fsbase(struct hvm_cpu *c, unsigned long base)
{
	if (c->fsbase == base)
		return;
	c->fsbase = base;
	wrmsr(MSR_FS_BASE, base);
}

/* In kernel mode the user's GS base is in the other register, for SWAPGS. */
static void set_gsbase(struct hvm_cpu *c, unsigned long base)
{
	if (c->gsbase == base)
		return;
	c->gsbase = base;
	wrmsr(MSR_KERNEL_GS_BASE, base);
}

static bool any_selector(const struct plat_thread *p)
{
	return p->fs | p->gs | p->ds | p->es;
}

/*
 * Loading a selector may change the base (SDM vol. 3, 3.4.4), and for GS it is
 * the kernel's that is in the way. Rare: no 64-bit ABI uses these selectors.
 */
static void load_selectors(struct hvm_cpu *c, const struct plat_thread *p)
{
	__asm__ volatile("movl %0, %%ds; movl %1, %%es; movl %2, %%fs\n\t"
			 "swapgs; movl %3, %%gs; swapgs"
			 :: "r"((u32)p->ds), "r"((u32)p->es), "r"((u32)p->fs), "r"((u32)p->gs)
			 : "memory");
	wrmsr(MSR_GS_BASE, (u64)c);
	wrmsr(MSR_FS_BASE, c->fsbase);
	wrmsr(MSR_KERNEL_GS_BASE, c->gsbase);
}

static void switch_segments(struct hvm_cpu *c, struct thread *prev, struct thread *next)
{
	static const struct plat_thread no_selectors;
	struct plat_thread *p = &prev->plat, *n = &next->plat;

	if (prev->plat.fpu)
		read_selectors(p);
	if (!next->plat.fpu) {
		/* A kernel thread remembers nothing: the next user thread must not find them. */
		if (unlikely(any_selector(p)))
			load_selectors(c, &no_selectors);
		return;
	}
	set_fsbase(c, n->fsbase);
	set_gsbase(c, n->gsbase);
	if (unlikely(any_selector(p) || any_selector(n)))
		load_selectors(c, n);
}

/**
 * plat_switch - run another thread on this CPU
 * @prev: the current thread
 * @next: the one to run
 *
 * Returns when @prev is switched to again. Context: interrupts off.
 */
void plat_switch(struct thread *prev, struct thread *next)
{
	struct hvm_cpu *c = &hvm_cpus[prev->cpu];

	fpu_switch(prev, next);
	switch_segments(c, prev, next);
	if (prev->active_mm != next->active_mm)
		mmu_switch(prev->active_mm, next->active_mm);
	c->running = next;
	hvm_set_kstack(c, next->kstack + KSTACK_SIZE);
	if (mitigated(MIT_RSB))
		hvm_fill_rsb();
	x86_switch_stack(&prev->plat.sp, next->plat.sp);
}

/**
 * plat_exec - a new program in the current thread
 * @tf: its user frame
 * @ip: first instruction
 * @sp: stack pointer
 *
 * Context: may sleep.
 */
void plat_exec(struct trapframe *tf, unsigned long ip, unsigned long sp)
{
	static const struct plat_thread no_selectors;
	struct hvm_cpu *c;

	memset(tf, 0, sizeof(*tf));
	tf->rip = ip;
	tf->rsp = sp;
	tf->cs = USER_CS;
	tf->ss = USER_DS;
	tf->rflags = RFLAGS_IF;
	fpu_exec();

	preempt_disable();
	c = &hvm_cpus[cpu_id()];
	current->plat.fsbase = 0;
	current->plat.gsbase = 0;
	set_fsbase(c, 0);
	set_gsbase(c, 0);
	read_selectors(&current->plat);
	if (any_selector(&current->plat))
		load_selectors(c, &no_selectors);
	preempt_enable();
}

/** plat_enter_user - to user mode with the frame at the top of the current stack */
void plat_enter_user(void)
{
	hvm_enter_user(user_frame(current));
}

/**
 * plat_set_base - arch_prctl(2) ARCH_SET_FS, ARCH_SET_GS
 * @gs: which
 * @base: user address
 *
 * Return: 0, or -EPERM for what is not a user address.
 */
int plat_set_base(bool gs, unsigned long base)
{
	struct hvm_cpu *c;

	if (base >= USER_TOP)
		return -EPERM;
	preempt_disable();
	c = &hvm_cpus[cpu_id()];
	if (gs) {
		current->plat.gsbase = base;
		set_gsbase(c, base);
	} else {
		current->plat.fsbase = base;
		set_fsbase(c, base);
	}
	preempt_enable();
	return 0;
}

/** plat_get_base - the current thread's FS or (@gs) GS base */
unsigned long plat_get_base(bool gs)
{
	return gs ? current->plat.gsbase : current->plat.fsbase;
}

/** plat_stack_ok - can @fp be a frame pointer on the current kernel stack or an interrupt stack? */
bool plat_stack_ok(unsigned long fp)
{
	const struct hvm_cpu *c = &hvm_cpus[cpu_id()];
	unsigned long ist = c->tss.ist[0] - IST_SIZE;

	if (fp & 7)
		return false;
	return (fp >= current->kstack && fp < current->kstack + KSTACK_SIZE - 16) ||
	       (fp >= ist && fp < ist + NR_IST * IST_SIZE - 16);
}
