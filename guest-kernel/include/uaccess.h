/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User memory. The only ways to touch it; each platform defines the raw copies (HVM: direct with an
 * exception table; PV: page-table walk). All may sleep (the page may have to be faulted in), all
 * accept any pointer value, and answer -EFAULT for what is not the user's.
 */
#ifndef _UACCESS_H
#define _UACCESS_H

#include <compiler.h>
#include <errno.h>
#include <nospec.h>
#include <platform/mmu.h>
#include <plat/uaccess.h> /* may define inline fast paths for get/put of 1, 2, 4, 8 bytes */

/* Bytes NOT copied, 0 if all (so that read(2) and write(2) can answer partial counts). */
size_t __must_check copy_from_user_partial(void *dst, const void __user *src, size_t n);
size_t __must_check copy_to_user_partial(void __user *dst, const void *src, size_t n);
size_t __must_check clear_user(void __user *dst, size_t n);

static inline int __must_check copy_from_user(void *dst, const void __user *src, size_t n)
{
	return copy_from_user_partial(dst, src, n) ? -EFAULT : 0;
}

static inline int __must_check copy_to_user(void __user *dst, const void *src, size_t n)
{
	return copy_to_user_partial(dst, src, n) ? -EFAULT : 0;
}

/*
 * Bytes before the end of the string at @src, copied to @dst (without the end) if that is not NULL;
 * @max if there is no end within @max bytes; -EFAULT.
 */
ssize_t __must_check user_string(char *dst, const char __user *src, size_t max);

/* Length without the end (< @size), -EFAULT, or -ENAMETOOLONG if no end within @size bytes. Always
 * terminated on success. */
static inline ssize_t __must_check strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	ssize_t n = user_string(dst, src, size);

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	dst[n] = '\0';
	return n;
}

/* Length without the end, or -EFAULT, or @max if there is no end within @max bytes. */
static inline ssize_t __must_check strnlen_user(const char __user *src, size_t max)
{
	return user_string(NULL, src, max);
}

/* One object: x = *p; 0 or -EFAULT. */
#define get_user(x, p) copy_from_user(&(x), p, sizeof(*(p)))
#define put_user(x, p)                                                                             \
	({                                                                                         \
		__typeof__(*(p)) _v = (x);                                                         \
		copy_to_user(p, &_v, sizeof(_v));                                                  \
	})

/* Atomic compare-and-exchange of a user word; 0 and *@old_out, or -EFAULT. */
int __must_check user_cmpxchg32(u32 __user *p, u32 old, u32 new_val, u32 *old_out);

static inline bool access_ok(const void __user *p, size_t n)
{
	unsigned long a = (__force unsigned long)p;

	return n <= USER_TOP && a <= USER_TOP - n;
}

/*
 * A user address that access_ok() has accepted; 0, where nothing is mapped, for any other, also
 * where a CPU goes on speculatively. For the platforms' copies.
 */
static __always_inline unsigned long user_addr_nospec(const void __user *p)
{
	return array_index_nospec((__force unsigned long)p, USER_TOP);
}

#endif
