// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gzip container (RFC 1952) around deflate data: header, checksum, length.
 */
#include "inflate.h"
#include <string.h>
#include <errno.h>

#define HEADER_LEN	10
#define TRAILER_LEN	8
#define FLAG_HCRC	BIT(1)
#define FLAG_EXTRA	BIT(2)
#define FLAG_NAME	BIT(3)
#define FLAG_COMMENT	BIT(4)
#define FLAGS_RESERVED	0xe0

struct sink {
	int (*out)(void *arg, const void *p, size_t n);
	void *arg;
	u32 crc;
};

static u32 le32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static int sum_and_pass(void *arg, const void *p, size_t n)
{
	struct sink *k = arg;

	k->crc = crc32(k->crc, p, n);
	return k->out(k->arg, p, n);
}

/* Offset behind the terminated string at @at, or @n + 1 if it does not end. */
static size_t skip_string(const u8 *src, size_t n, size_t at)
{
	const u8 *end = at < n ? memchr(src + at, 0, n - at) : NULL;

	return end ? (size_t)(end - src) + 1 : n + 1;
}

/* Length of the header, or -EINVAL. */
static ssize_t header_length(const u8 *src, size_t n)
{
	size_t at = HEADER_LEN;
	u8 flags;

	if (n < HEADER_LEN || src[0] != 0x1f || src[1] != 0x8b || src[2] != 8)
		return -EINVAL;
	flags = src[3];
	if (flags & FLAGS_RESERVED)
		return -EINVAL;
	if (flags & FLAG_EXTRA)
		at = n - at < 2 ? n + 1 : at + 2 + (src[at] | (size_t)src[at + 1] << 8);
	if (flags & FLAG_NAME)
		at = skip_string(src, n, at);
	if (flags & FLAG_COMMENT)
		at = skip_string(src, n, at);
	if (flags & FLAG_HCRC)
		at += 2;
	return at > n ? -EINVAL : (ssize_t)at;
}

/* The contract stands in string.h. */
ssize_t gunzip(const void *src, size_t n, size_t *used,
	       int (*out)(void *arg, const void *p, size_t n), void *arg)
{
	struct sink k = { .out = out, .arg = arg };
	const u8 *s = src;
	ssize_t head = header_length(s, n), len;
	size_t body = 0;

	*used = 0;
	if (head < 0)
		return head;
	len = inflate(s + head, n - (size_t)head, &body, sum_and_pass, &k);
	if (len < 0)
		return len;
	s += (size_t)head + body;
	*used = (size_t)head + body;
	if (n - *used < TRAILER_LEN || le32(s) != k.crc || le32(s + 4) != (u32)len)
		return -EINVAL;
	*used += TRAILER_LEN;
	return len;
}
