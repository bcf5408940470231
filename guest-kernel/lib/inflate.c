// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deflate (RFC 1951). The input lies in memory as a whole and is hostile: every
 * read of it is bounded, every code set is checked to be complete, every
 * distance to lie inside what was written.
 *
 * Output is collected in a buffer of twice the largest distance; when it is
 * full the new half is handed out and moved to where the window is expected.
 */
#include "inflate.h"
#include <string.h>
#include <errno.h>
#include <mm.h>

#define WINDOW		32768u
#define MAX_BITS	15
#define FAST_BITS	11	/* codes up to this length are found in one look */
#define MAX_LITLEN	288
#define MAX_DIST	32
#define MAX_CODELEN	19
#define END_OF_BLOCK	256

/*
 * A canonical Huffman code (RFC 1951, 3.2.2). fast[] maps the next FAST_BITS
 * of input to symbol << 4 | length; 0 means a longer code, which is found by
 * comparing with the first code of each length.
 */
struct huffman {
	u16 fast[1u << FAST_BITS];
	u16 count[MAX_BITS + 1];
	u16 symbol[MAX_LITLEN];
};

struct state {
	const u8 *src, *end;
	u64 bits;		/* not yet consumed, lowest first */
	unsigned int nr_bits;
	u8 *buf;		/* 2 * WINDOW */
	size_t pos;		/* next byte of buf */
	size_t flushed;		/* bytes of buf that were handed out */
	size_t total;		/* bytes handed out */
	inflate_out_t out;
	void *arg;
	struct huffman litlen, dist;
	u8 lengths[MAX_LITLEN + MAX_DIST];
};

static void fill_bits_at_end(struct state *s)
{
	while (s->nr_bits <= 56 && s->src < s->end) {
		s->bits |= (u64)*s->src++ << s->nr_bits;
		s->nr_bits += 8;
	}
}

/*
 * At least 56 bits, or all there are. Bits above nr_bits may be those of bytes that are still to
 * be taken: they come again at the same place.
 */
static inline void fill_bits(struct state *s)
{
	u64 next;

	if (unlikely(s->end - s->src < (long)sizeof(next))) {
		s->bits &= s->nr_bits < 64 ? BIT(s->nr_bits) - 1 : ~0UL;
		fill_bits_at_end(s);
		return;
	}
	__builtin_memcpy(&next, s->src, sizeof(next));
	s->bits |= next << s->nr_bits;
	s->src += (63 - s->nr_bits) / 8;
	s->nr_bits |= 56;
}

static inline void drop_bits(struct state *s, unsigned int n)
{
	s->bits >>= n;
	s->nr_bits -= n;
}

/* The next @n (at most 16) bits as a number, or -EINVAL at the end of the input. */
static inline int get_bits(struct state *s, unsigned int n)
{
	int v;

	if (s->nr_bits < n)
		fill_bits(s);
	if (s->nr_bits < n)
		return -EINVAL;
	v = (int)(s->bits & (BIT(n) - 1));
	drop_bits(s, n);
	return v;
}

static unsigned int reverse_bits(unsigned int v, unsigned int n)
{
	unsigned int r = 0;

	while (n--) {
		r = r << 1 | (v & 1);
		v >>= 1;
	}
	return r;
}

/* Enters a short code into the table at every index whose low bits are the code. */
static void fill_fast(struct huffman *h, unsigned int code, unsigned int len, unsigned int symbol)
{
	unsigned int i;

	for (i = reverse_bits(code, len); i < ARRAY_SIZE(h->fast); i += 1u << len)
		h->fast[i] = (u16)(symbol << 4 | len);
}

/*
 * Fails if more codes are given than there is room for, or fewer (a
 * single code of length 1 is allowed).
 */
static int check_complete(const struct huffman *h, unsigned int used)
{
	int left = 1, len;

	for (len = 1; len <= MAX_BITS; len++) {
		left = left * 2 - h->count[len];
		if (left < 0)
			return -EINVAL;
	}
	return left == 0 || (used <= 1 && h->count[1] == used) ? 0 : -EINVAL;
}

static int make_huffman(struct huffman *h, const u8 *lengths, unsigned int n)
{
	u16 code[MAX_BITS + 2] = { 0 }, place[MAX_BITS + 2] = { 0 };
	unsigned int i, len;

	memset(h->fast, 0, sizeof(h->fast));
	memset(h->count, 0, sizeof(h->count));
	for (i = 0; i < n; i++)
		h->count[lengths[i]]++;
	i = n - h->count[0];
	h->count[0] = 0;
	if (check_complete(h, i))
		return -EINVAL;
	for (len = 1; len <= MAX_BITS; len++) {
		code[len + 1] = (u16)((code[len] + h->count[len]) << 1);
		place[len + 1] = place[len] + h->count[len];
	}
	for (i = 0; i < n; i++) {
		len = lengths[i];
		if (!len)
			continue;
		if (len <= FAST_BITS)
			fill_fast(h, code[len], len, i);
		code[len]++;
		h->symbol[place[len]++] = (u16)i;
	}
	return 0;
}

