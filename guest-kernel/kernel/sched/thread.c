// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and freeing threads. What a thread does on the CPU is the scheduler's business, what it is
 * for its process is process/process.c's.
 *
 * References: one is the running thread's own, dropped by the scheduler when it is off its stack
 * for good; one more for everybody who keeps a pointer.
 */
#include <sched.h>
#include <mm.h>
#include <panic.h>
#include <process.h>
#include <string.h>
#include <time.h>
#include <user.h>
#include <platform/trap.h>

/* The linker scripts put it behind an unmapped page. */
u8 boot_stack[KSTACK_SIZE] __aligned(KSTACK_SIZE) __section(".bss.boot_stack");

struct thread boot_thread = {
	.kstack = (unsigned long)boot_stack,
	.refs = ATOMIC_INIT(2),
	.flags = THREAD_F_KERNEL,
	.comm = "boot",
	.cpus_allowed = ~0ULL,
	.process = &kernel_process,
	.cred = &root_cred,
	.syscall_nr = -1,
};

u32 nr_cpus = 1;

static struct kmem_cache *thread_cache;

/* The cache is made by the first allocation, which the boot CPU does alone in sched_init(). */
static struct thread *thread_new(void)
{
	struct thread *t;

	if (unlikely(!thread_cache))
		thread_cache = kmem_cache_create("thread", sizeof(struct thread), 64, NULL);
	t = kmem_cache_alloc(thread_cache, GFP_KERNEL | GFP_ZERO);
	if (!t)
		return NULL;
	t->kstack = kstack_alloc();
	if (!t->kstack) {
		kmem_cache_free(thread_cache, t);
		return NULL;
	}
	return t;
}

static void inherit_scheduling(struct thread *t, const struct thread *from)
{
	t->nice = from->nice;
	t->policy = from->policy;
	t->rt_prio = from->rt_prio;
	t->cpus_allowed = from->cpus_allowed;
	if (!from->reset_on_fork)
		return;
	if (t->policy == SCHED_FIFO || t->policy == SCHED_RR) {
		t->policy = SCHED_OTHER;
		t->rt_prio = 0;
		t->nice = 0;
	}
	t->nice = max(t->nice, 0);
}

struct thread *thread_alloc(void (*entry)(void *arg), void *arg)
{
	struct thread *t = thread_new();

	if (!t)
		return ERR_PTR(-ENOMEM);
	atomic_set(&t->refs, 1);
	/*
	 * The first switch to it comes with the run queue's lock held (sched_tail() releases it).
	 */
	t->preempt_count = 1;
	t->process = &kernel_process;
	t->cred = &root_cred;
	t->syscall_nr = -1;
	list_init(&t->rq_list);
	list_init(&t->pending);
	list_init(&t->thread_node);
	inherit_scheduling(t, current);
	memcpy(t->comm, current->comm, COMM_LEN);
	if (entry)
		plat_thread_init(t, entry, arg);
	return t;
}

/* What the kernel keeps for a thread, the process that may come with it included. */
#define THREAD_COST (KSTACK_SIZE + sizeof(struct thread) + sizeof(struct process))

/**
 * thread_charge - A user pays for a new thread.
 * @t: thread that nobody knows yet
 * @u: user
 *
 * Return: false if the user may not have so much kernel memory.
 */
bool thread_charge(struct thread *t, struct user *u)
{
	if (!user_charge(u, THREAD_COST))
		return false;
	t->user = user_get(u);
	return true;
}

static void thread_uncharge(struct thread *t)
{
	user_uncharge(t->user, THREAD_COST);
	user_put(t->user);
}

/**
 * thread_charge_to - The current thread changes its user, as it may, whatever the other one has.
 * @u: the new one
 */
void thread_charge_to(struct user *u)
{
	struct thread *me = current;

	if (!me->user)
		return;
	thread_count(me, -1);
	thread_uncharge(me);
	user_charge_anyway(u, THREAD_COST);
	me->user = user_get(u);
	thread_count(me, 1);
}

void thread_get(struct thread *t)
{
	atomic_inc(&t->refs);
}

void thread_put(struct thread *t)
{
	if (!atomic_dec_and_test(&t->refs))
		return;
	if (t->user)
		thread_uncharge(t);
	process_put(t->process);
	cred_put(t->cred);
	plat_thread_free(t);
	kstack_free(t->kstack);
	kmem_cache_free(thread_cache, t);
}

void thread_set_name(struct thread *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->comm, COMM_LEN, fmt, ap);
	va_end(ap);
}

struct kthread_start {
	int (*fn)(void *arg);
	void *arg;
};

static void kthread_main(void *arg)
{
	struct kthread_start start = *(struct kthread_start *)arg;

	kfree(arg);
	start.fn(start.arg);
	thread_exit_final();
}

/**
 * kthread_run - Make and start a thread of the kernel.
 * @fn: what it does; the thread ends when it returns
 * @arg: its argument
 * @fmt: name, cut at 15 characters
 *
 * It belongs to kernel_process, has normal priority and may run on every CPU. Context: may sleep.
 * Return: the thread, on which the caller has no reference, or ERR_PTR(-ENOMEM).
 */
struct thread *kthread_run(int (*fn)(void *arg), void *arg, const char *fmt, ...)
{
	struct kthread_start *start = kmalloc(sizeof(*start), GFP_KERNEL);
	struct thread *t;
	va_list ap;

	if (!start)
		return ERR_PTR(-ENOMEM);
	*start = (struct kthread_start){ fn, arg };
	t = thread_alloc(kthread_main, start);
	if (IS_ERR(t)) {
		kfree(start);
		return t;
	}
	t->flags = THREAD_F_KERNEL;
	t->policy = SCHED_OTHER;
	t->nice = 0;
	t->rt_prio = 0;
	t->cpus_allowed = ~0ULL;
	va_start(ap, fmt);
	vsnprintf(t->comm, COMM_LEN, fmt, ap);
	va_end(ap);
	thread_start(t);
	return t;
}
