// SPDX-License-Identifier: GPL-2.0-only
/*
 * What actors of the oracle test use: threads, children, memory, and accesses that may fault.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "oracle.h"

void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % stage->cpus, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

void place(unsigned int cpu)
{
	if (stage->pinned)
		pin(cpu);
}

void start_thread(pthread_t *t, void *(*body)(void *), unsigned int number)
{
	int error = pthread_create(t, NULL, body, (void *)(uintptr_t)number);

	if (error)
		give_up("pthread_create: error %d", error);
}

pid_t try_fork(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		if (errno != EAGAIN && errno != ENOMEM)
			wrong("fork: errno %d", errno);
		sleep_us(10000);
	}
	if (pid == 0)
		be_child();
	return pid;
}

int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			give_up("waitpid(%d): errno %d", (int)pid, errno);
	return status;
}

void *map_pages(size_t pages, int flags)
{
	void *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		give_up("mmap of %zu pages: errno %d", pages, errno);
	return p;
}

int scratch_file(void)
{
	static unsigned int number;
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "f.%d.%u", (int)getpid(), number++);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		give_up("%s: errno %d", name, errno);
	MUST(unlink(name) == 0);
	return fd;
}

/* bool try_load(const volatile uint64_t *p, uint64_t *value); bool try_store(p, uint64_t value) */
__asm__(".text\n"
	".globl try_load, try_store\n"
	".type try_load, @function\n"
	".type try_store, @function\n"
	"try_load:\n"
	"try_load_at: mov (%rdi), %rax\n"
	"	mov %rax, (%rsi)\n"
	"	mov $1, %eax\n"
	"	ret\n"
	"try_store:\n"
	"try_store_at: mov %rsi, (%rdi)\n"
	"	mov $1, %eax\n"
	"	ret\n"
	"try_failed:\n"
	"	xor %eax, %eax\n"
	"	ret\n");
extern char try_load_at[], try_store_at[], try_failed[];

_Thread_local int fault_signal;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	greg_t *rip = &u->uc_mcontext.gregs[REG_RIP];

	fault_signal = sig;
	if (*rip != (greg_t)try_load_at && *rip != (greg_t)try_store_at)
		give_up("signal %d, address %p at %#llx", sig, info->si_addr, *rip);
	if ((greg_t)(uintptr_t)info->si_addr != u->uc_mcontext.gregs[REG_RDI])
		wrong("a fault at %#llx says it was at %p", u->uc_mcontext.gregs[REG_RDI],
		      info->si_addr);
	*rip = (greg_t)try_failed;
}

void catch_faults(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	MUST(sigaction(SIGSEGV, &sa, NULL) == 0);
	MUST(sigaction(SIGBUS, &sa, NULL) == 0);
}
