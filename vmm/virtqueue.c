// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split virtqueues, the device's side. The rings are the guest's memory: what is
 * read from them is read once, checked, and never believed again.
 */
#include <errno.h>
#include <linux/virtio_ring.h>
#include <stddef.h>

#include "virtio.h"

#define LOAD16(at)		__atomic_load_n((uint16_t *)(at), __ATOMIC_ACQUIRE)
#define STORE16(at, value)	__atomic_store_n((uint16_t *)(at), (value), __ATOMIC_RELEASE)

static int broken(struct virtqueue *queue)
{
	queue->broken = 1;
	return -EIO;
}

/* A copy of one descriptor. Return: 0, or -EIO if the table is not all RAM. */
static int read_desc(const struct virtqueue *queue, const struct memory *memory, uint16_t index,
		     struct vring_desc *copy)
{
	const volatile struct vring_desc *desc;

	desc = memory_at(memory, queue->desc, queue->size * sizeof(*desc));
	if (!desc || index >= queue->size)
		return -EIO;
	copy->addr = desc[index].addr;
	copy->len = desc[index].len;
	copy->flags = desc[index].flags;
	copy->next = desc[index].next;
	return 0;
}

static int add_piece(struct virtio_request *request, const struct memory *memory,
		     const struct vring_desc *desc)
{
	struct iovec piece = {
		.iov_base = memory_at(memory, desc->addr, desc->len),
		.iov_len = desc->len,
	};

	if (!piece.iov_base || (desc->flags & VRING_DESC_F_INDIRECT))
		return -EIO;
	if (desc->flags & VRING_DESC_F_WRITE) {
		if (request->nr_in == VIRTIO_MAX_PIECES)
			return -EIO;
		request->in[request->nr_in++] = piece;
	} else {
		if (request->nr_out == VIRTIO_MAX_PIECES || request->nr_in)
			return -EIO;
		request->out[request->nr_out++] = piece;
	}
	return 0;
}

static int walk(const struct virtqueue *queue, const struct memory *memory,
		struct virtio_request *request)
{
	uint16_t index = request->head;
	struct vring_desc desc;

	/* At most as many steps as there are descriptors: chains may be circles. */
	for (uint32_t i = 0; i < queue->size; i++) {
		if (read_desc(queue, memory, index, &desc) || add_piece(request, memory, &desc))
			return -EIO;
		if (!(desc.flags & VRING_DESC_F_NEXT))
			return 0;
		index = desc.next;
	}
	return -EIO;
}

int virtqueue_take(struct virtqueue *queue, const struct memory *memory,
		   struct virtio_request *request)
{
	struct vring_avail *avail;
	uint16_t waiting;

	if (!queue->ready || queue->broken)
		return 0;
	avail = memory_at(memory, queue->avail, sizeof(*avail) + queue->size * sizeof(uint16_t));
	if (!avail || (queue->avail & 1))
		return broken(queue);
	waiting = LOAD16(&avail->idx) - queue->next_avail;
	if (!waiting)
		return 0;
	if (waiting > queue->size)
		return broken(queue);
	request->head = LOAD16(&avail->ring[queue->next_avail % queue->size]);
	request->nr_out = 0;
	request->nr_in = 0;
	if (walk(queue, memory, request))
		return broken(queue);
	queue->next_avail++;
	return 1;
}

int virtqueue_give(struct virtqueue *queue, const struct memory *memory,
		   const struct virtio_request *request, uint32_t written)
{
	uint64_t bytes = sizeof(struct vring_used) + queue->size * sizeof(struct vring_used_elem);
	struct vring_used *used = memory_at(memory, queue->used, bytes);
	struct vring_avail *avail = memory_at(memory, queue->avail, sizeof(*avail));
	volatile struct vring_used_elem *element;

	if (!used || !avail || (queue->used & 3)) {
		broken(queue);
		return 0;
	}
	element = &used->ring[queue->next_used % queue->size];
	element->id = request->head;
	element->len = written;
	STORE16(&used->idx, ++queue->next_used);
	/* The index must be visible before the flag is read (virtio 1.2, 2.7.7.2). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(LOAD16(&avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
}
