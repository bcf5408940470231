// SPDX-License-Identifier: GPL-2.0-only
/*
 * fork(2), vfork(2), clone(2), clone3(2): a new process, or a new thread of this one.
 *
 * The child is built without locks, since nobody knows it, and is linked into the tree in one go.
 * A signal to the group that arrives before that must reach the child too: the link is refused when
 * one is pending, and the call is made again after it was handled.
 */
#include <fs.h>
#include <mm.h>
#include <platform/trap.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <tty.h>
#include <uaccess.h>
#include <user.h>
#include "../internal.h"

#define CSIGNAL			0xffUL
#define CLONE_VM		0x100UL
#define CLONE_FS		0x200UL
#define CLONE_FILES		0x400UL
#define CLONE_SIGHAND		0x800UL
#define CLONE_VFORK		0x4000UL
#define CLONE_PARENT		0x8000UL
#define CLONE_THREAD		0x10000UL
#define CLONE_SYSVSEM		0x40000UL
#define CLONE_SETTLS		0x80000UL
#define CLONE_PARENT_SETTID	0x100000UL
#define CLONE_CHILD_CLEARTID	0x200000UL
#define CLONE_DETACHED		0x400000UL
#define CLONE_UNTRACED		0x800000UL
#define CLONE_CHILD_SETTID	0x1000000UL
#define CLONE_IO		0x80000000UL
/* Of mounts, cgroups, names, IPC, users, processes, the net and (clone3(2) only) time. */
#define CLONE_NEW_ALL		(0x7e020000UL | 0x80UL)
#define CLONE_CLEAR_SIGHAND	0x100000000UL
/*
 * DETACHED, UNTRACED, IO and SYSVSEM ask for nothing that could be told apart here. What pidfds,
 * ptrace and name spaces need is not there and refused.
 */
#define CLONE_KNOWN	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | \
			 CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
			 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | \
			 CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO | CLONE_CLEAR_SIGHAND)
#define NO_TLS		(~0UL)

/* One thread in as many pages: what a fork bomb may use up. */
#define PAGES_PER_THREAD	32

/**
 * struct clone_args - what a child is to be like
 * @flags: CLONE_*
 * @exit_signal: sent to the parent when it dies
 * @stack: its stack pointer, 0: the parent's
 * @tls: FS base for CLONE_SETTLS
 * @parent_tid: user address for CLONE_PARENT_SETTID
 * @child_tid: user address for CLONE_CHILD_SETTID and _CLEARTID
 */
struct clone_args {
	u64 flags;
	int exit_signal;
	unsigned long stack, tls;
	u32 __user *parent_tid, *child_tid;
};

/* As Linux: combinations that make no sense are refused, so that they can get one later. */
static int clone_check(const struct clone_args *args)
{
	u64 f = args->flags;

	if (f & CLONE_NEW_ALL)
		return -EPERM; /* there are no name spaces, whoever asks */
	if (f & ~CLONE_KNOWN)
		return -EINVAL;
	if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && (f & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_PARENT) && current->process->unkillable)
		return -EINVAL;
	/* Descriptors and directories belong to the process: its threads cannot differ in them. */
	if ((f & CLONE_THREAD) && (~f & (CLONE_FILES | CLONE_FS)))
		return -EINVAL;
	if (args->exit_signal > NSIG)
		return -EINVAL;
	if ((f & CLONE_SETTLS) && args->tls >= USER_TOP)
		return -EPERM;
	return 0;
}

/* RLIMIT_NPROC binds only users without privilege. */
static bool too_many(const struct process *p)
{
	unsigned long limit = p->rlim[RLIMIT_NPROC].cur;

	if (nr_user_threads >= max_pfn / PAGES_PER_THREAD)
		return true;
	if (limit == RLIM_INFINITY || capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN))
		return false;
	return (unsigned long)atomic_read(&current->cred->user->threads) >= limit;
}

/* ---- the parts of a new process ---- */

static int share_mm(struct process *child, u64 flags)
{
	struct mm *mm = current->mm;

	if (flags & CLONE_VM) {
		mm_get(mm);
	} else {
		mm = mm_fork(mm);
		if (IS_ERR(mm))
			return (int)PTR_ERR(mm);
	}
	child->mm = mm;
	return 0;
}

