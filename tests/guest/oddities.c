// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files in the corners: holes, seals, limits, locks that change, and calls that must not have
 * done half of their work when they fail.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include "gt.h"

#define PAGE 4096L
#define HOLE (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static void create(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static long blocks(int fd)
{
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	return (long)st.st_blocks;
}

/* A hole gives its memory back, however large it is. */
static void punched_holes(void)
{
	int fd = memfd_create("x", 0);
	char *p, c;

	CHECK_EQ(ftruncate(fd, 1L << 60), 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pwrite(fd, "abcd", 4, i * PAGE), 4);
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(p[PAGE], 'a');
	CHECK_EQ(blocks(fd), 4 * 8);
	CHECK_EQ(fallocate(fd, HOLE, 2, 2 * PAGE), 0);
	CHECK_EQ(blocks(fd), 3 * 8);
	CHECK_EQ(p[1], 'b');
	CHECK_EQ(p[2] | p[PAGE], 0);
	CHECK_EQ(p[2 * PAGE + 1] | p[2 * PAGE], 0);
	CHECK_EQ(p[2 * PAGE + 2], 'c');
	CHECK_EQ(fallocate(fd, HOLE, 3 * PAGE + 1, 2), 0);
	CHECK_EQ(pread(fd, &c, 1, 3 * PAGE + 3), 1);
	CHECK_EQ(c, 'd');
	CHECK_EQ(munmap(p, 4 * PAGE), 0);
	CHECK_EQ(fallocate(fd, HOLE, 0, 1L << 60), 0);
	CHECK_EQ(blocks(fd), 0);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(fallocate(fd, HOLE, 0, PAGE), 0); /* the whole page, though it is beyond the end */
	CHECK_EQ(blocks(fd), 0);
}

static void removed_pages(void)
{
	int fd = memfd_create("x", 0);
	char *p, *q, *anon;

	CHECK_EQ(ftruncate(fd, 4 * PAGE), 0);
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE);
	anon = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED && q != MAP_FAILED && anon != MAP_FAILED);
	memset(p, 'x', 4 * PAGE);
	CHECK_EQ(*q, 'x');
	CHECK_EQ(madvise(p + PAGE, 2 * PAGE, MADV_REMOVE), 0);
	CHECK_EQ(blocks(fd), 2 * 8);
	CHECK_EQ(p[0], 'x');
	CHECK_EQ(p[PAGE] | p[2 * PAGE] | *q, 0);
	CHECK_EQ(p[3 * PAGE], 'x');
	q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK_ERR(madvise(q, PAGE, MADV_REMOVE), EACCES);
	CHECK_ERR(madvise(anon, PAGE, MADV_REMOVE), EINVAL);
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK_ERR(madvise(p, 2 * PAGE, MADV_REMOVE), ENOMEM);
}

static void allocation_limits(void)
{
	struct rlimit rl = {1 << 16, 1 << 16};
	int fd = memfd_create("x", 0);

	signal(SIGXFSZ, SIG_IGN);
	CHECK_EQ(fallocate(fd, 0, 0, 1 << 15), 0);
	CHECK_EQ(blocks(fd), (1 << 15) / 512);
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &rl), 0);
	CHECK_ERR(fallocate(fd, 0, 0, 1 << 17), EFBIG);
	CHECK_ERR(ftruncate(fd, 1 << 17), EFBIG);
	CHECK_ERR(pwrite(fd, "x", 1, 1 << 16), EFBIG);
	CHECK_EQ(pwrite(fd, "xyz", 3, (1 << 16) - 1), 1);
}

/* An allocation that does not fit takes nothing. */
static void failed_allocation(void)
{
	struct statfs before, after;
	int fd;

	CHECK_EQ(mkdir("m", 0700), 0);
	CHECK_EQ(mount("test", "m", "tmpfs", 0, "size=64k"), 0);
	CHECK_EQ(statfs("m", &before), 0);
	fd = open("m/f", O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_ERR(fallocate(fd, 0, 0, 1 << 20), ENOSPC);
	CHECK_EQ(statfs("m", &after), 0);
	CHECK_EQ(after.f_bfree, before.f_bfree);
	close(fd);
	CHECK_EQ(mount("test", "m", "tmpfs", MS_REMOUNT, "size=4m"), 0);
	CHECK_EQ(statfs("m", &after), 0);
	CHECK_EQ(after.f_blocks * (unsigned long)after.f_bsize, 4UL << 20);
	fd = open("m/f", O_RDWR);
	CHECK_EQ(fallocate(fd, 0, 0, 1 << 20), 0);
	close(fd);
	CHECK_ERR(mount("test", "m", "tmpfs", MS_REMOUNT, "size=64k"), EINVAL);
	CHECK_ERR(mount("test", "m", "tmpfs", MS_REMOUNT, "sise=8m"), EINVAL);
	CHECK_EQ(umount("m"), 0);
}

/* Without a number to give there is nothing to open: the file must stay as it is. */
static void no_descriptor_no_truncation(void)
{
	struct rlimit rl = {3, 3};
	struct stat st;

	create("f", "abc");
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &rl), 0);
	CHECK_ERR(open("f", O_WRONLY | O_TRUNC), EMFILE);
	CHECK_ERR(open("g", O_WRONLY | O_CREAT, 0600), EMFILE);
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(st.st_size, 3);
	CHECK_ERR(stat("g", &st), ENOENT);
}

