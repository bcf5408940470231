// SPDX-License-Identifier: GPL-2.0-only
/*
 * The path walk: from a name to a place in the tree (path_resolution(7)).
 *
 * A symbolic link is put in its place in the name: its text and what was left of the name become
 * the new rest, in a buffer of PATH_MAX bytes. So there is no recursion, and POSIX allows
 * ENAMETOOLONG if the name outgrows PATH_MAX that way.
 */
#include "../internal.h"
#include <string.h>
#include <uaccess.h>

#define MAX_LINKS 40 /* as Linux */

static struct kmem_cache *name_cache __ro_after_init;

void namei_init(void)
{
	name_cache = kmem_cache_create("names", PATH_MAX, 0, NULL);
}

char *getname(const char __user *name)
{
	char *buf = kmem_cache_alloc(name_cache, GFP_KERNEL);
	ssize_t n;

	if (!buf)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(buf, name, PATH_MAX);
	if (n < 0) {
		kmem_cache_free(name_cache, buf);
		return ERR_PTR(n);
	}
	return buf;
}

void putname(char *name)
{
	kmem_cache_free(name_cache, name);
}

void path_get(const struct path *p)
{
	mnt_get(p->mnt);
	dget(p->dentry);
}

void path_put(struct path *p)
{
	if (p->dentry)
		dput(p->dentry);
	if (p->mnt)
		mnt_put(p->mnt);
	p->dentry = NULL;
	p->mnt = NULL;
}

/* Replaces where the walk is by @to, whose references it takes over. */
static void walk_move(struct walk *w, struct path to)
{
	path_put(&w->path);
	w->path = to;
}

static void walk_jump_root(struct walk *w)
{
	path_get(&w->root);
	walk_move(w, w->root);
}

static int walk_start_at(struct walk *w, int dfd, const char *name)
{
	struct fs_context *fs = current->process->fs;
	struct file *f;

	spin_lock(&fs->lock);
	w->root = fs->root;
	path_get(&w->root);
	if (*name == '/' || dfd == AT_FDCWD) {
		w->path = *name == '/' ? fs->root : fs->cwd;
		path_get(&w->path);
		spin_unlock(&fs->lock);
		return 0;
	}
	spin_unlock(&fs->lock);
	f = fd_get_path(dfd);
	if (!f)
		return -EBADF;
	w->path = f->path;
	path_get(&w->path);
	file_put(f);
	return 0;
}

/**
 * walk_start - Begin a path walk.
 * @w: to be filled; walk_end() it whatever is returned
 * @dfd: AT_FDCWD or the descriptor of the directory that relative names start from
 * @name: stays the caller's and must live until walk_end()
 * @flags: LOOKUP_*
 *
 * Return: 0, -ENOENT for an empty name without LOOKUP_EMPTY, -EBADF.
 */
int walk_start(struct walk *w, int dfd, const char *name, u32 flags)
{
	memset(w, 0, sizeof(*w));
	w->rest = name;
	w->flags = flags;
	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	return walk_start_at(w, dfd, name);
}

void walk_end(struct walk *w)
{
	path_put(&w->path);
	path_put(&w->root);
	if (w->buf)
		putname(w->buf);
	w->buf = NULL;
}

/* "..": not above the walk's root, and from the root of a mount to where it is mounted. */
static void walk_up(struct walk *w)
{
	struct path to;

	for (;;) {
		if (w->path.dentry == w->root.dentry && w->path.mnt == w->root.mnt)
			return;
		if (w->path.dentry != w->path.mnt->root)
			break;
		if (!path_up_mount(&w->path))
			return;
	}
	to.mnt = w->path.mnt;
	mnt_get(to.mnt);
	to.dentry = dget_parent(w->path.dentry);
	path_down_mounts(&to);
	walk_move(w, to);
}

/*
 * Puts @text in front of what is left of the name. @text lies in a buffer of its own, which becomes
 * the walk's.
 */
static int walk_splice(struct walk *w, char *buf, size_t len, bool slash)
{
	size_t rest = strlen(w->rest);

	if (len + 1 + rest >= PATH_MAX) {
		putname(buf);
		return -ENAMETOOLONG;
	}
	if (rest || slash)
		buf[len++] = '/';
	memcpy(buf + len, w->rest, rest + 1);
	if (w->buf)
		putname(w->buf);
	w->buf = buf;
	w->rest = buf;
	return 0;
}

static int walk_follow_text(struct walk *w, struct inode *link)
{
	char *buf = kmem_cache_alloc(name_cache, GFP_KERNEL);
	ssize_t n;
	int err;

	if (!buf)
		return -ENOMEM;
	n = link->ops->readlink(link, buf, PATH_MAX - 1);
	if (n <= 0) {
		putname(buf);
		return n ? (int)n : -ENOENT;
	}
	err = walk_splice(w, buf, (size_t)n, w->slash && !*w->rest);
	if (!err && *w->rest == '/')
		walk_jump_root(w);
	return err;
}

