// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID and /proc/PID/task/TID: directories, and what is common to the files in them. An inode
 * holds no reference on its process, only its number and start time, so that nothing of a dead
 * process is kept by the dentry cache.
 */
#include "procfs.h"
#include <sched.h>
#include <string.h>
#include <uapi/fcntl.h>

static const struct inode_ops pid_dir_ops, pid_file_ops, pid_link_ops, task_dir_ops;
static const struct file_ops pid_dir_fops, pid_file_fops, task_dir_fops;

int pid_view_get(const struct pid_ref *ref, struct pid_view *v)
{
	v->t = NULL;
	v->of_thread = ref->tid;
	v->p = process_find(ref->pid);
	if (v->p && v->p->start_ns != ref->start_ns) {
		process_put(v->p);
		v->p = NULL;
	}
	if (!v->p)
		return -ESRCH;
	if (ref->tid) {
		v->t = thread_find(ref->tid);
	} else {
		spin_lock_irq(&tasklist_lock);
		v->t = v->p->leader;
		if (v->t)
			thread_get(v->t);
		spin_unlock_irq(&tasklist_lock);
	}
	if (ref->tid && (!v->t || v->t->process != v->p)) {
		pid_view_put(v);
		return -ESRCH;
	}
	return 0;
}

void pid_view_put(struct pid_view *v)
{
	if (v->t)
		thread_put(v->t);
	if (v->p)
		process_put(v->p);
}

/* Effective ids of the process, for the owner of its files and for who may look. */
static void pid_owner(const struct pid_view *v, uid_t *uid, gid_t *gid)
{
	struct cred *c = v->t ? thread_cred(v->t) : NULL;

	*uid = c ? c->euid : 0;
	*gid = c ? c->egid : 0;
	if (c)
		cred_put(c);
}

/**
 * pid_may_inspect - May the current process look into the memory and files of @p?
 * @v: the process
 *
 * As ptrace(2)'s access check: all of its real, effective and saved ids are the caller's, and it
 * has not given up being dumpable, or CAP_SYS_PTRACE.
 */
bool pid_may_inspect(const struct pid_view *v)
{
	const struct cred *me = current_cred();
	struct cred *c;
	bool same;

	if (v->p == current->process || capable(CAP_SYS_PTRACE))
		return true;
	if (!v->t || !v->p->dumpable)
		return false;
	c = thread_cred(v->t);
	same = c->uid == me->fsuid && c->euid == me->fsuid && c->suid == me->fsuid &&
	       c->gid == me->fsgid && c->egid == me->fsgid && c->sgid == me->fsgid;
	cred_put(c);
	return same;
}

struct inode *pid_make_inode(struct super_block *sb, const struct pid_ref *of, umode_t mode,
			     const struct inode_ops *ops, const struct file_ops *fops)
{
	struct pid_ref *ref = kmalloc(sizeof(*ref), GFP_KERNEL);
	struct pid_view v;
	struct inode *i;
	int err;

	if (!ref)
		return ERR_PTR(-ENOMEM);
	*ref = *of;
	err = pid_view_get(ref, &v);
	i = err ? ERR_PTR(-ENOENT) : proc_inode(sb, mode, ops, fops);
	if (IS_ERR(i)) {
		kfree(ref);
	} else {
		i->private = ref;
		i->is_volatile = true;
		pid_owner(&v, &i->uid, &i->gid);
	}
	if (!err)
		pid_view_put(&v);
	return i;
}

bool pid_revalidate(struct dentry *d)
{
	struct pid_view v;

	if (pid_view_get(d->inode->private, &v))
		return false;
	pid_owner(&v, &d->inode->uid, &d->inode->gid);
	pid_view_put(&v);
	return true;
}

