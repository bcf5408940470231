// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: mmap and its family, copy on write, stacks, files in memory.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "gt.h"

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t n, int prot, int flags)
{
	char *p = mmap(NULL, n, prot, flags, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

struct probe {
	volatile char *p;
	bool write;
};

static int touch(void *arg)
{
	struct probe *pr = arg;

	if (pr->write)
		* pr->p = 1;
	return (void)*pr->p, 0;
}

/* Whether an access works, tried in a child. */
static bool accessible(volatile void *p, bool write)
{
	int status = gt_run(touch, &(struct probe){p, write});

	CHECK(EXITED(status, 0) || KILLED(status, SIGSEGV) || KILLED(status, SIGBUS));
	return EXITED(status, 0);
}

static void anonymous_is_zero(void)
{
	size_t n = 64 * PAGE;
	char *p = map(n, PROT_READ | PROT_WRITE, ANON);

	for (size_t i = 0; i < n; i++)
		CHECK_EQ(p[i], 0);
	for (size_t i = 0; i < n; i += PAGE)
		p[i] = (char)i;
	CHECK_EQ(munmap(p, n), 0);
	CHECK(!accessible(p, false));
}

static void mmap_errors(void)
{
	CHECK_ERR((long)mmap(NULL, 0, PROT_READ, ANON, -1, 0), EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF);
	CHECK_ERR((long)mmap(NULL, ~0UL - PAGE, PROT_READ, ANON, -1, 0), ENOMEM);
	CHECK_ERR((long)mmap((void *)1, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERR(munmap((void *)1, PAGE), EINVAL);
	CHECK_ERR(munmap(map(PAGE, PROT_READ, ANON), 0), EINVAL);
	CHECK_EQ(syscall(SYS_mmap, KERNEL_PTR, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0), -1);
}

static void fixed_replaces(void)
{
	char *p = map(3 * PAGE, PROT_READ | PROT_WRITE, ANON);

	memset(p, 'a', 3 * PAGE);
	CHECK(mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	CHECK_EQ(p[PAGE - 1], 'a');
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(p[2 * PAGE], 'a');
	CHECK_ERR((long)mmap(p + PAGE, PAGE, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
}

static void unmap_middle(void)
{
	char *p = map(5 * PAGE, PROT_READ | PROT_WRITE, ANON);

	memset(p, 1, 5 * PAGE);
	CHECK_EQ(munmap(p + 2 * PAGE, PAGE), 0);
	CHECK(accessible(p + PAGE, true));
	CHECK(!accessible(p + 2 * PAGE, false));
	CHECK(accessible(p + 3 * PAGE, true));
}

static void cow_after_fork(void)
{
	char *p = map(16 * PAGE, PROT_READ | PROT_WRITE, ANON);
	pid_t pid;
	int fds[2], back[2];
	char c;

	memset(p, 'p', 16 * PAGE);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(pipe(back), 0);
	pid = fork();
	if (pid == 0) {
		if (p[PAGE] != 'p')
			_exit(1);
		memset(p, 'c', 8 * PAGE);
		if (write(back[1], "x", 1) != 1 || read(fds[0], &c, 1) != 1)
			_exit(2);
		_exit(p[0] == 'c' && p[8 * PAGE] == 'p' && p[15 * PAGE] == 'p' ? 0 : 3);
	}
	CHECK_EQ(read(back[0], &c, 1), 1);
	CHECK_EQ(p[0], 'p');
	memset(p + 8 * PAGE, 'q', 8 * PAGE);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(p[7 * PAGE], 'p');
	CHECK_EQ(p[15 * PAGE], 'q');
}

/* System calls write to memory too: a copy must be made just the same. */
static void cow_by_system_call(void)
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, ANON);
	int fds[2];
	pid_t pid;

	* p = 'p';
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(write(fds[1], "c", 1), 1);
	pid = fork();
	if (pid == 0)
		_exit(read(fds[0], p, 1) == 1 && *p == 'c' ? 0 : 1);
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(*p, 'p');
}

static void cow_generations(void)
{
	volatile char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, ANON);

	p[0] = 1;
	for (int i = 0; i < 30; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (p[0] != (char)(i + 1))
				_exit(1);
			p[0]++;
			continue;
		}
		_exit(WEXITSTATUS(gt_wait(pid)) || p[0] != (char)(i + 1));
	}
	CHECK_EQ(p[0], 31);
}

static void shared_anonymous(void)
{
	volatile int *p =
		(volatile int *)map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	pid_t pid = fork();

	if (pid == 0) {
		* p = 42;
		_exit(0);
	}
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(*p, 42);
}

static void protections(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, ANON);

	memset(p, 'x', 4 * PAGE);
	CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	CHECK(accessible(p, true));
	CHECK(accessible(p + PAGE, false));
	CHECK(!accessible(p + PAGE, true));
	CHECK(accessible(p + 2 * PAGE, true));
	CHECK_EQ(mprotect(p + 2 * PAGE, PAGE, PROT_NONE), 0);
	CHECK(!accessible(p + 2 * PAGE, false));
	CHECK_EQ(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQ(p[2 * PAGE], 'x');
	p[PAGE] = 'y';
	CHECK_ERR(syscall(SYS_mprotect, p + 1, PAGE, PROT_READ), EINVAL); /* musl aligns */
	munmap(p + PAGE, PAGE);
	CHECK_ERR(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
}

static int call_at(void *p)
{
	return ((int (*)(void))(uintptr_t)p)();
}

static void execute_permission(void)
{
	static const unsigned char ret7[] = {0xb8, 7, 0, 0, 0, 0xc3};
	char *p = map(PAGE, PROT_READ | PROT_WRITE, ANON);

	memcpy(p, ret7, sizeof(ret7));
	CHECK(KILLED(gt_run(call_at, p), SIGSEGV));
	CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
	CHECK(EXITED(gt_run(call_at, p), 7));
	CHECK(!accessible(p, true));
}

static int file_with(const char *name, size_t n)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	for (size_t i = 0; i < n; i++) {
		char c = (char)('a' + i / PAGE % 26);

		if (i % PAGE == 0 || i == n - 1)
			CHECK_EQ(pwrite(fd, &c, 1, (off_t)i), 1);
	}
	return fd;
}

static void file_shared(void)
{
	int fd = file_with("f", 3 * PAGE);
	char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), c;

	CHECK(p != MAP_FAILED);
	CHECK_EQ(p[PAGE], 'b');
	p[PAGE] = 'Z';
	CHECK_EQ(pread(fd, &c, 1, PAGE), 1);
	CHECK_EQ(c, 'Z');
	CHECK_EQ(pwrite(fd, "Y", 1, 2 * PAGE), 1);
	CHECK_EQ(p[2 * PAGE], 'Y');
	CHECK_EQ(msync(p, 3 * PAGE, MS_SYNC), 0);
	close(fd);
	p[0] = 'X';
	CHECK_EQ(munmap(p, 3 * PAGE), 0);
	fd = open("f", O_RDONLY);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'X');
}

static void file_private(void)
{
	int fd = file_with("f", 2 * PAGE);
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), c;

	CHECK(p != MAP_FAILED);
	CHECK_EQ(p[PAGE], 'b');
	p[PAGE] = 'Z';
	CHECK_EQ(pread(fd, &c, 1, PAGE), 1);
	CHECK_EQ(c, 'b');
	CHECK_EQ(p[0], 'a');
}

