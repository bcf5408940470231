// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a file is: the stat family and statfs.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/stat.h>

static void generic_getattr(const struct inode *i, struct kstat *st)
{
	*st = (struct kstat){
		.dev = i->sb->dev,
		.rdev = i->rdev,
		.ino = i->ino,
		.mode = i->mode,
		.nlink = i->nlink,
		.blksize = i->blksize,
		.uid = i->uid,
		.gid = i->gid,
		.size = i->size,
		.blocks = i->blocks,
		.atime = i->atime,
		.mtime = i->mtime,
		.ctime = i->ctime,
	};
}

int vfs_getattr(const struct path *p, struct kstat *st)
{
	struct inode *i = p->dentry->inode;

	generic_getattr(i, st);
	return i->ops->getattr ? i->ops->getattr(i, st) : 0;
}

/* The attributes of what a name or (AT_EMPTY_PATH, "") a descriptor means. */
static int stat_at(int dfd, const char __user *name, u32 flags, struct kstat *st, struct path *p)
{
	u32 how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	int err = path_lookup_user(dfd, name, flags & AT_EMPTY_PATH ? how | LOOKUP_EMPTY : how, p);

	if (err)
		return err;
	err = vfs_getattr(p, st);
	if (err)
		path_put(p);
	return err;
}

static int put_stat(const struct kstat *st, void __user *buf)
{
	struct uapi_stat out = {
		.st_dev = uapi_encode_dev(MAJOR(st->dev), MINOR(st->dev)),
		.st_ino = st->ino,
		.st_nlink = st->nlink,
		.st_mode = st->mode,
		.st_uid = st->uid,
		.st_gid = st->gid,
		.st_rdev = uapi_encode_dev(MAJOR(st->rdev), MINOR(st->rdev)),
		.st_size = st->size,
		.st_blksize = st->blksize,
		.st_blocks = (s64)st->blocks,
		.st_atime = (u64)st->atime.tv_sec,
		.st_atime_nsec = (u64)st->atime.tv_nsec,
		.st_mtime = (u64)st->mtime.tv_sec,
		.st_mtime_nsec = (u64)st->mtime.tv_nsec,
		.st_ctime = (u64)st->ctime.tv_sec,
		.st_ctime_nsec = (u64)st->ctime.tv_nsec,
	};

	return copy_to_user(buf, &out, sizeof(out));
}

static long do_stat(int dfd, unsigned long name, unsigned long buf, u32 flags)
{
	struct kstat st;
	struct path p;
	int err = stat_at(dfd, (const char __user *)name, flags, &st, &p);

	if (err)
		return err;
	path_put(&p);
	return put_stat(&st, (void __user *)buf);
}

/** sys_stat - stat(2). */
long sys_stat(unsigned long name, unsigned long buf)
{
	return do_stat(AT_FDCWD, name, buf, 0);
}

/** sys_lstat - lstat(2). */
long sys_lstat(unsigned long name, unsigned long buf)
{
	return do_stat(AT_FDCWD, name, buf, AT_SYMLINK_NOFOLLOW);
}

/** sys_fstat - fstat(2). */
long sys_fstat(unsigned long fd, unsigned long buf)
{
	struct file *f = fd_get_path((int)fd);
	struct kstat st;
	int err;

	if (!f)
		return -EBADF;
	err = vfs_getattr(&f->path, &st);
	file_put(f);
	return err ? err : put_stat(&st, (void __user *)buf);
}

