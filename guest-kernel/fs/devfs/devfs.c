// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices as files: which driver serves a device number, and the devtmpfs whose nodes drivers make.
 * It is one tmpfs, however often it is mounted.
 */
#define pr_fmt(f) "devfs: " f
#include "../internal.h"
#include <log.h>
#include <panic.h>
#include <string.h>

/**
 * struct chrdev - a registered device number; immutable, never removed
 */
struct chrdev {
	dev_t dev;
	bool all_minors; /* @dev is the first of them */
	const char *name;
	const struct file_ops *fops;
	struct list_head node;
};

static struct spinlock chrdev_lock = SPINLOCK_INIT("chrdev");
static LIST_HEAD(chrdevs); /* chrdev_lock */
static struct super_block *dev_sb __ro_after_init;

static const struct file_ops *chrdev_find(dev_t dev)
{
	const struct file_ops *found = NULL;
	struct chrdev *c;

	spin_lock(&chrdev_lock);
	list_for_each_entry (c, &chrdevs, node)
		if (c->dev == dev || (c->all_minors && MAJOR(c->dev) == MAJOR(dev)))
			found = c->fops;
	spin_unlock(&chrdev_lock);
	return found;
}

/* A device node is opened: from here on the driver's operations serve the file. */
static int chrdev_open(struct inode *inode, struct file *f)
{
	const struct file_ops *fops = chrdev_find(inode->rdev);

	if (!fops)
		return -ENXIO;
	f->ops = fops;
	return fops->open ? fops->open(inode, f) : 0;
}

const struct file_ops chrdev_open_fops = { .open = chrdev_open };

/*
 * The directory of "a/b" in a tmpfs, made if need be, and its last component. Referenced; ERR_PTR.
 * /
 */
static struct dentry *node_parent(struct super_block *sb, const char **name)
{
	struct dentry *dir = sb->root, *sub;
	const char *slash;
	int err = 0;

	dget(dir);
	while ((slash = strchr(*name, '/'))) {
		down_write(&dir->inode->lock);
		sub = d_lookup_locked(dir, *name, (size_t)(slash - *name));
		if (!IS_ERR(sub) && !sub->inode)
			err = dir->inode->ops->mkdir(dir->inode, sub, S_IFDIR | 0755);
		up_write(&dir->inode->lock);
		dput(dir);
		if (IS_ERR(sub))
			return sub;
		if (err) {
			dput(sub);
			return ERR_PTR(err);
		}
		dir = sub;
		*name = slash + 1;
	}
	return dir;
}

static int node_create(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev,
		       const char *target)
{
	if (d->inode)
		return -EEXIST;
	return target ? dir->ops->symlink(dir, d, target) : dir->ops->mknod(dir, d, mode, dev);
}

/**
 * devnode_make - Make a device node or link that belongs to the kernel.
 * @sb: a tmpfs: devtmpfs or devpts
 * @name: path in it; directories are made as needed
 * @mode: type and permissions
 * @dev: its device number
 * @target: text of a symbolic link instead, or NULL
 *
 * Return: the inode, referenced, or ERR_PTR(-EEXIST), ERR_PTR(-ENOMEM). Context: may sleep.
 */
struct inode *devnode_make(struct super_block *sb, const char *name, umode_t mode, dev_t dev,
			   const char *target)
{
	struct dentry *dir = node_parent(sb, &name), *d;
	struct inode *i = NULL;
	int err;

	if (IS_ERR(dir))
		return (struct inode *)dir;
	down_write(&dir->inode->lock);
	d = d_lookup_locked(dir, name, strlen(name));
	err = IS_ERR(d) ? (int)PTR_ERR(d) : node_create(dir->inode, d, mode, dev, target);
	if (!err) {
		i = d->inode;
		inode_get(i);
	}
	up_write(&dir->inode->lock);
	if (!IS_ERR(d))
		dput(d);
	dput(dir);
	return err ? ERR_PTR(err) : i;
}

static int chrdev_add(dev_t dev, bool all_minors, const char *name, const struct file_ops *fops)
{
	struct chrdev *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	if (chrdev_find(dev)) {
		kfree(c);
		return -EEXIST;
	}
	*c = (struct chrdev){ .dev = dev, .all_minors = all_minors, .name = name, .fops = fops };
	spin_lock(&chrdev_lock);
	list_add_tail(&c->node, &chrdevs);
	spin_unlock(&chrdev_lock);
	return 0;
}

int chrdev_register_major(u32 major, const char *name, const struct file_ops *fops)
{
	return chrdev_add(MKDEV(major, 0), true, name, fops);
}

int chrdev_register(u32 major, u32 minor, const char *name, const struct file_ops *fops,
		    umode_t mode)
{
	int err = chrdev_add(MKDEV(major, minor), false, name, fops);
	struct inode *i;

	if (err)
		return err;
	i = devnode_make(dev_sb, name, S_IFCHR | (mode & 07777), MKDEV(major, minor), NULL);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	inode_put(i);
	return 0;
}

/**
 * chrdev_next - Walk the registered device numbers, for /proc/devices.
 * @n: which, from 0
 * @dev: set to the number
 *
 * Return: its name, NULL at the end.
 */
const char *chrdev_next(u32 n, dev_t *dev)
{
	const char *name = NULL;
	struct chrdev *c;

	spin_lock(&chrdev_lock);
	list_for_each_entry (c, &chrdevs, node) {
		if (!n--) {
			name = c->name;
			*dev = c->dev;
			break;
		}
	}
	spin_unlock(&chrdev_lock);
	return name;
}

static struct super_block *devfs_get_sb(const struct fs_type *t, const char *source, u32 flags,
					const char *options)
{
	int err = *options ? dev_sb->ops->remount(dev_sb, options) : 0;

	if (err)
		return ERR_PTR(err);
	sb_get(dev_sb);
	return dev_sb;
}

static struct fs_type devfs_type = { .name = "devtmpfs", .nodev = true, .mount = devfs_get_sb };

void devfs_mount(void)
{
	int err = vfs_mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "");

	if (err && err != -ENOENT)
		pr_err("cannot mount /dev (%d)\n", err);
}

static void make_links(void)
{
	static const struct {
		const char *name, *target;
	} links[] = {
		{ "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
	};

	for (u32 n = 0; n < ARRAY_SIZE(links); n++) {
		struct inode *i = devnode_make(dev_sb, links[n].name, 0, 0, links[n].target);

		if (IS_ERR(i))
			pr_err("no memory for /dev/%s\n", links[n].name);
		else
			inode_put(i);
	}
}

void devfs_init(void)
{
	dev_sb = tmpfs_create_sb(&devfs_type, 0, 0);
	BUG_ON(IS_ERR(dev_sb) || fs_register(&devfs_type));
	dev_sb->root->inode->mode = S_IFDIR | 0755;
	make_links();
	memdev_init();
	devpts_init();
}
