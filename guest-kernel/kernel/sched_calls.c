// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls about scheduling (sched(7), getpriority(2)): permissions and user memory; the
 * work is done in sched_policy.c.
 */
#include "rq.h"

#include <process.h>
#include <syscall.h>
#include <uaccess.h>

#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2

#define SCHED_RESET_ON_FORK	0x40000000
#define SCHED_FLAG_RESET_ON_FORK 0x01

/* The thread with number @tid, 0: the current one; referenced, NULL: none. */
static struct thread *get_thread(pid_t tid)
{
	if (tid)
		return thread_find(tid);
	thread_get(current);
	return current;
}

/* Whether the caller may change the scheduling of @t at all. */
static bool owns(struct thread *t)
{
	const struct cred *mine = current_cred();
	struct cred *theirs;
	bool same;

	if (t == current || capable(CAP_SYS_NICE))
		return true;
	theirs = thread_cred(t);
	same = mine->euid == theirs->euid || mine->euid == theirs->uid;
	cred_put(theirs);
	return same;
}

long sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

/* ---- policy ---- */

static bool policy_permitted(struct thread *t, int policy, int prio)
{
	if (capable(CAP_SYS_NICE))
		return true;
	if (!owns(t))
		return false;
	if (policy != SCHED_FIFO && policy != SCHED_RR)
		return true;
	return (unsigned long)prio <= rlimit(RLIMIT_RTPRIO) || (is_rt(t) && prio <= t->rt_prio);
}

static long set_scheduler(pid_t pid, int policy, int prio, bool keep_policy)
{
	struct thread *t;
	bool reset = policy & SCHED_RESET_ON_FORK;
	long ret;

	if (pid < 0)
		return -EINVAL;
	t = get_thread(pid);
	if (!t)
		return -ESRCH;
	policy = keep_policy ? t->policy : policy & ~SCHED_RESET_ON_FORK;
	ret = policy_permitted(t, policy, prio) ? sched_set_policy(t, policy, prio) : -EPERM;
	/* The flag of another thread may be in use by it: only one's own is changed. */
	if (!ret && !keep_policy && t == current)
		t->flags = reset ? t->flags | THREAD_F_RESET_ON_FORK
				 : t->flags & ~THREAD_F_RESET_ON_FORK;
	thread_put(t);
	return ret;
}

long sys_sched_setscheduler(unsigned long pid, unsigned long policy, unsigned long param)
{
	int prio;

	if (get_user(prio, (const int __user *)param))
		return -EFAULT;
	return set_scheduler((pid_t)pid, (int)policy, prio, false);
}

long sys_sched_setparam(unsigned long pid, unsigned long param)
{
	int prio;

	if (get_user(prio, (const int __user *)param))
		return -EFAULT;
	return set_scheduler((pid_t)pid, 0, prio, true);
}

long sys_sched_getscheduler(unsigned long pid)
{
	struct thread *t = (pid_t)pid < 0 ? ERR_PTR(-EINVAL) : get_thread((pid_t)pid);
	long ret;

	if (IS_ERR_OR_NULL(t))
		return t ? PTR_ERR(t) : -ESRCH;
	ret = t->policy | (t->flags & THREAD_F_RESET_ON_FORK ? SCHED_RESET_ON_FORK : 0);
	thread_put(t);
	return ret;
}

long sys_sched_getparam(unsigned long pid, unsigned long param)
{
	struct thread *t = (pid_t)pid < 0 ? ERR_PTR(-EINVAL) : get_thread((pid_t)pid);
	int prio;

	if (IS_ERR_OR_NULL(t))
		return t ? PTR_ERR(t) : -ESRCH;
	prio = t->rt_prio;
	thread_put(t);
	return put_user(prio, (int __user *)param);
}

static long priority_limit(int policy, long rt_limit)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return rt_limit;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_sched_get_priority_max(unsigned long policy)
{
	return priority_limit((int)policy, 99);
}

long sys_sched_get_priority_min(unsigned long policy)
{
	return priority_limit((int)policy, 1);
}

long sys_sched_rr_get_interval(unsigned long pid, unsigned long interval)
{
	struct thread *t = (pid_t)pid < 0 ? ERR_PTR(-EINVAL) : get_thread((pid_t)pid);
	struct timespec64 ts;

	if (IS_ERR_OR_NULL(t))
		return t ? PTR_ERR(t) : -ESRCH;
	ts = ns_to_timespec(t->policy == SCHED_RR ? RR_SLICE_NS : 0);
	thread_put(t);
	return put_user(ts, (struct timespec64 __user *)interval);
}

/* First published layout of sched_setattr(2); what larger ones hold beyond it must be zero. */
struct sched_attr {
	u32 size, policy;
	u64 flags;
	s32 nice;
	u32 priority;
	u64 runtime, deadline, period;
};
#define SCHED_ATTR_SIZE 48U
static_assert(sizeof(struct sched_attr) == SCHED_ATTR_SIZE,
	      "struct sched_attr of the ABI, version 0");

static bool nice_permitted(struct thread *t, int nice)
{
	return nice >= t->nice || capable(CAP_SYS_NICE) ||
	       (unsigned long)(20 - nice) <= rlimit(RLIMIT_NICE);
}

