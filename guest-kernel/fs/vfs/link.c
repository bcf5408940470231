// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names: making, linking, removing and renaming them.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>

struct mutex rename_mutex = MUTEX_INIT(rename_mutex);

/* The name of a system call's argument, then @fn on it. */
#define WITH_NAME(uname, name, expr) \
	({ \
		char *name = getname((const char __user *)(uname)); \
		long _ret = PTR_ERR(name); \
		if (!IS_ERR(name)) { \
			_ret = (expr); \
			putname(name); \
		} \
		_ret; \
	})

static int mkdir_at(int dfd, const char *name, umode_t mode)
{
	struct parent_lookup pl;
	int err = parent_lookup_create(&pl, dfd, name, true);

	if (!err) {
		struct inode *dir = pl.walk.path.dentry->inode;

		mode = S_IFDIR | (mode & 01777 & ~current_umask());
		err = dir->ops->mkdir ? dir->ops->mkdir(dir, pl.dentry, mode) : -EPERM;
	}
	parent_lookup_end(&pl);
	return err;
}

/**
 * vfs_mkdir - Make a directory (kernel's own use).
 * @name: path from the current process's root or directory
 * @mode: permissions, not subject to the umask's owner bits
 *
 * Return: 0 or errno as mkdir(2).
 */
int vfs_mkdir(const char *name, umode_t mode)
{
	return mkdir_at(AT_FDCWD, name, mode);
}

/** sys_mkdir - mkdir(2). */
long sys_mkdir(unsigned long name, unsigned long mode)
{
	return WITH_NAME(name, s, mkdir_at(AT_FDCWD, s, (umode_t)mode));
}

/** sys_mkdirat - mkdirat(2). */
long sys_mkdirat(unsigned long dfd, unsigned long name, unsigned long mode)
{
	return WITH_NAME(name, s, mkdir_at((int)dfd, s, (umode_t)mode));
}

