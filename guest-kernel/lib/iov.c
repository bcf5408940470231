// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the bytes of a read or write go to or come from: segments of user memory, or one kernel
 * buffer.
 */
#include <iov.h>
#include <string.h>
#include <uaccess.h>

static void iov_iter_one(struct iov_iter *it, struct iovec *one, void __user *buf, size_t n,
			 bool kernel)
{
	one->base = buf;
	one->len = n;
	it->kernel = kernel;
	it->iov = one;
	it->nr = 1;
	it->off = 0;
	it->count = n;
	it->rwf = 0;
}

void iov_iter_kernel(struct iov_iter *it, struct iovec *one, void *buf, size_t n)
{
	iov_iter_one(it, one, (__force void __user *)buf, n, true);
}

void iov_iter_user(struct iov_iter *it, struct iovec *one, void __user *buf, size_t n)
{
	iov_iter_one(it, one, buf, n, false);
}

/* Moves on by @n bytes, which lie within the first segment. */
static void advance(struct iov_iter *it, size_t n)
{
	it->off += n;
	it->count -= n;
	while (it->nr && it->off == it->iov->len) {
		it->off = 0;
		it->iov++;
		it->nr--;
	}
}

static size_t copy_segment(struct iov_iter *it, void *to, const void *from, size_t n)
{
	void __user *seg = (char __user *)it->iov->base + it->off;

	if (it->kernel) {
		memcpy(to ? to : (__force void *)seg, to ? (__force const void *)seg : from, n);
		return n;
	}
	return n - (to ? copy_from_user_partial(to, seg, n) : copy_to_user_partial(seg, from, n));
}

/* Exactly one of @to and @from is given. */
static size_t copy_iter(struct iov_iter *it, char *to, const char *from, size_t n)
{
	size_t done = 0;

	n = min(n, it->count);
	while (done < n) {
		size_t part, got;

		advance(it, 0);
		part = min(n - done, it->iov->len - it->off);
		got = copy_segment(it, to ? to + done : NULL, from ? from + done : NULL, part);
		advance(it, got);
		done += got;
		if (got < part)
			break;
	}
	return done;
}

size_t copy_to_iter(const void *src, size_t n, struct iov_iter *it)
{
	return copy_iter(it, NULL, src, n);
}

size_t copy_from_iter(void *dst, size_t n, struct iov_iter *it)
{
	return copy_iter(it, dst, NULL, n);
}
