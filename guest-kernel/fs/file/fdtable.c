// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor tables: small numbers for open files, shared by the threads of a process and copied by
 * fork.
 */
#include "../internal.h"
#include <bitmap.h>
#include <nospec.h>
#include <string.h>
#include <syscall.h>
#include <uapi/fcntl.h>
#include <user.h>

#define NR_INLINE 64
#define NR_OPEN	  (1U << 20) /* hard limit, as Linux's fs.nr_open */

/**
 * struct files - a descriptor table
 * @lock: guards everything but @refs
 * @max: length of the arrays, a multiple of 64
 * @next: no lower number is free
 * @nr_open: numbers in use
 * @open: numbers in use, also those that are only reserved (@fd is NULL then)
 */
struct files {
	atomic_t refs;
	struct user *user; /* to whom it is charged; referenced */
	struct spinlock lock;
	u32 max, next, nr_open;
	struct file **fd;
	unsigned long *open, *cloexec;
	struct file *inline_fd[NR_INLINE];
	unsigned long inline_bits[2];
};

static struct kmem_cache *files_cache __ro_after_init;

/* The file at a number that a program gave, NULL: none. Called with the lock. */
static struct file *file_at(const struct files *fs, u32 fd)
{
	return fd < fs->max ? fs->fd[array_index_nospec(fd, fs->max)] : NULL;
}

void fdtable_init(void)
{
	files_cache = kmem_cache_create("files", sizeof(struct files), 0, NULL);
}

struct files *files_create(void)
{
	struct user *u = current_cred()->user;
	struct files *fs;

	if (!user_charge(u, sizeof(*fs)))
		return NULL;
	fs = kmem_cache_alloc(files_cache, GFP_KERNEL);
	if (!fs) {
		user_uncharge(u, sizeof(*fs));
		return NULL;
	}
	fs->user = user_get(u);
	atomic_set(&fs->refs, 1);
	spin_lock_init(&fs->lock, "files->lock");
	fs->max = NR_INLINE;
	fs->next = 0;
	fs->nr_open = 0;
	fs->fd = fs->inline_fd;
	fs->open = &fs->inline_bits[0];
	fs->cloexec = &fs->inline_bits[1];
	fs->inline_bits[0] = fs->inline_bits[1] = 0;
	memset(fs->inline_fd, 0, sizeof(fs->inline_fd));
	return fs;
}

/* One allocation: pointers, then the two bitmaps. */
static size_t arrays_size(u32 max)
{
	return max * sizeof(struct file *) + 2 * (max / 8);
}

static struct file **arrays_alloc(struct user *u, u32 max)
{
	size_t n = arrays_size(max);
	struct file **fd;

	if (!user_charge(u, n))
		return NULL;
	fd = kvmalloc(n, GFP_KERNEL);
	if (fd)
		memset(fd, 0, n);
	else
		user_uncharge(u, n);
	return fd;
}

static void arrays_free(struct user *u, struct file **fd, u32 max)
{
	if (!fd)
		return;
	kvfree(fd);
	user_uncharge(u, arrays_size(max));
}

static void arrays_use(struct files *fs, struct file **fd, u32 max)
{
	fs->fd = fd;
	fs->max = max;
	fs->open = (unsigned long *)(fd + max);
	fs->cloexec = fs->open + max / 64;
}

/*
 * Makes room for number @want. Called and returns with the lock held, but releases it in between. /
 */
static int files_expand(struct files *fs, u32 want)
{
	u32 max = fs->max, old_max;
	struct file **fd, **old;

	while (max <= want)
		max *= 2;
	spin_unlock(&fs->lock);
	fd = arrays_alloc(fs->user, max);
	spin_lock(&fs->lock);
	if (!fd)
		return -ENOMEM;
	old = fd;
	old_max = max;
	if (fs->max < max) {
		unsigned long *open = fs->open, *cloexec = fs->cloexec;

		old_max = fs->max;
		old = fs->fd == fs->inline_fd ? NULL : fs->fd;
		memcpy(fd, fs->fd, old_max * sizeof(*fd));
		arrays_use(fs, fd, max);
		memcpy(fs->open, open, old_max / 8);
		memcpy(fs->cloexec, cloexec, old_max / 8);
	}
	spin_unlock(&fs->lock);
	arrays_free(fs->user, old, old_max);
	spin_lock(&fs->lock);
	return 0;
}

/*
 * Marks the lowest free number >= @from as used. Called with the lock, which may be released in
 * between.
 */
