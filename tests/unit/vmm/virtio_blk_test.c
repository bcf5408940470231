// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio.c and virtio_blk.c, driven through their registers as a guest's driver does.
 */
#include <errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "virtio.h"
#include "virtio_blk.h"
#include "vmm_unit.h"

#define SECTOR		512
#define DISK_SECTORS	64
#define DESC		0x1000
#define AVAIL		0x2000
#define USED		0x3000
#define HEADER		0x4000
#define DATA		0x5000
#define STATUS		0x6000
#define UNTOUCHED	0x55

struct rig {
	struct machine machine;
	struct virtio *virtio;
	char path[32];
	uint16_t avail;
};

static uint64_t get(struct rig *rig, uint64_t offset, unsigned int width)
{
	uint64_t value;

	assert_int_equal(device_access(&rig->machine, 0, offset, width, &value, 0), 0);
	return value;
}

static void set(struct rig *rig, uint64_t offset, uint64_t value)
{
	assert_int_equal(device_access(&rig->machine, 0, offset, 4, &value, 1), 0);
}

static void make_disk(struct rig *rig)
{
	char sector[SECTOR];
	int fd;

	strcpy(rig->path, "/tmp/vmm-unit.XXXXXX");
	fd = mkstemp(rig->path);
	assert_true(fd >= 0);
	for (int i = 0; i < DISK_SECTORS; i++) {
		memset(sector, i, sizeof(sector));
		assert_int_equal(write(fd, sector, sizeof(sector)), sizeof(sector));
	}
	close(fd);
}

static void start(struct rig *rig, bool readonly)
{
	struct drive drive = { .path = rig->path, .readonly = readonly };
	struct device *device;

	memset(&rig->machine, 0, sizeof(rig->machine));
	rig->avail = 0;
	assert_int_equal(memory_create(&rig->machine.memory, 2 << 20), 0);
	device = virtio_blk_create(&drive);
	assert_non_null(device);
	device->machine = &rig->machine;
	rig->machine.devices[0] = device;
	rig->machine.nr_devices = 1;
	rig->virtio = (struct virtio *)device;	/* its first member */
	assert_int_equal(device->ops->start(device), 0);
}

static void stop(struct rig *rig)
{
	rig->machine.devices[0]->ops->stop(rig->machine.devices[0]);
	memory_destroy(&rig->machine.memory);
	unlink(rig->path);
}

