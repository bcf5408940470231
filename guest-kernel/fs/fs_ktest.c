// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the file system layer that need the real thing: path walks over links and mounts, names
 * that change while the cache holds them, pipes that wrap, archives unpacked into the root. They
 * work in a tmpfs of their own and end by checking that nothing is left of it.
 */
#include "internal.h"
#include "vfs/d_path.h"
#include <ktest.h>
#include <string.h>
#include <uapi/fcntl.h>

#define DIR "/ktest"

static u64 inodes_before, dentries_before, files_before;

static int fs_ktest_init(struct ktest *test)
{
	int err = vfs_mkdir(DIR, 0755);

	if (err && err != -EEXIST)
		return err;
	dcache_shrink(~0UL);
	inodes_before = slab_objects("inode");
	dentries_before = slab_objects("dentry");
	files_before = file_count();
	return vfs_mount("ktest", DIR, "tmpfs", 0, "size=1m,mode=755");
}

static void fs_ktest_exit(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, vfs_umount(DIR, 0), 0);
	dcache_shrink(~0UL);
	KTEST_EXPECT_EQ(test, file_count(), files_before);
	KTEST_EXPECT_EQ(test, slab_objects("inode"), inodes_before);
	KTEST_EXPECT_EQ(test, slab_objects("dentry"), dentries_before);
}

/* What a lookup answers; the path is dropped at once. */
static int lookup(const char *name, u32 how)
{
	struct path p;
	int err = path_lookup(AT_FDCWD, name, how, &p);

	if (!err)
		path_put(&p);
	return err;
}

static int make_file(const char *name, const char *text)
{
	struct file *f = file_open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	n = file_write(f, text, strlen(text), &pos);
	file_put(f);
	return n < 0 ? (int)n : 0;
}

/* Whether @name means a file that begins with @text. */
static bool file_says(const char *name, const char *text)
{
	struct file *f = file_open(name, O_RDONLY, 0);
	char buf[64] = "";
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return false;
	n = file_read(f, buf, sizeof(buf) - 1, &pos);
	file_put(f);
	return n == (ssize_t)strlen(text) && !strcmp(buf, text);
}

static void walks_end_where_they_should(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/a", 0755), 0);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/a/b/", 0755), 0);
	KTEST_EXPECT_EQ(test, make_file(DIR "/a/f", "f"), 0);
	KTEST_EXPECT_EQ(test, lookup("", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, lookup(DIR "//a/./b/../f", 0), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/a/f/", 0), -ENOTDIR);
	KTEST_EXPECT_EQ(test, lookup(DIR "/a/f/x", 0), -ENOTDIR);
	KTEST_EXPECT_EQ(test, lookup(DIR "/a/f", LOOKUP_DIRECTORY), -ENOTDIR);
	KTEST_EXPECT_EQ(test, lookup(DIR "/a/none/..", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, lookup("/../../.." DIR, LOOKUP_DIRECTORY), 0);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/a/.", 0755), -EEXIST);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/a/b/.."), -ENOTEMPTY);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/a/b/."), -EINVAL);
	KTEST_EXPECT_EQ(test, vfs_unlink(DIR "/a/b"), -EISDIR);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/a/f"), -ENOTDIR);
	KTEST_EXPECT_EQ(test, vfs_unlink(DIR "/a/f/"), -ENOTDIR);
}

static void long_names_are_refused(struct ktest *test)
{
	char *name = kmalloc(PATH_MAX, GFP_KERNEL);

	KTEST_ASSERT_TRUE(test, name);
	memset(name, 'n', PATH_MAX);
	memcpy(name, DIR "/", strlen(DIR) + 1);
	name[strlen(DIR) + 1 + NAME_MAX] = '\0';
	KTEST_EXPECT_EQ(test, make_file(name, "long"), 0);
	KTEST_EXPECT_TRUE(test, file_says(name, "long"));
	name[strlen(DIR) + 1 + NAME_MAX] = 'n';
	name[strlen(DIR) + 2 + NAME_MAX] = '\0';
	KTEST_EXPECT_EQ(test, lookup(name, 0), -ENAMETOOLONG);
	KTEST_EXPECT_EQ(test, make_file(name, "long"), -ENAMETOOLONG);
	KTEST_EXPECT_EQ(test, vfs_mkdir(name, 0755), -ENAMETOOLONG);
	kfree(name);
}

