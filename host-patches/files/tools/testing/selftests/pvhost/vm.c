// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

unsigned int vm_limit = 600;	/* for one case, on a slow machine with a debug kernel */

asm(".section .rodata; .globl guest_image, guest_image_end; .balign 16;"
	"guest_image: .incbin \"" GUEST_IMAGE "\"; guest_image_end: .previous");

int open_device(void)
{
	int fd = open("/dev/pvhost", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		ksft_exit_skip("/dev/pvhost: %s\n", strerror(errno));
	return fd;
}

/* Memory at GUEST_VA, writable and executable, in 2 MiB pages; then the vCPU pages. */
static void make_tables(struct vm *vm)
{
	uint64_t *top = (uint64_t *)(vm->mem + GUEST_TABLES), *l3 = top + 512, *l2 = top + 1024;
	uint64_t *l1 = top + 1536;

	top[GUEST_VA >> 39 & 511] = (GUEST_TABLES + 0x1000) | 3;
	l3[0] = (GUEST_TABLES + 0x2000) | 3;
	for (uint64_t i = 0; i < GUEST_MEM >> 21; i++)
		l2[i] = i << 21 | 0xe3;
	l2[GUEST_VCPUS >> 21] = (GUEST_TABLES + 0x3000) | 3;
	for (uint64_t i = 0; i < MAX_VCPUS; i++)
		l1[i] = (GUEST_VCPUS + i * 4096) | 0x63;
}

static int set_memory(struct vm *vm)
{
	struct pvhost_memory m = {.size = sizeof(m), .bytes = GUEST_MEM};

	vm->memfd = memfd_create("guest", MFD_CLOEXEC);
	if (vm->memfd < 0 || ftruncate(vm->memfd, GUEST_MEM))
		return -errno;
	vm->mem = mmap(NULL, GUEST_MEM, PROT_READ | PROT_WRITE, MAP_SHARED, vm->memfd, 0);
	if (vm->mem == MAP_FAILED) {
		vm->mem = NULL;
		return -errno;
	}
	m.hva = (uint64_t)vm->mem;
	return ioctl(vm->fd, PVHOST_SET_MEMORY, &m) ? -errno : 0;
}

static int create_vcpu(struct vm *vm, int i)
{
	struct pvhost_create_vcpu c = {.size = sizeof(c), .index = i};
	char *p;

	vm->vcpu[i] = ioctl(vm->fd, PVHOST_CREATE_VCPU, &c);
	if (vm->vcpu[i] < 0)
		return -errno;
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu[i], 0);
	if (p == MAP_FAILED)
		return -errno;
	vm->run[i] = (void *)p;
	vm->page[i] = (void *)(p + 4096);
	return 0;
}

static int set_start(struct vm *vm)
{
	struct pvhost_state s = {.size = sizeof(s)};

	if (ioctl(vm->vcpu[0], PVHOST_GET_STATE, &s))
		return -errno;
	s.rip = GUEST_VA + GUEST_GPA;
	s.rsp = GUEST_VA + GUEST_STACKS + 0x10000 + 0x30000;
	s.rdi = GUEST_VA + GUEST_PARAM;
	s.rflags = 0x202;
	s.cs = PV_CS64;
	s.user_root = PV_ANY;
	s.kernel_root = GUEST_TABLES;
	return ioctl(vm->vcpu[0], PVHOST_SET_STATE, &s) ? -errno : 0;
}

int vm_create(struct vm *vm, int nr_vcpus, enum guest_case number)
{
	struct pvhost_create_vm c = {.size = sizeof(c),
				     .abi_major = PV_ABI_MAJOR,
				     .wanted = PV_FEAT_ALL,
				     .vcpu_pages = GUEST_VCPUS};
	int err;

	memset(vm, 0, sizeof(*vm));
	vm->memfd = -1;
	vm->fd = -1;
	vm->dev = open("/dev/pvhost", O_RDWR | O_CLOEXEC);
	if (vm->dev < 0)
		return -errno;
	vm->fd = ioctl(vm->dev, PVHOST_CREATE_VM, &c);
	if (vm->fd < 0)
		return -errno;
	err = set_memory(vm);
	if (err)
		return err;
	memcpy(vm->mem + GUEST_GPA, guest_image, guest_image_end - guest_image);
	make_tables(vm);
	vm->param = (void *)(vm->mem + GUEST_PARAM);
	*vm->param = (struct guest_param){.number = number, .seed = 1, .nr_vcpus = nr_vcpus};
	vm->nr_vcpus = nr_vcpus;
	for (int i = 0; i < nr_vcpus && !err; i++)
		err = create_vcpu(vm, i);
	return err ? err : set_start(vm);
}

/* What an exit asks for; false: the vCPU has ended. */
static bool serve(struct vm *vm, int i)
{
	struct pvhost_run *r = vm->run[i];

	switch (r->reason) {
	case PVHOST_EXIT_CONSOLE_WRITE:
		r->result = r->console.len;
		return true;
	case PVHOST_EXIT_CONSOLE_READ:
		r->result = 0;
		return true;
	case PVHOST_EXIT_DEV_READ:
	case PVHOST_EXIT_DEV_WRITE:
	case PVHOST_EXIT_DOORBELL:
		r->result = -ENODEV;
		return true;
	case PVHOST_EXIT_SHUTDOWN:
		vm->status = r->shutdown.status;
		vm->ended = 1;
		return false;
	case PVHOST_EXIT_INTR:
		return !vm->ended;
	default:
		return false;
	}
}

