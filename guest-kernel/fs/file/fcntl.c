// SPDX-License-Identifier: GPL-2.0-only
/*
 * fcntl(2) and ioctl(2): what does not depend on the kind of file; the rest goes to the file.
 */
#define pr_fmt(f) "fcntl: " f
#include "../internal.h"
#include <log.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#define SETFL_MASK ((u32)(O_APPEND | O_NONBLOCK | O_NOATIME | O_DIRECT))

static void set_file_flags(struct file *f, u32 mask, u32 flags)
{
	spin_lock(&f->lock);
	f->flags = (f->flags & ~mask) | (flags & mask);
	spin_unlock(&f->lock);
}

/* Asynchronous notification (SIGIO) does not exist. */
static long no_async(void)
{
	pr_ratelimited(LOG_INFO, "pid %d (%s): O_ASYNC is not implemented\n", current->tid,
		       current->comm);
	return -ENOSYS;
}

static long set_status_flags(struct file *f, u32 flags)
{
	if ((flags & (u32)O_NOATIME) && !(f->flags & O_NOATIME) &&
	    !inode_owner_or_capable(f->inode))
		return -EPERM;
	/* Of a pipe it would mean packets. */
	if ((flags & (u32)O_DIRECT) && !S_ISREG(f->inode->mode))
		return -EINVAL;
	/* As on Linux, files that have nothing to tell take it without a word. */
	if ((flags & (u32)O_ASYNC) && f->ops->poll)
		return no_async();
	set_file_flags(f, SETFL_MASK, flags);
	return 0;
}

static long get_cloexec(int fd)
{
	u32 flags = 0;
	struct file *f = files_lookup(current->process->files, fd, &flags);

	if (!f)
		return -EBADF;
	file_put(f);
	return (long)flags;
}

/* Commands that a descriptor opened with O_PATH allows. */
static bool allowed_on_path(u32 cmd)
{
	return cmd == F_GETFL;
}

/* A command of some kinds of files. @otherwise: what those of another kind say. */
static long special_fcntl(struct file *f, u32 cmd, unsigned long arg, long otherwise)
{
	long ret = f->ops->fcntl ? f->ops->fcntl(f, cmd, arg) : -ENOTTY;

	return ret == -ENOTTY ? otherwise : ret;
}

static long file_fcntl(int fd, struct file *f, u32 cmd, unsigned long arg)
{
	if ((f->mode & FMODE_PATH) && !allowed_on_path(cmd))
		return -EBADF;
	switch (cmd) {
	case F_GETFL:
		return (long)f->flags;
	case F_SETFL:
		return set_status_flags(f, (u32)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(fd, f, cmd, (void __user *)arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return special_fcntl(f, cmd, arg, -EBADF);
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return special_fcntl(f, cmd, arg, -EINVAL);
	default:
		return -EINVAL;
	}
}

/** sys_fcntl - fcntl(2). */
long sys_fcntl(unsigned long fd, unsigned long cmd, unsigned long arg)
{
	struct file *f;
	long ret;

	switch ((u32)cmd) {
	case F_DUPFD:
		return fd_dup_from((int)fd, arg, 0);
	case F_DUPFD_CLOEXEC:
		return fd_dup_from((int)fd, arg, O_CLOEXEC);
	case F_GETFD:
		return get_cloexec((int)fd);
	case F_SETFD:
		return fd_set_flags((int)fd, arg & FD_CLOEXEC);
	}
	f = fd_get_path((int)fd);
	if (!f)
		return -EBADF;
	ret = file_fcntl((int)fd, f, (u32)cmd, arg);
	file_put(f);
	return ret;
}

static long set_nonblock(struct file *f, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	set_file_flags(f, O_NONBLOCK, on ? O_NONBLOCK : 0);
	return 0;
}

/* Switching it off is fine. */
static long set_async(const struct file *f, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	if (!on)
		return 0;
	return f->ops->poll ? no_async() : -ENOTTY;
}

static long regular_unread(struct file *f, int __user *arg)
{
	int n = (int)(f->inode->size - f->pos);

	return put_user(n, arg);
}

static long file_ioctl(int fd, struct file *f, u32 cmd, unsigned long arg)
{
	switch (cmd) {
	case FIOCLEX:
		return fd_set_flags(fd, true);
	case FIONCLEX:
		return fd_set_flags(fd, false);
	case FIONBIO:
		return set_nonblock(f, (int __user *)arg);
	case FIOASYNC:
		return set_async(f, (int __user *)arg);
	case FIONREAD:
		if (S_ISREG(f->inode->mode))
			return regular_unread(f, (int __user *)arg);
	}
	return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
}

/** sys_ioctl - ioctl(2). */
long sys_ioctl(unsigned long fd, unsigned long cmd, unsigned long arg)
{
	struct file *f = fd_get((int)fd);
	long ret;

	if (!f)
		return -EBADF;
	ret = file_ioctl((int)fd, f, (u32)cmd, arg);
	file_put(f);
	return ret;
}
