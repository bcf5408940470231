// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files: reading, writing, positions, descriptors, locks, attributes.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <time.h>

#include "gt.h"

static int create(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void read_write_seek(void)
{
	int fd = create("f", "hello world");
	char buf[20];

	CHECK_EQ(lseek(fd, 6, SEEK_SET), 6);
	CHECK_EQ(read(fd, buf, 20), 5);
	CHECK(!memcmp(buf, "world", 5));
	CHECK_EQ(read(fd, buf, 20), 0);
	CHECK_EQ(lseek(fd, -5, SEEK_END), 6);
	CHECK_EQ(lseek(fd, 2, SEEK_CUR), 8);
	CHECK_ERR(lseek(fd, -9, SEEK_CUR), EINVAL);
	CHECK_ERR(lseek(fd, 0, 77), EINVAL);
	CHECK_EQ(pwrite(fd, "W", 1, 6), 1);
	CHECK_EQ(pread(fd, buf, 5, 6), 5);
	CHECK(!memcmp(buf, "World", 5));
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 8);
	CHECK_ERR(pread(fd, buf, 1, -1), EINVAL);
}

static void holes(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	struct stat st;
	char buf[10];

	CHECK_EQ(pwrite(fd, "x", 1, 1 << 20), 1);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (1 << 20) + 1);
	CHECK_EQ(pread(fd, buf, 10, 5000), 10);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(buf[i], 0);
}

