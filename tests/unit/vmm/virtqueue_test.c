// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtqueue.c: rings as a driver writes them, and as an enemy does.
 */
#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "virtio.h"
#include "vmm_unit.h"

#define SIZE	8
#define DESC	0x1000
#define AVAIL	0x2000
#define USED	0x3000
#define BUFFER	0x4000

struct ring {
	struct memory memory;
	struct virtqueue queue;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
};

static void make(struct ring *ring)
{
	assert_int_equal(memory_create(&ring->memory, 2 << 20), 0);
	ring->queue = (struct virtqueue) {
		.size = SIZE, .ready = 1, .desc = DESC, .avail = AVAIL, .used = USED,
	};
	ring->desc = memory_at(&ring->memory, DESC, 4096);
	ring->avail = memory_at(&ring->memory, AVAIL, 4096);
	ring->used = memory_at(&ring->memory, USED, 4096);
}

static void offer(struct ring *ring, uint16_t head)
{
	ring->avail->ring[ring->avail->idx++ % SIZE] = head;
}

static void takes_a_chain(void **state)
{
	struct virtio_request request;
	struct ring ring;

	(void)state;
	make(&ring);
	ring.desc[3] = (struct vring_desc) { BUFFER, 16, VRING_DESC_F_NEXT, 5 };
	ring.desc[5] = (struct vring_desc) { BUFFER + 16, 512, VRING_DESC_F_WRITE, 0 };
	assert_int_equal(virtqueue_take(&ring.queue, &ring.memory, &request), 0);
	offer(&ring, 3);
	assert_int_equal(virtqueue_take(&ring.queue, &ring.memory, &request), 1);
	assert_int_equal(request.head, 3);
	assert_int_equal(request.nr_out, 1);
	assert_int_equal(request.nr_in, 1);
	assert_ptr_equal(request.in[0].iov_base, ring.memory.base + BUFFER + 16);
	assert_int_equal(virtqueue_give(&ring.queue, &ring.memory, &request, 7), 1);
	assert_int_equal(ring.used->idx, 1);
	assert_int_equal(ring.used->ring[0].id, 3);
	assert_int_equal(ring.used->ring[0].len, 7);
	assert_int_equal(virtqueue_take(&ring.queue, &ring.memory, &request), 0);
	memory_destroy(&ring.memory);
}

static void goes_round(void **state)
{
	struct virtio_request request;
	struct ring ring;

	(void)state;
	make(&ring);
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, 0, 0 };
	ring.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	for (int i = 0; i < 70000; i++) {	/* beyond the 16 bits of the index */
		offer(&ring, 0);
		assert_int_equal(virtqueue_take(&ring.queue, &ring.memory, &request), 1);
		assert_int_equal(virtqueue_give(&ring.queue, &ring.memory, &request, 0), 0);
	}
	assert_int_equal(ring.used->idx, (uint16_t)70000);
	memory_destroy(&ring.memory);
}

/* Offers descriptor 0 with the ring spoilt by the caller: it must break, once and for all. */
static void breaks(struct ring *ring)
{
	struct virtio_request request;

	offer(ring, 0);
	assert_int_equal(virtqueue_take(&ring->queue, &ring->memory, &request), -EIO);
	assert_true(ring->queue.broken);
	assert_int_equal(virtqueue_take(&ring->queue, &ring->memory, &request), 0);
	memory_destroy(&ring->memory);
}

static void survives_an_enemy(void **state)
{
	struct ring ring;

	(void)state;
	make(&ring);	/* a circle */
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, VRING_DESC_F_NEXT, 0 };
	breaks(&ring);
	make(&ring);	/* a buffer outside memory */
	ring.desc[0] = (struct vring_desc) { UINT64_MAX - 8, 16, 0, 0 };
	breaks(&ring);
	make(&ring);	/* a descriptor outside the table */
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, VRING_DESC_F_NEXT, SIZE };
	breaks(&ring);
	make(&ring);	/* an unknown kind */
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, VRING_DESC_F_INDIRECT, 0 };
	breaks(&ring);
	make(&ring);	/* readable behind writable */
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1 };
	ring.desc[1] = (struct vring_desc) { BUFFER, 16, 0, 0 };
	breaks(&ring);
	make(&ring);	/* more requests than there are entries */
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, 0, 0 };
	ring.avail->idx = SIZE;
	breaks(&ring);
	make(&ring);	/* rings outside memory */
	ring.queue.avail = UINT64_MAX - 1;
	breaks(&ring);
	make(&ring);
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, 0, 0 };
	ring.queue.desc = (2 << 20) - 16;
	breaks(&ring);
}

static void survives_a_lost_used_ring(void **state)
{
	struct virtio_request request;
	struct ring ring;

	(void)state;
	make(&ring);
	ring.desc[0] = (struct vring_desc) { BUFFER, 16, 0, 0 };
	offer(&ring, 0);
	assert_int_equal(virtqueue_take(&ring.queue, &ring.memory, &request), 1);
	ring.queue.used = UINT64_MAX - 3;
	assert_int_equal(virtqueue_give(&ring.queue, &ring.memory, &request, 0), 0);
	assert_true(ring.queue.broken);
	memory_destroy(&ring.memory);
}

int run_virtqueue_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_chain),
		cmocka_unit_test(goes_round),
		cmocka_unit_test(survives_an_enemy),
		cmocka_unit_test(survives_a_lost_used_ring),
	};

	return cmocka_run_group_tests_name("virtqueue", tests, NULL, NULL);
}
