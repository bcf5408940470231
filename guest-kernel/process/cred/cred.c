// SPDX-License-Identifier: GPL-2.0-only
/*
 * Identity: user and group numbers and capabilities of threads (credentials(7), capabilities(7)).
 * A published struct cred never changes; a change is a copy that replaces it.
 */
#include <mm.h>
#include <process.h>
#include <sort.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <user.h>
#include "../internal.h"

/* What a thread loses when its fsuid stops being 0, and gets back when it becomes 0. */
#define CAP_FS_SET	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
			 BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) | \
			 BIT(CAP_MKNOD))

struct cred root_cred = {
	.refs = ATOMIC_INIT(1),
	.cap_effective = CAP_FULL,
	.cap_permitted = CAP_FULL,
	.cap_bounding = CAP_FULL,
	.user = &root_user,
};

static struct kmem_cache *cred_cache;

void cred_init(void)
{
	cred_cache = kmem_cache_create("cred", sizeof(struct cred), 8, NULL);
}

static void groups_get(struct groups *g)
{
	if (g)
		atomic_inc(&g->refs);
}

static void groups_put(struct groups *g)
{
	if (g && atomic_dec_and_test(&g->refs))
		kfree(g);
}

/**
 * cred_get - Take a reference.
 * @c: credentials of which the caller has one
 *
 * Return: @c.
 */
struct cred *cred_get(struct cred *c)
{
	if (c != &root_cred)
		atomic_inc(&c->refs);
	return c;
}

/**
 * cred_put - Give a reference back.
 * @c: credentials, or NULL
 */
void cred_put(struct cred *c)
{
	if (!c || c == &root_cred || !atomic_dec_and_test(&c->refs))
		return;
	groups_put(c->groups);
	user_put(c->user);
	kmem_cache_free(cred_cache, c);
}

/**
 * thread_cred - The credentials of any thread.
 * @t: thread with a reference
 *
 * Return: credentials with a reference.
 */
struct cred *thread_cred(struct thread *t)
{
	struct cred *c;

	spin_lock_irq(&t->process->siglock);
	c = cred_get(t->cred);
	spin_unlock_irq(&t->process->siglock);
	return c;
}

/**
 * cred_prepare - A private copy of the current thread's credentials.
 *
 * Context: may sleep.
 * Return: the copy, to be given to cred_commit() or cred_put(); NULL: no memory.
 */
struct cred *cred_prepare(void)
{
	struct cred *c = kmem_cache_alloc(cred_cache, GFP_KERNEL);

	if (c) {
		*c = *current->cred;
		atomic_set(&c->refs, 1);
		groups_get(c->groups);
		user_get(c->user);
	}
	return c;
}

/**
 * cred_changes - Whether one identity must not be looked into by those who may another.
 * @new: one
 * @old: the other
 */
bool cred_changes(const struct cred *new, const struct cred *old)
{
	return new->euid != old->euid || new->egid != old->egid || new->fsuid != old->fsuid ||
	       new->fsgid != old->fsgid || (new->cap_permitted & ~old->cap_permitted);
}

/**
 * cred_commit - Make @c the identity of the current thread.
 * @c: from cred_prepare(); the reference is taken over
 */
void cred_commit(struct cred *c)
{
	struct process *p = current->process;
	struct cred *old = current->cred;

	if (c->user != old->user)
		thread_charge_to(c->user);
	/* A process that changed who it is must not be looked into by its former self. */
	if (cred_changes(c, old))
		p->dumpable = false;
	spin_lock_irq(&p->siglock);
	current->cred = c;
	spin_unlock_irq(&p->siglock);
	cred_put(old);
}

/**
 * capable - Whether the current thread has a capability in effect.
 * @cap: CAP_*
 */
bool capable(int cap)
{
	return current->cred->cap_effective & BIT(cap);
}

/**
 * group_listed - Whether a group is one of the supplementary ones.
 * @c: credentials, referenced or the current thread's
 * @gid: group
 */
