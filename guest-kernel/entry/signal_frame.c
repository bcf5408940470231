// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame that a signal handler runs on, laid out as Linux on x86-64 does (struct rt_sigframe;
 * libc's unwinders and debuggers know it by heart), and rt_sigreturn(2), which takes it back. The
 * frame lies in user memory: what comes back may be anything.
 */
#include <process.h>
#include <platform/trap.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "../process/internal.h"
#include "signal_frame.h"

#define RED_ZONE	128UL		/* below rsp: the interrupted function's */
#define FPU_ALIGN	64UL

#define UC_FP_XSTATE	1UL
#define UC_SIGCONTEXT_SS 2UL
#define UC_STRICT_RESTORE_SS 4UL

#define SS_ONSTACK	1U
#define SS_DISABLE	2U
#define SS_AUTODISARM	(1U << 31)

/* Flags of RFLAGS that a program may set by itself (SDM vol. 1, 3.4.3). */
#define RFLAGS_CF	0x1UL
#define RFLAGS_PF	0x4UL
#define RFLAGS_AF	0x10UL
#define RFLAGS_ZF	0x40UL
#define RFLAGS_SF	0x80UL
#define RFLAGS_TF	0x100UL
#define RFLAGS_DF	0x400UL
#define RFLAGS_OF	0x800UL
#define RFLAGS_RF	0x10000UL
#define RFLAGS_AC	0x40000UL
#define RFLAGS_USER	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | \
			 RFLAGS_TF | RFLAGS_DF | RFLAGS_OF | RFLAGS_RF | RFLAGS_AC)

struct user_stack {		/* stack_t */
	u64 sp;
	s32 flags;
	u32 pad;
	u64 size;
};

struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 di, si, bp, bx, dx, ax, cx, sp, ip, flags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate;
	u64 reserved[8];
};

struct ucontext {
	u64 flags, link;
	struct user_stack stack;
	struct sigcontext context;
	sigset_t mask;
};

struct rt_sigframe {
	u64 return_address;
	struct ucontext uc;
	struct siginfo info;
};

static_assert(sizeof(struct sigcontext) == 256, "struct sigcontext_64 of the ABI");
static_assert(offsetof(struct rt_sigframe, info) == 312, "struct rt_sigframe of the ABI");

static bool on_altstack(const struct thread *t, unsigned long sp)
{
	return !(t->altstack_flags & SS_AUTODISARM) && sp > t->altstack_sp &&
	       sp - t->altstack_sp <= t->altstack_size;
}

/* SS_* as sigaltstack(2) reports them. */
static u32 altstack_state(const struct thread *t, unsigned long sp)
{
	if (!t->altstack_size)
		return SS_DISABLE;
	return on_altstack(t, sp) ? SS_ONSTACK : 0;
}

static void stack_to_user(struct user_stack *out, const struct thread *t, unsigned long sp)
{
	out->sp = t->altstack_sp;
	out->flags = (s32)(altstack_state(t, sp) | (t->altstack_flags & SS_AUTODISARM));
	out->pad = 0;
	out->size = t->altstack_size;
}

static int altstack_set(struct thread *t, const struct user_stack *new, unsigned long sp,
			size_t min_size)
{
	u32 mode = (u32)new->flags & ~SS_AUTODISARM;

	if (on_altstack(t, sp))
		return -EPERM;
	if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		t->altstack_sp = 0;
		t->altstack_size = 0;
	} else {
		if (new->size < min_size)
			return -ENOMEM;
		t->altstack_sp = new->sp;
		t->altstack_size = new->size;
	}
	t->altstack_flags = (u32)new->flags;
	return 0;
}

#define MINSIGSTKSZ 2048UL

