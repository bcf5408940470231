// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files without a name in any directory: pipes, sockets, epoll sets. Their inodes belong to a file
 * system that is mounted nowhere.
 */
#include "../internal.h"
#include <panic.h>
#include <string.h>

#define ANON_MAGIC 0x09041934 /* Linux's ANON_INODE_FS_MAGIC */

static const struct super_ops anon_super_ops = { 0 };
static const struct inode_ops anon_inode_ops = { 0 };
static const struct fs_type anon_type = { .name = "anon_inodefs", .nodev = true };
static struct mount *anon_mount __ro_after_init;

/**
 * anon_inode - An inode and a dentry that no directory knows.
 * @mode: type and permissions
 * @name: what /proc/PID/fd shows: "pipe" becomes "pipe:[INODE]", names that end in "]" are shown as
 * they are
 * @inode: set to the inode; the reference is @out's
 * @out: set to a path of it, with references
 *
 * Return: 0 or -ENOMEM. Context: may sleep.
 */
int anon_inode(umode_t mode, const char *name, struct inode **inode, struct path *out)
{
	const struct cred *c = current_cred();
	struct inode *i = inode_alloc(anon_mount->sb);

	if (!i)
		return -ENOMEM;
	i->ino = inode_new_number();
	i->mode = mode;
	i->uid = c->fsuid;
	i->gid = c->fsgid;
	i->ops = &anon_inode_ops;
	i->fops = special_fops(mode);
	i->atime = i->mtime = i->ctime = ns_to_timespec(realtime_ns());
	out->dentry = d_alloc_anon(i->sb, name, i);
	if (!out->dentry)
		return -ENOMEM;
	out->mnt = anon_mount;
	mnt_get(anon_mount);
	*inode = i;
	return 0;
}

struct file *file_anon(const struct file_ops *ops, void *private, int flags, umode_t mode,
		       const char *name)
{
	struct inode *inode;
	struct path path;
	struct file *f;
	int err = anon_inode(mode, name, &inode, &path);

	if (err)
		return ERR_PTR(err);
	f = file_alloc(&path, flags, ops);
	path_put(&path);
	if (!IS_ERR(f))
		f->private = private;
	return f;
}

void anon_init(void)
{
	struct super_block *sb = sb_alloc(&anon_type, &anon_super_ops, 0);

	BUG_ON(!sb);
	sb->magic = ANON_MAGIC;
	anon_mount = mount_internal(sb);
	BUG_ON(!anon_mount);
}