static void file_offsets(void)
{
	int fd = file_with("f", 4 * PAGE);
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 3 * PAGE);

	CHECK_EQ(p[0], 'd');
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
	fd = open("f", O_RDONLY);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
	fd = open("f", O_WRONLY);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES);
	fd = open(".", O_RDONLY);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV);
}

static void beyond_the_end(void)
{
	int fd = file_with("f", PAGE + 10);
	char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK_EQ(p[PAGE + 100], 0);
	CHECK(KILLED(gt_run(touch, &(struct probe){p + 2 * PAGE, false}), SIGBUS));
	CHECK_EQ(ftruncate(fd, 10), 0);
	CHECK(KILLED(gt_run(touch, &(struct probe){p + PAGE, false}), SIGBUS));
	CHECK_EQ(p[100], 0);
}

static void truncate_zeroes_tail(void)
{
	int fd = file_with("f", 10);
	char c;

	CHECK_EQ(pwrite(fd, "0123456789", 10, 0), 10);
	CHECK_EQ(ftruncate(fd, 4), 0);
	CHECK_EQ(ftruncate(fd, 10), 0);
	CHECK_EQ(pread(fd, &c, 1, 5), 1);
	CHECK_EQ(c, 0);
}

static void brk_moves(void)
{
	char *old = sbrk(0), *p;

	p = sbrk(10 * PAGE);
	if (p == (void *)-1) /* musl's sbrk refuses to grow: ask the kernel */
		CHECK_EQ(syscall(SYS_brk, old + 10 * PAGE), (long)(old + 10 * PAGE));
	old[0] = 1;
	old[9 * PAGE] = 2;
	CHECK_EQ(syscall(SYS_brk, old), (long)old);
	CHECK(!accessible(old + 9 * PAGE, false));
	CHECK_EQ(syscall(SYS_brk, old + PAGE), (long)(old + PAGE));
	CHECK_EQ(syscall(SYS_brk, 0), (long)(old + PAGE));
	CHECK_EQ(syscall(SYS_brk, KERNEL_PTR), (long)(old + PAGE));
}

