// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hot paths: whatever brings a guest into the kernel, and the last step on
 * its way back.
 *
 * A system call of guest user mode costs two of these trips, so there is nothing
 * here that can be elsewhere. Registers live in task_pt_regs(); a guest mode is a
 * value of vcpu->mode and a shadow address space. Every field of the shared page
 * is read once.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/entry-common.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/sched.h>
#include <asm/cpu.h>
#include <asm/debugreg.h>
#include <asm/pkru.h>
#include <asm/tlbflush.h>
#include <asm/trap_pf.h>
#include <asm/trapnr.h>

#include "frame.h"
#include "internal.h"
#include "trace.h"

/* In registers that a hypercall does not preserve, with CONFIG_DEBUG_ENTRY. */
#define CLOBBERED	0xdeadbeefdeadbeefULL

static_assert(PV_CS64 == __USER_CS);
static_assert(PV_CS32 == __USER32_CS);
static_assert(PV_SS == __USER_DS);
static_assert(PV_FLAGS_ENTRY == (X86_EFLAGS_IF | X86_EFLAGS_FIXED));

static __always_inline void enter_kernel(struct pvhost_vcpu *v)
{
	v->mode = PVHOST_KERNEL;
	v->space = v->kspace;
}

/* Put the user frame into the page and aim the registers at the guest kernel. */
static __always_inline void enter_from_user(struct pvhost_vcpu *v, struct pt_regs *regs,
					    u64 entry)
{
	struct pv_vcpu *p = v->page;

	WRITE_ONCE(p->ip, regs->ip);
	WRITE_ONCE(p->sp, regs->sp);
	WRITE_ONCE(p->flags, regs->flags);
	WRITE_ONCE(p->cs, regs->cs);
	WRITE_ONCE(p->ss, regs->ss);
	WRITE_ONCE(p->mask, 1);
	regs->ip = entry;
	regs->sp = READ_ONCE(p->kernel_sp);
	regs->flags = PV_FLAGS_ENTRY;
	enter_kernel(v);
}

static __always_inline void reflect_syscall(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	v->stats.syscalls++;
	enter_from_user(v, regs, v->entry_syscall);
	regs->ax = regs->orig_ax;
	/* SYSRET can be used. */
	regs->cx = regs->ip;
	regs->r11 = PV_FLAGS_ENTRY;
}

static void reflect_user(struct pvhost_vcpu *v, struct pt_regs *regs, u8 cause,
			 u8 vector, u32 error, u64 addr)
{
	struct pv_vcpu *p = v->page;

	WRITE_ONCE(p->cause, cause);
	WRITE_ONCE(p->vector, vector);
	WRITE_ONCE(p->error, error);
	WRITE_ONCE(p->addr, addr);
	enter_from_user(v, regs, v->entry_user);
	regs->csx = PV_CS64;
	regs->ssx = PV_SS;
}

/* The kernel frame holds state that the guest has not saved yet. */
static void double_fault(struct pvhost_vcpu *v, struct pt_regs *regs, u8 cause,
			 u8 vector, u32 error, u64 addr)
{
	struct pv_dframe *d = &v->page->dframe;

	if (!v->entry_dfault || v->dfault_used) {
		struct pvhost_run *run = v->run;

		run->fault.cause = cause;
		run->fault.vector = vector;
		run->fault.error = error;
		run->fault.addr = addr;
		run->fault.sp = regs->sp;
		pvhost_leave(v, regs, PVHOST_EXIT_DOUBLE_FAULT, 0);
		return;
	}
	v->dfault_used = true;
	d->ip = regs->ip;
	d->sp = regs->sp;
	d->flags = regs->flags;
	d->addr = addr;
	d->error = error;
	d->cause = cause;
	d->vector = vector;
	WRITE_ONCE(v->page->mask, 1);
	regs->ip = v->entry_dfault;
	regs->sp = v->dfault_sp;
	regs->flags = PV_FLAGS_ENTRY;
	regs->csx = PV_CS64;
	regs->ssx = PV_SS;
}