static void negotiate(struct rig *rig, uint32_t high)
{
	set(rig, VIRTIO_MMIO_STATUS, 0);
	set(rig, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	set(rig, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	set(rig, VIRTIO_MMIO_DRIVER_FEATURES, high);
	set(rig, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
		 VIRTIO_CONFIG_S_FEATURES_OK);
}

static void set_up(struct rig *rig)
{
	negotiate(rig, 1);
	set(rig, VIRTIO_MMIO_QUEUE_SEL, 0);
	set(rig, VIRTIO_MMIO_QUEUE_NUM, 8);
	set(rig, VIRTIO_MMIO_QUEUE_DESC_LOW, DESC);
	set(rig, VIRTIO_MMIO_QUEUE_AVAIL_LOW, AVAIL);
	set(rig, VIRTIO_MMIO_QUEUE_USED_LOW, USED);
	set(rig, VIRTIO_MMIO_QUEUE_READY, 1);
	set(rig, VIRTIO_MMIO_STATUS, get(rig, VIRTIO_MMIO_STATUS, 4) | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void *ram(struct rig *rig, uint64_t gpa)
{
	return memory_at(&rig->machine.memory, gpa, 1);
}

/* Waits for the device's interrupt, and acknowledges it. */
static void wait_interrupt(struct rig *rig)
{
	struct pollfd fd = { .fd = rig->virtio->irq, .events = POLLIN };
	uint64_t count;

	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_int_equal(read(rig->virtio->irq, &count, sizeof(count)), sizeof(count));
	assert_int_equal(get(rig, VIRTIO_MMIO_INTERRUPT_STATUS, 4), VIRTIO_MMIO_INT_VRING);
	set(rig, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	assert_int_equal(get(rig, VIRTIO_MMIO_INTERRUPT_STATUS, 4), 0);
}

/* One request with a data buffer. Return: the status byte. */
static uint8_t request(struct rig *rig, uint32_t type, uint64_t sector, uint32_t bytes)
{
	struct virtio_blk_outhdr *header = ram(rig, HEADER);
	struct vring_desc *desc = ram(rig, DESC);
	struct vring_avail *avail = ram(rig, AVAIL);
	uint16_t data_flags = type == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE;

	*header = (struct virtio_blk_outhdr) { .type = type, .sector = sector };
	*(uint8_t *)ram(rig, STATUS) = UNTOUCHED;
	desc[0] = (struct vring_desc) { HEADER, sizeof(*header), VRING_DESC_F_NEXT, 1 };
	desc[1] = (struct vring_desc) { DATA, bytes, data_flags | VRING_DESC_F_NEXT, 2 };
	desc[2] = (struct vring_desc) { STATUS, 1, VRING_DESC_F_WRITE, 0 };
	avail->ring[rig->avail % 8] = 0;
	__atomic_store_n(&avail->idx, ++rig->avail, __ATOMIC_RELEASE);
	set(rig, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	wait_interrupt(rig);
	assert_int_equal(((struct vring_used *)ram(rig, USED))->idx, rig->avail);
	return *(uint8_t *)ram(rig, STATUS);
}

static void says_what_it_is(void **state)
{
	struct rig rig;
	uint64_t value = 0;

	(void)state;
	make_disk(&rig);
	start(&rig, true);
	assert_int_equal(get(&rig, VIRTIO_MMIO_MAGIC_VALUE, 4), 0x74726976);
	assert_int_equal(get(&rig, VIRTIO_MMIO_VERSION, 4), 2);
	assert_int_equal(get(&rig, VIRTIO_MMIO_DEVICE_ID, 4), VIRTIO_ID_BLOCK);
	assert_int_equal(get(&rig, VIRTIO_MMIO_CONFIG, 4), DISK_SECTORS);
	assert_int_equal(get(&rig, VIRTIO_MMIO_CONFIG + 0xfff0, 4), 0);
	assert_true(get(&rig, VIRTIO_MMIO_DEVICE_FEATURES, 4) & 1 << VIRTIO_BLK_F_RO);
	set(&rig, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	assert_int_equal(get(&rig, VIRTIO_MMIO_DEVICE_FEATURES, 4), 1);
	set(&rig, VIRTIO_MMIO_QUEUE_SEL, 1);
	assert_int_equal(get(&rig, VIRTIO_MMIO_QUEUE_NUM_MAX, 4), 0);
	assert_int_equal(device_access(&rig.machine, 0, 0, 2, &value, 0), -EINVAL);
	assert_int_equal(device_access(&rig.machine, 0, 0, 3, &value, 0), -EINVAL);
	assert_int_equal(device_access(&rig.machine, 1, 0, 4, &value, 0), -ENODEV);
	assert_int_equal(device_access(&rig.machine, 0, VIRTIO_MMIO_CONFIG, 4, &value, 1), -EINVAL);
	assert_int_equal(device_doorbell(&rig.machine, 0, 7), -EINVAL);
	stop(&rig);
}

static void insists_on_version_1(void **state)
{
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	negotiate(&rig, 0);
	assert_false(get(&rig, VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_FEATURES_OK);
	negotiate(&rig, 3);	/* and nothing that was not offered */
	assert_false(get(&rig, VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_FEATURES_OK);
	negotiate(&rig, 1);
	assert_true(get(&rig, VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_FEATURES_OK);
	stop(&rig);
}

static void reads_and_writes(void **state)
{
	struct rig rig;
	uint8_t *data;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	set_up(&rig);
	data = ram(&rig, DATA);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_IN, 5, 2 * SECTOR), VIRTIO_BLK_S_OK);
	assert_int_equal(data[0], 5);
	assert_int_equal(data[2 * SECTOR - 1], 6);
	memset(data, 0xaa, SECTOR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_OUT, 9, SECTOR), VIRTIO_BLK_S_OK);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	memset(data, 0, SECTOR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_IN, 9, SECTOR), VIRTIO_BLK_S_OK);
	assert_int_equal(data[SECTOR - 1], 0xaa);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	assert_string_equal((char *)data, "pvrun");
	assert_int_equal(request(&rig, 99, 0, SECTOR), VIRTIO_BLK_S_UNSUPP);
	stop(&rig);
}

static void stays_on_the_disk(void **state)
{
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	set_up(&rig);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_IN, DISK_SECTORS, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_OUT, DISK_SECTORS - 1, 2 * SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_OUT, UINT64_MAX / SECTOR, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_OUT, UINT64_MAX, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_OUT, 0, SECTOR - 1), VIRTIO_BLK_S_IOERR);
	stop(&rig);
}

static void protects_what_is_readonly(void **state)
{
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, true);
	set_up(&rig);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_OUT, 1, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_IN, 1, SECTOR), VIRTIO_BLK_S_OK);
	assert_int_equal(*(uint8_t *)ram(&rig, DATA), 1);
	stop(&rig);
}

static void asks_for_a_reset(void **state)
{
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	set_up(&rig);
	((struct vring_avail *)ram(&rig, AVAIL))->idx = 1000;
	set(&rig, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	for (int i = 0; i < 1000; i++) {
		if (get(&rig, VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_NEEDS_RESET)
			break;
		usleep(10000);
	}
	assert_true(get(&rig, VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_NEEDS_RESET);
	memset(ram(&rig, AVAIL), 0, 4096);
	set_up(&rig);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_IN, 3, SECTOR), VIRTIO_BLK_S_OK);
	stop(&rig);
}

static void locks_its_file(void **state)
{
	struct drive drive;
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	drive = (struct drive) { .path = rig.path };
	assert_null(virtio_blk_create(&drive));
	drive.path = "/nowhere";
	assert_null(virtio_blk_create(&drive));
	stop(&rig);
}

int run_virtio_blk_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_is),
		cmocka_unit_test(insists_on_version_1),
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(stays_on_the_disk),
		cmocka_unit_test(protects_what_is_readonly),
		cmocka_unit_test(asks_for_a_reset),
		cmocka_unit_test(locks_its_file),
	};

	return cmocka_run_group_tests_name("virtio-blk", tests, NULL, NULL);
}
