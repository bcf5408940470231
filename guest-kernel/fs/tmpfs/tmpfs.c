// SPDX-License-Identifier: GPL-2.0-only
/*
 * tmpfs: files in memory. Data lives in the page cache, which holds the only copy; a directory is a
 * tree of entries by name and an array of them by number, the number being the position for
 * readdir. Also what the root file system, /dev and shared memory are made of.
 */
#include "../internal.h"
#include "tmpfs.h"
#include <panic.h>
#include <string.h>
#include <uapi/fcntl.h>
#include <user.h>

#define TMPFS_MAGIC 0x01021994
#define LINK_SHORT  128 /* symbolic links from this length on count as a page of data */

/**
 * struct tmpfs_entry - a name in a directory; guarded by the directory inode's lock
 * @inode: holds a reference
 * @pos: position for readdir, never used twice in one directory
 */
struct tmpfs_entry {
	struct rb_node node;
	u32 hash;
	u16 len;
	u64 pos;
	struct inode *inode;
	char name[];
};

/**
 * struct tmpfs_dir - inode->private of a directory; guarded by the inode's lock
 */
struct tmpfs_dir {
	struct rb_root names;
	struct xarray by_pos;
	u64 next_pos, nr;
	struct inode *parent; /* for ".."; no reference: a parent outlives its children */
};

static const struct inode_ops tmpfs_dir_ops, tmpfs_file_ops, tmpfs_link_ops, tmpfs_special_ops;

static struct tmpfs_sb *sb_info(const struct super_block *sb)
{
	return sb->private;
}

/* ---- data ---- */

static int charge_page(struct tmpfs_sb *info)
{
	if (atomic64_add_return(&info->pages, 1) <= (s64)info->max_pages || !info->max_pages)
		return 0;
	atomic64_add(&info->pages, -1);
	return -ENOSPC;
}

/* Shared memory has no limit of its own, and need not be mapped by a process to be killed for it. */
static int tmpfs_charge(struct mapping *m)
{
	struct user *u = m->inode->user;
	int err;

	if (u && !user_charge(u, PAGE_SIZE))
		return -ENOSPC;
	err = charge_page(sb_info(m->inode->sb));
	if (err && u)
		user_uncharge(u, PAGE_SIZE);
	return err;
}

static void tmpfs_uncharge(struct mapping *m, unsigned long nr)
{
	if (m->inode->user)
		user_uncharge(m->inode->user, nr * PAGE_SIZE);
	atomic64_add(&sb_info(m->inode->sb)->pages, -(s64)nr);
}

static const struct mapping_ops tmpfs_mapping_ops = {
	.charge = tmpfs_charge,
	.uncharge = tmpfs_uncharge,
	.pinned = true,
};

static int tmpfs_fsync(struct file *f, bool datasync)
{
	return 0; /* memory is as far as it goes */
}

/* Makes the pages [first, last]: all or, if that fails, none. */
static long allocate_pages(struct mapping *m, unsigned long first, unsigned long last)
{
	unsigned long at;
	long err = 0;

	for (at = first; at <= last && !err; at++) {
		struct page *page = mapping_get_page(m, at, MAPPING_CREATE | MAPPING_FRESH);

		if (IS_ERR(page)) {
			err = PTR_ERR(page);
			break;
		}
		page_put(page);
		if (fatal_signal_pending())
			err = -EINTR;
	}
	if (at > first)
		mapping_settle(m, first, at - 1, err);
	return err;
}

/* With the inode locked. */
static long allocate(struct inode *i, u32 mode, loff_t off, loff_t end)
{
	bool longer = end > i->size;
	long err = check_new_size(i, end);

	if (!err && longer)
		err = shmem_may_resize(i, end);
	if (!err)
		err = allocate_pages(&i->mapping, (unsigned long)off >> PAGE_SHIFT,
				     (unsigned long)(end - 1) >> PAGE_SHIFT);
	if (!err && longer && !(mode & FALLOC_FL_KEEP_SIZE))
		mapping_resize(&i->mapping, end);
	return err;
}

static long tmpfs_fallocate(struct file *f, u32 mode, loff_t off, loff_t len)
{
	struct inode *i = f->inode;
	loff_t end = off + len;
	long err = 0;

	down_write(&i->lock);
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		err = shmem_may_write(i, end);
		if (!err)
			mapping_punch(&i->mapping, off, end);
	} else {
		err = allocate(i, mode, off, end);
	}
	if (!err)
		inode_touch(i, ATTR_MTIME);
	up_write(&i->lock);
	return err;
}

