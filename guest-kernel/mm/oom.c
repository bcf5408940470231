// SPDX-License-Identifier: GPL-2.0-only
/*
 * When no memory can be got back any more one address space has to go: the
 * largest, with all processes that use it (vfork's child shares its parent's).
 * That of pid 1 is never chosen, and while a chosen one is on its way out no
 * second one is.
 */
#define pr_fmt(f) "mm: " f
#include "internal.h"
#include <log.h>
#include <process.h>
#include <signal.h>

static DEFINE_MUTEX(oom_mutex);

static bool uses_mm(struct process *p, const struct mm *mm)
{
	bool uses;

	spin_lock(&p->lock);
	uses = p->mm == mm;
	spin_unlock(&p->lock);
	return uses;
}

/* Pages that go with the process, 0 if it must not be killed. */
static unsigned long badness(struct process *p, bool *dying)
{
	struct mm *mm = process_mm(p);
	unsigned long n = 0;

	if (!mm)
		return 0;
	if (!uses_mm(init_process, mm))
		n = mm_rss(mm) + (unsigned long)atomic64_read(&mm->pgtables);
	if (mm->oom_victim)
		*dying = true;
	mm_put(mm);
	return n;
}

/* The largest process, referenced; NULL: none, or one is dying already. */
static struct process *choose_victim(bool *dying)
{
	struct process *p, *best = NULL;
	unsigned long most = 0, n;
	pid_t pid = 1;

	for (; (p = process_next(&pid)); pid++) {
		n = badness(p, dying);
		if (n <= most || *dying) {
			process_put(p);
			if (*dying)
				break;
			continue;
		}
		if (best)
			process_put(best);
		best = p;
		most = n;
	}
	if (*dying && best) {
		process_put(best);
		best = NULL;
	}
	return best;
}

/* While one process goes on using the address space none of it is freed. */
static void kill_users(const struct mm *mm)
{
	struct process *p;
	pid_t pid = 1;

	for (; (p = process_next(&pid)); pid++) {
		if (uses_mm(p, mm))
			send_signal(p, SIGKILL, NULL);
		process_put(p);
	}
}

static void kill_process(struct process *p)
{
	struct mm *mm = process_mm(p);

	if (!mm)
		return;
	WRITE_ONCE(mm->oom_victim, true);
	pr_err("out of memory: killing process %d (%s), %lu KiB resident", p->pid, p->leader->comm,
	       mm_rss(mm) << (PAGE_SHIFT - 10));
	kill_users(mm);
	mm_put(mm);
}

/* The contract stands in mm.h. Context: may sleep. */
bool oom_kill(void)
{
	struct process *victim;
	bool dying = false;

	mutex_lock(&oom_mutex);
	victim = choose_victim(&dying);
	if (victim) {
		kill_process(victim);
		process_put(victim);
	}
	mutex_unlock(&oom_mutex);
	return victim || dying;
}
