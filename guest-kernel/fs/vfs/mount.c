// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree of mounts: mounting, binding, moving, remounting, unmounting. mount_mutex serialises
 * changes; mount_lock guards the links that path walks follow.
 */
#define pr_fmt(f) "mount: " f
#include "../internal.h"
#include <log.h>
#include <panic.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>

#define MNT_FLAGS \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | MS_NOATIME | \
	 MS_NODIRATIME | MS_RELATIME)
#define MS_MAGIC       0xc0ed0000UL /* old libraries put it into the upper half of the flags */
#define MS_UNSUPPORTED ((1UL << 17) | (1UL << 19) | (1UL << 20)) /* unbindable, slave, shared */

struct spinlock mount_lock = SPINLOCK_INIT("mount");
struct mutex mount_mutex = MUTEX_INIT(mount_mutex);
struct mount *root_mount __ro_after_init;
static LIST_HEAD(mounts); /* mount_lock */
static atomic_t last_id;

void mnt_get(struct mount *m)
{
	atomic_inc(&m->refs);
}

static struct mount *mnt_alloc(struct super_block *sb, struct dentry *root, u32 flags,
			       const char *source)
{
	struct mount *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	m->source = kstrdup(source, GFP_KERNEL);
	if (!m->source) {
		kfree(m);
		return NULL;
	}
	atomic_set(&m->refs, 1);
	m->id = (u32)atomic_add_return(&last_id, 1);
	m->sb = sb;
	sb_get(sb);
	m->root = root;
	dget(root);
	m->flags = flags & MNT_FLAGS;
	list_init(&m->node);
	return m;
}

/*
 * The last reference frees the mount, and with the last mount of it the file system is shut down.
 * May sleep.
 */
void mnt_put(struct mount *m)
{
	struct super_block *sb = m->sb;

	if (!atomic_dec_and_test(&m->refs))
		return;
	dput(m->root);
	kfree(m->source);
	kfree(m);
	sb_put(sb);
}

struct mount *mount_internal(struct super_block *sb)
{
	struct mount *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	atomic_set(&m->refs, 1);
	m->sb = sb;
	list_init(&m->node);
	return m;
}

int mnt_want_write(const struct mount *mnt)
{
	return (READ_ONCE(mnt->flags) | READ_ONCE(mnt->sb->flags)) & MS_RDONLY ? -EROFS : 0;
}

bool mnt_is_pinned(const struct dentry *d)
{
	return READ_ONCE(d->mounted) != 0;
}

static struct mount *find_mounted_on(const struct path *p)
{
	struct mount *m;

	list_for_each_entry (m, &mounts, node)
		if (m->parent == p->mnt && m->mountpoint == p->dentry)
			return m;
	return NULL;
}

void path_down_mounts(struct path *p)
{
	while (READ_ONCE(p->dentry->mounted)) {
		struct mount *m;
		struct path to;

		spin_lock(&mount_lock);
		m = find_mounted_on(p);
		if (m) {
			to = (struct path){ m, m->root };
			path_get(&to);
		}
		spin_unlock(&mount_lock);
		if (!m)
			return;
		path_put(p);
		*p = to;
	}
}

bool path_up_mount(struct path *p)
{
	struct mount *m = p->mnt;
	struct path to;

	spin_lock(&mount_lock);
	to = (struct path){ m->parent, m->mountpoint };
	if (to.mnt)
		path_get(&to);
	spin_unlock(&mount_lock);
	if (!to.mnt)
		return false;
	path_put(p);
	*p = to;
	return true;
}

/* Hangs @m at @at, whose references it takes over; @m's first reference becomes the tree's. */
static void attach(struct mount *m, struct path at)
{
	spin_lock(&mount_lock);
	m->parent = at.mnt;
	m->mountpoint = at.dentry;
	at.dentry->mounted++;
	list_add_tail(&m->node, &mounts);
	spin_unlock(&mount_lock);
}

/* Called with mount_lock. Returns where it hung; the references are the caller's. */
static struct path unhang(struct mount *m)
{
	struct path at = { m->parent, m->mountpoint };

	at.dentry->mounted--;
	m->parent = NULL;
	m->mountpoint = NULL;
	list_del(&m->node);
	return at;
}

static bool is_mount_root(const struct path *p)
{
	return p->dentry == p->mnt->root;
}

