// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad pointers in every system call that takes one: always EFAULT (or another error that is found
 * first), never a signal, never worse.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "gt.h"

#define P (-1000L) /* the place of the bad pointer */

struct call {
	const char *name;
	long nr;
	long arg[6];
};

#define CALL(name, ...)                                                                            \
	{                                                                                          \
#name, SYS_##name,                                                                 \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* Descriptor 3 is a regular file, 4 and 5 the ends of a pipe with data, 6 a directory. */
static const struct call calls[] = {
	CALL(read, 3, P, 10),
	CALL(read, 4, P, 1),
	CALL(write, 3, P, 10),
	CALL(write, 5, P, 10),
	CALL(open, P, 0),
	CALL(stat, P, P),
	CALL(lstat, P, P),
	CALL(fstat, 3, P),
	CALL(poll, P, 1, 0),
	CALL(rt_sigaction, 10, P, 0, 8),
	CALL(rt_sigaction, 10, 0, P, 8),
	CALL(rt_sigprocmask, 0, P, 0, 8),
	CALL(rt_sigprocmask, 0, 0, P, 8),
	CALL(pread64, 3, P, 10, 0),
	CALL(pwrite64, 3, P, 10, 0),
	CALL(readv, 3, P, 1),
	CALL(writev, 3, P, 1),
	CALL(access, P, 0),
	CALL(pipe, P),
	CALL(pipe2, P, 0),
	CALL(select, 5, P, 0, 0, P),
	CALL(nanosleep, P, 0),
	CALL(getitimer, 0, P),
	CALL(setitimer, 0, P, 0),
	CALL(execve, P, P, P),
	CALL(wait4, -1, P, 0, 0),
	CALL(uname, P),
	CALL(fcntl, 3, F_GETLK, P),
	CALL(truncate, P, 0),
	CALL(getdents64, 6, P, 1000),
	CALL(getcwd, P, 100),
	CALL(chdir, P),
	CALL(rename, P, P),
	CALL(mkdir, P, 0755),
	CALL(rmdir, P),
	CALL(creat, P, 0644),
	CALL(link, P, P),
	CALL(unlink, P),
	CALL(symlink, P, P),
	CALL(readlink, P, P, 10),
	CALL(chmod, P, 0644),
	CALL(chown, P, 0, 0),
	CALL(lchown, P, 0, 0),
	CALL(gettimeofday, P, 0),
	CALL(getrlimit, 0, P),
	CALL(setrlimit, 0, P),
	CALL(getrusage, 0, P),
	CALL(sysinfo, P),
	CALL(times, P),
	CALL(getresuid, P, P, P),
	CALL(getresgid, P, P, P),
	CALL(rt_sigpending, P, 8),
	CALL(rt_sigtimedwait, P, 0, 0, 8),
	CALL(rt_sigsuspend, P, 8),
	CALL(rt_sigqueueinfo, 1, 40, P),
	CALL(sigaltstack, P, 0),
	CALL(sigaltstack, 0, P),
	CALL(mknod, P, 0100644, 0),
	CALL(statfs, P, P),
	CALL(fstatfs, 3, P),
	CALL(sched_getparam, 0, P),
	CALL(sched_setaffinity, 0, 8, P),
	CALL(sched_getaffinity, 0, 8, P),
	CALL(mount, P, P, P, 0, 0),
	CALL(umount2, P, 0),
	CALL(time, P),
	CALL(futex, P, 0, 0, 0),
	CALL(clock_gettime, 1, P),
	CALL(clock_getres, 1, P),
	CALL(clock_nanosleep, 1, 0, P, 0),
	CALL(utimes, P, P),
	CALL(openat, AT_FDCWD, P, 0, 0),
	CALL(mkdirat, AT_FDCWD, P, 0),
	CALL(unlinkat, AT_FDCWD, P, 0),
	CALL(newfstatat, AT_FDCWD, P, P, 0),
	CALL(renameat, AT_FDCWD, P, AT_FDCWD, P),
	CALL(symlinkat, P, AT_FDCWD, P),
	CALL(readlinkat, AT_FDCWD, P, P, 10),
	CALL(fchmodat, AT_FDCWD, P, 0),
	CALL(faccessat, AT_FDCWD, P, 0),
	CALL(ppoll, P, 1, 0, 0, 8),
	CALL(pselect6, 5, P, 0, 0, 0, 0),
	CALL(utimensat, AT_FDCWD, P, 0, 0),
	CALL(prlimit64, 0, 0, 0, P),
	CALL(prlimit64, 0, 0, P, 0),
	CALL(getrandom, P, 16, 0),
	CALL(statx, AT_FDCWD, P, 0, 0xfff, P),
	CALL(getcpu, P, P, 0),
	CALL(preadv, 3, P, 1, 0),
	CALL(pwritev, 3, P, 1, 0),
	CALL(sendfile, 3, 3, P, 10),
	CALL(chroot, P),
	CALL(sethostname, P, 5),
};

static void set_up_descriptors(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644), fds[2];

	CHECK_EQ(write(fd, "0123456789abcdef", 16), 16);
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(write(fds[1], "data", 4), 4);
	CHECK_EQ(dup2(fds[1], 205) == 205 && dup2(fds[0], 204) == 204 && dup2(fd, 203) == 203, 1);
	CHECK_EQ(dup2(203, 3), 3);
	CHECK_EQ(dup2(204, 4), 4);
	CHECK_EQ(dup2(205, 5), 5);
	fd = open(".", O_RDONLY | O_DIRECTORY);
	CHECK_EQ(dup2(fd, 6), 6);
}

