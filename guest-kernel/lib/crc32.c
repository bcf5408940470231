// SPDX-License-Identifier: GPL-2.0-only
/*
 * CRC-32 of ISO 3309 and RFC 1952 (polynomial 0x04c11db7, bits reflected).
 * The table is linear in its index: the entry of a sum is the sum of the
 * entries, so the compiler can make all 256 from those of the 8 single bits.
 */
#include <string.h>

#define E(i) ( \
	((i) & 0x01 ? 0x77073096u : 0) ^ ((i) & 0x02 ? 0xee0e612cu : 0) ^ \
	((i) & 0x04 ? 0x076dc419u : 0) ^ ((i) & 0x08 ? 0x0edb8832u : 0) ^ \
	((i) & 0x10 ? 0x1db71064u : 0) ^ ((i) & 0x20 ? 0x3b6e20c8u : 0) ^ \
	((i) & 0x40 ? 0x76dc4190u : 0) ^ ((i) & 0x80 ? 0xedb88320u : 0))
#define E4(i)	E(i), E((i) + 1), E((i) + 2), E((i) + 3)
#define E16(i)	E4(i), E4((i) + 4), E4((i) + 8), E4((i) + 12)
#define E64(i)	E16(i), E16((i) + 16), E16((i) + 32), E16((i) + 48)

static const u32 table[256] = { E64(0), E64(64), E64(128), E64(192) };

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
	while (n--)
		crc = table[(u8)crc ^ *s++] ^ crc >> 8;
	return ~crc;
}
