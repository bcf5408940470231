// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing cached data to where it lasts: the sync family, and advice about the cache.
 */
#include "../internal.h"
#include <syscall.h>

static void sync_one(struct super_block *sb, void *arg)
{
	if (sb->ops->sync)
		sb->ops->sync(sb);
}

void vfs_sync(void)
{
	sb_for_each(sync_one, NULL);
}

/** sys_sync - sync(2). */
long sys_sync(void)
{
	vfs_sync();
	return 0;
}

/** sys_syncfs - syncfs(2). */
long sys_syncfs(unsigned long fd)
{
	struct file *f = fd_get((int)fd);
	struct super_block *sb;
	int err = 0;

	if (!f)
		return -EBADF;
	sb = f->inode->sb;
	if (sb->ops->sync)
		err = sb->ops->sync(sb);
	file_put(f);
	return err;
}

static long do_fsync(unsigned long fd, bool datasync)
{
	struct file *f = fd_get((int)fd);
	int err;

	if (!f)
		return -EBADF;
	err = f->ops->fsync ? f->ops->fsync(f, datasync) : -EINVAL;
	file_put(f);
	return err;
}

/** sys_fsync - fsync(2). */
long sys_fsync(unsigned long fd)
{
	return do_fsync(fd, false);
}

/** sys_fdatasync - fdatasync(2). */
long sys_fdatasync(unsigned long fd)
{
	return do_fsync(fd, true);
}

#define POSIX_FADV_NOREUSE 5

/** sys_fadvise64 - posix_fadvise(2): advice may be ignored, but it must be sound. */
long sys_fadvise64(unsigned long fd, unsigned long off, unsigned long len, unsigned long advice)
{
	struct file *f = fd_get((int)fd);
	int err = 0;

	if (!f)
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		err = -ESPIPE;
	else if ((loff_t)len < 0 || (u32)advice > POSIX_FADV_NOREUSE)
		err = -EINVAL;
	file_put(f);
	return err;
}
