// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/pts: the nodes of pseudo terminals, which come and go with them. One file system, however
 * often it is mounted; names are the terminals' numbers.
 */
#include "internal.h"
#include <panic.h>
#include <string.h>

#define DEVPTS_MAGIC 0x1cd1

static struct super_block *pts_sb __ro_after_init;

int devpts_node_add(u32 index, dev_t rdev, uid_t uid, gid_t gid, umode_t mode)
{
	char name[16];
	struct inode *i;

	snprintf(name, sizeof(name), "%u", index);
	i = devnode_make(pts_sb, name, S_IFCHR | (mode & 07777), rdev, NULL);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	down_write(&i->lock);
	i->uid = uid;
	i->gid = gid;
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

static struct super_block *devpts_get_sb(const struct fs_type *t, const char *source, u32 flags,
					 const char *options)
{
	sb_get(pts_sb);
	return pts_sb;
}

static struct fs_type devpts_type = { .name = "devpts", .nodev = true, .mount = devpts_get_sb };

void devpts_init(void)
{
	pts_sb = tmpfs_create_sb(&devpts_type, 0, 0);
	BUG_ON(IS_ERR(pts_sb) || fs_register(&devpts_type));
	pts_sb->magic = DEVPTS_MAGIC;
	pts_sb->root->inode->mode = S_IFDIR | 0755;
}
