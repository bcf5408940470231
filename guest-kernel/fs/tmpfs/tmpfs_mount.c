// SPDX-License-Identifier: GPL-2.0-only
/*
 * tmpfs as a file-system type: mount options (tmpfs(5)) and limits.
 */
#include "../internal.h"
#include "tmpfs.h"
#include <panic.h>
#include <string.h>

/**
 * struct tmpfs_options - what a text of options says
 * @given: GIVEN_*: which of the fields below it says
 * @max_pages: limit of data; 0: none
 * @max_inodes: limit of inodes; 0: none
 * @mode: of the root directory
 * @uid: its owner
 * @gid: its group
 *
 * All of a text is read and checked before any of it is applied.
 */
struct tmpfs_options {
	u32 given;
	u64 max_pages, max_inodes;
	umode_t mode;
	uid_t uid;
	gid_t gid;
};

#define NO_ID (~0U) /* means "no change" elsewhere */

#define GIVEN_PAGES  (1U << 0)
#define GIVEN_INODES (1U << 1)
#define GIVEN_MODE   (1U << 2)
#define GIVEN_UID    (1U << 3)
#define GIVEN_GID    (1U << 4)
#define GIVEN_NOSWAP (1U << 5)

/* In pages. */
static u64 part_of_memory(u64 percent)
{
	struct mem_stats s;

	mem_get_stats(&s);
	if (percent > ~0ULL / s.total)
		return LOFF_MAX;
	return s.total * percent / 100;
}

/* "64m" or a number; what stands behind it. */
static int parse_count(const char *value, u64 *n, const char **end)
{
	*n = memparse(value, end);
	return *end == value ? -EINVAL : 0;
}

/* "64m", "50%" or a number of bytes, as pages. */
static int parse_size(const char *value, u64 *pages)
{
	const char *end;
	u64 n;

	if (parse_count(value, &n, &end) || (*end && strcmp(end, "%")))
		return -EINVAL;
	*pages = *end ? part_of_memory(n) : n / PAGE_SIZE + !!(n % PAGE_SIZE);
	return 0;
}

/* Pages or inodes. */
static int parse_limit(const char *value, u64 *n)
{
	const char *end;

	return parse_count(value, n, &end) || *end || *n > (u64)LOFF_MAX ? -EINVAL : 0;
}

static int parse_u32(const char *value, unsigned int base, u32 *n)
{
	u64 wide;

	if (kstrtou64(value, base, &wide) || wide > NO_ID)
		return -EINVAL;
	*n = (u32)wide;
	return 0;
}

static int parse_id(const char *value, u32 *id)
{
	return parse_u32(value, 0, id) || *id == NO_ID ? -EINVAL : 0;
}

