// SPDX-License-Identifier: GPL-2.0-only
/*
 * select(2) and pselect6(2): the same waiting as poll, over three bit sets.
 */
#include "../internal.h"
#include "pollwait.h"
#include <string.h>
#include <signal.h>
#include <syscall.h>
#include <uaccess.h>

#define SELECT_IN  (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define SELECT_OUT (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)
#define SELECT_EX  POLLPRI
#define SELECT_MAX 65536U /* descriptors beyond this are not looked at */

/**
 * struct sets - the three sets asked for and the three results, @words words each
 */
struct sets {
	unsigned long *in[3], *out[3];
	u32 n, words;
};

static const u32 select_mask[3] = { SELECT_IN, SELECT_OUT, SELECT_EX };

/* What is asked of descriptor @fd, as bits 0 to 2. */
static u32 asked(const struct sets *s, u32 fd)
{
	u32 bits = 0;

	for (u32 k = 0; k < 3; k++)
		bits |= (u32)(s->in[k][fd / 64] >> (fd % 64) & 1) << k;
	return bits;
}

static long report(struct sets *s, u32 fd, u32 bits, u32 mask)
{
	long n = 0;

	for (u32 k = 0; k < 3; k++) {
		if ((bits >> k & 1) && (mask & select_mask[k])) {
			s->out[k][fd / 64] |= BIT(fd % 64);
			n++;
		}
	}
	return n;
}

static long select_one(struct poll_waiter *pw, struct sets *s, u32 fd, u32 bits)
{
	struct file *f = fd_get((int)fd);
	u32 wanted = 0;
	long n;

	if (!f)
		return -EBADF;
	for (u32 k = 0; k < 3; k++)
		if (bits >> k & 1)
			wanted |= select_mask[k];
	n = report(s, fd, bits, poll_file(pw, f, wanted));
	file_put(f);
	return n;
}

static long select_scan(struct poll_waiter *pw, struct sets *s)
{
	long ready = 0, n;

	for (u32 fd = 0; fd < s->n; fd++) {
		u32 bits = asked(s, fd);

		if (!bits)
			continue;
		n = select_one(pw, s, fd, bits);
		if (n < 0)
			return n;
		ready += n;
	}
	return ready;
}

static long select_wait(struct sets *s, u64 deadline)
{
	struct poll_waiter pw;
	long ready;
	int err = 0;

	poll_begin(&pw, deadline);
	while (!(ready = select_scan(&pw, s)) && !err)
		err = poll_sleep(&pw);
	poll_end(&pw);
	return ready ? ready : err == -ETIMEDOUT ? 0 : err;
}

static long select_sets(struct sets *s, const unsigned long usets[3], u64 deadline)
{
	size_t bytes = s->words * sizeof(unsigned long);
	long ret;

	for (u32 k = 0; k < 3; k++)
		if (usets[k] && copy_from_user(s->in[k], (const void __user *)usets[k], bytes))
			return -EFAULT;
	ret = select_wait(s, deadline);
	if (ret < 0)
		return ret;
	for (u32 k = 0; k < 3; k++)
		if (usets[k] && copy_to_user((void __user *)usets[k], s->out[k], bytes))
			return -EFAULT;
	return ret;
}

static long do_select(int n, const unsigned long usets[3], u64 deadline)
{
	struct sets s = { .n = min((u32)n, SELECT_MAX) };
	unsigned long *bits;
	long ret;

	if (n < 0)
		return -EINVAL;
	s.words = DIV_ROUND_UP(s.n, 64U);
	bits = kzalloc(6 * max(s.words, 1U) * sizeof(*bits), GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	for (u32 k = 0; k < 3; k++) {
		s.in[k] = bits + k * s.words;
		s.out[k] = bits + (3 + k) * s.words;
	}
	ret = select_sets(&s, usets, deadline);
	kfree(bits);
	return ret;
}

static int select_timeval(const struct timeval64 __user *utv, u64 *deadline)
{
	struct timeval64 tv;
	struct timespec64 ts;

	*deadline = 0;
	if (!utv)
		return 0;
	if (copy_from_user(&tv, utv, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_sec < 0 || tv.tv_usec < 0)
		return -EINVAL;
	ts.tv_sec = tv.tv_sec + tv.tv_usec / 1000000;
	ts.tv_nsec = tv.tv_usec % 1000000 * (s64)NSEC_PER_USEC;
	*deadline = poll_deadline(timespec_to_ns(&ts));
	return 0;
}

static void put_timeval_left(struct timeval64 __user *utv, u64 deadline)
{
	u64 now = ktime_ns(), left = 0;
	struct timeval64 tv;

	if (!utv || timeouts_stick())
		return;
	if (deadline && deadline != POLL_NOW && deadline > now)
		left = deadline - now;
	tv = (struct timeval64){ (s64)(left / NSEC_PER_SEC),
				 (s64)(left % NSEC_PER_SEC / NSEC_PER_USEC) };
	if (copy_to_user(utv, &tv, sizeof(tv)))
		return; /* as Linux: the result stands */
}

/** sys_select - select(2). What is left of the timeout is written back. */
long sys_select(unsigned long n, unsigned long in, unsigned long out, unsigned long ex,
		unsigned long utv)
{
	const unsigned long sets[3] = { in, out, ex };
	u64 deadline;
	long ret = select_timeval((const struct timeval64 __user *)utv, &deadline);

	if (ret)
		return ret;
	ret = do_select((int)n, sets, deadline);
	put_timeval_left((struct timeval64 __user *)utv, deadline);
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}

/** sys_pselect6 - pselect(2); the sixth argument points to the mask and its size. */
long sys_pselect6(unsigned long n, unsigned long in, unsigned long out, unsigned long ex,
		  unsigned long uts, unsigned long sig)
{
	const unsigned long sets[3] = { in, out, ex };
	struct {
		const sigset_t __user *mask;
		size_t size;
	} arg = { NULL, 0 };
	u64 deadline;
	long ret;

	if (sig && copy_from_user(&arg, (const void __user *)sig, sizeof(arg)))
		return -EFAULT;
	ret = poll_timespec((const struct timespec64 __user *)uts, &deadline);
	if (!ret)
		ret = sigmask_begin(arg.mask, arg.size);
	if (ret)
		return ret;
	ret = do_select((int)n, sets, deadline);
	sigmask_end(ret == -EINTR);
	poll_timespec_left((struct timespec64 __user *)uts, deadline);
	return ret == -EINTR ? -ERESTARTNOHAND : ret;
}