static int mknod_check(umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
	case 0:
		return 0;
	case S_IFCHR:
	case S_IFBLK:
		return capable(CAP_MKNOD) ? 0 : -EPERM;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/**
 * vfs_mknod - Make a file of any kind but a directory or link.
 * @dfd: start of relative names
 * @name: path
 * @mode: type and permissions, subject to the umask
 * @dev: of a device node
 *
 * Return: 0 or errno as mknod(2).
 */
int vfs_mknod(int dfd, const char *name, umode_t mode, dev_t dev)
{
	struct parent_lookup pl;
	int err = mknod_check(mode);

	if (err)
		return err;
	err = parent_lookup_create(&pl, dfd, name, false);
	if (!err) {
		struct inode *dir = pl.walk.path.dentry->inode;

		mode &= ~current_umask();
		if (!(mode & S_IFMT))
			mode |= S_IFREG;
		if (S_ISREG(mode))
			err = dir->ops->create ? dir->ops->create(dir, pl.dentry, mode) : -EACCES;
		else
			err = dir->ops->mknod ? dir->ops->mknod(dir, pl.dentry, mode, dev) : -EPERM;
	}
	parent_lookup_end(&pl);
	return err;
}

static long do_mknod(int dfd, unsigned long name, unsigned long mode, unsigned long udev)
{
	dev_t dev = MKDEV(uapi_dev_major((u32)udev), uapi_dev_minor((u32)udev));

	return WITH_NAME(name, s, vfs_mknod(dfd, s, (umode_t)mode & (S_IFMT | 07777), dev));
}

/** sys_mknod - mknod(2). */
long sys_mknod(unsigned long name, unsigned long mode, unsigned long dev)
{
	return do_mknod(AT_FDCWD, name, mode, dev);
}

/** sys_mknodat - mknodat(2). */
long sys_mknodat(unsigned long dfd, unsigned long name, unsigned long mode, unsigned long dev)
{
	return do_mknod((int)dfd, name, mode, dev);
}

static void lock_victim(struct inode *victim)
{
	down_write_nested(&victim->lock);
}

static int rmdir_at(int dfd, const char *name)
{
	struct parent_lookup pl;
	struct inode *dir, *victim;
	int err = parent_lookup_remove(&pl, dfd, name, true);

	if (!err) {
		dir = pl.walk.path.dentry->inode;
		victim = pl.dentry->inode;
		err = may_delete(dir, pl.dentry, true);
		if (!err && !dir->ops->rmdir)
			err = -EPERM;
		if (!err) {
			lock_victim(victim);
			err = dir->ops->rmdir(dir, pl.dentry);
			up_write(&victim->lock);
		}
		if (!err)
			d_delete(pl.dentry);
	}
	parent_lookup_end(&pl);
	return err;
}

static int unlink_at(int dfd, const char *name)
{
	struct parent_lookup pl;
	struct inode *dir, *victim;
	int err = parent_lookup_remove(&pl, dfd, name, false);

	if (!err) {
		dir = pl.walk.path.dentry->inode;
		victim = pl.dentry->inode;
		err = pl.walk.slash ? -EISDIR : may_delete(dir, pl.dentry, false);
		if (!err && !dir->ops->unlink)
			err = -EPERM;
		if (!err) {
			lock_victim(victim);
			err = dir->ops->unlink(dir, pl.dentry);
			up_write(&victim->lock);
		}
		if (!err)
			d_delete(pl.dentry);
	}
	parent_lookup_end(&pl);
	return err;
}

/** vfs_unlink - unlink(2) for the kernel's own use. */
int vfs_unlink(const char *name)
{
	return unlink_at(AT_FDCWD, name);
}

/** vfs_rmdir - rmdir(2) for the kernel's own use. */
int vfs_rmdir(const char *name)
{
	return rmdir_at(AT_FDCWD, name);
}

/** sys_rmdir - rmdir(2). */
long sys_rmdir(unsigned long name)
{
	return WITH_NAME(name, s, rmdir_at(AT_FDCWD, s));
}

/** sys_unlink - unlink(2). */
long sys_unlink(unsigned long name)
{
	return WITH_NAME(name, s, unlink_at(AT_FDCWD, s));
}

/** sys_unlinkat - unlinkat(2). */
long sys_unlinkat(unsigned long dfd, unsigned long name, unsigned long flags)
{
	if (flags & ~(unsigned long)AT_REMOVEDIR)
		return -EINVAL;
	return WITH_NAME(name, s, flags ? rmdir_at((int)dfd, s) : unlink_at((int)dfd, s));
}

/**
 * vfs_symlink - Make a symbolic link.
 * @target: its text, not empty
 * @dfd: start of relative names
 * @name: path of the link
 *
 * Return: 0 or errno as symlink(2).
 */
int vfs_symlink(const char *target, int dfd, const char *name)
{
	struct parent_lookup pl;
	int err;

	if (!*target)
		return -ENOENT;
	err = parent_lookup_create(&pl, dfd, name, false);
	if (!err) {
		struct inode *dir = pl.walk.path.dentry->inode;

		err = dir->ops->symlink ? dir->ops->symlink(dir, pl.dentry, target) : -EPERM;
	}
	parent_lookup_end(&pl);
	return err;
}

static long do_symlink(unsigned long target, int dfd, unsigned long name)
{
	return WITH_NAME(target, t, WITH_NAME(name, s, vfs_symlink(t, dfd, s)));
}

/** sys_symlink - symlink(2). */
long sys_symlink(unsigned long target, unsigned long name)
{
	return do_symlink(target, AT_FDCWD, name);
}

/** sys_symlinkat - symlinkat(2). */
long sys_symlinkat(unsigned long target, unsigned long dfd, unsigned long name)
{
	return do_symlink(target, (int)dfd, name);
}

/*
 * Linux's protected_hardlinks: no links to files that one could not open for writing, lest a suid
 * program be kept or a victim's file be made undeletable.
 */
static int may_link_to(struct inode *i)
{
	bool safe = S_ISREG(i->mode) && !(i->mode & S_ISUID) &&
		    (i->mode & (S_ISGID | 0010)) != (S_ISGID | 0010) &&
		    !inode_permission(i, MAY_READ | MAY_WRITE);

	return safe || inode_owner_or_capable(i) ? 0 : -EPERM;
}

static int link_locked(const struct path *old, struct parent_lookup *pl)
{
	struct inode *dir = pl->walk.path.dentry->inode, *i = old->dentry->inode;
	int err;

	if (old->mnt->sb != pl->walk.path.mnt->sb || old->mnt != pl->walk.path.mnt)
		return -EXDEV;
	err = may_link_to(i);
	if (err)
		return err;
	if (S_ISDIR(i->mode) || !dir->ops->link)
		return -EPERM;
	lock_victim(i);
	err = i->nlink || i->linkable ? dir->ops->link(old->dentry, dir, pl->dentry) : -ENOENT;
	if (!err)
		i->linkable = false;
	up_write(&i->lock);
	return err;
}

static int link_path(const struct path *old, int dfd, const char *name)
{
	struct parent_lookup pl;
	int err = parent_lookup_create(&pl, dfd, name, false);

	if (!err)
		err = link_locked(old, &pl);
	parent_lookup_end(&pl);
	return err;
}

/**
 * vfs_link - Make another name for a file.
 * @olddfd: start of @oldname
 * @oldname: a name it has
 * @newdfd: start of @newname
 * @newname: the name it gets
 * @how: LOOKUP_FOLLOW, LOOKUP_EMPTY for the old name
 *
 * Return: 0 or errno as link(2).
 */
int vfs_link(int olddfd, const char *oldname, int newdfd, const char *newname, u32 how)
{
	struct path old;
	int err = path_lookup(olddfd, oldname, how, &old);

	if (err)
		return err;
	err = link_path(&old, newdfd, newname);
	path_put(&old);
	return err;
}

static long do_link(int olddfd, unsigned long oldname, int newdfd, unsigned long newname, u32 flags)
{
	u32 how = flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0;

	if (flags & ~(u32)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		how |= LOOKUP_EMPTY;
	}
	return WITH_NAME(oldname, o, WITH_NAME(newname, n, vfs_link(olddfd, o, newdfd, n, how)));
}

/** sys_link - link(2). */
long sys_link(unsigned long oldname, unsigned long newname)
{
	return do_link(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}

/** sys_linkat - linkat(2). */
long sys_linkat(unsigned long olddfd, unsigned long oldname, unsigned long newdfd,
		unsigned long newname, unsigned long flags)
{
	return do_link((int)olddfd, oldname, (int)newdfd, newname, (u32)flags);
}

static ssize_t readlink_path(const struct path *p, char __user *buf, size_t size)
{
	struct inode *i = p->dentry->inode;
	char *text;
	ssize_t n;

	text = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	n = i->ops->readlink(i, text, PATH_MAX);
	if (n > 0) {
		n = (ssize_t)min((size_t)n, size);
		if (copy_to_user(buf, text, (size_t)n))
			n = -EFAULT;
	}
	kfree(text);
	return n;
}

static long do_readlink(int dfd, unsigned long name, unsigned long buf, int size)
{
	struct path p;
	char *s;
	long ret;

	if (size <= 0)
		return -EINVAL;
	s = getname((const char __user *)name);
	if (IS_ERR(s))
		return PTR_ERR(s);
	ret = path_lookup(dfd, s, LOOKUP_EMPTY, &p);
	if (!ret) {
		/* The empty name means a descriptor of the link itself (O_PATH). */
		if (S_ISLNK(p.dentry->inode->mode) && p.dentry->inode->ops->readlink)
			ret = readlink_path(&p, (char __user *)buf, (size_t)size);
		else
			ret = *s ? -EINVAL : -ENOENT;
		path_put(&p);
	}
	putname(s);
	return ret;
}

/** sys_readlink - readlink(2). */
long sys_readlink(unsigned long name, unsigned long buf, unsigned long size)
{
	return do_readlink(AT_FDCWD, name, buf, (int)size);
}

/** sys_readlinkat - readlinkat(2). */
long sys_readlinkat(unsigned long dfd, unsigned long name, unsigned long buf, unsigned long size)
{
	return do_readlink((int)dfd, name, buf, (int)size);
}
