// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks: raw files and block devices, read and written on the device's thread.
 */
#include "virtio_blk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "virtio.h"

#define SECTOR		512
#define ID_BYTES	VIRTIO_BLK_ID_BYTES
#define MAX_RANGES	16			/* of a discard */
#define MAX_RANGE	(1U << 22)		/* sectors: 2 GiB */

_Static_assert(ID_BYTES == OPTIONS_MAX_SERIAL, "-drive serial=");

/**
 * struct disk - a disk; constant once made
 * @virtio: the common part
 * @fd: file
 * @bytes: its size, whole sectors
 * @readonly: writes fail
 * @id: NUL-terminated unless it is full
 * @config: configuration space
 */
struct disk {
	struct virtio virtio;
	int fd;
	uint64_t bytes;
	bool readonly;
	char id[ID_BYTES];
	struct virtio_blk_config config;
};

static uint64_t bytes_in(const struct iovec *pieces, unsigned int n)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += pieces[i].iov_len;
	return sum;
}

/* Moves bytes from the front of the pieces to a buffer. Return: whether there were enough. */
static bool take_front(struct iovec *pieces, unsigned int n, void *buffer, size_t bytes)
{
	char *to = buffer;

	for (unsigned int i = 0; i < n && bytes; i++) {
		size_t part = pieces[i].iov_len < bytes ? pieces[i].iov_len : bytes;

		memcpy(to, pieces[i].iov_base, part);
		pieces[i].iov_base = (char *)pieces[i].iov_base + part;
		pieces[i].iov_len -= part;
		to += part;
		bytes -= part;
	}
	return !bytes;
}

/* Cuts the last byte off the pieces. Return: where it is, or NULL. */
static uint8_t *take_last(struct iovec *pieces, unsigned int n)
{
	while (n--)
		if (pieces[n].iov_len)
			return (uint8_t *)pieces[n].iov_base + --pieces[n].iov_len;
	return NULL;
}

static int transfer(struct disk *disk, struct iovec *pieces, unsigned int n, uint64_t at, bool write)
{
	for (unsigned int i = 0; i < n;) {
		ssize_t done = write ? pwrite(disk->fd, pieces[i].iov_base, pieces[i].iov_len, at) :
				       pread(disk->fd, pieces[i].iov_base, pieces[i].iov_len, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 || (!done && pieces[i].iov_len))
			return VIRTIO_BLK_S_IOERR;
		at += done;
		pieces[i].iov_base = (char *)pieces[i].iov_base + done;
		pieces[i].iov_len -= done;
		if (!pieces[i].iov_len)
			i++;
	}
	return VIRTIO_BLK_S_OK;
}

static int read_write(struct disk *disk, struct iovec *pieces, unsigned int n, uint64_t sector,
		      bool write)
{
	uint64_t bytes = bytes_in(pieces, n);

	if (bytes % SECTOR || sector > disk->bytes / SECTOR ||
	    bytes > disk->bytes - sector * SECTOR || (write && disk->readonly))
		return VIRTIO_BLK_S_IOERR;
	return transfer(disk, pieces, n, sector * SECTOR, write);
}

static int give_id(const struct disk *disk, struct iovec *pieces, unsigned int n)
{
	if (!n || pieces[0].iov_len < ID_BYTES)
		return VIRTIO_BLK_S_IOERR;
	memcpy(pieces[0].iov_base, disk->id, ID_BYTES);
	return VIRTIO_BLK_S_OK;
}

static bool is_range(const struct disk *disk, const struct virtio_blk_discard_write_zeroes *range)
{
	return range->num_sectors && range->num_sectors <= MAX_RANGE &&
	       range->sector <= disk->bytes / SECTOR &&
	       range->num_sectors <= disk->bytes / SECTOR - range->sector;
}

/* Takes room away (it reads as zero then), or zeroes it and keeps it. */
static int clear(struct disk *disk, const struct virtio_blk_discard_write_zeroes *range, bool unmap)
{
	int mode = FALLOC_FL_KEEP_SIZE | (unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);

	if (!fallocate(disk->fd, mode, range->sector * SECTOR, (off_t)range->num_sectors * SECTOR))
		return VIRTIO_BLK_S_OK;
	return errno == EOPNOTSUPP ? VIRTIO_BLK_S_UNSUPP : VIRTIO_BLK_S_IOERR;
}