static void links_are_followed(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/d", 0755), 0);
	KTEST_EXPECT_EQ(test, make_file(DIR "/d/f", "target"), 0);
	KTEST_EXPECT_EQ(test, vfs_symlink("d/f", AT_FDCWD, DIR "/rel"), 0);
	KTEST_EXPECT_EQ(test, vfs_symlink(DIR "/d", AT_FDCWD, DIR "/abs"), 0);
	KTEST_EXPECT_EQ(test, vfs_symlink("../abs/../rel", AT_FDCWD, DIR "/d/up"), 0);
	KTEST_EXPECT_EQ(test, vfs_symlink("none", AT_FDCWD, DIR "/dangling"), 0);
	KTEST_EXPECT_TRUE(test, file_says(DIR "/rel", "target"));
	KTEST_EXPECT_TRUE(test, file_says(DIR "/abs/f", "target"));
	KTEST_EXPECT_TRUE(test, file_says(DIR "/abs/up", "target"));
	KTEST_EXPECT_EQ(test, lookup(DIR "/rel/", LOOKUP_FOLLOW), -ENOTDIR);
	KTEST_EXPECT_EQ(test, lookup(DIR "/abs/", 0), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/dangling", LOOKUP_FOLLOW), -ENOENT);
	KTEST_EXPECT_EQ(test, lookup(DIR "/dangling", 0), 0);
	KTEST_EXPECT_EQ(test, PTR_ERR(file_open(DIR "/rel", O_RDONLY | O_NOFOLLOW, 0)), -ELOOP);
	KTEST_EXPECT_EQ(test, make_file(DIR "/dangling", "x"), -EEXIST);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/dangling", 0755), -EEXIST);
}

/* O_CREAT makes what a dangling link points to. */
static void creation_follows_links(struct ktest *test)
{
	struct file *f;

	KTEST_EXPECT_EQ(test, vfs_symlink("made", AT_FDCWD, DIR "/link"), 0);
	f = file_open(DIR "/link", O_WRONLY | O_CREAT, 0600);
	KTEST_ASSERT_TRUE(test, !IS_ERR(f));
	file_put(f);
	KTEST_EXPECT_EQ(test, lookup(DIR "/made", 0), 0);
	KTEST_EXPECT_EQ(test, PTR_ERR(file_open(DIR "/new/", O_WRONLY | O_CREAT, 0600)), -EISDIR);
}

static void link_circles_end(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, vfs_symlink("two", AT_FDCWD, DIR "/one"), 0);
	KTEST_EXPECT_EQ(test, vfs_symlink("one", AT_FDCWD, DIR "/two"), 0);
	KTEST_EXPECT_EQ(test, vfs_symlink("grow/xxxxxxxxxxxxxxxx", AT_FDCWD, DIR "/grow"), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/one", LOOKUP_FOLLOW), -ELOOP);
	KTEST_EXPECT_EQ(test, lookup(DIR "/one/x", 0), -ELOOP);
	KTEST_EXPECT_EQ(test, lookup(DIR "/grow", LOOKUP_FOLLOW), -ELOOP);
	KTEST_EXPECT_EQ(test, PTR_ERR(file_open(DIR "/one", O_WRONLY | O_CREAT, 0600)), -ELOOP);
}

static int rename_to(const char *from, const char *to, u32 flags)
{
	return vfs_rename(AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void renames_keep_the_tree_a_tree(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/a", 0755), 0);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/a/b", 0755), 0);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/c", 0755), 0);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/a", DIR "/a/b/x", 0), -EINVAL);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/a/b", DIR "/a", 0), -ENOTEMPTY);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/a", DIR "/a/b", RENAME_EXCHANGE), -EINVAL);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/c", DIR "/a", 0), -ENOTEMPTY);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/a/b", DIR "/c", 0), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/a/b", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/a"), 0);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/c"), 0);
	KTEST_EXPECT_EQ(test, rename_to(DIR, DIR "2", 0), -EBUSY);
}

static void renames_replace_and_exchange(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, make_file(DIR "/x", "x"), 0);
	KTEST_EXPECT_EQ(test, make_file(DIR "/y", "y"), 0);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/x", DIR "/y", RENAME_NOREPLACE), -EEXIST);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/x", DIR "/z", RENAME_EXCHANGE), -ENOENT);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/x", DIR "/y", RENAME_EXCHANGE), 0);
	KTEST_EXPECT_TRUE(test, file_says(DIR "/x", "y") && file_says(DIR "/y", "x"));
	KTEST_EXPECT_EQ(test, rename_to(DIR "/x", DIR "/y", 0), 0);
	KTEST_EXPECT_TRUE(test, file_says(DIR "/y", "y"));
	KTEST_EXPECT_EQ(test, lookup(DIR "/x", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, vfs_link(AT_FDCWD, DIR "/y", AT_FDCWD, DIR "/same", 0), 0);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/y", DIR "/same", 0), 0);
	KTEST_EXPECT_TRUE(test, file_says(DIR "/y", "y") && file_says(DIR "/same", "y"));
}

