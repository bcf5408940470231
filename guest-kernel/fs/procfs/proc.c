// SPDX-License-Identifier: GPL-2.0-only
/*
 * procfs: the file system itself, and the tree of files that the kernel's parts register.
 * Registered nodes are never removed, so that looking them up needs a lock only against additions.
 */
#define pr_fmt(f) "procfs: " f
#include "procfs.h"
#include <init.h>
#include <log.h>
#include <string.h>
#include <uapi/fcntl.h>

#define PROC_MAGIC 0x9fa0
#define WRITE_MAX  PAGE_SIZE
/* Directory position of the first process, behind all registered nodes. */
#define PID_POS    1000000

/**
 * struct proc_node - a registered file or directory
 * @children: of a directory; guarded by proc_lock, entries are never removed
 */
struct proc_node {
	const char *name;
	umode_t mode;
	ino_t ino;
	struct list_head children, node;
	int (*show)(struct seq *s, void *arg);
	ssize_t (*write)(void *arg, const char *buf, size_t n);
	ssize_t (*readlink)(char *buf, size_t size);
	void *arg;
};

static struct spinlock proc_lock = SPINLOCK_INIT("proc");
static struct proc_node proc_root = {
	.name = "",
	.mode = S_IFDIR | 0555,
	.children = LIST_HEAD_INIT(proc_root.children),
};
static struct super_block *proc_sb;
static const struct inode_ops proc_dir_ops, proc_file_ops, proc_root_ops, proc_link_ops;
static const struct file_ops proc_dir_fops, proc_file_fops, proc_root_fops;

static struct proc_node *find_child(struct proc_node *dir, const char *name, size_t len)
{
	struct proc_node *n, *found = NULL;

	spin_lock(&proc_lock);
	list_for_each_entry (n, &dir->children, node)
		if (strlen(n->name) == len && !memcmp(n->name, name, len))
			found = n;
	spin_unlock(&proc_lock);
	return found;
}

static struct proc_node *add_child(struct proc_node *dir, const char *name, size_t len,
				   umode_t mode)
{
	struct proc_node *n = kzalloc(sizeof(*n) + len + 1, GFP_KERNEL);
	char *text = (char *)(n + 1);

	if (!n)
		return NULL;
	memcpy(text, name, len);
	n->name = text;
	n->mode = mode;
	n->ino = inode_new_number();
	list_init(&n->children);
	spin_lock(&proc_lock);
	list_add_tail(&n->node, &dir->children);
	spin_unlock(&proc_lock);
	return n;
}

/* The node of @path, its directories made as needed. NULL: no memory. */
static struct proc_node *add_path(const char *path, umode_t mode)
{
	struct proc_node *dir = &proc_root, *sub;
	const char *slash;

	while (dir && (slash = strchr(path, '/'))) {
		size_t len = (size_t)(slash - path);

		sub = find_child(dir, path, len);
		dir = sub ? sub : add_child(dir, path, len, S_IFDIR | 0555);
		path = slash + 1;
	}
	return dir ? add_child(dir, path, strlen(path), mode) : NULL;
}

int proc_register_rw(const char *path, umode_t mode, int (*show)(struct seq *s, void *arg),
		     ssize_t (*write)(void *arg, const char *buf, size_t n), void *arg)
{
	struct proc_node *n = add_path(path, S_IFREG | (mode & 0777));

	if (!n)
		return -ENOMEM;
	n->write = write;
	n->arg = arg;
	WRITE_ONCE(n->show, show);
	return 0;
}

int proc_register(const char *path, int (*show)(struct seq *s, void *arg), void *arg)
{
	return proc_register_rw(path, 0444, show, NULL, arg);
}

/**
 * proc_inode - A new inode of procfs.
 * @sb: procfs
 * @mode: type and permissions
 * @ops: inode operations
 * @fops: file operations, NULL for links
 *
 * Return: the inode, owned by root, or ERR_PTR(-ENOMEM).
 */
struct inode *proc_inode(struct super_block *sb, umode_t mode, const struct inode_ops *ops,
			 const struct file_ops *fops)
{
	struct inode *i = inode_alloc(sb);

	if (!i)
		return ERR_PTR(-ENOMEM);
	i->ino = inode_new_number();
	i->mode = mode;
	i->nlink = S_ISDIR(mode) ? 2 : 1;
	i->ops = ops;
	i->fops = fops;
	i->blksize = 1024;
	i->atime = i->mtime = i->ctime = ns_to_timespec(realtime_ns());
	return i;
}

static struct inode *node_inode(struct super_block *sb, struct proc_node *n)
{
	struct inode *i;

	if (S_ISDIR(n->mode))
		i = proc_inode(sb, n->mode, &proc_dir_ops, &proc_dir_fops);
	else if (S_ISLNK(n->mode))
		i = proc_inode(sb, n->mode, &proc_link_ops, NULL);
	else
		i = proc_inode(sb, n->mode, &proc_file_ops, &proc_file_fops);
	if (IS_ERR(i))
		return i;
	i->ino = n->ino;
	i->private = n;
	return i;
}

static struct inode *proc_lookup(struct inode *dir, const char *name, size_t len)
{
	struct proc_node *n = find_child(dir->private, name, len);

	return n ? node_inode(dir->sb, n) : ERR_PTR(-ENOENT);
}

static struct inode *proc_root_lookup(struct inode *dir, const char *name, size_t len)
{
	struct inode *i = proc_lookup(dir, name, len);

	return PTR_ERR(i) == -ENOENT ? pid_lookup(dir, name, len) : i;
}

static struct proc_node *nth_child(struct proc_node *dir, loff_t n)
{
	struct proc_node *c, *found = NULL;

