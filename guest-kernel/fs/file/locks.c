// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory locks: flock(2), POSIX record locks and open-file-description locks (fcntl(2)). An inode
 * lists the locks that are held on it; who must wait sleeps on one queue for all files, since
 * contention is rare.
 *
 * Owners: the open file for flock and OFD locks, the descriptor table for POSIX locks, which is
 * what close(2) semantics ask for.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>

#define OFFSET_MAX ((loff_t)((1ULL << 63) - 1))

enum lock_kind { LOCK_POSIX, LOCK_FLOCK }; /* OFD locks are POSIX locks with another owner */

/**
 * struct file_lock - a lock that is held, or asked for
 * @start, @end: first and last byte
 * @exclusive: a write lock
 */
struct file_lock {
	struct list_head node; /* inode->flocks; guarded by locks_lock */
	enum lock_kind kind;
	bool exclusive;
	loff_t start, end;
	void *owner;
	pid_t pid; /* for F_GETLK; -1 of OFD locks */
};

/**
 * struct lock_waiter - a process that waits for a POSIX lock, to find circles
 */
struct lock_waiter {
	struct list_head node; /* waiters; guarded by locks_lock */
	void *owner, *blocker;
};

static struct mutex locks_lock = MUTEX_INIT(locks_lock);
static struct wait_queue locks_wait = WAIT_QUEUE_INIT(locks_wait);
static LIST_HEAD(waiters);
static atomic_t nr_locks; /* of all files, those asked for included */
static u32 generation; /* counts releases; guarded by locks_lock */

/*
 * A byte each, one process can have any number of locks, and they are the kernel's memory: all
 * together may take a hundredth of it. NULL: too many, or no memory.
 */
static struct file_lock *lock_alloc(void)
{
	u64 most = mem_total_bytes() / 100 / sizeof(struct file_lock);
	struct file_lock *l = NULL;

	if ((u64)atomic_add_return(&nr_locks, 1) <= most)
		l = kmalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		atomic_dec(&nr_locks);
	return l;
}

static void lock_free(struct file_lock *l)
{
	if (!l)
		return;
	kfree(l);
	atomic_dec(&nr_locks);
}

static bool overlaps(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static bool conflicts(const struct file_lock *held, const struct file_lock *want)
{
	return held->kind == want->kind && held->owner != want->owner &&
	       (held->exclusive || want->exclusive) && overlaps(held, want);
}

static struct file_lock *find_conflict(const struct inode *i, const struct file_lock *want)
{
	struct file_lock *l;

	list_for_each_entry (l, &i->flocks, node)
		if (conflicts(l, want))
			return l;
	return NULL;
}

static void released(void)
{
	WRITE_ONCE(generation, generation + 1);
	wake_up_all(&locks_wait);
}

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->kind == b->kind && a->owner == b->owner;
}

/*
 * Cuts [want->start, want->end] out of the owner's locks. *@spare serves if one falls in two: then
 * it is the only one that overlaps, and without a spare nothing is done. 0 or -ENOLCK.
 */
static int carve(struct inode *i, const struct file_lock *want, struct file_lock **spare)
{
	struct file_lock *l, *next;

	list_for_each_entry_safe (l, next, &i->flocks, node) {
		if (!same_owner(l, want) || !overlaps(l, want))
			continue;
		if (l->start < want->start && l->end > want->end) {
			if (!*spare)
				return -ENOLCK;
			**spare = *l;
			(*spare)->start = want->end + 1;
			list_add(&(*spare)->node, &l->node);
			*spare = NULL;
			l->end = want->start - 1;
		} else if (l->start < want->start) {
			l->end = want->start - 1;
		} else if (l->end > want->end) {
			l->start = want->end + 1;
		} else {
			list_del(&l->node);
			lock_free(l);
		}
	}
	return 0;
}

/* Joins @new with neighbours of the same owner and kind of lock. */
static void merge(struct inode *i, struct file_lock *new)
{
	struct file_lock *l, *next;

	list_for_each_entry_safe (l, next, &i->flocks, node) {
		if (!same_owner(l, new) || l->exclusive != new->exclusive ||
		    new->kind != LOCK_POSIX)
			continue;
		if (l->end != OFFSET_MAX && l->end + 1 == new->start)
			new->start = l->start;
		else if (new->end != OFFSET_MAX &&new->end + 1 == l->start)
			new->end = l->end;
		else
			continue;
		list_del(&l->node);
		lock_free(l);
	}
}

