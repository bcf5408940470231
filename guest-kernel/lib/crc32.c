// SPDX-License-Identifier: GPL-2.0-only
/*
 * CRC-32 of ISO 3309 and RFC 1952 (polynomial 0x04c11db7, bits reflected), eight bytes at a time:
 * tables[k][b] is what the byte b becomes when k bytes follow it. A table is linear in its index:
 * the entry of a sum is the sum of the entries, so the compiler can make all 256 from those of the
 * 8 single bits.
 */
#include <string.h>

#define E(i, a, b, c, d, e, f, g, h) \
	(((i) & 0x01 ? (a) : 0u) ^ ((i) & 0x02 ? (b) : 0u) ^ ((i) & 0x04 ? (c) : 0u) ^ \
	 ((i) & 0x08 ? (d) : 0u) ^ ((i) & 0x10 ? (e) : 0u) ^ ((i) & 0x20 ? (f) : 0u) ^ \
	 ((i) & 0x40 ? (g) : 0u) ^ ((i) & 0x80 ? (h) : 0u))
#define E4(i, ...) \
	E(i, __VA_ARGS__), E((i) + 1, __VA_ARGS__), E((i) + 2, __VA_ARGS__), E((i) + 3, __VA_ARGS__)
#define E16(i, ...) \
	E4(i, __VA_ARGS__), E4((i) + 4, __VA_ARGS__), E4((i) + 8, __VA_ARGS__), \
	E4((i) + 12, __VA_ARGS__)
#define E64(i, ...) \
	E16(i, __VA_ARGS__), E16((i) + 16, __VA_ARGS__), E16((i) + 32, __VA_ARGS__), \
	E16((i) + 48, __VA_ARGS__)
#define TABLE(...) \
	{ E64(0, __VA_ARGS__), E64(64, __VA_ARGS__), E64(128, __VA_ARGS__), E64(192, __VA_ARGS__) }

static const u32 tables[8][256] = {
	TABLE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832,
	      0x1db71064, 0x3b6e20c8, 0x76dc4190, 0xedb88320),
	TABLE(0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08,
	      0x4ac21251, 0x958424a2, 0xf0794f05, 0x3b83984b),
	TABLE(0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8,
	      0x1c26a370, 0x384d46e0, 0x709a8dc0, 0xe1351b80),
	TABLE(0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef,
	      0x5019579f, 0xa032af3e, 0x9b14583d, 0xed59b63b),
	TABLE(0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1,
	      0x60e09782, 0xc1c12f04, 0x58f35849, 0xb1e6b092),
	TABLE(0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d,
	      0x03d6029b, 0x07ac0536, 0x0f580a6c, 0x1eb014d8),
	TABLE(0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67,
	      0x67de9cce, 0xcfbd399c, 0x440b7579, 0x8816eaf2),
	TABLE(0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5,
	      0x7cbb312b, 0xf9766256, 0x299dc2ed, 0x533b85da),
};

static inline u32 eight_bytes(u32 crc, const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	v ^= crc;
	return tables[7][v & 255] ^ tables[6][v >> 8 & 255] ^ tables[5][v >> 16 & 255] ^
	       tables[4][v >> 24 & 255] ^ tables[3][v >> 32 & 255] ^ tables[2][v >> 40 & 255] ^
	       tables[1][v >> 48 & 255] ^ tables[0][v >> 56];
}

/**
 * crc32 - checksum of gzip, zip, PNG and Ethernet
 * @crc: 0 to begin, or the result for the bytes before
 * @p: bytes
 * @n: how many
 *
 * Context: any. Return: the checksum.
 */
u32 crc32(u32 crc, const void *p, size_t n)
{
	const u8 *s = p;

	crc = ~crc;
	for (; n >= 8; n -= 8, s += 8)
		crc = eight_bytes(crc, s);
	while (n--)
		crc = tables[0][(u8)crc ^ *s++] ^ crc >> 8;
	return ~crc;
}
