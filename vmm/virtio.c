// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a virtio device, and its thread.
 */
#include "virtio.h"

#include <errno.h>
#include <linux/virtio_mmio.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "machine.h"

#define MAGIC		0x74726976	/* "virt" */
#define VERSION		2
#define VENDOR		0x4e495754	/* "TWIN" */

static struct virtio *virtio_of(struct device *device)
{
	return (struct virtio *)((char *)device - offsetof(struct virtio, device));
}

static void kick(struct virtio *virtio)
{
	uint64_t one = 1;

	if (write(virtio->kick, &one, sizeof(one)) < 0)
		return;	/* the counter is full: the thread will look anyway */
}

static void interrupt(struct virtio *virtio, unsigned int why)
{
	uint64_t one = 1;

	atomic_fetch_or(&virtio->interrupt, why);
	if (write(virtio->irq, &one, sizeof(one)) < 0)
		return;	/* the counter is full: the event is on its way */
}

static void reset(struct virtio *virtio)
{
	virtio->status = 0;
	virtio->features_sel = 0;
	virtio->driver_sel = 0;
	virtio->driver_features = 0;
	virtio->queue_sel = 0;
	memset(virtio->queues, 0, sizeof(virtio->queues));
	atomic_store(&virtio->interrupt, 0);
}

static int read_config(struct virtio *virtio, uint64_t offset, unsigned int width, uint64_t *value)
{
	if (offset > virtio->config_size || width > virtio->config_size - offset)
		return 0;
	memcpy(value, (const char *)virtio->config + offset, width);
	return 0;
}

static struct virtqueue *selected(struct virtio *virtio)
{
	return virtio->queue_sel < virtio->nr_queues ? virtio->queues + virtio->queue_sel : NULL;
}

static uint64_t read_register(struct virtio *virtio, uint64_t offset)
{
	struct virtqueue *queue = selected(virtio);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return virtio->device.entry.id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return virtio->features_sel > 1 ? 0 :
		       (uint32_t)(virtio->features >> (32 * virtio->features_sel));
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return queue ? VIRTIO_QUEUE_SIZE : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return queue ? queue->ready : 0;
	case VIRTIO_MMIO_STATUS:
		return virtio->status;
	default:
		return 0;
	}
}

static int virtio_read(struct device *device, uint64_t offset, unsigned int width, uint64_t *value)
{
	struct virtio *virtio = virtio_of(device);

	*value = 0;
	if (offset >= VIRTIO_MMIO_CONFIG)
		return read_config(virtio, offset - VIRTIO_MMIO_CONFIG, width, value);
	if (width != 4)
		return -EINVAL;
	if (offset == VIRTIO_MMIO_INTERRUPT_STATUS) {
		*value = atomic_load(&virtio->interrupt);
		return 0;
	}
	pthread_mutex_lock(&virtio->lock);
	*value = read_register(virtio, offset);
	pthread_mutex_unlock(&virtio->lock);
	return 0;
}

static void set_half(uint64_t *to, int high, uint32_t value)
{
	*to = high ? (uint32_t)*to | (uint64_t)value << 32 : (*to & ~0xffffffffULL) | value;
}

static void write_status(struct virtio *virtio, uint32_t value)
{
	if (!value) {
		reset(virtio);
		return;
	}
	/* The driver asked for something that was not on offer: it has not settled. */
	if ((virtio->driver_features & ~virtio->features) ||
	    !(virtio->driver_features & 1ULL << VIRTIO_F_VERSION_1))
		value &= ~(uint32_t)VIRTIO_CONFIG_S_FEATURES_OK;
	/* Nothing but a reset takes these back. */
	virtio->status = value | (virtio->status & (VIRTIO_CONFIG_S_FAILED |
						    VIRTIO_CONFIG_S_NEEDS_RESET));
}

static void write_queue(struct virtqueue *queue, uint64_t offset, uint32_t value)
{
	if (offset == VIRTIO_MMIO_QUEUE_READY) {
		queue->ready = value & 1 && queue->size;
		return;
	}
	if (queue->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		if (value && value <= VIRTIO_QUEUE_SIZE && !(value & (value - 1)))
			queue->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&queue->desc, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&queue->avail, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&queue->used, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
		break;
	}
}

static void write_register(struct virtio *virtio, uint64_t offset, uint32_t value)
{
	struct virtqueue *queue = selected(virtio);

	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		virtio->features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		virtio->driver_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		if (virtio->driver_sel < 2 && !(virtio->status & VIRTIO_CONFIG_S_FEATURES_OK))
			set_half(&virtio->driver_features, virtio->driver_sel, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		virtio->queue_sel = value;
		break;
	case VIRTIO_MMIO_STATUS:
		write_status(virtio, value);
		break;
	default:
		if (queue)
			write_queue(queue, offset, value);
	}
}

