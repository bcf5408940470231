// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of processes and threads that libc and shells set: prctl(2), arch_prctl(2),
 * personality(2), capget(2), capset(2). Operations that are not listed do not exist here and answer
 * -EINVAL, as on a Linux that is configured without them.
 */
#include <log.h>
#include <platform/trap.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "internal.h"

#define ARCH_SET_GS	0x1001
#define ARCH_SET_FS	0x1002
#define ARCH_GET_FS	0x1003
#define ARCH_GET_GS	0x1004
#define ARCH_GET_CPUID	0x1011
#define ARCH_SET_CPUID	0x1012

long sys_arch_prctl(unsigned long code, unsigned long arg)
{
	switch ((int)code) {
	case ARCH_SET_GS:
	case ARCH_SET_FS:
		return arg >= USER_TOP ? -EPERM : plat_set_base((int)code == ARCH_SET_GS, arg);
	case ARCH_GET_FS:
		return put_user(plat_get_base(false), (unsigned long __user *)arg);
	case ARCH_GET_GS:
		return put_user(plat_get_base(true), (unsigned long __user *)arg);
	case ARCH_GET_CPUID:
		return 1; /* the instruction may be used */
	case ARCH_SET_CPUID:
		return -ENODEV; /* the CPU cannot forbid it */
	default:
		return -EINVAL;
	}
}

#define PERSONALITY_QUERY 0xffffffffU

/* What would change the layout of the next program's memory, and is not there. */
#define PERSONALITY_ABSENT ((u32)(MMAP_PAGE_ZERO | ADDR_COMPAT_LAYOUT))

long sys_personality(unsigned long arg)
{
	struct process *p = current->process;
	u32 old = p->personality;

	if ((u32)arg == PERSONALITY_QUERY)
		return old;
	if ((u32)arg & PERSONALITY_ABSENT) {
		pr_ratelimited(LOG_INFO, "personality: %#x is not supported\n",
			       (u32)arg & PERSONALITY_ABSENT);
		return -EINVAL;
	}
	p->personality = (u32)arg;
	return old;
}

enum {
	PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG = 2, PR_GET_DUMPABLE = 3, PR_SET_DUMPABLE = 4,
	PR_GET_KEEPCAPS = 7, PR_SET_KEEPCAPS = 8, PR_SET_NAME = 15, PR_GET_NAME = 16,
	PR_CAPBSET_READ = 23, PR_CAPBSET_DROP = 24, PR_SET_CHILD_SUBREAPER = 36,
	PR_GET_CHILD_SUBREAPER = 37, PR_SET_NO_NEW_PRIVS = 38, PR_GET_NO_NEW_PRIVS = 39,
};

static long set_name(unsigned long arg)
{
	char name[COMM_LEN];
	ssize_t n = strncpy_from_user(name, (const char __user *)arg, sizeof(name));

	if (n < 0 && n != -ENAMETOOLONG)
		return n;
	name[COMM_LEN - 1] = '\0';
	strscpy(current->comm, name, COMM_LEN);
	return 0;
}

static long get_name(unsigned long arg)
{
	char name[COMM_LEN] = { 0 };

	strscpy(name, current->comm, sizeof(name));
	return copy_to_user((void __user *)arg, name, sizeof(name));
}

static long drop_bounding(unsigned long cap)
{
	struct cred *new;

	if (cap > CAP_LAST)
		return -EINVAL;
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	new = cred_prepare();
	if (!new)
		return -ENOMEM;
	new->cap_bounding &= ~BIT(cap);
	cred_commit(new);
	return 0;
}

/* Attributes that are set to 0 or 1. */
static long set_flag(bool *flag, unsigned long value)
{
	if (value > 1)
		return -EINVAL;
	*flag = value;
	return 0;
}

static long prctl_set(struct process *p, int option, unsigned long arg)
{
	switch (option) {
	case PR_SET_PDEATHSIG:
		if (arg > NSIG)
			return -EINVAL;
		p->pdeath_signal = (int)arg;
		return 0;
	case PR_SET_DUMPABLE:
		return set_flag(&p->dumpable, arg);
	case PR_SET_KEEPCAPS:
		return set_flag(&p->keep_caps, arg);
	case PR_SET_NAME:
		return set_name(arg);
	case PR_CAPBSET_DROP:
		return drop_bounding(arg);
	case PR_SET_CHILD_SUBREAPER:
		p->child_subreaper = arg != 0;
		return 0;
	default:
		return -EINVAL;
	}
}

