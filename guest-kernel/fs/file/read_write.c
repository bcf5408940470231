// SPDX-License-Identifier: GPL-2.0-only
/*
 * The read and write families, lseek, and copies from file to file.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>

loff_t *file_pos_lock(struct file *f)
{
	if (!(f->mode & FMODE_SEEK))
		return &f->pos;
	mutex_lock(&f->pos_lock);
	return &f->pos;
}

void file_pos_unlock(struct file *f)
{
	if (f->mode & FMODE_SEEK)
		mutex_unlock(&f->pos_lock);
}

/*
 * What preadv2(2) and pwritev2(2) ask for beside the transfer. HIPRI is a hint for polled devices.
 * A flag that is not known, or that the file cannot heed, is -EOPNOTSUPP.
 */
static int check_rwf(const struct file *f, u32 rwf)
{
	const u32 known = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND;

	if (rwf & ~known)
		return -EOPNOTSUPP;
	if ((rwf & RWF_APPEND) && (rwf & RWF_NOAPPEND))
		return -EINVAL;
	return (rwf & RWF_NOWAIT) && !f->ops->nowait ? -EOPNOTSUPP : 0;
}

/* What O_APPEND says for this one write. */
static bool appends(const struct file *f, const struct iov_iter *it)
{
	return it->rwf & RWF_APPEND || ((f->flags & O_APPEND) && !(it->rwf & RWF_NOAPPEND));
}

/* Writes out what a synchronous write has put into the cache. */
static int sync_write(struct file *f, const struct iov_iter *it)
{
	bool all = (f->flags & (O_SYNC & ~O_DSYNC)) || (it->rwf & RWF_SYNC);
	bool data = (f->flags & O_DSYNC) || (it->rwf & RWF_DSYNC);

	return (all || data) && f->ops->fsync ? f->ops->fsync(f, !all) : 0;
}

/**
 * vfs_read_iter - Read from an open file.
 * @f: the file
 * @it: where the bytes go
 * @pos: position, moved on
 *
 * Return: bytes, 0 at the end, or -EBADF, -EISDIR, -EINVAL, -EFAULT and what the file says.
 * Context: may sleep.
 */
ssize_t vfs_read_iter(struct file *f, struct iov_iter *it, loff_t *pos)
{
	ssize_t n;

	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (!f->ops->read_iter)
		return S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	if (!it->count && S_ISREG(f->inode->mode))
		return 0;
	n = f->ops->read_iter(f, it, pos);
	if (n <= 0)
		return n;
	current->process->io_rchar += (u64)n;
	if (S_ISREG(f->inode->mode))
		file_accessed(f);
	return n;
}

int file_write_begin(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *i = f->inode;
	u64 limit = rlimit(RLIMIT_FSIZE), at;

	if (appends(f, it))
		*pos = i->size;
	at = (u64)*pos;
	if (at >= limit) {
		send_signal_thread(current, SIGXFSZ, NULL);
		return -EFBIG;
	}
	limit = min(limit, i->sb->maxbytes);
	if (at >= limit)
		return -EFBIG;
	it->count = min((u64)it->count, limit - at);
	return i->ops->may_write ? i->ops->may_write(i, (loff_t)(at + it->count)) : 0;
}

int check_new_size(const struct inode *i, loff_t size)
{
	if (size > READ_ONCE(i->size) && (u64)size > rlimit(RLIMIT_FSIZE)) {
		send_signal_thread(current, SIGXFSZ, NULL);
		return -EFBIG;
	}
	return (u64)size > i->sb->maxbytes ? -EFBIG : 0;
}

/**
 * vfs_write_iter - Write to an open file.
 * @f: the file
 * @it: where the bytes come from
 * @pos: position, moved on
 *
 * Return: bytes, or -EBADF, -EINVAL, -EFBIG, -EFAULT and what the file says. Context: may sleep.
 */
ssize_t vfs_write_iter(struct file *f, struct iov_iter *it, loff_t *pos)
{
	ssize_t n;
	int err;

	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (!f->ops->write_iter)
		return -EINVAL;
	if (S_ISREG(f->inode->mode)) {
		if (!it->count)
			return 0;
		err = file_remove_privs(f);
		if (err)
			return err;
	}
	n = f->ops->write_iter(f, it, pos);
	if (n <= 0)
		return n;
	current->process->io_wchar += (u64)n;
	err = sync_write(f, it);
	return err ? err : n;
}