/* Where the file cannot be zeroed any other way. */
static int write_zeroes(struct disk *disk, const struct virtio_blk_discard_write_zeroes *range)
{
	static const char zeroes[64 * 1024];
	uint64_t at = range->sector * SECTOR, left = (uint64_t)range->num_sectors * SECTOR;

	while (left) {
		size_t n = left < sizeof(zeroes) ? left : sizeof(zeroes);
		ssize_t done = pwrite(disk->fd, zeroes, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return VIRTIO_BLK_S_IOERR;
		at += done;
		left -= done;
	}
	return VIRTIO_BLK_S_OK;
}

static int clear_range(struct disk *disk, const struct virtio_blk_discard_write_zeroes *range,
		       bool discard)
{
	uint32_t unmap = VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
	int result;

	if (range->flags & ~(discard ? 0 : unmap))
		return VIRTIO_BLK_S_UNSUPP;
	if (!is_range(disk, range))
		return VIRTIO_BLK_S_IOERR;
	result = clear(disk, range, discard || (range->flags & unmap));
	if (result != VIRTIO_BLK_S_UNSUPP)
		return result;
	return discard ? VIRTIO_BLK_S_OK : write_zeroes(disk, range);	/* a discard is a hint */
}

static int clear_ranges(struct disk *disk, struct iovec *pieces, unsigned int n, bool discard)
{
	struct virtio_blk_discard_write_zeroes ranges[MAX_RANGES];
	uint64_t bytes = bytes_in(pieces, n);
	int result = VIRTIO_BLK_S_OK;

	if (disk->readonly || !bytes || bytes % sizeof(ranges[0]) || bytes > sizeof(ranges))
		return VIRTIO_BLK_S_IOERR;
	/* A copy: what has been checked must not change. */
	take_front(pieces, n, ranges, bytes);
	for (size_t i = 0; i < bytes / sizeof(ranges[0]) && result == VIRTIO_BLK_S_OK; i++)
		result = clear_range(disk, ranges + i, discard);
	return result;
}

static int carry_out(struct disk *disk, struct virtio_request *request,
		     const struct virtio_blk_outhdr *header)
{
	switch (header->type) {
	case VIRTIO_BLK_T_IN:
		return read_write(disk, request->in, request->nr_in, header->sector, false);
	case VIRTIO_BLK_T_OUT:
		return read_write(disk, request->out, request->nr_out, header->sector, true);
	case VIRTIO_BLK_T_FLUSH:
		return fdatasync(disk->fd) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		return give_id(disk, request->in, request->nr_in);
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		return clear_ranges(disk, request->out, request->nr_out,
				    header->type == VIRTIO_BLK_T_DISCARD);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

static uint32_t serve(struct virtio *virtio, struct virtio_request *request)
{
	struct disk *disk = (struct disk *)((char *)virtio - offsetof(struct disk, virtio));
	uint8_t *status = take_last(request->in, request->nr_in);
	uint32_t bytes = bytes_in(request->in, request->nr_in);
	struct virtio_blk_outhdr header;

	if (!status)
		return 0;	/* nowhere to say that the request makes no sense */
	if (!take_front(request->out, request->nr_out, &header, sizeof(header))) {
		*status = VIRTIO_BLK_S_IOERR;
		return 1;
	}
	*status = carry_out(disk, request, &header);
	return *status == VIRTIO_BLK_S_OK ? bytes + 1 : 1;
}

static void destroy(struct virtio *virtio)
{
	struct disk *disk = (struct disk *)((char *)virtio - offsetof(struct disk, virtio));

	if (!disk->readonly)
		fdatasync(disk->fd);
	close(disk->fd);
	free(disk);
}

static const struct virtio_ops disk_ops = {
	.serve = serve,
	.destroy = destroy,
};

static int size_of(int fd, uint64_t *bytes)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return -errno;
	*bytes = stat.st_size;
	if (S_ISBLK(stat.st_mode) && ioctl(fd, BLKGETSIZE64, bytes))
		return -errno;
	return S_ISBLK(stat.st_mode) || S_ISREG(stat.st_mode) ? 0 : -EINVAL;
}

static int open_disk(struct disk *disk, const struct drive *drive)
{
	struct flock lock = {
		.l_type = drive->readonly ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
	};
	int result;

	disk->readonly = drive->readonly;
	disk->fd = open(drive->path, (drive->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (disk->fd < 0)
		return fail(errno, "drive %s: %s", drive->path, strerror(errno));
	result = size_of(disk->fd, &disk->bytes);
	if (result == -EINVAL)
		fail(result, "drive %s: neither a regular file nor a block device", drive->path);
	else if (result)
		fail(result, "drive %s: %s", drive->path, strerror(-result));
	else if (disk->bytes < SECTOR)
		result = fail(EINVAL, "drive %s: it is empty", drive->path);
	else if (fcntl(disk->fd, F_OFD_SETLK, &lock) && (errno == EAGAIN || errno == EACCES))
		result = fail(errno, "drive %s: another guest uses it", drive->path);
	if (result)
		close(disk->fd);
	return result;
}

/* What the driver may ask for. */
static void set_features(struct disk *disk)
{
	disk->config.capacity = disk->bytes / SECTOR;
	disk->config.seg_max = VIRTIO_MAX_PIECES - 2;
	disk->virtio.features = 1ULL << VIRTIO_BLK_F_SEG_MAX | 1ULL << VIRTIO_BLK_F_FLUSH;
	if (disk->readonly) {
		disk->virtio.features |= 1ULL << VIRTIO_BLK_F_RO;
		return;
	}
	disk->virtio.features |= 1ULL << VIRTIO_BLK_F_DISCARD | 1ULL << VIRTIO_BLK_F_WRITE_ZEROES;
	disk->config.max_discard_sectors = MAX_RANGE;
	disk->config.max_discard_seg = MAX_RANGES;
	disk->config.discard_sector_alignment = 1;
	disk->config.max_write_zeroes_sectors = MAX_RANGE;
	disk->config.max_write_zeroes_seg = MAX_RANGES;
	disk->config.write_zeroes_may_unmap = 1;
}

static void set_id(struct disk *disk, const char *serial, unsigned int number)
{
	char text[ID_BYTES + 1];

	snprintf(text, sizeof(text), "pvrun-%u", number);
	memcpy(disk->id, serial ? serial : text, strnlen(serial ? serial : text, ID_BYTES));
}

struct device *virtio_blk_create(const struct drive *drive, unsigned int number)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (!disk || open_disk(disk, drive)) {
		free(disk);
		return NULL;
	}
	disk->bytes -= disk->bytes % SECTOR;
	set_features(disk);
	set_id(disk, drive->serial, number);
	disk->virtio.ops = &disk_ops;
	disk->virtio.config = &disk->config;
	disk->virtio.config_size = sizeof(disk->config);
	disk->virtio.nr_queues = 1;
	virtio_init(&disk->virtio, VIRTIO_ID_BLOCK);
	return &disk->virtio.device;
}