long sys_sigaltstack(unsigned long new_arg, unsigned long old_arg)
{
	struct thread *t = current;
	unsigned long sp = user_frame(current)->rsp;
	struct user_stack new, old;
	int err;

	stack_to_user(&old, t, sp);
	if (new_arg) {
		if (copy_from_user(&new, (const void __user *)new_arg, sizeof(new)))
			return -EFAULT;
		err = altstack_set(t, &new, sp, MINSIGSTKSZ);
		if (err)
			return err;
	}
	if (old_arg && copy_to_user((void __user *)old_arg, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

static void context_save(struct sigcontext *c, const struct trapframe *tf, sigset_t mask)
{
	c->r8 = tf->r8;
	c->r9 = tf->r9;
	c->r10 = tf->r10;
	c->r11 = tf->r11;
	c->r12 = tf->r12;
	c->r13 = tf->r13;
	c->r14 = tf->r14;
	c->r15 = tf->r15;
	c->di = tf->rdi;
	c->si = tf->rsi;
	c->bp = tf->rbp;
	c->bx = tf->rbx;
	c->dx = tf->rdx;
	c->ax = tf->rax;
	c->cx = tf->rcx;
	c->sp = tf->rsp;
	c->ip = tf->rip;
	c->flags = tf->rflags;
	c->cs = USER_CS;
	c->gs = 0;
	c->fs = 0;
	c->ss = USER_DS;
	c->err = current->fault_err;
	c->trapno = current->fault_vector;
	c->cr2 = current->fault_addr;
	c->oldmask = mask;
	memset(c->reserved, 0, sizeof(c->reserved));
}

static void context_load(struct trapframe *tf, const struct sigcontext *c)
{
	tf->r8 = c->r8;
	tf->r9 = c->r9;
	tf->r10 = c->r10;
	tf->r11 = c->r11;
	tf->r12 = c->r12;
	tf->r13 = c->r13;
	tf->r14 = c->r14;
	tf->r15 = c->r15;
	tf->rdi = c->di;
	tf->rsi = c->si;
	tf->rbp = c->bp;
	tf->rbx = c->bx;
	tf->rdx = c->dx;
	tf->rax = c->ax;
	tf->rcx = c->cx;
	tf->rsp = c->sp;
	tf->rip = c->ip;
	tf->rflags = (tf->rflags & ~RFLAGS_USER) | (c->flags & RFLAGS_USER);
	/* There is 64-bit user mode only, so its selectors are the only ones. */
	tf->cs = USER_CS;
	tf->ss = USER_DS;
}

/* Where the frame goes; the FPU image lies above it. 0: no room on the alternate stack. */
static unsigned long frame_place(const struct trapframe *tf, const struct sigaction *action,
				 unsigned long *fpu)
{
	const struct thread *t = current;
	unsigned long sp = tf->rsp - RED_ZONE, low;
	bool nested = t->altstack_size && on_altstack(t, tf->rsp), alt = nested;

	if ((action->flags & SA_ONSTACK) && t->altstack_size && !nested) {
		sp = t->altstack_sp + t->altstack_size;
		alt = true;
	}
	*fpu = ALIGN_DOWN(sp - plat_fpu_frame_size(), FPU_ALIGN);
	/* As after a call: 8 below a multiple of 16 (psABI 3.2.2). */
	low = ALIGN_DOWN(*fpu - sizeof(struct rt_sigframe), 16) - 8;
	if (alt && (low < t->altstack_sp || low > t->altstack_sp + t->altstack_size))
		return 0;
	return low;
}

/**
 * signal_frame_setup - Let the current thread enter a signal handler.
 * @tf: user frame
 * @sig: signal
 * @action: what to call
 * @info: siginfo for it
 * @mask: signal mask that rt_sigreturn(2) restores
 *
 * Context: process context, may sleep.
 * Return: 0, -EFAULT if the frame cannot be written or the handler cannot be entered.
 */
int signal_frame_setup(struct trapframe *tf, int sig, const struct sigaction *action,
		       const struct siginfo *info, sigset_t mask)
{
	struct rt_sigframe frame;
	struct rt_sigframe __user *place;
	unsigned long fpu, sp = frame_place(tf, action, &fpu);

	if (!sp || !(action->flags & SA_RESTORER) || action->handler >= USER_TOP)
		return -EFAULT;
	place = (struct rt_sigframe __user *)sp;
	/* Every byte is written below: none of this stack's old content gets out. */
	frame.return_address = action->restorer;
	frame.uc.flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	frame.uc.link = 0;
	stack_to_user(&frame.uc.stack, current, tf->rsp);
	context_save(&frame.uc.context, tf, mask);
	frame.uc.context.fpstate = fpu;
	frame.uc.mask = mask;
	frame.info = *info;
	if (plat_fpu_save_user((void __user *)fpu) || copy_to_user(place, &frame, sizeof(frame)))
		return -EFAULT;

	if (current->altstack_flags & SS_AUTODISARM) {
		current->altstack_sp = 0;
		current->altstack_size = 0;
		current->altstack_flags = SS_DISABLE;
	}
	tf->rdi = (u64)sig;
	tf->rsi = (unsigned long)&place->info;
	tf->rdx = (unsigned long)&place->uc;
	tf->rax = 0;
	tf->rip = action->handler;
	tf->rsp = sp;
	tf->cs = USER_CS;
	tf->ss = USER_DS;
	tf->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	return 0;
}

static int frame_restore(struct trapframe *tf, const struct ucontext *uc)
{
	if (uc->context.ip >= USER_TOP)
		return -EFAULT;
	if (plat_fpu_restore_user((const void __user *)uc->context.fpstate))
		return -EFAULT;
	set_blocked(uc->mask);
	context_load(tf, &uc->context);
	/* As Linux: a bad stack_t is not a reason to fail. */
	altstack_set(current, &uc->stack, tf->rsp, 0);
	return 0;
}

/* The handler's RET has popped return_address. */
long sys_rt_sigreturn(void)
{
	struct trapframe *tf = user_frame(current);
	const struct rt_sigframe __user *place = (const void __user *)(tf->rsp - sizeof(u64));
	struct ucontext uc;

	current->restart.fn = NULL;
	/* What is in rax now is the interrupted code's, no result that could ask for a restart. */
	tf->orig_rax = (u64)-1;
	if (copy_from_user(&uc, &place->uc, sizeof(uc)) || frame_restore(tf, &uc)) {
		force_signal_fault(SIGSEGV, SI_KERNEL, 0, tf, "bad signal frame");
		return 0;
	}
	return (long)tf->rax;
}