static int reserve_locked(struct files *fs, u32 from, u32 flags, u32 limit)
{
	u32 n;
	int err;

	for (;;) {
		n = bitmap_find_zero(fs->open, fs->max, max(from, fs->next));
		if (n >= limit)
			return -EMFILE;
		if (n < fs->max)
			break;
		err = files_expand(fs, n);
		if (err)
			return err;
	}
	bitmap_set(fs->open, n);
	fs->nr_open++;
	if (flags & O_CLOEXEC)
		bitmap_set(fs->cloexec, n);
	else
		bitmap_clear(fs->cloexec, n);
	if (from <= fs->next)
		fs->next = n + 1;
	return (int)n;
}

static u32 nofile_limit(void)
{
	unsigned long limit = rlimit(RLIMIT_NOFILE);

	return limit < NR_OPEN ? (u32)limit : NR_OPEN;
}

int fd_reserve(int from, u32 flags)
{
	struct files *fs = current->process->files;
	int fd;

	spin_lock(&fs->lock);
	fd = reserve_locked(fs, (u32)from, flags, nofile_limit());
	spin_unlock(&fs->lock);
	return fd;
}

void fd_install(int fd, struct file *f)
{
	struct files *fs = current->process->files;

	spin_lock(&fs->lock);
	fs->fd[fd] = f;
	spin_unlock(&fs->lock);
}

static void release_number(struct files *fs, u32 fd)
{
	fs->fd[fd] = NULL;
	bitmap_clear(fs->open, fd);
	fs->nr_open--;
	if (fd < fs->next)
		fs->next = fd;
}

void fd_unreserve(int fd)
{
	struct files *fs = current->process->files;

	spin_lock(&fs->lock);
	release_number(fs, (u32)fd);
	spin_unlock(&fs->lock);
}

int fd_alloc(struct file *f, int from, u32 flags)
{
	struct files *fs = current->process->files;
	int fd;

	spin_lock(&fs->lock);
	fd = reserve_locked(fs, (u32)from, flags, nofile_limit());
	if (fd >= 0)
		fs->fd[fd] = f;
	spin_unlock(&fs->lock);
	return fd;
}

struct file *fd_get_path(int fd)
{
	struct files *fs = current->process->files;
	struct file *f;

	spin_lock(&fs->lock);
	f = file_at(fs, (u32)fd);
	if (f)
		file_get(f);
	spin_unlock(&fs->lock);
	return f;
}

struct file *fd_get(int fd)
{
	struct file *f = fd_get_path(fd);

	if (f && unlikely(f->mode & FMODE_PATH)) {
		file_put(f);
		return NULL;
	}
	return f;
}

/* Takes the file out of the table; NULL if there is none. Called with the lock. */
static struct file *remove_locked(struct files *fs, u32 fd)
{
	struct file *f = file_at(fs, fd);

	if (f)
		release_number(fs, fd);
	return f;
}

/* What close(2) does to a file that has left the table of @fs. */
static int close_file(struct files *fs, struct file *f)
{
	int err = 0;

	if (f->ops->flush)
		err = f->ops->flush(f);
	if (unlikely(!list_empty(&f->inode->flocks)) && !(f->mode & FMODE_PATH))
		locks_remove_posix(f, fs);
	file_put(f);
	return err;
}

int fd_close(int fd)
{
	struct files *fs = current->process->files;
	struct file *f;

	spin_lock(&fs->lock);
	f = remove_locked(fs, (u32)fd);
	spin_unlock(&fs->lock);
	return f ? close_file(fs, f) : -EBADF;
}

struct file *files_lookup(struct files *fs, int fd, u32 *fdflags)
{
	struct file *f;

	spin_lock(&fs->lock);
	f = file_at(fs, (u32)fd);
	if (f) {
		file_get(f);
		if (fdflags)
			*fdflags = bitmap_test(fs->cloexec, (u32)fd) ? FD_CLOEXEC : 0;
	}
	spin_unlock(&fs->lock);
	return f;
}

unsigned long files_footprint(const struct files *fs)
{
	return (READ_ONCE(fs->nr_open) * FILE_COST + READ_ONCE(fs->max) * sizeof(*fs->fd)) /
	       PAGE_SIZE;
}

u32 files_size(struct files *fs)
{
	return READ_ONCE(fs->max);
}

