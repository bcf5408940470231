// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing what a file is: mode, owner, times, size; and asking what one may do with it.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>

#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

void inode_set_attrs(struct inode *i, const struct iattr *a)
{
	if (a->valid & ATTR_MODE)
		i->mode = (i->mode & S_IFMT) | (a->mode & 07777);
	if (a->valid & ATTR_UID)
		i->uid = a->uid;
	if (a->valid & ATTR_GID)
		i->gid = a->gid;
	if (a->valid & ATTR_ATIME)
		i->atime = a->atime;
	if (a->valid & ATTR_MTIME)
		i->mtime = a->mtime;
	i->ctime = ns_to_timespec(realtime_ns());
}

static int check_chown(const struct inode *i, const struct iattr *a)
{
	bool owner = current_cred()->fsuid == i->uid;

	if (capable(CAP_CHOWN))
		return 0;
	if ((a->valid & ATTR_UID) && !(owner && a->uid == i->uid))
		return -EPERM;
	if ((a->valid & ATTR_GID) && !(owner && (a->gid == i->gid || in_group(a->gid))))
		return -EPERM;
	return 0;
}

/* POSIX: who may change the attributes, and which bits a change silently drops. */
static int check_attr(const struct inode *i, struct iattr *a)
{
	if (a->valid & ATTR_FORCE)
		return 0;
	if (a->valid & (ATTR_UID | ATTR_GID))
		return check_chown(i, a);
	if (a->valid & ATTR_MODE) {
		if (!inode_owner_or_capable(i))
			return -EPERM;
		if (!in_group(i->gid) && !capable(CAP_FSETID))
			a->mode &= ~(umode_t)S_ISGID;
	}
	return 0;
}

/**
 * vfs_setattr - Change attributes of a file.
 * @p: the file
 * @attr: what to change; adapted to what the rules allow
 *
 * Return: 0, -EROFS, -EPERM or what the file system says. Context: takes the inode's lock.
 */
int vfs_setattr(const struct path *p, struct iattr *attr)
{
	struct inode *i = p->dentry->inode;
	int err = mnt_want_write(p->mnt);

	if (err)
		return err;
	down_write(&i->lock);
	err = check_attr(i, attr);
	if (!err && i->ops->setattr)
		err = i->ops->setattr(i, attr);
	else if (!err)
		inode_set_attrs(i, attr);
	up_write(&i->lock);
	return err;
}

static int truncate_locked(struct inode *i, loff_t size)
{
	struct iattr attr = { .valid = ATTR_SIZE | ATTR_MTIME | ATTR_FORCE,
			      .size = size,
			      .mtime = ns_to_timespec(realtime_ns()) };
	int err = i->ops->may_resize ? i->ops->may_resize(i, size) : 0;

	if (err)
		return err;
	if (i->ops->setattr)
		return i->ops->setattr(i, &attr);
	return -EINVAL;
}

/**
 * vfs_truncate - Set the size of a regular file, permissions having been checked.
 * @p: the file
 * @size: bytes, not negative
 *
 * Return: 0, -EROFS, -EFBIG (with SIGXFSZ), -ENOSPC, -EPERM for a sealed file.
 */
int vfs_truncate(const struct path *p, loff_t size)
{
	struct inode *i = p->dentry->inode;
	int err = mnt_want_write(p->mnt);

	if (err)
		return err;
	err = check_new_size(i, size);
	if (err)
		return err;
	down_write(&i->lock);
	err = truncate_locked(i, size);
	if (!err && (i->mode & (S_ISUID | S_ISGID)) && !capable(CAP_FSETID))
		i->mode &= ~(umode_t)(S_ISUID | (i->mode & 0010 ? S_ISGID : 0));
	up_write(&i->lock);
	return err;
}

static int truncate_path(const struct path *p, loff_t size)
{
	struct inode *i = p->dentry->inode;
	int err;

	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -EINVAL;
	err = inode_permission(i, MAY_WRITE);
	if (err)
		return err;
	if (atomic_read(&i->writers) < 0)
		return -ETXTBSY;
	return vfs_truncate(p, size);
}