/* Without anybody shrinking the cache: names that were looked for in vain do not keep a directory. */
static void removed_directories_are_forgotten(struct ktest *test)
{
	u64 before = slab_objects("inode");
	struct path p;

	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/gone", 0755), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/gone/nothing", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, path_lookup(AT_FDCWD, DIR "/gone", 0, &p), 0);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/gone"), 0);
	KTEST_EXPECT_EQ(test, slab_objects("inode"), before + 1);
	path_put(&p);
	KTEST_EXPECT_EQ(test, slab_objects("inode"), before);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/old", 0755), 0);
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/new", 0755), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/new/nothing", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/old", DIR "/new", 0), 0);
	KTEST_EXPECT_EQ(test, slab_objects("inode"), before + 1);
}

static void names_of_places(struct ktest *test)
{
	struct path p;
	char buf[128];

	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/dir", 0755), 0);
	KTEST_EXPECT_EQ(test, path_lookup(AT_FDCWD, DIR "/dir", 0, &p), 0);
	KTEST_EXPECT_TRUE(test, !strcmp(path_text(&p, buf, sizeof(buf)), DIR "/dir"));
	KTEST_EXPECT_EQ(test, PTR_ERR(path_text(&p, buf, 5)), -ENAMETOOLONG);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/dir", DIR "/other", 0), 0);
	KTEST_EXPECT_TRUE(test, !strcmp(path_text(&p, buf, sizeof(buf)), DIR "/other"));
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/other"), 0);
	KTEST_EXPECT_TRUE(test, !strcmp(path_text(&p, buf, sizeof(buf)), DIR "/other (deleted)"));
	path_put(&p);
}

