// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initial root file system: one or several cpio archives, plain or gzip'd, one behind the other
 * with zeros in between, unpacked into the rootfs. A damaged archive ends the unpacking with an
 * error and leaves what came before it.
 */
#define pr_fmt(f) "initramfs: " f
#include "cpio.h"
#include "internal.h"
#include <log.h>
#include <string.h>

#define LINK_BUCKETS 32

/**
 * struct hard_link - a name by which a file with several is known
 */
struct hard_link {
	struct hard_link *next;
	u32 ino, major, minor;
	char name[];
};

struct unpack {
	struct hard_link *links[LINK_BUCKETS];
};

static struct hard_link **find_link(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link **l = &u->links[e->ino % LINK_BUCKETS];

	while (*l &&
	       ((*l)->ino != e->ino || (*l)->major != e->dev_major || (*l)->minor != e->dev_minor))
		l = &(*l)->next;
	return l;
}

static int remember_link(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link **at = find_link(u, e), *l;
	size_t n = strlen(e->name) + 1;

	if (e->nlink < 2 || *at)
		return 0;
	l = kmalloc(sizeof(*l) + n, GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	*l = (struct hard_link){ .ino = e->ino, .major = e->dev_major, .minor = e->dev_minor };
	memcpy(l->name, e->name, n);
	*at = l;
	return 0;
}

static void forget_links(struct unpack *u)
{
	for (u32 i = 0; i < LINK_BUCKETS; i++) {
		while (u->links[i]) {
			struct hard_link *l = u->links[i];

			u->links[i] = l->next;
			kfree(l);
		}
	}
}

/* What stands in the way of a member is replaced, but for directories. */
static void clear_way(const char *name)
{
	if (vfs_unlink(name) == -EISDIR)
		pr_debug("%s is a directory\n", name);
}

static int set_attributes(const char *name, const struct cpio_entry *e)
{
	struct iattr attr = {
		.valid = ATTR_UID | ATTR_GID | ATTR_ATIME | ATTR_MTIME | ATTR_FORCE,
		.uid = e->uid,
		.gid = e->gid,
		.mode = e->mode,
		.atime = { e->mtime, 0 },
		.mtime = { e->mtime, 0 },
	};
	struct path p;
	int err = path_lookup(AT_FDCWD, name, 0, &p);

	if (err)
		return err;
	if (!S_ISLNK(p.dentry->inode->mode))
		attr.valid |= ATTR_MODE;
	err = vfs_setattr(&p, &attr);
	path_put(&p);
	return err;
}

static int write_data(const char *name, const struct cpio_entry *e)
{
	struct file *f = file_open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	loff_t pos = 0;
	ssize_t n = 0;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	while (pos < (loff_t)e->size && n >= 0)
		n = file_write(f, e->data + pos, e->size - (size_t)pos, &pos);
	file_put(f);
	return n < 0 ? (int)n : 0;
}

static int make_file(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link *l = e->nlink > 1 ? *find_link(u, e) : NULL;
	int err = 0;

	if (l && strcmp(l->name, e->name)) {
		clear_way(e->name);
		err = vfs_link(AT_FDCWD, l->name, AT_FDCWD, e->name, 0);
	}
	if (err || (l && !e->size))
		return err; /* the data of linked files stands with one of them */
	if (!l)
		clear_way(e->name);
	err = write_data(e->name, e);
	return err ? err : remember_link(u, e);
}

static int make_symlink(const struct cpio_entry *e)
{
	char *target = kmalloc((size_t)e->size + 1, GFP_KERNEL);
	int err;

	if (!target)
		return -ENOMEM;
	memcpy(target, e->data, e->size);
	target[e->size] = '\0';
	clear_way(e->name);
	err = e->size && e->size < PATH_MAX ? vfs_symlink(target, AT_FDCWD, e->name) : -EINVAL;
	kfree(target);
	return err;
}

static int make_dir(const struct cpio_entry *e)
{
	int err = vfs_mkdir(e->name, e->mode & 07777);

	return err == -EEXIST ? 0 : err;
}

static int make_entry(struct unpack *u, const struct cpio_entry *e)
{
	int err;

	switch (e->mode & S_IFMT) {
	case S_IFREG:
		err = make_file(u, e);
		break;
	case S_IFDIR:
		err = make_dir(e);
		break;
	case S_IFLNK:
		err = make_symlink(e);
		break;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		clear_way(e->name);
		err = vfs_mknod(AT_FDCWD, e->name, e->mode, MKDEV(e->rdev_major, e->rdev_minor));
		break;
	default:
		return -EINVAL;
	}
	return err ? err : set_attributes(e->name, e);
}

/*
 * Names are taken from the root; "." is the root itself, and a name that climbs out of it meets the
 * root again.
 */
static bool names_root(const char *name)
{
	return !*name || !strcmp(name, ".");
}

/* One archive, to its trailer. Bytes or errno. */
static ssize_t unpack_archive(const u8 *p, size_t n)
{
	struct unpack u = { 0 };
	struct cpio_entry e;
	size_t at = 0;
	ssize_t used;
	int err = 0;

	while ((used = cpio_next(p + at, n - at, &e)) > 0) {
		err = names_root(e.name) ? 0 : make_entry(&u, &e);
		if (err) {
			pr_err("cannot make %s (%d)\n", e.name, err);
			break;
		}
		at += (size_t)used;
	}
	forget_links(&u);
	if (used < 0)
		pr_err("no archive member at byte %zu\n", at);
	if (err || used < 0)
		return err ? err : used;
	return (ssize_t)min(at + CPIO_TRAILER_SIZE, n);
}

/* Decompressed data, gathered in one piece. */
struct inflated {
	u8 *p;
	size_t n, size;
};

static int gather(void *arg, const void *p, size_t n)
{
	struct inflated *to = arg;

	if (n > to->size - to->n) {
		size_t size = max(to->size * 2, ALIGN_UP(to->n + n, (size_t)1 << 20));
		u8 *bigger = vmalloc(size);

		if (!bigger)
			return -ENOMEM;
		if (to->p) {
			memcpy(bigger, to->p, to->n);
			vfree(to->p);
		}
		to->p = bigger;
		to->size = size;
	}
	memcpy(to->p + to->n, p, n);
	to->n += n;
	return 0;
}

static ssize_t unpack_all(const u8 *p, size_t n, bool allow_gzip);

/* A gzip member; what is in it may again be several archives. Compressed bytes or errno. */
static ssize_t unpack_gzip(const u8 *p, size_t n)
{
	struct inflated out = { 0 };
	size_t used = 0;
	ssize_t ret;

	if (!IS_ENABLED(CONFIG_INITRAMFS_GZIP))
		return -EINVAL;
	ret = gunzip(p, n, &used, gather, &out);
	if (ret < 0)
		pr_err("damaged gzip data (%zd)\n", ret);
	else
		ret = unpack_all(out.p, out.n, false);
	vfree(out.p);
	return ret < 0 ? ret : (ssize_t)used;
}

static ssize_t unpack_next(const u8 *p, size_t n, bool allow_gzip)
{
	if (*p == '0')
		return unpack_archive(p, n);
	if (allow_gzip && n > 2 && p[0] == 0x1f && p[1] == 0x8b)
		return unpack_gzip(p, n);
	pr_err("neither a newc cpio archive nor gzip (bytes %02x %02x)\n", p[0], n > 1 ? p[1] : 0);
	return -EINVAL;
}

static ssize_t unpack_all(const u8 *p, size_t n, bool allow_gzip)
{
	size_t at = 0;

	while (at < n) {
		ssize_t used = p[at] ? unpack_next(p + at, n - at, allow_gzip) : 1;

		if (used < 0)
			return used;
		at += (size_t)used;
	}
	return (ssize_t)at;
}

int initramfs_unpack(const void *p, size_t n)
{
	u32 umask = current->process->fs->umask;
	ssize_t ret;

	current->process->fs->umask = 0;
	ret = unpack_all(p, n, true);
	current->process->fs->umask = umask;
	return ret < 0 ? (int)ret : 0;
}
