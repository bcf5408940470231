// SPDX-License-Identifier: GPL-2.0-only
/*
 * lib/inflate.c and lib/gunzip.c: what gzip makes comes back, and damaged input
 * is refused without a step outside the buffer (the sanitizer watches).
 */
#include <string.h>
#include <errno.h>

#include "unit.h"
#include "stubs.h"

struct sink {
	u8 *data;
	size_t size, used;
	int error;
};

static int collect(void *arg, const void *p, size_t n)
{
	struct sink *sink = arg;

	if (sink->error)
		return sink->error;
	if (n > sink->size - sink->used)
		return -ENOSPC;
	memcpy(sink->data + sink->used, p, n);
	sink->used += n;
	return 0;
}

/* Text with repetitions near and far, or noise. */
static void fill(u8 *data, size_t size, bool noise)
{
	for (size_t i = 0; i < size; i++) {
		if (noise)
			data[i] = (u8)unit_random();
		else if (i > 300 && unit_random() % 4)
			data[i] = data[i - 1 - unit_random() % 300];
		else
			data[i] = (u8)('a' + unit_random() % 20);
	}
}

static void round_trip(size_t size, bool noise, int level)
{
	struct sink sink = { .data = host_alloc(size + 1), .size = size };
	u8 *data = host_alloc(size + 1), *packed;
	size_t length, used;

	fill(data, size, noise);
	packed = host_gzip(data, size, level, &length);
	EXPECT_EQ(gunzip(packed, length, &used, collect, &sink), (long)size);
	EXPECT_EQ(used, length);
	EXPECT_EQ(sink.used, size);
	EXPECT_EQ(memcmp(sink.data, data, size), 0);
	host_free(sink.data);
	host_free(data);
	host_free(packed);
}

UNIT_TEST(gunzip_undoes_gzip)
{
	static const size_t sizes[] = { 0, 1, 2, 1000, 65535, 65536, 300000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		round_trip(sizes[i], false, 1);
		round_trip(sizes[i], false, 9);
		round_trip(sizes[i], true, 6);
	}
}

UNIT_TEST(gunzip_refuses_every_truncation)
{
	struct sink sink = { .data = host_alloc(4000), .size = 4000 };
	u8 data[2000], *packed;
	size_t length, used;

	fill(data, sizeof(data), false);
	packed = host_gzip(data, sizeof(data), 9, &length);
	for (size_t cut = 0; cut < length; cut++) {
		u8 *part = host_alloc(cut);

		memcpy(part, packed, cut);
		sink.used = 0;
		EXPECT_EQ(gunzip(part, cut, &used, collect, &sink), -EINVAL);
		host_free(part);
	}
	host_free(packed);
	host_free(sink.data);
}

UNIT_TEST(gunzip_survives_flipped_bits)
{
	struct sink sink = { .data = host_alloc(1 << 20), .size = 1 << 20 };
	u8 data[3000], *packed;
	size_t length, used;

	fill(data, sizeof(data), false);
	packed = host_gzip(data, sizeof(data), 9, &length);
	for (int round = 0; round < 20000; round++) {
		size_t at = unit_random() % length;
		u8 bit = (u8)BIT(unit_random() % 8);
		ssize_t result;

		packed[at] ^= bit;
		sink.used = 0;
		result = gunzip(packed, length, &used, collect, &sink);
		/* Bits of the header that say nothing about the data (time, system) may differ. */
		EXPECT(result == -EINVAL || result == -ENOSPC ||
		       (result == sizeof(data) && memcmp(sink.data, data, sizeof(data)) == 0));
		packed[at] ^= bit;
	}
	host_free(packed);
	host_free(sink.data);
}

UNIT_TEST(gunzip_passes_errors_on_and_frees)
{
	struct sink sink = { .error = -EFBIG };
	long live = unit_live_objects;
	u8 data[100] = { 0 }, *packed;
	size_t length, used;

	packed = host_gzip(data, sizeof(data), 6, &length);
	EXPECT_EQ(gunzip(packed, length, &used, collect, &sink), -EFBIG);
	unit_fail_allocations = 1;
	sink.error = 0;
	EXPECT_EQ(gunzip(packed, length, &used, collect, &sink), -ENOMEM);
	unit_fail_allocations = 0;
	EXPECT_EQ(unit_live_objects, live);
	host_free(packed);
}

UNIT_TEST(crc32_known_values)
{
	EXPECT_EQ(crc32(0, "123456789", 9), 0xcbf43926);
	EXPECT_EQ(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
	EXPECT_EQ(crc32(0, "", 0), 0);
}

static u32 crc32_bit_by_bit(const u8 *p, size_t n)
{
	u32 crc = ~0u;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

UNIT_TEST(crc32_of_every_length_and_alignment)
{
	u8 data[64];

	for (u32 i = 0; i < sizeof(data); i++)
		data[i] = (u8)unit_random();
	for (u32 from = 0; from < 9; from++)
		for (u32 n = 0; n <= sizeof(data) - from; n++)
			EXPECT_EQ(crc32(0, data + from, n), crc32_bit_by_bit(data + from, n));
}

UNIT_TEST(hash_bytes_depends_on_every_bit)
{
	u8 data[24] = { 0 };
	u32 zero = hash_bytes(data, sizeof(data), 1);

	EXPECT_EQ(hash_bytes(data, sizeof(data), 1), zero);
	EXPECT(hash_bytes(data, sizeof(data), 2) != zero);
	EXPECT(hash_bytes(data, sizeof(data) - 1, 1) != zero);
	for (int bit = 0; bit < 24 * 8; bit++) {
		data[bit / 8] ^= (u8)BIT(bit % 8);
		EXPECT(hash_bytes(data, sizeof(data), 1) != zero);
		data[bit / 8] ^= (u8)BIT(bit % 8);
	}
}
