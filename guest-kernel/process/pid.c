// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process numbers. One number can name a thread, a process (its leader's), a process group and a
 * session at once, and must not be given out again while it names any of them; so each number has
 * a slot with a count of users. Slots live in pages that are allocated as numbers are reached and
 * kept: looking a number up is two loads, and fork allocates nothing here.
 *
 * All of it is guarded by tasklist_lock.
 */
#include <mm.h>
#include <nospec.h>
#include <process.h>

#define SLOTS_PER_PAGE	128
#define PID_PAGES	(PID_MAX / SLOTS_PER_PAGE)
#define PID_RESERVED	300	/* from the second round on, early daemons keep theirs */

/**
 * struct pid_slot - one number
 * @thread: the thread it names; for a leader, until the process is reaped
 * @group: processes whose group it names, by process.pg_node; valid while @users is not 0
 * @users: threads, group members and session members with this number
 */
struct pid_slot {
	struct thread *thread;
	struct list_head group;
	u32 users;
};

static_assert(sizeof(struct pid_slot) * SLOTS_PER_PAGE <= PAGE_SIZE, "slots fit into their page");

static struct pid_slot *pid_pages[PID_PAGES];
static pid_t last_pid;

static struct pid_slot *pid_slot(pid_t nr)
{
	struct pid_slot *page;

	if (nr <= 0 || nr >= PID_MAX)
		return NULL;
	nr = (pid_t)array_index_nospec((u32)nr, PID_MAX);
	page = pid_pages[nr / SLOTS_PER_PAGE];
	return page ? &page[nr % SLOTS_PER_PAGE] : NULL;
}

static struct pid_slot *pid_slot_make(pid_t nr)
{
	struct pid_slot **page = &pid_pages[nr / SLOTS_PER_PAGE];
	struct page *new;

	if (!*page) {
		new = alloc_page(GFP_ATOMIC | GFP_ZERO);
		if (!new)
			return NULL;
		*page = page_address(new);
	}
	return &(*page)[nr % SLOTS_PER_PAGE];
}

/**
 * pid_alloc - Take the next free number, which then has one user.
 *
 * Context: tasklist_lock held.
 * Return: the number; -EAGAIN if all are in use, -ENOMEM.
 */
pid_t pid_alloc(void)
{
	pid_t nr = last_pid;
	struct pid_slot *slot;
	u32 tried;

	for (tried = 0; tried < PID_MAX; tried++) {
		if (++nr >= PID_MAX)
			nr = PID_RESERVED;
		slot = pid_slot_make(nr);
		if (!slot)
			return -ENOMEM;
		if (slot->users)
			continue;
		slot->users = 1;
		slot->thread = NULL;
		list_init(&slot->group);
		last_pid = nr;
		return nr;
	}
	return -EAGAIN;
}

/**
 * pid_use - Count one more user of a number that has some.
 * @nr: number from pid_alloc(); 0, the kernel's own group, is not counted
 */
void pid_use(pid_t nr)
{
	struct pid_slot *slot = pid_slot(nr);

	if (slot)
		slot->users++;
}

/**
 * pid_unuse - Give a use back; the last one frees the number.
 * @nr: number, or 0
 */
void pid_unuse(pid_t nr)
{
	struct pid_slot *slot = pid_slot(nr);

	if (slot)
		slot->users--;
}

/**
 * pid_set_thread - Let a number name a thread, or no thread any more.
 * @nr: number
 * @t: thread or NULL
 */
void pid_set_thread(pid_t nr, struct thread *t)
{
	struct pid_slot *slot = pid_slot(nr);

	if (slot)
		slot->thread = t;
}

/**
 * pid_thread - The thread that a number names.
 * @nr: any value
 *
 * Context: tasklist_lock held; the thread has no new reference.
 * Return: the thread or NULL.
 */
struct thread *pid_thread(pid_t nr)
{
	struct pid_slot *slot = pid_slot(nr);

	return slot && slot->users ? slot->thread : NULL;
}