static void enter_from_kernel(struct pvhost_vcpu *v, struct pt_regs *regs, u8 cause,
			      u8 vector, u32 error, u64 addr)
{
	struct pv_vcpu *p = v->page;

	WRITE_ONCE(p->kip, regs->ip);
	WRITE_ONCE(p->kflags, regs->flags);
	WRITE_ONCE(p->kcause, READ_ONCE(p->mask) ? cause | PV_KCAUSE_MASKED : cause);
	WRITE_ONCE(p->kvector, vector);
	WRITE_ONCE(p->kerror, error);
	WRITE_ONCE(p->kaddr, addr);
	WRITE_ONCE(p->busy, 1);
	WRITE_ONCE(p->mask, 1);
	regs->ip = v->entry_kernel;
	regs->flags = PV_FLAGS_ENTRY;
	regs->csx = PV_CS64;
	regs->ssx = PV_SS;
}

static void reflect_kernel(struct pvhost_vcpu *v, struct pt_regs *regs, u8 cause,
			   u8 vector, u32 error, u64 addr)
{
	if (READ_ONCE(v->page->busy) || !v->entry_kernel)
		double_fault(v, regs, cause, vector, error, addr);
	else
		enter_from_kernel(v, regs, cause, vector, error, addr);
}

static void reflect(struct pvhost_vcpu *v, struct pt_regs *regs, u8 cause, u8 vector,
		    u32 error, u64 addr)
{
	trace_pvhost_reflect(v, regs, cause, vector, error, addr);
	v->stats.traps++;
	if (v->mode == PVHOST_USER)
		reflect_user(v, regs, cause, vector, error, addr);
	else
		reflect_kernel(v, regs, cause, vector, error, addr);
}

/* On the way to the guest with something pending; interrupts are off. */
static noinline void deliver(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	struct pv_vcpu *p = v->page;

	if (v->mode == PVHOST_USER) {
		reflect_user(v, regs, PV_CAUSE_EVENT, 0, 0, 0);
	} else {
		if (!v->entry_kernel ||
		    !pvhost_may_deliver(READ_ONCE(p->mask), READ_ONCE(p->busy)))
			return;
		enter_from_kernel(v, regs, PV_CAUSE_EVENT, 0, 0, 0);
	}
	v->stats.events++;
	trace_pvhost_event(v, regs);
}

/* Events and the address space: the last things; interrupts are off. */
static __always_inline bool edge(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	bool untouched = true;
	struct mm_struct *mm;

	if (unlikely(READ_ONCE(v->page->pending))) {
		deliver(v, regs);
		untouched = false;
	}
	mm = READ_ONCE(v->space->mm);
	if (this_cpu_read(cpu_tlbstate.loaded_mm) != mm) {
		v->stats.switches++;
		/* No task: mitigations between tasks were done on the way in. */
		switch_mm_irqs_off(NULL, mm, NULL);
	}
	return untouched;
}

/**
 * pvhost_enter_guest - the last step before user mode that is a guest's
 *
 * The registers in task_pt_regs() are the launcher's on the first pass after RUN. They
 * are no argument: every system call would have to hand it on to here.
 *
 * Context: interrupts are off and no work is left.
 */
void pvhost_enter_guest(void)
{
	struct pvhost_vcpu *v = pvhost_current();
	struct pt_regs *regs = current_pt_regs();

	if (unlikely(v->mode == PVHOST_ENTERING))
		pvhost_swap_in(v, regs);
	edge(v, regs);
}

/* The common end of a system call: back to user mode, nothing else to do. */
static __always_inline bool ret_user_fast(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	struct pv_vcpu *p = v->page;
	u64 ip;

	if (READ_ONCE(p->ret_flags) != PV_RET_SYSRET)
		return false;
	ip = READ_ONCE(p->ip);
	if (!pvhost_ip_ok(ip) || !v->uspace)
		return false;
	regs->ip = ip;
	regs->cx = ip;
	regs->sp = READ_ONCE(p->sp);
	regs->flags = pvhost_flags(READ_ONCE(p->flags));
	regs->r11 = regs->flags;
	regs->ax = READ_ONCE(p->ax);
	/* With FRED, a step would be taken before the first instruction. */
	regs->ssx = PV_SS;
	v->mode = PVHOST_USER;
	v->space = v->uspace;
	return true;
}