/* flock(2): converting a lock gives the old one up first. */
static void lock_conversion(void)
{
	int a, b;

	create("f", "");
	a = open("f", O_RDWR);
	b = open("f", O_RDWR);
	CHECK_EQ(flock(a, LOCK_SH), 0);
	CHECK_EQ(flock(b, LOCK_SH), 0);
	CHECK_ERR(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	CHECK_EQ(flock(b, LOCK_EX | LOCK_NB), 0);
	CHECK_ERR(flock(a, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	CHECK_EQ(flock(b, LOCK_SH | LOCK_NB), 0);
	CHECK_EQ(flock(a, LOCK_SH | LOCK_NB), 0);
}

static volatile int raced_fd = -1;
static volatile bool stop_racing;

static void *lock_often(void *arg)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

	(void)arg;
	while (!stop_racing)
		fcntl(raced_fd, F_SETLK, &fl);
	return NULL;
}

static int lock_by_other(void *arg)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	int fd = open("f", O_RDWR);

	(void)arg;
	return fcntl(fd, F_SETLK, &fl) ? 1 : 0;
}

/* A record lock that is taken while its descriptor is being closed does not survive it. */
static void lock_against_close(void)
{
	uint64_t end = gt_now() + 1500000000ULL;
	pthread_t t;

	create("f", "x");
	CHECK_EQ(pthread_create(&t, NULL, lock_often, NULL), 0);
	for (int i = 0; i < 10000 && gt_now() < end; i++) {
		raced_fd = open("f", O_RDWR);
		CHECK(raced_fd >= 0);
		if (i % 3)
			sched_yield();
		close(raced_fd);
	}
	stop_racing = true;
	CHECK_EQ(pthread_join(t, NULL), 0);
	CHECK(EXITED(gt_run(lock_by_other, NULL), 0));
}

static void empty_link_names(void)
{
	char buf[16];
	int fd;

	CHECK_EQ(symlink("target", "l"), 0);
	CHECK_ERR(readlink("", buf, sizeof(buf)), ENOENT);
	CHECK_ERR(readlink(".", buf, sizeof(buf)), EINVAL);
	fd = open("l", O_PATH | O_NOFOLLOW);
	CHECK(fd >= 0);
	CHECK_EQ(readlinkat(fd, "", buf, sizeof(buf)), 6);
}

/* Positions of /proc directories that no number reaches. */
static void far_positions(void)
{
	static const char *const names[] = {"/proc", "/proc/self/fd", "/proc/self/task"};
	static const off_t far[] = {0x7fffffff, 0x80000000, 0x100000001, 1L << 40};
	char buf[1024];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = open(names[i], O_RDONLY | O_DIRECTORY);

		CHECK(fd >= 0);
		for (size_t j = 0; j < ARRAY_SIZE(far); j++)
			if (lseek(fd, far[j], SEEK_SET) == far[j])
				CHECK_EQ(syscall(SYS_getdents64, fd, buf, sizeof(buf)), 0);
	}
}

static void seals_hold(void)
{
	int fd = memfd_create("x", MFD_ALLOW_SEALING);

	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	CHECK_EQ(pwrite(fd, "xyz", 3, 0), 3);
	CHECK_ERR(pwrite(fd, "xyz", 3, 1), EPERM);
	CHECK_ERR(fallocate(fd, 0, 0, 10), EPERM);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	CHECK_ERR(pwrite(fd, "x", 1, 0), EPERM);
	CHECK_ERR(fallocate(fd, HOLE, 0, 1), EPERM);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
	CHECK_EQ(ftruncate(fd, 0), 0);
}

static int sealed_fd;

static void *seal_it(void *arg)
{
	(void)arg;
	while (fcntl(sealed_fd, F_ADD_SEALS, F_SEAL_WRITE))
		if (errno != EBUSY)
			return "failed";
	return NULL;
}

/* Of a seal and a writable mapping only one can be had, whoever comes first. */
static void seal_against_mmap(void)
{
	uint64_t end = gt_now() + 3000000000ULL;
	int wins = 0;

	for (int i = 0; i < 1000 && gt_now() < end; i++) {
		pthread_t t;
		void *p, *failed;

		sealed_fd = memfd_create("x", MFD_ALLOW_SEALING);
		CHECK_EQ(ftruncate(sealed_fd, PAGE), 0);
		CHECK_EQ(pthread_create(&t, NULL, seal_it, NULL), 0);
		if (i % 2)
			sched_yield();
		p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, sealed_fd, 0);
		if (p != MAP_FAILED) {
			wins++;
			CHECK_EQ(fcntl(sealed_fd, F_GET_SEALS) & F_SEAL_WRITE, 0);
			CHECK_EQ(munmap(p, PAGE), 0);
		} else {
			CHECK_EQ(errno, EPERM);
		}
		CHECK_EQ(pthread_join(t, &failed), 0);
		CHECK(!failed);
		close(sealed_fd);
	}
	CHECK(wins > 0);
}

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0644);

	CHECK(fd >= 0);
	close(fd);
}