	spin_lock(&proc_lock);
	list_for_each_entry (c, &dir->children, node) {
		if (!n--) {
			found = c;
			break;
		}
	}
	spin_unlock(&proc_lock);
	return found;
}

static u32 type_of(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}

/* ".", "..", then the registered children. False: the buffer is full. */
static bool iterate_nodes(struct file *f, struct dir_context *ctx)
{
	struct proc_node *n;

	if (ctx->pos == 0 && !ctx->actor(ctx, ".", 1, 1, f->inode->ino, DT_DIR))
		return false;
	if (ctx->pos == 1 && !ctx->actor(ctx, "..", 2, 2, f->inode->ino, DT_DIR))
		return false;
	while ((n = nth_child(f->inode->private, ctx->pos - 2)))
		if (!ctx->actor(ctx, n->name, strlen(n->name), ctx->pos + 1, n->ino,
				type_of(n->mode)))
			return false;
	return true;
}

static int proc_iterate(struct file *f, struct dir_context *ctx)
{
	iterate_nodes(f, ctx);
	return 0;
}

static int proc_root_iterate(struct file *f, struct dir_context *ctx)
{
	if (ctx->pos < PID_POS) {
		if (!iterate_nodes(f, ctx))
			return 0;
		ctx->pos = PID_POS;
	}
	return pid_iterate(f, ctx, PID_POS);
}

static int proc_open(struct inode *inode, struct file *f)
{
	struct proc_node *n = inode->private;

	return proc_open_text(f, n->show, n->arg);
}

static ssize_t proc_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct proc_node *n = f->inode->private;
	size_t len = min(it->count, WRITE_MAX - 1);
	ssize_t ret = -EFAULT;
	char *buf;

	if (!n->write)
		return -EINVAL;
	buf = kmalloc(WRITE_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (copy_from_iter(buf, len, it) == len) {
		buf[len] = '\0';
		ret = n->write(n->arg, buf, len);
	}
	kfree(buf);
	return ret;
}

static ssize_t proc_readlink(struct inode *inode, char *buf, size_t size)
{
	struct proc_node *n = inode->private;

	return n->readlink(buf, size);
}

/*
 * What is registered cannot be changed, only written; a shell's ">" truncates first, which means
 * nothing here.
 */
static int proc_setattr(struct inode *i, const struct iattr *a)
{
	return a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID) ? -EPERM : 0;
}

/* Static nodes stay; negative names are not remembered, since a number may become a process. */
static bool proc_root_revalidate(struct dentry *d)
{
	return !d->inode->is_volatile || pid_revalidate(d);
}

static const struct inode_ops proc_dir_ops = { .lookup = proc_lookup, .setattr = proc_setattr };
static const struct inode_ops proc_file_ops = { .setattr = proc_setattr };
static const struct inode_ops proc_link_ops = {
	.readlink = proc_readlink,
	.setattr = proc_setattr,
};
static const struct inode_ops proc_root_ops = {
	.lookup = proc_root_lookup,
	.setattr = proc_setattr,
	.revalidate = proc_root_revalidate,
};
static const struct file_ops proc_dir_fops = { .iterate = proc_iterate };
static const struct file_ops proc_root_fops = { .iterate = proc_root_iterate };
static const struct file_ops proc_file_fops = {
	.open = proc_open,
	.release = proc_release_text,
	.read_iter = proc_read_text,
	.write_iter = proc_write,
};

static ssize_t self_readlink(char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", current->process->pid);
}

static ssize_t thread_self_readlink(char *buf, size_t size)
{
	return scnprintf(buf, size, "%d/task/%d", current->process->pid, current->tid);
}

static ssize_t mounts_readlink(char *buf, size_t size)
{
	return scnprintf(buf, size, "self/mounts");
}

/* Inodes of processes own what @private points to; those of registered nodes do not. */
static void proc_evict(struct inode *i)
{
	if (i->is_volatile)
		kfree(i->private);
}

static const struct super_ops proc_super_ops = { .evict = proc_evict };

static struct super_block *proc_mount(const struct fs_type *t, const char *source, u32 flags,
				      const char *options)
{
	if (*options)
		return ERR_PTR(-EINVAL); /* "hidepid" and the like: not to be believed in */
	sb_get(proc_sb);
	return proc_sb;
}

static struct fs_type proc_type = { .name = "proc", .nodev = true, .mount = proc_mount };

static int add_link(const char *name, ssize_t (*readlink)(char *buf, size_t size))
{
	struct proc_node *n = add_path(name, S_IFLNK | 0777);

	if (!n)
		return -ENOMEM;
	n->readlink = readlink;
	return 0;
}

static int make_sb(void)
{
	struct inode *root;

	proc_sb = sb_alloc(&proc_type, &proc_super_ops, 0);
	if (!proc_sb)
		return -ENOMEM;
	proc_sb->magic = PROC_MAGIC;
	proc_root.ino = inode_new_number();
	root = proc_inode(proc_sb, proc_root.mode, &proc_root_ops, &proc_root_fops);
	if (IS_ERR(root))
		return (int)PTR_ERR(root);
	root->ino = proc_root.ino;
	root->private = &proc_root;
	proc_sb->root = d_make_root(root);
	return proc_sb->root ? 0 : -ENOMEM;
}

static int proc_init(void)
{
	int err = make_sb();

	if (!err)
		err = add_link("self", self_readlink);
	if (!err)
		err = add_link("thread-self", thread_self_readlink);
	if (!err)
		err = add_link("mounts", mounts_readlink);
	if (err)
		return err;
	proc_init_sysinfo();
	proc_init_sysctl();
	return fs_register(&proc_type);
}
core_initcall(proc_init);
