// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inodes: what a file is, whatever its names. Life and death, times, ownership, and who may do what
 * with them.
 */
#include "../internal.h"
#include <panic.h>
#include <string.h>
#include <time.h>
#include <user.h>

static struct kmem_cache *inode_cache __ro_after_init;
static atomic64_t last_ino;

ino_t inode_new_number(void)
{
	return (ino_t)atomic64_add_return(&last_ino, 1);
}

struct inode *inode_alloc(struct super_block *sb)
{
	struct inode *i = kmem_cache_alloc(inode_cache, GFP_KERNEL | GFP_ZERO);

	if (!i)
		return NULL;
	i->sb = sb;
	i->blksize = sb->blksize;
	i->nlink = 1;
	atomic_set(&i->refs, 1);
	rwsem_init(&i->lock, "inode->lock");
	mapping_init(&i->mapping, i, NULL);
	list_init(&i->flocks);
	spin_lock(&sb->lock);
	list_add_tail(&i->sb_node, &sb->inodes);
	spin_unlock(&sb->lock);
	return i;
}

void inode_get(struct inode *i)
{
	atomic_inc(&i->refs);
}

void inode_put(struct inode *i)
{
	struct super_block *sb = i->sb;

	if (!atomic_dec_and_test(&i->refs))
		return;
	spin_lock(&sb->lock);
	list_del(&i->sb_node);
	spin_unlock(&sb->lock);
	if (sb->ops->evict)
		sb->ops->evict(i);
	mapping_release(&i->mapping);
	if (i->pipe)
		pipe_free_inode(i);
	user_put(i->user);
	kmem_cache_free(inode_cache, i);
}

/**
 * inode_init_owner - Set owner and mode of an inode that is being created.
 * @i: the new inode
 * @dir: the directory it is created in
 * @mode: type and permissions, the umask already applied
 *
 * A directory with the set-group-ID bit hands down its group, and to directories the bit
 * (inode(7)).
 */
void inode_init_owner(struct inode *i, const struct inode *dir, umode_t mode)
{
	const struct cred *c = current_cred();
	u64 now = realtime_ns();

	i->uid = c->fsuid;
	i->gid = c->fsgid;
	if (dir->mode & S_ISGID) {
		i->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
	}
	i->mode = mode;
	i->atime = i->mtime = i->ctime = ns_to_timespec(now);
}

bool inode_owner_or_capable(const struct inode *i)
{
	return current_cred()->fsuid == i->uid || capable(CAP_FOWNER);
}

static bool real_group(gid_t gid)
{
	return current_cred()->gid == gid || group_listed(current_cred(), gid);
}

/* access(2) asks for the real user: capabilities count only if that is root. */
static bool permission_capable(int cap)
{
	if (current->flags & THREAD_F_REAL_IDS)
		return current_cred()->uid == 0 && (current_cred()->cap_permitted >> cap & 1);
	return capable(cap);
}

static bool capable_overrides(const struct inode *i, int mask)
{
	if ((mask & MAY_EXEC) && !S_ISDIR(i->mode) && !(i->mode & 0111))
		return false;
	if (permission_capable(CAP_DAC_OVERRIDE))
		return true;
	if (mask == MAY_READ || (S_ISDIR(i->mode) && !(mask & MAY_WRITE)))
		return permission_capable(CAP_DAC_READ_SEARCH);
	return false;
}

int inode_permission(struct inode *i, int mask)
{
	bool real = current->flags & THREAD_F_REAL_IDS;
	umode_t mode = READ_ONCE(i->mode);

	if (i->ops->permission)
		return i->ops->permission(i, mask);
	if ((real ? current_cred()->uid : current_cred()->fsuid) == i->uid)
		mode >>= 6;
	else if (real ? real_group(i->gid) : in_group(i->gid))
		mode >>= 3;
	if ((mode & (umode_t)mask) == (umode_t)mask || capable_overrides(i, mask))
		return 0;
	return -EACCES;
}

void inode_touch(struct inode *i, u32 times)
{
	struct timespec64 now = ns_to_timespec(realtime_ns());

	if (times & ATTR_ATIME)
		i->atime = now;
	if (times & ATTR_MTIME)
		i->mtime = i->ctime = now;
}

static bool timespec_after(const struct timespec64 *a, const struct timespec64 *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

#define RELATIME_MARGIN_SEC (24 * 60 * 60)

/* "relatime": only if the file changed since it was last read, or a day has passed. */
static bool relatime_need_update(const struct inode *i, const struct timespec64 *now)
{
	return !timespec_after(&i->atime, &i->mtime) || !timespec_after(&i->atime, &i->ctime) ||
	       now->tv_sec - i->atime.tv_sec >= RELATIME_MARGIN_SEC;
}

void file_accessed(struct file *f)
{
	struct inode *i = f->inode;
	u32 flags = f->path.mnt->flags | i->sb->flags;
	struct timespec64 now;

	if ((f->flags & O_NOATIME) || (flags & (MS_NOATIME | MS_RDONLY)))
		return;
	if (S_ISDIR(i->mode) && (flags & MS_NODIRATIME))
		return;
	now = ns_to_timespec(realtime_ns());
	if ((flags & MS_RELATIME) && !relatime_need_update(i, &now))
		return;
	i->atime = now;
}

int file_remove_privs(struct file *f)
{
	struct inode *i = f->inode;
	struct iattr attr = { .valid = ATTR_MODE | ATTR_FORCE };
	umode_t drop = i->mode & S_ISUID;

	if ((i->mode & (S_ISGID | 0010)) == (S_ISGID | 0010))
		drop |= S_ISGID;
	if (likely(!drop) || !S_ISREG(i->mode) || capable(CAP_FSETID))
		return 0;
	attr.mode = i->mode & ~drop;
	return vfs_setattr(&f->path, &attr);
}

void inode_init(void)
{
	inode_cache = kmem_cache_create("inode", sizeof(struct inode), 0, NULL);
}

static int no_open(struct inode *inode, struct file *f)
{
	return -ENXIO;
}

static const struct file_ops no_device_fops = { .open = no_open };

const struct file_ops *special_fops(umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFCHR:
		return &chrdev_open_fops;
	case S_IFIFO:
		return &fifo_fops;
	default:
		return &no_device_fops;
	}
}