static int try_call(const struct call *c, long bad)
{
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = c->arg[i] == P ? bad : c->arg[i];
	errno = 0;
	if (syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]) != -1)
		return 0;
	return errno;
}

static void every_call(long bad, bool may_be_other)
{
	set_up_descriptors();
	gt_child(gt_pause, NULL); /* for wait4 to have somebody, stopped by the end of the group */
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		int e;

		if (calls[i].nr == SYS_wait4)
			gt_child(gt_return_0, NULL);
		e = try_call(&calls[i], bad);
		if (e == EFAULT || (may_be_other && e) ||
		    (calls[i].nr == SYS_sethostname && e == EPERM))
			continue;
		if (calls[i].nr == SYS_rt_sigqueueinfo || calls[i].nr == SYS_mount ||
		    calls[i].nr == SYS_time)
			continue; /* rights are looked at first; time() is in the vsyscall's spirit
				     on some kernels */
		gt_fail(__FILE__, __LINE__, "%s: errno %d instead of EFAULT", calls[i].name, e);
	}
}

static void low_address(void)
{
	every_call((long)BAD_PTR, false);
}

static void kernel_address(void)
{
	every_call((long)0xffffffff80000000UL, false);
}

static void top_of_user_space(void)
{
	every_call((long)0x7ffffffff000UL, false);
}

static void non_canonical(void)
{
	every_call((long)0x8000000000000000UL, false);
}

static void unmapped(void)
{
	char *p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	every_call((long)p, false);
}

/* A page may be written only in part: what lies before the hole must arrive. */
static void partial_transfers(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	CHECK_EQ(munmap(p + 4096, 4096), 0);
	memset(p, 'x', 4096);
	CHECK_EQ(write(fd, p + 4090, 100), 6);
	CHECK_EQ(pwrite(fd, p, 4096, 0), 4096);
	CHECK_EQ(pread(fd, p + 4000, 200, 0), 96);
	CHECK_ERR(pread(fd, p + 4096, 200, 0), EFAULT);
}

static void strings_at_the_edge(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct stat st;

	CHECK_EQ(munmap(p + 4096, 4096), 0);
	memcpy(p + 4092, "/tmp", 4);
	CHECK_ERR(stat(p + 4092, &st), EFAULT);
	memcpy(p + 4091, "/tmp", 5);
	CHECK_EQ(stat(p + 4091, &st), 0);
}

static const struct gt_test tests[] = {
	{"low_address", low_address, 0},
	{"kernel_address", kernel_address, 0},
	{"top_of_user_space", top_of_user_space, 0},
	{"non_canonical", non_canonical, 0},
	{"unmapped", unmapped, 0},
	{"partial_transfers", partial_transfers, 0},
	{"strings_at_the_edge", strings_at_the_edge, 0},
};
GT_GROUP(efault);