/* What needs neither interrupts nor memory; true if that was all. */
static __always_inline bool syscall_fast(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	if (v->mode == PVHOST_USER) {
		reflect_syscall(v, regs);
		return true;
	}
	v->stats.hypercalls++;
	switch (regs->orig_ax) {
	case PV_HC_RET_USER:
		return ret_user_fast(v, regs);
	case PV_HC_NOP:
		regs->ax = 0;
		return true;
	}
	return false;
}

static noinline void syscall_slow(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	u64 nr = regs->orig_ax;
	long ret;

	regs->orig_ax = -1;
	/* What the ABI says is lost is lost: no guest must come to rely on it. */
	if (IS_ENABLED(CONFIG_DEBUG_ENTRY)) {
		regs->cx = CLOBBERED;
		regs->r11 = CLOBBERED;
	}
	local_irq_enable();
	ret = pvhost_hypercall(v, regs, nr);
	if (ret != PVHOST_LEFT)
		regs->ax = ret;
	local_irq_disable();
}

/*
 * Is there nothing to be done on the way out but to enter the guest? Then the
 * general way can be left out: nothing it looks for can have come up since the
 * entry, with interrupts off all the time.
 */
static __always_inline bool exit_is_simple(void)
{
	const unsigned long work = EXIT_TO_USER_MODE_WORK | _TIF_NEED_FPU_LOAD |
				   _TIF_IO_BITMAP | _TIF_USER_RETURN_NOTIFY;

	return !IS_ENABLED(CONFIG_X86_DEBUG_FPU) && !(read_thread_flags() & work);
}

/* Can SYSRET restore these registers? do_syscall_64() has the reasons. */
static __always_inline bool sysret_ok(const struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags &&
	       regs->cs == __USER_CS && regs->ss == __USER_DS &&
	       pvhost_ip_ok(regs->ip) &&
	       !(regs->flags & (X86_EFLAGS_RF | X86_EFLAGS_TF));
}

/**
 * pvhost_syscall - SYSCALL in 64-bit code, while there are machines
 * @regs: registers of a guest, or of any other task
 * @nr: number of the system call, as do_syscall_64() wants it
 *
 * Context: straight from the entry code, interrupts off; does all of the work of
 * entry and exit.
 * Return: true if SYSRET can be used, false for IRET.
 */
noinstr bool pvhost_syscall(struct pt_regs *regs, int nr)
{
	struct pvhost_vcpu *v;
	bool done, sysret;

	if (!test_thread_flag(TIF_PVGUEST))
		return do_syscall_64(regs, nr);

	enter_from_user_mode(regs);
	instrumentation_begin();
	v = pvhost_current();
	done = syscall_fast(v, regs);
	if (likely(done && exit_is_simple())) {
		/*
		 * SYSCALL and the two fast ways leave rcx = rip, r11 = rflags. Where the guest goes
		 * on may be any address: SYSRET must not see one that is not canonical.
		 */
		sysret = edge(v, regs) && pvhost_ip_ok(regs->ip) &&
			 !(regs->flags & (X86_EFLAGS_RF | X86_EFLAGS_TF));
		instrumentation_end();
		exit_to_user_mode();
		return sysret;
	}
	if (!done)
		syscall_slow(v, regs);
	instrumentation_end();
	irqentry_exit_to_user_mode(regs);
	return sysret_ok(regs);
}

/**
 * __pvhost_compat_syscall - int80, SYSENTER, or SYSCALL by 32-bit code
 * @regs: the guest's registers
 * @how: PVHOST_INT80 or PVHOST_SYSENTER
 *
 * SYSENTER loses the return address and the stack, and Linux has put its vDSO's
 * address there.
 *
 * Return: true, the caller returns to user mode.
 */