static void busy_mounts_stay(struct ktest *test)
{
	struct file *f = file_open(DIR "/f", O_RDWR | O_CREAT, 0600);

	KTEST_ASSERT_TRUE(test, !IS_ERR(f));
	KTEST_EXPECT_EQ(test, vfs_umount(DIR, 0), -EBUSY);
	KTEST_EXPECT_EQ(test, vfs_mount("none", DIR, NULL, MS_REMOUNT | MS_RDONLY, NULL), -EBUSY);
	file_put(f);
	KTEST_EXPECT_EQ(test, vfs_mount("none", DIR, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	KTEST_EXPECT_EQ(test, make_file(DIR "/g", "g"), -EROFS);
	KTEST_EXPECT_EQ(test, vfs_unlink(DIR "/f"), -EROFS);
	KTEST_EXPECT_EQ(test, PTR_ERR(file_open(DIR "/f", O_WRONLY, 0)), -EROFS);
	KTEST_EXPECT_EQ(test, vfs_mount("none", DIR, NULL, MS_REMOUNT, NULL), 0);
	KTEST_EXPECT_EQ(test, vfs_unlink(DIR "/f"), 0);
}

static void mounts_cover_and_uncover(struct ktest *test)
{
	KTEST_EXPECT_EQ(test, vfs_mkdir(DIR "/m", 0755), 0);
	KTEST_EXPECT_EQ(test, make_file(DIR "/m/below", "below"), 0);
	KTEST_EXPECT_EQ(test, vfs_mount("none", DIR "/m", "tmpfs", 0, NULL), 0);
	KTEST_EXPECT_EQ(test, lookup(DIR "/m/below", 0), -ENOENT);
	KTEST_EXPECT_EQ(test, vfs_rmdir(DIR "/m"), -EBUSY);
	KTEST_EXPECT_EQ(test, lookup(DIR "/m/../m", LOOKUP_DIRECTORY), 0);
	KTEST_EXPECT_EQ(test, rename_to(DIR "/m/x", DIR "/x", 0), -EXDEV);
	KTEST_EXPECT_EQ(test, vfs_umount(DIR "/m", 0), 0);
	KTEST_EXPECT_TRUE(test, file_says(DIR "/m/below", "below"));
	KTEST_EXPECT_EQ(test, vfs_umount(DIR "/m", 0), -EINVAL);
	KTEST_EXPECT_EQ(test, vfs_mount("none", DIR "/m", "nonesuch", 0, NULL), -ENODEV);
	KTEST_EXPECT_EQ(test, vfs_mount("none", DIR "/m", "tmpfs", 0, "size=lots"), -EINVAL);
}

static void full_file_systems_say_so(struct ktest *test)
{
	struct file *f = file_open(DIR "/big", O_RDWR | O_CREAT, 0600);
	char *page = kzalloc(PAGE_SIZE, GFP_KERNEL);
	loff_t pos = 0;
	ssize_t n = 1;

	KTEST_ASSERT_TRUE(test, !IS_ERR(f) && page);
	while (n > 0 && pos < 4 << 20)
		n = file_write(f, page, PAGE_SIZE, &pos);
	KTEST_EXPECT_EQ(test, n, -ENOSPC);
	KTEST_EXPECT_EQ(test, pos, 1 << 20);
	KTEST_EXPECT_EQ(test, vfs_truncate(&f->path, 0), 0);
	pos = 0;
	KTEST_EXPECT_EQ(test, file_write(f, page, PAGE_SIZE, &pos), (long)PAGE_SIZE);
	file_put(f);
	kfree(page);
}

/* Messages of a length that divides nothing go round the ring several times. */
static void pipes_wrap(struct ktest *test)
{
	struct file *end[2];
	u8 out[777], in[777];
	bool same = true;
	loff_t none = 0;

	KTEST_ASSERT_TRUE(test, !pipe_create(end, O_NONBLOCK));
	for (u32 round = 0; round < 3000; round++) {
		memset(out, (int)round, sizeof(out));
		/*
		 * Once there are a few messages in it, each write is followed by a read of an older
		 * one.
		 */
		same &= file_write(end[1], out, sizeof(out), &none) == sizeof(out);
		if (round < 70)
			continue;
		memset(out, (int)(round - 70), sizeof(out));
		same &= file_read(end[0], in, sizeof(in), &none) == sizeof(in) &&
			!memcmp(in, out, sizeof(in));
	}
	KTEST_EXPECT_TRUE(test, same);
	file_put(end[1]);
	for (u32 left = 0; left < 70; left++)
		KTEST_EXPECT_EQ(test, file_read(end[0], in, sizeof(in), &none), sizeof(in));
	KTEST_EXPECT_EQ(test, file_read(end[0], in, sizeof(in), &none), 0);
	file_put(end[0]);
}

static void pipes_fill_and_resize(struct ktest *test)
{
	u8 *buf = kzalloc(3 * PAGE_SIZE, GFP_KERNEL);
	struct file *end[2];
	loff_t none = 0;

	KTEST_ASSERT_TRUE(test, buf && !pipe_create(end, O_NONBLOCK));
	KTEST_EXPECT_EQ(test, end[0]->ops->fcntl(end[0], F_GETPIPE_SZ, 0), 65536);
	KTEST_EXPECT_EQ(test, file_read(end[0], buf, 1, &none), -EAGAIN);
	KTEST_EXPECT_EQ(test, end[0]->ops->fcntl(end[0], F_SETPIPE_SZ, 2 * PAGE_SIZE - 1),
			2 * (long)PAGE_SIZE);
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, 100, &none), 100);
	KTEST_EXPECT_EQ(test, file_read(end[0], buf, 99, &none), 99);
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, 3 * PAGE_SIZE, &none),
			2 * (long)PAGE_SIZE - 1);
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, 1, &none), -EAGAIN);
	KTEST_EXPECT_EQ(test, end[0]->ops->fcntl(end[0], F_SETPIPE_SZ, PAGE_SIZE), -EBUSY);
	KTEST_EXPECT_EQ(test, end[0]->ops->fcntl(end[0], F_SETPIPE_SZ, 4 * PAGE_SIZE),
			4 * (long)PAGE_SIZE);
	/* A write of up to PIPE_BUF goes in whole or not at all. */
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, PAGE_SIZE, &none), (long)PAGE_SIZE);
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, PAGE_SIZE - 1, &none), (long)PAGE_SIZE - 1);
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, 2, &none), -EAGAIN);
	KTEST_EXPECT_EQ(test, file_write(end[1], buf, 1, &none), 1);
	file_put(end[0]);
	file_put(end[1]);
	kfree(buf);
}

