// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening files, and the life of open files.
 */
#include "../internal.h"
#include <panic.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>

#define O_TMPFILE_BIT 020000000
#define O_KEPT \
	(O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | \
	 O_NOFOLLOW | O_NOATIME | O_PATH)
#define O_PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)

static struct kmem_cache *file_cache __ro_after_init;
atomic_t open_files;
static const struct file_ops path_only_fops = { 0 };

u64 file_count(void)
{
	return (u64)atomic_read(&open_files);
}

u64 file_max(void)
{
	return mem_total_bytes() / 10 / 1024; /* an open file costs about 1 KiB with its inode */
}

umode_t current_umask(void)
{
	return READ_ONCE(current->process->fs->umask);
}

static u32 fmode_of(int flags)
{
	if (flags & O_PATH)
		return FMODE_PATH;
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return FMODE_READ;
	case O_WRONLY:
		return FMODE_WRITE;
	case O_RDWR:
		return FMODE_READ | FMODE_WRITE;
	default:
		return 0; /* 3: neither, for ioctls only */
	}
}

/**
 * file_alloc - An open file that has not been announced to its inode.
 * @p: what it is a file of; the file takes its own references
 * @flags: O_*
 * @ops: operations
 *
 * Return: the file with one reference, or ERR_PTR(-ENOMEM), ERR_PTR(-ENFILE). Context: may sleep.
 */
struct file *file_alloc(const struct path *p, int flags, const struct file_ops *ops)
{
	struct user *u = current_cred()->user;
	struct file *f;

	if ((u64)atomic_read(&open_files) >= file_max() && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-ENFILE);
	if (!user_charge(u, FILE_COST))
		return ERR_PTR(-ENOMEM);
	f = kmem_cache_alloc(file_cache, GFP_KERNEL);
	if (!f) {
		user_uncharge(u, FILE_COST);
		return ERR_PTR(-ENOMEM);
	}
	f->user = user_get(u);
	atomic_set(&f->refs, 1);
	spin_lock_init(&f->lock, "file->lock");
	f->flags = (u32)flags;
	f->mode = fmode_of(flags);
	f->pos = 0;
	mutex_init(&f->pos_lock, "file->pos_lock");
	f->path = *p;
	path_get(p);
	f->inode = p->dentry->inode;
	f->ops = ops;
	f->private = NULL;
	list_init(&f->epitems);
	atomic_inc(&open_files);
	return f;
}

void file_get(struct file *f)
{
	atomic_inc(&f->refs);
}

static void file_free(struct file *f)
{
	path_put(&f->path);
	user_uncharge(f->user, FILE_COST);
	user_put(f->user);
	kmem_cache_free(file_cache, f);
	atomic_dec(&open_files);
}

static bool counts_as_writer(const struct file *f)
{
	return (f->mode & FMODE_WRITE) && S_ISREG(f->inode->mode);
}

void file_put(struct file *f)
{
	if (!atomic_dec_and_test(&f->refs))
		return;
	/* Not if the list is empty now: who emptied it may still be using the file. */
	if (unlikely(f->mode & FMODE_EPOLL))
		eventpoll_release(f);
	if (unlikely(!list_empty(&f->inode->flocks)))
		locks_remove_file(f);
	if (f->ops->release)
		f->ops->release(f);
	if (counts_as_writer(f))
		atomic_dec(&f->inode->writers);
	file_free(f);
}

/* inode->writers counts writers above zero and those who deny writing below it. */
static bool add_unless_sign(atomic_t *a, int n)
{
	int old;

	do {
		old = atomic_read(a);
		if (n > 0 ? old < 0 : old > 0)
			return false;
	} while (!atomic_cmpxchg(a, old, old + n));
	return true;
}

int file_deny_write(struct file *f)
{
	return add_unless_sign(&f->inode->writers, -1) ? 0 : -ETXTBSY;
}

void file_allow_write(struct file *f)
{
	atomic_inc(&f->inode->writers);
}

/* What the open call wants to do, as a MAY_* mask. */
static int access_of(int flags)
{
	static const int access[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				      MAY_READ | MAY_WRITE };
	int mask = access[flags & O_ACCMODE];

	return flags & O_TRUNC ? mask | MAY_WRITE : mask;
}

static int check_kind(const struct path *p, int flags, int mask)
{
	const struct inode *i = p->dentry->inode;

	switch (i->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		return (mask & MAY_WRITE) || (flags & O_CREAT) ? -EISDIR : 0;
	case S_IFCHR:
	case S_IFBLK:
		return (p->mnt->flags | p->mnt->sb->flags) & MS_NODEV ? -EACCES : 0;
	case S_IFREG:
		return mask & MAY_WRITE ? mnt_want_write(p->mnt) : 0;
	default:
		return 0;
	}
}

static int may_open(const struct path *p, int flags)
{
	struct inode *i = p->dentry->inode;
	int mask = access_of(flags);
	int err = check_kind(p, flags, mask);

	if (!err)
		err = inode_permission(i, mask);
	if (!err && (flags & O_NOATIME) && !inode_owner_or_capable(i))
		err = -EPERM;
	return err;
}