ssize_t file_read(struct file *f, void *buf, size_t n, loff_t *pos)
{
	struct iovec one;
	struct iov_iter it;

	iov_iter_kernel(&it, &one, buf, min(n, MAX_RW_COUNT));
	return vfs_read_iter(f, &it, pos);
}

ssize_t file_write(struct file *f, const void *buf, size_t n, loff_t *pos)
{
	struct iovec one;
	struct iov_iter it;

	iov_iter_kernel(&it, &one, (void *)(unsigned long)buf, min(n, MAX_RW_COUNT));
	return vfs_write_iter(f, &it, pos);
}

typedef ssize_t (*iter_fn)(struct file *f, struct iov_iter *it, loff_t *pos);

/* Would the position of the last byte be more than a number of the ABI can say? */
static bool leaves_range(const struct iov_iter *it, loff_t pos)
{
	return it->count > (u64)(LOFF_MAX - pos);
}

/* At the file's own position (@pos NULL) or a given one. */
static ssize_t transfer(iter_fn fn, struct file *f, struct iov_iter *it, const loff_t *pos)
{
	loff_t at, *own;
	ssize_t n;

	if (pos && *pos >= 0 && !(f->mode & FMODE_SEEK))
		return -ESPIPE;
	if (unlikely(it->rwf)) {
		n = check_rwf(f, it->rwf);
		if (n)
			return n;
	}
	if (!pos) {
		own = file_pos_lock(f);
		n = unlikely(leaves_range(it, *own)) ? -EINVAL : fn(f, it, own);
		file_pos_unlock(f);
		return n;
	}
	if (*pos < 0)
		return -EINVAL;
	at = *pos;
	if (leaves_range(it, at))
		return -EINVAL;
	return fn(f, it, &at);
}

static long transfer_buffer(iter_fn fn, unsigned long fd, unsigned long buf, size_t n,
			    const loff_t *pos)
{
	struct file *f = fd_get((int)fd);
	struct iovec one;
	struct iov_iter it;
	ssize_t ret = -EFAULT;

	if (!f)
		return -EBADF;
	iov_iter_user(&it, &one, (void __user *)buf, min(n, MAX_RW_COUNT));
	if (likely(access_ok(one.base, n)))
		ret = (ssize_t)n < 0 ? -EINVAL : transfer(fn, f, &it, pos);
	file_put(f);
	return ret;
}

static long transfer_vector(iter_fn fn, unsigned long fd, unsigned long uiov, unsigned long nr,
			    const loff_t *pos, u32 rwf)
{
	struct iovec fast[UIO_FASTIOV], *iov;
	struct file *f = fd_get((int)fd);
	struct iov_iter it;
	ssize_t ret;

	if (!f)
		return -EBADF;
	ret = iov_import(&it, (const void __user *)uiov, nr, fast, &iov);
	it.rwf = rwf;
	if (!ret)
		ret = transfer(fn, f, &it, pos);
	if (iov != fast)
		kfree(iov);
	file_put(f);
	return ret;
}

/** sys_read - read(2). */
long sys_read(unsigned long fd, unsigned long buf, unsigned long n)
{
	return transfer_buffer(vfs_read_iter, fd, buf, n, NULL);
}

/** sys_write - write(2). */
long sys_write(unsigned long fd, unsigned long buf, unsigned long n)
{
	return transfer_buffer(vfs_write_iter, fd, buf, n, NULL);
}

/** sys_pread64 - pread(2). */
long sys_pread64(unsigned long fd, unsigned long buf, unsigned long n, unsigned long pos)
{
	return transfer_buffer(vfs_read_iter, fd, buf, n, &(loff_t){ (loff_t)pos });
}

/** sys_pwrite64 - pwrite(2). */
long sys_pwrite64(unsigned long fd, unsigned long buf, unsigned long n, unsigned long pos)
{
	return transfer_buffer(vfs_write_iter, fd, buf, n, &(loff_t){ (loff_t)pos });
}

/** sys_readv - readv(2). */
long sys_readv(unsigned long fd, unsigned long iov, unsigned long nr)
{
	return transfer_vector(vfs_read_iter, fd, iov, nr, NULL, 0);
}

/** sys_writev - writev(2). */
long sys_writev(unsigned long fd, unsigned long iov, unsigned long nr)
{
	return transfer_vector(vfs_write_iter, fd, iov, nr, NULL, 0);
}