/* A code longer than FAST_BITS, bit by bit. */
static __noinline int decode_slow(struct state *s, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;
	unsigned int len;

	for (len = 1; len <= MAX_BITS; len++) {
		if (len > s->nr_bits)
			return -EINVAL;
		code |= (int)(s->bits >> (len - 1) & 1);
		if (code - first < h->count[len]) {
			drop_bits(s, len);
			return h->symbol[index + code - first];
		}
		index += h->count[len];
		first = (first + h->count[len]) << 1;
		code <<= 1;
	}
	return -EINVAL;
}

static inline int decode(struct state *s, const struct huffman *h)
{
	unsigned int entry, len;

	if (s->nr_bits < MAX_BITS)
		fill_bits(s);
	entry = h->fast[s->bits & (ARRAY_SIZE(h->fast) - 1)];
	len = entry & 15;
	if (!len)
		return decode_slow(s, h);
	if (len > s->nr_bits)
		return -EINVAL;
	drop_bits(s, len);
	return (int)(entry >> 4);
}

/* Hands out what is new. */
static int flush(struct state *s)
{
	size_t n = s->pos - s->flushed;
	int err = n ? s->out(s->arg, s->buf + s->flushed, n) : 0;

	if (err < 0)
		return err;
	s->total += n;
	s->flushed = s->pos;
	return 0;
}

/* Makes room in a full buffer; the last WINDOW bytes stay in reach. */
static int slide(struct state *s)
{
	int err;

	if (s->pos < 2 * WINDOW)
		return 0;
	err = flush(s);
	if (err)
		return err;
	memcpy(s->buf, s->buf + WINDOW, WINDOW);
	s->pos = s->flushed = WINDOW;
	return 0;
}

static int put_byte(struct state *s, u8 c)
{
	int err = slide(s);

	if (!err)
		s->buf[s->pos++] = c;
	return err;
}

/* Repeats @len bytes from @dist back; the ranges overlap if @dist < @len. */
static int copy_match(struct state *s, unsigned int dist, unsigned int len)
{
	unsigned int n;
	u8 *d;
	int err;

	if (dist > s->pos)
		return -EINVAL;
	while (len) {
		err = slide(s);
		if (err)
			return err;
		n = min(len, (unsigned int)(2 * WINDOW - s->pos));
		d = s->buf + s->pos;
		s->pos += n;
		len -= n;
		if (dist >= n) {
			memcpy(d, d - dist, n);
			continue;
		}
		for (; n; n--, d++)
			*d = d[-(long)dist];
	}
	return 0;
}

/* Length of the match that symbol 257 + @i stands for (RFC 1951, 3.2.5). */
static int match_length(struct state *s, unsigned int i)
{
	unsigned int extra;
	int v;

	if (i < 8)
		return (int)i + 3;
	if (i == 28)
		return 258;
	if (i > 28)
		return -EINVAL;
	extra = i / 4 - 1;
	v = get_bits(s, extra);
	return v < 0 ? v : (int)((4 + i % 4) << extra) + 3 + v;
}

static int match_distance(struct state *s)
{
	int sym = decode(s, &s->dist), v;
	unsigned int extra;

	if (sym < 0 || sym > 29)
		return -EINVAL;
	if (sym < 4)
		return sym + 1;
	extra = (unsigned int)sym / 2 - 1;
	v = get_bits(s, extra);
	return v < 0 ? v : (int)((2u + (unsigned int)sym % 2) << extra) + 1 + v;
}

/* Symbols until the end of the block. */
static int compressed_data(struct state *s)
{
	int sym, len, dist, err;

	for (;;) {
		sym = decode(s, &s->litlen);
		if (sym < 0)
			return sym;
		if (sym == END_OF_BLOCK)
			return 0;
		if (sym < END_OF_BLOCK) {
			err = put_byte(s, (u8)sym);
		} else {
			len = match_length(s, (unsigned int)sym - 257);
			dist = len < 0 ? len : match_distance(s);
			err = dist;
			if (dist > 0)
				err = copy_match(s, (unsigned int)dist, (unsigned int)len);
		}
		if (err)
			return err;
	}
}

