// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories, links, renames, mounts.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "gt.h"

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0644);

	CHECK(fd >= 0);
	close(fd);
}

static int count_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	CHECK(d != NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void make_remove(void)
{
	struct stat st;

	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_ERR(mkdir("d", 0755), EEXIST);
	CHECK_ERR(mkdir("x/y", 0755), ENOENT);
	CHECK_EQ(stat("d", &st), 0);
	CHECK_EQ(st.st_nlink, 2);
	CHECK_EQ(mkdir("d/e", 0755), 0);
	CHECK_EQ(stat("d", &st), 0);
	CHECK_EQ(st.st_nlink, 3);
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	CHECK_ERR(unlink("d/e"), EISDIR);
	CHECK_EQ(rmdir("d/e"), 0);
	CHECK_ERR(rmdir("d/e"), ENOENT);
	CHECK_ERR(rmdir("d/."), EINVAL);
	touch("f");
	CHECK_ERR(rmdir("f"), ENOTDIR);
	CHECK_EQ(rmdir("d"), 0);
}

static void listing(void)
{
	char name[32];

	CHECK_EQ(mkdir("d", 0755), 0);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		touch(name);
	}
	CHECK_EQ(count_entries("d"), 302);
	for (int i = 0; i < 300; i += 2) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(count_entries("d"), 152);
}

static void listing_small_buffer(void)
{
	char buf[32];
	int fd;

	touch("a-rather-long-file-name-for-a-small-buffer");
	fd = open(".", O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0);
	CHECK_ERR(syscall(SYS_getdents64, fd, buf, 8), EINVAL);
	CHECK_ERR(read(fd, buf, 8), EISDIR);
}

/* Each name that stays is seen exactly once while others come and go. */
static void listing_while_changing(void)
{
	struct dirent *e;
	int seen = 0;
	DIR *d;

	CHECK_EQ(mkdir("d", 0755), 0);
	touch("d/keep1");
	touch("d/keep2");
	touch("d/gone");
	d = opendir("d");
	while ((e = readdir(d))) {
		seen += !strncmp(e->d_name, "keep", 4);
		unlink("d/gone");
		touch("d/new");
	}
	closedir(d);
	CHECK_EQ(seen, 2);
}

static void hard_links(void)
{
	struct stat a, b;

	touch("a");
	CHECK_EQ(link("a", "b"), 0);
	CHECK_EQ(stat("a", &a), 0);
	CHECK_EQ(stat("b", &b), 0);
	CHECK_EQ(a.st_ino, b.st_ino);
	CHECK_EQ(a.st_nlink, 2);
	CHECK_ERR(link("a", "b"), EEXIST);
	CHECK_ERR(link("missing", "c"), ENOENT);
	CHECK_ERR(link(".", "c"), EPERM);
	CHECK_EQ(unlink("a"), 0);
	CHECK_EQ(stat("b", &b), 0);
	CHECK_EQ(b.st_nlink, 1);
}

static void symbolic_links(void)
{
	char buf[100];
	int fd;

	touch("target");
	CHECK_EQ(symlink("target", "l"), 0);
	CHECK_EQ(readlink("l", buf, 100), 6);
	CHECK(!memcmp(buf, "target", 6));
	CHECK_EQ(readlink("l", buf, 3), 3);
	CHECK_ERR(readlink("target", buf, 100), EINVAL);
	CHECK_ERR(symlink("x", "l"), EEXIST);
	fd = open("l", O_RDONLY);
	CHECK(fd >= 0);
	CHECK_EQ(symlink("loop2", "loop1"), 0);
	CHECK_EQ(symlink("loop1", "loop2"), 0);
	CHECK_ERR(open("loop1", O_RDONLY), ELOOP);
	CHECK_EQ(symlink("nowhere", "dangling"), 0);
	CHECK_ERR(open("dangling", O_RDONLY), ENOENT);
	CHECK(open("dangling", O_WRONLY | O_CREAT, 0644) >= 0);
	CHECK_EQ(access("nowhere", F_OK), 0);
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(symlink("../target", "d/up"), 0);
	CHECK_EQ(access("d/up", F_OK), 0);
}