long sys_sched_setattr(unsigned long pid, unsigned long uattr, unsigned long flags)
{
	struct sched_attr attr;
	struct thread *t;
	bool rt;
	long ret;

	if ((pid_t)pid < 0 || flags)
		return -EINVAL;
	if (copy_from_user(&attr, (const void __user *)uattr, sizeof(attr)))
		return -EFAULT;
	if (attr.size && attr.size < SCHED_ATTR_SIZE)
		return -E2BIG;
	if (attr.flags & ~(u64)SCHED_FLAG_RESET_ON_FORK || attr.policy > SCHED_IDLE ||
	    attr.nice < -20 || attr.nice > 19)
		return -EINVAL;
	rt = attr.policy == SCHED_FIFO || attr.policy == SCHED_RR;
	t = get_thread((pid_t)pid);
	if (!t)
		return -ESRCH;
	if (!rt && (!owns(t) || !nice_permitted(t, attr.nice)))
		ret = -EPERM;
	else
		ret = set_scheduler((pid_t)pid,
				    (int)(attr.policy | (attr.flags ? SCHED_RESET_ON_FORK : 0)),
				    (int)attr.priority, false);
	if (!ret && !rt)
		ret = sched_set_nice(t, attr.nice);
	thread_put(t);
	return ret;
}

long sys_sched_getattr(unsigned long pid, unsigned long uattr, unsigned long size,
		       unsigned long flags)
{
	struct sched_attr attr = { .size = SCHED_ATTR_SIZE };
	struct thread *t;

	if ((pid_t)pid < 0 || flags || size < SCHED_ATTR_SIZE || size > PAGE_SIZE)
		return -EINVAL;
	t = get_thread((pid_t)pid);
	if (!t)
		return -ESRCH;
	attr.policy = t->policy;
	attr.flags = t->flags & THREAD_F_RESET_ON_FORK ? SCHED_FLAG_RESET_ON_FORK : 0;
	if (is_rt(t))
		attr.priority = t->rt_prio;
	else
		attr.nice = t->nice;
	thread_put(t);
	return copy_to_user((void __user *)uattr, &attr, sizeof(attr));
}

/* ---- CPUs ---- */

long sys_sched_setaffinity(unsigned long pid, unsigned long len, unsigned long umask)
{
	struct thread *t;
	u64 mask = 0;
	long ret;

	if (copy_from_user(&mask, (const void __user *)umask, min(len, sizeof(mask))))
		return -EFAULT;
	t = get_thread((pid_t)pid);
	if (!t)
		return -ESRCH;
	ret = owns(t) ? sched_set_affinity(t, mask) : -EPERM;
	thread_put(t);
	return ret;
}

/* Returns the bytes written, as the system call (not libc's function) does. */
long sys_sched_getaffinity(unsigned long pid, unsigned long len, unsigned long umask)
{
	u64 online = nr_cpus < 64 ? BIT(nr_cpus) - 1 : ~0ULL, mask;
	struct thread *t;

	if (len < sizeof(mask) || len % sizeof(mask))
		return -EINVAL;
	t = get_thread((pid_t)pid);
	if (!t)
		return -ESRCH;
	mask = t->cpus_allowed & online;
	thread_put(t);
	return copy_to_user((void __user *)umask, &mask, sizeof(mask)) ? -EFAULT
								       : (long)sizeof(mask);
}

/* ---- nice ---- */

/*
 * What getpriority(2) and setpriority(2) do with each thread meant; a negative result is
 * remembered, the last one wins.
 */
struct nice_request {
	int nice;		/* to be set */
	bool set;
	int best;		/* highest 20 - nice seen, 0: no thread */
	long err;
};

static void nice_one(struct thread *t, struct nice_request *r)
{
	r->best = max(r->best, 20 - t->nice);
	if (!r->set)
		return;
	if (!owns(t))
		r->err = -EPERM;
	else if (!nice_permitted(t, r->nice))
		r->err = -EACCES;
	else
		r->err = sched_set_nice(t, r->nice);
}

static bool belongs(struct process *p, struct thread *t, int which, u32 who)
{
	struct cred *cred;
	bool same;

	if (which == PRIO_PGRP)
		return p->pgid == (pid_t)who;
	cred = thread_cred(t);
	same = cred->uid == who;
	cred_put(cred);
	return same;
}

/* All threads of a group or a user. */
static void nice_many(int which, u32 who, struct nice_request *r)
{
	struct process *p;
	struct thread *t;
	pid_t pid, tid;

	for (pid = 1; (p = process_next(&pid)); pid++) {
		for (tid = 1; (t = process_next_thread(p, &tid)); tid++) {
			if (belongs(p, t, which, who))
				nice_one(t, r);
			thread_put(t);
		}
		process_put(p);
	}
}

static long nice_request(int which, u32 who, struct nice_request *r)
{
	struct thread *t;

	if (which == PRIO_PROCESS) {
		t = get_thread((pid_t)who);
		if (t) {
			nice_one(t, r);
			thread_put(t);
		}
	} else if (which == PRIO_PGRP) {
		nice_many(which, who ? who : (u32)current->process->pgid, r);
	} else if (which == PRIO_USER) {
		nice_many(which, who ? who : current_cred()->uid, r);
	} else {
		return -EINVAL;
	}
	if (!r->best)
		return -ESRCH;
	return r->set ? r->err : r->best;
}

long sys_getpriority(unsigned long which, unsigned long who)
{
	struct nice_request r = { .set = false };

	return nice_request((int)which, (u32)who, &r);
}

long sys_setpriority(unsigned long which, unsigned long who, unsigned long nice)
{
	struct nice_request r = { .set = true, .nice = clamp((int)nice, -20, 19) };

	return nice_request((int)which, (u32)who, &r);
}
