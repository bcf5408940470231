// SPDX-License-Identifier: GPL-2.0-only
/* lib/crypto/chacha20.c and blake2s.c against the vectors of RFC 8439 (2.3.2) and RFC 7693 (appendix B). */
#include <string.h>

#include "../../guest-kernel/lib/crypto/blake2s.h"
#include "../../guest-kernel/lib/crypto/chacha20.h"
#include "unit.h"

static void hex(const u8 *p, size_t n, char *out)
{
	for (; n--; p++, out += 2)
		snprintf(out, 3, "%02x", *p);
}

UNIT_TEST(chacha20_matches_the_rfc)
{
	static const u32 nonce[3] = { 0x09000000, 0x4a000000, 0 };
	u8 key_bytes[32], block[CHACHA_BLOCK_BYTES];
	u32 key[CHACHA_KEY_WORDS], i;
	char text[2 * CHACHA_BLOCK_BYTES + 1];

	for (i = 0; i < sizeof(key_bytes); i++)
		key_bytes[i] = (u8)i;
	memcpy(key, key_bytes, sizeof(key));
	chacha20_block(key, 1, nonce, block);
	hex(block, sizeof(block), text);
	EXPECT_STR(text, "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
			 "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
}

UNIT_TEST(blake2s_matches_the_rfc)
{
	struct blake2s s;
	u8 hash[BLAKE2S_HASH];
	char text[2 * BLAKE2S_HASH + 1];

	blake2s_init(&s);
	blake2s_update(&s, "abc", 3);
	blake2s_final(&s, hash);
	hex(hash, sizeof(hash), text);
	EXPECT_STR(text, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
}

/* However the input is cut into pieces. */
UNIT_TEST(blake2s_does_not_depend_on_the_pieces)
{
	static u8 data[1000];
	u8 whole[BLAKE2S_HASH], parts[BLAKE2S_HASH];
	struct blake2s s;
	u32 at, n, round;

	for (at = 0; at < sizeof(data); at++)
		data[at] = (u8)unit_random();
	blake2s_init(&s);
	blake2s_update(&s, data, sizeof(data));
	blake2s_final(&s, whole);
	for (round = 0; round < 50; round++) {
		blake2s_init(&s);
		for (at = 0; at < sizeof(data); at += n) {
			n = min(unit_random() % 200, (u32)sizeof(data) - at);
			blake2s_update(&s, data + at, n);
		}
		blake2s_final(&s, parts);
		EXPECT_EQ(memcmp(whole, parts, sizeof(whole)), 0);
	}
}