/* Announces the file to its inode. On failure @f is freed. */
static int file_start(struct file *f)
{
	int err = 0;

	if (counts_as_writer(f) && !add_unless_sign(&f->inode->writers, 1)) {
		file_free(f);
		return -ETXTBSY;
	}
	if (S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode) || S_ISBLK(f->inode->mode))
		f->mode |= FMODE_SEEK;
	if (f->ops->open)
		err = f->ops->open(f->inode, f);
	f->flags &= O_KEPT;
	if (!err)
		return 0;
	if (counts_as_writer(f))
		atomic_dec(&f->inode->writers);
	file_free(f);
	return err;
}

/**
 * file_open_unchecked - Open a file that the caller is entitled to.
 * @p: the file; not negative
 * @flags: O_*
 *
 * Return: the file with a reference, or ERR_PTR(). Context: may sleep.
 */
struct file *file_open_unchecked(const struct path *p, int flags)
{
	struct inode *i = p->dentry->inode;
	struct file *f;
	int err;

	if (flags & O_PATH) {
		f = file_alloc(p, flags & O_PATH_FLAGS & ~O_CLOEXEC, &path_only_fops);
		return f;
	}
	if (!i->fops)
		return ERR_PTR(-ENXIO);
	f = file_alloc(p, flags, i->fops);
	if (IS_ERR(f))
		return f;
	err = file_start(f);
	if (err)
		return ERR_PTR(err);
	if ((flags & O_TRUNC) && S_ISREG(i->mode)) {
		err = vfs_truncate(p, 0);
		if (err) {
			file_put(f);
			return ERR_PTR(err);
		}
	}
	return f;
}

struct file *file_open_path(const struct path *p, int flags)
{
	int err = flags & O_PATH ? 0 : may_open(p, flags);

	return err ? ERR_PTR(err) : file_open_unchecked(p, flags);
}

/*
 * Creates the file of the negative dentry @d; the walk stands in its directory, which is locked for
 * writing.
 */
static int create_at(struct walk *w, struct dentry *d, umode_t mode)
{
	struct inode *dir = w->path.dentry->inode;
	int err = mnt_want_write(w->path.mnt);

	if (!err)
		err = may_create(dir);
	if (err)
		return err;
	if (!dir->ops->create)
		return -EACCES;
	return dir->ops->create(dir, d, S_IFREG | (mode & ~current_umask() & 07777));
}

/* Looks up the last component, making the file if there is none. *@created tells. */
static struct dentry *lookup_or_create(struct walk *w, umode_t mode, bool *created)
{
	struct dentry *dir = w->path.dentry;
	struct dentry *d = d_lookup(dir, w->last, w->last_len);
	int err = 0;

	if (d && d->inode)
		return d;
	if (d)
		dput(d);
	down_write(&dir->inode->lock);
	d = d_lookup_locked(dir, w->last, w->last_len);
	if (!IS_ERR(d) && !d->inode) {
		err = create_at(w, d, mode);
		*created = !err;
	}
	up_write(&dir->inode->lock);
	if (err) {
		dput(d);
		return ERR_PTR(err);
	}
	return d;
}

/* Sets @out to what @d is; 1 if it is a link that the walk now follows. */
static int take_last(struct walk *w, struct dentry *d, int flags, struct path *out)
{
	int err;

	if (S_ISLNK(d->inode->mode) && !(flags & O_NOFOLLOW)) {
		err = walk_follow(w, d);
		dput(d);
		return err ? err : 1;
	}
	*out = (struct path){ w->path.mnt, d };
	mnt_get(out->mnt);
	path_down_mounts(out);
	return 0;
}

static int create_step(struct walk *w, int flags, umode_t mode, struct path *out, bool *created)
{
	struct dentry *d;
	int err = walk_run(w);

	if (err)
		return err;
	if (w->kind == LAST_JUMPED) {
		*out = w->path;
		path_get(out);
		return 0;
	}
	if (w->kind != LAST_NORM || w->slash)
		return -EISDIR;
	if (w->last_len > NAME_MAX)
		return -ENAMETOOLONG;
	d = lookup_or_create(w, mode, created);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	if ((flags & O_EXCL) && !*created) {
		dput(d);
		return -EEXIST;
	}
	return take_last(w, d, flags, out);
}

static int open_create(int dfd, const char *name, int flags, umode_t mode, struct path *out,
		       bool *created)
{
	struct walk w;
	int err = walk_start(&w, dfd, name, LOOKUP_PARENT);

	*created = false;
	if (!err)
		do {
			err = create_step(&w, flags, mode, out, created);
		} while (err == 1);
	walk_end(&w);
	return err;
}

static int open_lookup(int dfd, const char *name, int flags, struct path *out)
{
	u32 how = flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW;

	if (flags & O_DIRECTORY)
		how |= LOOKUP_DIRECTORY;
	return path_lookup(dfd, name, how, out);
}