static int share_files(struct process *child, u64 flags)
{
	struct files *files = current->process->files;

	if (flags & CLONE_FILES) {
		files_get(files);
	} else {
		files = files_copy(files);
		if (IS_ERR(files))
			return (int)PTR_ERR(files);
	}
	child->files = files;
	return 0;
}

static int share_fs(struct process *child, u64 flags)
{
	struct fs_context *fs = current->process->fs;

	if (flags & CLONE_FS) {
		fs_context_get(fs);
	} else {
		fs = fs_context_copy(fs);
		if (!fs)
			return -ENOMEM;
		if (IS_ERR(fs))
			return (int)PTR_ERR(fs);
	}
	child->fs = fs;
	return 0;
}

/* CLONE_CLEAR_SIGHAND resets handlers, as execve does, but not what is ignored. */
static void sighand_reset(struct sighand *hand)
{
	int i;

	for (i = 0; i < NSIG; i++)
		if (hand->action[i].handler != SIG_IGN)
			hand->action[i] = (struct sigaction){ .handler = SIG_DFL };
}

static int share_sighand(struct process *child, u64 flags)
{
	struct sighand *hand = current->process->sighand;

	if (flags & CLONE_SIGHAND) {
		atomic_inc(&hand->refs);
	} else {
		hand = sighand_copy(hand);
		if (!hand)
			return -ENOMEM;
		if (flags & CLONE_CLEAR_SIGHAND)
			sighand_reset(hand);
	}
	child->sighand = hand;
	return 0;
}

static void share_exe(struct process *child)
{
	struct process *p = current->process;

	spin_lock(&p->lock);
	child->exe = p->exe;
	if (child->exe)
		file_get(child->exe);
	spin_unlock(&p->lock);
	/* The parent holds a denial, so another cannot fail. */
	if (child->exe && file_deny_write(child->exe)) {
		file_put(child->exe);
		child->exe = NULL;
	}
}

static void process_drop_parts(struct process *p)
{
	if (p->exe) {
		file_allow_write(p->exe);
		file_put(p->exe);
	}
	sighand_put(p->sighand);
	if (p->fs)
		fs_context_put(p->fs);
	if (p->files)
		files_put(p->files);
	if (p->mm)
		mm_put(p->mm);
	p->exe = NULL;
	p->sighand = NULL;
	p->fs = NULL;
	p->files = NULL;
	p->mm = NULL;
}

static void process_inherit(struct process *child, const struct clone_args *args)
{
	struct process *p = current->process;

	spin_lock(&p->lock);
	memcpy(child->rlim, p->rlim, sizeof(child->rlim));
	spin_unlock(&p->lock);
	child->dumpable = p->dumpable;
	child->no_new_privs = p->no_new_privs;
	child->keep_caps = p->keep_caps;
	child->personality = p->personality;
	child->start_ns = ktime_ns();
	child->exit_signal = args->exit_signal;
	if (args->flags & CLONE_PARENT)
		child->exit_signal = p->exit_signal;
}

static struct process *process_copy(const struct clone_args *args)
{
	struct process *child = process_alloc(GFP_KERNEL);
	int err;

	if (!child)
		return ERR_PTR(-ENOMEM);
	process_inherit(child, args);
	err = share_sighand(child, args->flags);
	if (!err)
		err = share_fs(child, args->flags);
	if (!err)
		err = share_files(child, args->flags);
	if (!err)
		err = share_mm(child, args->flags);
	if (err) {
		process_drop_parts(child);
		process_put(child);
		return ERR_PTR(err);
	}
	share_exe(child);
	return child;
}

/* ---- the thread ---- */

/* @p takes a reference for the thread; thread_put() gives it back. */
static struct thread *thread_copy(struct process *p, const struct clone_args *args)
{
	struct thread *t = thread_alloc(NULL, NULL), *me = current;
	unsigned long tls = args->flags & CLONE_SETTLS ? args->tls : NO_TLS;
	int err;

