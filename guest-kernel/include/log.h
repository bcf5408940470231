/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log: a ring of records with level and time stamp (kernel/log/log.c), copied to the registered
 * consoles. Usable in any context, NMI and panic included.
 */
#ifndef _LOG_H
#define _LOG_H

#include <compiler.h>
#include <list.h>

#define LOG_EMERG	0
#define LOG_ALERT	1
#define LOG_CRIT	2
#define LOG_ERR		3
#define LOG_WARNING	4
#define LOG_NOTICE	5
#define LOG_INFO	6
#define LOG_DEBUG	7
/* A priority is a level and, for what programs write, eight times a facility (syslog(3)). */
#define LOG_PRIO_MAX	255
#define LOG_LEVEL(prio)	((prio) & 7)

#ifndef pr_fmt
#define pr_fmt(f) f	/* a file that logs defines: #define pr_fmt(f) "mm: " f */
#endif

void log_printf(int level, const char *fmt, ...) __printf(2, 3);
void log_vprintf(int level, const char *fmt, va_list ap);

#define pr_log(level, fmt, ...) log_printf(level, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_emerg(...)	pr_log(LOG_EMERG, __VA_ARGS__)
#define pr_err(...)	pr_log(LOG_ERR, __VA_ARGS__)
#define pr_warn(...)	pr_log(LOG_WARNING, __VA_ARGS__)
#define pr_notice(...)	pr_log(LOG_NOTICE, __VA_ARGS__)
#define pr_info(...)	pr_log(LOG_INFO, __VA_ARGS__)
/* Formatted only in kernels that show debug messages: they stand on hot paths. */
#define pr_debug(...) do { \
	if (CONFIG_LOG_LEVEL > LOG_DEBUG) \
		pr_log(LOG_DEBUG, __VA_ARGS__); \
} while (0)

/*
 * At most 10 messages in 5 s for each place in the code; the first one after a pause says how many
 * were left out.
 */
struct ratelimit {
	u64 start_ns;
	u32 printed, missed;
};
bool ratelimit_ok(struct ratelimit *rl, const char *where);
#define pr_ratelimited(level, fmt, ...) do { \
	static struct ratelimit _rl; \
	if (ratelimit_ok(&_rl, __func__)) \
		pr_log(level, fmt, ##__VA_ARGS__); \
} while (0)

/**
 * struct console - Where log records go as text.
 * @name: as in the boot option console= ("ttyS0", "tty0", "hvc0")
 * @write: writes @n bytes at once, polling if it must; callable in any context with interrupts off.
 * Lines end in "\n": the driver adds "\r" if its device wants it
 * @enabled: set by log_console_register() when console= names it, or when none was named
 * @next_seq: next record to print; owned by the CPU that prints
 * @next: the log's list, only ever grows
 */
struct console {
	const char *name;
	void (*write)(struct console *con, const char *s, size_t n);
	bool enabled;
	u64 next_seq;
	struct console *next;
};
/*
 * Prints what the ring holds, then every new record. Before log_init() the console is taken as
 * wanted; log_init() looks again. Any context but NMI.
 */
void log_console_register(struct console *con);
/* loglevel=, quiet, console=: after cmdline_init(). */
void log_init(void);
/*
 * True if console=@name was given (the last one named is /dev/console); or if none was and this is
 * the first to ask.
 */
bool log_console_wanted(const char *name);
/*
 * Name of the console that /dev/console stands for, without "/dev/"; NULL before any is registered.
 */
const char *log_console_name(void);
void log_set_level(int level);
int log_get_level(void);
/*
 * syslog(2) and /proc/kmsg-like reading: copies records from sequence *@seq on as "<level>[time]
 * text\n" lines. Returns bytes, advances *@seq.
 */
size_t log_read(u64 *seq, char *buf, size_t size);
/* Bytes that log_read() would give in all. */
size_t log_unread(u64 seq);
/* From which record at or after @seq on the rest fits into @size bytes. */
u64 log_fitting_seq(u64 seq, size_t size);
/*
 * For /dev/kmsg. log_has(): is there a record with number @seq or a later one? log_wait_queue(): woken
 * when there is a new one, with POLLIN. log_record_text(): one record as "prio,seq,us,-;text\n"; sets
 * *@seq to its number, which is later than asked for if that one was overwritten; bytes, 0: none.
 */
#define LOG_RECORD_MAX	1024
struct wait_queue;
bool log_has(u64 seq);
struct wait_queue *log_wait_queue(void);
size_t log_record_text(u64 *seq, char *buf, size_t size);
/* From the reschedule interrupt: readers are woken there, since a message may come in any context. */
void log_wake_readers(void);
/*
 * Numbers of the oldest record that a reader may want (after log_clear()) and of the next one to be
 * written.
 */
u64 log_first_seq(void);
u64 log_next_seq(void);
size_t log_size(void);			/* bytes of text that the ring can hold */
void log_clear(void);
/* From here on consoles are written without taking locks (panic). */
void log_emergency(void);
bool log_in_emergency(void);

#endif