static int check_flags(int *flags)
{
	if (*flags & O_PATH) {
		*flags &= O_PATH_FLAGS;
		return 0;
	}
	if (*flags & O_TMPFILE_BIT)
		return (*flags & (O_TMPFILE | O_CREAT)) == O_TMPFILE &&
				       (*flags & O_ACCMODE) != O_RDONLY
			       ? 0
			       : -EINVAL;
	if ((*flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if ((*flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		*flags |= O_NOFOLLOW;
	return 0;
}

/* A file in the directory @dir that has no name yet: @out is its place, with references. */
static int tmpfile_in(const struct path *dir, int flags, umode_t mode, struct path *out)
{
	struct inode *d = dir->dentry->inode, *i;
	int err = mnt_want_write(dir->mnt);
	char name[24];

	if (!err)
		err = inode_permission(d, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (!d->ops->tmpfile)
		return -EOPNOTSUPP;
	i = d->ops->tmpfile(d, S_IFREG | (mode & ~current_umask() & 07777));
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	i->linkable = !(flags & O_EXCL);
	out->dentry = d_alloc(dir->dentry, name,
			      (size_t)scnprintf(name, sizeof(name), "#%lu", (unsigned long)i->ino));
	if (IS_ERR(out->dentry)) {
		inode_put(i);
		return (int)PTR_ERR(out->dentry);
	}
	d_instantiate(out->dentry, i);
	out->mnt = dir->mnt;
	mnt_get(out->mnt);
	return 0;
}

/* open(2) with O_TMPFILE. */
static struct file *open_tmpfile(int dfd, const char *name, int flags, umode_t mode)
{
	struct path dir, p;
	struct file *f;
	int err = path_lookup(dfd, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &dir);

	if (err)
		return ERR_PTR(err);
	err = tmpfile_in(&dir, flags, mode, &p);
	path_put(&dir);
	if (err)
		return ERR_PTR(err);
	f = file_open_unchecked(&p, flags & ~O_TRUNC);
	path_put(&p);
	return f;
}

struct file *file_open_at(int dfd, const char *name, int flags, umode_t mode)
{
	bool created = false;
	struct path p;
	struct file *f;
	int err = check_flags(&flags);

	if (!err && (flags & O_TMPFILE_BIT))
		return open_tmpfile(dfd, name, flags, mode);
	if (!err && (flags & O_CREAT))
		err = open_create(dfd, name, flags, mode, &p, &created);
	else if (!err)
		err = open_lookup(dfd, name, flags, &p);
	if (err)
		return ERR_PTR(err);
	/* Who creates a file may open it in any way, whatever its mode. */
	f = created ? file_open_unchecked(&p, flags & ~O_TRUNC) : file_open_path(&p, flags);
	path_put(&p);
	return f;
}

struct file *file_open(const char *path, int flags, umode_t mode)
{
	return file_open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

static int may_exec(const struct path *p)
{
	struct inode *i = p->dentry->inode;

	if (S_ISLNK(i->mode))
		return -ELOOP;
	if (!S_ISREG(i->mode) || ((p->mnt->flags | p->mnt->sb->flags) & MS_NOEXEC))
		return -EACCES;
	return inode_permission(i, MAY_EXEC);
}

struct file *file_open_exec(int dfd, const char *name, u32 flags)
{
	u32 how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	struct file *f;
	int err = path_lookup(dfd, name, flags & AT_EMPTY_PATH ? how | LOOKUP_EMPTY : how, &p);

	if (err)
		return ERR_PTR(err);
	err = may_exec(&p);
	f = err ? ERR_PTR(err) : file_open_unchecked(&p, O_RDONLY | O_LARGEFILE);
	path_put(&p);
	if (IS_ERR(f))
		return f;
	err = file_deny_write(f);
	if (err) {
		file_put(f);
		return ERR_PTR(err);
	}
	return f;
}

static long open_user(int dfd, const char __user *uname, int flags, umode_t mode)
{
	char *name = getname(uname);
	struct file *f;
	int fd;

	if (IS_ERR(name))
		return PTR_ERR(name);
	/* First the number: without one nothing must be created, truncated or waited for. */
	fd = fd_reserve(0, (u32)flags);
	f = fd < 0 ? ERR_PTR(fd) : file_open_at(dfd, name, flags | O_LARGEFILE, mode & 07777);
	putname(name);
	if (!IS_ERR(f)) {
		fd_install(fd, f);
		return fd;
	}
	if (fd >= 0)
		fd_unreserve(fd);
	return PTR_ERR(f);
}

/** sys_open - open(2). */
long sys_open(unsigned long name, unsigned long flags, unsigned long mode)
{
	return open_user(AT_FDCWD, (const char __user *)name, (int)flags, (umode_t)mode);
}

/** sys_openat - openat(2). */
long sys_openat(unsigned long dfd, unsigned long name, unsigned long flags, unsigned long mode)
{
	return open_user((int)dfd, (const char __user *)name, (int)flags, (umode_t)mode);
}

/** sys_creat - creat(2). */
long sys_creat(unsigned long name, unsigned long mode)
{
	return open_user(AT_FDCWD, (const char __user *)name, O_CREAT | O_WRONLY | O_TRUNC,
			 (umode_t)mode);
}

void open_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, NULL);
}