/* Attaches @m (reference taken over, dropped on failure) at @target. mount_mutex held. */
static int graft(struct mount *m, const struct path *target)
{
	struct path at = *target;
	int err = 0;

	if (S_ISDIR(m->root->inode->mode) != S_ISDIR(at.dentry->inode->mode))
		err = -ENOTDIR;
	else if (at.mnt->sb == m->sb && is_mount_root(&at) && at.dentry == m->root)
		err = -EBUSY;
	else if (at.dentry->parent != at.dentry && !d_hashed(at.dentry))
		err = -ENOENT;
	if (err) {
		mnt_put(m);
		return err;
	}
	path_get(&at);
	path_down_mounts(&at);
	attach(m, at);
	return 0;
}

static u32 mnt_flags_of(u32 flags)
{
	if (!(flags & (MS_NOATIME | MS_STRICTATIME)))
		flags |= MS_RELATIME;
	return flags & MNT_FLAGS;
}

static int mount_new(const char *source, const struct path *target, const char *type, u32 flags,
		     const char *options)
{
	const struct fs_type *t = type ? fs_find(type) : NULL;
	struct super_block *sb;
	struct mount *m;

	if (!type)
		return -EINVAL;
	if (!t || !t->mount)
		return -ENODEV;
	sb = t->mount(t, source, flags, options ? options : "");
	if (IS_ERR(sb))
		return (int)PTR_ERR(sb);
	m = mnt_alloc(sb, sb->root, mnt_flags_of(flags), source && *source ? source : "none");
	sb_put(sb);
	return m ? graft(m, target) : -ENOMEM;
}

/* Does @m, which is no copy itself, hang in the part of the tree that is bound elsewhere? */
static bool to_be_copied(const struct mount *m, const struct path *from)
{
	const struct mount *parent = m->parent;

	if (m->copy || !parent || !parent->copy || parent->copy == parent)
		return false;
	return parent != from->mnt || d_is_ancestor(from->dentry, m->mountpoint);
}

static struct mount *next_to_copy(const struct path *from)
{
	struct mount *m;

	list_for_each_entry (m, &mounts, node)
		if (to_be_copied(m, from))
			return m;
	return NULL;
}

static void forget_copies(void)
{
	struct mount *m;

	list_for_each_entry (m, &mounts, node)
		m->copy = NULL;
}

/*
 * Copies what hangs below @from to below @top, which is @from's mount bound elsewhere. Copies are
 * marked as copies of themselves: @top may lie below @from. mount_mutex held, so the tree stays.
 */
static int copy_below(const struct path *from, struct mount *top)
{
	struct mount *m, *c;
	int err = 0;

	from->mnt->copy = top;
	top->copy = top;
	while ((m = next_to_copy(from))) {
		c = mnt_alloc(m->sb, m->root, m->flags, m->source);
		if (!c) {
			err = -ENOMEM;
			break;
		}
		c->copy = c;
		m->copy = c;
		mnt_get(m->parent->copy);
		dget(m->mountpoint);
		attach(c, (struct path){ m->parent->copy, m->mountpoint });
	}
	forget_copies();
	return err;
}

/* Takes a mount and all that hang below it out of the tree. mount_mutex held. */
static void detach_tree(struct mount *top);

static int bind_tree(const struct path *from, struct mount *m, const struct path *target)
{
	int err = graft(m, target);

	if (err)
		return err;
	err = copy_below(from, m);
	if (err)
		detach_tree(m);
	return err;
}

/* What mount(2) is to show or move: @source must name something. */
static int lookup_source(const char *source, struct path *from)
{
	if (!source || !*source)
		return -EINVAL;
	return path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, from);
}

static int mount_bind(const char *source, const struct path *target, bool recursive)
{
	struct path from;
	struct mount *m;
	int err = lookup_source(source, &from);

	if (err)
		return err;
	m = from.dentry->flags & DCACHE_ANON
		    ? NULL
		    : mnt_alloc(from.mnt->sb, from.dentry, from.mnt->flags, from.mnt->source);
	if (m)
		err = recursive ? bind_tree(&from, m, target) : graft(m, target);
	else
		err = from.dentry->flags & DCACHE_ANON ? -EINVAL : -ENOMEM;
	path_put(&from);
	return err;
}

/* Is @m the mount of @p or above it? mount_lock held. */
static bool mount_is_above(const struct mount *m, const struct mount *below)
{
	while (below && below != m)
		below = below->parent;
	return below == m;
}

