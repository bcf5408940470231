/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the bytes of fuzz_virtio's input mean, for it and for its seed.
 */
#ifndef FUZZ_VIRTIO_H
#define FUZZ_VIRTIO_H

/* Where a right queue lies. */
#define FUZZ_DESC	0x1000
#define FUZZ_AVAIL	0x2000
#define FUZZ_USED	0x3000
#define FUZZ_HEADER	0x4000
#define FUZZ_DATA	0x5000
#define FUZZ_STATUS	0x8000

/* The first byte of a step; any other one is the device's turn. Operands are little-endian. */
enum {
	FUZZ_SET_UP,	/* log2 of the size */
	FUZZ_STORE,	/* address (2), value (8) */
	FUZZ_DESCRIBE,	/* index, address (4), length (4), flags, next */
	FUZZ_OFFER,	/* head */
	FUZZ_WRITE,	/* register / 4, value (4) */
	FUZZ_ACCESS,	/* device, offset (2), width, write, value (8) */
	FUZZ_SERVE,
};

#endif
