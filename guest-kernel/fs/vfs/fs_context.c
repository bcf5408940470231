// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a process's names start from: root and working directory; and its umask.
 */
#include "d_path.h"
#include "../internal.h"
#include <string.h>
#include <syscall.h>
#include <uaccess.h>

struct fs_context *fs_context_create(void)
{
	struct fs_context *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	atomic_set(&c->refs, 1);
	spin_lock_init(&c->lock, "fs_context->lock");
	c->root = (struct path){ root_mount, root_mount->root };
	c->cwd = c->root;
	path_get(&c->root);
	path_get(&c->cwd);
	c->umask = 022;
	return c;
}

struct fs_context *fs_context_copy(struct fs_context *old)
{
	struct fs_context *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	atomic_set(&c->refs, 1);
	spin_lock_init(&c->lock, "fs_context->lock");
	spin_lock(&old->lock);
	c->root = old->root;
	c->cwd = old->cwd;
	path_get(&c->root);
	path_get(&c->cwd);
	c->umask = old->umask;
	spin_unlock(&old->lock);
	return c;
}

void fs_context_get(struct fs_context *c)
{
	atomic_inc(&c->refs);
}

void fs_context_put(struct fs_context *c)
{
	if (!atomic_dec_and_test(&c->refs))
		return;
	path_put(&c->cwd);
	path_put(&c->root);
	kfree(c);
}

/* Puts @p, whose references are taken over, in place of @field. */
static void replace_path(struct fs_context *c, struct path *field, struct path p)
{
	struct path old;

	spin_lock(&c->lock);
	old = *field;
	*field = p;
	spin_unlock(&c->lock);
	path_put(&old);
}

static long set_dir(unsigned long name, struct path *field)
{
	struct path p;
	int err = path_lookup_user(AT_FDCWD, (const char __user *)name,
				   LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	if (err)
		return err;
	err = inode_permission(p.dentry->inode, MAY_EXEC);
	if (!err && field == &current->process->fs->root && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (err) {
		path_put(&p);
		return err;
	}
	replace_path(current->process->fs, field, p);
	return 0;
}

/** sys_chdir - chdir(2). */
long sys_chdir(unsigned long name)
{
	return set_dir(name, &current->process->fs->cwd);
}

/** sys_chroot - chroot(2). */
long sys_chroot(unsigned long name)
{
	return set_dir(name, &current->process->fs->root);
}

/** sys_fchdir - fchdir(2). */
long sys_fchdir(unsigned long fd)
{
	struct file *f = fd_get_path((int)fd);
	struct path p;
	int err = -ENOTDIR;

	if (!f)
		return -EBADF;
	if (S_ISDIR(f->inode->mode))
		err = inode_permission(f->inode, MAY_EXEC);
	if (!err) {
		p = f->path;
		path_get(&p);
		replace_path(current->process->fs, &current->process->fs->cwd, p);
	}
	file_put(f);
	return err;
}

/** sys_umask - umask(2). */
long sys_umask(unsigned long mask)
{
	struct fs_context *c = current->process->fs;
	u32 old;

	spin_lock(&c->lock);
	old = c->umask;
	c->umask = (u32)mask & 0777;
	spin_unlock(&c->lock);
	return (long)old;
}

static char *cwd_text(char *buf, size_t size)
{
	struct fs_context *c = current->process->fs;
	struct path cwd, root;
	char *text;

	spin_lock(&c->lock);
	cwd = c->cwd;
	root = c->root;
	path_get(&cwd);
	path_get(&root);
	spin_unlock(&c->lock);
	text = path_text_below(&cwd, &root, PATH_TEXT_ALIVE, buf, size);
	path_put(&cwd);
	path_put(&root);
	return text;
}

/** sys_getcwd - getcwd(2): the kernel's call returns the length with the end. */
long sys_getcwd(unsigned long ubuf, unsigned long size)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *text;
	long ret;

	if (!buf)
		return -ENOMEM;
	text = cwd_text(buf, PATH_MAX);
	ret = PTR_ERR(text);
	if (!IS_ERR(text)) {
		ret = buf + PATH_MAX - text;
		if ((unsigned long)ret > size)
			ret = -ERANGE;
		else if (copy_to_user((void __user *)ubuf, text, (size_t)ret))
			ret = -EFAULT;
	}
	kfree(buf);
	return ret;
}