static int tmpfs_mmap(struct file *f, struct vma *vma)
{
	int err = shmem_check_mmap(f->inode, vma);

	return err ? err : generic_file_mmap(f, vma);
}

const struct file_ops tmpfs_file_fops = {
	.read_iter = generic_file_read_iter,
	.write_iter = generic_file_write_iter,
	.mmap = tmpfs_mmap,
	.fsync = tmpfs_fsync,
	.fallocate = tmpfs_fallocate,
	.fcntl = shmem_fcntl,
};

/* ---- directories ---- */

static int compare(const struct tmpfs_entry *e, u32 hash, const char *name, size_t len)
{
	if (e->hash != hash)
		return e->hash < hash ? -1 : 1;
	if (e->len != len)
		return e->len < len ? -1 : 1;
	return memcmp(e->name, name, len);
}

static struct tmpfs_entry *entry_find(struct inode *dir, const char *name, size_t len)
{
	struct tmpfs_dir *d = dir->private;
	struct rb_node *n = d->names.node;
	u32 hash = hash_bytes(name, len, 0);

	while (n) {
		struct tmpfs_entry *e = rb_entry(n, struct tmpfs_entry, node);
		int c = compare(e, hash, name, len);

		if (!c)
			return e;
		n = c < 0 ? n->right : n->left;
	}
	return NULL;
}

static void link_entry(struct tmpfs_dir *d, struct tmpfs_entry *new)
{
	struct rb_node **link = &d->names.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = compare(rb_entry(parent, struct tmpfs_entry, node), new->hash, new->name,
			       new->len) < 0
			       ? &parent->right
			       : &parent->left;
	}
	rb_insert(&d->names, &new->node, parent, link);
	d->nr++;
}

/*
 * Adds @name -> @inode, taking over the reference. 0 or -ENOMEM (the reference stays the caller's).
 * /
 */
static int entry_add(struct inode *dir, const char *name, size_t len, struct inode *inode)
{
	struct tmpfs_dir *d = dir->private;
	struct tmpfs_entry *e = kmalloc(sizeof(*e) + len + 1, GFP_KERNEL);
	int err;

	if (!e)
		return -ENOMEM;
	e->hash = hash_bytes(name, len, 0);
	e->len = (u16)len;
	e->pos = d->next_pos;
	e->inode = inode;
	memcpy(e->name, name, len);
	e->name[len] = '\0';
	err = xa_store(&d->by_pos, e->pos, e);
	if (err) {
		kfree(e);
		return err;
	}
	d->next_pos++;
	link_entry(d, e);
	inode_touch(dir, ATTR_MTIME);
	return 0;
}

/*
 * Removes the entry and drops its inode's reference, which is not the last one: the caller's dentry
 * has another.
 */
static void entry_remove(struct inode *dir, struct tmpfs_entry *e)
{
	struct tmpfs_dir *d = dir->private;

	rb_erase(&d->names, &e->node);
	xa_erase(&d->by_pos, e->pos);
	d->nr--;
	inode_put(e->inode);
	kfree(e);
	inode_touch(dir, ATTR_MTIME);
}

#define POS_FIRST 2 /* after "." and ".." */

static struct tmpfs_dir *dir_alloc(struct inode *parent)
{
	struct tmpfs_dir *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	d->names = RB_ROOT;
	xa_init(&d->by_pos);
	d->next_pos = POS_FIRST;
	d->parent = parent;
	return d;
}

static u32 dirent_type(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}

static bool emit_dots(struct inode *dir, struct dir_context *ctx)
{
	struct tmpfs_dir *d = dir->private;

	if (ctx->pos == 0 && !ctx->actor(ctx, ".", 1, 1, dir->ino, DT_DIR))
		return false;
	return ctx->pos != 1 ||
	       ctx->actor(ctx, "..", 2, POS_FIRST, d->parent ? d->parent->ino : dir->ino, DT_DIR);
}

static int tmpfs_iterate(struct file *f, struct dir_context *ctx)
{
	struct tmpfs_dir *d = f->inode->private;
	unsigned long pos;
	struct tmpfs_entry *e;

	if (!emit_dots(f->inode, ctx))
		return 0;
	pos = (unsigned long)ctx->pos;
	while ((e = xa_find(&d->by_pos, &pos))) {
		pos++;
		if (!ctx->actor(ctx, e->name, e->len, (loff_t)pos, e->inode->ino,
				dirent_type(e->inode->mode)))
			break;
	}
	return 0;
}

