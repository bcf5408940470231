/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log of a shadow: where it has entries.
 *
 * Most shadows hold few entries when they are emptied, in tables that span
 * terabytes. So where entries are made is logged, and only if there were more
 * than fit are the tables searched. Such a search, the sweep, is done in steps, and
 * entries are made between them, before and behind it.
 *
 * What must never happen is that the log is believed while an entry is not in it:
 * no flush would find that entry any more. The rule:
 *
 *   Unless the log is *unknown*, every entry of the shadow is in @where, or @nr is
 *   more than fits there.
 *
 * Whoever makes an entry where none was adds it, so the rule can only break where the log
 * is shortened. There are two such places. Going through the whole log in one hold
 * of the lock takes out what was removed in the same hold. And a sweep over everything
 * starts the log anew, at its *beginning*, which makes it unknown. When it ends, all
 * that was there at its beginning has been removed; what is there now was made since,
 * and is in the log, unless the log was started anew meanwhile by a later sweep.
 * Sweeps have numbers, which never come back, and only the one that began last
 * makes the log known again.
 *
 * Nothing here depends on the architecture, so that it can be tested anywhere.
 */
#ifndef _PVHOST_LOG_H
#define _PVHOST_LOG_H

#include <linux/atomic.h>
#include <linux/types.h>

#define PVHOST_LOG		256

/**
 * struct pvhost_log - where a shadow has entries
 * @nr: entries made since the log was started
 * @sweep: number of the sweep that began last, or of the exchange of the tables
 * @unknown: that sweep goes on: there may be entries that are not in the log
 * @where: where they are, for the first of them
 *
 * Whoever adds holds the shadow's lock for reading, all others for writing. All
 * zero is the log of an empty shadow.
 */
struct pvhost_log {
	atomic64_t nr;
	u64 sweep;
	bool unknown;
	u64 where[PVHOST_LOG];
};

/**
 * pvhost_log_add - an entry has been made where none was
 * @log: the log
 * @where: what to note
 *
 * Context: the lock is held for reading, since before the entry was made.
 */
static __always_inline void pvhost_log_add(struct pvhost_log *log, u64 where)
{
	u64 i = atomic64_fetch_inc(&log->nr);

	if (i < PVHOST_LOG)
		log->where[i] = where;
}

/**
 * pvhost_log_complete - are all entries in the log?
 * @log: the log
 *
 * Context: the lock is held for writing.
 * Return: true if so; false: the tables have to be searched.
 */
static inline bool pvhost_log_complete(const struct pvhost_log *log)
{
	return !log->unknown && atomic64_read(&log->nr) <= PVHOST_LOG;
}

/**
 * pvhost_log_empty - has the shadow no entry?
 * @log: the log
 *
 * Context: the lock is held for writing.
 * Return: true only if there is none.
 */
static inline bool pvhost_log_empty(const struct pvhost_log *log)
{
	return !log->unknown && !atomic64_read(&log->nr);
}

/**
 * pvhost_log_begin - a sweep over everything begins
 * @log: the log
 *
 * Context: the lock is held for writing, and will be until the first step is done.
 * Return: the sweep's number, for pvhost_log_end(); never 0.
 */
static inline u64 pvhost_log_begin(struct pvhost_log *log)
{
	atomic64_set(&log->nr, 0);
	log->unknown = true;
	return ++log->sweep;
}

/**
 * pvhost_log_end - a sweep over everything has ended
 * @log: the log
 * @sweep: its number
 *
 * Context: the lock has been held for writing since the last step.
 */
static inline void pvhost_log_end(struct pvhost_log *log, u64 sweep)
{
	if (log->sweep == sweep)
		log->unknown = false;
}

/**
 * pvhost_log_renew - the shadow has got new, empty tables
 * @log: the log
 *
 * Sweeps that are under way search the old ones: their end means nothing.
 *
 * Context: the lock is held for writing.
 */
static inline void pvhost_log_renew(struct pvhost_log *log)
{
	pvhost_log_end(log, pvhost_log_begin(log));
}

#endif /* _PVHOST_LOG_H */
