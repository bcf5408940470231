// SPDX-License-Identifier: GPL-2.0-only
/*
 * tmpfs as a file-system type: mount options (tmpfs(5)) and limits.
 */
#include "internal.h"
#include "tmpfs.h"
#include <panic.h>
#include <string.h>

/* In pages. */
static u64 percent_of_memory(u64 percent)
{
	struct mem_stats s;

	mem_get_stats(&s);
	return s.total * percent / 100;
}

/* "64m", "50%" or a number of bytes, as pages. */
static int parse_size(const char *value, u64 *pages)
{
	const char *end;
	u64 n = memparse(value, &end);

	if (end == value || (*end && (*end != '%' || end[1])))
		return -EINVAL;
	*pages = *end ? percent_of_memory(min(n, (u64)100)) : DIV_ROUND_UP(n, PAGE_SIZE);
	return 0;
}

static int parse_number(const char *value, unsigned int base, u64 *n)
{
	return kstrtou64(value, base, n) ? -EINVAL : 0;
}

static int parse_option(void *arg, const char *key, const char *value)
{
	struct super_block *sb = arg;
	struct tmpfs_sb *info = sb->private;
	struct inode *root = sb->root->inode;
	u64 n = 0;
	int err;

	if (!strcmp(key, "size"))
		return parse_size(value, &info->max_pages);
	if (!strcmp(key, "nr_blocks"))
		return parse_number(value, 10, &info->max_pages);
	if (!strcmp(key, "nr_inodes"))
		return parse_number(value, 10, &info->max_inodes);
	err = parse_number(value, strcmp(key, "mode") ? 10 : 8, &n);
	if (err)
		return err;
	if (!strcmp(key, "mode"))
		root->mode = S_IFDIR | ((umode_t)n & 07777);
	else if (!strcmp(key, "uid"))
		root->uid = (uid_t)n;
	else if (!strcmp(key, "gid"))
		root->gid = (gid_t)n;
	else
		return -EINVAL;
	return 0;
}

int tmpfs_parse_options(struct super_block *sb, const char *options)
{
	return mount_options(sb->type->name, options, parse_option, sb);
}

/**
 * tmpfs_remount - Apply other options to a tmpfs that is in use.
 * @sb: the tmpfs
 * @options: "size=64m,..."
 *
 * Return: 0, -ENOMEM, or -EINVAL for an unknown option or a limit below what is used; the limits
 * are then as before.
 */
int tmpfs_remount(struct super_block *sb, const char *options)
{
	struct tmpfs_sb *info = sb->private;
	u64 max_pages = info->max_pages, max_inodes = info->max_inodes;
	int err = tmpfs_parse_options(sb, options);

	if (!err && ((info->max_pages && (u64)atomic64_read(&info->pages) > info->max_pages) ||
		     (info->max_inodes && (u64)atomic64_read(&info->inodes) > info->max_inodes)))
		err = -EINVAL;
	if (err) {
		info->max_pages = max_pages;
		info->max_inodes = max_inodes;
	}
	return err;
}

static struct super_block *tmpfs_mount(const struct fs_type *t, const char *source, u32 flags,
				       const char *options)
{
	struct super_block *sb = tmpfs_create_sb(t, flags, percent_of_memory(50));
	int err;

	if (IS_ERR(sb))
		return sb;
	/* Inodes cost memory that no limit of data covers: half as many as pages, as in Linux. */
	((struct tmpfs_sb *)sb->private)->max_inodes = percent_of_memory(50);
	err = tmpfs_parse_options(sb, options);
	if (!err)
		return sb;
	sb_put(sb);
	return ERR_PTR(err);
}

static struct fs_type tmpfs_type = { .name = "tmpfs", .nodev = true, .mount = tmpfs_mount };
static const struct fs_type shmem_type = { .name = "shmem", .nodev = true };

void tmpfs_init(void)
{
	struct super_block *sb = tmpfs_create_sb(&shmem_type, 0, 0);

	BUG_ON(IS_ERR(sb) || fs_register(&tmpfs_type));
	shmem_init(sb);
}