bool parse_pid(const char *name, size_t len, pid_t *pid)
{
	pid_t n = 0;

	if (!len || len > 9 || (name[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		n = n * 10 + (name[i] - '0');
	}
	*pid = n;
	return true;
}

struct inode *pid_lookup(struct inode *root, const char *name, size_t len)
{
	struct pid_ref ref = { 0 };
	struct process *p;

	pid_t nr;

	if (!parse_pid(name, len, &nr) || !nr)
		return ERR_PTR(-ENOENT);
	p = process_find_of(nr);
	if (!p)
		return ERR_PTR(-ENOENT);
	/* A thread's number is not listed here, but it is found (proc(5)). */
	ref.pid = p->pid;
	if (nr != p->pid)
		ref.tid = nr;
	ref.start_ns = p->start_ns;
	process_put(p);
	return pid_make_inode(root->sb, &ref, S_IFDIR | 0555, &pid_dir_ops, &pid_dir_fops);
}

bool proc_emit_number(struct dir_context *ctx, int nr, loff_t next, u32 type)
{
	char name[16];

	return ctx->actor(ctx, name, (size_t)scnprintf(name, sizeof(name), "%d", nr), next,
			  (ino_t)next, type);
}

bool proc_emit_dots(struct file *f, struct dir_context *ctx)
{
	if (ctx->pos == 0 && !ctx->actor(ctx, ".", 1, 1, f->inode->ino, DT_DIR))
		return false;
	return ctx->pos != 1 || ctx->actor(ctx, "..", 2, 2, f->inode->ino, DT_DIR);
}

int pid_iterate(struct file *f, struct dir_context *ctx, loff_t first)
{
	pid_t pid = (pid_t)min(ctx->pos - first, (loff_t)PID_MAX);
	struct process *p;

	if (pid < 1)
		pid = 1;
	while ((p = process_next(&pid))) {
		process_put(p);
		if (!proc_emit_number(ctx, pid, first + pid + 1, DT_DIR))
			break;
		pid++;
	}
	return 0;
}

/* ---- the files ---- */

static const struct pid_entry pid_entries[] = {
	{ .name = "stat", .mode = S_IFREG | 0444, .show = pid_show_stat },
	{ .name = "statm", .mode = S_IFREG | 0444, .show = pid_show_statm },
	{ .name = "status", .mode = S_IFREG | 0444, .show = pid_show_status },
	{ .name = "cmdline", .mode = S_IFREG | 0444, .show = pid_show_cmdline },
	{ .name = "comm",
	  .mode = S_IFREG | 0644,
	  .show = pid_show_comm,
	  .write = pid_write_comm },
	{ .name = "environ", .mode = S_IFREG | 0400, .show = pid_show_environ, .is_private = true },
	{ .name = "auxv", .mode = S_IFREG | 0400, .show = pid_show_auxv, .is_private = true },
	{ .name = "maps", .mode = S_IFREG | 0444, .show = pid_show_maps, .is_private = true },
	{ .name = "limits", .mode = S_IFREG | 0444, .show = pid_show_limits },
	{ .name = "mounts", .mode = S_IFREG | 0444, .show = pid_show_mounts },
	{ .name = "mountinfo", .mode = S_IFREG | 0444, .show = pid_show_mountinfo },
	{ .name = "io", .mode = S_IFREG | 0400, .show = pid_show_io, .is_private = true },
	{ .name = "wchan", .mode = S_IFREG | 0444, .show = pid_show_wchan },
	{ .name = "oom_score", .mode = S_IFREG | 0444, .show = pid_show_oom_score },
	{ .name = "exe", .mode = S_IFLNK | 0777, .link = pid_link_exe, .is_private = true },
	{ .name = "cwd", .mode = S_IFLNK | 0777, .link = pid_link_cwd, .is_private = true },
	{ .name = "root", .mode = S_IFLNK | 0777, .link = pid_link_root, .is_private = true },
	{ .name = "fd",
	  .mode = S_IFDIR | 0500,
	  .dir_ops = &proc_fd_dir_ops,
	  .dir_fops = &proc_fd_dir_fops },
	{ .name = "fdinfo",
	  .mode = S_IFDIR | 0555,
	  .dir_ops = &proc_fdinfo_dir_ops,
	  .dir_fops = &proc_fdinfo_dir_fops },
	{ .name = "task",
	  .mode = S_IFDIR | 0555,
	  .dir_ops = &task_dir_ops,
	  .dir_fops = &task_dir_fops },
};

/* A thread's directory has no task/ in it. */
static size_t nr_entries(const struct pid_ref *ref)
{
	return ref->below_task ? ARRAY_SIZE(pid_entries) - 1 : ARRAY_SIZE(pid_entries);
}

static struct inode *entry_inode(struct super_block *sb, const struct pid_ref *dir,
				 const struct pid_entry *e)
{
	struct pid_ref ref = *dir;

	ref.entry = e;
	if (e->show)
		return pid_make_inode(sb, &ref, e->mode, &pid_file_ops, &pid_file_fops);
	if (e->link)
		return pid_make_inode(sb, &ref, e->mode, &pid_link_ops, NULL);
	return pid_make_inode(sb, &ref, e->mode, e->dir_ops, e->dir_fops);
}

static struct inode *pid_dir_lookup(struct inode *dir, const char *name, size_t len)
{
	const struct pid_ref *ref = dir->private;

	for (size_t i = 0; i < nr_entries(ref); i++)
		if (strlen(pid_entries[i].name) == len && !memcmp(pid_entries[i].name, name, len))
			return entry_inode(dir->sb, ref, &pid_entries[i]);
	return ERR_PTR(-ENOENT);
}

static int pid_dir_iterate(struct file *f, struct dir_context *ctx)
{
	const struct pid_ref *ref = f->inode->private;

	if (!proc_emit_dots(f, ctx))
		return 0;
	for (size_t i = (size_t)ctx->pos - 2; i < nr_entries(ref); i++) {
		const struct pid_entry *e = &pid_entries[i];

		if (!ctx->actor(ctx, e->name, strlen(e->name), (loff_t)i + 3, (ino_t)i + 1,
				(e->mode & S_IFMT) >> 12))
			break;
	}
	return 0;
}

static int pid_file_show(struct seq *s, void *arg)
{
	const struct pid_ref *ref = arg;
	struct pid_view v;
	int err = pid_view_get(ref, &v);

	if (err)
		return err;
	err = ref->entry->is_private && !pid_may_inspect(&v) ? -EACCES : ref->entry->show(s, &v);
	/* It may have become another's program before show() took the address space. */
	if (!err && ref->entry->is_private && !pid_may_inspect(&v))
		err = -EACCES;
	pid_view_put(&v);
	return err;
}

/* Whatever its length, what was written is taken whole or refused. */
static ssize_t pid_file_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	const struct pid_ref *ref = f->inode->private;
	size_t all = it->count, want = min(all, (size_t)PID_WRITE_MAX);
	char text[PID_WRITE_MAX + 1];
	struct pid_view v;
	int err;

	(void)pos;
	if (!ref->entry->write)
		return -EINVAL;
	if (copy_from_iter(text, want, it) != want)
		return -EFAULT;
	text[want] = '\0';
	err = pid_view_get(ref, &v);
	if (err)
		return err;
	err = ref->entry->write(&v, text);
	pid_view_put(&v);
	return err ? err : (ssize_t)all;
}

static int pid_file_open(struct inode *inode, struct file *f)
{
	return proc_open_text(f, pid_file_show, inode->private);
}

static int pid_get_link(struct inode *inode, struct path *out)
{
	const struct pid_ref *ref = inode->private;
	struct pid_view v;
	int err = pid_view_get(ref, &v);

	if (err)
		return -ENOENT;
	err = pid_may_inspect(&v) ? ref->entry->link(&v, out) : -EACCES;
	pid_view_put(&v);
	return err;
}

ssize_t proc_readlink_path(struct path *p, char *buf, size_t size)
{
	char *text = kmalloc(PATH_MAX, GFP_KERNEL), *start;
	ssize_t n = -ENOMEM;

	if (text) {
		start = path_text(p, text, PATH_MAX);
		n = IS_ERR(start) ? PTR_ERR(start) : (ssize_t)min(strlen(start), size);
		if (n > 0)
			memcpy(buf, start, (size_t)n);
		kfree(text);
	}
	path_put(p);
	return n;
}

static ssize_t pid_readlink(struct inode *inode, char *buf, size_t size)
{
	struct path p;
	int err = pid_get_link(inode, &p);

	return err ? err : proc_readlink_path(&p, buf, size);
}

int proc_no_setattr(struct inode *i, const struct iattr *a)
{
	return -EPERM;
}

/* ---- task/ ---- */

static struct inode *task_lookup(struct inode *dir, const char *name, size_t len)
{
	struct pid_ref ref = *(const struct pid_ref *)dir->private;

	if (!parse_pid(name, len, &ref.tid) || !ref.tid)
		return ERR_PTR(-ENOENT);
	ref.below_task = true;
	return pid_make_inode(dir->sb, &ref, S_IFDIR | 0555, &pid_dir_ops, &pid_dir_fops);
}

static int task_iterate(struct file *f, struct dir_context *ctx)
{
	struct pid_view v;
	struct thread *t;
	pid_t tid;

	if (!proc_emit_dots(f, ctx))
		return 0;
	if (pid_view_get(f->inode->private, &v))
		return -ENOENT;
	tid = (pid_t)min(ctx->pos - 2, (loff_t)PID_MAX);
	while ((t = process_next_thread(v.p, &tid))) {
		thread_put(t);
		if (!proc_emit_number(ctx, tid, (loff_t)tid + 3, DT_DIR))
			break;
		tid++;
	}
	pid_view_put(&v);
	return 0;
}

static const struct inode_ops pid_dir_ops = {
	.lookup = pid_dir_lookup,
	.setattr = proc_no_setattr,
	.revalidate = pid_revalidate,
};
static const struct file_ops pid_dir_fops = { .iterate = pid_dir_iterate };
static const struct inode_ops pid_file_ops = { .setattr = proc_no_setattr };
static const struct file_ops pid_file_fops = {
	.open = pid_file_open,
	.release = proc_release_text,
	.read_iter = proc_read_text,
	.write_iter = pid_file_write,
};
static const struct inode_ops pid_link_ops = {
	.readlink = pid_readlink,
	.get_link = pid_get_link,
	.setattr = proc_no_setattr,
};
static const struct inode_ops task_dir_ops = {
	.lookup = task_lookup,
	.setattr = proc_no_setattr,
	.revalidate = pid_revalidate,
};
static const struct file_ops task_dir_fops = { .iterate = task_iterate };