uint32_t vm_run(struct vm *vm, int i)
{
	while (!vm->ended) {
		if (ioctl(vm->vcpu[i], PVHOST_RUN, 0) && errno != EINTR)
			break;
		if (!serve(vm, i))
			break;
	}
	if (i == 0) {
		vm->reason = vm->run[0]->reason;
		vm->ended = 1;
	}
	return vm->run[i]->reason;
}

struct start {
	struct vm *vm;
	int i;
};

static void *vcpu_thread(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	vm_run(s.vm, s.i);
	return NULL;
}

static void start_thread(struct vm *vm, int i)
{
	struct start *s = malloc(sizeof(*s));

	*s = (struct start){vm, i};
	vm->started[i] = !pthread_create(&vm->thread[i], NULL, vcpu_thread, s);
}

void vm_start(struct vm *vm)
{
	for (int i = 0; i < vm->nr_vcpus; i++)
		start_thread(vm, i);
}

static void nothing(int sig)
{
	(void)sig;
}

void vm_stop(struct vm *vm)
{
	signal(SIGUSR1, nothing);
	vm->ended = 1;
	for (int i = 0; i < vm->nr_vcpus; i++) {
		if (!vm->started[i])
			continue;
		vm->run[i]->immediate_exit = 1;
		pthread_kill(vm->thread[i], SIGUSR1);
		pthread_join(vm->thread[i], NULL);
		vm->started[i] = false;
	}
}

static struct vm *watched;

/* A guest that makes no progress ends as failed. */
static void too_late(int sig)
{
	(void)sig;
	watched->ended = 1;
	watched->run[0]->immediate_exit = 1;
}

static void show_frames(const struct pv_vcpu *p)
{
	ksft_print_msg("last user frame: ip %llx sp %llx vector %u error %x addr %llx\n",
		       (unsigned long long)p->ip, (unsigned long long)p->sp, p->vector, p->error,
		       (unsigned long long)p->addr);
	ksft_print_msg("last kernel frame: ip %llx cause %x vector %u error %x addr %llx\n",
		       (unsigned long long)p->kip, p->kcause, p->kvector, p->kerror,
		       (unsigned long long)p->kaddr);
}

static void show_failure(const struct vm *vm)
{
	const struct pvhost_run *r = vm->run[0];
	uint64_t file = vm->param->file;

	ksft_print_msg("case %lu: exit %u, status %lu, note %lu (0x%lx)\n", vm->param->number,
		       vm->reason, (unsigned long)vm->status, vm->param->note, vm->param->note);
	if (file > 0 && file < GUEST_MEM - 64)
		ksft_print_msg("needed in %.63s, line %lu\n", vm->mem + file, vm->param->note);
	ksft_print_msg("rip %llx, cause %u vector %u addr %llx\n", (unsigned long long)r->rip,
		       r->fault.cause, r->fault.vector, (unsigned long long)r->fault.addr);
	show_frames(vm->page[0]);
}

bool vm_finish(struct vm *vm)
{
	watched = vm;
	signal(SIGALRM, too_late);
	alarm(vm_limit);
	for (int i = 1; i < vm->nr_vcpus; i++)
		start_thread(vm, i);
	vm_run(vm, 0);
	alarm(0);
	vm_stop(vm);
	if (vm->reason == PVHOST_EXIT_SHUTDOWN && vm->status == 0)
		return true;
	show_failure(vm);
	return false;
}

void vm_destroy(struct vm *vm)
{
	for (int i = 0; i < vm->nr_vcpus; i++) {
		if (vm->run[i])
			munmap(vm->run[i], 8192);
		if (vm->vcpu[i] > 0)
			close(vm->vcpu[i]);
	}
	if (vm->mem)
		munmap(vm->mem, GUEST_MEM);
	close(vm->memfd);
	close(vm->fd);
	close(vm->dev);
}

bool vm_case(enum guest_case number, int nr_vcpus, uint64_t count)
{
	struct vm vm;
	bool ok = false;
	int err = vm_create(&vm, nr_vcpus, number);

	if (err) {
		ksft_print_msg("cannot make a machine: %s\n", strerror(-err));
	} else {
		vm.param->count = count;
		ok = vm_finish(&vm);
	}
	vm_destroy(&vm);
	return ok;
}

bool vm_wait_flag(struct vm *vm, uint64_t value)
{
	for (int i = 0; i < 20000; i++) {
		if (__atomic_load_n(&vm->param->flag, __ATOMIC_SEQ_CST) >= value)
			return true;
		usleep(1000);
	}
	return false;
}

bool vm_begin(struct vm *vm, enum guest_case number, int nr_vcpus)
{
	if (vm_create(vm, nr_vcpus, number))
		return false;
	vm_start(vm);
	return vm_wait_flag(vm, 1);
}

bool vm_end(struct vm *vm)
{
	vm_stop(vm);
	vm_destroy(vm);
	return vm_case(CASE_NOTHING, 1, 0);
}

pid_t vm_victim(enum guest_case number, int nr_vcpus)
{
	static struct vm vm;
	int fds[2];
	char c;
	pid_t pid;

	if (pipe(fds))
		return -1;
	pid = fork();
	if (pid == 0) {
		c = vm_begin(&vm, number, nr_vcpus);
		if (write(fds[1], &c, 1) != 1)
			_exit(1);
		pause();
	}
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		c = 0;
	close(fds[0]);
	return c ? pid : -1;
}

bool vm_killed(pid_t pid, int sig)
{
	int status;

	if (pid < 0)
		return false;
	kill(pid, sig);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == sig;
}