bool __pvhost_compat_syscall(struct pt_regs *regs, int how)
{
	struct pvhost_vcpu *v = pvhost_current();

	current_thread_info()->status &= ~TS_COMPAT;
	if (how == PVHOST_INT80) {
		reflect(v, regs, PV_CAUSE_INT80, 0, 0, 0);
		return true;
	}
	regs->ax = regs->orig_ax;
	regs->orig_ax = -1;
	regs->ip = 0;
	regs->sp = 0;
	if (v->mode == PVHOST_USER)
		reflect(v, regs, PV_CAUSE_SYSENTER, 0, 0, 0);
	else
		double_fault(v, regs, PV_CAUSE_SYSENTER, 0, 0, 0);
	return true;
}

/* What the guest cannot be told, the launcher is: memory is missing, or a signal waits. */
static void leave_for(struct pvhost_vcpu *v, struct pt_regs *regs, int why)
{
	switch (why) {
	case -EINTR:
		pvhost_leave(v, regs, PVHOST_EXIT_INTR, -EINTR);
		break;
	case -ENXIO:
		pvhost_leave(v, regs, PVHOST_EXIT_MEMORY, 0);
		break;
	default:
		pvhost_leave(v, regs, PVHOST_EXIT_NOMEM, 0);
	}
}

/*
 * Where the CPU makes CPUID fault, that fault is the host's to resolve, unless the
 * guest has asked for it. True if it has been dealt with.
 */
static bool answer_cpuid(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	int ret;

	if (!cpu_feature_enabled(X86_FEATURE_CPUID_FAULT) ||
	    atomic64_read(&v->vm->enabled) & PV_FEAT_CPUID_FAULT)
		return false;
	local_irq_enable();
	ret = pvhost_cpuid_insn(v, regs);
	if (ret && ret != -EFAULT)
		leave_for(v, regs, ret);
	else if (!ret && regs->flags & X86_EFLAGS_TF)
		reflect(v, regs, PV_CAUSE_TRAP, X86_TRAP_DB, 0, DR_STEP);
	local_irq_disable();
	return ret != -EFAULT;
}

/*
 * Split and bus locks disturb all CPUs: they are the host's affair, and Linux treats
 * the launcher as it treats anybody. True if the guest need not know.
 */
static bool took_bus(struct pt_regs *regs, int vector, unsigned long *dr6)
{
	bool done = false;

	if (vector == X86_TRAP_AC && !(regs->flags & X86_EFLAGS_AC)) {
		local_irq_enable();
		done = handle_guest_split_lock(regs->ip);
		local_irq_disable();
	} else if (vector == X86_TRAP_DB && *dr6 & DR_BUS_LOCK) {
		local_irq_enable();
		handle_bus_lock(regs);
		local_irq_disable();
		*dr6 &= ~DR_BUS_LOCK;
		done = !*dr6;
	}
	return done;
}

/*
 * #GP of INT 0x80 where that has no gate: ia32_emulation=off. QEMU's emulation has 16 bytes a gate
 * there, as the table does; for a CPU that is no vector at all.
 */
#define INT80_ERROR	(0x80 * 8 + 2)
#define INT80_ERROR_QEMU (0x80 * 16 + 2)
/* Bytes of an instruction. */
#define MAX_INSN	15

/* The length of the INT 0x80 at the guest's instruction pointer; 0 if there is none; -errno. */
static int int80_length(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	u8 code[2] = {};
	int len, ret;

	for (len = 0; len < MAX_INSN - 1; len++) {
		ret = pvhost_fetch(v, v->space, regs->ip + len, code, 1);
		if (ret)
			return ret;
		if (!pvhost_is_prefix(code[0], regs->cs))
			break;
	}
	ret = pvhost_fetch(v, v->space, regs->ip + len, code, sizeof(code));
	if (ret)
		return ret;
	return code[0] == 0xcd && code[1] == 0x80 ? len + sizeof(code) : 0;
}

