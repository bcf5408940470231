/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Door: entering and leaving the kernel. Every platform saves user registers in this one frame at
 * the top of the thread's kernel stack.
 */
#ifndef _PLATFORM_TRAP_H
#define _PLATFORM_TRAP_H

#include <compiler.h>

struct thread;
struct mm;

/* Order is part of the entry code; struct user_regs_struct of the ABI has the same. */
struct trapframe {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	u64 orig_rax; /* system call number, or error code of a trap */
	u64 rip, cs, rflags, rsp, ss;
};

#define USER_CS 0x33 /* Linux's selectors, which programs may see */
#define USER_DS 0x2b

/*
 * Called by platforms, served by generic code. All run with interrupts on in process context, but
 * for trap_kernel_fault(). trap_return_work() (signal.h) belongs to them: it is called before user
 * mode as long as current->sigpending, need_resched or user_work is set, which is looked at with
 * interrupts off.
 */
void trap_syscall(struct trapframe *tf);
/* Any exception of user mode. @err: error code, @addr: of a page fault. */
void trap_user_fault(struct trapframe *tf, u32 vector, u32 err, unsigned long addr);
/* An exception of the kernel that uaccess does not fix up. Faults on user addresses are first
 * tried with mm_fault(). */
void trap_kernel_fault(struct trapframe *tf, u32 vector, u32 err, unsigned long addr) __noreturn;

/* First code of a forked thread, after sched_tail() and before user mode (process/life/fork.c). */
void fork_first_run(void);

/* Vectors of exceptions (SDM vol. 3, 6.3.1). */
enum {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF = 4,
	TRAP_BR = 5,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_TS = 10,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XF = 19
};
/* Page-fault error code bits. */
#define PF_PROT 1
#define PF_WRITE 2
#define PF_USER 4
#define PF_RSVD 8
#define PF_INSTR 16

/* ---- what platforms provide for threads ---- */

/*
 * Switches stacks and CPU context (FPU, segment bases, kernel stack for entries, mmu root) from
 * @prev to @next; returns in @next's time. Interrupts off.
 */
void plat_switch(struct thread *prev, struct thread *next);
/* Prepares a new thread: its first switch runs sched_tail(), then @entry(@arg), which must not
 * return. */
void plat_thread_init(struct thread *t, void (*entry)(void *), void *arg);
/*
 * Prepares a child of fork or clone: a copy of @tf as its user frame with rax = 0, FPU state and
 * bases of current; its first run goes from sched_tail() to user mode. @sp: stack pointer, 0: as in
 * @tf. @tls: FS base, ~0: the parent's. 0 or -ENOMEM.
 */
int plat_thread_fork(struct thread *t, const struct trapframe *tf, unsigned long sp,
		     unsigned long tls);
void plat_thread_free(struct thread *t);
/* New program: frame zeroed with @ip and @sp, FPU and bases reset. */
void plat_exec(struct trapframe *tf, unsigned long ip, unsigned long sp);
/* Enters user mode with the frame at the top of the current stack (pid 1's first program). */
void plat_enter_user(void) __noreturn;
/* The FS or GS base of the current thread, for arch_prctl(2). 0 or errno. */
int plat_set_base(bool gs, unsigned long base);
unsigned long plat_get_base(bool gs);
/*
 * Signal frames: size of the FPU image in bytes; writing it to user memory (Linux's _fpstate with
 * the xstate magic) and taking it back, NULL: the initial state. 0, -EFAULT, -EINVAL.
 */
size_t plat_fpu_frame_size(void);
int plat_fpu_save_user(void __user *buf);
int plat_fpu_restore_user(const void __user *buf);
/* si_code of a floating-point exception (TRAP_MF, TRAP_XF) of the current thread. */
int plat_fpe_code(u32 vector);
unsigned long plat_hwcap(void); /* AT_HWCAP: CPUID.1:EDX */
/* True if @fp looks like a frame pointer on a kernel stack of this thread (back traces). */
bool plat_stack_ok(unsigned long fp);

/*
 * <plat/trap.h> defines as static inlines:
 * struct trapframe *user_frame(const struct thread *t)   at the top of its kernel stack
 * bool user_mode(const struct trapframe *tf)             whether it was saved in user mode
 */
#include <plat/trap.h>

#endif
