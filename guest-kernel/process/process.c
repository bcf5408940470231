// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process as an object: making, finding its parts, giving it back. What it does is in fork.c,
 * exec.c, exit.c and wait4.c.
 */
#include <fs.h>
#include <mm.h>
#include <panic.h>
#include <process.h>
#include <string.h>
#include <sched.h>
#include <syscall.h>
#include "internal.h"

DEFINE_SPINLOCK(tasklist_lock);
u32 nr_processes, nr_user_threads;
struct process *init_process;

static struct kmem_cache *process_cache;

struct process kernel_process = {
	.refs = ATOMIC_INIT(1),
	.lock = SPINLOCK_INIT("process.lock"),
	.siglock = SPINLOCK_INIT("process.siglock"),
	.children = LIST_HEAD_INIT(kernel_process.children),
	.sibling = LIST_HEAD_INIT(kernel_process.sibling),
	.pg_node = LIST_HEAD_INIT(kernel_process.pg_node),
	.threads = LIST_HEAD_INIT(kernel_process.threads),
	.pending = LIST_HEAD_INIT(kernel_process.pending),
	.posix_timers = LIST_HEAD_INIT(kernel_process.posix_timers),
	.wait_child = WAIT_QUEUE_INIT(kernel_process.wait_child),
	.signalfd_wq = WAIT_QUEUE_INIT(kernel_process.signalfd_wq),
};

/**
 * process_alloc - A process that nobody knows of.
 * @gfp: GFP_*
 *
 * Return: the process with one reference, all fields zero but for locks, lists and queues; NULL:
 * no memory.
 */
struct process *process_alloc(u32 gfp)
{
	struct process *p = kmem_cache_alloc(process_cache, gfp);

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	atomic_set(&p->refs, 1);
	spin_lock_init(&p->lock, "process.lock");
	spin_lock_init(&p->siglock, "process.siglock");
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->pg_node);
	list_init(&p->threads);
	list_init(&p->pending);
	wait_queue_init(&p->wait_child);
	wait_queue_init(&p->signalfd_wq);
	itimers_init(p);
	return p;
}

/**
 * process_get - Take a reference.
 * @p: process of which the caller has one, or that is in the tree under tasklist_lock
 */
void process_get(struct process *p)
{
	if (p != &kernel_process)
		atomic_inc(&p->refs);
}

/**
 * process_put - Give a reference back; the last one frees the process, which is dead by then.
 * @p: process
 *
 * Context: any but NMI.
 */
void process_put(struct process *p)
{
	if (p == &kernel_process || !atomic_dec_and_test(&p->refs))
		return;
	DEBUG_ON(p->mm || p->files || p->fs || p->sighand || p->nr_threads);
	kmem_cache_free(process_cache, p);
}

/**
 * process_mm - The address space of a process, for whoever looks into it.
 * @p: any process
 *
 * Return: with a user reference (mm_put()); NULL for kernel threads and the dead.
 */
struct mm *process_mm(struct process *p)
{
	struct mm *mm;

	spin_lock(&p->lock);
	mm = p->mm;
	if (mm)
		mm_get(mm);
	spin_unlock(&p->lock);
	return mm;
}

/**
 * process_count - How many processes there are, zombies included, kernel threads not.
 */
u32 process_count(void)
{
	return READ_ONCE(nr_processes);
}

/**
 * process_init - Make the caches that processes come from.
 *
 * Context: boot, once; the slab allocator works.
 */
void process_init(void)
{
	process_cache = kmem_cache_create("process", sizeof(struct process), 64, NULL);
	signal_init();
	cred_init();
	rlimit_init();
	current->cred = &root_cred;
}

long sys_getpid(void)
{
	return current->process->pid;
}

long sys_gettid(void)
{
	return current->tid;
}

long sys_getppid(void)
{
	return READ_ONCE(current->process->ppid);
}