const struct file_ops tmpfs_dir_fops = {
	.iterate = tmpfs_iterate,
	.fsync = tmpfs_fsync,
};

/* ---- inodes ---- */

static bool reserve_inode(struct tmpfs_sb *info)
{
	if (atomic64_add_return(&info->inodes, 1) <= (s64)info->max_inodes || !info->max_inodes)
		return true;
	atomic64_add(&info->inodes, -1);
	return false;
}

static void release_inode(struct tmpfs_sb *info)
{
	atomic64_add(&info->inodes, -1);
}

/*
 * Each further name of a file counts as an inode, too: a name is memory that nothing else limits.
 * To be called before a name goes.
 */
static void release_name(const struct inode *i)
{
	if (i->nlink > 1 && !S_ISDIR(i->mode))
		release_inode(sb_info(i->sb));
}

static int set_kind(struct inode *i, struct inode *parent, umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		i->ops = &tmpfs_file_ops;
		i->fops = &tmpfs_file_fops;
		mapping_init(&i->mapping, i, &tmpfs_mapping_ops);
		return 0;
	case S_IFDIR:
		i->ops = &tmpfs_dir_ops;
		i->fops = &tmpfs_dir_fops;
		i->nlink = 2;
		i->private = dir_alloc(parent);
		return i->private ? 0 : -ENOMEM;
	case S_IFLNK:
		i->ops = &tmpfs_link_ops;
		return 0;
	default:
		i->ops = &tmpfs_special_ops;
		i->fops = special_fops(mode);
		return 0;
	}
}

/**
 * tmpfs_inode - A new inode without a name.
 * @sb: a tmpfs
 * @dir: directory it will be in; NULL for a root and for shared memory
 * @mode: type and permissions
 *
 * Return: the inode, or ERR_PTR(-ENOMEM), ERR_PTR(-ENOSPC).
 */
struct inode *tmpfs_inode(struct super_block *sb, struct inode *dir, umode_t mode)
{
	struct inode *i;
	int err;

	if (!reserve_inode(sb_info(sb)))
		return ERR_PTR(-ENOSPC);
	i = inode_alloc(sb);
	if (!i) {
		release_inode(sb_info(sb));
		return ERR_PTR(-ENOMEM);
	}
	i->ino = inode_new_number();
	i->mode = mode;
	i->ops = &tmpfs_special_ops;
	if (dir)
		inode_init_owner(i, dir, mode);
	else
		i->atime = i->mtime = i->ctime = ns_to_timespec(realtime_ns());
	err = set_kind(i, dir, mode);
	if (err) {
		inode_put(i);
		return ERR_PTR(err);
	}
	return i;
}

static void tmpfs_evict(struct inode *i)
{
	release_inode(sb_info(i->sb));
	if (S_ISLNK(i->mode) && i->size >= LINK_SHORT)
		atomic64_add(&sb_info(i->sb)->pages, -1);
	if (S_ISDIR(i->mode) && i->private)
		xa_destroy(&((struct tmpfs_dir *)i->private)->by_pos);
	kfree(i->private);
	i->private = NULL;
}

static struct inode *tmpfs_lookup(struct inode *dir, const char *name, size_t len)
{
	struct tmpfs_entry *e = entry_find(dir, name, len);

	if (!e)
		return ERR_PTR(-ENOENT);
	inode_get(e->inode);
	return e->inode;
}

/* Enters @i (one reference, taken over whatever happens) under @d. */
static int instantiate(struct inode *dir, struct dentry *d, struct inode *i)
{
	int err = entry_add(dir, d->name, d->len, i);

	if (err) {
		inode_put(i);
		return err;
	}
	inode_get(i);
	d_instantiate(d, i);
	return 0;
}

static int tmpfs_mknod(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev)
{
	struct inode *i = tmpfs_inode(dir->sb, dir, mode);

	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	i->rdev = dev;
	return instantiate(dir, d, i);
}

static int tmpfs_create(struct inode *dir, struct dentry *d, umode_t mode)
{
	return tmpfs_mknod(dir, d, mode, 0);
}

static struct inode *tmpfs_tmpfile(struct inode *dir, umode_t mode)
{
	struct inode *i = tmpfs_inode(dir->sb, dir, mode);

