// SPDX-License-Identifier: GPL-2.0-only
/*
 * The random number generator. Entropy is hashed into a pool; the pool's hash becomes the key of
 * ChaCha20; each request takes one block from that key, of which one half is the next key (so that
 * nobody who sees the memory later can compute what was given out before) and the other half is the
 * key of the request's own stream, made without the lock.
 *
 * Interrupts are noted in a few words per CPU, which a request adds to the pool when the key is a
 * minute old. The platform is asked for every key: a machine that was copied, or whose pool somebody
 * has seen, has a secret again after a minute.
 */
#define pr_fmt(f) "random: " f

#include <random.h>

#include <log.h>
#include <spinlock.h>
#include <string.h>
#include <time.h>
#include <platform/platform.h>

#include "../lib/crypto/blake2s.h"
#include "../lib/crypto/chacha20.h"

#define RESEED_NS (60 * NSEC_PER_SEC)

static struct {
	struct spinlock lock;		/* guards all of this; interrupts off */
	struct blake2s pool;
	u32 key[CHACHA_KEY_WORDS];
	u64 requests;			/* block number under the present key */
	u64 keyed_ns;
	u64 seeded;			/* bytes that the platform has given */
} rng = { .lock = SPINLOCK_INIT("random") };

/* Moments of interrupts, folded together; each CPU changes only its own. */
static DEFINE_PER_CPU(struct { u64 mix[4]; u32 n; }, interrupts);

void random_interrupt(u32 source)
{
	u32 i = this_cpu(interrupts).n++ % 4;
	u64 *word = &this_cpu(interrupts).mix[i];

	*word = (*word << 7 | *word >> 57) ^ cpu_cycles() ^ source;
}

/* Makes a new key of the pool; the pool goes on from its own hash. Locked. */
static void rekey(void)
{
	u8 hash[BLAKE2S_HASH], seed[BLAKE2S_HASH];
	size_t good = platform_entropy(seed, sizeof(seed));
	u32 cpu;

	blake2s_update(&rng.pool, seed, good);
	rng.seeded += good;
	for (cpu = 0; cpu < nr_cpus; cpu++)
		blake2s_update(&rng.pool, &per_cpu(interrupts, cpu), sizeof(interrupts[0]));
	blake2s_update(&rng.pool, rng.key, sizeof(rng.key));
	blake2s_final(&rng.pool, hash);
	memcpy(rng.key, hash, sizeof(rng.key));
	blake2s_init(&rng.pool);
	hash[0] ^= 0x80;
	blake2s_update(&rng.pool, hash, sizeof(hash));
	memset(hash, 0, sizeof(hash));
	memset(seed, 0, sizeof(seed));
	barrier();
	rng.requests = 0;
	rng.keyed_ns = ktime_ns();
}

void random_add_entropy(const void *p, size_t n)
{
	u64 now = cpu_cycles();
	unsigned long flags;

	spin_lock_irqsave(&rng.lock, flags);
	blake2s_update(&rng.pool, &now, sizeof(now));
	blake2s_update(&rng.pool, p, n);
	rekey();
	spin_unlock_irqrestore(&rng.lock, flags);
}

/* The key of one request's stream. */
static void request_key(u32 key[CHACHA_KEY_WORDS])
{
	static const u32 nonce[3];
	u8 block[CHACHA_BLOCK_BYTES];
	unsigned long flags;

	spin_lock_irqsave(&rng.lock, flags);
	if (ktime_ns() - rng.keyed_ns > RESEED_NS)
		rekey();
	chacha20_block(rng.key, (u32)rng.requests++, nonce, block);
	memcpy(rng.key, block, sizeof(rng.key));
	spin_unlock_irqrestore(&rng.lock, flags);
	memcpy(key, block + sizeof(rng.key), sizeof(rng.key));
	memset(block, 0, sizeof(block));
	barrier();
}

/**
 * random_bytes - Unpredictable bytes.
 * @buf: filled
 * @n: how many
 *
 * Context: any but NMI, after random_init().
 */
void random_bytes(void *buf, size_t n)
{
	static const u32 nonce[3];
	u32 key[CHACHA_KEY_WORDS], counter = 0;
	u8 block[CHACHA_BLOCK_BYTES], *out = buf;

	request_key(key);
	while (n) {
		size_t part = min(n, sizeof(block));

		chacha20_block(key, counter++, nonce, block);
		memcpy(out, block, part);
		out += part;
		n -= part;
	}
	memset(block, 0, sizeof(block));
	memset(key, 0, sizeof(key));
	barrier();
}

/*
 * Without a hardware source: how long the same work takes varies with caches, the bus and, in a
 * virtual machine, with the host's other work. Each sample is credited with an eighth of a bit at
 * most, so 4096 of them make a key.
 */
static void add_jitter(void)
{
	u64 samples[64];
	u32 round, i;

	for (round = 0; round < 64; round++) {
		for (i = 0; i < 64; i++) {
			samples[i] = cpu_cycles() ^ ktime_ns() << 32;
			blake2s_update(&rng.pool, &samples[i], sizeof(samples[i]));
		}
		random_add_entropy(samples, sizeof(samples));
	}
}

/**
 * random_seeded - how many bytes the platform has given so far
 *
 * Context: any but NMI.
 */
u64 random_seeded(void)
{
	unsigned long flags;
	u64 seeded;

	spin_lock_irqsave(&rng.lock, flags);
	seeded = rng.seeded;
	spin_unlock_irqrestore(&rng.lock, flags);
	return seeded;
}

void random_init(void)
{
	u64 when[2] = { rtc_read(), cpu_cycles() };

	blake2s_init(&rng.pool);
	random_add_entropy(when, sizeof(when));
	add_jitter();
	pr_debug("%llu bytes from the platform\n", (unsigned long long)rng.seeded);
}