bool group_listed(const struct cred *c, gid_t gid)
{
	u32 low = 0, high = c->groups ? c->groups->n : 0, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->groups->gid[middle] == gid)
			return true;
		if (c->groups->gid[middle] < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/**
 * in_group - Whether files of a group are the current thread's group's.
 * @gid: group
 *
 * Return: true if @gid is the fsgid or a supplementary group.
 */
bool in_group(gid_t gid)
{
	return current->cred->fsgid == gid || group_listed(current->cred, gid);
}

/**
 * cred_fix_caps - Adapt capabilities to changed user numbers (capabilities(7), "Effect of user ID
 * changes on capabilities").
 * @new: being prepared, numbers set
 * @old: what the thread has now
 */
static void cred_fix_caps(struct cred *new, const struct cred *old)
{
	bool was_root = !old->uid || !old->euid || !old->suid;
	bool is_root = !new->uid || !new->euid || !new->suid;

	if (was_root && !is_root) {
		new->cap_ambient = 0;
		if (!current->process->keep_caps) {
			new->cap_permitted = 0;
			new->cap_effective = 0;
		}
	}
	if (!old->euid && new->euid)
		new->cap_effective = 0;
	if (old->euid && !new->euid)
		new->cap_effective = new->cap_permitted;
}

static void cred_fix_fs_caps(struct cred *new, const struct cred *old)
{
	if (!old->fsuid && new->fsuid)
		new->cap_effective &= ~CAP_FS_SET;
	if (old->fsuid && !new->fsuid)
		new->cap_effective |= new->cap_permitted & CAP_FS_SET;
}

/* Publishes changed user numbers, unless there is no memory (-EAGAIN). */
static long cred_commit_uids(struct cred *new)
{
	struct user *old = new->user;

	if (new->uid != old->uid) {
		new->user = user_find(new->uid);
		user_put(old);
		if (!new->user) {
			cred_put(new);
			return -EAGAIN;
		}
	}
	new->fsuid = new->euid;
	cred_fix_caps(new, current->cred);
	cred_commit(new);
	return 0;
}

static long cred_commit_gids(struct cred *new)
{
	new->fsgid = new->egid;
	cred_commit(new);
	return 0;
}

static long cred_refuse(struct cred *new)
{
	cred_put(new);
	return -EPERM;
}

#define KEEP ((u32)-1)	/* the argument that leaves a number as it is */

long sys_getuid(void)
{
	return current->cred->uid;
}

long sys_geteuid(void)
{
	return current->cred->euid;
}

long sys_getgid(void)
{
	return current->cred->gid;
}

long sys_getegid(void)
{
	return current->cred->egid;
}

long sys_setuid(unsigned long arg)
{
	const struct cred *old = current->cred;
	uid_t uid = (uid_t)arg;
	struct cred *new;

	if (uid == KEEP)
		return -EINVAL;
	new = cred_prepare();
	if (!new)
		return -ENOMEM;
	if (capable(CAP_SETUID))
		new->uid = new->suid = uid;
	else if (uid != old->uid && uid != old->suid)
		return cred_refuse(new);
	new->euid = uid;
	return cred_commit_uids(new);
}

long sys_setgid(unsigned long arg)
{
	const struct cred *old = current->cred;
	gid_t gid = (gid_t)arg;
	struct cred *new;

	if (gid == KEEP)
		return -EINVAL;
	new = cred_prepare();
	if (!new)
		return -ENOMEM;
	if (capable(CAP_SETGID))
		new->gid = new->sgid = gid;
	else if (gid != old->gid && gid != old->sgid)
		return cred_refuse(new);
	new->egid = gid;
	return cred_commit_gids(new);
}

long sys_setreuid(unsigned long r, unsigned long e)
{
	const struct cred *old = current->cred;
	uid_t ruid = (uid_t)r, euid = (uid_t)e;
	struct cred *new = cred_prepare();

	if (!new)
		return -ENOMEM;
	if (!capable(CAP_SETUID) &&
	    ((ruid != KEEP && ruid != old->uid && ruid != old->euid) ||
	     (euid != KEEP && euid != old->uid && euid != old->euid && euid != old->suid)))
		return cred_refuse(new);
	if (ruid != KEEP)
		new->uid = ruid;
	if (euid != KEEP)
		new->euid = euid;
	if (ruid != KEEP || (euid != KEEP && euid != old->uid))
		new->suid = new->euid;
	return cred_commit_uids(new);
}

long sys_setregid(unsigned long r, unsigned long e)
{
	const struct cred *old = current->cred;
	gid_t rgid = (gid_t)r, egid = (gid_t)e;
	struct cred *new = cred_prepare();

	if (!new)
		return -ENOMEM;
	if (!capable(CAP_SETGID) &&
	    ((rgid != KEEP && rgid != old->gid && rgid != old->egid) ||
	     (egid != KEEP && egid != old->gid && egid != old->egid && egid != old->sgid)))
		return cred_refuse(new);
	if (rgid != KEEP)
		new->gid = rgid;
	if (egid != KEEP)
		new->egid = egid;
	if (rgid != KEEP || (egid != KEEP && egid != old->gid))
		new->sgid = new->egid;
	return cred_commit_gids(new);
}

static bool one_of(u32 id, u32 a, u32 b, u32 c)
{
	return id == KEEP || id == a || id == b || id == c;
}

long sys_setresuid(unsigned long r, unsigned long e, unsigned long s)
{
	const struct cred *old = current->cred;
	uid_t ruid = (uid_t)r, euid = (uid_t)e, suid = (uid_t)s;
	struct cred *new = cred_prepare();

	if (!new)
		return -ENOMEM;
	if (!capable(CAP_SETUID) && !(one_of(ruid, old->uid, old->euid, old->suid) &&
				      one_of(euid, old->uid, old->euid, old->suid) &&
				      one_of(suid, old->uid, old->euid, old->suid)))
		return cred_refuse(new);
	new->uid = ruid == KEEP ? old->uid : ruid;
	new->euid = euid == KEEP ? old->euid : euid;
	new->suid = suid == KEEP ? old->suid : suid;
	return cred_commit_uids(new);
}

long sys_setresgid(unsigned long r, unsigned long e, unsigned long s)
{
	const struct cred *old = current->cred;
	gid_t rgid = (gid_t)r, egid = (gid_t)e, sgid = (gid_t)s;
	struct cred *new = cred_prepare();

	if (!new)
		return -ENOMEM;
	if (!capable(CAP_SETGID) && !(one_of(rgid, old->gid, old->egid, old->sgid) &&
				      one_of(egid, old->gid, old->egid, old->sgid) &&
				      one_of(sgid, old->gid, old->egid, old->sgid)))
		return cred_refuse(new);
	new->gid = rgid == KEEP ? old->gid : rgid;
	new->egid = egid == KEEP ? old->egid : egid;
	new->sgid = sgid == KEEP ? old->sgid : sgid;
	return cred_commit_gids(new);
}

static long put_three(unsigned long a, unsigned long b, unsigned long c, u32 va, u32 vb, u32 vc)
{
	if (put_user(va, (u32 __user *)a) || put_user(vb, (u32 __user *)b) ||
	    put_user(vc, (u32 __user *)c))
		return -EFAULT;
	return 0;
}

long sys_getresuid(unsigned long r, unsigned long e, unsigned long s)
{
	const struct cred *c = current->cred;

	return put_three(r, e, s, c->uid, c->euid, c->suid);
}

long sys_getresgid(unsigned long r, unsigned long e, unsigned long s)
{
	const struct cred *c = current->cred;

	return put_three(r, e, s, c->gid, c->egid, c->sgid);
}

/* Both setfs*id calls answer with the old number, whether or not they changed it. */
long sys_setfsuid(unsigned long arg)
{
	const struct cred *c = current->cred;
	uid_t uid = (uid_t)arg, before = c->fsuid;
	struct cred *new;

	if (uid == KEEP || uid == before ||
	    (!capable(CAP_SETUID) && uid != c->uid && uid != c->euid && uid != c->suid))
		return before;
	new = cred_prepare();
	if (new) {
		new->fsuid = uid;
		cred_fix_fs_caps(new, c);
		cred_commit(new);
	}
	return before;
}

long sys_setfsgid(unsigned long arg)
{
	const struct cred *c = current->cred;
	gid_t gid = (gid_t)arg, before = c->fsgid;
	struct cred *new;

	if (gid == KEEP || gid == before ||
	    (!capable(CAP_SETGID) && gid != c->gid && gid != c->egid && gid != c->sgid))
		return before;
	new = cred_prepare();
	if (new) {
		new->fsgid = gid;
		cred_commit(new);
	}
	return before;
}

long sys_getgroups(unsigned long size, unsigned long list)
{
	const struct groups *g = current->cred->groups;
	int room = (int)size, n = g ? (int)g->n : 0;

	if (room < 0)
		return -EINVAL;
	if (!room || !n)
		return n;
	if (room < n)
		return -EINVAL;
	if (copy_to_user((void __user *)list, g->gid, (size_t)n * sizeof(gid_t)))
		return -EFAULT;
	return n;
}

/* From a user's array, sorted. NULL for none. ERR_PTR(-ENOMEM), ERR_PTR(-EFAULT). */
static struct groups *groups_from_user(const void __user *list, u32 n)
{
	struct groups *g;

	if (!n)
		return NULL;
	g = kmalloc(sizeof(*g) + n * sizeof(gid_t), GFP_KERNEL);
	if (!g)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(g->gid, list, n * sizeof(gid_t))) {
		kfree(g);
		return ERR_PTR(-EFAULT);
	}
	atomic_set(&g->refs, 1);
	g->n = n;
	sort_u32(g->gid, n);
	return g;
}

long sys_setgroups(unsigned long size, unsigned long list)
{
	struct groups *g;
	struct cred *new;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if ((u32)size > NGROUPS_MAX)
		return -EINVAL;
	g = groups_from_user((const void __user *)list, (u32)size);
	if (IS_ERR(g))
		return PTR_ERR(g);
	new = cred_prepare();
	if (!new) {
		groups_put(g);
		return -ENOMEM;
	}
	groups_put(new->groups);
	new->groups = g;
	cred_commit(new);
	return 0;
}
