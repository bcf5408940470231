// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Linux does where a manual leaves room, or where a flag is easily taken without effect:
 * descriptors, numbers of threads, personalities, terminals' modes, the log.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <termios.h>

#include "gt.h"

/* ---- record locks, pipes, epoll ---- */

static void set_lock(int fd, short type, off_t start, off_t len)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};

	CHECK_EQ(fcntl(fd, F_SETLK, &l), 0);
}

static int ask_for_lowest(void *arg)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	CHECK_EQ(fcntl(*(int *)arg, F_GETLK, &l), 0);
	CHECK_EQ(l.l_start, 10);
	CHECK_EQ(l.l_len, 5);
	CHECK_EQ(l.l_pid, getppid());
	return 0;
}

static void getlk_gives_the_lowest_lock(void)
{
	int fd = open(gt_path("f"), O_RDWR | O_CREAT, 0600);

	set_lock(fd, F_WRLCK, 40, 5);
	set_lock(fd, F_WRLCK, 10, 5);
	set_lock(fd, F_WRLCK, 70, 5);
	CHECK(EXITED(gt_run(ask_for_lowest, &fd), 0));
}

static int add_to_set(int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.fd = fd};
	int ep = epoll_create1(0);

	CHECK(ep >= 0);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
	return ep;
}

/* Nothing has arrived since, so there is no new edge. */
static void a_partial_read_is_no_edge(void)
{
	struct epoll_event ev;
	char buf[4];
	int fds[2], ep;

	CHECK_EQ(pipe(fds), 0);
	ep = add_to_set(fds[0], EPOLLIN | EPOLLET);
	CHECK_EQ(write(fds[1], "abcdefgh", 8), 8);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
	CHECK_EQ(read(fds[0], buf, 4), 4);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 50), 0);
	CHECK_EQ(write(fds[1], "i", 1), 1);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 1000), 1);
}

static int epoll_wait_once(void *arg)
{
	struct epoll_event ev;

	return epoll_wait(*(int *)arg, &ev, 1, 1000) == 1 ? 1 : 0;
}

static void exclusive_wakes_one(void)
{
	int fds[2], sets[3], woken = 0;
	pid_t pids[3];

	CHECK_EQ(pipe(fds), 0);
	for (int i = 0; i < 3; i++) {
		sets[i] = add_to_set(fds[0], EPOLLIN | EPOLLET | EPOLLEXCLUSIVE);
		pids[i] = gt_child(epoll_wait_once, &sets[i]);
	}
	gt_sleep_ms(300);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	for (int i = 0; i < 3; i++)
		woken += EXITED(gt_wait(pids[i]), 1);
	CHECK(woken >= 1 && woken < 3);
}

static void exclusive_refuses_what_it_cannot_do(void)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE};
	int fds[2], ep = epoll_create1(0);

	CHECK_EQ(pipe(fds), 0);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev), EINVAL);
	ev.events = EPOLLIN | EPOLLEXCLUSIVE;
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev), 0);
	ev.events = EPOLLIN;
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &ev), EINVAL);
}

static void the_smallest_pipe_is_a_page(void)
{
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(fcntl(fds[0], F_SETPIPE_SZ, 0), 4096);
	CHECK_EQ(fcntl(fds[0], F_GETPIPE_SZ), 4096);
}

/* ---- threads' numbers, groups, names ---- */

static volatile pid_t other_tid;
static volatile bool other_ends;

static void *other_thread(void *arg)
{
	other_tid = (pid_t)syscall(SYS_gettid);
	while (!other_ends)
		usleep(1000);
	return arg;
}

static pthread_t start_other(void)
{
	pthread_t t;

	other_tid = 0;
	other_ends = false;
	CHECK_EQ(pthread_create(&t, NULL, other_thread, NULL), 0);
	while (!other_tid)
		usleep(1000);
	return t;
}

static void end_other(pthread_t t)
{
	other_ends = true;
	CHECK_EQ(pthread_join(t, NULL), 0);
}

