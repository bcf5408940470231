// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of threads and processes: _exit(2), exit_group(2), and being killed. A thread gives up
 * what it has, leaves its process, and the last one to leave gives up what the process has, finds
 * new parents for the children and tells the parent. What then remains is a number and an exit
 * status, until wait(2) has fetched it (wait4.c).
 */
#include <fs.h>
#include <futex.h>
#include <mm.h>
#include <panic.h>
#include <platform/cpu.h>
#include <platform/trap.h>
#include <process.h>
#include <syscall.h>
#include <tty.h>
#include "../internal.h"

/**
 * mm_leave - Run on without an address space.
 *
 * The process's reference stays; the caller sees to it. Context: process context.
 */
void mm_leave(void)
{
	struct thread *t = current;
	struct mm *mm = t->mm;

	irq_disable();
	mmu_switch(t->active_mm, &kernel_mm);
	t->mm = NULL;
	t->active_mm = &kernel_mm;
	irq_enable();
	mm_part(mm);
}

/* The dead thread's share of what the process has used. siglock held. */
static void add_times(struct process *p, struct thread *t)
{
	u64 utime, stime;

	sched_thread_times(t, &utime, &stime);
	p->dead_utime += utime;
	p->dead_stime += stime;
	p->dead_minflt += t->minflt;
	p->dead_majflt += t->majflt;
	p->dead_nvcsw += t->nvcsw;
	p->dead_nivcsw += t->nivcsw;
}

/*
 * Takes the current thread off its process. From here on no signal reaches it.
 * Return: true if it was the last one.
 */
static bool leave_process(struct process *p, u32 code)
{
	struct thread *me = current;
	bool last;

	spin_lock_irq(&tasklist_lock);
	spin_lock(&p->siglock);
	if (!p->group_exit && me == p->leader)
		p->exit_code = code;
	if (p->nr_threads > 1)
		signal_retarget(p, ~me->blocked);
	signal_flush_queue(p, &me->pending, &me->pending_set, ~0ULL);
	list_del(&me->thread_node);
	last = --p->nr_threads == 0;
	add_times(p, me);
	signal_stop_left(p);
	if (p->exec_thread)
		thread_wake(p->exec_thread, WAKE_NORMAL);
	spin_unlock(&p->siglock);
	/* The leader counts until it is reaped, as its memory does. */
	if (me != p->leader) {
		nr_user_threads--;
		thread_count(me, -1);
		pid_set_thread(me->tid, NULL);
		pid_unuse(me->tid);
	}
	spin_unlock_irq(&tasklist_lock);
	return last;
}

static void close_files(struct process *p)
{
	struct files *files = p->files;
	struct fs_context *fs = p->fs;
	struct file *exe = p->exe;

	spin_lock(&p->lock);
	p->files = NULL;
	p->fs = NULL;
	p->exe = NULL;
	spin_unlock(&p->lock);
	files_put(files);
	fs_context_put(fs);
	if (exe) {
		file_allow_write(exe);
		file_put(exe);
	}
}

static void free_signals(struct process *p)
{
	struct sighand *hand;

	spin_lock_irq(&p->siglock);
	signal_flush_queue(p, &p->pending, &p->pending_set, ~0ULL);
	hand = p->sighand;
	p->sighand = NULL;
	spin_unlock_irq(&p->siglock);
	sighand_put(hand);
}

/* ---- the tree; tasklist_lock held ---- */

/* Who takes the children of @p: the nearest subreaper above (prctl(2)), else pid 1. */
static struct process *new_parent(struct process *p)
{
	struct process *up;

	if (p->has_subreaper)
		for (up = p->parent; up && up != init_process; up = up->parent)
			if (up->child_subreaper && up->nr_threads)
				return up;
	return init_process;
}

/* Whether it is @parent that keeps the group of @p from being an orphan. */
static bool holds_group(const struct process *parent, const struct process *p)
{
	return parent != init_process && parent->sid == p->sid && parent->pgid != p->pgid;
}

/*
 * A stopped group that becomes an orphan gets SIGHUP and SIGCONT, or it would stay for ever
 * (POSIX, _exit(), "Consequences of Process Termination"). One that has been an orphan before is
 * left alone.
 */
static void group_orphaned(struct process *member, const struct process *leaving)
{
	struct list_head *group = pid_group(member->pgid);
	struct process *p;
	bool stopped = false;

	if (!group)
		return;	/* pid 1 before its setsid(2) is in group 0, which nobody leads */
	list_for_each_entry(p, group, pg_node)
		if (p != leaving && READ_ONCE(p->group_stop_code))
			stopped = true;
	if (!stopped || !pgrp_orphaned_locked(member->pgid, leaving))
		return;
	kill_pgrp_locked(member->pgid, SIGHUP, NULL);
	kill_pgrp_locked(member->pgid, SIGCONT, NULL);
}

