// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a process may use and what it has used: getrlimit(2), prlimit(2), getrusage(2), times(2).
 */
#include <mm.h>
#include <nospec.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "internal.h"

#define STACK_DEFAULT	(8UL << 20)
#define NOFILE_DEFAULT	1024UL
#define NOFILE_MAX	4096UL
#define NOFILE_CEILING	(1UL << 20)	/* fs.nr_open of Linux: root's limit */
#define MEMLOCK_DEFAULT	(8UL << 20)
#define MSGQUEUE_DEFAULT 819200UL
#define PAGES_PER_PROCESS 64
#define NSEC_PER_TICK	(NSEC_PER_SEC / 100)

void rlimit_init(void)
{
	struct rlimit *r = kernel_process.rlim;
	unsigned long processes = max_pfn / PAGES_PER_PROCESS;
	u32 i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		r[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	r[RLIMIT_STACK].cur = STACK_DEFAULT;
	r[RLIMIT_CORE].cur = 0;
	r[RLIMIT_NPROC] = (struct rlimit){ processes, processes };
	r[RLIMIT_NOFILE] = (struct rlimit){ NOFILE_DEFAULT, NOFILE_MAX };
	r[RLIMIT_MEMLOCK] = (struct rlimit){ MEMLOCK_DEFAULT, MEMLOCK_DEFAULT };
	r[RLIMIT_SIGPENDING] = (struct rlimit){ processes, processes };
	r[RLIMIT_MSGQUEUE] = (struct rlimit){ MSGQUEUE_DEFAULT, MSGQUEUE_DEFAULT };
	r[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	r[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

/**
 * rlimit - The soft limit of the current process.
 * @which: RLIMIT_*
 *
 * Context: any; a word is read without the lock.
 */
unsigned long rlimit(unsigned int which)
{
	return READ_ONCE(current->process->rlim[which].cur);
}

static int limit_check(unsigned int which, const struct rlimit *new, const struct rlimit *old)
{
	if (new->cur > new->max)
		return -EINVAL;
	if (which == RLIMIT_NOFILE && new->max > NOFILE_CEILING)
		return -EPERM;
	if (new->max > old->max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	return 0;
}

/* Reads and, with @new, sets a limit of @p. */
static int limit_exchange(struct process *p, unsigned int which, const struct rlimit *new,
			  struct rlimit *old)
{
	int err = 0;

	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	which = (unsigned int)array_index_nospec(which, RLIM_NLIMITS);
	spin_lock(&p->lock);
	*old = p->rlim[which];
	if (new)
		err = limit_check(which, new, old);
	if (new && !err)
		p->rlim[which] = *new;
	spin_unlock(&p->lock);
	if (new && !err && which == RLIMIT_CPU)
		cpu_timer_limit(p);
	return err;
}

long sys_getrlimit(unsigned long which, unsigned long out)
{
	struct rlimit old;
	int err = limit_exchange(current->process, (u32)which, NULL, &old);

	return err ? err : copy_to_user((void __user *)out, &old, sizeof(old));
}

long sys_setrlimit(unsigned long which, unsigned long in)
{
	struct rlimit old, new;

	if (copy_from_user(&new, (const void __user *)in, sizeof(new)))
		return -EFAULT;
	return limit_exchange(current->process, (u32)which, &new, &old);
}

/* prlimit(2): all of the target's user and group numbers must be the caller's real ones. */
static bool limit_permitted(struct process *p)
{
	const struct cred *me = current->cred, *other;
	bool ok = false;

	if (p == current->process || capable(CAP_SYS_RESOURCE))
		return true;
	spin_lock_irq(&p->siglock);
	if (p->leader) {
		other = p->leader->cred;
		ok = me->uid == other->euid && me->uid == other->suid && me->uid == other->uid &&
		     me->gid == other->egid && me->gid == other->sgid && me->gid == other->gid;
	}
	spin_unlock_irq(&p->siglock);
	return ok;
}

long sys_prlimit64(unsigned long pid, unsigned long which, unsigned long in, unsigned long out)
{
	struct rlimit old, new;
	struct process *p;
	int err = -EPERM;

	if (in && copy_from_user(&new, (const void __user *)in, sizeof(new)))
		return -EFAULT;
	p = process_find_of((pid_t)pid ? (pid_t)pid : current->process->pid);
	if (!p)
		return -ESRCH;
	if (limit_permitted(p))
		err = limit_exchange(p, (u32)which, in ? &new : NULL, &old);
	process_put(p);
	if (!err && out)
		err = copy_to_user((void __user *)out, &old, sizeof(old));
	return err;
}

/**
 * process_times_locked - Sum up what a process has used.
 * @p: process, siglock held
 * @out: filled, times in ns
 */
void process_times_locked(struct process *p, struct proc_times *out)
{
	u64 utime, stime;
	struct thread *t;

	*out = (struct proc_times){
		.utime = p->dead_utime, .stime = p->dead_stime,
		.cutime = p->child_utime, .cstime = p->child_stime,
		.minflt = p->dead_minflt, .majflt = p->dead_majflt,
		.cminflt = p->child_minflt, .cmajflt = p->child_majflt,
		.nvcsw = p->dead_nvcsw, .nivcsw = p->dead_nivcsw,
		.cnvcsw = p->child_nvcsw, .cnivcsw = p->child_nivcsw,
	};
	list_for_each_entry(t, &p->threads, thread_node) {
		sched_thread_times(t, &utime, &stime);
		out->utime += utime;
		out->stime += stime;
		out->minflt += READ_ONCE(t->minflt);
		out->majflt += READ_ONCE(t->majflt);
		out->nvcsw += READ_ONCE(t->nvcsw);
		out->nivcsw += READ_ONCE(t->nivcsw);
	}
}

/**
 * process_times - Sum up what a process has used.
 * @p: process, referenced
 * @out: filled, times in ns
 *
 * Context: any but NMI; siglock not held.
 */
void process_times(struct process *p, struct proc_times *out)
{
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	process_times_locked(p, out);
	spin_unlock_irqrestore(&p->siglock, flags);
}

static struct timeval64 to_timeval(u64 ns)
{
	return (struct timeval64){ (s64)(ns / NSEC_PER_SEC),
				   (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
}

/**
 * rusage_fill - Turn sums into getrusage(2)'s structure.
 * @ru: filled
 * @t: sums
 * @self: count the process's own
 * @children: count its waited-for children's
 * @maxrss_pages: largest resident set, in pages
 */
void rusage_fill(struct rusage *ru, const struct proc_times *t, bool self, bool children,
		 u64 maxrss_pages)
{
	u64 s = self, c = children;

	memset(ru, 0, sizeof(*ru));
	ru->ru_utime = to_timeval(s * t->utime + c * t->cutime);
	ru->ru_stime = to_timeval(s * t->stime + c * t->cstime);
	ru->ru_minflt = (s64)(s * t->minflt + c * t->cminflt);
	ru->ru_majflt = (s64)(s * t->majflt + c * t->cmajflt);
	ru->ru_nvcsw = (s64)(s * t->nvcsw + c * t->cnvcsw);
	ru->ru_nivcsw = (s64)(s * t->nivcsw + c * t->cnivcsw);
	ru->ru_maxrss = (s64)(maxrss_pages * (PAGE_SIZE / 1024));
}

static void thread_times(struct proc_times *t)
{
	struct thread *me = current;

	*t = (struct proc_times){
		.minflt = me->minflt, .majflt = me->majflt,
		.nvcsw = me->nvcsw, .nivcsw = me->nivcsw,
	};
	sched_thread_times(me, &t->utime, &t->stime);
}

long sys_getrusage(unsigned long who, unsigned long out)
{
	enum { RUSAGE_CHILDREN = -1, RUSAGE_SELF = 0, RUSAGE_THREAD = 1 };
	struct process *p = current->process;
	u64 maxrss = max(p->maxrss, mm_hiwater(p->mm));
	struct proc_times times;
	struct rusage ru;

	process_times(p, &times);
	switch ((int)who) {
	case RUSAGE_SELF:
		rusage_fill(&ru, &times, true, false, maxrss);
		break;
	case RUSAGE_CHILDREN:
		rusage_fill(&ru, &times, false, true, p->child_maxrss);
		break;
	case RUSAGE_THREAD:
		thread_times(&times);
		rusage_fill(&ru, &times, true, false, maxrss);
		break;
	default:
		return -EINVAL;
	}
	return copy_to_user((void __user *)out, &ru, sizeof(ru));
}

long sys_times(unsigned long out)
{
	struct proc_times t;
	s64 ticks[4];

	if (out) {
		process_times(current->process, &t);
		ticks[0] = (s64)(t.utime / NSEC_PER_TICK);
		ticks[1] = (s64)(t.stime / NSEC_PER_TICK);
		ticks[2] = (s64)(t.cutime / NSEC_PER_TICK);
		ticks[3] = (s64)(t.cstime / NSEC_PER_TICK);
		if (copy_to_user((void __user *)out, ticks, sizeof(ticks)))
			return -EFAULT;
	}
	return (long)(ktime_ns() / NSEC_PER_TICK);
}