static int stored_block(struct state *s)
{
	int len, check, c, err;

	drop_bits(s, s->nr_bits % 8);
	len = get_bits(s, 16);
	check = get_bits(s, 16);
	if (len < 0 || check < 0 || len != (~check & 0xffff))
		return -EINVAL;
	while (len--) {
		c = get_bits(s, 8);
		err = c < 0 ? c : put_byte(s, (u8)c);
		if (err)
			return err;
	}
	return 0;
}

static int fixed_block(struct state *s)
{
	memset(s->lengths, 8, 144);
	memset(s->lengths + 144, 9, 112);
	memset(s->lengths + 256, 7, 24);
	memset(s->lengths + 280, 8, 8);
	memset(s->lengths + 288, 5, 32);
	if (make_huffman(&s->litlen, s->lengths, 288) ||
	    make_huffman(&s->dist, s->lengths + 288, 32))
		return -EINVAL;
	return compressed_data(s);
}

/*
 * One item of the run-length coded list of code lengths: fills s->lengths
 * from @at on, returns how many.
 */
static int length_item(struct state *s, unsigned int at, unsigned int total)
{
	static const struct { u8 bits, base; } repeat[] = { { 2, 3 }, { 3, 3 }, { 7, 11 } };
	int sym = decode(s, &s->litlen), n;
	u8 value = 0;

	if (sym < 0)
		return sym;
	if (sym < 16) {
		s->lengths[at] = (u8)sym;
		return 1;
	}
	if (sym == 16) {
		if (at == 0)
			return -EINVAL;
		value = s->lengths[at - 1];
	}
	n = get_bits(s, repeat[sym - 16].bits);
	if (n < 0)
		return n;
	n += repeat[sym - 16].base;
	if (at + (unsigned int)n > total)
		return -EINVAL;
	memset(s->lengths + at, value, (size_t)n);
	return n;
}

/* The code of the code lengths (RFC 1951, 3.2.7). */
static int read_codelen_code(struct state *s, unsigned int n)
{
	static const u8 order[MAX_CODELEN] = {
		16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
	};
	unsigned int i;
	int v;

	memset(s->lengths, 0, MAX_CODELEN);
	for (i = 0; i < n; i++) {
		v = get_bits(s, 3);
		if (v < 0)
			return v;
		s->lengths[order[i]] = (u8)v;
	}
	return make_huffman(&s->litlen, s->lengths, MAX_CODELEN);
}

static int dynamic_block(struct state *s)
{
	int nlit = get_bits(s, 5), ndist = get_bits(s, 5), ncode = get_bits(s, 4), n;
	unsigned int at = 0, total, lit;

	if (nlit < 0 || ndist < 0 || ncode < 0 || nlit > 29 || ndist > 29)
		return -EINVAL;
	lit = (unsigned int)nlit + 257;
	total = lit + (unsigned int)ndist + 1;
	if (read_codelen_code(s, (unsigned int)ncode + 4))
		return -EINVAL;
	while (at < total) {
		n = length_item(s, at, total);
		if (n < 0)
			return n;
		at += (unsigned int)n;
	}
	if (!s->lengths[END_OF_BLOCK] || make_huffman(&s->litlen, s->lengths, lit) ||
	    make_huffman(&s->dist, s->lengths + lit, total - lit))
		return -EINVAL;
	return compressed_data(s);
}

static int blocks(struct state *s)
{
	int last, type, err;

	do {
		last = get_bits(s, 1);
		type = get_bits(s, 2);
		if (last < 0 || type < 0 || type == 3)
			return -EINVAL;
		err = type == 0 ? stored_block(s) : type == 1 ? fixed_block(s) : dynamic_block(s);
		if (err)
			return err;
	} while (!last);
	return flush(s);
}

/**
 * inflate - decompress a raw deflate stream
 * @src: compressed bytes
 * @n: how many there are
 * @used: set to the number of bytes consumed
 * @out: called with each decompressed piece; a negative return stops
 * @arg: passed to @out
 *
 * Context: may sleep. Return: decompressed length, -EINVAL for damaged data, -ENOMEM, or what @out
 * returned.
 */
ssize_t inflate(const u8 *src, size_t n, size_t *used, inflate_out_t out, void *arg)
{
	struct state *s = kvmalloc(sizeof(*s), GFP_KERNEL);
	u8 *buf = kvmalloc(2 * WINDOW, GFP_KERNEL);
	ssize_t ret = -ENOMEM;

	if (s && buf) {
		s->src = src;
		s->end = src + n;
		s->bits = s->nr_bits = 0;
		s->buf = buf;
		s->pos = s->flushed = s->total = 0;
		s->out = out;
		s->arg = arg;
		ret = blocks(s);
		*used = (size_t)(s->src - src) - s->nr_bits / 8;
		if (!ret)
			ret = (ssize_t)s->total;
	}
	kvfree(buf);
	kvfree(s);
	return ret;
}
