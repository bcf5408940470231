// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls about scheduling (sched(7), getpriority(2)): permissions and user memory; the
 * work is done in sched_policy.c.
 */
#include "../kernel/sched/rq.h"

#include <process.h>
#include <syscall.h>
#include <uaccess.h>
#include "internal.h"

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

static bool is_rt_policy(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* What a thread's own process may have without privilege: getrlimit(2). */
static unsigned long limit_of(const struct thread *t, u32 which)
{
	return READ_ONCE(t->process->rlim[which].cur);
}

static bool nice_within_limit(const struct thread *t, int nice)
{
	return (unsigned long)(20 - nice) <= limit_of(t, RLIMIT_NICE);
}

static bool rt_within_limit(const struct thread *t, int policy, int prio)
{
	unsigned long limit = limit_of(t, RLIMIT_RTPRIO);

	if (policy != t->policy && !limit)
		return false;
	return prio <= t->rt_prio || (unsigned long)prio <= limit;
}

/**
 * struct sched_change - what sched_setscheduler(2) and its kin ask for
 * @policy: SCHED_*
 * @prio: real-time priority, else 0
 * @nice: for the other policies
 * @reset_on_fork: children begin with the normal policy
 */
struct sched_change {
	int policy, prio, nice;
	bool reset_on_fork;
};

/* The rules of sched(7), "Privileges and resource limits". */
static bool change_permitted(struct thread *t, const struct sched_change *c)
{
	if (capable(CAP_SYS_NICE))
		return true;
	if (!owns(t) || (t->reset_on_fork && !c->reset_on_fork))
		return false;
	if (is_rt_policy(c->policy))
		return rt_within_limit(t, c->policy, c->prio);
	/* SCHED_IDLE is below nice 19: leaving it is an increase. */
	if (t->policy == SCHED_IDLE && c->policy != SCHED_IDLE && !nice_within_limit(t, t->nice))
		return false;
	return c->nice >= t->nice || nice_within_limit(t, c->nice);
}

static long change(struct thread *t, const struct sched_change *c)
{
	if (!sched_policy_valid(c->policy, c->prio))
		return -EINVAL;
	if (!change_permitted(t, c))
		return -EPERM;
	WRITE_ONCE(t->reset_on_fork, c->reset_on_fork);
	if (!is_rt_policy(c->policy))
		sched_set_nice(t, c->nice);
	return sched_set_policy(t, c->policy, c->prio);
}

/* @policy -1: as it is. */
static long set_scheduler(pid_t pid, int policy, unsigned long param)
{
	struct sched_change c;
	struct thread *t;
	long ret;

	if (!param || pid < 0)
		return -EINVAL;
	if (get_user(c.prio, (const int __user *)param))
		return -EFAULT;
	t = get_thread(pid);
	if (!t)
		return -ESRCH;
	c.policy = policy == -1 ? t->policy : policy & ~SCHED_RESET_ON_FORK;
	c.reset_on_fork = policy == -1 ? t->reset_on_fork : policy & SCHED_RESET_ON_FORK;
	c.nice = t->nice;
	ret = change(t, &c);
	thread_put(t);
	return ret;
}

long sys_sched_setscheduler(unsigned long pid, unsigned long policy, unsigned long param)
{
	return (int)policy < 0 ? -EINVAL : set_scheduler((pid_t)pid, (int)policy, param);
}

long sys_sched_setparam(unsigned long pid, unsigned long param)
{
	return set_scheduler((pid_t)pid, -1, param);
}

long sys_sched_getscheduler(unsigned long pid)
{
	struct thread *t = (pid_t)pid < 0 ? ERR_PTR(-EINVAL) : get_thread((pid_t)pid);
	long ret;

	if (IS_ERR_OR_NULL(t))
		return t ? PTR_ERR(t) : -ESRCH;
	ret = t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	thread_put(t);
	return ret;
}

long sys_sched_getparam(unsigned long pid, unsigned long param)
{
	struct thread *t = (pid_t)pid < 0 || !param ? ERR_PTR(-EINVAL) : get_thread((pid_t)pid);
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

/*
 * First published layout of sched_setattr(2); what larger ones hold beyond it, limits of the CPU's
 * speed, must be zero.
 */
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

/* A size that cannot be is answered with ours. */
static int attr_read(struct sched_attr *attr, unsigned long uattr)
{
	u32 __user *usize = (u32 __user *)uattr;
	u32 size;

	if (get_user(size, usize))
		return -EFAULT;
	size = size ? size : SCHED_ATTR_SIZE;
	if (size >= SCHED_ATTR_SIZE && size <= PAGE_SIZE)
		return copy_struct_from_user(attr, sizeof(*attr), (const void __user *)uattr, size);
	return put_user(SCHED_ATTR_SIZE, usize) ? -EFAULT : -E2BIG;
}

long sys_sched_setattr(unsigned long pid, unsigned long uattr, unsigned long flags)
{
	struct sched_attr attr;
	struct sched_change c;
	struct thread *t;
	long ret;

	if (!uattr || (pid_t)pid < 0 || flags)
		return -EINVAL;
	ret = attr_read(&attr, uattr);
	if (ret)
		return ret;
	if (attr.flags & ~(u64)SCHED_FLAG_RESET_ON_FORK || attr.policy > SCHED_IDLE ||
	    attr.priority > 99)
		return -EINVAL;
	t = get_thread((pid_t)pid);
	if (!t)
		return -ESRCH;
	c = (struct sched_change){
		.policy = (int)attr.policy, .prio = (int)attr.priority,
		.nice = clamp(attr.nice, -20, 19), .reset_on_fork = attr.flags,
	};
	ret = change(t, &c);
	thread_put(t);
	return ret;
}

long sys_sched_getattr(unsigned long pid, unsigned long uattr, unsigned long size,
		       unsigned long flags)
{
	struct sched_attr attr = { .size = SCHED_ATTR_SIZE };
	struct thread *t;

	if (!uattr || (pid_t)pid < 0 || flags || size < SCHED_ATTR_SIZE || size > PAGE_SIZE)
		return -EINVAL;
	t = get_thread((pid_t)pid);
	if (!t)
		return -ESRCH;
	attr.policy = t->policy;
	attr.flags = t->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
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
 * What getpriority(2) and setpriority(2) do with each thread meant; the last error is the result,
 * whatever goes well after it.
 */
struct nice_request {
	int nice;		/* to be set */
	bool set;
	int best;		/* highest 20 - nice seen, 0: no thread */
	long err;
};

static bool nice_permitted(const struct thread *t, int nice)
{
	return nice >= t->nice || capable(CAP_SYS_NICE) || nice_within_limit(t, nice);
}

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
		sched_set_nice(t, r->nice);
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
