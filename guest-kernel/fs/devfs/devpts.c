// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/pts: the nodes of pseudo terminals, which come and go with them. One file system, however
 * often it is mounted; names are the terminals' numbers.
 */
#include "../internal.h"
#include <panic.h>
#include <string.h>

#define DEVPTS_MAGIC 0x1cd1

static struct super_block *pts_sb __ro_after_init;
static struct mount *pts_mount __ro_after_init; /* hangs nowhere */
static struct super_ops pts_ops __ro_after_init; /* tmpfs's, with other options */

/* What mount options say about new nodes; NOT_SET: the caller of devpts_node_add() says it. */
#define NOT_SET (~0U)
struct node_options {
	u32 uid, gid, mode;
};
static struct node_options node = { NOT_SET, NOT_SET, NOT_SET }; /* written with mount_mutex */

int devpts_node_add(u32 index, dev_t rdev, uid_t uid, gid_t gid, umode_t mode)
{
	char name[16];
	struct inode *i;

	snprintf(name, sizeof(name), "%u", index);
	if (READ_ONCE(node.mode) != NOT_SET)
		mode = (umode_t)READ_ONCE(node.mode);
	i = devnode_make(pts_sb, name, S_IFCHR | (mode & 07777), rdev, NULL);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	down_write(&i->lock);
	i->uid = READ_ONCE(node.uid) == NOT_SET ? uid : node.uid;
	i->gid = READ_ONCE(node.gid) == NOT_SET ? gid : node.gid;
	up_write(&i->lock);
	inode_put(i);
	return 0;
}

/* The root's lock is held. */
static void remove_locked(struct inode *dir, struct dentry *d)
{
	if (!d->inode)
		return;
	down_write_nested(&d->inode->lock);
	BUG_ON(dir->ops->unlink(dir, d));
	up_write(&d->inode->lock);
	d_drop(d);
}

void devpts_node_remove(u32 index)
{
	struct inode *dir = pts_sb->root->inode;
	struct dentry *d;
	char name[16];
	size_t len = (size_t)snprintf(name, sizeof(name), "%u", index);

	down_write(&dir->lock);
	d = d_lookup_locked(pts_sb->root, name, len);
	if (!IS_ERR(d))
		remove_locked(dir, d);
	up_write(&dir->lock);
	if (!IS_ERR(d))
		dput(d);
}

/* A mount of the file system that has a name, else one that has none; referenced. */
static struct mount *some_mount(void)
{
	struct mount *m = NULL;

	while ((m = mount_next(m)))
		if (m->sb == pts_sb && m->root == pts_sb->root)
			return m;
	mnt_get(pts_mount);
	return pts_mount;
}

struct file *devpts_open(u32 index, int flags)
{
	struct path path = { .mnt = some_mount() };
	struct file *f = ERR_PTR(-EIO);
	char name[16];
	size_t len = (size_t)snprintf(name, sizeof(name), "%u", index);

	down_read(&pts_sb->root->inode->lock);
	path.dentry = d_lookup_locked(pts_sb->root, name, len);
	up_read(&pts_sb->root->inode->lock);
	if (IS_ERR(path.dentry)) {
		mnt_put(path.mnt);
		return ERR_PTR(PTR_ERR(path.dentry));
	}
	if (path.dentry->inode)
		f = file_open_unchecked(&path, flags);
	path_put(&path);
	return f;
}

static int devpts_option(void *arg, const char *key, const char *value)
{
	struct node_options *o = arg;
	u64 n;

	if (kstrtou64(value, strcmp(key, "mode") ? 10 : 8, &n) || n >= NOT_SET)
		return -EINVAL;
	if (!strcmp(key, "uid"))
		o->uid = (u32)n;
	else if (!strcmp(key, "gid"))
		o->gid = (u32)n;
	else if (!strcmp(key, "mode") && n <= 0777)
		o->mode = (u32)n;
	else
		return -EINVAL;
	return 0;
}

static int devpts_remount(struct super_block *sb, const char *options)
{
	struct node_options o = node;
	int err;

	DEBUG_ON(!mutex_is_mine(&mount_mutex));
	/* All or nothing: what an option before a bad one said must not stay. */
	err = mount_options("devpts", options, devpts_option, &o);
	if (err)
		return err;
	WRITE_ONCE(node.uid, o.uid);
	WRITE_ONCE(node.gid, o.gid);
	WRITE_ONCE(node.mode, o.mode);
	return 0;
}

static struct super_block *devpts_get_sb(const struct fs_type *t, const char *source, u32 flags,
					 const char *options)
{
	int err = devpts_remount(pts_sb, options);

	if (err)
		return ERR_PTR(err);
	sb_get(pts_sb);
	return pts_sb;
}

static struct fs_type devpts_type = { .name = "devpts", .nodev = true, .mount = devpts_get_sb };

void devpts_init(void)
{
	pts_sb = tmpfs_create_sb(&devpts_type, 0, 0);
	BUG_ON(IS_ERR(pts_sb) || fs_register(&devpts_type));
	pts_mount = mount_internal(pts_sb);
	BUG_ON(!pts_mount);
	pts_ops = *pts_sb->ops;
	pts_ops.remount = devpts_remount;
	pts_sb->ops = &pts_ops;
	pts_sb->magic = DEVPTS_MAGIC;
	pts_sb->root->inode->mode = S_IFDIR | 0755;
}
