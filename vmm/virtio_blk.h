/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio block devices (virtio 1.2, section 5.2).
 */
#ifndef PVRUN_VIRTIO_BLK_H
#define PVRUN_VIRTIO_BLK_H

#include "options.h"

struct device;

/**
 * virtio_blk_create() - open a disk
 * @drive: what the command line says
 * @number: of the disk, its identity if @drive gives it none
 *
 * Locks the file, so that no two guests write to it. Prints what is wrong.
 *
 * Return: the device, or NULL.
 */
struct device *virtio_blk_create(const struct drive *drive, unsigned int number);

#endif