/* Would waiting for @blocker's owner close a circle back to @owner? */
static bool deadlocks(void *owner, void *blocker)
{
	struct lock_waiter *w;
	u32 steps = 0;

restart:
	if (blocker == owner)
		return true;
	list_for_each_entry (w, &waiters, node) {
		if (w->owner == blocker && steps++ < 64) {
			blocker = w->blocker;
			goto restart;
		}
	}
	return false;
}

/* Sleeps until some lock is released. Called with locks_lock, which is released and taken again. */
static int wait_for_release(const struct file_lock *want, struct file_lock *blocker)
{
	struct lock_waiter w = { .owner = want->owner, .blocker = blocker->owner };
	u32 seen = generation;
	int err;

	if (want->kind == LOCK_POSIX && want->pid != -1 && deadlocks(w.owner, w.blocker))
		return -EDEADLK;
	list_add_tail(&w.node, &waiters);
	mutex_unlock(&locks_lock);
	err = wait_event_interruptible(&locks_wait, READ_ONCE(generation) != seen);
	mutex_lock(&locks_lock);
	list_del(&w.node);
	return err;
}

/*
 * flock(2): a lock that is converted is given up before the new one is waited for, or two who share
 * one and both want it alone would wait for each other. locks_lock held.
 */
static void give_up_other_kind(struct inode *i, const struct file_lock *new)
{
	struct file_lock *l, *next;

	if (new->kind != LOCK_FLOCK)
		return;
	list_for_each_entry_safe(l, next, &i->flocks, node) {
		if (!same_owner(l, new) || l->exclusive == new->exclusive)
			continue;
		list_del(&l->node);
		lock_free(l);
		released();
	}
}

/* Takes @new, which is the inode's then. 0, or errno with @new still the caller's. */
static int lock_acquire(struct inode *i, struct file_lock *new, bool wait)
{
	struct file_lock *blocker, *spare = lock_alloc();
	int err = 0;

	mutex_lock(&locks_lock);
	give_up_other_kind(i, new);
	while (!err && (blocker = find_conflict(i, new)))
		err = wait ? wait_for_release(new, blocker) : -EAGAIN;
	if (!err)
		err = carve(i, new, &spare);
	if (!err) {
		merge(i, new);
		list_add_tail(&new->node, &i->flocks);
		if (!new->exclusive)
			released(); /* it may have been an exclusive one before */
	}
	mutex_unlock(&locks_lock);
	lock_free(spare);
	return err;
}

static int lock_release(struct inode *i, const struct file_lock *want)
{
	struct file_lock *spare = lock_alloc();
	int err;

	mutex_lock(&locks_lock);
	err = carve(i, want, &spare);
	released();
	mutex_unlock(&locks_lock);
	lock_free(spare);
	return err;
}

/* Everything @owner holds on @i. Whole locks go, so nothing has to be allocated. */
static void remove_owner(struct inode *i, void *owner)
{
	struct file_lock *l, *next;
	bool any = false;

	mutex_lock(&locks_lock);
	list_for_each_entry_safe (l, next, &i->flocks, node) {
		if (l->owner == owner) {
			list_del(&l->node);
			lock_free(l);
			any = true;
		}
	}
	if (any)
		released();
	mutex_unlock(&locks_lock);
}

void locks_remove_posix(struct file *f, struct files *owner)
{
	remove_owner(f->inode, owner);
}

void locks_remove_file(struct file *f)
{
	remove_owner(f->inode, f);
}

static int lock_apply(struct inode *i, const struct file_lock *want, bool unlock, bool wait)
{
	struct file_lock *new;
	int err;

	if (unlock)
		return lock_release(i, want);
	new = lock_alloc();
	if (!new)
		return -ENOLCK;
	*new = *want;
	list_init(&new->node);
	err = lock_acquire(i, new, wait);
	if (err)
		lock_free(new);
	return err;
}

/** sys_flock - flock(2). */
long sys_flock(unsigned long fd, unsigned long cmd)
{
	u32 op = (u32)cmd & ~(u32)LOCK_NB;
	struct file *f;
	struct file_lock want = {
		.kind = LOCK_FLOCK, .end = OFFSET_MAX, .exclusive = op == LOCK_EX, .pid = -1
	};
	int err;

	if (op != LOCK_SH && op != LOCK_EX && op != LOCK_UN)
		return -EINVAL;
	f = fd_get((int)fd);
	if (!f)
		return -EBADF;
	want.owner = f;
	err = lock_apply(f->inode, &want, op == LOCK_UN, !(cmd & LOCK_NB));
	file_put(f);
	return err;
}