/*
 * A link at the end of a name, in a sticky directory that everybody may write, is followed for its
 * owner only, as with Linux's protected_symlinks.
 */
static bool link_is_trusted(const struct walk *w, const struct inode *link)
{
	const struct inode *dir = w->path.dentry->inode;

	if (*w->rest || (dir->mode & (S_ISVTX | 0002)) != (S_ISVTX | 0002))
		return true;
	return link->uid == current_cred()->fsuid || link->uid == dir->uid;
}

/* The walk stands in the directory that holds the link @d. */
int walk_follow(struct walk *w, struct dentry *d)
{
	struct inode *link = d->inode;
	struct path to;
	int err;

	if (++w->links > MAX_LINKS || (w->path.mnt->flags & MS_NOSYMFOLLOW))
		return -ELOOP;
	if (!link_is_trusted(w, link))
		return -EACCES;
	w->kind = LAST_NONE;
	if (!link->ops->get_link)
		return walk_follow_text(w, link);
	err = link->ops->get_link(link, &to);
	if (err)
		return err;
	walk_move(w, to);
	w->kind = LAST_JUMPED;
	return 0;
}

static struct dentry *lookup_slow(struct dentry *dir, const char *name, size_t len)
{
	struct dentry *d;

	down_read(&dir->inode->lock);
	d = d_lookup_locked(dir, name, len);
	up_read(&dir->inode->lock);
	return d;
}

static struct dentry *lookup_one(struct dentry *dir, const char *name, size_t len)
{
	struct dentry *d;