static void open_flags(void)
{
	int fd = create("f", "abc");
	char c;

	CHECK_ERR(open("missing", O_RDONLY), ENOENT);
	CHECK_ERR(open("f", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK_ERR(open(".", O_RDWR), EISDIR);
	CHECK_ERR(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERR(open("f/x", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("", O_RDONLY), ENOENT);
	close(fd);
	fd = open("f", O_WRONLY | O_APPEND);
	CHECK_EQ(write(fd, "d", 1), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 4);
	CHECK_ERR(read(fd, &c, 1), EBADF);
	fd = open("f", O_RDONLY);
	CHECK_ERR(write(fd, "x", 1), EBADF);
	fd = open("f", O_RDWR | O_TRUNC);
	CHECK_EQ(read(fd, &c, 1), 0);
	CHECK_EQ(symlink("f", "l"), 0);
	CHECK_ERR(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
}

static void long_names(void)
{
	char name[300], path[5000];

	memset(name, 'n', sizeof(name));
	name[256] = 0;
	CHECK_ERR(open(name, O_CREAT | O_RDWR, 0644), ENAMETOOLONG);
	name[255] = 0;
	CHECK(open(name, O_CREAT | O_RDWR, 0644) >= 0);
	memset(path, '/', sizeof(path));
	path[4999] = 0;
	CHECK_ERR(open(path, O_RDONLY), ENAMETOOLONG);
}

static void descriptors(void)
{
	int fd = create("f", "abc"), b;
	char c;

	b = dup(fd);
	CHECK(b > fd);
	CHECK_EQ(lseek(fd, 1, SEEK_SET), 1);
	CHECK_EQ(read(b, &c, 1), 1);
	CHECK_EQ(c, 'b');
	CHECK_EQ(dup2(fd, 100), 100);
	CHECK_EQ(dup2(fd, fd), fd);
	CHECK_ERR(dup2(99, 98), EBADF);
	CHECK_EQ(close(100), 0);
	CHECK_ERR(close(100), EBADF);
	CHECK_ERR(dup3(fd, fd, 0), EINVAL);
	CHECK_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 50), 50);
	CHECK_EQ(fcntl(50, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(50, F_SETFD, 0), 0);
	CHECK_EQ(fcntl(50, F_GETFD), 0);
	CHECK_EQ(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK), 0);
	CHECK_EQ(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE),
		 O_APPEND | O_NONBLOCK | O_RDWR);
	CHECK_ERR(fcntl(fd, 9999), EINVAL);
	/* The lowest free number is given out. */
	close(b);
	CHECK_EQ(open("/dev/null", O_RDONLY), b);
}

static void vectors(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	char a[4], b[10];
	struct iovec iov[3] = {{"abc", 3}, {NULL, 0}, {"defgh", 5}};

	CHECK_EQ(writev(fd, iov, 3), 8);
	iov[0] = (struct iovec){a, 4};
	iov[2] = (struct iovec){b, 10};
	CHECK_EQ(preadv(fd, iov, 3, 1), 7);
	CHECK(!memcmp(a, "bcde", 4) && !memcmp(b, "fgh", 3));
	CHECK_ERR(writev(fd, iov, -1), EINVAL);
	CHECK_ERR(writev(fd, iov, 2000), EINVAL);
	iov[0].iov_len = (size_t)-1;
	CHECK_ERR(writev(fd, iov, 1), EINVAL);
}

static void stats(void)
{
	struct stat st, st2;
	int fd = create("f", "abc");

	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(st.st_mode & 07777, 0644);
	CHECK_EQ(st.st_size, 3);
	CHECK_EQ(st.st_nlink, 1);
	CHECK_EQ(stat("f", &st2), 0);
	CHECK(st2.st_ino == st.st_ino && st2.st_dev == st.st_dev);
	CHECK_ERR(stat("missing", &st), ENOENT);
	CHECK_EQ(stat("/dev/null", &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQ(st.st_rdev, 0x103);
	CHECK_EQ(symlink("f", "l"), 0);
	CHECK_EQ(lstat("l", &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(st.st_size, 1);
	CHECK_EQ(fstatat(AT_FDCWD, "l", &st, 0), 0);
	CHECK(S_ISREG(st.st_mode));
}

static void attributes(void)
{
	struct timespec ts[2] = {{1000, 5}, {2000, 6}};
	struct stat st;
	int fd = create("f", "abc");

	CHECK_EQ(fchmod(fd, 0600), 0);
	CHECK_EQ(chmod("f", 04755), 0);
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(st.st_mode & 07777, 04755);
	CHECK_EQ(futimens(fd, ts), 0);
	CHECK_EQ(stat("f", &st), 0);
	CHECK(st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 6);
	CHECK(st.st_ctim.tv_sec > 3000);
	if (geteuid() == 0) {
		CHECK_EQ(chown("f", 5, 6), 0);
		CHECK_EQ(stat("f", &st), 0);
		CHECK(st.st_uid == 5 && st.st_gid == 6);
		CHECK_EQ(st.st_mode & 04000, 0);
	}
	CHECK_EQ(truncate("f", 1), 0);
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(st.st_size, 1);
	CHECK_ERR(truncate("f", -1), EINVAL);
	CHECK_ERR(truncate(".", 0), EISDIR);
}

static int as_nobody(void *arg)
{
	(void)arg;
	if (setgid(1234) || setuid(1234))
		return 1;
	if (open("secret", O_RDONLY) != -1 || errno != EACCES)
		return 2;
	if (access("secret", R_OK) != -1 || errno != EACCES || access("open", R_OK))
		return 3;
	if (open("open", O_WRONLY) != -1 || errno != EACCES)
		return 4;
	if (chmod("open", 0777) != -1 || errno != EPERM)
		return 5;
	if (open("new", O_CREAT | O_WRONLY, 0644) != -1 || errno != EACCES)
		return 6;
	if (unlink("open") != -1 || errno != EACCES)
		return 7;
	return open("closed/f", O_RDONLY) == -1 && errno == EACCES ? 0 : 8;
}

static void permissions(void)
{
	if (geteuid())
		gt_skip("needs root");
	CHECK_EQ(chmod(".", 0755), 0);
	close(create("secret", "x"));
	CHECK_EQ(chmod("secret", 0600), 0);
	close(create("open", "x"));
	CHECK_EQ(mkdir("closed", 0700), 0);
	CHECK_EQ(close(open("closed/f", O_CREAT | O_WRONLY, 0666)), 0);
	CHECK(EXITED(gt_run(as_nobody, NULL), 0));
}

static void unlinked_stays_open(void)
{
	int fd = create("f", "abc");
	struct stat st;
	char c;

	CHECK_EQ(unlink("f"), 0);
	CHECK_ERR(open("f", O_RDONLY), ENOENT);
	CHECK_EQ(pread(fd, &c, 1, 2), 1);
	CHECK_EQ(c, 'c');
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_nlink, 0);
}

static int try_lock(void *arg)
{
	int fd = open("f", O_RDWR);

	(void)arg;
	return flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK ? 3 : 0;
}

static int try_record(void *arg)
{
	struct flock fl = {.l_type = F_WRLCK,
			   .l_whence = SEEK_SET,
			   .l_start = (off_t)(intptr_t)arg,
			   .l_len = 1};
	int fd = open("f", O_RDWR);

	return fcntl(fd, F_SETLK, &fl) == -1 && (errno == EAGAIN || errno == EACCES) ? 3 : 0;
}

static void locks(void)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
	int fd = create("f", "abc");

	CHECK_EQ(flock(fd, LOCK_EX), 0);
	CHECK(EXITED(gt_run(try_lock, NULL), 3));
	CHECK_EQ(flock(fd, LOCK_UN), 0);
	CHECK(EXITED(gt_run(try_lock, NULL), 0));
	CHECK_EQ(fcntl(fd, F_SETLK, &fl), 0);
	CHECK(EXITED(gt_run(try_record, (void *)15), 3));
	CHECK(EXITED(gt_run(try_record, (void *)25), 0));
	close(fd); /* gives up the process's record locks */
	CHECK(EXITED(gt_run(try_record, (void *)15), 0));
}

static void devices(void)
{
	char buf[64], zero[64] = {0}, other[64];
	int fd = open("/dev/zero", O_RDWR);

	memset(buf, 1, 64);
	CHECK_EQ(read(fd, buf, 64), 64);
	CHECK(!memcmp(buf, zero, 64));
	fd = open("/dev/null", O_RDWR);
	CHECK_EQ(write(fd, buf, 64), 64);
	CHECK_EQ(read(fd, buf, 64), 0);
	fd = open("/dev/full", O_RDWR);
	CHECK_ERR(write(fd, buf, 64), ENOSPC);
	fd = open("/dev/urandom", O_RDONLY);
	CHECK_EQ(read(fd, buf, 64), 64);
	CHECK_EQ(read(fd, other, 64), 64);
	CHECK(memcmp(buf, other, 64));
	CHECK_ERR(ioctl(open("/dev/zero", O_RDWR), 0x1234), ENOTTY);
}

static void send_file(void)
{
	int in = create("in", "0123456789"), out = create("out", "");
	off_t off = 3;
	char buf[20];

	CHECK_EQ(sendfile(out, in, &off, 4), 4);
	CHECK_EQ(off, 7);
	CHECK_EQ(pread(out, buf, 20, 0), 4);
	CHECK(!memcmp(buf, "3456", 4));
}

static void file_systems(void)
{
	struct statfs fs;

	CHECK_EQ(statfs(".", &fs), 0);
	CHECK(fs.f_bsize >= 512);
	CHECK_ERR(statfs("missing", &fs), ENOENT);
	CHECK_EQ(statfs("/proc", &fs), 0);
	CHECK_EQ(fs.f_type, 0x9fa0);
}

static void too_many_files(void)
{
	int n = 0, fd;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	CHECK_EQ(errno, EMFILE);
	CHECK(n > 200);
	CHECK_ERR(dup(0), EMFILE);
	CHECK_EQ(close(50), 0);
	CHECK_EQ(open("/dev/null", O_RDONLY), 50);
}

/* Appends of several processes never overwrite each other. */
static void concurrent_append(void)
{
	pid_t pids[4];
	struct stat st;

	close(create("log", ""));
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			int fd = open("log", O_WRONLY | O_APPEND);

			for (int n = 0; n < 500; n++)
				if (write(fd, "0123456789abcde\n", 16) != 16)
					_exit(1);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
	CHECK_EQ(stat("log", &st), 0);
	CHECK_EQ(st.st_size, 4 * 500 * 16);
}

static void random_io(void)
{
	enum { SIZE = 40000 };
	static unsigned char model[SIZE], buf[SIZE];
	int fd = open("f", O_RDWR | O_CREAT, 0600);
	uint64_t rnd = 7;

	CHECK_EQ(ftruncate(fd, SIZE), 0);
	for (int step = 0; step < 500; step++) {
		size_t at = gt_random(&rnd) % SIZE, n = 1 + gt_random(&rnd) % (SIZE - at);

		if (n > 9000)
			n = 9000;
		if (gt_random(&rnd) % 2) {
			memset(model + at, step, n);
			CHECK_EQ(pwrite(fd, model + at, n, (off_t)at), n);
		} else {
			CHECK_EQ(pread(fd, buf, n, (off_t)at), n);
			CHECK(!memcmp(buf, model + at, n));
		}
	}
}

static const struct gt_test tests[] = {
	{"read_write_seek", read_write_seek, 0},
	{"holes", holes, 0},
	{"open_flags", open_flags, 0},
	{"long_names", long_names, 0},
	{"descriptors", descriptors, 0},
	{"vectors", vectors, 0},
	{"stats", stats, 0},
	{"attributes", attributes, 0},
	{"permissions", permissions, 0},
	{"unlinked_stays_open", unlinked_stays_open, 0},
	{"locks", locks, 0},
	{"devices", devices, 0},
	{"send_file", send_file, 0},
	{"file_systems", file_systems, 0},
	{"too_many_files", too_many_files, 0},
	{"concurrent_append", concurrent_append, 0},
	{"random_io", random_io, 0},
};
GT_GROUP(files);
