// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls: sizes, flags, reserved fields, ranges.  One test a rejected field.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../kselftest.h"
#include "vm.h"

static struct vm vm;
static int other; /* a second vCPU index to create */

/* The call fails with this errno. */
static bool fails(int fd, unsigned long cmd, void *arg, int want)
{
	int r, err;

	errno = 0;
	r = ioctl(fd, cmd, arg);
	err = errno;
	if (r == -1 && err == want)
		return true;
	if (r > 2 && (cmd == PVHOST_CREATE_VM || cmd == PVHOST_CREATE_VCPU))
		close(r);
	ksft_print_msg("gave %d, errno %d instead of %d\n", r, err, want);
	return false;
}

#define T(cond, ...) ksft_test_result(cond, __VA_ARGS__)

static struct pvhost_create_vm good_vm(void)
{
	return (struct pvhost_create_vm){.size = sizeof(struct pvhost_create_vm),
					 .abi_major = PV_ABI_MAJOR,
					 .vcpu_pages = GUEST_VCPUS};
}

static void create_vm(void)
{
	struct pvhost_create_vm c = good_vm();

	c.flags = 1;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EINVAL), "CREATE_VM: flags\n");
	c = good_vm();
	c.abi_major = 99;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EPROTONOSUPPORT), "CREATE_VM: major version\n");
	c = good_vm();
	c.abi_minor = 99;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EPROTONOSUPPORT), "CREATE_VM: minor version\n");
	c = good_vm();
	c.required = 1UL << 63;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EOPNOTSUPP), "CREATE_VM: unknown required feature\n");
	c = good_vm();
	c.vcpu_pages = 5;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EINVAL), "CREATE_VM: unaligned vCPU pages\n");
	c = good_vm();
	c.vcpu_pages = ~4095UL;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EINVAL), "CREATE_VM: vCPU pages that wrap\n");
	c = good_vm();
	c.size = 3;
	T(fails(vm.dev, PVHOST_CREATE_VM, &c, EINVAL), "CREATE_VM: size too small\n");
	T(fails(vm.dev, PVHOST_CREATE_VM, (void *)8, EFAULT), "CREATE_VM: bad pointer\n");
}

/* A longer structure is taken if the rest is zero. */
static void sizes(void)
{
	struct {
		struct pvhost_info info;
		char rest[64];
	} big;

	memset(&big, 0, sizeof(big));
	big.info.size = sizeof(big);
	T(ioctl(vm.dev, PVHOST_GET_INFO, &big) == 0 && big.info.abi_major == PV_ABI_MAJOR,
	  "GET_INFO: longer, zero\n");
	memset(&big, 0, sizeof(big));
	big.info.size = sizeof(big);
	big.rest[10] = 1;
	T(fails(vm.dev, PVHOST_GET_INFO, &big, E2BIG), "GET_INFO: longer, not zero\n");
	memset(&big, 0, sizeof(big));
	big.info.size = 1 << 20;
	T(fails(vm.dev, PVHOST_GET_INFO, &big, EINVAL), "GET_INFO: absurdly long\n");
	memset(&big, 0, sizeof(big));
	big.info.size = 8;
	T(ioctl(vm.dev, PVHOST_GET_INFO, &big) == 0, "GET_INFO: shorter\n");
}

static struct pvhost_memory good_memory(void)
{
	return (struct pvhost_memory){.size = sizeof(struct pvhost_memory),
				      .slot = 1,
				      .gpa = 1UL << 32,
				      .bytes = 4096,
				      .hva = (uint64_t)vm.mem};
}

static void memory(void)
{
	static const struct {
		const char *name;
		uint64_t gpa, bytes, hva;
		uint32_t flags, slot, reserved;
	} bad[] = {
		{"flags", 0, 0, 0, 0x80, 0, 0},
		{"reserved", 0, 0, 0, 0, 0, 1},
		{"slot number", 0, 0, 0, 0, 100000, 0},
		{"unaligned gpa", 1, 0, 0, 0, 0, 0},
		{"unaligned size", 0, 1, 0, 0, 0, 0},
		{"unaligned address", 0, 0, 1, 0, 0, 0},
		{"gpa that wraps", ~0xfffUL, 0, 0, 0, 0, 0},
		{"huge size", 0, 1UL << 62, 0, 0, 0, 0},
		{"address of the kernel", 0, 0, 0xffff800000000000, 0, 0, 0},
	};
	struct pvhost_memory m;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		m = good_memory();
		m.flags |= bad[i].flags;
		m.slot += bad[i].slot;
		m.reserved = bad[i].reserved;
		m.gpa = bad[i].gpa > 4096 ? bad[i].gpa : m.gpa + bad[i].gpa;
		m.bytes += bad[i].bytes;
		m.hva = bad[i].hva > 4096 ? bad[i].hva : m.hva + bad[i].hva;
		T(fails(vm.fd, PVHOST_SET_MEMORY, &m, EINVAL), "SET_MEMORY: %s\n", bad[i].name);
	}
	m = good_memory();
	m.gpa = 0;
	T(fails(vm.fd, PVHOST_SET_MEMORY, &m, EEXIST), "SET_MEMORY: overlap with another slot\n");
	m = good_memory();
	m.gpa = GUEST_VCPUS;
	T(fails(vm.fd, PVHOST_SET_MEMORY, &m, EEXIST), "SET_MEMORY: overlap with the vCPU pages\n");
	/* Shared, but neither of a memfd's kind nor hugetlb's. */
	m = good_memory();
	m.hva = (uint64_t)vm.run[0];
	T(fails(vm.fd, PVHOST_SET_MEMORY, &m, EINVAL), "SET_MEMORY: a device mapped there\n");
	m.hva = (uint64_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, vm.memfd, 0);
	T(fails(vm.fd, PVHOST_SET_MEMORY, &m, EINVAL), "SET_MEMORY: a private mapping\n");
	munmap((void *)m.hva, 4096);
	T(fails(vm.fd, PVHOST_SET_MEMORY, &m, EINVAL), "SET_MEMORY: nothing mapped there\n");
	m = good_memory();
	T(ioctl(vm.fd, PVHOST_SET_MEMORY, &m) == 0, "SET_MEMORY: a good one\n");
	m.bytes = 0;
	T(ioctl(vm.fd, PVHOST_SET_MEMORY, &m) == 0, "SET_MEMORY: removed again\n");
}