static void a_thread_number_means_its_process(void)
{
	pthread_t t = start_other();
	struct rlimit limit;
	char path[64];
	struct stat st;

	CHECK_EQ(kill(other_tid, 0), 0);
	CHECK_EQ(getpgid(other_tid), getpgid(0));
	CHECK_EQ(getsid(other_tid), getsid(0));
	CHECK_EQ(syscall(SYS_prlimit64, other_tid, RLIMIT_CORE, NULL, &limit), 0);
	CHECK_ERR(setpgid(other_tid, 0), EINVAL);
	snprintf(path, sizeof(path), "/proc/%d/task", other_tid);
	CHECK_EQ(stat(path, &st), 0);
	end_other(t);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void threads_are_named_by_a_file(void)
{
	pthread_t t = start_other();
	char path[64], name[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", other_tid);
	write_text(path, "a-name-that-is-far-too-long");
	CHECK(!strcmp(gt_slurp(path), "a-name-that-is-\n"));
	write_text("/proc/self/comm", "boss");
	CHECK_EQ(prctl(PR_GET_NAME, name), 0);
	CHECK(!strcmp(name, "boss"));
	end_other(t);
	/* Another process's name stays, for root as well. */
	fd = open("/proc/1/comm", O_WRONLY);
	CHECK(fd >= 0 || errno == EACCES);
	if (fd >= 0)
		CHECK_ERR(write(fd, "x", 1), EINVAL);
}

static void groups_may_be_many_and_are_sorted(void)
{
	static gid_t in[65536], out[65536];

	if (geteuid())
		gt_skip("only root may set groups");
	for (unsigned int i = 0; i < 65536; i++)
		in[i] = 200000 - i;
	CHECK_EQ(syscall(SYS_setgroups, 65536, in), 0);
	CHECK_EQ(syscall(SYS_getgroups, 0, NULL), 65536);
	CHECK_ERR(syscall(SYS_getgroups, 65535, out), EINVAL);
	CHECK_EQ(syscall(SYS_getgroups, 65536, out), 65536);
	CHECK_EQ(out[0], 200000 - 65535);
	CHECK_EQ(out[65535], 200000);
	CHECK_ERR(syscall(SYS_setgroups, 65537, in), EINVAL);
	CHECK_EQ(syscall(SYS_setgroups, 0, NULL), 0);
	CHECK_EQ(syscall(SYS_getgroups, 0, NULL), 0);
}

/* ---- personalities ---- */

static void a_32_bit_personality_names_the_machine(void)
{
	struct utsname u;

	CHECK(personality(PER_LINUX32) >= 0);
	CHECK_EQ(uname(&u), 0);
	CHECK(!strcmp(u.machine, "i686"));
	CHECK_EQ(personality(0xffffffff), PER_LINUX32);
	CHECK(personality(PER_LINUX | UNAME26) >= 0);
	CHECK_EQ(uname(&u), 0);
	CHECK(!strncmp(u.release, "2.6.", 4) && atoi(u.release + 4) >= 60);
}

/* mov $7, %eax; ret */
static const unsigned char seven[] = {0xb8, 7, 0, 0, 0, 0xc3};

static void reading_can_imply_executing(void)
{
	char *p;

	CHECK(personality(READ_IMPLIES_EXEC) >= 0);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	memcpy(p, seven, sizeof(seven));
	CHECK_EQ(((int (*)(void))(void *)p)(), 7);
	CHECK_EQ(mprotect(p, 4096, PROT_READ), 0);
	CHECK_EQ(((int (*)(void))(void *)p)(), 7);
}

static void timeouts_can_stick(void)
{
	struct timeval tv = {5, 0};
	fd_set set;
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	CHECK(personality(STICKY_TIMEOUTS) >= 0);
	CHECK_EQ(syscall(SYS_select, fds[0] + 1, &set, NULL, NULL, &tv), 1);
	CHECK(tv.tv_sec == 5 && tv.tv_usec == 0);
}

/* ---- files ---- */

static void directory_outside_the_root(void)
{
	char buf[PATH_MAX];

	if (geteuid())
		gt_skip("only root may change the root directory");
	CHECK_EQ(mkdir(gt_path("jail"), 0755), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(chroot(gt_path("jail")), 0);
	CHECK(syscall(SYS_getcwd, buf, sizeof(buf)) > 0);
	CHECK(!strncmp(buf, "(unreachable)", 13));
}

static void times_of_nothing(void)
{
	const struct timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};

	CHECK_EQ(syscall(SYS_utimensat, AT_FDCWD, gt_path("none"), omit, 0), 0);
}

static void files_without_a_name(void)
{
	char proc[64], target[256] = "";
	int fd = open(gt_path(""), O_TMPFILE | O_RDWR, 0640);
	struct stat st;

	CHECK(fd >= 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISREG(st.st_mode) && st.st_nlink == 0);
	CHECK_EQ(write(fd, "data", 4), 4);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	CHECK(readlink(proc, target, sizeof(target) - 1) > 0);
	CHECK(strstr(target, "/#") && strstr(target, " (deleted)"));
	CHECK_EQ(linkat(AT_FDCWD, proc, AT_FDCWD, gt_path("named"), AT_SYMLINK_FOLLOW), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_nlink, 1);
	CHECK(!strcmp(gt_slurp(gt_path("named")), "data"));
	CHECK_EQ(unlink(gt_path("named")), 0);
	CHECK_ERR(linkat(AT_FDCWD, proc, AT_FDCWD, gt_path("again"), AT_SYMLINK_FOLLOW), ENOENT);
	fd = open(gt_path(""), O_TMPFILE | O_RDWR | O_EXCL, 0640);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	CHECK_ERR(linkat(AT_FDCWD, proc, AT_FDCWD, gt_path("no"), AT_SYMLINK_FOLLOW), ENOENT);
	CHECK_ERR(open(gt_path(""), O_TMPFILE | O_RDONLY, 0600), EINVAL);
}

#define RWF_SYNC_BIT 4
#define RWF_NOWAIT_BIT 8
#define RWF_APPEND_BIT 16

static long pwritev2_at(int fd, const char *text, long pos, int flags)
{
	struct iovec v = {(void *)(uintptr_t)text, strlen(text)};

	return syscall(SYS_pwritev2, fd, &v, 1, pos, pos < 0 ? -1L : 0L, flags);
}

static long preadv2_at(int fd, char *buf, size_t n, long pos, int flags)
{
	struct iovec v = {buf, n};

	return syscall(SYS_preadv2, fd, &v, 1, pos, pos < 0 ? -1L : 0L, flags);
}

static void flags_of_one_transfer(void)
{
	int fd = open(gt_path("f"), O_RDWR | O_CREAT, 0600), fds[2];
	struct stat st;
	char buf[8];

	CHECK_EQ(pwritev2_at(fd, "abc", 0, RWF_SYNC_BIT), 3);
	CHECK_EQ(pwritev2_at(fd, "def", 0, RWF_APPEND_BIT), 3);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 6);
	CHECK_ERR(preadv2_at(fd, buf, 3, 0, 1 << 20), EOPNOTSUPP);
	CHECK_EQ(pipe(fds), 0);
	CHECK_ERR(preadv2_at(fds[0], buf, 3, 0, 1 << 20), ESPIPE);
	CHECK_EQ(write(fds[1], "xyz", 3), 3);
	CHECK_EQ(preadv2_at(fds[0], buf, 3, -1, RWF_NOWAIT_BIT), 3);
	CHECK_ERR(preadv2_at(fds[0], buf, 3, -1, RWF_NOWAIT_BIT), EAGAIN);
}

/* ---- terminals ---- */

#define TCGETS2_ 0x802c542a
#define TCSETS2_ 0x402c542b
#define BOTHER_ 0010000
#define CBAUD_ 0010017
#define TIOCGPTPEER_ 0x5441
#define EXTPROC_ 0200000

struct modes2 {
	unsigned int iflag, oflag, cflag, lflag;
	unsigned char line, cc[19];
	unsigned int ispeed, ospeed;
};

static int open_pty(int *slave)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), unlock = 0;

	CHECK(master >= 0);
	CHECK_ERR(ioctl(master, TIOCGPTPEER_, O_RDWR | O_NOCTTY), EIO);
	CHECK_EQ(ioctl(master, TIOCSPTLCK, &unlock), 0);
	*slave = ioctl(master, TIOCGPTPEER_, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(*slave >= 0);
	return master;
}