/* The bytes that a struct flock means. */
static int flock_range(const struct file *f, const struct uapi_flock *fl, struct file_lock *l)
{
	loff_t base = 0;

	if (fl->l_whence == SEEK_CUR)
		base = f->pos;
	else if (fl->l_whence == SEEK_END)
		base = f->inode->size;
	else if (fl->l_whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(base, fl->l_start, &l->start))
		return -EOVERFLOW;
	l->end = OFFSET_MAX;
	if (fl->l_len > 0 && __builtin_add_overflow(l->start, fl->l_len - 1, &l->end))
		return -EOVERFLOW;
	if (fl->l_len < 0) {
		l->end = l->start - 1;
		l->start += fl->l_len;
	}
	return l->start < 0 ? -EINVAL : 0;
}

static void lock_describe(const struct file_lock *l, struct uapi_flock *fl)
{
	fl->l_type = l->exclusive ? F_WRLCK : F_RDLCK;
	fl->l_whence = SEEK_SET;
	fl->l_start = l->start;
	fl->l_len = l->end == OFFSET_MAX ? 0 : l->end - l->start + 1;
	fl->l_pid = l->pid;
}

/* POSIX, F_GETLK: "the first lock which blocks"; the list is not in the order of the bytes. */
static struct file_lock *lowest_conflict(const struct inode *i, const struct file_lock *want)
{
	struct file_lock *l, *lowest = NULL;

	list_for_each_entry (l, &i->flocks, node)
		if (conflicts(l, want) && (!lowest || l->start < lowest->start))
			lowest = l;
	return lowest;
}

static void lock_query(struct inode *i, const struct file_lock *want, struct uapi_flock *fl)
{
	struct file_lock *l;

	mutex_lock(&locks_lock);
	l = lowest_conflict(i, want);
	if (l)
		lock_describe(l, fl);
	else
		fl->l_type = F_UNLCK;
	mutex_unlock(&locks_lock);
}

static int lock_mode_ok(const struct file *f, int type)
{
	if (type == F_RDLCK && !(f->mode & FMODE_READ))
		return -EBADF;
	return type == F_WRLCK && !(f->mode & FMODE_WRITE) ? -EBADF : 0;
}

/*
 * A close(2) of the descriptor by another thread may have gone by before the lock was there to be
 * dropped: then it goes now, or nobody would ever drop it.
 */
static int recheck_descriptor(int fd, struct file *f, const struct file_lock *want)
{
	struct file *now = files_lookup(current->process->files, fd, NULL);

	if (now)
		file_put(now);
	if (now == f)
		return 0;
	remove_owner(f->inode, want->owner);
	return -EBADF;
}

/**
 * fcntl_lock - Record locks of fcntl(2).
 * @fd: the descriptor
 * @f: its file
 * @cmd: F_GETLK, F_SETLK, F_SETLKW or their F_OFD_ forms
 * @arg: struct flock of the user
 *
 * Return: 0, -EINVAL, -EOVERFLOW, -EBADF, -EAGAIN, -EDEADLK, -ENOLCK, -EFAULT, -ERESTARTSYS.
 */
long fcntl_lock(int fd, struct file *f, u32 cmd, void __user *arg)
{
	bool ofd = cmd >= F_OFD_GETLK, get = cmd == F_GETLK || cmd == F_OFD_GETLK;
	struct file_lock want = { .kind = LOCK_POSIX };
	struct uapi_flock fl;
	int err;

	if (copy_from_user(&fl, arg, sizeof(fl)))
		return -EFAULT;
	if (fl.l_type < F_RDLCK || fl.l_type > F_UNLCK || (ofd && fl.l_pid) ||
	    (get && fl.l_type == F_UNLCK))
		return -EINVAL;
	err = flock_range(f, &fl, &want);
	if (err)
		return err;
	want.owner = ofd ? (void *)f : (void *)current->process->files;
	want.pid = ofd ? -1 : current->process->pid;
	want.exclusive = fl.l_type == F_WRLCK;
	if (get) {
		lock_query(f->inode, &want, &fl);
		return copy_to_user(arg, &fl, sizeof(fl));
	}
	err = lock_mode_ok(f, fl.l_type);
	if (!err)
		err = lock_apply(f->inode, &want, fl.l_type == F_UNLCK,
				 cmd == F_SETLKW || cmd == F_OFD_SETLKW);
	return err || ofd || fl.l_type == F_UNLCK ? err : recheck_descriptor(fd, f, &want);
}
