// SPDX-License-Identifier: GPL-2.0-only
/*
 * When no memory can be got back any more one address space has to go: that with which most goes,
 * pages of the program and of the kernel, with all processes that use it (vfork's child shares its
 * parent's). That of pid 1 is never chosen, and while a chosen one is on its way out no second one
 * is, unless the first takes too long: it may wait for a lock that the caller holds.
 *
 * The caller may hold any sleeping lock. So nothing here drops the last reference of something with
 * more to it than memory: address spaces are looked at under process->lock, and kept as empty ones.
 */
#define pr_fmt(f) "mm: " f
#include <fs.h>
#include <init.h>
#include <log.h>
#include <mm.h>
#include <process.h>
#include <shrinker.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define PATIENCE (1000 * NSEC_PER_MSEC)

static DEFINE_MUTEX(oom_mutex);
static struct mm *victim;	/* grabbed; oom_mutex */
static u64 victim_since;	/* ns; oom_mutex */

/* Pages that go with a process, 0 if it must not be killed, or has been. */
static unsigned long badness(struct process *p, const struct mm *spared)
{
	unsigned long n = 0;

	spin_lock(&p->lock);
	if (p->mm && p->mm != spared && !p->mm->oom_victim) {
		n = mm_footprint(p->mm) + READ_ONCE(p->nr_threads) * (KSTACK_SIZE / PAGE_SIZE + 1);
		if (p->files)
			n += files_footprint(p->files);
	}
	spin_unlock(&p->lock);
	return n;
}

/* The worst process, referenced; NULL: none. */
static struct process *choose_victim(unsigned long *most)
{
	const struct mm *spared = READ_ONCE(init_process->mm);
	struct process *p, *best = NULL;
	pid_t pid = 1;

	for (*most = 0; (p = process_next(&pid)); pid++) {
		unsigned long n = badness(p, spared);

		if (n <= *most) {
			process_put(p);
			continue;
		}
		if (best)
			process_put(best);
		best = p;
		*most = n;
	}
	return best;
}

/* The address space of @p, grabbed and marked; NULL: it is gone meanwhile. */
static struct mm *mark_victim(struct process *p)
{
	struct mm *mm;

	spin_lock(&p->lock);
	mm = p->mm;
	if (mm) {
		mm_grab(mm);
		WRITE_ONCE(mm->oom_victim, true);
	}
	spin_unlock(&p->lock);
	return mm;
}

static bool uses_mm(struct process *p, const struct mm *mm)
{
	bool uses;

	spin_lock(&p->lock);
	uses = p->mm == mm;
	spin_unlock(&p->lock);
	return uses;
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

/* Is the last one still on its way, within the time that is given to it? oom_mutex held. */
static bool victim_is_dying(void)
{
	if (!victim)
		return false;
	if (!READ_ONCE(victim->emptied) && ktime_ns() - victim_since < PATIENCE)
		return true;
	mm_drop(victim);
	victim = NULL;
	return false;
}

static void report(struct process *p, unsigned long pages, unsigned long resident)
{
	char comm[COMM_LEN] = "?";

	spin_lock_irq(&p->siglock);
	if (p->leader)
		memcpy(comm, p->leader->comm, COMM_LEN);
	spin_unlock_irq(&p->siglock);
	pr_err("out of memory: killing process %d (%s), %lu KiB, %lu of them resident", p->pid,
	       comm, pages << (PAGE_SHIFT - 10), resident << (PAGE_SHIFT - 10));
}

/* oom_mutex held. False: there is nobody to be killed. */
static bool kill_worst(void)
{
	unsigned long pages;
	struct process *p = choose_victim(&pages);

	if (!p)
		return false;
	victim = mark_victim(p);
	if (victim) {
		victim_since = ktime_ns();
		report(p, pages, mm_rss(victim));
		kill_users(victim);
	}
	process_put(p);
	return true;
}

/*
 * Kills the processes that use the largest address space and returns true, false if there is none.
 * Context: may sleep.
 */
static bool oom_kill_worst(void)
{
	bool hope;

	mutex_lock(&oom_mutex);
	hope = victim_is_dying() || kill_worst();
	mutex_unlock(&oom_mutex);
	return hope;
}

static int oom_init(void)
{
	oom_killer_register(oom_kill_worst);
	return 0;
}
core_initcall(oom_init);