/**
 * pid_process - The process that a number names: a zombie too, but not by another thread's number.
 * @nr: any value
 *
 * Context: tasklist_lock held; the process has no new reference.
 * Return: the process or NULL.
 */
struct process *pid_process(pid_t nr)
{
	struct thread *t = pid_thread(nr);

	return t && t->process->pid == nr ? t->process : NULL;
}

/**
 * pid_process_of - The process of the thread that a number names, be it the leader or not.
 * @nr: any value
 *
 * kill(2), getpgid(2) and others take any thread's number for its process, as Linux does.
 *
 * Context: tasklist_lock held; the process has no new reference.
 * Return: the process or NULL.
 */
struct process *pid_process_of(pid_t nr)
{
	struct thread *t = pid_thread(nr);

	return t ? t->process : NULL;
}

/**
 * pid_group - The members of a process group.
 * @pgid: any value
 *
 * Context: tasklist_lock held.
 * Return: list of process.pg_node, perhaps empty; NULL if the number is not in use.
 */
struct list_head *pid_group(pid_t pgid)
{
	struct pid_slot *slot = pid_slot(pgid);

	return slot && slot->users ? &slot->group : NULL;
}

/**
 * pid_last - The number that was given out last, for /proc/loadavg.
 *
 * Return: the number, 0 before the first.
 */
pid_t pid_last(void)
{
	return READ_ONCE(last_pid);
}

/* The process that @of finds for a number, referenced, or NULL. */
static struct process *find_by(struct process *(*of)(pid_t nr), pid_t nr)
{
	struct process *p;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	p = of(nr);
	if (p)
		process_get(p);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return p;
}

/**
 * process_find - Look a process up.
 * @pid: any value
 *
 * Context: any but NMI.
 * Return: the process with a reference (process_put()), or NULL.
 */
struct process *process_find(pid_t pid)
{
	return find_by(pid_process, pid);
}

/**
 * process_find_of - Look up the process of a thread.
 * @tid: any value
 *
 * Context: any but NMI.
 * Return: the process with a reference (process_put()), or NULL.
 */
struct process *process_find_of(pid_t tid)
{
	return find_by(pid_process_of, tid);
}

/**
 * thread_find - Look a thread up.
 * @tid: any value
 *
 * Context: any but NMI.
 * Return: the thread with a reference (thread_put()), or NULL.
 */
struct thread *thread_find(pid_t tid)
{
	struct thread *t;
	unsigned long flags;

	spin_lock_irqsave(&tasklist_lock, flags);
	t = pid_thread(tid);
	if (t)
		thread_get(t);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return t;
}

/**
 * process_next - Walk all processes in the order of their numbers.
 * @pid: where to start, this number included; set to the number found
 *
 * Context: any but NMI.
 * Return: the process with a reference, NULL at the end.
 */
struct process *process_next(pid_t *pid)
{
	struct process *p = NULL;
	pid_t nr = max(*pid, 1);

	spin_lock_irq(&tasklist_lock);
	while (nr < PID_MAX && !p) {
		if (!pid_pages[nr / SLOTS_PER_PAGE]) {
			nr = (nr / SLOTS_PER_PAGE + 1) * SLOTS_PER_PAGE;
			continue;
		}
		p = pid_process(nr++);
	}
	if (p) {
		process_get(p);
		*pid = nr - 1;
	}
	spin_unlock_irq(&tasklist_lock);
	return p;
}

/**
 * process_next_thread - Walk the live threads of a process in the order of their numbers.
 * @p: process
 * @tid: where to start, this number included; set to the number found
 *
 * Context: any but NMI.
 * Return: the thread with a reference, NULL at the end.
 */
struct thread *process_next_thread(struct process *p, pid_t *tid)
{
	struct thread *t, *best = NULL;

	spin_lock_irq(&p->siglock);
	list_for_each_entry(t, &p->threads, thread_node)
		if (t->tid >= *tid && (!best || t->tid < best->tid))
			best = t;
	if (best) {
		thread_get(best);
		*tid = best->tid;
	}
	spin_unlock_irq(&p->siglock);
	return best;
}
