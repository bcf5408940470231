// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files whose size changes while they are mapped: what lies behind the end is not there, what was
 * written is not lost, and no call that fails leaves half of its work.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
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

/* Pages made by fallocate(2) behind the end are in the cache, and yet not in the file. */
static void pages_behind_the_end(void)
{
	int fd = memory_file(1);
	char *p = map_shared(fd, 8 * PAGE);

	catch_faults();
	CHECK_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8 * PAGE), 0);
	CHECK_EQ(touch(p, false), 0);
	for (int i = 1; i < 8; i++) {
		CHECK_EQ(touch(p + i * PAGE, false), SIGBUS);
		CHECK_EQ(touch(p + i * PAGE, true), SIGBUS);
	}
	CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
	CHECK_EQ(touch(p + 2 * PAGE, true), 0);
	CHECK_EQ(touch(p + 3 * PAGE, false), SIGBUS);
	/* What was mapped is no longer there when the file has become shorter. */
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	CHECK_EQ(touch(p + 2 * PAGE, false), SIGBUS);
	CHECK_EQ(ftruncate(fd, 8 * PAGE), 0);
	for (int i = 1; i < 8; i++)
		CHECK_EQ(p[i * PAGE], 0);
}

/*
 * The rest of the last page is mapped, but not part of the file, either when that grows. Linux keeps
 * to it on disks, and on tmpfs from 7.0 on.
 */
static void nothing_stale_in_what_is_new(void)
{
	int fd = memory_file(100);
	char *p = map_shared(fd, 2 * PAGE);

	p[99] = 'a';
	p[200] = 'b';
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	if (!gt_on_twinix() && byte_at(fd, 200))
		gt_skip("Linux before 7.0 keeps it in tmpfs");
	CHECK_EQ(byte_at(fd, 99), 'a');
	CHECK_EQ(byte_at(fd, 200), 0);

	CHECK_EQ(ftruncate(fd, 100), 0);
	p[200] = 'c';
	CHECK_EQ(pwrite(fd, "x", 1, 300), 1);
	CHECK_EQ(byte_at(fd, 200), 0);
	CHECK_EQ(byte_at(fd, 300), 'x');

	CHECK_EQ(ftruncate(fd, 100), 0);
	p[200] = 'd';
	CHECK_EQ(pwrite(fd, "x", 1, PAGE), 1);
	CHECK_EQ(byte_at(fd, 200), 0);

	CHECK_EQ(ftruncate(fd, 100), 0);
	p[200] = 'e';
	CHECK_EQ(fallocate(fd, 0, 0, 2 * PAGE), 0);
	CHECK_EQ(byte_at(fd, 99), 'a');
	CHECK_EQ(byte_at(fd, 200), 0);
}

#define FAULTERS 3

/* Maps the first page again and again, until killed. */
__attribute__((noreturn)) static int keep_faulting(void *arg)
{
	char *p = arg;

	catch_faults();
	for (;;) {
		touch(p, false);
		madvise(p, PAGE, MADV_DONTNEED);
	}
}

/* A page of bytes that is read anew by each access after madvise(MADV_DONTNEED). */
static char *slow_source(int c)
{
	int fd = memory_file(PAGE);
	char data[PAGE], *p;

	memset(data, c, sizeof(data));
	CHECK_EQ(pwrite(fd, data, sizeof(data), 0), PAGE);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	return p;
}

/*
 * A fault that looked at the size before a truncation must not take away the page of a later write.
 * Only this process changes the file; the others find a hole to fill before it is cut off. The page
 * is far from the beginning, so that entering it takes long, and so does the copy of what is
 * written.
 */
static void no_write_is_lost_by_faults(void)
{
	const off_t at = PAGE << 28;
	uint64_t end = gt_now() + 2000000000ULL, random = 1;
	int fd = memory_file(at + PAGE);
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, at), *source = slow_source(7);
	unsigned int lost = 0, n;
	pid_t pid[FAULTERS];

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < FAULTERS; i++)
		pid[i] = gt_child(keep_faulting, p);
	for (n = 0; gt_now() < end; n++) {
		CHECK_EQ(ftruncate(fd, at), 0);
		CHECK_EQ(ftruncate(fd, at + PAGE), 0);
		for (uint64_t i = gt_random(&random) % 4096; i; i--)
			__asm__ volatile("" : : : "memory");
		CHECK_EQ(ftruncate(fd, at), 0);
		CHECK_EQ(madvise(source, PAGE, MADV_DONTNEED), 0);
		CHECK_EQ(pwrite(fd, source, PAGE, at), PAGE);
		lost += byte_at(fd, at) != 7;
	}
	for (int i = 0; i < FAULTERS; i++) {
		kill(pid[i], SIGKILL);
		gt_wait(pid[i]);
	}
	if (lost)
		gt_fail(__FILE__, __LINE__, "%u of %u writes were lost", lost, n);
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

static long blocks(int fd)
{
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	return st.st_blocks / (PAGE / 512);
}

/* What there is no room for leaves nothing, and takes nothing away either. */
static void failed_fallocate(void)
{
	int fd;

	CHECK_EQ(mkdir("m", 0755), 0);
	if (mount("none", "m", "tmpfs", 0, "size=64k")) {
		CHECK_EQ(errno, EPERM);
		gt_skip("needs root");
	}
	fd = open("m/f", O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, "data", 4, 2 * PAGE), 4);
	CHECK_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 6 * PAGE, 2 * PAGE), 0);
	CHECK_EQ(blocks(fd), 3);
	CHECK_ERR(fallocate(fd, 0, 0, 32 * PAGE), ENOSPC);
	CHECK_EQ(blocks(fd), 3);
	CHECK_EQ(byte_at(fd, 2 * PAGE), 'd');
	CHECK_EQ(fallocate(fd, 0, 0, 4 * PAGE), 0);
	CHECK_EQ(blocks(fd), 6);
	CHECK_ERR(fallocate(fd, 0, 0, 32 * PAGE), ENOSPC);
	CHECK_EQ(blocks(fd), 6);
	/* A write that fails at its first byte, too (on Linux a page of zeros is left). */
	CHECK_ERR(pwrite(fd, BAD_PTR, PAGE, 4 * PAGE), EFAULT);
	if (gt_on_twinix())
		CHECK_EQ(blocks(fd), 6);
	/* The same size again drops what lies behind it. */
	CHECK_EQ(ftruncate(fd, 4 * PAGE), 0);
	CHECK_EQ(blocks(fd), 4);
	close(fd);
	CHECK_EQ(umount("m"), 0);
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
	{"pages_behind_the_end_of_a_file_are_not_mapped", pages_behind_the_end, 0},
	{"what_is_written_behind_the_end_is_not_kept", nothing_stale_in_what_is_new, 0},
	{"faults_beside_truncation_lose_no_write", no_write_is_lost_by_faults, 0},
	{"mappings_do_not_begin_beyond_all_offsets", offsets_beyond_all_files, 0},
	{"a_file_has_bytes_up_to_the_largest_position", largest_positions, 0},
	{"a_failed_fallocate_leaves_nothing", failed_fallocate, 0},
	{"futexes_behind_the_end_of_a_file", futex_behind_the_end, 0},
};

GT_GROUP(sizes);