/** sys_preadv - preadv(2). On 64 bits the low half holds the whole position. */
long sys_preadv(unsigned long fd, unsigned long iov, unsigned long nr, unsigned long pos_l,
		unsigned long pos_h)
{
	return transfer_vector(vfs_read_iter, fd, iov, nr, &(loff_t){ (loff_t)pos_l }, 0);
}

/** sys_pwritev - pwritev(2). */
long sys_pwritev(unsigned long fd, unsigned long iov, unsigned long nr, unsigned long pos_l,
		 unsigned long pos_h)
{
	return transfer_vector(vfs_write_iter, fd, iov, nr, &(loff_t){ (loff_t)pos_l }, 0);
}

/* preadv2 and pwritev2 take -1 for "the file's position". */
static long transfer_vector2(iter_fn fn, unsigned long fd, unsigned long iov, unsigned long nr,
			     unsigned long pos, unsigned long flags)
{
	return transfer_vector(fn, fd, iov, nr, (loff_t)pos == -1 ? NULL : &(loff_t){ (loff_t)pos },
			       (u32)flags);
}

/** sys_preadv2 - preadv2(2). */
long sys_preadv2(unsigned long fd, unsigned long iov, unsigned long nr, unsigned long pos_l,
		 unsigned long pos_h, unsigned long flags)
{
	return transfer_vector2(vfs_read_iter, fd, iov, nr, pos_l, flags);
}

/** sys_pwritev2 - pwritev2(2). */
long sys_pwritev2(unsigned long fd, unsigned long iov, unsigned long nr, unsigned long pos_l,
		  unsigned long pos_h, unsigned long flags)
{
	return transfer_vector2(vfs_write_iter, fd, iov, nr, pos_l, flags);
}

/* A file whose holes are not known is all data with one hole at its end (lseek(2)). */
static loff_t seek_target(const struct file *f, loff_t off, int whence)
{
	loff_t size = READ_ONCE(f->inode->size);

	switch (whence) {
	case SEEK_SET:
		return off;
	case SEEK_CUR:
		return __builtin_add_overflow(f->pos, off, &off) ? -EOVERFLOW : off;
	case SEEK_END:
		return __builtin_add_overflow(size, off, &off) ? -EOVERFLOW : off;
	case SEEK_DATA:
		return off < 0 || off >= size ? -ENXIO : off;
	case SEEK_HOLE:
		return off < 0 || off >= size ? -ENXIO : size;
	default:
		return -EINVAL;
	}
}

/* Called with the position locked. */
static loff_t vfs_llseek(struct file *f, loff_t off, int whence)
{
	loff_t to;

	if (f->ops->llseek)
		return f->ops->llseek(f, off, whence);
	to = seek_target(f, off, whence);
	if (whence >= SEEK_DATA && to < 0)
		return to;
	if (to < 0)
		return to == -EOVERFLOW && whence != SEEK_SET ? -EOVERFLOW : -EINVAL;
	if ((u64)to > f->inode->sb->maxbytes)
		return -EINVAL;
	f->pos = to;
	return to;
}

/** sys_lseek - lseek(2). */
long sys_lseek(unsigned long fd, unsigned long off, unsigned long whence)
{
	struct file *f = fd_get((int)fd);
	loff_t ret = -ESPIPE;

	if (!f)
		return -EBADF;
	if ((u32)whence > SEEK_HOLE) {
		ret = -EINVAL;
	} else if (f->mode & FMODE_SEEK) {
		mutex_lock(&f->pos_lock);
		ret = vfs_llseek(f, (loff_t)off, (int)whence);
		mutex_unlock(&f->pos_lock);
	}
	file_put(f);
	return ret;
}

/*
 * Copies up to @n bytes through one page. Bytes that were read but could not be written are given
 * back by not moving @from_pos over them; a source without positions would lose them, so callers
 * allow only seekable sources.
 */
static ssize_t copy_between(struct file *from, loff_t *from_pos, struct file *to, loff_t *to_pos,
			    size_t n)
{
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	ssize_t done = 0, got = 0, put = 0;

	if (!buf)
		return -ENOMEM;
	while ((size_t)done < n) {
		loff_t pos = *from_pos;

		got = file_read(from, buf, min(n - (size_t)done, PAGE_SIZE), &pos);
		if (got <= 0)
			break;
		put = file_write(to, buf, (size_t)got, to_pos);
		if (put <= 0)
			break;
		*from_pos += put;
		done += put;
		if (put < got || signal_pending())
			break;
	}
	kfree(buf);
	if (done)
		return done;
	return got < 0 ? got : put;
}