/** sys_truncate - truncate(2). */
long sys_truncate(unsigned long name, unsigned long size)
{
	struct path p;
	int err;

	if ((loff_t)size < 0)
		return -EINVAL;
	err = path_lookup_user(AT_FDCWD, (const char __user *)name, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	err = truncate_path(&p, (loff_t)size);
	path_put(&p);
	return err;
}

/** sys_ftruncate - ftruncate(2). */
long sys_ftruncate(unsigned long fd, unsigned long size)
{
	struct file *f;
	int err = -EINVAL;

	if ((loff_t)size < 0)
		return -EINVAL;
	f = fd_get((int)fd);
	if (!f)
		return -EBADF;
	if (S_ISREG(f->inode->mode) && (f->mode & FMODE_WRITE))
		err = vfs_truncate(&f->path, (loff_t)size);
	file_put(f);
	return err;
}

/* Looks a name up and applies @attr to it. */
static long setattr_at(int dfd, unsigned long name, u32 how, struct iattr *attr)
{
	struct path p;
	int err = path_lookup_user(dfd, (const char __user *)name, how, &p);

	if (err)
		return err;
	err = S_ISLNK(p.dentry->inode->mode) && (attr->valid & ATTR_MODE) ? -EOPNOTSUPP
									  : vfs_setattr(&p, attr);
	path_put(&p);
	return err;
}

static u32 how_of(u32 flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

static long do_chmod(int dfd, unsigned long name, unsigned long mode, u32 flags)
{
	struct iattr attr = { .valid = ATTR_MODE, .mode = (umode_t)mode & 07777 };

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return setattr_at(dfd, name, how_of(flags), &attr);
}

/** sys_chmod - chmod(2). */
long sys_chmod(unsigned long name, unsigned long mode)
{
	return do_chmod(AT_FDCWD, name, mode, 0);
}

/** sys_fchmodat - fchmodat(2), without flags as the kernel's call has always been. */
long sys_fchmodat(unsigned long dfd, unsigned long name, unsigned long mode)
{
	return do_chmod((int)dfd, name, mode, 0);
}

/** sys_fchmodat2 - fchmodat2(2). */
long sys_fchmodat2(unsigned long dfd, unsigned long name, unsigned long mode, unsigned long flags)
{
	return do_chmod((int)dfd, name, mode, (u32)flags);
}

static long setattr_fd(unsigned long fd, struct iattr *attr)
{
	struct file *f = fd_get((int)fd);
	int err;

	if (!f)
		return -EBADF;
	err = vfs_setattr(&f->path, attr);
	file_put(f);
	return err;
}

/** sys_fchmod - fchmod(2). */
long sys_fchmod(unsigned long fd, unsigned long mode)
{
	struct iattr attr = { .valid = ATTR_MODE, .mode = (umode_t)mode & 07777 };

	return setattr_fd(fd, &attr);
}

/* A change of owner takes suid and sgid away, even from root's files (chown(2)). */
static int chown_path(const struct path *p, uid_t uid, gid_t gid)
{
	const struct inode *i = p->dentry->inode;
	struct iattr attr = { .uid = uid, .gid = gid, .mode = i->mode };

	if (uid != (uid_t)-1)
		attr.valid |= ATTR_UID;
	if (gid != (gid_t)-1)
		attr.valid |= ATTR_GID;
	if (!S_ISDIR(i->mode) && (i->mode & (S_ISUID | S_ISGID))) {
		attr.valid |= ATTR_MODE;
		attr.mode &= ~(umode_t)S_ISUID;
		if (i->mode & 0010)
			attr.mode &= ~(umode_t)S_ISGID;
	}
	if (!(attr.valid & (ATTR_UID | ATTR_GID)))
		attr.valid &= ~(u32)ATTR_MODE;
	return vfs_setattr(p, &attr);
}

static long do_chown(int dfd, unsigned long name, unsigned long uid, unsigned long gid, u32 flags)
{
	struct path p;
	int err;

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = path_lookup_user(dfd, (const char __user *)name, how_of(flags), &p);
	if (err)
		return err;
	err = chown_path(&p, (uid_t)uid, (gid_t)gid);
	path_put(&p);
	return err;
}

/** sys_chown - chown(2). */
long sys_chown(unsigned long name, unsigned long uid, unsigned long gid)
{
	return do_chown(AT_FDCWD, name, uid, gid, 0);
}

/** sys_lchown - lchown(2). */
long sys_lchown(unsigned long name, unsigned long uid, unsigned long gid)
{
	return do_chown(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

/** sys_fchownat - fchownat(2). */
long sys_fchownat(unsigned long dfd, unsigned long name, unsigned long uid, unsigned long gid,
		  unsigned long flags)
{
	return do_chown((int)dfd, name, uid, gid, (u32)flags);
}

/** sys_fchown - fchown(2). */
long sys_fchown(unsigned long fd, unsigned long uid, unsigned long gid)
{
	struct file *f = fd_get((int)fd);
	int err;

	if (!f)
		return -EBADF;
	err = chown_path(&f->path, (uid_t)uid, (gid_t)gid);
	file_put(f);
	return err;
}

static bool time_ok(const struct timespec64 *t)
{
	return (u64)t->tv_nsec < NSEC_PER_SEC || t->tv_nsec == UTIME_NOW ||
	       t->tv_nsec == UTIME_OMIT;
}

static void one_time(struct iattr *a, u32 which, struct timespec64 *field,
		     const struct timespec64 *wanted)
{
	if (wanted->tv_nsec == UTIME_OMIT)
		return;
	a->valid |= which;
	*field = wanted->tv_nsec == UTIME_NOW ? ns_to_timespec(realtime_ns()) : *wanted;
}

static bool both(const struct timespec64 t[2], s64 what)
{
	return t[0].tv_nsec == what && t[1].tv_nsec == what;
}

/* Any writer may set the times to now, other times only the owner. */
static int utimes_path(const struct path *p, const struct timespec64 t[2])
{
	struct inode *i = p->dentry->inode;
	struct iattr attr = { .valid = ATTR_FORCE };
	int err;

	err = mnt_want_write(p->mnt);
	if (err)
		return err;
	if (!inode_owner_or_capable(i)) {
		if (!both(t, UTIME_NOW))
			return -EPERM;
		err = inode_permission(i, MAY_WRITE);
		if (err)
			return err;
	}
	one_time(&attr, ATTR_ATIME, &attr.atime, &t[0]);
	one_time(&attr, ATTR_MTIME, &attr.mtime, &t[1]);
	return vfs_setattr(p, &attr);
}

/* A NULL @name means the descriptor itself. */
static long do_utimes(int dfd, unsigned long name, const struct timespec64 t[2], u32 flags)
{
	struct path p;
	struct file *f;
	int err;

	if (!time_ok(&t[0]) || !time_ok(&t[1]) ||
	    (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (name || dfd == AT_FDCWD) {
		err = path_lookup_user(dfd, (const char __user *)name, how_of(flags), &p);
		if (err)
			return err;
		err = utimes_path(&p, t);
		path_put(&p);
		return err;
	}
	f = flags ? NULL : fd_get(dfd);
	if (!f)
		return flags ? -EINVAL : -EBADF;
	err = utimes_path(&f->path, t);
	file_put(f);
	return err;
}

static const struct timespec64 now_now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };

/** sys_utimensat - utimensat(2). */
long sys_utimensat(unsigned long dfd, unsigned long name, unsigned long utimes, unsigned long flags)
{
	struct timespec64 t[2];

	if (!utimes)
		return do_utimes((int)dfd, name, now_now, (u32)flags);
	if (copy_from_user(t, (const void __user *)utimes, sizeof(t)))
		return -EFAULT;
	if (both(t, UTIME_OMIT))
		return 0; /* not even the path is looked at (utimensat(2)) */
	return do_utimes((int)dfd, name, t, (u32)flags);
}

static long utimes_timeval(int dfd, unsigned long name, unsigned long utimes)
{
	struct timeval64 tv[2];
	struct timespec64 t[2];

	if (!utimes)
		return do_utimes(dfd, name, now_now, 0);
	if (copy_from_user(tv, (const void __user *)utimes, sizeof(tv)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		if ((u64)tv[i].tv_usec >= 1000000)
			return -EINVAL;
		t[i] = (struct timespec64){ tv[i].tv_sec, tv[i].tv_usec * (s64)NSEC_PER_USEC };
	}
	return do_utimes(dfd, name, t, 0);
}

/** sys_futimesat - futimesat(2). */
long sys_futimesat(unsigned long dfd, unsigned long name, unsigned long utimes)
{
	return utimes_timeval((int)dfd, name, utimes);
}

/** sys_utimes - utimes(2). */
long sys_utimes(unsigned long name, unsigned long utimes)
{
	return utimes_timeval(AT_FDCWD, name, utimes);
}

/** sys_utime - utime(2). */
long sys_utime(unsigned long name, unsigned long times)
{
	s64 sec[2];
	struct timespec64 t[2] = { 0 };

	if (!times)
		return do_utimes(AT_FDCWD, name, now_now, 0);
	if (copy_from_user(sec, (const void __user *)times, sizeof(sec)))
		return -EFAULT;
	t[0].tv_sec = sec[0];
	t[1].tv_sec = sec[1];
	return do_utimes(AT_FDCWD, name, t, 0);
}

static int access_path(const struct path *p, int mask)
{
	const struct inode *i = p->dentry->inode;
	bool special = S_ISCHR(i->mode) || S_ISBLK(i->mode) || S_ISFIFO(i->mode) ||
		       S_ISSOCK(i->mode);
	int err;

	if ((mask & MAY_EXEC) && S_ISREG(i->mode) && (p->mnt->flags & MS_NOEXEC))
		return -EACCES;
	err = mask ? inode_permission(p->dentry->inode, mask) : 0;
	if (!err && (mask & MAY_WRITE) && !special)
		err = mnt_want_write(p->mnt);
	return err;
}

static long do_access(int dfd, unsigned long name, unsigned long mode, u32 flags)
{
	struct path p;
	int err;

	if ((mode & ~7UL) || (flags & ~(u32)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (!(flags & AT_EACCESS))
		current->flags |= THREAD_F_REAL_IDS;
	err = path_lookup_user(dfd, (const char __user *)name, how_of(flags), &p);
	if (!err) {
		err = access_path(&p, (int)mode);
		path_put(&p);
	}
	current->flags &= ~(u32)THREAD_F_REAL_IDS;
	return err;
}

/** sys_access - access(2). */
long sys_access(unsigned long name, unsigned long mode)
{
	return do_access(AT_FDCWD, name, mode, 0);
}

/** sys_faccessat - faccessat(2), the call without flags. */
long sys_faccessat(unsigned long dfd, unsigned long name, unsigned long mode)
{
	return do_access((int)dfd, name, mode, 0);
}

/** sys_faccessat2 - faccessat2(2). */
long sys_faccessat2(unsigned long dfd, unsigned long name, unsigned long mode, unsigned long flags)
{
	return do_access((int)dfd, name, mode, (u32)flags);
}

/**
 * vfs_fallocate - Make room in a file, or a hole.
 * @f: the file
 * @mode: FALLOC_FL_*
 * @off: first byte
 * @len: bytes
 *
 * Context: may sleep; takes inode->lock. Return: 0, or an errno of fallocate(2).
 */
long vfs_fallocate(struct file *f, u32 mode, loff_t off, loff_t len)
{
	struct inode *i = f->inode;

	if (off < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~(u32)(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (S_ISFIFO(i->mode))
		return -ESPIPE;
	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -ENODEV;
	if (off > (loff_t)i->sb->maxbytes - len)
		return -EFBIG;
	return f->ops->fallocate ? f->ops->fallocate(f, mode, off, len) : -EOPNOTSUPP;
}

/** sys_fallocate - fallocate(2). */
long sys_fallocate(unsigned long fd, unsigned long mode, unsigned long off, unsigned long len)
{
	struct file *f = fd_get((int)fd);
	long ret;

	if (!f)
		return -EBADF;
	ret = vfs_fallocate(f, (u32)mode, (loff_t)off, (loff_t)len);
	file_put(f);
	return ret;
}
