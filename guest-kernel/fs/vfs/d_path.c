// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a place in the tree back to its name: getcwd(2), /proc/PID/{cwd,exe,fd,maps,mounts}.
 */
#include "../internal.h"
#include "d_path.h"
#include <string.h>

/* Text that grows towards the front of a buffer. */
struct backwards {
	char *buf, *p;
	bool full;
};

static void put_before(struct backwards *b, const char *s, size_t n)
{
	if ((size_t)(b->p - b->buf) < n) {
		b->full = true;
		return;
	}
	b->p -= n;
	memcpy(b->p, s, n);
}

static void put_name(struct backwards *b, const struct dentry *d)
{
	put_before(b, d->name, d->len);
	put_before(b, "/", 1);
}

static void anon_text(struct backwards *b, const struct dentry *d)
{
	char ino[32];

	if (d->name[0] != '/' && d->name[d->len - 1] != ']')
		put_before(b, ino,
			   (size_t)scnprintf(ino, sizeof(ino), ":[%lu]",
					     (unsigned long)d->inode->ino));
	put_before(b, d->name, d->len);
}

/* Both locks held. */
static bool tree_text(struct backwards *b, const struct mount *mnt, const struct dentry *d,
		      const struct path *root)
{
	char *end = b->p;
	bool reached = true;

	while (mnt != root->mnt || d != root->dentry) {
		if (d == mnt->root || d->parent == d) {
			if (!mnt->parent) {
				reached = false;
				break;
			}
			d = mnt->mountpoint;
			mnt = mnt->parent;
		} else {
			put_name(b, d);
			d = d->parent;
		}
	}
	if (b->p == end)
		put_before(b, "/", 1);
	return reached;
}

static bool is_deleted(const struct dentry *d)
{
	return list_empty(&d->hash_node) && d->parent != d;
}

/**
 * path_text_below - The name of a place, as seen from a root directory.
 * @p: the place
 * @root: where names start; what lies outside is named from the top
 * @flags: PATH_TEXT_*
 * @buf: where to put the text; it ends at the end of the buffer
 * @size: bytes
 *
 * Return: pointer into @buf, ERR_PTR(-ENAMETOOLONG), or ERR_PTR(-ENOENT) with PATH_TEXT_ALIVE.
 */
char *path_text_below(const struct path *p, const struct path *root, u32 flags, char *buf,
		      size_t size)
{
	struct backwards b = { buf, buf + size, false };
	const struct dentry *d = p->dentry;
	bool deleted, reached = true;

	put_before(&b, "", 1);
	spin_lock(&mount_lock);
	spin_lock(&dcache_lock);
	deleted = is_deleted(d);
	if (deleted && !(flags & PATH_TEXT_BARE))
		put_before(&b, " (deleted)", 10);
	if (d->flags & DCACHE_ANON)
		anon_text(&b, d);
	else
		reached = tree_text(&b, p->mnt, d, root);
	spin_unlock(&dcache_lock);
	spin_unlock(&mount_lock);
	if (deleted && (flags & PATH_TEXT_ALIVE))
		return ERR_PTR(-ENOENT);
	if (!reached && (flags & PATH_TEXT_ALIVE))
		put_before(&b, "(unreachable)", 13);
	return b.full ? ERR_PTR(-ENAMETOOLONG) : b.p;
}

char *path_text(const struct path *p, char *buf, size_t size)
{
	struct fs_context *fs = current->process->fs;
	struct path root;
	char *text;

	spin_lock(&fs->lock);
	root = fs->root;
	path_get(&root);
	spin_unlock(&fs->lock);
	text = path_text_below(p, &root, 0, buf, size);
	path_put(&root);
	return text;
}

/**
 * dentry_text - The name of a dentry inside its own file system.
 * @d: the dentry
 * @buf: buffer, at whose end the text ends
 * @size: bytes
 *
 * Return: pointer into @buf or ERR_PTR(-ENAMETOOLONG).
 */
char *dentry_text(const struct dentry *d, char *buf, size_t size)
{
	struct backwards b = { buf, buf + size, false };

	put_before(&b, "", 1);
	spin_lock(&dcache_lock);
	if (d->parent == d)
		put_before(&b, "/", 1);
	for (; d->parent != d; d = d->parent)
		put_name(&b, d);
	spin_unlock(&dcache_lock);
	return b.full ? ERR_PTR(-ENAMETOOLONG) : b.p;
}