static void vcpus(void)
{
	struct pvhost_create_vcpu c = {.size = sizeof(c), .index = 0};
	int fd;

	T(fails(vm.fd, PVHOST_CREATE_VCPU, &c, EEXIST), "CREATE_VCPU: index in use\n");
	c.index = 1 << 30;
	T(fails(vm.fd, PVHOST_CREATE_VCPU, &c, EINVAL), "CREATE_VCPU: index out of range\n");
	c.index = other;
	c.flags = 1;
	T(fails(vm.fd, PVHOST_CREATE_VCPU, &c, EINVAL), "CREATE_VCPU: flags\n");
	c.flags = 0;
	c.reserved = 1;
	T(fails(vm.fd, PVHOST_CREATE_VCPU, &c, EINVAL), "CREATE_VCPU: reserved\n");
	c.reserved = 0;
	fd = ioctl(vm.fd, PVHOST_CREATE_VCPU, &c);
	T(fd >= 0, "CREATE_VCPU: a good one\n");
	T(mmap(NULL, 16384, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED,
	  "vCPU file: mapping too long\n");
	T(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 1 << 20) == MAP_FAILED,
	  "vCPU file: offset out of range\n");
	T(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) == MAP_FAILED,
	  "vCPU file: private mapping\n");
	T(mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0) == MAP_FAILED,
	  "vCPU file: executable mapping\n");
	close(fd);
}

static void bindings(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct pvhost_doorbell d = {.size = sizeof(d), .device = 3, .queue = 1, .fd = fd};
	struct pvhost_event e = {.size = sizeof(e), .vcpu = 0, .bit = 20, .fd = fd};

	d.flags = 0x10;
	T(fails(vm.fd, PVHOST_BIND_DOORBELL, &d, EINVAL), "BIND_DOORBELL: flags\n");
	d.flags = 0;
	d.reserved = 1;
	T(fails(vm.fd, PVHOST_BIND_DOORBELL, &d, EINVAL), "BIND_DOORBELL: reserved\n");
	d.reserved = 0;
	d.fd = 999;
	T(fails(vm.fd, PVHOST_BIND_DOORBELL, &d, EBADF), "BIND_DOORBELL: no such descriptor\n");
	d.fd = vm.memfd;
	T(fails(vm.fd, PVHOST_BIND_DOORBELL, &d, EINVAL), "BIND_DOORBELL: not an eventfd\n");
	d.fd = fd;
	T(ioctl(vm.fd, PVHOST_BIND_DOORBELL, &d) == 0, "BIND_DOORBELL: a good one\n");
	T(fails(vm.fd, PVHOST_BIND_DOORBELL, &d, EEXIST), "BIND_DOORBELL: twice\n");
	d.flags = PVHOST_UNBIND;
	T(ioctl(vm.fd, PVHOST_BIND_DOORBELL, &d) == 0, "BIND_DOORBELL: taken back\n");
	T(fails(vm.fd, PVHOST_BIND_DOORBELL, &d, ENOENT), "BIND_DOORBELL: taken back twice\n");
	e.bit = 64;
	T(fails(vm.fd, PVHOST_BIND_EVENT, &e, EINVAL), "BIND_EVENT: bit out of range\n");
	e.bit = PV_EVENT_TIMER;
	T(fails(vm.fd, PVHOST_BIND_EVENT, &e, EINVAL), "BIND_EVENT: the timer's bit\n");
	e.bit = 20;
	e.vcpu = 1000;
	T(ioctl(vm.fd, PVHOST_BIND_EVENT, &e) == -1, "BIND_EVENT: no such vCPU\n");
	e.vcpu = 0;
	e.reserved = 1;
	T(fails(vm.fd, PVHOST_BIND_EVENT, &e, EINVAL), "BIND_EVENT: reserved\n");
	e.reserved = 0;
	e.fd = vm.memfd;
	T(fails(vm.fd, PVHOST_BIND_EVENT, &e, EINVAL), "BIND_EVENT: not an eventfd\n");
	e.fd = fd;
	T(ioctl(vm.fd, PVHOST_BIND_EVENT, &e) == 0, "BIND_EVENT: a good one\n");
	close(fd);
}

