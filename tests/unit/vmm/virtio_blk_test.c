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

static const struct options options;	/* no sandbox: the sanitizers need more */

struct rig {
	struct machine machine;
	struct virtio *virtio;
	char path[32];
	const char *serial;
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

	rig->serial = NULL;
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
	struct drive drive = { .path = rig->path, .readonly = readonly, .serial = rig->serial };
	struct device *device;

	memset(&rig->machine, 0, sizeof(rig->machine));
	rig->machine.options = &options;
	rig->avail = 0;
	assert_int_equal(memory_create(&rig->machine.memory, 2 << 20), 0);
	device = virtio_blk_create(&drive, 3);
	assert_non_null(device);
	device->machine = &rig->machine;
	rig->machine.devices[0] = device;
	rig->machine.nr_devices = 1;
	rig->virtio = (struct virtio *)device;	/* its first member */
	assert_int_equal(device->ops->start(device), 0);
	assert_int_equal(device->ops->bind(device), 0);
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

/* Waits for the device's interrupt, for this reason, and acknowledges it. */
static void wait_interrupt(struct rig *rig, uint32_t why)
{
	struct pollfd fd = { .fd = rig->virtio->irq, .events = POLLIN };
	uint64_t count;

	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_int_equal(read(rig->virtio->irq, &count, sizeof(count)), sizeof(count));
	assert_int_equal(get(rig, VIRTIO_MMIO_INTERRUPT_STATUS, 4), why);
	set(rig, VIRTIO_MMIO_INTERRUPT_ACK, why);
	assert_int_equal(get(rig, VIRTIO_MMIO_INTERRUPT_STATUS, 4), 0);
}

/* One request with a data buffer. Return: the status byte. */
static uint8_t request(struct rig *rig, uint32_t type, uint64_t sector, uint32_t bytes)
{
	struct virtio_blk_outhdr *header = ram(rig, HEADER);
	struct vring_desc *desc = ram(rig, DESC);
	struct vring_avail *avail = ram(rig, AVAIL);
	bool to_driver = type != VIRTIO_BLK_T_OUT && type != VIRTIO_BLK_T_DISCARD &&
			 type != VIRTIO_BLK_T_WRITE_ZEROES;
	uint16_t data_flags = to_driver ? VRING_DESC_F_WRITE : 0;

	*header = (struct virtio_blk_outhdr) { .type = type, .sector = sector };
	*(uint8_t *)ram(rig, STATUS) = UNTOUCHED;
	desc[0] = (struct vring_desc) { HEADER, sizeof(*header), VRING_DESC_F_NEXT, 1 };
	desc[1] = (struct vring_desc) { DATA, bytes, data_flags | VRING_DESC_F_NEXT, 2 };
	desc[2] = (struct vring_desc) { STATUS, 1, VRING_DESC_F_WRITE, 0 };
	avail->ring[rig->avail % 8] = 0;
	__atomic_store_n(&avail->idx, ++rig->avail, __ATOMIC_RELEASE);
	set(rig, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	wait_interrupt(rig, VIRTIO_MMIO_INT_VRING);
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
	assert_string_equal((char *)data, "pvrun-3");
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

/* One discard, or request to zero, of one range. Return: the status byte. */
static uint8_t clear(struct rig *rig, uint32_t type, uint64_t sector, uint32_t sectors, uint32_t flags)
{
	*(struct virtio_blk_discard_write_zeroes *)ram(rig, DATA) =
		(struct virtio_blk_discard_write_zeroes) {
			.sector = sector, .num_sectors = sectors, .flags = flags,
		};
	return request(rig, type, 0, sizeof(struct virtio_blk_discard_write_zeroes));
}

static int first_byte(struct rig *rig, uint64_t sector)
{
	assert_int_equal(request(rig, VIRTIO_BLK_T_IN, sector, SECTOR), VIRTIO_BLK_S_OK);
	return *(uint8_t *)ram(rig, DATA);
}

static void discards_and_zeroes(void **state)
{
	const uint32_t unmap = VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	set_up(&rig);
	assert_true(get(&rig, VIRTIO_MMIO_CONFIG + offsetof(struct virtio_blk_config, max_discard_seg), 4));
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_WRITE_ZEROES, 10, 2, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_WRITE_ZEROES, 20, 1, unmap), VIRTIO_BLK_S_OK);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_DISCARD, 30, 8, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(first_byte(&rig, 9), 9);
	assert_int_equal(first_byte(&rig, 10), 0);
	assert_int_equal(first_byte(&rig, 11), 0);
	assert_int_equal(first_byte(&rig, 12), 12);
	assert_int_equal(first_byte(&rig, 20), 0);
	assert_int_equal(first_byte(&rig, 38), 38);
	stop(&rig);
}

static void refuses_odd_ranges(void **state)
{
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	set_up(&rig);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_DISCARD, DISK_SECTORS, 1, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_DISCARD, 1, DISK_SECTORS, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_DISCARD, UINT64_MAX, 2, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_DISCARD, 0, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_DISCARD, 0, 1, 1), VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 2), VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(clear(&rig, VIRTIO_BLK_T_WRITE_ZEROES, 0, UINT32_MAX, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_DISCARD, 0, 15), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_DISCARD, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_DISCARD, 0, 17 * 16), VIRTIO_BLK_S_IOERR);
	for (uint64_t i = 0; i < DISK_SECTORS; i++)
		assert_int_equal(first_byte(&rig, i), i);
	stop(&rig);
}

static void has_the_identity_it_is_given(void **state)
{
	struct rig rig;

	(void)state;
	make_disk(&rig);
	rig.serial = "01234567890123456789";	/* no room for a NUL */
	start(&rig, false);
	set_up(&rig);
	memset(ram(&rig, DATA), '!', SECTOR);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(&rig, DATA), "01234567890123456789!", 21);
	assert_int_equal(request(&rig, VIRTIO_BLK_T_GET_ID, 0, 19), VIRTIO_BLK_S_IOERR);
	stop(&rig);
}

/* A driver that has not agreed on features has no queue. */
static void serves_nobody_without_features(void **state)
{
	struct vring_avail *avail;
	struct rig rig;

	(void)state;
	make_disk(&rig);
	start(&rig, false);
	set_up(&rig);
	set(&rig, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);	/* but not FEATURES_OK */
	avail = ram(&rig, AVAIL);
	avail->idx = 1000;	/* nonsense, which it would complain of */
	set(&rig, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	usleep(50000);
	assert_int_equal(get(&rig, VIRTIO_MMIO_STATUS, 4), VIRTIO_CONFIG_S_DRIVER_OK);
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
	wait_interrupt(&rig, VIRTIO_MMIO_INT_CONFIG);
	assert_true(get(&rig, VIRTIO_MMIO_STATUS, 4) & VIRTIO_CONFIG_S_NEEDS_RESET);
	/* A driver cannot deny it. */
	set(&rig, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);
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
	assert_null(virtio_blk_create(&drive, 0));
	drive.path = "/nowhere";
	assert_null(virtio_blk_create(&drive, 0));
	drive.path = "/";
	assert_null(virtio_blk_create(&drive, 0));
	drive.path = "/dev/null";
	assert_null(virtio_blk_create(&drive, 0));
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
		cmocka_unit_test(discards_and_zeroes),
		cmocka_unit_test(refuses_odd_ranges),
		cmocka_unit_test(has_the_identity_it_is_given),
		cmocka_unit_test(serves_nobody_without_features),
		cmocka_unit_test(asks_for_a_reset),
		cmocka_unit_test(locks_its_file),
	};

	return cmocka_run_group_tests_name("virtio-blk", tests, NULL, NULL);
}
