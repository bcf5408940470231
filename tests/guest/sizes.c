// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files at the end of their offsets, and what lies behind the end of a mapped file.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "gt.h"

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
enum { FUTEX_WAIT = 0, FUTEX_WAKE, FUTEX_CMP_REQUEUE = 4, FUTEX_WAKE_OP, FUTEX_PRIVATE = 128 };
#define OFF_MAX 0x7fffffffffffffffL

static sigjmp_buf back;

static void jump_back(int sig)
{
	siglongjmp(back, sig);
}

/* The signal that an access gets, 0: none. */
static int touch(volatile char *p, bool write)
{
	int sig = sigsetjmp(back, 1);

	if (sig)
		return sig;
	if (write)
		*p = 1;
	else
		(void)*p;
	return 0;
}

static void catch_faults(void)
{
	signal(SIGBUS, jump_back);
	signal(SIGSEGV, jump_back);
}

static int memory_file(off_t size)
{
	int fd = memfd_create("sizes", 0);

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, size), 0);
	return fd;
}

static char *map_shared(int fd, size_t n)
{
	char *p = mmap(NULL, n, RW, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static int byte_at(int fd, off_t at)
{
	unsigned char c;

	CHECK_EQ(pread(fd, &c, 1, at), 1);
	return c;
}

static void offsets_beyond_all_files(void)
{
	int fd = memory_file(PAGE), zero = open("/dev/zero", O_RDWR);
	char *p;

	CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, OFF_MAX - PAGE + 1 - PAGE) != MAP_FAILED);
	CHECK_ERR((long)mmap(NULL, PAGE, RW, MAP_SHARED, fd, OFF_MAX - PAGE + 1), EOVERFLOW);
	CHECK_ERR((long)mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, OFF_MAX - PAGE + 1), EOVERFLOW);
	CHECK_ERR(syscall(SYS_mmap, 0, PAGE, RW, MAP_SHARED, fd, 1UL << 63), EOVERFLOW);
	CHECK_ERR(syscall(SYS_mmap, 0, PAGE, RW, MAP_SHARED, fd, -PAGE), EOVERFLOW);
	CHECK(syscall(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, zero, 1UL << 63) != -1);

	/* A mapping that grows may reach there; a hole in the file may not. */
	p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, OFF_MAX - PAGE + 1 - PAGE);
	p = mremap(p, PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	catch_faults();
	CHECK_EQ(touch(p + 2 * PAGE, false), SIGBUS);
	CHECK_ERR(madvise(p + 2 * PAGE, PAGE, MADV_REMOVE), EINVAL);
	CHECK_ERR(madvise(p, 4 * PAGE, MADV_REMOVE), EFBIG);
}

static void largest_positions(void)
{
	int fd = memory_file(0);
	char c[16];

	CHECK_EQ(ftruncate(fd, OFF_MAX), 0);
	CHECK_EQ(pread(fd, c, 1, OFF_MAX - 1), 1);
	CHECK_EQ(pread(fd, c, 15, OFF_MAX - 15), 15);
	CHECK_ERR(pread(fd, c, 16, OFF_MAX - 15), EINVAL);
	CHECK_EQ(pwrite(fd, "a", 1, OFF_MAX - 1), 1);
	CHECK_EQ(byte_at(fd, OFF_MAX - 1), 'a');
	CHECK_ERR(pwrite(fd, "ab", 2, OFF_MAX - 1), EINVAL);
	CHECK_ERR(pwrite(fd, "a", 1, OFF_MAX), EINVAL);
	CHECK_EQ(lseek(fd, OFF_MAX - 1, SEEK_SET), OFF_MAX - 1);
	CHECK_ERR(write(fd, "ab", 2), EINVAL);
	CHECK_ERR(read(fd, c, 2), EINVAL);
	CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, OFF_MAX - 10, 10), 0);
	CHECK_EQ(byte_at(fd, OFF_MAX - 1), 0);
	CHECK_ERR(fallocate(fd, 0, OFF_MAX - 10, 11), EFBIG);
}

static void futex_behind_the_end(void)
{
	struct timespec soon = {0, 1000000};
	int fd = memory_file(PAGE);
	char *p = map_shared(fd, 2 * PAGE);
	int *beyond = (int *)(p + PAGE);

	CHECK_ERR(syscall(SYS_futex, beyond, FUTEX_WAIT, 0, &soon, NULL, 0), EFAULT);
	CHECK_ERR(syscall(SYS_futex, beyond, FUTEX_WAIT | FUTEX_PRIVATE, 0, &soon, NULL, 0), EFAULT);
	CHECK_ERR(syscall(SYS_futex, beyond, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
	CHECK_ERR(syscall(SYS_futex, p, FUTEX_CMP_REQUEUE, 1, 1L, beyond, 0), EFAULT);
	CHECK_ERR(syscall(SYS_futex, p, FUTEX_WAKE_OP, 1, 1L, beyond, 0), EFAULT);
	CHECK_ERR(syscall(SYS_futex, p, FUTEX_WAIT, 0, &soon, NULL, 0), ETIMEDOUT);
}

static const struct gt_test tests[] = {
	{"mappings do not begin beyond all offsets", offsets_beyond_all_files, 0},
	{"a file has bytes up to the largest position", largest_positions, 0},
	{"futexes behind the end of a file", futex_behind_the_end, 0},
};

GT_GROUP(sizes);
