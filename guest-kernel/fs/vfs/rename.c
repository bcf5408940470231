// SPDX-License-Identifier: GPL-2.0-only
/*
 * Renaming. Two directories are locked in an order that no other rename contradicts: rename_mutex
 * keeps the tree's shape, then the ancestor first, or unrelated ones by address.
 */
#include "../internal.h"
#include <syscall.h>
#include <uapi/fcntl.h>

/**
 * struct rename - one rename on its way
 * @from, @to: walks that stand in the parents
 * @old, @new: dentries of the two names
 */
struct rename {
	struct walk from, to;
	struct dentry *old, *new;
	u32 flags;
};

static void lock_parents(struct dentry *a, struct dentry *b)
{
	if (a == b) {
		down_write(&a->inode->lock);
		return;
	}
	mutex_lock(&rename_mutex);
	if (d_is_ancestor(b, a) || (!d_is_ancestor(a, b) && b < a)) {
		down_write(&b->inode->lock);
		down_write_nested(&a->inode->lock);
	} else {
		down_write(&a->inode->lock);
		down_write_nested(&b->inode->lock);
	}
}

static void unlock_parents(struct dentry *a, struct dentry *b)
{
	up_write(&a->inode->lock);
	if (a == b)
		return;
	up_write(&b->inode->lock);
	mutex_unlock(&rename_mutex);
}

static int lookup_names(struct rename *r)
{
	if (r->from.last_len > NAME_MAX || r->to.last_len > NAME_MAX)
		return -ENAMETOOLONG;
	r->old = d_lookup_locked(r->from.path.dentry, r->from.last, r->from.last_len);
	if (IS_ERR(r->old))
		return (int)PTR_ERR(r->old);
	if (!r->old->inode)
		return -ENOENT;
	r->new = d_lookup_locked(r->to.path.dentry, r->to.last, r->to.last_len);
	return IS_ERR(r->new) ? (int)PTR_ERR(r->new) : 0;
}

static int check_slashes(const struct rename *r)
{
	bool exchange = r->flags & RENAME_EXCHANGE;

	if (!S_ISDIR(r->old->inode->mode) && (r->from.slash || (!exchange && r->to.slash)))
		return -ENOTDIR;
	if (exchange && r->to.slash && !S_ISDIR(r->new->inode->mode))
		return -ENOTDIR;
	return 0;
}

/* No directory may become its own descendant. */
static int check_loops(const struct rename *r)
{
	if (S_ISDIR(r->old->inode->mode) && d_is_ancestor(r->old, r->to.path.dentry))
		return -EINVAL;
	if (r->new->inode && d_is_ancestor(r->new, r->from.path.dentry))
		return r->flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return 0;
}

static int check_names(const struct rename *r)
{
	int err;

	if ((r->flags & RENAME_NOREPLACE) && r->new->inode)
		return -EEXIST;
	if ((r->flags & RENAME_EXCHANGE) && !r->new->inode)
		return -ENOENT;
	err = check_slashes(r);
	return err ? err : check_loops(r);
}

static int check_permissions(const struct rename *r)
{
	struct inode *olddir = r->from.path.dentry->inode, *newdir = r->to.path.dentry->inode;
	bool isdir = S_ISDIR(r->old->inode->mode),
	     newisdir = r->new->inode &&S_ISDIR(r->new->inode->mode);
	int err = may_delete(olddir, r->old, isdir);

	if (err)
		return err;
	if (!r->new->inode)
		err = may_create(newdir);
	else
		err = may_delete(newdir, r->new, r->flags & RENAME_EXCHANGE ? newisdir : isdir);
	/* A directory that moves gets another "..". */
	if (!err && isdir && olddir != newdir)
		err = inode_permission(r->old->inode, MAY_WRITE);
	if (!err && newisdir && (r->flags & RENAME_EXCHANGE) && olddir != newdir)
		err = inode_permission(r->new->inode, MAY_WRITE);
	return err;
}

