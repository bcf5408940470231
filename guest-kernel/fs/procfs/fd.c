// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/fd (links to the open files) and /proc/PID/fdinfo.
 */
#include "procfs.h"
#include <string.h>
#include <uapi/fcntl.h>

static const struct inode_ops fd_link_ops, fdinfo_file_ops;
static const struct file_ops fdinfo_file_fops;

struct files *pid_files(const struct pid_view *v)
{
	struct files *files;

	spin_lock(&v->p->lock);
	files = v->p->files;
	if (files)
		files_get(files);
	spin_unlock(&v->p->lock);
	return files;
}

/* The open file that @ref speaks of, referenced. ERR_PTR. */
static struct file *ref_file(const struct pid_ref *ref, u32 *fdflags)
{
	struct file *f = ERR_PTR(-ENOENT);
	struct files *files;
	struct pid_view v;

	if (pid_view_get(ref, &v))
		return f;
	files = pid_may_inspect(&v) ? pid_files(&v) : ERR_PTR(-EACCES);
	pid_view_put(&v);
	if (IS_ERR_OR_NULL(files))
		return files ? (struct file *)files : f;
	f = files_lookup(files, ref->fd, fdflags);
	files_put(files);
	return f ? f : ERR_PTR(-ENOENT);
}

static int fd_get_link(struct inode *inode, struct path *out)
{
	struct file *f = ref_file(inode->private, NULL);

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

static ssize_t fd_readlink(struct inode *inode, char *buf, size_t size)
{
	struct path p;
	int err = fd_get_link(inode, &p);

	return err ? err : proc_readlink_path(&p, buf, size);
}

/* The link's mode tells how the file is open. */
static umode_t link_mode(const struct file *f)
{
	umode_t mode = S_IFLNK;

	if (f->mode & FMODE_READ)
		mode |= 0500;
	if (f->mode & FMODE_WRITE)
		mode |= 0300;
	return mode;
}

/* The open file that a name in @dir stands for; @ref then names it, too. */
static struct file *named_file(const struct inode *dir, const char *name, size_t len,
			       struct pid_ref *ref)
{
	*ref = *(const struct pid_ref *)dir->private;
	return parse_pid(name, len, &ref->fd) ? ref_file(ref, NULL) : ERR_PTR(-ENOENT);
}

static struct inode *fd_lookup(struct inode *dir, const char *name, size_t len)
{
	struct pid_ref ref;
	struct inode *i;
	struct file *f = named_file(dir, name, len, &ref);

	if (IS_ERR(f))
		return (struct inode *)f;
	i = pid_make_inode(dir->sb, &ref, link_mode(f), &fd_link_ops, NULL);
	file_put(f);
	return i;
}

static struct inode *fdinfo_lookup(struct inode *dir, const char *name, size_t len)
{
	struct pid_ref ref;
	struct file *f = named_file(dir, name, len, &ref);

	if (IS_ERR(f))
		return (struct inode *)f;
	file_put(f);
	return pid_make_inode(dir->sb, &ref, S_IFREG | 0400, &fdinfo_file_ops, &fdinfo_file_fops);
}

static bool fd_revalidate(struct dentry *d)
{
	struct file *f = ref_file(d->inode->private, NULL);

	if (IS_ERR(f))
		return false;
	if (S_ISLNK(d->inode->mode))
		d->inode->mode = link_mode(f);
	file_put(f);
	return true;
}

static int iterate_fds(struct files *files, struct dir_context *ctx, u32 type)
{
	int fd = (int)min(ctx->pos - 2, (loff_t)0x7fffffff);

	while ((fd = files_next(files, fd)) >= 0) {
		if (!proc_emit_number(ctx, fd, (loff_t)fd + 3, type))
			break;
		fd++;
	}
	return 0;
}

static int iterate_dir_of(struct file *f, struct dir_context *ctx, u32 type)
{
	struct files *files;
	struct pid_view v;

	if (!proc_emit_dots(f, ctx))
		return 0;
	if (pid_view_get(f->inode->private, &v))
		return -ENOENT;
	files = pid_may_inspect(&v) ? pid_files(&v) : ERR_PTR(-EACCES);
	pid_view_put(&v);
	if (IS_ERR_OR_NULL(files))
		return (int)PTR_ERR(files);
	iterate_fds(files, ctx, type);
	files_put(files);
	return 0;
}

static int fd_iterate(struct file *f, struct dir_context *ctx)
{
	return iterate_dir_of(f, ctx, DT_LNK);
}

static int fdinfo_iterate(struct file *f, struct dir_context *ctx)
{
	return iterate_dir_of(f, ctx, DT_REG);
}

static int fdinfo_show(struct seq *s, void *arg)
{
	u32 fdflags = 0;
	struct file *f = ref_file(arg, &fdflags);

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	seq_printf(s, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n", (long long)f->pos,
		   f->flags | (fdflags & FD_CLOEXEC ? (u32)O_CLOEXEC : 0), f->path.mnt->id,
		   (unsigned long)f->inode->ino);
	file_put(f);
	return 0;
}

static int fdinfo_open(struct inode *inode, struct file *f)
{
	return proc_open_text(f, fdinfo_show, inode->private);
}

/* A process may always look at its own descriptors, whatever ids it has taken on since. */
static int fd_dir_permission(struct inode *inode, int mask)
{
	struct pid_view v;
	bool ok;

	if ((mask & MAY_WRITE) || pid_view_get(inode->private, &v))
		return -EACCES;
	ok = pid_may_inspect(&v);
	pid_view_put(&v);
	return ok ? 0 : -EACCES;
}

const struct inode_ops proc_fd_dir_ops = {
	.lookup = fd_lookup,
	.setattr = proc_no_setattr,
	.permission = fd_dir_permission,
	.revalidate = fd_revalidate,
};
const struct inode_ops proc_fdinfo_dir_ops = {
	.lookup = fdinfo_lookup,
	.setattr = proc_no_setattr,
	.permission = fd_dir_permission,
	.revalidate = fd_revalidate,
};
const struct file_ops proc_fd_dir_fops = { .iterate = fd_iterate };
const struct file_ops proc_fdinfo_dir_fops = { .iterate = fdinfo_iterate };
static const struct inode_ops fd_link_ops = {
	.readlink = fd_readlink,
	.get_link = fd_get_link,
	.setattr = proc_no_setattr,
};
static const struct inode_ops fdinfo_file_ops = { .setattr = proc_no_setattr };
static const struct file_ops fdinfo_file_fops = {
	.open = fdinfo_open,
	.release = proc_release_text,
	.read_iter = proc_read_text,
};
