// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of log records; log_ring.h says how it does without locks.
 */
#include "log_ring.h"

#include <string.h>

static struct log_record *slot_of(const struct log_ring *r, u64 seq)
{
	return &r->slots[seq & (r->nr - 1)];
}

void log_ring_put(struct log_ring *r, u8 level, u64 ns, const char *text, size_t len)
{
	u64 seq = __atomic_fetch_add(&r->head, 1, __ATOMIC_SEQ_CST);
	struct log_record *rec = slot_of(r, seq);

	len = min(len, (size_t)LOG_TEXT_MAX);
	__atomic_store_n(&rec->seq, 0, __ATOMIC_SEQ_CST);
	rec->ns = ns;
	rec->level = level;
	rec->len = (u8)len;
	memcpy(rec->text, text, len);
	smp_store_release(&rec->seq, seq + 1);
}

bool log_ring_get(const struct log_ring *r, u64 *seq, struct log_record *out)
{
	u64 head = smp_load_acquire(&r->head);

	if (head > r->nr && *seq < head - r->nr)
		*seq = head - r->nr;
	for (; *seq < head; (*seq)++) {
		const struct log_record *rec = slot_of(r, *seq);
		u64 before = smp_load_acquire(&rec->seq);

		/*
		 * The next ones may be complete, but text must come in order: the writer will ask
		 * for a new look.
		 */
		if (before < *seq + 1)
			return false;
		if (before > *seq + 1)
			continue;
		memcpy(out, rec, sizeof(*out));
		smp_rmb();
		if (READ_ONCE(rec->seq) == before)
			return true;
	}
	return false;
}

bool log_ring_get_last(const struct log_ring *r, u64 *seq, struct log_record *out)
{
	u64 head = smp_load_acquire(&r->head);

	for (;;) {
		if (log_ring_get(r, seq, out))
			return true;
		if (*seq >= head)
			return false;
		(*seq)++;
	}
}