/* Takes over one child; zombies that nobody waits for any more are moved to @dead. */
static void adopt(struct process *child, struct process *parent, struct list_head *dead)
{
	struct process *old = child->parent;

	child->parent = parent;
	WRITE_ONCE(child->ppid, parent->pid);
	list_move_tail(&child->sibling, &parent->children);
	if (!child->zombie)
		child->exit_signal = SIGCHLD;
	if (child->pdeath_signal)
		send_signal(child, child->pdeath_signal, NULL);
	if (child->zombie) {
		child->exit_signal = SIGCHLD;
		if (notify_parent_death(child)) {
			process_unlink(child);
			list_add_tail(&child->sibling, dead);
		}
	} else if (holds_group(old, child)) {
		group_orphaned(child, old);
	}
}

static void leave_children(struct process *p, struct list_head *dead)
{
	struct process *child, *next, *parent;

	if (list_empty(&p->children))
		return;
	parent = new_parent(p);
	list_for_each_entry_safe(child, next, &p->children, sibling)
		adopt(child, parent, dead);
}

/**
 * process_unlink - Take a zombie out of the tree: its number is free.
 * @p: zombie
 *
 * Context: tasklist_lock held. The caller calls process_release() afterwards.
 */
void process_unlink(struct process *p)
{
	list_del(&p->sibling);
	group_leave(p);
	pid_set_thread(p->pid, NULL);
	pid_unuse(p->pid);
	nr_processes--;
	nr_user_threads--;
	thread_count(p->leader, -1);
}

/**
 * process_release - Give the tree's references to an unlinked process back.
 * @p: process after process_unlink()
 */
void process_release(struct process *p)
{
	struct thread *leader;

	spin_lock_irq(&p->siglock);
	leader = p->leader;
	p->leader = NULL;
	spin_unlock_irq(&p->siglock);
	thread_put(leader);
	process_put(p);
}

/* Becomes a zombie, or nothing at all if the parent does not care. */
static void become_zombie(struct process *p)
{
	struct process *child, *next;
	LIST_HEAD(dead);
	bool reap;

	spin_lock_irq(&tasklist_lock);
	leave_children(p, &dead);
	if (holds_group(p->parent, p))
		group_orphaned(p, p);
	p->zombie = true;
	reap = notify_parent_death(p);
	if (reap)
		process_unlink(p);
	spin_unlock_irq(&tasklist_lock);
	list_for_each_entry_safe(child, next, &dead, sibling) {
		list_del(&child->sibling);
		process_release(child);
	}
	if (reap)
		process_release(p);
}

static struct tty *drop_tty(struct process *p)
{
	struct tty *tty;

	if (p->session_leader)
		tty_session_exit(p);
	spin_lock_irq(&tasklist_lock);
	tty = p->tty;
	p->tty = NULL;
	spin_unlock_irq(&tasklist_lock);
	return tty;
}

static void end_process(struct process *p, struct mm *mm)
{
	struct tty *tty;

	if (p == init_process)
		panic("init has ended with status 0x%x", p->exit_code);
	itimers_exit(p);
	posix_timers_exit(p);
	spin_lock(&p->lock);
	p->mm = NULL;
	spin_unlock(&p->lock);
	p->maxrss = max(p->maxrss, mm_hiwater(mm));
	mm_put(mm);
	close_files(p);
	tty = drop_tty(p);
	if (tty)
		tty_put(tty);
	free_signals(p);
	become_zombie(p);
}

/**
 * do_exit - End the current thread.
 * @code: wait(2) status word, which becomes the process's if this is its leader and nothing ended
 *	the whole group
 *
 * Context: process context, user threads only; no lock held.
 */
void __noreturn do_exit(u32 code)
{
	struct thread *me = current;
	struct process *p = me->process;
	struct mm *mm = me->mm;

	me->flags |= THREAD_F_EXITING;
	futex_thread_exit(me);
	mm_leave();
	vfork_done(me);
	if (leave_process(p, code))
		end_process(p, mm);
	thread_exit_final();
}

/**
 * do_group_exit - End the current process.
 * @code: wait(2) status word; the first one counts if several threads do this at once
 *
 * Context: as do_exit().
 */
void __noreturn do_group_exit(u32 code)
{
	struct process *p = current->process;

	spin_lock_irq(&p->siglock);
	if (p->group_exit) {
		code = p->exit_code;
	} else if (p->nr_threads > 1) {
		group_exit_begin(p, code);
	} else {
		p->group_exit = true;
		p->exit_code = code;
	}
	spin_unlock_irq(&p->siglock);
	do_exit(code);
}

long sys_exit(unsigned long status)
{
	do_exit((u32)(status & 0xff) << 8);
}

long sys_exit_group(unsigned long status)
{
	do_group_exit((u32)(status & 0xff) << 8);
}