int files_next(struct files *fs, int fd)
{
	u32 n = (u32)fd;

	spin_lock(&fs->lock);
	do {
		n = n < fs->max ? bitmap_find_set(fs->open, fs->max, n) : fs->max;
	} while (n < fs->max && !fs->fd[array_index_nospec(n, fs->max)] && n++ < fs->max);
	fd = n < fs->max ? (int)n : -1;
	spin_unlock(&fs->lock);
	return fd;
}

/* Number of the highest descriptor in use plus one, rounded up to 64. Called with the lock. */
static u32 used_length(const struct files *fs)
{
	u32 words = fs->max / 64;

	while (words > 1 && !fs->open[words - 1])
		words--;
	return words * 64;
}

/*
 * Called with the lock of @old; @copy has room for @n. Numbers that are only reserved are not
 * inherited.
 */
static void copy_table(struct files *copy, struct files *old, u32 n)
{
	memcpy(copy->cloexec, old->cloexec, n / 8);
	memcpy(copy->open, old->open, n / 8);
	copy->next = old->next;
	copy->nr_open = old->nr_open;
	for (u32 w = 0; w < n / 64; w++) {
		for (unsigned long bits = old->open[w]; bits; bits &= bits - 1) {
			u32 fd = w * 64 + bit_lowest(bits);

			copy->fd[fd] = old->fd[fd];
			if (copy->fd[fd])
				file_get(copy->fd[fd]);
			else
				release_number(copy, fd);
		}
	}
}

struct files *files_copy(struct files *old)
{
	struct files *copy = files_create();
	u32 n;
	int err = 0;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	spin_lock(&old->lock);
	while ((n = used_length(old)) > copy->max && !err) {
		spin_unlock(&old->lock);
		spin_lock(&copy->lock);
		err = files_expand(copy, n - 1);
		spin_unlock(&copy->lock);
		spin_lock(&old->lock);
	}
	if (!err)
		copy_table(copy, old, n);
	spin_unlock(&old->lock);
	if (err) {
		files_put(copy);
		return ERR_PTR(err);
	}
	return copy;
}

void files_get(struct files *fs)
{
	atomic_inc(&fs->refs);
}

void files_put(struct files *fs)
{
	if (!atomic_dec_and_test(&fs->refs))
		return;
	for (u32 w = 0; w < fs->max / 64; w++) {
		for (unsigned long bits = fs->open[w]; bits; bits &= bits - 1) {
			struct file *f = fs->fd[w * 64 + bit_lowest(bits)];

			if (f)
				close_file(fs, f);
		}
	}
	if (fs->fd != fs->inline_fd)
		arrays_free(fs->user, fs->fd, fs->max);
	user_uncharge(fs->user, sizeof(*fs));
	user_put(fs->user);
	kmem_cache_free(files_cache, fs);
}

struct files *files_unshare(struct files *fs)
{
	if (atomic_read(&fs->refs) == 1) {
		files_get(fs);
		return fs;
	}
	return files_copy(fs);
}

void files_close_on_exec(struct files *fs)
{
	struct file *f;
	u32 fd = 0;

	spin_lock(&fs->lock);
	while (fd < fs->max && (fd = bitmap_find_set(fs->cloexec, fs->max, fd)) < fs->max) {
		bitmap_clear(fs->cloexec, fd);
		f = remove_locked(fs, fd++);
		spin_unlock(&fs->lock);
		if (f)
			close_file(fs, f);
		spin_lock(&fs->lock);
	}
	spin_unlock(&fs->lock);
}

/** sys_close - close(2). */
long sys_close(unsigned long fd)
{
	return fd_close((int)fd);
}

static long dup_from(u32 fd, u32 from, u32 flags)
{
	struct file *f = fd_get_path((int)fd);
	int newfd;

	if (!f)
		return -EBADF;
	newfd = fd_alloc(f, (int)from, flags);
	if (newfd < 0)
		file_put(f);
	return newfd;
}

/**
 * fd_dup_from - fcntl(2) F_DUPFD.
 * @fd: descriptor to duplicate
 * @from: lowest number for the new one
 * @flags: O_CLOEXEC or 0
 *
 * Return: the new descriptor, -EBADF, -EINVAL if @from is beyond the limit, -EMFILE, -ENOMEM.
 */
long fd_dup_from(int fd, unsigned long from, u32 flags)
{
	if (from >= nofile_limit())
		return -EINVAL;
	return dup_from((u32)fd, (u32)from, flags);
}

/** sys_dup - dup(2). */
long sys_dup(unsigned long fd)
{
	return dup_from((u32)fd, 0, 0);
}

