// SPDX-License-Identifier: GPL-2.0-only
/*
 * Structures of the ABI that grow: their size comes with them.
 */
#include <process.h>
#include <string.h>
#include <uaccess.h>
#include "../process/internal.h"

#define CHUNK 64

/* 0 if all @n bytes are zero, else -E2BIG or -EFAULT. */
static int check_zero(const u8 __user *p, size_t n)
{
	u8 chunk[CHUNK];
	size_t part, i;

	for (; n; p += part, n -= part) {
		part = min(n, sizeof(chunk));
		if (copy_from_user(chunk, p, part))
			return -EFAULT;
		for (i = 0; i < part; i++)
			if (chunk[i])
				return -E2BIG;
	}
	return 0;
}

/**
 * copy_struct_from_user - Read a structure that may be older or newer than ours.
 * @dst: filled; what an older one lacks is zero
 * @size: of ours
 * @src: user address
 * @user_size: of the user's
 *
 * What a newer one has beyond ours asks for something that is not there, unless it is zero.
 * Context: may sleep.
 * Return: 0, -EFAULT, -E2BIG.
 */
int copy_struct_from_user(void *dst, size_t size, const void __user *src, size_t user_size)
{
	size_t common = min(size, user_size);

	if (copy_from_user(dst, src, common))
		return -EFAULT;
	memset((u8 *)dst + common, 0, size - common);
	return check_zero((const u8 __user *)src + common, user_size - common);
}