	if (len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	d = d_lookup(dir, name, len);
	if (!d)
		d = lookup_slow(dir, name, len);
	if (!IS_ERR(d) && !d->inode) {
		dput(d);
		return ERR_PTR(-ENOENT);
	}
	return d;
}

/* One component that is not "." or "..". @last: nothing but slashes follows. */
static int walk_component(struct walk *w, const char *name, size_t len, bool last)
{
	struct dentry *d = lookup_one(w->path.dentry, name, len);
	struct path to;
	int err;

	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	if (S_ISLNK(d->inode->mode) && (!last || w->slash || (w->flags & LOOKUP_FOLLOW))) {
		err = walk_follow(w, d);
		dput(d);
		return err;
	}
	to.mnt = w->path.mnt;
	mnt_get(to.mnt);
	to.dentry = d;
	path_down_mounts(&to);
	walk_move(w, to);
	return 0;
}

static enum last_kind kind_of(const char *name, size_t len)
{
	if (name[0] != '.' || len > 2)
		return LAST_NORM;
	if (len == 1)
		return LAST_DOT;
	return name[1] == '.' ? LAST_DOTDOT : LAST_NORM;
}

static int may_walk(struct inode *dir)
{
	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	return inode_permission(dir, MAY_EXEC);
}

static const char *skip_slashes(const char *p)
{
	while (*p == '/')
		p++;
	return p;
}

/*
 * Walks the component at w->rest, or with LOOKUP_PARENT notes it as the last. Return: 1 if the walk
 * is over, 0, or errno.
 */
static int walk_step(struct walk *w)
{
	const char *name = w->rest, *end = name;
	int err = may_walk(w->path.dentry->inode);
	size_t len;
	bool last;

	if (err)
		return err;
	while (*end && *end != '/')
		end++;
	len = (size_t)(end - name);
	w->rest = skip_slashes(end);
	last = !*w->rest;
	w->slash = last && *end == '/';
	w->kind = kind_of(name, len);
	if (last && (w->flags & LOOKUP_PARENT)) {
		w->last = name;
		w->last_len = len;
		return 1;
	}
	if (w->kind == LAST_DOTDOT)
		walk_up(w);
	else if (w->kind == LAST_NORM)
		return walk_component(w, name, len, last);
	return 0;
}

/**
 * walk_run - Walk what is left of the name.
 * @w: started by walk_start(), or continued by walk_follow()
 *
 * Without LOOKUP_PARENT the walk ends at what the name means, with it before the last component.
 *
 * Return: 0, -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG, -ENOMEM or what the file system
 * says.
 */
int walk_run(struct walk *w)
{
	bool directory = w->flags & LOOKUP_DIRECTORY;
	int ret = 0;

	while (!ret) {
		w->rest = skip_slashes(w->rest);
		if (!*w->rest)
			break;
		ret = walk_step(w);
	}
	if (ret < 0)
		return ret;
	if (!ret && (directory || w->slash) && !S_ISDIR(w->path.dentry->inode->mode))
		return -ENOTDIR;
	return 0;
}

int path_lookup(int dfd, const char *name, u32 flags, struct path *out)
{
	struct walk w;
	int err = walk_start(&w, dfd, name, flags);

	if (!err)
		err = walk_run(&w);
	if (!err) {
		*out = w.path;
		path_get(out);
	}
	walk_end(&w);
	return err;
}

int path_lookup_user(int dfd, const char __user *name, u32 flags, struct path *out)
{
	char *s = getname(name);
	int err;

	if (IS_ERR(s))
		return (int)PTR_ERR(s);
	err = path_lookup(dfd, s, flags, out);
	putname(s);
	return err;
}

/**
 * may_create - May the current process make a name in @dir?
 * @dir: directory, its lock held for writing
 *
 * Return: 0, -ENOENT if the directory has been removed, -EACCES.
 */
int may_create(struct inode *dir)
{
	if (!dir->nlink)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

static bool sticky_forbids(const struct inode *dir, const struct inode *victim)
{
	uid_t uid = current_cred()->fsuid;

	return (dir->mode & S_ISVTX) && victim->uid != uid && dir->uid != uid &&
	       !capable(CAP_FOWNER);
}

/**
 * may_delete - May the current process remove the name @victim?
 * @dir: its directory, locked for writing
 * @victim: positive dentry
 * @isdir: the call removes directories (rmdir, or a rename over one)
 *
 * Return: 0, -EACCES, -EPERM for the sticky bit, -ENOTDIR, -EISDIR, -EBUSY for a mount point.
 */
int may_delete(struct inode *dir, struct dentry *victim, bool isdir)
{
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (err)
		return err;
	if (sticky_forbids(dir, victim->inode))
		return -EPERM;
	if (isdir && !S_ISDIR(victim->inode->mode))
		return -ENOTDIR;
	if (!isdir && S_ISDIR(victim->inode->mode))
		return -EISDIR;
	return mnt_is_pinned(victim) ? -EBUSY : 0;
}

static int parent_start(struct parent_lookup *pl, int dfd, const char *name)
{
	int err = walk_start(&pl->walk, dfd, name, LOOKUP_PARENT);

	pl->dentry = NULL;
	return err ? err : walk_run(&pl->walk);
}

/* Locks the parent and looks the last component up. */
static int parent_lock(struct parent_lookup *pl)
{
	struct dentry *dir = pl->walk.path.dentry, *d;

	if (pl->walk.last_len > NAME_MAX)
		return -ENAMETOOLONG;
	down_write(&dir->inode->lock);
	d = d_lookup_locked(dir, pl->walk.last, pl->walk.last_len);
	if (IS_ERR(d)) {
		up_write(&dir->inode->lock);
		return (int)PTR_ERR(d);
	}
	pl->dentry = d;
	return 0;
}

static int create_check(struct parent_lookup *pl, bool dir)
{
	int err;

	if (pl->dentry->inode)
		return -EEXIST;
	if (pl->walk.slash && !dir)
		return -ENOENT;
	err = mnt_want_write(pl->walk.path.mnt);
	return err ? err : may_create(pl->walk.path.dentry->inode);
}

/*
 * Both parent_lookup functions: on success the parent directory is locked for writing and
 * pl->dentry holds a reference, until parent_lookup_end(), which must be called after failures too.
 */
int parent_lookup_create(struct parent_lookup *pl, int dfd, const char *name, bool dir)
{
	int err = parent_start(pl, dfd, name);

	if (err)
		return err;
	if (pl->walk.kind != LAST_NORM)
		return -EEXIST;
	err = parent_lock(pl);
	return err ? err : create_check(pl, dir);
}

int parent_lookup_remove(struct parent_lookup *pl, int dfd, const char *name, bool dir)
{
	int err = parent_start(pl, dfd, name);

	if (err)
		return err;
	switch (pl->walk.kind) {
	case LAST_NORM:
		break;
	case LAST_DOT:
		return dir ? -EINVAL : -EISDIR;
	case LAST_DOTDOT:
		return dir ? -ENOTEMPTY : -EISDIR;
	default:
		return dir ? -EBUSY : -EISDIR;
	}
	err = parent_lock(pl);
	if (err)
		return err;
	if (!pl->dentry->inode)
		return -ENOENT;
	if (pl->walk.slash && !S_ISDIR(pl->dentry->inode->mode))
		return -ENOTDIR;
	return mnt_want_write(pl->walk.path.mnt);
}

void parent_lookup_end(struct parent_lookup *pl)
{
	if (pl->dentry) {
		up_write(&pl->walk.path.dentry->inode->lock);
		dput(pl->dentry);
	}
	walk_end(&pl->walk);
}