static void iov_kernel_buffers(struct ktest *test)
{
	char buf[8] = "";
	struct iovec one;
	struct iov_iter it;

	iov_iter_kernel(&it, &one, buf, 5);
	KTEST_EXPECT_EQ(test, copy_to_iter("abc", 3, &it), 3);
	KTEST_EXPECT_EQ(test, it.count, 2);
	KTEST_EXPECT_EQ(test, copy_to_iter("defgh", 5, &it), 2);
	KTEST_EXPECT_EQ(test, copy_to_iter("x", 1, &it), 0);
	KTEST_EXPECT_TRUE(test, !strcmp(buf, "abcde"));
}

/* A newc header of a member without data. */
static size_t put_member(char *p, u32 ino, u32 mode, u32 nlink, const char *name, const char *data)
{
	size_t len = strlen(name) + 1, at = ALIGN_UP(110 + len, 4), size = strlen(data);

	memset(p, 0, ALIGN_UP(at + size, 4));
	snprintf(p, 111, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", ino, mode, 0,
		 0, nlink, 0, (u32)size, 0, 0, 0, 0, (u32)len, 0);
	memcpy(p + 110, name, len);
	memcpy(p + at, data, size);
	return ALIGN_UP(at + size, 4);
}

static void archives_are_unpacked(struct ktest *test)
{
	char *p = kzalloc(2 * PAGE_SIZE, GFP_KERNEL);
	size_t n = 0;

	KTEST_ASSERT_TRUE(test, p);
	n += put_member(p + n, 1, S_IFDIR | 0700, 2, "ktest/dir", "");
	n += put_member(p + n, 2, S_IFREG | 0644, 2, "ktest/dir/one", "");
	n += put_member(p + n, 2, S_IFREG | 0644, 2, "/ktest/dir/two", "both");
	n += put_member(p + n, 3, S_IFLNK | 0777, 1, "ktest/link", "dir/one");
	n += put_member(p + n, 0, 0, 1, "TRAILER!!!", "");
	n += 512; /* zeros between archives */
	n += put_member(p + n, 2, S_IFREG | 0755, 1, "ktest/second", "archive");
	n += put_member(p + n, 0, 0, 1, "TRAILER!!!", "");
	KTEST_EXPECT_EQ(test, initramfs_unpack(p, n), 0);
	KTEST_EXPECT_TRUE(test, file_says(DIR "/dir/one", "both"));
	KTEST_EXPECT_TRUE(test, file_says(DIR "/link", "both"));
	KTEST_EXPECT_TRUE(test, file_says(DIR "/second", "archive"));
	kfree(p);
}

static void bad_archives_are_refused(struct ktest *test)
{
	char *p = kzalloc(PAGE_SIZE, GFP_KERNEL);
	size_t n;

	KTEST_ASSERT_TRUE(test, p);
	KTEST_EXPECT_EQ(test, initramfs_unpack("garbage", 7), -EINVAL);
	n = put_member(p, 2, S_IFREG | 0644, 1, "ktest/kept", "kept");
	KTEST_EXPECT_EQ(test, initramfs_unpack(p, n), -EINVAL); /* no trailer */
	KTEST_EXPECT_TRUE(test, file_says(DIR "/kept", "kept"));
	n = put_member(p, 2, S_IFREG | 0644, 1, "ktest/none/such", "");
	KTEST_EXPECT_EQ(test, initramfs_unpack(p, n), -ENOENT);
	n = put_member(p, 2, 0170000, 1, "ktest/odd", "");
	KTEST_EXPECT_EQ(test, initramfs_unpack(p, n), -EINVAL);
	kfree(p);
}

static const struct ktest_case fs_cases[] = {
	KTEST_CASE(walks_end_where_they_should),
	KTEST_CASE(long_names_are_refused),
	KTEST_CASE(links_are_followed),
	KTEST_CASE(creation_follows_links),
	KTEST_CASE(link_circles_end),
	KTEST_CASE(renames_keep_the_tree_a_tree),
	KTEST_CASE(renames_replace_and_exchange),
	KTEST_CASE(removed_directories_are_forgotten),
	KTEST_CASE(names_of_places),
	KTEST_CASE(busy_mounts_stay),
	KTEST_CASE(mounts_cover_and_uncover),
	KTEST_CASE(full_file_systems_say_so),
	KTEST_CASE(pipes_wrap),
	KTEST_CASE(pipes_fill_and_resize),
	KTEST_CASE(iov_kernel_buffers),
	KTEST_CASE(archives_are_unpacked),
	KTEST_CASE(bad_archives_are_refused),
	{ 0 },
};

static const struct ktest_suite fs_suite = {
	.name = "fs",
	.init = fs_ktest_init,
	.exit = fs_ktest_exit,
	.cases = fs_cases,
};
ktest_suite_register(fs_suite);
