// SPDX-License-Identifier: GPL-2.0-only
/*
 * File-system types and super blocks: one super block for each file system that is in use, however
 * often it is mounted.
 */
#define pr_fmt(f) "mount: " f
#include "../internal.h"
#include <log.h>
#include <panic.h>
#include <string.h>

static struct spinlock sb_lock = SPINLOCK_INIT("super");
static LIST_HEAD(fs_types); /* sb_lock; types are never removed */
static LIST_HEAD(supers); /* sb_lock */
static struct kmem_cache *sb_cache;
static atomic_t last_anon_dev;

int fs_register(struct fs_type *t)
{
	if (fs_find(t->name))
		return -EBUSY;
	spin_lock(&sb_lock);
	list_add_tail(&t->node, &fs_types);
	spin_unlock(&sb_lock);
	return 0;
}

const struct fs_type *fs_find(const char *name)
{
	const struct fs_type *found = NULL;
	struct fs_type *t;

	spin_lock(&sb_lock);
	list_for_each_entry (t, &fs_types, node)
		if (!strcmp(t->name, name))
			found = t;
	spin_unlock(&sb_lock);
	return found;
}

void fs_for_each(void (*fn)(const struct fs_type *t, void *arg), void *arg)
{
	struct fs_type *t;

	/* Types are only ever appended, so the list may be walked without the lock. */
	list_for_each_entry (t, &fs_types, node)
		fn(t, arg);
}

/* @text is cut up. */
static int parse_all(const char *type, char *text,
		     int (*option)(void *arg, const char *key, const char *value), void *arg)
{
	int err = 0;

	while (text && *text && !err) {
		char *next = strchr(text, ','), *value;

		if (next)
			*next++ = '\0';
		value = strchr(text, '=');
		if (value)
			*value++ = '\0';
		err = option(arg, text, value ? value : "");
		if (err)
			pr_err("%s: bad mount option \"%s\"\n", type, text);
		text = next;
	}
	return err;
}

/**
 * mount_options - Go through the text of options that mount(2) got.
 * @type: name of the file system, for the log
 * @options: "key=value,key,..."
 * @option: called with each; value "" if there is none; 0 or an errno that ends it
 * @arg: passed on
 *
 * Return: 0, -ENOMEM or what @option says.
 */
int mount_options(const char *type, const char *options,
		  int (*option)(void *arg, const char *key, const char *value), void *arg)
{
	char *text = kstrdup(options, GFP_KERNEL);
	int err = text ? parse_all(type, text, option, arg) : -ENOMEM;

	kfree(text);
	return err;
}

/** sb_new_dev - A device number for a file system without a device. */
dev_t sb_new_dev(void)
{
	return MKDEV(0, atomic_add_return(&last_anon_dev, 1));
}

struct super_block *sb_alloc(const struct fs_type *t, const struct super_ops *ops, u32 flags)
{
	struct super_block *sb;

	if (!sb_cache)
		sb_cache = kmem_cache_create("super_block", sizeof(*sb), 0, NULL);
	sb = kmem_cache_alloc(sb_cache, GFP_KERNEL | GFP_ZERO);
	if (!sb)
		return NULL;
	sb->type = t;
	sb->ops = ops;
	sb->flags = flags;
	sb->blksize = PAGE_SIZE;
	sb->maxbytes = LOFF_MAX;
	sb->dev = sb_new_dev();
	list_init(&sb->inodes);
	spin_lock_init(&sb->lock, "sb->lock");
	atomic_set(&sb->refs, 1);
	spin_lock(&sb_lock);
	list_add_tail(&sb->node, &supers);
	spin_unlock(&sb_lock);
	return sb;
}

void sb_get(struct super_block *sb)
{
	atomic_inc(&sb->refs);
}

static void sb_kill(struct super_block *sb)
{
	if (sb->ops->sync)
		sb->ops->sync(sb);
	dcache_shrink_sb(sb);
	if (sb->ops->put_super)
		sb->ops->put_super(sb);
	if (sb->root)
		dput(sb->root);
	dcache_shrink_sb(sb);
	DEBUG_ON(!list_empty(&sb->inodes));
	kmem_cache_free(sb_cache, sb);
}

/**
 * sb_put - Drop a reference on a super block; with the last one the file system is shut down.
 * @sb: the super block
 *
 * Context: may sleep.
 */
void sb_put(struct super_block *sb)
{
	spin_lock(&sb_lock);
	if (!atomic_dec_and_test(&sb->refs)) {
		spin_unlock(&sb_lock);
		return;
	}
	list_del(&sb->node);
	spin_unlock(&sb_lock);
	sb_kill(sb);
}

void sb_for_each(void (*fn)(struct super_block *sb, void *arg), void *arg)
{
	struct super_block *sb, *prev = NULL;

	spin_lock(&sb_lock);
	list_for_each_entry (sb, &supers, node) {
		sb_get(sb);
		spin_unlock(&sb_lock);
		if (prev)
			sb_put(prev);
		fn(sb, arg);
		prev = sb;
		spin_lock(&sb_lock);
	}
	spin_unlock(&sb_lock);
	if (prev)
		sb_put(prev);
}