static int mount_move_from(struct path *from, const struct path *target)
{
	struct path at = *target, old;
	int err = 0;

	if (!is_mount_root(from) || from->mnt == root_mount)
		return -EINVAL;
	if (S_ISDIR(from->dentry->inode->mode) != S_ISDIR(at.dentry->inode->mode))
		return -ENOTDIR;
	path_get(&at);
	spin_lock(&mount_lock);
	if (!from->mnt->parent)
		err = -EINVAL;
	else if (mount_is_above(from->mnt, at.mnt))
		err = -ELOOP;
	else
		old = unhang(from->mnt);
	spin_unlock(&mount_lock);
	if (err) {
		path_put(&at);
		return err;
	}
	attach(from->mnt, at);
	path_put(&old);
	return 0;
}

static int mount_move(const char *source, const struct path *target)
{
	struct path from;
	int err = lookup_source(source, &from);

	if (err)
		return err;
	err = mount_move_from(&from, target);
	path_put(&from);
	return err;
}

static bool sb_has_writers(struct super_block *sb)
{
	struct inode *i;
	bool found = false;

	spin_lock(&sb->lock);
	list_for_each_entry (i, &sb->inodes, sb_node)
		if (S_ISREG(i->mode) && atomic_read(&i->writers) > 0)
			found = true;
	spin_unlock(&sb->lock);
	return found;
}

/* The file system itself, however often it is mounted. */
static int remount_sb(struct super_block *sb, u32 flags, const char *options)
{
	int err = 0;

	if ((flags & MS_RDONLY) && !(sb->flags & MS_RDONLY)) {
		if (sb_has_writers(sb))
			return -EBUSY;
		if (sb->ops->sync)
			sb->ops->sync(sb);
	}
	if (options && *options)
		err = sb->ops->remount ? sb->ops->remount(sb, options) : -EINVAL;
	if (!err)
		WRITE_ONCE(sb->flags, (sb->flags & ~(u32)MS_RDONLY) | (flags & MS_RDONLY));
	return err;
}

static int remount(const struct path *target, u32 flags, const char *options)
{
	int err = 0;

	if (!is_mount_root(target))
		return -EINVAL;
	if (!(flags & MS_BIND))
		err = remount_sb(target->mnt->sb, flags, options);
	if (!err)
		WRITE_ONCE(target->mnt->flags, mnt_flags_of(flags));
	return err;
}

static int mount_at(const char *source, const struct path *target, const char *type, u32 flags,
		    const char *options)
{
	int err;

	if (flags & MS_UNSUPPORTED)
		return -EINVAL;
	if (S_ISLNK(target->dentry->inode->mode) && target->dentry->inode->is_volatile)
		return -ENOENT; /* /proc/PID/fd/N goes with its file, and the mount would be lost */
	mutex_lock(&mount_mutex);
	if (flags & MS_REMOUNT)
		err = remount(target, flags, options);
	else if (flags & MS_BIND)
		err = mount_bind(source, target, flags & MS_REC);
	else if (flags & MS_PRIVATE)
		err = is_mount_root(target) ? 0 : -EINVAL; /* all mounts are private */
	else if (flags & MS_MOVE)
		err = mount_move(source, target);
	else
		err = mount_new(source, target, type, flags, options);
	mutex_unlock(&mount_mutex);
	return err;
}

int vfs_mount(const char *source, const char *target, const char *type, u32 flags,
	      const char *options)
{
	struct path at;
	int err = path_lookup(AT_FDCWD, target, LOOKUP_FOLLOW, &at);

	if (err)
		return err;
	err = mount_at(source, &at, type, flags, options);
	path_put(&at);
	return err;
}

/* Takes a mount and all that hang below it out of the tree. mount_mutex held. */
static void detach_tree(struct mount *top)
{
	struct mount *m, *found;
	struct path at;

	do {
		found = NULL;
		spin_lock(&mount_lock);
		list_for_each_entry (m, &mounts, node)
			if (mount_is_above(top, m))
				found = m; /* the last: nothing hangs below it */
		if (found)
			at = unhang(found);
		spin_unlock(&mount_lock);
		if (found) {
			path_put(&at);
			mnt_put(found);
		}
	} while (found && found != top);
}

/* The caller's path and the tree hold the only references of a mount that is not in use. */
static int detach_unused(struct mount *m)
{
	struct path at;

	spin_lock(&mount_lock);
	if (atomic_read(&m->refs) > 2) {
		spin_unlock(&mount_lock);
		return -EBUSY;
	}
	at = unhang(m);
	spin_unlock(&mount_lock);
	path_put(&at);
	mnt_put(m);
	return 0;
}