static int eat_stack(volatile char *below, int depth)
{
	volatile char page[PAGE];

	page[0] = below[0];
	return depth ? eat_stack(page, depth - 1) + page[0] : 0;
}

static int stack_user(void *arg)
{
	volatile char c = 0;

	return eat_stack(&c, (int)(intptr_t)arg);
}

static void stack_grows(void)
{
	CHECK(EXITED(gt_run(stack_user, (void *)1000), 0));
}

static int limited_stack(void *arg)
{
	struct rlimit rl = {256 * 1024, 256 * 1024};

	setrlimit(RLIMIT_STACK, &rl);
	return stack_user(arg);
}

static void stack_limit(void)
{
	CHECK(EXITED(gt_run(limited_stack, (void *)20), 0));
	CHECK(KILLED(gt_run(limited_stack, (void *)200), SIGSEGV));
}

static void remap(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, ANON), *q;

	for (int i = 0; i < 4; i++)
		p[i * (long)PAGE] = (char)('a' + i);
	q = mremap(p, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(q[i * (long)PAGE], 'a' + i);
	CHECK_EQ(q[10 * PAGE], 0);
	CHECK(mremap(q, 64 * PAGE, 2 * PAGE, 0) == q);
	CHECK(!accessible(q + 2 * PAGE, false));
	CHECK_EQ(q[PAGE], 'b');
	p = map(2 * PAGE, PROT_READ, ANON);
	CHECK(mremap(q, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) == p);
	CHECK_EQ(p[PAGE], 'b');
	CHECK_ERR((long)mremap(q, PAGE, PAGE, 0), EFAULT);
	CHECK_ERR((long)mremap(p, 2 * PAGE, PAGE, 0x100), EINVAL);
}

static void advise(void)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, ANON);

	memset(p, 'x', 4 * PAGE);
	CHECK_EQ(madvise(p + PAGE, PAGE, MADV_DONTNEED), 0);
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(p[0], 'x');
	CHECK_EQ(madvise(p, PAGE, MADV_WILLNEED), 0);
	CHECK_ERR(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
	CHECK_ERR(madvise(p, PAGE, 9999), EINVAL);
	munmap(p, 4 * PAGE);
	CHECK_ERR(madvise(p, PAGE, MADV_DONTNEED), ENOMEM);
}

static void core_residency(void)
{
	unsigned char v[4];
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, ANON);

	p[PAGE] = 1;
	CHECK_EQ(mincore(p, 4 * PAGE, v), 0);
	CHECK_EQ(v[1] & 1, 1);
	CHECK_EQ(v[3] & 1, 0);
	CHECK_ERR(mincore(p + 1, PAGE, v), EINVAL);
	munmap(p, PAGE);
	CHECK_ERR(mincore(p, PAGE, v), ENOMEM);
}

static int touch_all(void *arg)
{
	size_t n = (size_t)(uintptr_t)arg;
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, ANON, -1, 0);

	if (p == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < n; i += PAGE)
		p[i] = (char)(i >> 12);
	for (size_t i = 0; i < n; i += PAGE)
		if (p[i] != (char)(i >> 12))
			return 2;
	return 0;
}

static void big_mapping(void)
{
	CHECK(EXITED(gt_run(touch_all, (void *)(16UL << 20)), 0));
}

