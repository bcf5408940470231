// SPDX-License-Identifier: GPL-2.0-only
/*
 * A failed call leaves nothing half done: calls that set several things, of which the last cannot
 * be.
 */
#include "gt.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>

static struct stat stat_of(const char *name)
{
	struct stat st;

	CHECK_EQ(stat(name, &st), 0);
	return st;
}

static void has(unsigned int uid, unsigned int gid, unsigned int mode)
{
	struct stat st = stat_of("m");

	CHECK_EQ(st.st_uid, uid);
	CHECK_EQ(st.st_gid, gid);
	CHECK_EQ(st.st_mode & 07777, mode);
}

static void mount_m(const char *options)
{
	mkdir("m", 0700);
	CHECK_EQ(mount("test", "m", "tmpfs", 0, options), 0);
}

static void fill(size_t bytes)
{
	static char data[4096];
	int fd = open("m/f", O_WRONLY | O_CREAT, 0600);

	CHECK(fd >= 0);
	for (; bytes; bytes -= sizeof(data))
		CHECK_EQ(write(fd, data, sizeof(data)), sizeof(data));
	close(fd);
}

/* Nothing of a remount is done that is refused for any part of it. */
static void remount_refused(void)
{
	static const char *const refused[] = {
		"mode=711,uid=5,gid=6,size=4k", "mode=711,nr_inodes=1", "size=8m,nr_inodes=1",
		"size=8m,nr_inodes=99,mode=711,nonsense", "size=8m,mode=9", "size=8m,uid=x",
		"size=8m,size=lots", "nr_inodes=99,size=", "size=8m,nr_inodes=5x", "size=8m,noswap",
	};
	struct statfs before, after;

	mount_m("size=1m,nr_inodes=50,mode=755");
	fill(65536);
	CHECK_EQ(statfs("m", &before), 0);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		CHECK_ERR(mount("test", "m", NULL, MS_REMOUNT, refused[i]), EINVAL);
		CHECK_ERR(mount("test", "m", NULL, MS_REMOUNT | MS_RDONLY, refused[i]), EINVAL);
		CHECK_EQ(statfs("m", &after), 0);
		CHECK_EQ(after.f_blocks, before.f_blocks);
		CHECK_EQ(after.f_files, before.f_files);
		has(0, 0, 0755);
		CHECK_EQ(close(open("m/new", O_CREAT | O_WRONLY, 0600)), 0);
	}
	CHECK_EQ(umount("m"), 0);
}

/* What is only the root directory's beginning is no matter of a remount. */
static void remount_accepted(void)
{
	struct statfs after;

	mount_m("size=1m,nr_inodes=50,mode=755,uid=7,gid=8");
	has(7, 8, 0755);
	CHECK_EQ(chmod("m", 0751), 0);
	CHECK_EQ(mount("test", "m", NULL, MS_REMOUNT, "size=2m,nr_inodes=60,mode=700,uid=5,gid=6"), 0);
	has(7, 8, 0751);
	CHECK_EQ(statfs("m", &after), 0);
	CHECK_EQ(after.f_blocks * (unsigned long)after.f_bsize, 2UL << 20);
	CHECK_EQ(after.f_files, 60);
	CHECK_EQ(mount("test", "m", NULL, MS_REMOUNT, "size=0,nr_inodes=0"), 0);
	CHECK_ERR(mount("test", "m", NULL, MS_REMOUNT, "size=4m"), EINVAL); /* not retroactively */
	CHECK_ERR(mount("test", "m", NULL, MS_REMOUNT, "nr_inodes=9k"), EINVAL);
	CHECK_EQ(umount("m"), 0);
}