/** sys_newfstatat - fstatat(2). */
long sys_newfstatat(unsigned long dfd, unsigned long name, unsigned long buf, unsigned long flags)
{
	if (flags & ~(unsigned long)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	return do_stat((int)dfd, name, buf, (u32)flags);
}

static struct uapi_statx_timestamp statx_time(const struct timespec64 *t)
{
	return (struct uapi_statx_timestamp){ .tv_sec = t->tv_sec, .tv_nsec = (u32)t->tv_nsec };
}

static int put_statx(const struct kstat *st, const struct path *p, void __user *buf)
{
	struct uapi_statx out = {
		.stx_mask = STATX_BASIC_STATS | STATX_MNT_ID,
		.stx_blksize = st->blksize,
		.stx_nlink = st->nlink,
		.stx_uid = st->uid,
		.stx_gid = st->gid,
		.stx_mode = (u16)st->mode,
		.stx_ino = st->ino,
		.stx_size = (u64)st->size,
		.stx_blocks = st->blocks,
		.stx_attributes = p->dentry == p->mnt->root ? STATX_ATTR_MOUNT_ROOT : 0,
		.stx_attributes_mask = STATX_ATTR_MOUNT_ROOT,
		.stx_atime = statx_time(&st->atime),
		.stx_mtime = statx_time(&st->mtime),
		.stx_ctime = statx_time(&st->ctime),
		.stx_rdev_major = MAJOR(st->rdev),
		.stx_rdev_minor = MINOR(st->rdev),
		.stx_dev_major = MAJOR(st->dev),
		.stx_dev_minor = MINOR(st->dev),
		.stx_mnt_id = p->mnt->id,
	};

	return copy_to_user(buf, &out, sizeof(out));
}

/** sys_statx - statx(2). All basic fields are always given, as Linux does. */
long sys_statx(unsigned long dfd, unsigned long name, unsigned long flags, unsigned long mask,
	       unsigned long buf)
{
	struct kstat st;
	struct path p;
	int err;

	if ((flags & ~(unsigned long)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
				      AT_STATX_SYNC_TYPE)) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE || (mask & STATX_RESERVED))
		return -EINVAL;
	err = stat_at((int)dfd, (const char __user *)name, (u32)flags, &st, &p);
	if (err)
		return err;
	err = put_statx(&st, &p, (void __user *)buf);
	path_put(&p);
	return err;
}

/**
 * statfs_path - Figures of the file system that a path lies on.
 * @p: the path
 * @st: filled
 *
 * Return: 0 or what the file system says.
 */
int statfs_path(const struct path *p, struct kstatfs *st)
{
	static const struct {
		u32 ms, st;
	} map[] = {
		{ MS_RDONLY, ST_RDONLY },     { MS_NOSUID, ST_NOSUID },
		{ MS_NODEV, ST_NODEV },	      { MS_NOEXEC, ST_NOEXEC },
		{ MS_NOATIME, ST_NOATIME },   { MS_NODIRATIME, ST_NODIRATIME },
		{ MS_RELATIME, ST_RELATIME }, { MS_NOSYMFOLLOW, ST_NOSYMFOLLOW },
	};
	struct super_block *sb = p->mnt->sb;
	u32 flags = p->mnt->flags | (sb->flags & MS_RDONLY);

	*st = (struct kstatfs){
		.type = sb->magic, .bsize = sb->blksize, .namelen = NAME_MAX, .flags = ST_VALID
	};
	for (u32 i = 0; i < ARRAY_SIZE(map); i++)
		if (flags & map[i].ms)
			st->flags |= map[i].st;
	return sb->ops->statfs ? sb->ops->statfs(sb, st) : 0;
}

static long put_statfs(const struct path *p, void __user *buf)
{
	struct kstatfs st;
	struct uapi_statfs out = { 0 };
	int err = statfs_path(p, &st);

	if (err)
		return err;
	out.f_type = (s64)st.type;
	out.f_bsize = out.f_frsize = (s64)st.bsize;
	out.f_blocks = st.blocks;
	out.f_bfree = st.bfree;
	out.f_bavail = st.bavail;
	out.f_files = st.files;
	out.f_ffree = st.ffree;
	out.f_fsid[0] = (s32)uapi_encode_dev(MAJOR(p->mnt->sb->dev), MINOR(p->mnt->sb->dev));
	out.f_namelen = (s64)st.namelen;
	out.f_flags = (s64)st.flags;
	return copy_to_user(buf, &out, sizeof(out));
}

/** sys_statfs - statfs(2). */
long sys_statfs(unsigned long name, unsigned long buf)
{
	struct path p;
	long err = path_lookup_user(AT_FDCWD, (const char __user *)name, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	err = put_statfs(&p, (void __user *)buf);
	path_put(&p);
	return err;
}

/** sys_fstatfs - fstatfs(2). */
long sys_fstatfs(unsigned long fd, unsigned long buf)
{
	struct file *f = fd_get_path((int)fd);
	long err;

	if (!f)
		return -EBADF;
	err = put_statfs(&f->path, (void __user *)buf);
	file_put(f);
	return err;
}