/* Installs @f as @newfd in place of what is there. Called with the lock, which is released. */
static long replace_locked(struct files *fs, struct file *f, u32 newfd, u32 flags)
{
	struct file *old;
	int err = 0;

	if (newfd >= fs->max)
		err = files_expand(fs, newfd);
	/*
	 * Reserved by an open(2) that runs at this moment: as if that had not happened yet, or had
	 * already been undone.
	 */
	if (!err && bitmap_test(fs->open, newfd) && !fs->fd[newfd])
		err = -EBUSY;
	if (err) {
		spin_unlock(&fs->lock);
		return err;
	}
	old = fs->fd[newfd];
	fs->fd[newfd] = f;
	bitmap_set(fs->open, newfd);
	if (flags & O_CLOEXEC)
		bitmap_set(fs->cloexec, newfd);
	else
		bitmap_clear(fs->cloexec, newfd);
	spin_unlock(&fs->lock);
	if (old)
		close_file(fs, old);
	return (long)newfd;
}

static long dup_to(u32 oldfd, u32 newfd, u32 flags)
{
	struct files *fs = current->process->files;
	struct file *f;
	long ret;

	if (newfd >= nofile_limit())
		return -EBADF;
	f = fd_get_path((int)oldfd);
	if (!f)
		return -EBADF;
	spin_lock(&fs->lock);
	ret = replace_locked(fs, f, newfd, flags);
	if (ret < 0)
		file_put(f);
	return ret;
}

/** sys_dup2 - dup2(2). */
long sys_dup2(unsigned long oldfd, unsigned long newfd)
{
	struct file *f;

	if ((u32)oldfd != (u32)newfd)
		return dup_to((u32)oldfd, (u32)newfd, 0);
	f = fd_get_path((int)oldfd);
	if (!f)
		return -EBADF;
	file_put(f);
	return (long)(u32)newfd;
}

/** sys_dup3 - dup3(2). */
long sys_dup3(unsigned long oldfd, unsigned long newfd, unsigned long flags)
{
	if ((flags & ~(unsigned long)O_CLOEXEC) || (u32)oldfd == (u32)newfd)
		return -EINVAL;
	return dup_to((u32)oldfd, (u32)newfd, (u32)flags);
}

/**
 * fd_set_flags - Set or clear close-on-exec of a descriptor.
 * @fd: descriptor
 * @cloexec: the new state
 *
 * Return: 0 or -EBADF.
 */
long fd_set_flags(int fd, bool cloexec)
{
	struct files *fs = current->process->files;
	long ret = -EBADF;

	spin_lock(&fs->lock);
	if (file_at(fs, (u32)fd)) {
		if (cloexec)
			bitmap_set(fs->cloexec, (u32)fd);
		else
			bitmap_clear(fs->cloexec, (u32)fd);
		ret = 0;
	}
	spin_unlock(&fs->lock);
	return ret;
}

/* Closes, or marks, all numbers in [first, last]. */
static void range_apply(struct files *fs, u32 first, u32 last, bool cloexec)
{
	struct file *f;

	spin_lock(&fs->lock);
	for (u32 fd = first; fd <= last && fd < fs->max; fd++) {
		fd = bitmap_find_set(fs->open, fs->max, fd);
		if (fd > last || fd >= fs->max)
			break;
		if (cloexec) {
			bitmap_set(fs->cloexec, fd);
			continue;
		}
		f = remove_locked(fs, fd);
		spin_unlock(&fs->lock);
		if (f)
			close_file(fs, f);
		spin_lock(&fs->lock);
	}
	spin_unlock(&fs->lock);
}

/*
 * The table belongs to the process: one of several threads cannot have its own, and the others may
 * be using the shared one at this moment.
 */
static int unshare_current_files(void)
{
	struct process *p = current->process;
	struct files *old = p->files, *copy;

	if (READ_ONCE(p->nr_threads) > 1)
		return -EINVAL;
	copy = files_unshare(old);
	if (IS_ERR(copy))
		return (int)PTR_ERR(copy);
	spin_lock(&p->lock);
	p->files = copy;
	spin_unlock(&p->lock);
	files_put(old);
	return 0;
}

/** sys_close_range - close_range(2). */
long sys_close_range(unsigned long first, unsigned long last, unsigned long flags)
{
	int err = 0;

	if ((flags & ~(unsigned long)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) ||
	    (u32)first > (u32)last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		err = unshare_current_files();
	if (!err)
		range_apply(current->process->files, (u32)first, (u32)last,
			    flags & CLOSE_RANGE_CLOEXEC);
	return err;
}