	if (!IS_ERR(i))
		i->nlink = 0;
	return i;
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *d, umode_t mode)
{
	int err = tmpfs_mknod(dir, d, mode, 0);

	if (!err)
		dir->nlink++;
	return err;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	struct inode *i = tmpfs_inode(dir->sb, dir, S_IFLNK | 0777);
	loff_t len = (loff_t)strlen(target);
	int err = 0;

	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	if (len >= LINK_SHORT)
		err = charge_page(sb_info(dir->sb));
	if (!err) {
		i->size = len;
		i->private = kstrdup(target, GFP_KERNEL);
		err = i->private ? 0 : -ENOMEM;
	}
	if (!err)
		return instantiate(dir, d, i);
	inode_put(i);
	return err;
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *i = old->inode;
	bool further = i->nlink; /* the first name is what the inode was counted for */
	int err;

	if (further && !reserve_inode(sb_info(i->sb)))
		return -ENOSPC;
	inode_get(i);
	err = instantiate(dir, d, i);
	if (err) {
		if (further)
			release_inode(sb_info(i->sb));
		return err;
	}
	i->nlink++;
	i->ctime = dir->mtime;
	return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *d)
{
	struct tmpfs_entry *e = entry_find(dir, d->name, d->len);

	release_name(d->inode);
	d->inode->nlink--;
	entry_remove(dir, e);
	d->inode->ctime = dir->mtime;
	return 0;
}

static bool dir_is_empty(const struct inode *i)
{
	return !((struct tmpfs_dir *)i->private)->nr;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *d)
{
	if (!dir_is_empty(d->inode))
		return -ENOTEMPTY;
	d->inode->nlink = 1; /* unlink takes the last */
	dir->nlink--;
	return tmpfs_unlink(dir, d);
}

/* A directory that moved has another parent. */
static void reparent(struct inode *i, struct inode *olddir, struct inode *newdir)
{
	if (!S_ISDIR(i->mode) || olddir == newdir)
		return;
	((struct tmpfs_dir *)i->private)->parent = newdir;
	olddir->nlink--;
	newdir->nlink++;
}

static int exchange(struct inode *olddir, struct dentry *od, struct inode *newdir,
		    struct dentry *nd)
{
	struct tmpfs_entry *a = entry_find(olddir, od->name, od->len),
			   *b = entry_find(newdir, nd->name, nd->len);

	a->inode = nd->inode;
	b->inode = od->inode;
	reparent(od->inode, olddir, newdir);
	reparent(nd->inode, newdir, olddir);
	inode_touch(olddir, ATTR_MTIME);
	inode_touch(newdir, ATTR_MTIME);
	return 0;
}

static int tmpfs_rename(struct inode *olddir, struct dentry *od, struct inode *newdir,
			struct dentry *nd, u32 flags)
{
	struct tmpfs_entry *target;
	int err;

	if (flags & RENAME_EXCHANGE)
		return exchange(olddir, od, newdir, nd);
	if (nd->inode && S_ISDIR(nd->inode->mode) && !dir_is_empty(nd->inode))
		return -ENOTEMPTY;
	target = entry_find(newdir, nd->name, nd->len);
	inode_get(od->inode);
	if (target) {
		/* The entry gets the other inode, so that nothing can fail halfway. */
		release_name(nd->inode);
		nd->inode->nlink -= S_ISDIR(nd->inode->mode) ? 2 : 1;
		if (S_ISDIR(nd->inode->mode))
			newdir->nlink--;
		inode_put(target->inode);
		target->inode = od->inode;
	} else {
		err = entry_add(newdir, nd->name, nd->len, od->inode);
		if (err) {
			inode_put(od->inode);
			return err;
		}
	}
	entry_remove(olddir, entry_find(olddir, od->name, od->len));
	reparent(od->inode, olddir, newdir);
	inode_touch(newdir, ATTR_MTIME);
	od->inode->ctime = newdir->mtime;
	return 0;
}

static ssize_t tmpfs_readlink(struct inode *i, char *buf, size_t size)
{
	size_t n = min((size_t)i->size, size);

	memcpy(buf, i->private, n);
	return (ssize_t)n;
}

static int tmpfs_setattr(struct inode *i, const struct iattr *a)
{
	if (a->valid & ATTR_SIZE)
		mapping_resize(&i->mapping, a->size);
	inode_set_attrs(i, a);
	return 0;
}

static int tmpfs_getattr(struct inode *i, struct kstat *st)
{
	struct tmpfs_dir *d = i->private;

	st->blocks = i->mapping.nr_pages * (PAGE_SIZE / 512);
	if (S_ISDIR(i->mode))
		st->size = (loff_t)d->nr * 20 + 40; /* as Linux's tmpfs */
	return 0;
}

