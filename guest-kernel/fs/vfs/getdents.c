// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading directories. Entries are gathered in a kernel buffer and copied out at the end: while the
 * directory is locked, user memory must not be touched.
 */
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>

#define GETDENTS_BUF 32768U

/*
 * Entry headers of the ABI: getdents64 has the type before the name, getdents in the record's last
 * byte.
 */
struct dirent64 {
	u64 d_ino;
	s64 d_off;
	u16 d_reclen;
	u8 d_type;
	char d_name[];
};
struct dirent_old {
	u64 d_ino, d_off;
	u16 d_reclen;
	char d_name[];
};

/**
 * struct gather - a buffer being filled
 * @ctx: what the file system calls
 * @toosmall: not even the first entry fits
 */
struct gather {
	struct dir_context ctx;
	char *buf;
	size_t size, len;
	bool old, toosmall;
};

static void fill64(void *at, size_t reclen, const char *name, size_t len, loff_t next, ino_t ino,
		   u32 type)
{
	struct dirent64 *d = at;

	memset(at, 0, reclen);
	d->d_ino = ino;
	d->d_off = next;
	d->d_reclen = (u16)reclen;
	d->d_type = (u8)type;
	memcpy(d->d_name, name, len);
}

static void fill_old(void *at, size_t reclen, const char *name, size_t len, loff_t next, ino_t ino,
		     u32 type)
{
	struct dirent_old *d = at;

	memset(at, 0, reclen);
	d->d_ino = ino;
	d->d_off = (u64)next;
	d->d_reclen = (u16)reclen;
	memcpy(d->d_name, name, len);
	((char *)at)[reclen - 1] = (char)type;
}

static bool add_entry(struct dir_context *ctx, const char *name, size_t len, loff_t next, ino_t ino,
		      u32 type)
{
	struct gather *g = container_of(ctx, struct gather, ctx);
	size_t head = g->old ? offsetof(struct dirent_old, d_name) + 1
			     : offsetof(struct dirent64, d_name);
	size_t reclen = ALIGN_UP(head + len + 1, 8);

	if (reclen > g->size - g->len) {
		g->toosmall = !g->len;
		return false;
	}
	(g->old ? fill_old : fill64)(g->buf + g->len, reclen, name, len, next, ino, type);
	g->len += reclen;
	ctx->pos = next;
	return true;
}

/**
 * iterate_dir - Call ctx->actor for the entries of an open directory from its position on.
 * @f: the directory; its position is locked by the caller
 * @ctx: actor; its pos is set
 *
 * Return: 0, -ENOTDIR, -ENOENT if the directory was removed.
 */
int iterate_dir(struct file *f, struct dir_context *ctx)
{
	int err;

	if (!f->ops->iterate)
		return -ENOTDIR;
	down_read(&f->inode->lock);
	ctx->pos = f->pos;
	err = f->inode->nlink ? f->ops->iterate(f, ctx) : -ENOENT;
	f->pos = ctx->pos;
	up_read(&f->inode->lock);
	return err;
}

static long gather_entries(struct file *f, struct gather *g, void __user *out)
{
	loff_t start;
	int err;

	mutex_lock(&f->pos_lock);
	start = f->pos;
	err = iterate_dir(f, &g->ctx);
	if (!err && g->toosmall)
		err = -EINVAL;
	if (!err && g->len)
		err = copy_to_user(out, g->buf, g->len);
	if (err)
		f->pos = start;
	mutex_unlock(&f->pos_lock);
	if (!err)
		file_accessed(f);
	return err ? err : (long)g->len;
}

static long do_getdents(unsigned long fd, unsigned long buf, unsigned long count, bool old)
{
	struct file *f = fd_get((int)fd);
	struct gather g = { .ctx.actor = add_entry,
			    .size = min((u32)count, GETDENTS_BUF),
			    .old = old };
	long ret = -ENOMEM;

	if (!f)
		return -EBADF;
	g.buf = S_ISDIR(f->inode->mode) ? kvmalloc(max(g.size, (size_t)1), GFP_KERNEL) : NULL;
	if (!S_ISDIR(f->inode->mode))
		ret = -ENOTDIR;
	else if (g.buf)
		ret = gather_entries(f, &g, (void __user *)buf);
	kvfree(g.buf);
	file_put(f);
	return ret;
}

/** sys_getdents64 - getdents64(2). */
long sys_getdents64(unsigned long fd, unsigned long buf, unsigned long count)
{
	return do_getdents(fd, buf, count, false);
}

/** sys_getdents - getdents(2). */
long sys_getdents(unsigned long fd, unsigned long buf, unsigned long count)
{
	return do_getdents(fd, buf, count, true);
}
