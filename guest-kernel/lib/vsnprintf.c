// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded formatted output after ISO C (7.21.6.1): the integer, character and
 * string conversions with their flags, width, precision and length. Floating
 * point, %n and wide characters are not there; an unknown conversion is copied
 * as it stands, so that a wrong format shows in the output.
 */
#include <string.h>

#define FLAG_LEFT	BIT(0)
#define FLAG_ZERO	BIT(1)
#define FLAG_PLUS	BIT(2)
#define FLAG_SPACE	BIT(3)
#define FLAG_ALT	BIT(4)
#define FLAG_UPPER	BIT(5)

struct out {
	char *buf;
	size_t size;	/* of buf */
	size_t len;	/* wanted so far */
};

struct spec {
	u32 flags;
	int width;
	int precision;	/* -1: none given */
	int length;	/* bytes of the argument */
};

static inline void put(struct out *o, char c)
{
	if (o->len < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_repeated(struct out *o, char c, long n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_bytes(struct out *o, const char *s, size_t n)
{
	if (o->len < o->size)
		memcpy(o->buf + o->len, s, min(n, o->size - o->len));
	o->len += n;
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	size_t n;
	long pad;

	if (!s)
		s = "(null)";
	n = sp->precision >= 0 ? strnlen(s, (size_t)sp->precision) : strlen(s);
	pad = sp->width - (long)n;
	if (!(sp->flags & FLAG_LEFT))
		put_repeated(o, ' ', pad);
	put_bytes(o, s, n);
	if (sp->flags & FLAG_LEFT)
		put_repeated(o, ' ', pad);
}

/* Writes the digits of @v from the end of a buffer; returns the first one. */
static char *digits(char *end, u64 v, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	while (v) {
		*--end = set[v % base];
		v /= base;
	}
	return end;
}

static const char *number_prefix(const struct spec *sp, unsigned int base, u64 v, bool negative)
{
	if (base == 16 && (sp->flags & FLAG_ALT) && v)
		return sp->flags & FLAG_UPPER ? "0X" : "0x";
	if (negative)
		return "-";
	if (base == 10 && (sp->flags & FLAG_PLUS))
		return "+";
	if (base == 10 && (sp->flags & FLAG_SPACE))
		return " ";
	return "";
}

static void put_number(struct out *o, const struct spec *sp, u64 v, unsigned int base,
		       bool negative)
{
	char tmp[24];
	const char *prefix = number_prefix(sp, base, v, negative);
	char *first = digits(tmp + sizeof(tmp), v, base, sp->flags & FLAG_UPPER);
	long n = tmp + sizeof(tmp) - first;
	long zeros = sp->precision < 0 ? (n == 0) : sp->precision - n;
	long pad;

	if (base == 8 && (sp->flags & FLAG_ALT) && zeros <= 0)
		zeros = 1;
	zeros = max(zeros, 0L);
	pad = sp->width - (long)strlen(prefix) - zeros - n;
	if ((sp->flags & FLAG_ZERO) && !(sp->flags & FLAG_LEFT) && sp->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!(sp->flags & FLAG_LEFT))
		put_repeated(o, ' ', pad);
	put_bytes(o, prefix, strlen(prefix));
	put_repeated(o, '0', zeros);
	put_bytes(o, first, (size_t)n);
	if (sp->flags & FLAG_LEFT)
		put_repeated(o, ' ', pad);
}

static const char *parse_flags(const char *f, struct spec *sp)
{
	static const struct { char c; u32 flag; } known[] = {
		{ '-', FLAG_LEFT }, { '0', FLAG_ZERO }, { '+', FLAG_PLUS },
		{ ' ', FLAG_SPACE }, { '#', FLAG_ALT },
	};
	size_t i;

	do {
		for (i = 0; i < ARRAY_SIZE(known); i++) {
			if (*f == known[i].c) {
				sp->flags |= known[i].flag;
				f++;
				break;
			}
		}
	} while (i < ARRAY_SIZE(known));
	return f;
}

/*
 * A decimal number, or the next argument for '*'. Absurd numbers saturate: they come from a
 * program's error, not from its output.
 */
static const char *parse_int(const char *f, int *val, va_list *ap)
{
	if (*f == '*') {
		*val = clamp(va_arg(*ap, int), -65536, 65536);
		return f + 1;
	}
	for (*val = 0; *f >= '0' && *f <= '9'; f++)
		*val = min(*val * 10 + (*f - '0'), 65536);
	return f;
}

static const char *parse_length(const char *f, struct spec *sp)
{
	sp->length = sizeof(int);
	if (*f == 'h') {
		sp->length = f[1] == 'h' ? 1 : 2;
		return f + (f[1] == 'h' ? 2 : 1);
	}
	if (*f == 'l' || *f == 'z' || *f == 't' || *f == 'j') {
		sp->length = sizeof(long);
		return f + (f[0] == 'l' && f[1] == 'l' ? 2 : 1);
	}
	return f;
}

static const char *parse_spec(const char *f, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){ .precision = -1 };
	f = parse_flags(f, sp);
	f = parse_int(f, &sp->width, ap);
	if (sp->width < 0) {
		sp->flags |= FLAG_LEFT;
		sp->width = -sp->width;
	}
	if (*f == '.') {
		f = parse_int(f + 1, &sp->precision, ap);
		sp->precision = max(sp->precision, -1);
	}
	return parse_length(f, sp);
}

static u64 unsigned_arg(const struct spec *sp, va_list *ap)
{
	u64 v = sp->length == sizeof(long) ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned int);

	return sp->length == 1 ? (u8)v : sp->length == 2 ? (u16)v : v;
}

static s64 signed_arg(const struct spec *sp, va_list *ap)
{
	s64 v = sp->length == sizeof(long) ? va_arg(*ap, long) : va_arg(*ap, int);

	return sp->length == 1 ? (s8)v : sp->length == 2 ? (s16)v : v;
}

static void put_signed(struct out *o, const struct spec *sp, va_list *ap)
{
	s64 v = signed_arg(sp, ap);

	put_number(o, sp, v < 0 ? -(u64)v : (u64)v, 10, v < 0);
}

static void put_char(struct out *o, const struct spec *sp, char c)
{
	if (!(sp->flags & FLAG_LEFT))
		put_repeated(o, ' ', sp->width - 1);
	put(o, c);
	if (sp->flags & FLAG_LEFT)
		put_repeated(o, ' ', sp->width - 1);
}

/* One conversion; false: @conv is not known. */
static bool convert(struct out *o, struct spec *sp, char conv, va_list *ap)
{
	switch (conv) {
	case 'd':
	case 'i':
		put_signed(o, sp, ap);
		return true;
	case 'u':
		sp->flags &= ~(FLAG_PLUS | FLAG_SPACE);
		put_number(o, sp, unsigned_arg(sp, ap), 10, false);
		return true;
	case 'o':
		put_number(o, sp, unsigned_arg(sp, ap), 8, false);
		return true;
	case 'X':
		sp->flags |= FLAG_UPPER;
		put_number(o, sp, unsigned_arg(sp, ap), 16, false);
		return true;
	case 'x':
		put_number(o, sp, unsigned_arg(sp, ap), 16, false);
		return true;
	case 'p':
		sp->flags |= FLAG_ALT;
		put_number(o, sp, (u64)va_arg(*ap, void *), 16, false);
		return true;
	case 'c':
		put_char(o, sp, (char)va_arg(*ap, int));
		return true;
	case 's':
		put_string(o, sp, va_arg(*ap, const char *));
		return true;
	case '%':
		put(o, '%');
		return true;
	}
	return false;
}

/**
 * vsnprintf - format into a buffer
 * @buf: the buffer; terminated if @size is not 0
 * @size: its bytes
 * @fmt: ISO C format: %d %i %u %x %X %o %c %s %p %%, flags - 0 + space #, width,
 *	 precision, lengths hh h l ll z t j
 * @ap: arguments
 *
 * Context: any. Return: length without terminator that the whole text has, which may be more than
 * was stored.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	struct spec sp;
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		const char *start = fmt;

		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &sp, &args);
		if (*fmt && convert(&o, &sp, *fmt, &args)) {
			fmt++;
			continue;
		}
		put_bytes(&o, start, (size_t)(fmt - start));
	}
	va_end(args);
	if (size)
		buf[min(o.len, size - 1)] = '\0';
	return (int)o.len;
}

/**
 * snprintf - vsnprintf() with the arguments in the call
 * @buf: buffer
 * @size: its bytes
 * @fmt: format
 *
 * Return: as vsnprintf().
 */
int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

/**
 * scnprintf - format and tell what was stored
 * @buf: buffer
 * @size: its bytes
 * @fmt: format
 *
 * Return: bytes stored without the terminator, so that buf + result is where to go on.
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!size)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return (int)min((size_t)n, size - 1);
}
