// SPDX-License-Identifier: GPL-2.0-only
/*
 * Talks to /dev/pvhost. Most people meet these errors before anything works, so
 * each says what to do about it.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

int host_open(void)
{
	int fd = open(HOST_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		fail(errno, "no " HOST_DEVICE ": this kernel has no pvhost patches or no CONFIG_PVHOST.");
		note("PV guests need a Linux 6.12 with both: Documentation/host-kernel.md says how to");
		note("build one; \"scripts/host shell\" boots one under QEMU and changes nothing here.");
		return -ENODEV;
	case EACCES:
	case EPERM:
		return fail(errno, "no permission to open " HOST_DEVICE ": run as root, or see "
			    "Documentation/pvrun.md on giving a group access");
	default:
		return fail(errno, HOST_DEVICE ": %s", strerror(errno));
	}
}

static int check_info(int device, unsigned int nr_vcpus)
{
	struct pvhost_info info = { .size = sizeof(info) };

	if (ioctl(device, PVHOST_GET_INFO, &info))
		return fail(errno, HOST_DEVICE " does not say what it is: %s", strerror(errno));
	if (nr_vcpus > info.max_vcpus)
		return fail(EINVAL, "-smp %u: this host allows %u", nr_vcpus, info.max_vcpus);
	return 0;
}

static int refused(int error, const struct pv_note *image, const struct pvhost_create_vm *vm)
{
	switch (error) {
	case EPROTONOSUPPORT:
		return fail(error, "the image wants PV ABI %u.%u, which this host does not speak (pvrun: %u.%u)",
			    image->major, image->minor, PV_ABI_MAJOR, PV_ABI_MINOR);
	case EOPNOTSUPP:
		return fail(error, "the image needs features %#llx that this host lacks (it has %#llx)",
			    (unsigned long long)(image->required & ~vm->granted),
			    (unsigned long long)vm->granted);
	default:
		return fail(error, "the host does not make a machine: %s", strerror(error));
	}
}

int host_create(int device, const struct pv_note *note, uint64_t vcpu_pages,
		unsigned int nr_vcpus, uint64_t *granted)
{
	struct pvhost_create_vm create = {
		.size = sizeof(create),
		.abi_major = note->major,
		.abi_minor = note->minor,
		.required = note->required,
		.wanted = note->wanted,
		.vcpu_pages = vcpu_pages,
	};
	int vm = check_info(device, nr_vcpus);

	if (vm)
		return vm;
	vm = ioctl(device, PVHOST_CREATE_VM, &create);
	if (vm < 0)
		vm = refused(errno, note, &create);
	*granted = create.granted;
	return vm;
}

int host_hide(int vm, const struct cpu_mask *mask)
{
	struct pvhost_cpuid_entry entries[PVHOST_MAX_CPUID];
	struct pvhost_cpuid table = {
		.size = sizeof(table),
		.entries = (uintptr_t)entries,
		.nr = PVHOST_MAX_CPUID,
	};

	if (!cpu_hides(mask))
		return 0;
	if (ioctl(vm, PVHOST_GET_CPUID, &table))
		return fail(errno, "-cpu: the host does not say what the guest is shown: %s",
			    strerror(errno));
	cpu_hide(mask, entries, table.nr);
	if (ioctl(vm, PVHOST_SET_CPUID, &table))
		return fail(errno, "-cpu: the host does not take features away: %s", strerror(errno));
	return 0;
}

int host_set_memory(int vm, const struct memory *memory)
{
	struct pvhost_memory slot = {
		.size = sizeof(slot),
		.bytes = memory->bytes,
		.hva = (uintptr_t)memory->base,
	};

	if (ioctl(vm, PVHOST_SET_MEMORY, &slot))
		return fail(errno, "the host does not take the guest's memory: %s", strerror(errno));
	return 0;
}

int host_create_vcpu(int vm, unsigned int index, struct pvhost_run **run)
{
	struct pvhost_create_vcpu create = { .size = sizeof(create), .index = index };
	int fd = ioctl(vm, PVHOST_CREATE_VCPU, &create), error;

	if (fd < 0)
		return fail(errno, "the host does not make vCPU %u: %s", index, strerror(errno));
	*run = mmap(NULL, 2 * PV_VCPU_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*run == MAP_FAILED) {
		error = fail(errno, "cannot map vCPU %u: %s", index, strerror(errno));
		close(fd);
		return error;
	}
	return fd;
}

void host_inject(int vm, unsigned int vcpu, unsigned int event)
{
	struct pvhost_inject inject = {
		.size = sizeof(inject),
		.vcpu = vcpu,
		.bits = 1ULL << event,
	};

	if (ioctl(vm, PVHOST_INJECT, &inject))
		fail(errno, "cannot raise event %u: %s", event, strerror(errno));
}

int host_bind_doorbell(int vm, unsigned int device, unsigned int queue, int fd)
{
	struct pvhost_doorbell bind = {
		.size = sizeof(bind),
		.device = device,
		.queue = queue,
		.fd = fd,
	};

	if (ioctl(vm, PVHOST_BIND_DOORBELL, &bind))
		return fail(errno, "cannot bind a doorbell: %s", strerror(errno));
	return 0;
}

int host_bind_event(int vm, unsigned int vcpu, unsigned int event, int fd)
{
	struct pvhost_event bind = {
		.size = sizeof(bind),
		.vcpu = vcpu,
		.bit = event,
		.fd = fd,
	};

	if (ioctl(vm, PVHOST_BIND_EVENT, &bind))
		return fail(errno, "cannot bind an event: %s", strerror(errno));
	return 0;
}