static int virtio_write(struct device *device, uint64_t offset, unsigned int width, uint64_t value)
{
	struct virtio *virtio = virtio_of(device);

	if (width != 4 || offset >= VIRTIO_MMIO_CONFIG)
		return -EINVAL;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		kick(virtio);
		return 0;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		atomic_fetch_and(&virtio->interrupt, ~(uint32_t)value);
		return 0;
	}
	pthread_mutex_lock(&virtio->lock);
	write_register(virtio, offset, value);
	pthread_mutex_unlock(&virtio->lock);
	return 0;
}

static int virtio_doorbell(struct device *device, uint64_t queue)
{
	struct virtio *virtio = virtio_of(device);

	if (queue >= virtio->nr_queues)
		return -EINVAL;
	kick(virtio);
	return 0;
}

static bool is_live(const struct virtio *virtio)
{
	const uint32_t wanted = VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FEATURES_OK;

	return (virtio->status & wanted) == wanted;
}

/* The driver has put nonsense into a queue. */
static void ask_for_reset(struct virtio *virtio)
{
	virtio->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	note("device %u: the guest's queue makes no sense; stopped until it is reset",
	     virtio->device.index);
	interrupt(virtio, VIRTIO_MMIO_INT_CONFIG);
}

/* Serves one request. Return: whether there was one. */
static int serve_one(struct virtio *virtio, struct virtqueue *queue, struct virtio_request *request,
		     int *wanted)
{
	const struct memory *memory = &virtio->device.machine->memory;
	int taken;

	/* The lock is dropped between requests, so that a reset need not wait long. */
	pthread_mutex_lock(&virtio->lock);
	taken = is_live(virtio) ? virtqueue_take(queue, memory, request) : 0;
	if (taken > 0)
		*wanted |= virtqueue_give(queue, memory, request,
					  virtio->ops->serve(virtio, request));
	if (taken < 0 || (taken && queue->broken))
		ask_for_reset(virtio);
	pthread_mutex_unlock(&virtio->lock);
	return taken > 0 && !atomic_load(&virtio->stopping);
}

void virtio_serve(struct virtio *virtio)
{
	struct virtio_request request;

	for (unsigned int i = 0; i < virtio->nr_queues; i++) {
		int wanted = 0;

		while (serve_one(virtio, virtio->queues + i, &request, &wanted))
			;
		if (wanted)
			interrupt(virtio, VIRTIO_MMIO_INT_VRING);
	}
}

static void virtio_main(void *arg)
{
	struct virtio *virtio = arg;
	uint64_t count;

	while (read(virtio->kick, &count, sizeof(count)) > 0 && !atomic_load(&virtio->stopping))
		virtio_serve(virtio);
}

static int virtio_start(struct device *device)
{
	struct virtio *virtio = virtio_of(device);

	virtio->kick = eventfd(0, EFD_CLOEXEC);
	virtio->irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (virtio->kick < 0 || virtio->irq < 0)
		return fail(errno, "no eventfd: %s", strerror(errno));
	return thread_start(&virtio->thread, "a device", SANDBOX_DEVICE, virtio_main, virtio);
}

static int virtio_bind(struct device *device)
{
	struct virtio *virtio = virtio_of(device);
	int vm = device->machine->vm, result;

	result = host_bind_event(vm, device->entry.vcpu, device->entry.event, virtio->irq);
	for (unsigned int i = 0; !result && i < virtio->nr_queues; i++)
		result = host_bind_doorbell(vm, device->index, i, virtio->kick);
	return result;
}

/* The request that is being served is finished first. */
static void virtio_reset(struct device *device)
{
	struct virtio *virtio = virtio_of(device);

	pthread_mutex_lock(&virtio->lock);
	reset(virtio);
	pthread_mutex_unlock(&virtio->lock);
}

static void virtio_stop(struct device *device)
{
	struct virtio *virtio = virtio_of(device);

	atomic_store(&virtio->stopping, true);
	kick(virtio);
	thread_join(&virtio->thread);
	close(virtio->kick);
	close(virtio->irq);
	virtio->ops->destroy(virtio);
}

const struct device_ops virtio_device_ops = {
	.read = virtio_read,
	.write = virtio_write,
	.doorbell = virtio_doorbell,
	.start = virtio_start,
	.bind = virtio_bind,
	.reset = virtio_reset,
	.stop = virtio_stop,
};

void virtio_init(struct virtio *virtio, uint32_t type)
{
	virtio->device.ops = &virtio_device_ops;
	virtio->device.entry.type = PV_DEV_VIRTIO;
	virtio->device.entry.id = type;
	virtio->features |= 1ULL << VIRTIO_F_VERSION_1;
	pthread_mutex_init(&virtio->lock, NULL);
}
