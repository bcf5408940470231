// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initial root file system: one or several cpio archives, plain or gzip'd, one behind the other
 * with zeros in between, unpacked into the rootfs as they are decompressed: a small machine has no
 * room for another copy. A damaged archive ends the unpacking with an error and leaves what came
 * before it.
 */
#define pr_fmt(f) "initramfs: " f
#include "cpio.h"
#include "../fs/internal.h"
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

/**
 * struct unpack - an archive being unpacked
 * @stream: where in it
 * @links: names of files with several, by number
 * @file: the member being written, or NULL
 * @pos: where in it
 * @target: of the symbolic link that is being read
 */
struct unpack {
	struct cpio_stream stream;
	struct hard_link *links[LINK_BUCKETS];
	struct file *file;
	loff_t pos;
	char *target;
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

/* The data of files with several names stands with one of them. */
static int begin_file(struct unpack *u, const struct cpio_entry *e)
{
	struct hard_link *l = e->nlink > 1 ? *find_link(u, e) : NULL;
	struct file *f;
	int err;

	if (l && strcmp(l->name, e->name)) {
		clear_way(e->name);
		err = vfs_link(AT_FDCWD, l->name, AT_FDCWD, e->name, 0);
		if (err)
			return err;
	}
	if (l && !e->size)
		return 0;
	if (!l)
		clear_way(e->name);
	f = file_open(e->name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	u->file = f;
	u->pos = 0;
	return remember_link(u, e);
}

static int write_file(struct unpack *u, const u8 *p, size_t n)
{
	ssize_t done;

	for (; n; p += done, n -= (size_t)done) {
		done = file_write(u->file, p, n, &u->pos);
		if (done <= 0)
			return done ? (int)done : -EIO;
	}
	return 0;
}

static int begin_symlink(struct unpack *u, const struct cpio_entry *e)
{
	if (!e->size || e->size >= PATH_MAX)
		return -EINVAL;
	u->target = kmalloc((size_t)e->size + 1, GFP_KERNEL);
	u->pos = 0;
	return u->target ? 0 : -ENOMEM;
}

static int make_symlink(struct unpack *u, const struct cpio_entry *e)
{
	u->target[e->size] = '\0';
	clear_way(e->name);
	return vfs_symlink(u->target, AT_FDCWD, e->name);
}

static int make_dir(const struct cpio_entry *e)
{
	int err = vfs_mkdir(e->name, e->mode & 07777);

	return err == -EEXIST ? 0 : err;
}

static int make_node(const struct cpio_entry *e)
{
	clear_way(e->name);
	return vfs_mknod(AT_FDCWD, e->name, e->mode, MKDEV(e->rdev_major, e->rdev_minor));
}

/*
 * Names are taken from the root; "." is the root itself, and a name that climbs out of it meets the
 * root again.
 */
static bool names_root(const struct cpio_entry *e)
{
	return !*e->name || !strcmp(e->name, ".");
}

static int begin_kind(struct unpack *u, const struct cpio_entry *e)
{
	switch (e->mode & S_IFMT) {
	case S_IFREG:
		return begin_file(u, e);
	case S_IFDIR:
		return make_dir(e);
	case S_IFLNK:
		return begin_symlink(u, e);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return make_node(e);
	}
	return -EINVAL;
}

static int complain(const struct cpio_entry *e, int err)
{
	if (err)
		pr_err("cannot make %s (%d)\n", e->name, err);
	return err;
}

static int begin_member(void *arg, const struct cpio_entry *e)
{
	return names_root(e) ? 0 : complain(e, begin_kind(arg, e));
}

static int member_data(void *arg, const void *p, size_t n)
{
	struct unpack *u = arg;

	if (u->file)
		return complain(&u->stream.entry, write_file(u, p, n));
	if (u->target) {
		memcpy(u->target + u->pos, p, n);
		u->pos += (loff_t)n;
	}
	return 0;
}

static void let_go(struct unpack *u)
{
	if (u->file)
		file_put(u->file);
	kfree(u->target);
	u->file = NULL;
	u->target = NULL;
}

static int end_member(void *arg, const struct cpio_entry *e)
{
	struct unpack *u = arg;
	int err = u->target ? make_symlink(u, e) : 0;

	let_go(u);
	if (!err && !names_root(e))
		err = set_attributes(e->name, e);
	return complain(e, err);
}

static void end_archive(void *arg)
{
	forget_links(arg);
}

static const struct cpio_sink unpacker = { begin_member, member_data, end_member, end_archive };

/* Plain bytes: archives, one behind the other. */
static int feed(void *arg, const void *p, size_t n)
{
	struct unpack *u = arg;
	size_t at = 0;

	while (at < n) {
		ssize_t used = cpio_feed(&u->stream, (const u8 *)p + at, n - at);

		if (used < 0) {
			pr_err("damaged archive (%zd)\n", used);
			return (int)used;
		}
		at += (size_t)used;
	}
	return 0;
}

/* A gzip member, in which there may be several archives. Compressed bytes or errno. */
static ssize_t unpack_gzip(struct unpack *u, const u8 *p, size_t n)
{
	size_t used = 0;
	ssize_t ret;

	if (!IS_ENABLED(CONFIG_INITRAMFS_GZIP))
		return -EINVAL;
	ret = gunzip(p, n, &used, feed, u);
	if (ret < 0)
		pr_err("damaged gzip data (%zd)\n", ret);
	else if (u->stream.in_archive)
		pr_err("the archive has no end\n");
	else
		return (ssize_t)used;
	return ret < 0 ? ret : -EINVAL;
}

/* What stands at @p, which is no zero: up to the end of an archive. Bytes or errno. */
static ssize_t unpack_next(struct unpack *u, const u8 *p, size_t n)
{
	ssize_t used;

	if (n > 2 && p[0] == 0x1f && p[1] == 0x8b)
		return unpack_gzip(u, p, n);
	if (*p != '0') {
		pr_err("neither a newc cpio archive nor gzip (bytes %02x %02x)\n", p[0],
		       n > 1 ? p[1] : 0);
		return -EINVAL;
	}
	used = cpio_feed(&u->stream, p, n);
	if (used >= 0 && !u->stream.in_archive)
		return used;
	pr_err("damaged archive (%zd)\n", used);
	return used < 0 ? used : -EINVAL;
}

static int unpack_all(struct unpack *u, const u8 *p, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t used = p[at] ? unpack_next(u, p + at, n - at) : 1;

		if (used < 0)
			return (int)used;
		at += (size_t)used;
	}
	return 0;
}

int initramfs_unpack(const void *p, size_t n)
{
	struct unpack *u = kzalloc(sizeof(*u), GFP_KERNEL);
	u32 umask = current->process->fs->umask;
	int err;

	if (!u)
		return -ENOMEM;
	cpio_stream_init(&u->stream, &unpacker, u);
	current->process->fs->umask = 0;
	err = unpack_all(u, p, n);
	current->process->fs->umask = umask;
	let_go(u);
	forget_links(u);
	kfree(u);
	return err;
}