static void renames(void)
{
	struct stat st;

	touch("a");
	touch("b");
	CHECK_EQ(rename("a", "c"), 0);
	CHECK_ERR(stat("a", &st), ENOENT);
	CHECK_EQ(rename("c", "b"), 0);
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(mkdir("d/sub", 0755), 0);
	CHECK_ERR(rename("d", "d/sub/x"), EINVAL);
	CHECK_ERR(rename("d", "b"), ENOTDIR);
	CHECK_ERR(rename("b", "d"), EISDIR);
	CHECK_EQ(rename("b", "d/sub/b"), 0);
	CHECK_EQ(mkdir("e", 0755), 0);
	CHECK_ERR(rename("e", "d"), ENOTEMPTY);
	CHECK_EQ(rename("d/sub", "e"), 0);
	CHECK_EQ(stat("e/b", &st), 0);
	CHECK_EQ(stat("d", &st), 0);
	CHECK_EQ(st.st_nlink, 2);
	touch("x");
	touch("y");
	CHECK_EQ(syscall(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, "y", 1),
		 -1); /* RENAME_NOREPLACE */
	CHECK_EQ(errno, EEXIST);
}

static void current_directory(void)
{
	char a[300], b[300];
	int fd;

	CHECK(getcwd(a, sizeof(a)) != NULL);
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(chdir("d"), 0);
	CHECK(getcwd(b, sizeof(b)) != NULL);
	CHECK(!strncmp(a, b, strlen(a)) && !strcmp(b + strlen(a), "/d"));
	CHECK_ERR(syscall(SYS_getcwd, b, 3), ERANGE);
	CHECK_EQ(chdir(".."), 0);
	fd = open("d", O_RDONLY);
	CHECK_EQ(fchdir(fd), 0);
	CHECK_EQ(chdir(".."), 0);
	touch("f");
	CHECK_ERR(chdir("f"), ENOTDIR);
	CHECK_EQ(openat(fd, "g", O_CREAT | O_WRONLY, 0644) >= 0, 1);
	CHECK_EQ(access("d/g", F_OK), 0);
	CHECK_ERR(openat(999, "g", O_RDONLY), EBADF);
}

static void removed_directory(void)
{
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(chdir("d"), 0);
	CHECK_EQ(rmdir("../d"), 0);
	CHECK_ERR(open("f", O_CREAT | O_WRONLY, 0644), ENOENT);
	CHECK_ERR(mkdir("x", 0755), ENOENT);
	CHECK_EQ(chdir(".."), 0);
}

static void deep_tree(void)
{
	for (int i = 0; i < 60; i++) {
		CHECK_EQ(mkdir("dir", 0755), 0);
		CHECK_EQ(chdir("dir"), 0);
	}
	for (int i = 0; i < 60; i++) {
		CHECK_EQ(chdir(".."), 0);
		CHECK_EQ(rmdir("dir"), 0);
	}
}

static void nodes(void)
{
	struct stat st;
	int fd;
	char c;

	CHECK_EQ(mkfifo("p", 0600), 0);
	CHECK_EQ(stat("p", &st), 0);
	CHECK(S_ISFIFO(st.st_mode));
	if (geteuid())
		gt_skip("the rest needs root");
	CHECK_EQ(mkdir("m", 0755), 0);
	CHECK_EQ(mount("none", "m", "tmpfs", 0, NULL), 0);
	CHECK_EQ(mknod("m/z", S_IFCHR | 0600, 0x105), 0);
	fd = open("m/z", O_RDONLY);
	CHECK(fd >= 0);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(mount(NULL, "m", NULL, MS_REMOUNT | MS_NODEV, NULL), 0);
	CHECK_ERR(open("m/z", O_RDONLY), EACCES);
	CHECK_EQ(umount("m"), 0);
}

static void sticky(void)
{
	struct stat st;
	pid_t pid;

	if (geteuid())
		gt_skip("needs root");
	CHECK_EQ(chmod(".", 0755), 0);
	CHECK_EQ(mkdir("t", 0777), 0);
	CHECK_EQ(chmod("t", 01777), 0);
	touch("t/root");
	pid = fork();
	if (pid == 0) {
		if (setuid(1000) || unlink("t/root") != -1 || errno != EPERM)
			_exit(1);
		_exit(open("t/mine", O_CREAT | O_WRONLY, 0644) < 0 || unlink("t/mine"));
	}
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(stat("t/root", &st), 0);
}

