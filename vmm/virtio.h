/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio devices behind the register layout of virtio-mmio, version 2
 * (virtio 1.2, section 4.2.2). A device has one thread, which serves its queues.
 */
#ifndef PVRUN_VIRTIO_H
#define PVRUN_VIRTIO_H

#include <linux/virtio_config.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/uio.h>

#include "device.h"
#include "memory.h"
#include "thread.h"

#define VIRTIO_MAX_QUEUES	4	/* a vsock has three, a network card with control queue too */
#define VIRTIO_QUEUE_SIZE	256
#define VIRTIO_MAX_PIECES	130	/* 128 pieces of data, a header, a status */

struct virtio;

/**
 * struct virtqueue - a split virtqueue (virtio 1.2, section 2.7)
 * @size: entries, a power of two
 * @ready: the driver has finished setting it up
 * @broken: the driver has put nonsense into it; it stays so until a reset
 * @desc: gpa of the descriptor table
 * @avail: gpa of the driver's ring
 * @used: gpa of the device's ring
 * @next_avail: next entry of @avail to take
 * @next_used: next entry of @used to fill
 *
 * All guarded by the device's lock.
 */
struct virtqueue {
	uint32_t size;
	uint32_t ready;
	int broken;
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	uint16_t next_avail;
	uint16_t next_used;
};

/**
 * struct virtio_request - a descriptor chain
 * @head: its first descriptor
 * @out: pieces that the device reads
 * @nr_out: number of them
 * @in: pieces that the device writes
 * @nr_in: number of them
 *
 * The pieces are guest memory: their contents may change at any time.
 */
struct virtio_request {
	uint16_t head;
	struct iovec out[VIRTIO_MAX_PIECES];
	unsigned int nr_out;
	struct iovec in[VIRTIO_MAX_PIECES];
	unsigned int nr_in;
};

/**
 * struct virtio_ops - what a type of device does
 * @serve: carry out one request. Return: bytes written to @in.
 *	Context: the device's thread, with the device's lock held
 * @destroy: free the device. Context: nothing uses it any more
 */
struct virtio_ops {
	uint32_t (*serve)(struct virtio *virtio, struct virtio_request *request);
	void (*destroy)(struct virtio *virtio);
};

/**
 * struct virtio - the part that all types share
 * @device: as the machine sees it
 * @ops: what this type does
 * @features: offered
 * @config: its configuration space, read-only for the driver
 * @config_size: bytes of @config
 * @nr_queues: used entries of @queues
 * @kick: eventfd: look at the queues
 * @irq: eventfd bound to the device's event
 * @thread: serves the queues
 * @stopping: set to make the thread end
 * @interrupt: InterruptStatus
 * @lock: guards the fields below
 * @status: device status
 * @features_sel: DeviceFeaturesSel
 * @driver_sel: DriverFeaturesSel
 * @driver_features: accepted by the driver
 * @queue_sel: QueueSel
 * @queues: the queues
 */
struct virtio {
	struct device device;
	const struct virtio_ops *ops;
	uint64_t features;
	const void *config;
	uint32_t config_size;
	unsigned int nr_queues;
	int kick;
	int irq;
	struct thread thread;
	atomic_bool stopping;
	atomic_uint interrupt;
	pthread_mutex_t lock;
	uint32_t status;
	uint32_t features_sel;
	uint32_t driver_sel;
	uint64_t driver_features;
	uint32_t queue_sel;
	struct virtqueue queues[VIRTIO_MAX_QUEUES];
};

extern const struct device_ops virtio_device_ops;

/**
 * virtio_init() - make the common part of a device
 * @virtio: zero; @config, @config_size, @features, @nr_queues and @ops may be set before or after
 * @type: virtio device type (virtio 1.2, section 5)
 */
void virtio_init(struct virtio *virtio, uint32_t type);

/**
 * virtio_serve() - serve all that is in the queues
 * @virtio: the device
 *
 * Context: one thread at a time: the device's, once it is started.
 */
void virtio_serve(struct virtio *virtio);

/**
 * virtqueue_take() - take the next request of a queue
 * @queue: of the device
 * @memory: guest RAM
 * @request: result
 *
 * Context: the device's lock is held.
 *
 * Return: 1, 0 if there is none, or -EIO after marking the queue as broken.
 */
int virtqueue_take(struct virtqueue *queue, const struct memory *memory,
		   struct virtio_request *request);

/**
 * virtqueue_give() - hand a request back
 * @queue: of the device
 * @memory: guest RAM
 * @request: taken by virtqueue_take()
 * @written: bytes written to @request->in
 *
 * Context: the device's lock is held.
 *
 * Return: 1 if the driver wants an interrupt, else 0.
 */
int virtqueue_give(struct virtqueue *queue, const struct memory *memory,
		   const struct virtio_request *request, uint32_t written);

#endif