static void inject(void)
{
	struct pvhost_inject i = {.size = sizeof(i), .bits = 1UL << 20, .reserved = 1};

	T(fails(vm.fd, PVHOST_INJECT, &i, EINVAL), "INJECT: reserved\n");
	i.reserved = 0;
	i.flags = 1;
	T(fails(vm.fd, PVHOST_INJECT, &i, EINVAL), "INJECT: flags\n");
	i.flags = 0;
	i.vcpu = 1000;
	T(ioctl(vm.fd, PVHOST_INJECT, &i) == -1, "INJECT: no such vCPU\n");
	i.vcpu = 0;
	T(ioctl(vm.fd, PVHOST_INJECT, &i) == 0 && (vm.page[0]->pending & 1UL << 20),
	  "INJECT: a good one\n");
}

static void state(void)
{
	struct pvhost_state good = {.size = sizeof(good)}, s;
	int r;

	T(ioctl(vm.vcpu[0], PVHOST_GET_STATE, &good) == 0, "GET_STATE\n");
	s = good;
	T(ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s) == 0, "SET_STATE: what GET_STATE gave\n");
#define BAD(field, value, name)                                                                    \
	do {                                                                                       \
		s = good;                                                                          \
		s.field = (value);                                                                 \
		T(fails(vm.vcpu[0], PVHOST_SET_STATE, &s, EINVAL), "SET_STATE: " name "\n");       \
	} while (0)
	BAD(flags, 1, "flags");
	BAD(reserved, 1, "reserved");
	BAD(rip, 1UL << 63, "RIP not canonical");
	BAD(fs_base, 0xffff800000000000, "FS base in the host's half");
	BAD(gs_base, 1UL << 63, "GS base not canonical");
	BAD(cs, 0x10, "CS of ring 0");
	BAD(mode, 7, "mode");
	BAD(run_flags, 0x8000, "run flags");
	BAD(kernel_root, 0x123, "kernel root not aligned");
	BAD(entry[0], 0xffff800000000000, "entry in the host's half");
	BAD(features, 1UL << 62, "unknown feature");
	s = good;
	s.rflags = ~0UL;
	r = ioctl(vm.vcpu[0], PVHOST_SET_STATE, &s) || ioctl(vm.vcpu[0], PVHOST_GET_STATE, &s);
	T(!r && !(s.rflags & 0x23000), "SET_STATE: IOPL and VM are dropped\n");
	ioctl(vm.vcpu[0], PVHOST_SET_STATE, &good);
}

static void xstate(void)
{
	static char buf[16384];
	struct pvhost_xstate x = {.size = sizeof(x), .addr = (uint64_t)buf, .bytes = 8};

	T(fails(vm.vcpu[0], PVHOST_GET_XSTATE, &x, E2BIG) && x.bytes > 8,
	  "GET_XSTATE: buffer too small\n");
	x.bytes = sizeof(buf);
	T(ioctl(vm.vcpu[0], PVHOST_GET_XSTATE, &x) == 0, "GET_XSTATE\n");
	T(ioctl(vm.vcpu[0], PVHOST_SET_XSTATE, &x) == 0, "SET_XSTATE: what GET_XSTATE gave\n");
	memset(buf + 512, 0xff, 64);
	T(ioctl(vm.vcpu[0], PVHOST_SET_XSTATE, &x) == -1, "SET_XSTATE: impossible header\n");
	x.addr = 8;
	T(fails(vm.vcpu[0], PVHOST_GET_XSTATE, &x, EFAULT), "GET_XSTATE: bad pointer\n");
}

static void no_such_calls(void)
{
	T(fails(vm.dev, 0x1234, NULL, ENOTTY), "device: unknown ioctl\n");
	T(fails(vm.fd, 0x1234, NULL, ENOTTY), "machine: unknown ioctl\n");
	T(fails(vm.vcpu[0], 0x1234, NULL, ENOTTY), "vCPU: unknown ioctl\n");
	T(fails(vm.fd, PVHOST_RUN, NULL, ENOTTY), "machine: a vCPU's ioctl\n");
	T(fails(vm.vcpu[0], PVHOST_RUN, (void *)1, EINVAL), "RUN: argument\n");
}

int main(void)
{
	int err;

	ksft_print_header();
	err = vm_create(&vm, 1, CASE_NOTHING);
	if (err)
		ksft_exit_fail_msg("cannot make a machine: %s\n", strerror(-err));
	other = 2;
	ksft_set_plan(80);
	create_vm();
	sizes();
	memory();
	vcpus();
	bindings();
	inject();
	state();
	xstate();
	no_such_calls();
	T(vm_finish(&vm), "the machine still runs\n");
	ksft_finished();
}