/* True if it was a guest's INT 0x80, which it gets as if Linux had a gate for it. */
static bool took_int80(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	int len;

	local_irq_enable();
	len = int80_length(v, regs);
	if (len > 0) {
		regs->ip = pvhost_next_ip(regs->ip, len, regs->cs);
		regs->flags &= ~X86_EFLAGS_RF;
		reflect(v, regs, PV_CAUSE_INT80, 0, 0, 0);
	} else if (len && len != -EFAULT) {
		leave_for(v, regs, len);
	}
	local_irq_disable();
	return len && len != -EFAULT;
}

/**
 * __pvhost_trap - an exception of a task in guest mode
 * @regs: registers at the exception
 * @vector: exception number
 * @error: error code
 * @addr: DR6 for #DB, else 0
 *
 * Return: true if the guest raised it; then it has been reflected.
 */
bool __pvhost_trap(struct pt_regs *regs, int vector, unsigned long error,
		   unsigned long addr)
{
	struct pvhost_vcpu *v = pvhost_current();

	if (!user_mode(regs) || v->mode == PVHOST_ENTERING)
		return false;
	if (unlikely(took_bus(regs, vector, &addr)))
		return true;
	if (vector == X86_TRAP_GP && !error && answer_cpuid(v, regs))
		return true;
	if (vector == X86_TRAP_GP && (error == INT80_ERROR || error == INT80_ERROR_QEMU) &&
	    took_int80(v, regs))
		return true;
	reflect(v, regs, PV_CAUSE_TRAP, vector, error, addr);
	return true;
}

/* A key that guest user mode has closed; the guest kernel has none. */
static void clear_pkru(void)
{
	local_irq_disable();
	write_pkru(0);
	local_irq_enable();
}

/*
 * Fill the shadow, or find out what the guest shall be told. An access without
 * the user bit is an implicit supervisor access, which the guest can only
 * provoke with a descriptor-table reference, or QEMU's far return.
 */
static bool resolve_fault(struct pvhost_vcpu *v, struct pt_regs *regs,
			  unsigned long *error, unsigned long addr)
{
	int ret;

	if ((*error & X86_PF_PK) && v->mode == PVHOST_KERNEL) {
		clear_pkru();
		return true;
	}
	if (addr >= PV_VA_MAX) {
		*error |= X86_PF_PROT;
		return false;
	}
	if ((*error & X86_PF_PK) || !(*error & X86_PF_USER))
		return false;
	ret = pvhost_fill(v, v->space, addr, error);
	if (!ret)
		return true;
	if (ret == -EFAULT)
		return false;
	leave_for(v, regs, ret);
	return true;
}

/**
 * pvhost_page_fault - a page fault of a task in guest mode
 * @regs: registers at the fault
 * @error: error code
 * @addr: linear address
 *
 * Context: interrupts off, and off again on return.
 * Return: true if the guest raised it.
 */
bool pvhost_page_fault(struct pt_regs *regs, unsigned long error, unsigned long addr)
{
	struct pvhost_vcpu *v = pvhost_current();
	const unsigned long shown = X86_PF_PROT | X86_PF_WRITE | X86_PF_USER |
				    X86_PF_INSTR | X86_PF_PK;

	if (!user_mode(regs) || v->mode == PVHOST_ENTERING)
		return false;
	local_irq_enable();
	if (!resolve_fault(v, regs, &error, addr))
		reflect(v, regs, PV_CAUSE_TRAP, X86_TRAP_PF, error & shown, addr);
	local_irq_disable();
	return true;
}

/**
 * pvhost_uaccess_okay - may the kernel touch user memory in this task?
 *
 * With a guest's address space loaded, a kernel fault on a user address cannot
 * be resolved from current->mm.
 *
 * Return: true if the task's own address space is loaded.
 */
bool pvhost_uaccess_okay(void)
{
	return in_interrupt() || this_cpu_read(cpu_tlbstate.loaded_mm) == current->mm;
}