/* MS_REC takes what is mounted below along; without it there is the bare directory. */
static void recursive_bind(void)
{
	struct stat st;

	CHECK_EQ(mkdir("a", 0755), 0);
	CHECK_EQ(mkdir("b", 0755), 0);
	CHECK_EQ(mount("none", "a", "tmpfs", 0, NULL), 0);
	CHECK_EQ(mkdir("a/sub", 0755), 0);
	CHECK_EQ(mkdir("a/inner", 0755), 0);
	CHECK_EQ(mount("none", "a/sub", "tmpfs", 0, NULL), 0);
	CHECK_EQ(mkdir("a/sub/deep", 0755), 0);
	CHECK_EQ(mount("none", "a/sub/deep", "tmpfs", 0, NULL), 0);
	touch("a/sub/deep/f");
	CHECK_EQ(mount("a", "b", NULL, MS_BIND, NULL), 0);
	CHECK_ERR(stat("b/sub/deep", &st), ENOENT);
	CHECK_EQ(umount("b"), 0);
	CHECK_EQ(mount("a", "b", NULL, MS_BIND | MS_REC, NULL), 0);
	CHECK_EQ(stat("b/sub/deep/f", &st), 0);
	CHECK_ERR(umount("b"), EBUSY);
	CHECK_EQ(umount2("b", MNT_DETACH), 0);
	CHECK_EQ(mount("a/sub", "b", NULL, MS_BIND | MS_REC, NULL), 0);
	CHECK_EQ(stat("b/deep/f", &st), 0);
	CHECK_EQ(umount2("b", MNT_DETACH), 0);
	CHECK_EQ(mount("a", "a/inner", NULL, MS_BIND | MS_REC, NULL), 0);
	CHECK_EQ(stat("a/inner/sub/deep/f", &st), 0);
	CHECK_EQ(stat("a/inner/inner", &st), 0);
	CHECK_ERR(stat("a/inner/inner/sub", &st), ENOENT);
	CHECK_EQ(umount2("a", MNT_DETACH), 0);
	CHECK_EQ(rmdir("a"), 0);
}

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

static void links_not_followed(void)
{
	struct stat st;
	char buf[16];

	CHECK_EQ(mkdir("m", 0700), 0);
	CHECK_EQ(mount("test", "m", "tmpfs", MS_NOSYMFOLLOW, NULL), 0);
	touch("m/f");
	CHECK_EQ(symlink("f", "m/l"), 0);
	CHECK_EQ(readlink("m/l", buf, sizeof(buf)), 1);
	CHECK_EQ(lstat("m/l", &st), 0);
	CHECK_ERR(stat("m/l", &st), ELOOP);
	CHECK_ERR(open("m/l", O_RDONLY), ELOOP);
	CHECK(strstr(gt_slurp("/proc/mounts"), "nosymfollow") != NULL);
	CHECK_EQ(umount("m"), 0);
}

static unsigned long free_inodes(void)
{
	struct statfs st;

	CHECK_EQ(statfs("m", &st), 0);
	return st.f_ffree;
}

/* A name is memory, too: links count against the limit of inodes. */
static void link_limit(void)
{
	unsigned long before;
	char name[32];
	int n = 0;

	CHECK_EQ(mkdir("m", 0700), 0);
	CHECK_EQ(mount("test", "m", "tmpfs", 0, "nr_inodes=20"), 0);
	touch("m/f");
	touch("m/other");
	before = free_inodes();
	do
		snprintf(name, sizeof(name), "m/%d", n++);
	while (!link("m/f", name) && n < 100);
	CHECK_EQ(errno, ENOSPC);
	CHECK_EQ(n, before + 1);
	CHECK_EQ(free_inodes(), 0);
	CHECK_EQ(rename("m/other", "m/0"), 0);
	CHECK_EQ(free_inodes(), 1);
	for (int i = 0; i < n - 1; i++) {
		snprintf(name, sizeof(name), "m/%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(unlink("m/f"), 0);
	CHECK_EQ(free_inodes(), before + 2);
	CHECK_EQ(umount("m"), 0);
}

static const struct gt_test tests[] = {
	{"punched_holes", punched_holes, 0},
	{"removed_pages", removed_pages, 0},
	{"allocation_limits", allocation_limits, 0},
	{"failed_allocation", failed_allocation, 0},
	{"no_descriptor_no_truncation", no_descriptor_no_truncation, 0},
	{"lock_conversion", lock_conversion, 0},
	{"lock_against_close", lock_against_close, 0},
	{"empty_link_names", empty_link_names, 0},
	{"far_positions", far_positions, 0},
	{"seals_hold", seals_hold, 0},
	{"seal_against_mmap", seal_against_mmap, 0},
	{"recursive_bind", recursive_bind, 0},
	{"link_limit", link_limit, 0},
	{"links_not_followed", links_not_followed, 0},
};
GT_GROUP(oddities);