static long prctl_get(struct process *p, int option, unsigned long arg)
{
	switch (option) {
	case PR_GET_PDEATHSIG:
		return put_user(p->pdeath_signal, (int __user *)arg);
	case PR_GET_DUMPABLE:
		return p->dumpable;
	case PR_GET_KEEPCAPS:
		return p->keep_caps;
	case PR_GET_NAME:
		return get_name(arg);
	case PR_CAPBSET_READ:
		return arg > CAP_LAST ? -EINVAL : !!(current_cred()->cap_bounding & BIT(arg));
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)p->child_subreaper, (int __user *)arg);
	default:
		return prctl_set(p, option, arg);
	}
}

long sys_prctl(unsigned long option_arg, unsigned long arg2, unsigned long arg3,
	       unsigned long arg4, unsigned long arg5)
{
	struct process *p = current->process;
	int option = (int)option_arg;

	/* These two insist on zeros, so that the arguments can get a meaning. */
	if (option == PR_SET_NO_NEW_PRIVS || option == PR_GET_NO_NEW_PRIVS) {
		if (arg3 || arg4 || arg5 || arg2 != (option == PR_SET_NO_NEW_PRIVS))
			return -EINVAL;
		if (option == PR_GET_NO_NEW_PRIVS)
			return p->no_new_privs;
		p->no_new_privs = true;
		return 0;
	}
	return prctl_get(p, option, arg2);
}

/* ---- capabilities: version 3 of the header, two 32-bit halves (capget(2)) ---- */

#define CAPABILITY_V1	0x19980330
#define CAPABILITY_V2	0x20071026
#define CAPABILITY_V3	0x20080522

struct cap_header {
	u32 version;
	s32 pid;
};

struct cap_data {
	u32 effective, permitted, inheritable;
};

/* The number of halves of the header's version; an unknown one is answered with the present one. */
static int cap_halves(struct cap_header *h, unsigned long address)
{
	if (copy_from_user(h, (const void __user *)address, sizeof(*h)))
		return -EFAULT;
	if (h->version == CAPABILITY_V1)
		return 1;
	if (h->version == CAPABILITY_V2 || h->version == CAPABILITY_V3)
		return 2;
	if (put_user((u32)CAPABILITY_V3, (u32 __user *)address))
		return -EFAULT;
	return -EINVAL;
}

static struct cred *cred_of(pid_t pid)
{
	struct cred *c;
	struct thread *t;

	if (!pid || pid == current->tid)
		return cred_get(current->cred);
	t = thread_find(pid);
	if (!t)
		return NULL;
	c = thread_cred(t);
	thread_put(t);
	return c;
}

long sys_capget(unsigned long header, unsigned long data)
{
	struct cap_data out[2];
	struct cap_header h;
	struct cred *c;
	int n = cap_halves(&h, header), i;

	if (n < 0)
		return n == -EINVAL && !data ? 0 : n;
	if (h.pid < 0)
		return -EINVAL;
	c = cred_of(h.pid);
	if (!c)
		return -ESRCH;
	for (i = 0; i < n; i++) {
		out[i].effective = (u32)(c->cap_effective >> 32 * i);
		out[i].permitted = (u32)(c->cap_permitted >> 32 * i);
		out[i].inheritable = (u32)(c->cap_inheritable >> 32 * i);
	}
	cred_put(c);
	return data ? copy_to_user((void __user *)data, out, (size_t)n * sizeof(out[0])) : 0;
}

/* The rules of capset(2): nothing can be gained that is not permitted or in the bounding set. */
static bool capset_allowed(const struct cred *old, const struct cred *new)
{
	u64 inheritable = old->cap_inheritable | old->cap_permitted;

	if (!capable(CAP_SETPCAP) && (new->cap_inheritable & ~inheritable))
		return false;
	if (new->cap_inheritable & ~(old->cap_inheritable | old->cap_bounding))
		return false;
	return !(new->cap_permitted & ~old->cap_permitted) &&
	       !(new->cap_effective & ~new->cap_permitted);
}

long sys_capset(unsigned long header, unsigned long data)
{
	struct cap_data in[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	struct cap_header h;
	struct cred *new;
	int n = cap_halves(&h, header);

	if (n < 0)
		return n;
	if (h.pid && h.pid != current->tid)
		return -EPERM;
	if (copy_from_user(in, (const void __user *)data, (size_t)n * sizeof(in[0])))
		return -EFAULT;
	new = cred_prepare();
	if (!new)
		return -ENOMEM;
	new->cap_effective = (in[0].effective | (u64)in[1].effective << 32) & CAP_FULL;
	new->cap_permitted = (in[0].permitted | (u64)in[1].permitted << 32) & CAP_FULL;
	new->cap_inheritable = (in[0].inheritable | (u64)in[1].inheritable << 32) & CAP_FULL;
	if (!capset_allowed(current->cred, new)) {
		cred_put(new);
		return -EPERM;
	}
	new->cap_ambient &= new->cap_permitted & new->cap_inheritable;
	cred_commit(new);
	return 0;
}