	if (IS_ERR(t))
		return t;
	process_get(p);
	t->process = p;
	t->cred = cred_get(me->cred);
	if (!thread_charge(t, t->cred->user)) {
		thread_put(t);
		return ERR_PTR(-EAGAIN);
	}
	t->mm = p->mm;
	t->active_mm = p->mm;
	memcpy(t->comm, me->comm, sizeof(t->comm));
	t->blocked = me->blocked;
	list_init(&t->pending);
	list_init(&t->thread_node);
	t->syscall_nr = -1;
	t->start_ns = ktime_ns();
	/* Threads get a stack of their own; a vfork child runs on its parent's handlers' stack. */
	if (!(args->flags & CLONE_VM) || (args->flags & CLONE_VFORK)) {
		t->altstack_sp = me->altstack_sp;
		t->altstack_size = me->altstack_size;
		t->altstack_flags = me->altstack_flags;
	}
	if (args->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = args->child_tid;
	err = plat_thread_fork(t, user_frame(current), args->stack, tls);
	if (err) {
		thread_put(t);
		return ERR_PTR(err);
	}
	return t;
}

/* tasklist_lock held. */
static void link_process(struct process *child, struct thread *t, u64 flags)
{
	struct process *me = current->process;

	child->pid = t->tid;
	child->leader = t;
	thread_get(t);
	child->parent = flags & CLONE_PARENT ? me->parent : me;
	child->ppid = child->parent->pid;
	list_add_tail(&child->sibling, &child->parent->children);
	child->has_subreaper = me->has_subreaper || me->child_subreaper;
	child->tty = me->tty;
	if (child->tty)
		tty_get(child->tty);
	group_join(child, me->pgid, me->sid);
	nr_processes++;
}

/*
 * Gives the thread its number and makes it known. Context: tasklist_lock held.
 * Return: 0, -EAGAIN, -ENOMEM, -ERESTARTNOINTR: a signal came first.
 */
static int link_thread(struct process *p, struct thread *t, u64 flags)
{
	struct process *me = current->process;
	pid_t tid;

	spin_lock(&me->siglock);
	if (current->sigpending) {
		spin_unlock(&me->siglock);
		return -ERESTARTNOINTR;
	}
	tid = pid_alloc();
	if (tid < 0) {
		spin_unlock(&me->siglock);
		return tid;
	}
	t->tid = tid;
	pid_set_thread(tid, t);
	nr_user_threads++;
	thread_count(t, 1);
	if (p == me) {
		list_add_tail(&t->thread_node, &p->threads);
		p->nr_threads++;
	}
	spin_unlock(&me->siglock);
	if (p != me) {
		link_process(p, t, flags);
		list_add_tail(&t->thread_node, &p->threads);
		p->nr_threads = 1;
	}
	return 0;
}

/* The numbers in user memory. A bad address is the caller's loss alone, as in Linux. */
static void store_tids(const struct clone_args *args, struct thread *t)
{
	u32 tid = (u32)t->tid;
	bool ignored = false;

	if (args->flags & CLONE_PARENT_SETTID)
		ignored |= put_user(tid, args->parent_tid) != 0;
	if (!(args->flags & CLONE_CHILD_SETTID))
		return;
	if (args->flags & CLONE_VM)
		ignored |= put_user(tid, args->child_tid) != 0;
	else
		ignored |= mm_access(t->mm, (__force unsigned long)args->child_tid, &tid,
				     sizeof(tid), true) < 0;
	(void)ignored;
}

/* ---- vfork ---- */

/**
 * vfork_done - Let the parent of a vfork child go on.
 * @t: child, which has no more use for its parent's memory: execve or exit
 */
void vfork_done(struct thread *t)
{
	struct process *p = t->process;

	if (!READ_ONCE(t->vfork))
		return;
	spin_lock(&p->lock);
	if (t->vfork)
		complete(t->vfork);
	t->vfork = NULL;
	spin_unlock(&p->lock);
}

/*
 * The completion is on this stack: a parent that is killed takes it back. Drops the reference on
 * @t.
 */
static void vfork_wait(struct thread *t, struct completion *done)
{
	if (wait_for_completion_killable(done)) {
		spin_lock(&t->process->lock);
		t->vfork = NULL;
		spin_unlock(&t->process->lock);
	} else {
		/* complete() may still be in the queue's lock on another CPU. */
		spin_lock(&t->process->lock);
		spin_unlock(&t->process->lock);
	}
	thread_put(t);
}

/*
 * The child of a fork reads its thread-local storage first, since libc keeps the thread's number
 * there. What it writes is copied by a fault, which announces the copy.
 */
void fork_first_run(void)
{
	unsigned long tls = plat_get_base(false);

	if (tls && atomic_read(&current->mm->threads) == 1)
		mmu_announce(current->mm, tls & PAGE_MASK, 1);
}

static long clone_start(struct thread *t, const struct clone_args *args)
{
	struct completion done;
	long tid = t->tid;

	if (args->flags & CLONE_THREAD)
		cpu_timer_thread();
	else if (t->process->rlim[RLIMIT_CPU].cur != RLIM_INFINITY)
		cpu_timer_limit(t->process);
	mm_join(t->mm);
	store_tids(args, t);
	if (!(args->flags & CLONE_VFORK)) {
		thread_start(t);
		return tid;
	}
	completion_init(&done);
	t->vfork = &done;
	thread_get(t);
	thread_start(t);
	vfork_wait(t, &done);
	return tid;
}

static long do_clone(const struct clone_args *args)
{
	struct process *p = current->process;
	bool thread = args->flags & CLONE_THREAD;
	struct thread *t;
	int err = clone_check(args);

	if (err)
		return err;
	if (signal_pending())
		return -ERESTARTNOINTR;
	if (too_many(p))
		return -EAGAIN;
	if (!thread)
		p = process_copy(args);
	if (IS_ERR(p))
		return PTR_ERR(p);
	t = thread_copy(p, args);
	if (IS_ERR(t)) {
		err = (int)PTR_ERR(t);
	} else {
		spin_lock_irq(&tasklist_lock);
		err = link_thread(p, t, args->flags);
		spin_unlock_irq(&tasklist_lock);
		if (err)
			thread_put(t);
	}
	if (!err)
		return clone_start(t, args);
	if (!thread) {
		process_drop_parts(p);
		process_put(p);
	}
	return err;
}

long sys_fork(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	return do_clone(&args);
}

long sys_vfork(void)
{
	struct clone_args args = { .flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD };

	return do_clone(&args);
}

long sys_clone(unsigned long flags, unsigned long stack, unsigned long parent_tid,
	       unsigned long child_tid, unsigned long tls)
{
	struct clone_args args = {
		.flags = flags & ~CSIGNAL & 0xffffffffUL,
		.exit_signal = (int)(flags & CSIGNAL),
		.stack = stack,
		.tls = tls,
		.parent_tid = (u32 __user *)parent_tid,
		.child_tid = (u32 __user *)child_tid,
	};

	return do_clone(&args);
}

/* struct clone_args of the ABI, first version. */
struct clone3_user {
	u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static int clone3_decode(struct clone_args *args, const struct clone3_user *u)
{
	if ((u->flags & (CSIGNAL | CLONE_DETACHED)) || u->exit_signal > NSIG)
		return -EINVAL;
	if ((u->flags & (CLONE_THREAD | CLONE_PARENT)) && u->exit_signal)
		return -EINVAL;
	if (!u->stack != !u->stack_size ||
	    (u->stack && !access_ok((const void __user *)u->stack, u->stack_size)))
		return -EINVAL;
	*args = (struct clone_args){
		.flags = u->flags,
		.exit_signal = (int)u->exit_signal,
		.stack = u->stack + u->stack_size,
		.tls = u->tls,
		.parent_tid = (u32 __user *)u->parent_tid,
		.child_tid = (u32 __user *)u->child_tid,
	};
	return 0;
}

long sys_clone3(unsigned long uargs, unsigned long size)
{
	struct clone3_user u;
	struct clone_args args;
	int err;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < sizeof(u))
		return -EINVAL;
	/* Fields of later versions: set_tid and cgroup are not there, so they must be zero. */
	err = copy_struct_from_user(&u, sizeof(u), (const void __user *)uargs, size);
	if (err)
		return err;
	err = clone3_decode(&args, &u);
	return err ? err : do_clone(&args);
}

long sys_set_tid_address(unsigned long address)
{
	current->clear_child_tid = (u32 __user *)address;
	return current->tid;
}