static void address_space_limit(void)
{
	struct rlimit rl = {64UL << 20, 64UL << 20};

	CHECK_EQ(setrlimit(RLIMIT_AS, &rl), 0);
	CHECK_ERR((long)mmap(NULL, 128UL << 20, PROT_READ, ANON, -1, 0), ENOMEM);
	CHECK(mmap(NULL, 1UL << 20, PROT_READ, ANON, -1, 0) != MAP_FAILED);
}

/* Two processes and a shared page: what one writes the other sees at once. */
static void shared_counter(void)
{
	volatile int *p =
		(volatile int *)map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	pid_t pids[4];

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			for (int n = 0; n < 20000; n++)
				__atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST);
			_exit(0);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		CHECK(EXITED(gt_wait(pids[i]), 0));
	CHECK_EQ(*p, 80000);
}

static void random_mappings(void)
{
	uint64_t rnd = 99;
	static unsigned char model[64];
	char *base = map(64 * PAGE, PROT_READ | PROT_WRITE, ANON);

	for (int step = 0; step < 3000; step++) {
		size_t at = gt_random(&rnd) % 64, n = 1 + gt_random(&rnd) % (64 - at);
		unsigned char v = (unsigned char)(1 + gt_random(&rnd) % 255);

		switch (gt_random(&rnd) % 4) {
		case 0:
			CHECK(mmap(base + at * PAGE, n * PAGE, PROT_READ | PROT_WRITE,
				   ANON | MAP_FIXED, -1, 0) != MAP_FAILED);
			memset(model + at, 0, n);
			break;
		case 1:
			CHECK_EQ(mprotect(base + at * PAGE, n * PAGE, PROT_READ), 0);
			CHECK_EQ(mprotect(base + at * PAGE, n * PAGE, PROT_READ | PROT_WRITE), 0);
			break;
		case 2:
			CHECK_EQ(madvise(base + at * PAGE, n * PAGE, MADV_DONTNEED), 0);
			memset(model + at, 0, n);
			break;
		default:
			base[at * PAGE] = (char)v;
			model[at] = v;
		}
		if (step % 16 == 0)
			for (size_t i = 0; i < 64; i++)
				CHECK_EQ((unsigned char)base[i * PAGE], model[i]);
	}
}

static void memfd(void)
{
	int fd = memfd_create("x", 0);
	char *p, c;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	p[PAGE] = 'm';
	CHECK_EQ(pread(fd, &c, 1, PAGE), 1);
	CHECK_EQ(c, 'm');
}

static int unmap_everything(void *arg)
{
	(void)arg;
	/* All that a program of Linux can have; there is nothing to come back to. */
	munmap(NULL, 0x7ffffffff000);
	return 0;
}

static void unmap_all(void)
{
	CHECK_ERR(munmap((void *)PAGE, 0x7ffffffff000), EINVAL);
	CHECK(KILLED(gt_run(unmap_everything, NULL), SIGSEGV));
}

static const struct gt_test tests[] = {
	{"anonymous_is_zero", anonymous_is_zero, 0},
	{"mmap_errors", mmap_errors, 0},
	{"fixed_replaces", fixed_replaces, 0},
	{"unmap_middle", unmap_middle, 0},
	{"cow_after_fork", cow_after_fork, 0},
	{"cow_by_system_call", cow_by_system_call, 0},
	{"cow_generations", cow_generations, 0},
	{"shared_anonymous", shared_anonymous, 0},
	{"protections", protections, 0},
	{"execute_permission", execute_permission, 0},
	{"file_shared", file_shared, 0},
	{"file_private", file_private, 0},
	{"file_offsets", file_offsets, 0},
	{"beyond_the_end", beyond_the_end, 0},
	{"truncate_zeroes_tail", truncate_zeroes_tail, 0},
	{"brk_moves", brk_moves, 0},
	{"stack_grows", stack_grows, 0},
	{"stack_limit", stack_limit, 0},
	{"remap", remap, 0},
	{"advise", advise, 0},
	{"core_residency", core_residency, 0},
	{"big_mapping", big_mapping, 0},
	{"address_space_limit", address_space_limit, 0},
	{"shared_counter", shared_counter, 0},
	{"random_mappings", random_mappings, 0},
	{"memfd", memfd, 0},
	{"unmap_all", unmap_all, 0},
};
GT_GROUP(memory);
