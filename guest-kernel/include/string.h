/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings and memory, as in ISO C and POSIX where the names are the same (lib/string.c), plus
 * bounded printing (lib/vsnprintf.c) and number parsing (lib/parse.c).
 */
#ifndef _STRING_H
#define _STRING_H

#include <compiler.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);
/*
 * Copies at most @size - 1 bytes and always terminates (@size > 0). Returns the length copied, or
 * -E2BIG if it was cut.
 */
ssize_t strscpy(char *dst, const char *src, size_t size);

/*
 * Bounded printing; the result is always terminated if @size > 0. vsnprintf returns the length
 * wanted (ISO C), scnprintf the length written. Formats: %d %i %u %x %X %o %c %s %p %% with flags
 * - 0 + space #, width, precision, *, and lengths hh h l ll z t j.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* Whole string as a number in @base (0: by prefix). 0, -EINVAL or -ERANGE. */
int kstrtou64(const char *s, unsigned int base, u64 *res);
/* Size with an optional suffix K, M, G ("64M"); @end (may be NULL) gets the first byte not used. */
u64 memparse(const char *s, const char **end);

/* xxHash-like mixing for hash tables; not for secrets. */
u32 hash_bytes(const void *p, size_t n, u32 seed);
static inline u32 hash_long(unsigned long v, unsigned int bits)
{
	return (u32)((v * 0x61c8864680b583ebUL) >> (64 - bits));
}

u32 crc32(u32 crc, const void *p, size_t n);
/**
 * gunzip - Decompress one gzip member (RFC 1951, RFC 1952).
 * @src: compressed bytes
 * @n: how many there are
 * @used: set to the number of source bytes consumed
 * @out: called with each decompressed piece; a negative return stops
 * @arg: passed to @out
 *
 * Return: decompressed length, -EINVAL for a damaged stream, -ENOMEM, or what @out returned.
 * Context: may sleep.
 */
ssize_t gunzip(const void *src, size_t n, size_t *used,
	       int (*out)(void *arg, const void *p, size_t n), void *arg);

#endif