/* The options that service managers and container runtimes give. */
static void tmpfs_options(void)
{
	static const char *const taken[] = {
		"mode=01777,size=20%,nr_inodes=800k", "nr_blocks=1k", "huge=never", "inode64",
		"size=1T", "noswap", "size=0,nr_inodes=0", "uid=0x10",
	};
	static const char *const refused[] = {
		"size=banana", "size=5%%", "size=5k%x", "nr_blocks=5%", "mode=8", "mode=-1", "uid=-1",
		"gid=4294967295", "uid=4294967296", "huge=sometimes", "nonsense=1", "nonsense",
	};
	struct statfs st;

	mount_m("nr_inodes=800k,nr_blocks=2k");
	CHECK_EQ(statfs("m", &st), 0);
	CHECK_EQ(st.f_files, 800 * 1024);
	CHECK_EQ(st.f_blocks, 2048);
	CHECK_EQ(umount("m"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		mount_m(taken[i]);
		CHECK_EQ(umount("m"), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		CHECK_ERR(mount("test", "m", "tmpfs", 0, refused[i]), EINVAL);
}

/* A mount that fails has no say in who owns new terminals. */
static void devpts_refused(void)
{
	struct stat before, after;
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), number;
	char name[32];

	CHECK(fd >= 0);
	CHECK_EQ(ioctl(fd, 0x80045430 /* TIOCGPTN */, &number), 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	before = stat_of(name);
	close(fd);
	mkdir("m", 0700);
	CHECK_ERR(mount("test", "m", "devpts", 0, "uid=77,gid=78,mode=0123,nonsense=1"), EINVAL);
	fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	CHECK(fd >= 0);
	CHECK_EQ(ioctl(fd, 0x80045430, &number), 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	after = stat_of(name);
	CHECK_EQ(after.st_uid, before.st_uid);
	CHECK_EQ(after.st_gid, before.st_gid);
	CHECK_EQ(after.st_mode, before.st_mode);
	close(fd);
}

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* Policy, nice value and what children inherit change together or not at all. */
static void scheduling_refused(void)
{
	static const struct attr wrong[] = {
		{sizeof(wrong[0]), SCHED_BATCH, 1, 5, 1, 0, 0, 0},
		{sizeof(wrong[0]), SCHED_FIFO, 1, 5, 0, 0, 0, 0},
		{sizeof(wrong[0]), SCHED_FIFO, 1, 5, 100, 0, 0, 0},
		{sizeof(wrong[0]), 77, 1, 5, 0, 0, 0, 0},
		{sizeof(wrong[0]), SCHED_BATCH, 1 | 1UL << 40, 5, 0, 0, 0, 0},
	};
	struct attr now;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CHECK_ERR(syscall(SYS_sched_setattr, 0, &wrong[i], 0), EINVAL);
		CHECK_EQ(syscall(SYS_sched_getattr, 0, &now, sizeof(now), 0), 0);
		CHECK_EQ(now.policy, SCHED_OTHER);
		CHECK_EQ(now.flags, 0);
		CHECK_EQ(now.nice, 0);
	}
}

/* What cannot be told is not made: the numbers of new descriptors go to no memory. */
static void descriptors_not_told(void)
{
	int before = dup(0);

	CHECK(before >= 0);
	close(before);
	CHECK_ERR(syscall(SYS_pipe2, 1L, 0), EFAULT);
	CHECK_EQ(dup(0), before);
	CHECK_EQ(dup(0), before + 1);
	CHECK_EQ(dup(0), before + 2);
}

static void limit_refused(void)
{
	struct rlimit old, now, wrong;

	CHECK_EQ(getrlimit(RLIMIT_STACK, &old), 0);
	wrong = (struct rlimit){4 << 20, 2 << 20};
	CHECK_ERR(prlimit(0, RLIMIT_STACK, &wrong, &now), EINVAL);
	CHECK_EQ(getrlimit(RLIMIT_STACK, &now), 0);
	CHECK_EQ(now.rlim_cur, old.rlim_cur);
	CHECK_EQ(now.rlim_max, old.rlim_max);
}

/* A wrong time leaves the zone, a wrong zone the time. */
static void time_refused(void)
{
	struct timezone zone = {60, 1}, before, after;
	struct timeval wrong = {5, 2000000}, now, later;

	CHECK_EQ(syscall(SYS_gettimeofday, &now, &before), 0);
	CHECK_ERR(syscall(SYS_settimeofday, &wrong, &zone), EINVAL);
	wrong = (struct timeval){-5, 0};
	CHECK_ERR(syscall(SYS_settimeofday, &wrong, &zone), EINVAL);
	wrong = (struct timeval){now.tv_sec + 1000, 0};
	zone.tz_minuteswest = 5000;
	CHECK_ERR(syscall(SYS_settimeofday, &wrong, &zone), EINVAL);
	CHECK_EQ(syscall(SYS_gettimeofday, &later, &after), 0);
	CHECK_EQ(after.tz_minuteswest, before.tz_minuteswest);
	CHECK(later.tv_sec < now.tv_sec + 900);
}

static const struct gt_test tests[] = {
	{"remount_refused", remount_refused, 0},
	{"remount_accepted", remount_accepted, 0},
	{"tmpfs_options", tmpfs_options, 0},
	{"devpts_refused", devpts_refused, 0},
	{"scheduling_refused", scheduling_refused, 0},
	{"descriptors_not_told", descriptors_not_told, 0},
	{"limit_refused", limit_refused, 0},
	{"time_refused", time_refused, 0},
};
GT_GROUP(halves);
