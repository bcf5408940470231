// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel stack of a new thread, so that the first switch to it finds what it pops.
 */
#include <platform/mmu.h>
#include <platform/trap.h>
#include <plat/image.h>
#include <string.h>
#include <thread.h>

#include "offsets.h"
#include "switch.h"

/* Entry code and linker script rely on these. */
static_assert(offsetof(struct trapframe, r11) == TF_R11, "TF_R11");
static_assert(offsetof(struct trapframe, rax) == TF_RAX, "TF_RAX");
static_assert(offsetof(struct trapframe, rcx) == TF_RCX, "TF_RCX");
static_assert(offsetof(struct trapframe, orig_rax) == TF_ORIG_RAX, "TF_ORIG_RAX");
static_assert(offsetof(struct trapframe, rip) == TF_RIP, "TF_RIP");
static_assert(offsetof(struct trapframe, cs) == TF_CS, "TF_CS");
static_assert(offsetof(struct trapframe, rflags) == TF_RFLAGS, "TF_RFLAGS");
static_assert(offsetof(struct trapframe, rsp) == TF_RSP, "TF_RSP");
static_assert(offsetof(struct trapframe, ss) == TF_SS, "TF_SS");
static_assert(sizeof(struct trapframe) == TF_SIZE, "TF_SIZE");
static_assert(offsetof(struct thread, need_resched) == THREAD_WORK, "THREAD_WORK");
static_assert(offsetof(struct thread, sigpending) == THREAD_WORK + 1, "THREAD_WORK");
static_assert(offsetof(struct thread, user_work) == THREAD_WORK + 2, "THREAD_WORK");
static_assert(IMAGE_VMA == KERNEL_BASE, "kernel.lds.S");
static_assert(KSTACK_SIZE == 16384, "kernel.lds.S");

/* switch_stack.S */
void x86_thread_start(void);
void x86_fork_start(void);

/* What x86_switch_stack() pops, lowest address first. */
struct switch_frame {
	u64 r15, r14, r13, r12, rbp, rbx;
	void (*rip)(void);
};

/* Directly below the place of the user frame, which kernel threads leave unused. */
static struct switch_frame *first_frame(struct thread *t, void (*rip)(void))
{
	struct switch_frame *f = (struct switch_frame *)user_frame(t) - 1;

	*f = (struct switch_frame){ .rip = rip };
	t->plat.sp = (unsigned long)f;
	return f;
}

/**
 * x86_thread_init - plat_thread_init(), as far as the CPU goes
 * @t: the thread, with its stack
 * @entry: called with interrupts on, must not return
 * @arg: its argument
 */
void x86_thread_init(struct thread *t, void (*entry)(void *arg), void *arg)
{
	struct switch_frame *f;

	memset(&t->plat, 0, sizeof(t->plat));
	t->plat.fpu_cpu = ~0U;
	f = first_frame(t, x86_thread_start);
	f->rbx = (u64)entry;
	f->r12 = (u64)arg;
}

/** x86_fork_init - let @t start by returning to user mode with the frame on its stack */
void x86_fork_init(struct thread *t)
{
	first_frame(t, x86_fork_start);
}
