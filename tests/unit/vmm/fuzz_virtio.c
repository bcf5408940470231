// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target: a disk's driver gone mad. The input is a list of register accesses,
 * stores to memory, descriptors and rings, each followed by the device's work on its
 * queues. Neither a byte outside guest memory nor one beyond the disk may be touched,
 * and nothing may hang.
 */
#include <errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_virtio.h"
#include "machine.h"
#include "virtio.h"
#include "virtio_blk.h"

#define DISK		(64 * 512)
#define RAM		(2UL << 20)
#define WINDOW		0x10000		/* what stores reach, and what is cleared each time */

struct input {
	const uint8_t *at;
	const uint8_t *end;
};

static struct machine machine;
static int file;

/* The next bytes of the input, zeros behind its end. */
static uint64_t take(struct input *input, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint64_t)(input->at < input->end ? *input->at++ : 0) << (8 * i);
	return value;
}

static void make_machine(void)
{
	struct drive drive = { .serial = "fuzz" };
	char path[32];

	if (memory_create(&machine.memory, RAM))
		abort();
	file = memfd_create("disk", 0);
	if (file < 0 || ftruncate(file, DISK))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	drive.path = path;
	machine.devices[0] = virtio_blk_create(&drive, 0);
	if (!machine.devices[0])
		abort();
	machine.devices[0]->machine = &machine;
	machine.nr_devices = 1;
	/* It is not started: nobody listens. */
	((struct virtio *)machine.devices[0])->kick = -1;
	((struct virtio *)machine.devices[0])->irq = -1;
}

static void set(uint64_t offset, uint64_t value)
{
	device_access(&machine, 0, offset, 4, &value, 1);
}

static void set_up_queue(uint32_t size)
{
	set(VIRTIO_MMIO_STATUS, 3);
	set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	set(VIRTIO_MMIO_DRIVER_FEATURES, 1);
	set(VIRTIO_MMIO_STATUS, 11);
	set(VIRTIO_MMIO_QUEUE_NUM, size);
	set(VIRTIO_MMIO_QUEUE_DESC_LOW, FUZZ_DESC);
	set(VIRTIO_MMIO_QUEUE_AVAIL_LOW, FUZZ_AVAIL);
	set(VIRTIO_MMIO_QUEUE_USED_LOW, FUZZ_USED);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
	set(VIRTIO_MMIO_STATUS, 15);
}

static void store(struct input *input)
{
	uint64_t at = take(input, 2), value = take(input, 8);

	memcpy(memory_at(&machine.memory, at % (WINDOW - 8), 8), &value, 8);
}

static void describe(struct input *input)
{
	struct vring_desc *desc = memory_at(&machine.memory, FUZZ_DESC, 4096);
	unsigned int index = take(input, 1) % 16;

	desc[index].addr = take(input, 4);
	desc[index].len = take(input, 4);
	desc[index].flags = take(input, 1);
	desc[index].next = take(input, 1);
}

static void offer(uint16_t head)
{
	struct vring_avail *avail = memory_at(&machine.memory, FUZZ_AVAIL, 4096);

	avail->ring[avail->idx % 16] = head;
	avail->idx++;
}

static void access_anything(struct input *input)
{
	uint64_t index = take(input, 1) % 3, offset = take(input, 2), value;
	unsigned int width = take(input, 1) % 9, write = take(input, 1) & 1;

	value = take(input, 8);
	device_access(&machine, index, offset, width, &value, write);
	device_doorbell(&machine, index, value);
}

static void step(struct input *input)
{
	switch (take(input, 1) % 8) {
	case FUZZ_SET_UP:
		set_up_queue(1U << take(input, 1) % 10);
		break;
	case FUZZ_STORE:
		store(input);
		break;
	case FUZZ_DESCRIBE:
		describe(input);
		break;
	case FUZZ_OFFER:
		offer(take(input, 1));
		break;
	case FUZZ_WRITE:
		set(take(input, 1) * 4, take(input, 4));
		break;
	case FUZZ_ACCESS:
		access_anything(input);
		break;
	default:
		virtio_serve((struct virtio *)machine.devices[0]);
	}
}

static void check_disk(void)
{
	struct stat stat;

	if (fstat(file, &stat) || stat.st_size != DISK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .at = data, .end = data + size };

	if (!machine.nr_devices)
		make_machine();
	set(VIRTIO_MMIO_STATUS, 0);
	memset(machine.memory.base, 0, WINDOW);
	while (input.at < input.end)
		step(&input);
	virtio_serve((struct virtio *)machine.devices[0]);
	check_disk();
	return 0;
}