/* What Linux can be told about huge pages, NUMA nodes and inode numbers, and is so here anyway. */
static bool is_so_anyway(const char *key, const char *value)
{
	static const struct {
		const char *key, *value;
	} facts[] = {
		{ "huge", "never" },  { "mpol", "default" }, { "mpol", "local" },
		{ "inode32", "" },    { "inode64", "" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(facts); i++)
		if (!strcmp(key, facts[i].key) && !strcmp(value, facts[i].value))
			return true;
	return false;
}

static int parse_option(void *arg, const char *key, const char *value)
{
	struct tmpfs_options *o = arg;
	u32 given, mode;
	int err;

	if (!strcmp(key, "size")) {
		given = GIVEN_PAGES;
		err = parse_size(value, &o->max_pages);
	} else if (!strcmp(key, "nr_blocks")) {
		given = GIVEN_PAGES;
		err = parse_limit(value, &o->max_pages);
	} else if (!strcmp(key, "nr_inodes")) {
		given = GIVEN_INODES;
		err = parse_limit(value, &o->max_inodes);
	} else if (!strcmp(key, "mode")) {
		given = GIVEN_MODE;
		err = parse_u32(value, 8, &mode);
		o->mode = err ? 0 : mode & 07777;
	} else if (!strcmp(key, "uid")) {
		given = GIVEN_UID;
		err = parse_id(value, &o->uid);
	} else if (!strcmp(key, "gid")) {
		given = GIVEN_GID;
		err = parse_id(value, &o->gid);
	} else if (!strcmp(key, "noswap") && !*value) {
		given = GIVEN_NOSWAP; /* there is no swap; remembered, since a remount cannot change it */
		err = 0;
	} else {
		given = 0;
		err = is_so_anyway(key, value) ? 0 : -EINVAL;
	}
	o->given |= given;
	return err;
}

static int parse_options(struct super_block *sb, const char *options, struct tmpfs_options *o)
{
	*o = (struct tmpfs_options){ 0 };
	return mount_options(sb->type->name, options, parse_option, o);
}

static void apply_limits(struct tmpfs_sb *info, const struct tmpfs_options *o)
{
	if (o->given & GIVEN_PAGES)
		WRITE_ONCE(info->max_pages, o->max_pages);
	if (o->given & GIVEN_INODES)
		WRITE_ONCE(info->max_inodes, o->max_inodes);
}

/* May the limit @was become @now while @used are in use? What has none never gets one, as in Linux. */
static bool may_become(u64 was, u64 now, s64 used)
{
	return !now || (was && (u64)used <= now);
}

/**
 * tmpfs_remount - Apply other options to a tmpfs that is in use.
 * @sb: the tmpfs
 * @options: "size=64m,..."
 *
 * As in Linux, only limits change: mode, uid and gid are those of the root directory's beginning,
 * and are ignored. Context: mount_mutex held.
 * Return: 0, -ENOMEM, or -EINVAL for an unknown option, a limit below what is used or where there
 * was none, and noswap where it was not given at first. After an error nothing has changed.
 */
int tmpfs_remount(struct super_block *sb, const char *options)
{
	struct tmpfs_sb *info = sb->private;
	struct tmpfs_options o;
	int err = parse_options(sb, options, &o);

	if (err)
		return err;
	if ((o.given & GIVEN_PAGES) &&
	    !may_become(info->max_pages, o.max_pages, atomic64_read(&info->pages)))
		return -EINVAL;
	if ((o.given & GIVEN_INODES) &&
	    !may_become(info->max_inodes, o.max_inodes, atomic64_read(&info->inodes)))
		return -EINVAL;
	if ((o.given & GIVEN_NOSWAP) && !info->noswap)
		return -EINVAL;
	apply_limits(info, &o);
	return 0;
}

/* Nobody else sees the file system yet. */
static void apply_all(struct super_block *sb, const struct tmpfs_options *o)
{
	struct inode *root = sb->root->inode;
	struct tmpfs_sb *info = sb->private;

	apply_limits(info, o);
	info->noswap = o->given & GIVEN_NOSWAP;
	if (o->given & GIVEN_MODE)
		root->mode = S_IFDIR | o->mode;
	if (o->given & GIVEN_UID)
		root->uid = o->uid;
	if (o->given & GIVEN_GID)
		root->gid = o->gid;
}

static struct super_block *tmpfs_mount(const struct fs_type *t, const char *source, u32 flags,
				       const char *options)
{
	struct super_block *sb = tmpfs_create_sb(t, flags, part_of_memory(50));
	struct tmpfs_options o;
	int err;

	if (IS_ERR(sb))
		return sb;
	/* Inodes cost memory that no limit of data covers: half as many as pages, as in Linux. */
	((struct tmpfs_sb *)sb->private)->max_inodes = part_of_memory(50);
	err = parse_options(sb, options, &o);
	if (err) {
		sb_put(sb);
		return ERR_PTR(err);
	}
	apply_all(sb, &o);
	return sb;
}

static struct fs_type tmpfs_type = { .name = "tmpfs", .nodev = true, .mount = tmpfs_mount };
static const struct fs_type shmem_type = { .name = "shmem", .nodev = true };

void tmpfs_init(void)
{
	struct super_block *sb = tmpfs_create_sb(&shmem_type, 0, 0);

	BUG_ON(IS_ERR(sb) || fs_register(&tmpfs_type));
	shmem_init(sb);
}