/*
 * A copy between files works on copies of their positions, as Linux's does: holding two position
 * locks could deadlock with a copy in the other direction.
 */
static int get_position(struct file *f, loff_t __user *upos, loff_t *pos)
{
	*pos = READ_ONCE(f->pos);
	if (!upos)
		return 0;
	if (get_user(*pos, upos))
		return -EFAULT;
	if (*pos < 0)
		return -EINVAL;
	return f->mode & FMODE_SEEK ? 0 : -ESPIPE;
}

static int set_position(struct file *f, loff_t __user *upos, loff_t pos)
{
	if (upos)
		return put_user(pos, upos);
	if (f->mode & FMODE_SEEK) {
		mutex_lock(&f->pos_lock);
		f->pos = pos;
		mutex_unlock(&f->pos_lock);
	}
	return 0;
}

static int sendfile_check(const struct file *out, const struct file *in, const loff_t *pos)
{
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (pos && !(in->mode & FMODE_SEEK))
		return -ESPIPE;
	if (!(in->mode & FMODE_SEEK) || (out->flags & O_APPEND) || in->inode == out->inode)
		return -EINVAL;
	return pos && *pos < 0 ? -EINVAL : 0;
}

static ssize_t sendfile_files(struct file *out, struct file *in, loff_t *pos, size_t n)
{
	loff_t out_pos = READ_ONCE(out->pos), in_pos = pos ? *pos : READ_ONCE(in->pos);
	ssize_t ret = sendfile_check(out, in, pos);

	if (ret)
		return ret;
	ret = copy_between(in, &in_pos, out, &out_pos, min(n, MAX_RW_COUNT));
	set_position(out, NULL, out_pos);
	if (pos)
		*pos = in_pos;
	else
		set_position(in, NULL, in_pos);
	return ret;
}

/** sys_sendfile - sendfile(2), from files that have positions. */
long sys_sendfile(unsigned long out_fd, unsigned long in_fd, unsigned long upos, unsigned long n)
{
	loff_t __user *user = (loff_t __user *)upos;
	struct file *in, *out;
	loff_t pos = 0;
	long ret;

	if (user && get_user(pos, user))
		return -EFAULT;
	in = fd_get((int)in_fd);
	out = fd_get((int)out_fd);
	ret = in && out ? sendfile_files(out, in, user ? &pos : NULL, n) : -EBADF;
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return user && put_user(pos, user) ? -EFAULT : ret;
}

static int copy_range_check(const struct file *in, const struct file *out)
{
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE) || (out->flags & O_APPEND))
		return -EBADF;
	return 0;
}

static bool ranges_overlap(const struct file *a, loff_t pa, const struct file *b, loff_t pb,
			   size_t n)
{
	return a->inode == b->inode && (u64)pa < (u64)pb + n && (u64)pb < (u64)pa + n;
}

static ssize_t copy_range_files(struct file *in, loff_t __user *uin, struct file *out,
				loff_t __user *uout, size_t n)
{
	loff_t from, to;
	ssize_t ret;
	int err = copy_range_check(in, out);

	if (!err)
		err = get_position(in, uin, &from);
	if (!err)
		err = get_position(out, uout, &to);
	if (!err && ranges_overlap(in, from, out, to, n))
		err = -EINVAL;
	if (err)
		return err;
	ret = copy_between(in, &from, out, &to, n);
	err = set_position(out, uout, to);
	if (!err)
		err = set_position(in, uin, from);
	return ret < 0 ? ret : err ? err : ret;
}

/** sys_copy_file_range - copy_file_range(2). */
long sys_copy_file_range(unsigned long in_fd, unsigned long in_pos, unsigned long out_fd,
			 unsigned long out_pos, unsigned long n, unsigned long flags)
{
	struct file *in = fd_get((int)in_fd), *out = fd_get((int)out_fd);
	long ret = -EBADF;

	if (flags)
		ret = -EINVAL;
	else if (in && out)
		ret = copy_range_files(in, (loff_t __user *)in_pos, out, (loff_t __user *)out_pos,
				       min(n, MAX_RW_COUNT));
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return ret;
}