static void the_other_end_of_a_pty(void)
{
	int slave, master = open_pty(&slave);
	char buf[8];

	CHECK(isatty(slave));
	CHECK_EQ(fcntl(slave, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(write(master, "hi\n", 3), 3);
	CHECK_EQ(read(slave, buf, sizeof(buf)), 3);
}

static void speeds_are_read_back(void)
{
	int slave;
	struct modes2 m;

	open_pty(&slave);
	CHECK_EQ(ioctl(slave, TCGETS2_, &m), 0);
	CHECK_EQ(m.ospeed, 38400);
	m.cflag = (m.cflag & ~(unsigned int)CBAUD_) | BOTHER_;
	m.ispeed = m.ospeed = 12345;
	CHECK_EQ(ioctl(slave, TCSETS2_, &m), 0);
	memset(&m, 0, sizeof(m));
	CHECK_EQ(ioctl(slave, TCGETS2_, &m), 0);
	CHECK_EQ(m.ospeed, 12345);
	CHECK_EQ(m.ispeed, 12345);
	CHECK_EQ(m.cflag & CBAUD_, BOTHER_);
	m.cflag = (m.cflag & ~(unsigned int)CBAUD_) | 015; /* B9600 */
	m.ospeed = 1;
	CHECK_EQ(ioctl(slave, TCSETS2_, &m), 0);
	CHECK_EQ(ioctl(slave, TCGETS2_, &m), 0);
	CHECK_EQ(m.ospeed, 9600);
}

static int packet_of(int master)
{
	struct pollfd p = {master, POLLIN | POLLPRI, 0};
	unsigned char buf[64];

	CHECK_EQ(poll(&p, 1, 1000), 1);
	CHECK(read(master, buf, sizeof(buf)) >= 1);
	CHECK(!buf[0] == !(p.revents & POLLPRI));
	return buf[0];
}

static void packet_mode_tells(void)
{
	int slave, master = open_pty(&slave), on = 1;
	struct modes2 m;
	char buf[8];

	CHECK_EQ(ioctl(master, TIOCPKT, &on), 0);
	CHECK_EQ(write(slave, "abc", 3), 3);
	CHECK_EQ(read(master, buf, sizeof(buf)), 4);
	CHECK(!memcmp(buf, "\0abc", 4));
	CHECK_EQ(ioctl(slave, TCFLSH, TCIFLUSH), 0);
	CHECK_EQ(packet_of(master), TIOCPKT_FLUSHREAD);
	CHECK_EQ(ioctl(slave, TCXONC, TCOOFF), 0);
	CHECK_EQ(packet_of(master), TIOCPKT_STOP);
	CHECK_EQ(ioctl(slave, TCXONC, TCOON), 0);
	CHECK_EQ(packet_of(master), TIOCPKT_START);
	CHECK_EQ(ioctl(slave, TCGETS2_, &m), 0);
	m.iflag &= ~(unsigned int)IXON;
	CHECK_EQ(ioctl(slave, TCSETS2_, &m), 0);
	CHECK_EQ(packet_of(master), TIOCPKT_NOSTOP);
	m.lflag |= EXTPROC_;
	m.iflag |= IXON;
	CHECK_EQ(ioctl(slave, TCSETS2_, &m), 0);
	CHECK_EQ(packet_of(master), TIOCPKT_DOSTOP | TIOCPKT_IOCTL);
}

/* ---- the log ---- */

static int open_log(int flags)
{
	int fd = open("/dev/kmsg", O_RDWR | flags);

	if (fd < 0)
		gt_skip("/dev/kmsg: %s", strerror(errno));
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	return fd;
}

static int log_later(void *arg)
{
	(void)arg;
	gt_sleep_ms(100);
	write_text("/dev/kmsg", "guest-tests: later\n");
	return 0;
}

static void log_records_are_read_one_by_one(void)
{
	int fd = open_log(O_NONBLOCK), prio;
	unsigned long seq, us;
	char buf[2048], flag;
	ssize_t n;

	write_text("/dev/kmsg", "<5>guest-tests: one\t\n");
	write_text("/dev/kmsg", "<30>guest-tests: two\n");
	do {
		n = read(fd, buf, sizeof(buf) - 1);
		CHECK(n > 0);
		buf[n] = '\0';
	} while (!strstr(buf, ";guest-tests: one\\x09\n"));
	CHECK_EQ(sscanf(buf, "%d,%lu,%lu,%c", &prio, &seq, &us, &flag), 4);
	CHECK_EQ(prio, 1 << 3 | 5);
	do {
		n = read(fd, buf, sizeof(buf) - 1);
		CHECK(n > 0);
		buf[n] = '\0';
	} while (!strstr(buf, ";guest-tests: two\n"));
	CHECK_EQ(atoi(buf), 30);
	CHECK_ERR(lseek(fd, 1, SEEK_SET), ESPIPE);
	CHECK_ERR(lseek(fd, 0, SEEK_CUR), EINVAL);
}

static void log_readers_wait(void)
{
	int fd = open_log(0);
	struct pollfd p = {fd, POLLIN, 0};
	pid_t pid = gt_child(log_later, NULL);
	char buf[2048];

	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK(EXITED(gt_wait(pid), 0));
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	pid = gt_child(log_later, NULL);
	CHECK(read(fd, buf, sizeof(buf)) > 0);
	CHECK(EXITED(gt_wait(pid), 0));
}

/* ---- time on the CPU ---- */

static volatile sig_atomic_t profiled[2]; /* signals that the leader and the other thread took */

static void on_profile(int sig)
{
	(void)sig;
	profiled[syscall(SYS_gettid) != getpid()]++;
}

static void *burn(void *arg)
{
	uint64_t end = gt_now() + 2000000000;

	while (profiled[1] < 5 && gt_now() < end)
		;
	return arg;
}

static void profiles_go_to_who_runs(void)
{
	const struct itimerval every = {{0, 10000}, {0, 10000}};
	pthread_t t;

	CHECK(signal(SIGPROF, on_profile) != SIG_ERR);
	CHECK_EQ(setitimer(ITIMER_PROF, &every, NULL), 0);
	CHECK_EQ(pthread_create(&t, NULL, burn, NULL), 0);
	CHECK_EQ(pthread_join(t, NULL), 0);
	CHECK(profiled[1] >= 5);
}

static void on_first_cpu(int policy)
{
	struct sched_param param = {.sched_priority = policy == SCHED_OTHER ? 0 : 1};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
	CHECK_EQ(syscall(SYS_sched_setscheduler, 0, policy, &param), 0);
}

static int hog_the_cpu(void *arg)
{
	uint64_t end;

	(void)arg;
	on_first_cpu(SCHED_FIFO);
	end = gt_now() + 4000000000;
	while (gt_now() < end)
		;
	return 0;
}

/* Whoever hogs a CPU leaves a twentieth of it (sched(7)). */
static void real_time_threads_leave_something(void)
{
	uint64_t start = gt_now();
	pid_t pid;

	if (geteuid())
		gt_skip("only root may have real-time threads");
	if (atoi(gt_slurp("/proc/sys/kernel/sched_rt_runtime_us")) < 0)
		gt_skip("not limited here");
	on_first_cpu(SCHED_OTHER);
	pid = gt_child(hog_the_cpu, NULL);
	/* While it hogs, this one gets to run now and then. */
	for (int i = 0; i < 3; i++)
		gt_sleep_ms(400);
	CHECK(gt_now() - start < 3900000000);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	gt_wait(pid);
}

/* ---- what is absent, or for root alone ---- */

static void magic_links_are_no_mount_points(void)
{
	char path[64];
	int fd;

	if (!gt_on_twinix())
		gt_skip("Linux does so from 6.12 on");
	fd = open("/proc/self/exe", O_PATH | O_NOFOLLOW);
	CHECK(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK_ERR(mount("none", path, "tmpfs", 0, NULL), ENOENT);
}

static void cpuid_cannot_be_forbidden(void)
{
	if (!gt_on_twinix())
		gt_skip("depends on the CPU");
	CHECK_EQ(syscall(SYS_arch_prctl, 0x1011, 0), 1);
	CHECK_ERR(syscall(SYS_arch_prctl, 0x1012, 0), ENODEV);
}

static const struct gt_test tests[] = {
	{.name = "getlk_gives_the_lowest_lock", .run = getlk_gives_the_lowest_lock},
	{.name = "a_partial_read_is_no_edge", .run = a_partial_read_is_no_edge},
	{.name = "exclusive_wakes_one", .run = exclusive_wakes_one},
	{.name = "exclusive_refuses_what_it_cannot_do", .run = exclusive_refuses_what_it_cannot_do},
	{.name = "the_smallest_pipe_is_a_page", .run = the_smallest_pipe_is_a_page},
	{.name = "a_thread_number_means_its_process", .run = a_thread_number_means_its_process},
	{.name = "threads_are_named_by_a_file", .run = threads_are_named_by_a_file},
	{.name = "groups_may_be_many_and_are_sorted", .run = groups_may_be_many_and_are_sorted},
	{.name = "a_32_bit_personality_names_the_machine",
	 .run = a_32_bit_personality_names_the_machine},
	{.name = "reading_can_imply_executing", .run = reading_can_imply_executing},
	{.name = "timeouts_can_stick", .run = timeouts_can_stick},
	{.name = "directory_outside_the_root", .run = directory_outside_the_root},
	{.name = "times_of_nothing", .run = times_of_nothing},
	{.name = "files_without_a_name", .run = files_without_a_name},
	{.name = "flags_of_one_transfer", .run = flags_of_one_transfer},
	{.name = "the_other_end_of_a_pty", .run = the_other_end_of_a_pty},
	{.name = "speeds_are_read_back", .run = speeds_are_read_back},
	{.name = "packet_mode_tells", .run = packet_mode_tells},
	{.name = "log_records_are_read_one_by_one", .run = log_records_are_read_one_by_one},
	{.name = "log_readers_wait", .run = log_readers_wait},
	{.name = "profiles_go_to_who_runs", .run = profiles_go_to_who_runs},
	{.name = "real_time_threads_leave_something", .run = real_time_threads_leave_something},
	{.name = "magic_links_are_no_mount_points", .run = magic_links_are_no_mount_points},
	{.name = "cpuid_cannot_be_forbidden", .run = cpuid_cannot_be_forbidden},
};

GT_GROUP(linux_details);