/* Everything is locked but what will be replaced. */
static int rename_checked(struct rename *r)
{
	struct inode *dir = r->from.path.dentry->inode, *victim = r->new->inode;
	int err;

	if (!dir->ops->rename)
		return -EPERM;
	if (victim)
		down_write_nested(&victim->lock);
	err = dir->ops->rename(dir, r->old, r->to.path.dentry->inode, r->new, r->flags);
	if (victim)
		up_write(&victim->lock);
	if (err)
		return err;
	if (r->flags & RENAME_EXCHANGE)
		d_exchange(r->old, r->new);
	else
		d_move(r->old, r->new);
	if (victim && !(r->flags & RENAME_EXCHANGE))
		d_delete(r->new);
	return 0;
}

static int rename_locked(struct rename *r)
{
	int err = lookup_names(r);

	if (!err)
		err = check_names(r);
	if (!err && r->old->inode == r->new->inode)
		return 0; /* two names of one file: POSIX wants both to stay */
	if (!err)
		err = check_permissions(r);
	return err ? err : rename_checked(r);
}

static int check_kinds(const struct rename *r)
{
	if (r->from.path.mnt != r->to.path.mnt)
		return -EXDEV;
	if (r->from.kind != LAST_NORM)
		return -EBUSY;
	if (r->to.kind != LAST_NORM)
		return r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	return mnt_want_write(r->from.path.mnt);
}

static int rename_walked(struct rename *r)
{
	int err = check_kinds(r);

	if (err)
		return err;
	lock_parents(r->from.path.dentry, r->to.path.dentry);
	err = rename_locked(r);
	unlock_parents(r->from.path.dentry, r->to.path.dentry);
	if (!IS_ERR_OR_NULL(r->new))
		dput(r->new);
	if (!IS_ERR_OR_NULL(r->old))
		dput(r->old);
	return err;
}

/**
 * vfs_rename - Give a file another name.
 * @olddfd: start of @oldname
 * @oldname: its name
 * @newdfd: start of @newname
 * @newname: what it is to be called; replaced if it exists
 * @flags: RENAME_NOREPLACE, RENAME_EXCHANGE
 *
 * Return: 0 or errno as renameat2(2).
 */
int vfs_rename(int olddfd, const char *oldname, int newdfd, const char *newname, u32 flags)
{
	struct rename r = { .flags = flags };
	int err;

	if ((flags & ~(u32)(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = walk_start(&r.from, olddfd, oldname, LOOKUP_PARENT);
	if (!err)
		err = walk_run(&r.from);
	if (!err)
		err = walk_start(&r.to, newdfd, newname, LOOKUP_PARENT);
	if (!err)
		err = walk_run(&r.to);
	if (!err)
		err = rename_walked(&r);
	walk_end(&r.to);
	walk_end(&r.from);
	return err;
}

static long do_rename(int olddfd, unsigned long uold, int newdfd, unsigned long unew, u32 flags)
{
	char *oldname = getname((const char __user *)uold), *newname;
	long ret;

	if (IS_ERR(oldname))
		return PTR_ERR(oldname);
	newname = getname((const char __user *)unew);
	ret = PTR_ERR(newname);
	if (!IS_ERR(newname)) {
		ret = vfs_rename(olddfd, oldname, newdfd, newname, flags);
		putname(newname);
	}
	putname(oldname);
	return ret;
}

/** sys_rename - rename(2). */
long sys_rename(unsigned long oldname, unsigned long newname)
{
	return do_rename(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}

/** sys_renameat - renameat(2). */
long sys_renameat(unsigned long olddfd, unsigned long oldname, unsigned long newdfd,
		  unsigned long newname)
{
	return do_rename((int)olddfd, oldname, (int)newdfd, newname, 0);
}

/** sys_renameat2 - renameat2(2). */
long sys_renameat2(unsigned long olddfd, unsigned long oldname, unsigned long newdfd,
		   unsigned long newname, unsigned long flags)
{
	return do_rename((int)olddfd, oldname, (int)newdfd, newname, (u32)flags);
}