static const struct inode_ops tmpfs_dir_ops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create,
	.tmpfile = tmpfs_tmpfile,
	.mkdir = tmpfs_mkdir,
	.mknod = tmpfs_mknod,
	.symlink = tmpfs_symlink,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rmdir = tmpfs_rmdir,
	.rename = tmpfs_rename,
	.getattr = tmpfs_getattr,
};

static const struct inode_ops tmpfs_file_ops = {
	.setattr = tmpfs_setattr,
	.may_resize = shmem_may_resize,
	.may_write = shmem_may_write,
	.getattr = tmpfs_getattr,
};

static const struct inode_ops tmpfs_link_ops = {
	.readlink = tmpfs_readlink,
};

static const struct inode_ops tmpfs_special_ops = { 0 };

/* ---- super block ---- */

static int tmpfs_statfs(struct super_block *sb, struct kstatfs *st)
{
	struct tmpfs_sb *info = sb_info(sb);
	u64 used = (u64)atomic64_read(&info->pages);

	st->blocks = info->max_pages;
	st->bfree = st->bavail = info->max_pages > used ? info->max_pages - used : 0;
	st->files = info->max_inodes;
	st->ffree = info->max_inodes ? info->max_inodes - (u64)atomic64_read(&info->inodes) : 0;
	return 0;
}

static int tmpfs_show_options(struct super_block *sb, char *buf, size_t size)
{
	const struct tmpfs_sb *info = sb_info(sb);
	umode_t mode = sb->root->inode->mode & 07777;
	int n = 0;

	if (info->max_pages)
		n = scnprintf(buf, size, ",size=%luk",
			      (unsigned long)(info->max_pages * (PAGE_SIZE / 1024)));
	if (mode != 01777)
		n += scnprintf(buf + n, size - (size_t)n, ",mode=%o", mode);
	return n;
}

/*
 * Moves the entries of all directories to @doomed, a chain through their rb nodes, without dropping
 * inodes: that could end in more than the stack holds.
 */
static struct rb_node *collect_entries(struct super_block *sb)
{
	struct rb_node *doomed = NULL, *n;
	struct inode *i;

	list_for_each_entry (i, &sb->inodes, sb_node) {
		struct tmpfs_dir *d = i->private;

		while (S_ISDIR(i->mode) && (n = d->names.node)) {
			rb_erase(&d->names, n);
			n->right = doomed;
			doomed = n;
		}
	}
	return doomed;
}

/* Nobody uses the file system any more, so no lock is needed. */
static void tmpfs_put_super(struct super_block *sb)
{
	struct rb_node *doomed = collect_entries(sb);

	dput(sb->root);
	sb->root = NULL;
	dcache_shrink_sb(sb);
	while (doomed) {
		struct tmpfs_entry *e = rb_entry(doomed, struct tmpfs_entry, node);

		doomed = doomed->right;
		inode_put(e->inode);
		kfree(e);
	}
	kfree(sb->private);
}

static const struct super_ops tmpfs_super_ops = {
	.evict = tmpfs_evict,
	.statfs = tmpfs_statfs,
	.put_super = tmpfs_put_super,
	.show_options = tmpfs_show_options,
	.remount = tmpfs_remount,
};

/**
 * tmpfs_create_sb - An empty tmpfs.
 * @t: its type
 * @flags: MS_*
 * @max_pages: limit of its data, 0: none
 *
 * Return: the super block or ERR_PTR(-ENOMEM).
 */
struct super_block *tmpfs_create_sb(const struct fs_type *t, u32 flags, u64 max_pages)
{
	struct tmpfs_sb *info = kzalloc(sizeof(*info), GFP_KERNEL);
	struct super_block *sb = info ? sb_alloc(t, &tmpfs_super_ops, flags & MS_RDONLY) : NULL;
	struct inode *root;

	if (!sb) {
		kfree(info);
		return ERR_PTR(-ENOMEM);
	}
	info->max_pages = max_pages;
	sb->private = info;
	sb->magic = TMPFS_MAGIC;
	root = tmpfs_inode(sb, NULL, S_IFDIR | 01777);
	if (!IS_ERR(root))
		sb->root = d_make_root(root);
	if (sb->root)
		return sb;
	sb_put(sb);
	return ERR_PTR(-ENOMEM);
}
