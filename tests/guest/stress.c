// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random system calls with random and half-sensible arguments, by several processes at once, each
 * in its own directory. What they get does not matter; that the kernel survives, answers afterwards
 * and has lost nothing does. A seed makes a run repeatable on one CPU.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "gt.h"
#include "leak.h"
#include "stress.h"

#define WORKERS 4

/* Calls that would end the run, not the kernel: the machine, everybody's signals, the whole root.
 */
static bool forbidden(long nr)
{
	static const long list[] = {SYS_reboot,
				    SYS_kill,
				    SYS_tkill,
				    SYS_tgkill,
				    SYS_rt_sigqueueinfo,
				    SYS_rt_tgsigqueueinfo,
				    SYS_chroot,
				    SYS_pivot_root,
				    SYS_umount2,
				    SYS_mount,
				    SYS_exit,
				    SYS_exit_group,
				    SYS_pause,
				    SYS_rt_sigsuspend,
				    SYS_vfork,
				    SYS_clone,
				    SYS_clone3,
				    SYS_fork,
				    SYS_setsid,
				    SYS_setpgid,
				    SYS_settimeofday,
				    SYS_clock_settime,
				    SYS_syslog,
				    SYS_vhangup,
				    SYS_sethostname,
				    SYS_setdomainname,
				    SYS_execve,
				    SYS_execveat,
				    SYS_rt_sigreturn,
				    SYS_swapon,
				    SYS_swapoff,
				    SYS_init_module,
				    SYS_delete_module,
				    SYS_kexec_load,
				    SYS_ptrace,
				    SYS_iopl,
				    SYS_ioperm};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i] == nr)
			return true;
	return false;
}

static char *arena;

static long random_argument(uint64_t *rnd)
{
	static const char *const names[] = {
		"a", "b", "d/c", "d", ".", "..", "/proc/self/maps", "/dev/zero", "/dev/null", ""};
	static const long edges[] = {0, 1, -1, 4096, 0x7fffffff, -4096, 0x10, 1L << 46, 1L << 62};

	switch (gt_random(rnd) % 8) {
	case 0:
		return (long)(gt_random(rnd) % 16);
	case 1:
		return (long)names[gt_random(rnd) % ARRAY_SIZE(names)];
	case 2:
		return edges[gt_random(rnd) % ARRAY_SIZE(edges)];
	case 3:
	case 4:
		return (long)(arena + gt_random(rnd) % 65536);
	case 5:
		return (long)gt_random(rnd);
	case 6:
		return 1L << (gt_random(rnd) % 64);
	default:
		return (long)(gt_random(rnd) % 100000);
	}
}

static void set_up(unsigned long seed)
{
	int null = open("/dev/null", O_RDWR);
	char name[64];
	struct rlimit rl = {64, 64};

	/* The results go to a pipe or terminal that random writes would spoil. */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	snprintf(name, sizeof(name), "/tmp/stress.%d.%lu", (int)getpid(), seed);
	mkdir(name, 0700);
	if (chdir(name))
		_exit(1);
	mkdir("d", 0700);
	setrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max = 64 << 20;
	setrlimit(RLIMIT_AS, &rl);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20});
	signal(SIGXFSZ, SIG_IGN);
	arena = mmap(NULL, 1 << 17, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void one_life(uint64_t seed)
{
	uint64_t rnd = seed;

	set_up(seed);
	alarm(5); /* a call that sleeps for ever ends this life */
	for (int i = 0; i < 2000; i++) {
		long nr = (long)(gt_random(&rnd) % 340);
		long a[6];

		for (int k = 0; k < 6; k++)
			a[k] = random_argument(&rnd);
		if (!forbidden(nr))
			syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
	_exit(0);
}

/* alarm() may have been undone or SIGALRM blocked by one of the calls. */
static void wait_or_kill(pid_t pid)
{
	uint64_t end = gt_now() + 6000000000ULL;

	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (gt_now() > end)
			kill(pid, SIGKILL);
		usleep(5000);
	}
}

static void worker(unsigned long seed, uint64_t end)
{
	for (uint64_t n = 0; gt_now() < end; n++) {
		pid_t pid = fork();

		if (pid == 0)
			one_life((seed + 1) * 1000003 + n * 7919);
		if (pid > 0)
			wait_or_kill(pid);
	}
	_exit(0);
}

static int still_works(void)
{
	int fds[2], status;
	char c = 'x';
	pid_t pid;

	if (pipe(fds))
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(write(fds[1], &c, 1) != 1);
	if (pid < 0 || read(fds[0], &c, 1) != 1 || waitpid(pid, &status, 0) != pid)
		return 1;
	return !EXITED(status, 0);
}

int stress_run(unsigned long seconds, unsigned long seed)
{
	uint64_t end = gt_now() + seconds * 1000000000ULL;
	int result;

	printf("KTAP version 1\n1..1\n# seed %lu, %d workers, %lu s\n", seed, WORKERS, seconds);
	fflush(stdout);
	for (unsigned long w = 0; w < WORKERS; w++)
		if (fork() == 0)
			worker(seed * WORKERS + w, end);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	result = still_works();
	printf("%s 1 stress.random_calls\n", result ? "not ok" : "ok");
	return result;
}
