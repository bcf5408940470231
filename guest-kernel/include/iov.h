/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the bytes of a read or write go to or come from: segments of user memory, or one kernel
 * buffer (lib/iov.c).
 */
#ifndef _IOV_H
#define _IOV_H

#include <compiler.h>

struct iovec {
	void __user *base;
	size_t len;
};
struct iov_iter {
	bool kernel; /* @iov[0].base is a kernel address */
	const struct iovec *iov;
	size_t nr, off, count; /* segments left, offset in the first, bytes left */
	u32 rwf; /* RWF_* of preadv2(2) and pwritev2(2) */
};
#define RWF_HIPRI    0x01
#define RWF_DSYNC    0x02
#define RWF_SYNC     0x04
#define RWF_NOWAIT   0x08
#define RWF_APPEND   0x10
#define RWF_NOAPPEND 0x20
void iov_iter_kernel(struct iov_iter *it, struct iovec *one, void *buf, size_t n);
void iov_iter_user(struct iov_iter *it, struct iovec *one, void __user *buf, size_t n);
/* Bytes copied; less than @n only on a fault (then -EFAULT if it was 0 in all, by the caller). */
size_t copy_to_iter(const void *src, size_t n, struct iov_iter *it);
size_t copy_from_iter(void *dst, size_t n, struct iov_iter *it);

#endif