static int umount_path(const struct path *p, u32 flags)
{
	int err = 0;

	if (!is_mount_root(p) || !p->mnt->parent)
		return p->mnt == root_mount && is_mount_root(p) ? -EBUSY : -EINVAL;
	if (flags & MNT_EXPIRE)
		return -EINVAL;
	/* The path's own dentry reference is the mount's root, which the mount keeps anyhow. */
	if (flags & MNT_DETACH)
		detach_tree(p->mnt);
	else
		err = detach_unused(p->mnt);
	return err;
}

int vfs_umount(const char *target, u32 flags)
{
	struct path p;
	int err;

	if (flags & ~(u32)(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = path_lookup(AT_FDCWD, target, flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	mutex_lock(&mount_mutex);
	err = umount_path(&p, flags);
	mutex_unlock(&mount_mutex);
	path_put(&p);
	return err;
}

/**
 * mount_rootfs - Make the tmpfs that everything starts from.
 *
 * Return: 0 or -ENOMEM.
 */
int mount_rootfs(void)
{
	const struct fs_type *t = fs_find("tmpfs");
	struct super_block *sb;

	BUG_ON(!t);
	/* On a small machine the initramfs may well fill more than the usual half of memory. */
	sb = t->mount(t, "rootfs", 0, "mode=755,size=90%");
	if (IS_ERR(sb))
		return (int)PTR_ERR(sb);
	root_mount = mnt_alloc(sb, sb->root, MS_RELATIME, "rootfs");
	sb_put(sb);
	if (!root_mount)
		return -ENOMEM;
	spin_lock(&mount_lock);
	list_add_tail(&root_mount->node, &mounts);
	spin_unlock(&mount_lock);
	return 0;
}

/**
 * mount_next - Walk the mounts of the tree.
 * @prev: the one before (its reference is dropped), NULL to start
 *
 * Return: the next in the order of mounting, referenced, or NULL. A mount that was moved meanwhile
 * ends the walk early.
 */
struct mount *mount_next(struct mount *prev)
{
	struct mount *m = NULL;
	struct list_head *next;

	spin_lock(&mount_lock);
	next = prev ? prev->node.next : mounts.next;
	if (next != &mounts && (!prev || next != &prev->node)) {
		m = list_entry(next, struct mount, node);
		mnt_get(m);
	}
	spin_unlock(&mount_lock);
	if (prev)
		mnt_put(prev);
	return m;
}

/**
 * mount_point - Where a mount hangs.
 * @m: the mount
 * @out: set to a path with references; the mount's own root for the root mount
 */
void mount_point(struct mount *m, struct path *out)
{
	spin_lock(&mount_lock);
	*out = m->parent ? (struct path){ m->parent, m->mountpoint } : (struct path){ m, m->root };
	path_get(out);
	spin_unlock(&mount_lock);
}

/* A string argument that may be NULL. */
static int copy_optional(const char __user *user, char **out)
{
	*out = user ? getname(user) : NULL;
	return IS_ERR(*out) ? (int)PTR_ERR(*out) : 0;
}

/*
 * Options are one page of text for all file systems here; a shorter mapping is fine if the text
 * ends before it does.
 */
struct mount_args {
	char *source, *target, *type, *options;
};

static int copy_mount_args(struct mount_args *a, unsigned long source, unsigned long target,
			   unsigned long type, unsigned long data)
{
	int err = copy_optional((const char __user *)source, &a->source);

	if (!err) {
		a->target = getname((const char __user *)target);
		err = IS_ERR(a->target) ? (int)PTR_ERR(a->target) : 0;
	}
	if (!err)
		err = copy_optional((const char __user *)type, &a->type);
	if (!err)
		err = copy_optional((const char __user *)data, &a->options);
	return err;
}

static void free_mount_args(struct mount_args *a)
{
	char *all[] = { a->source, a->target, a->type, a->options };

	for (u32 i = 0; i < ARRAY_SIZE(all); i++)
		if (!IS_ERR_OR_NULL(all[i]))
			putname(all[i]);
}

/** sys_mount - mount(2). */
long sys_mount(unsigned long source, unsigned long target, unsigned long type, unsigned long flags,
	       unsigned long data)
{
	struct mount_args a = { 0 };
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if ((flags & 0xffff0000UL) == MS_MAGIC)
		flags &= 0xffff;
	err = copy_mount_args(&a, source, target, type, data);
	if (!err)
		err = vfs_mount(a.source, a.target, a.type, (u32)flags, a.options);
	free_mount_args(&a);
	return err;
}

/** sys_umount2 - umount2(2). */
long sys_umount2(unsigned long target, unsigned long flags)
{
	char *name;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	name = getname((const char __user *)target);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = vfs_umount(name, (u32)flags);
	putname(name);
	return err;
}
