// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers from text: whole strings for knobs and options, sizes with suffixes.
 */
#include <string.h>
#include <errno.h>

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	return 99;
}

static const char *skip_base_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return hex && *base == 16 ? s + 2 : s;
}

/* Digits from @s on; NULL if the number does not fit. */
static const char *parse_digits(const char *s, unsigned int base, u64 *res)
{
	u64 v = 0;

	for (; digit_value(*s) < (int)base; s++) {
		if (__builtin_mul_overflow(v, (u64)base, &v) ||
		    __builtin_add_overflow(v, (u64)digit_value(*s), &v))
			return NULL;
	}
	*res = v;
	return s;
}

/**
 * kstrtou64 - a whole string as an unsigned number
 * @s: terminated string of digits; one newline may follow
 * @base: 2 to 36, or 0: 0x means 16, a leading 0 means 8, else 10
 * @res: set on success
 *
 * Return: 0, -EINVAL if @s is not a number, -ERANGE if it does not fit.
 */
int kstrtou64(const char *s, unsigned int base, u64 *res)
{
	const char *first = skip_base_prefix(s, &base);
	const char *end;
	u64 v;

	end = parse_digits(first, base, &v);
	if (!end)
		return -ERANGE;
	if (end == first)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	*res = v;
	return 0;
}

/**
 * memparse - a size with an optional suffix K, M, G or T (powers of 1024)
 * @s: text, decimal, or hexadecimal with 0x
 * @end: if not NULL set to the first byte not used; to @s if there is no number
 *
 * Return: bytes; ~0 if the number does not fit.
 */
u64 memparse(const char *s, const char **end)
{
	unsigned int base = 0, shift = 0;
	const char *first = skip_base_prefix(s, &base);
	const char *p;
	u64 v = 0;

	p = parse_digits(first, base, &v);
	if (!p) {
		v = ~0ULL;
		for (p = first; digit_value(*p) < (int)base; p++)
			;
	} else if (p != first) {
		switch (*p) {
		case 'T': case 't':
			shift = 40;
			break;
		case 'G': case 'g':
			shift = 30;
			break;
		case 'M': case 'm':
			shift = 20;
			break;
		case 'K': case 'k':
			shift = 10;
			break;
		}
		if (shift)
			p++;
		v = v > (~0ULL >> shift) ? ~0ULL : v << shift;
	} else {
		p = s;
	}
	if (end)
		*end = p;
	return v;
}
