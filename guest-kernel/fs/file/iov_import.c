// SPDX-License-Identifier: GPL-2.0-only
/*
 * The segments that readv(2) and its family are called with.
 */
#include "../internal.h"
#include <uaccess.h>

/* Checks the segments and cuts the whole at MAX_RW_COUNT. */
static int check_segments(struct iov_iter *it, struct iovec *iov, unsigned long nr)
{
	size_t total = 0;

	for (unsigned long i = 0; i < nr; i++) {
		if ((ssize_t)iov[i].len < 0)
			return -EINVAL;
		if (!access_ok(iov[i].base, iov[i].len))
			return -EFAULT;
		iov[i].len = min(iov[i].len, MAX_RW_COUNT - total);
		total += iov[i].len;
	}
	it->kernel = false;
	it->iov = iov;
	it->nr = nr;
	it->off = 0;
	it->count = total;
	return 0;
}

int iov_import(struct iov_iter *it, const void __user *uiov, unsigned long nr, struct iovec *fast,
	       struct iovec **iov)
{
	int err;

	*iov = fast;
	if (nr > UIO_MAXIOV)
		return -EINVAL;
	if (nr > UIO_FASTIOV) {
		*iov = kmalloc(nr * sizeof(**iov), GFP_KERNEL);
		if (!*iov) {
			*iov = fast;
			return -ENOMEM;
		}
	}
	err = copy_from_user(*iov, uiov, nr * sizeof(**iov));
	return err ? err : check_segments(it, *iov, nr);
}