static void mounting(void)
{
	struct stat st;

	if (geteuid())
		gt_skip("needs root");
	CHECK_EQ(mkdir("m", 0755), 0);
	touch("m/below");
	CHECK_EQ(mount("none", "m", "tmpfs", 0, "size=1m"), 0);
	CHECK_ERR(stat("m/below", &st), ENOENT);
	touch("m/above");
	CHECK(strstr(gt_slurp("/proc/mounts"), "/m tmpfs") != NULL);
	CHECK_EQ(chdir("m"), 0);
	CHECK_ERR(umount("../m"), EBUSY);
	CHECK_EQ(chdir(".."), 0);
	CHECK_ERR(rmdir("m"), EBUSY);
	CHECK_EQ(umount("m"), 0);
	CHECK_EQ(stat("m/below", &st), 0);
	CHECK_ERR(mount("none", "m", "nosuchfs", 0, NULL), ENODEV);
	CHECK_ERR(umount("m"), EINVAL);
}

static void full_file_system(void)
{
	static char buf[65536];
	long total = 0;
	ssize_t n;
	int fd;

	if (geteuid())
		gt_skip("needs root");
	CHECK_EQ(mkdir("m", 0755), 0);
	CHECK_EQ(mount("none", "m", "tmpfs", 0, "size=256k"), 0);
	fd = open("m/f", O_CREAT | O_WRONLY, 0644);
	while ((n = write(fd, buf, sizeof(buf))) > 0)
		total += n;
	CHECK_EQ(errno, ENOSPC);
	CHECK(total > 100 * 1024 && total <= 256 * 1024);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	close(fd);
	CHECK_EQ(umount("m"), 0);
}

static void read_only_mount(void)
{
	if (geteuid())
		gt_skip("needs root");
	CHECK_EQ(mkdir("m", 0755), 0);
	CHECK_EQ(mount("none", "m", "tmpfs", 0, NULL), 0);
	touch("m/f");
	CHECK_EQ(mount("none", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	CHECK_ERR(open("m/f", O_WRONLY), EROFS);
	CHECK_ERR(open("m/new", O_CREAT | O_WRONLY, 0644), EROFS);
	CHECK_ERR(unlink("m/f"), EROFS);
	CHECK_ERR(chmod("m/f", 0600), EROFS);
	CHECK_EQ(umount("m"), 0);
}

static int storm(void *arg)
{
	uint64_t rnd = 17 + (uint64_t)(uintptr_t)arg;
	char a[16], b[16];

	for (int i = 0; i < 800; i++) {
		snprintf(a, sizeof(a), "s%d", (int)(gt_random(&rnd) % 6));
		snprintf(b, sizeof(b), "s%d", (int)(gt_random(&rnd) % 6));
		switch (gt_random(&rnd) % 6) {
		case 0:
			close(open(a, O_CREAT | O_WRONLY, 0644));
			break;
		case 1:
			unlink(a);
			break;
		case 2:
			rename(a, b);
			break;
		case 3:
			link(a, b);
			break;
		case 4:
			mkdir(a, 0755);
			break;
		default:
			rmdir(a);
		}
	}
	return 0;
}

static void concurrent_storm(void)
{
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		pids[i] = gt_child(storm, (void *)(intptr_t)i);
	for (int i = 0; i < 4; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
}

static const struct gt_test tests[] = {
	{"make_remove", make_remove, 0},
	{"listing", listing, 0},
	{"listing_small_buffer", listing_small_buffer, 0},
	{"listing_while_changing", listing_while_changing, 0},
	{"hard_links", hard_links, 0},
	{"symbolic_links", symbolic_links, 0},
	{"renames", renames, 0},
	{"current_directory", current_directory, 0},
	{"removed_directory", removed_directory, 0},
	{"deep_tree", deep_tree, 0},
	{"nodes", nodes, 0},
	{"sticky", sticky, 0},
	{"mounting", mounting, 0},
	{"full_file_system", full_file_system, 0},
	{"read_only_mount", read_only_mount, 0},
	{"concurrent_storm", concurrent_storm, 0},
};
GT_GROUP(dirs);
