// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory and strings, with the names and contracts of ISO C (7.24) where they
 * exist there. The compiler emits calls to memcpy(), memmove(), memset() and
 * memcmp() by itself, so these must not be written in terms of each other by
 * accident: this file is compiled without loop-to-call transformations.
 *
 * Blocks move in 8-byte words: `rep movsq` is fast on every CPU since 2008,
 * and in an emulator each iteration costs the same whatever its width.
 */
#include <string.h>
#include <errno.h>

#define REP_MIN	64	/* bytes from which starting a rep instruction pays */

static inline u64 load64(const void *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline void store64(void *p, u64 v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

static inline void copy_words_up(void *dst, const void *src, size_t words)
{
	__asm__ volatile("rep movsq" : "+D"(dst), "+S"(src), "+c"(words) : : "memory");
}

/* Copies fewer than 8 bytes; the whole source is read before anything is written. */
static inline void copy_short(u8 *d, const u8 *s, size_t n)
{
	if (n >= 4) {
		u32 head, tail;

		__builtin_memcpy(&head, s, 4);
		__builtin_memcpy(&tail, s + n - 4, 4);
		__builtin_memcpy(d, &head, 4);
		__builtin_memcpy(d + n - 4, &tail, 4);
	} else if (n) {
		u8 first = s[0], middle = s[n / 2], last = s[n - 1];

		d[0] = first;
		d[n / 2] = middle;
		d[n - 1] = last;
	}
}

/**
 * memcpy - copy @n bytes between areas that do not overlap
 * @dst: where to
 * @src: where from
 * @n: bytes
 *
 * Context: any. Return: @dst.
 */
void *memcpy(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;
	u64 tail;

	if (n < 8) {
		copy_short(d, s, n);
		return dst;
	}
	tail = load64(s + n - 8);
	if (n >= REP_MIN) {
		copy_words_up(d, s, n / 8);
	} else {
		for (size_t i = 0; i + 8 <= n; i += 8)
			store64(d + i, load64(s + i));
	}
	store64(d + n - 8, tail);
	return dst;
}

/**
 * memmove - copy @n bytes between areas that may overlap
 * @dst: where to
 * @src: where from
 * @n: bytes
 *
 * Context: any. Return: @dst.
 */
void *memmove(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;
	u64 head;

	if (d == s || n == 0)
		return dst;
	if (n < 8) {
		copy_short(d, s, n);
		return dst;
	}
	if (d < s || d >= s + n)
		return memcpy(dst, src, n);
	head = load64(s);
	for (; n >= 8; n -= 8)
		store64(d + n - 8, load64(s + n - 8));
	if (n)
		store64(d, head);
	return dst;
}

/**
 * memset - fill @n bytes with @c
 * @dst: what to fill
 * @c: the value, of which the low 8 bits count
 * @n: bytes
 *
 * Context: any. Return: @dst.
 */
void *memset(void *dst, int c, size_t n)
{
	u64 word = (u8)c * 0x0101010101010101ULL;
	u8 *d = dst;
	void *p = dst;
	size_t words = n / 8;

	if (n < 8) {
		while (n--)
			*d++ = (u8)c;
		return dst;
	}
	store64(d + n - 8, word);
	if (n >= REP_MIN) {
		__asm__ volatile("rep stosq" : "+D"(p), "+c"(words) : "a"(word) : "memory");
	} else {
		for (size_t i = 0; i + 8 <= n; i += 8)
			store64(d + i, word);
	}
	return dst;
}

/**
 * memcmp - compare two areas byte by byte
 * @a: one
 * @b: the other
 * @n: bytes
 *
 * Return: below, equal to or above 0 as the first differing byte of @a is less
 * than, equal to or greater than that of @b.
 */
int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	while (n >= 8 && load64(x) == load64(y)) {
		x += 8;
		y += 8;
		n -= 8;
	}
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/**
 * memchr - find a byte
 * @s: area to search
 * @c: the byte, of which the low 8 bits count
 * @n: bytes in the area
 *
 * Return: pointer to the first occurrence, or NULL.
 */
void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

/**
 * strlen - length of a string
 * @s: terminated string
 *
 * Return: bytes before the terminator.
 */
size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}

/**
 * strnlen - length of a string that may lack its terminator
 * @s: string
 * @max: bytes that may be looked at
 *
 * Return: bytes before the terminator, or @max if there is none among them.
 */
size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

/**
 * strcmp - compare two strings
 * @a: one
 * @b: the other
 *
 * Return: as memcmp().
 */
int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

/**
 * strncmp - compare the beginnings of two strings
 * @a: one
 * @b: the other
 * @n: bytes to compare at most
 *
 * Return: as memcmp().
 */
int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

/**
 * strchr - find the first occurrence of a character
 * @s: terminated string
 * @c: the character; 0 finds the terminator
 *
 * Return: pointer to it, or NULL.
 */
char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

/**
 * strrchr - find the last occurrence of a character
 * @s: terminated string
 * @c: the character; 0 finds the terminator
 *
 * Return: pointer to it, or NULL.
 */
char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)last;
	}
}

/**
 * strstr - find a string in another
 * @s: terminated string to search
 * @what: terminated string to find; "" is found at once
 *
 * Return: pointer to the first occurrence, or NULL.
 */
char *strstr(const char *s, const char *what)
{
	size_t n = strlen(what);

	if (!n)
		return (char *)s;
	for (s = strchr(s, *what); s; s = strchr(s + 1, *what))
		if (!strncmp(s, what, n))
			return (char *)s;
	return NULL;
}

/**
 * strscpy - copy a string into a buffer of a given size
 * @dst: buffer; always terminated
 * @src: terminated string
 * @size: bytes in @dst, above 0
 *
 * Return: length copied, or -E2BIG if @src had to be cut.
 */
ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);

	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return (ssize_t)n;
}
