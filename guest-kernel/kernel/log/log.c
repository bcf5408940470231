// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's log: formats messages into the ring and copies the ring to the consoles.
 *
 * One CPU at a time prints; whoever adds a record while another prints leaves it to that one, which
 * looks again before it stops. So lines are never mixed, nobody waits for a slow console but the
 * one that prints, and a message from an interrupt or NMI that comes in the middle is printed
 * afterwards.
 */
#include <log.h>

#include <atomic.h>
#include <init.h>
#include <platform/cpu.h>
#include <poll.h>
#include <spinlock.h>
#include <string.h>
#include <thread.h>
#include <time.h>
#include <wait.h>

#include "log_ring.h"

#define LOG_MESSAGE_MAX	1024
#define LINE_MAX	(LOG_TEXT_MAX + 32)

static struct log_record slots[1U << CONFIG_LOG_RING_SHIFT];
static struct log_ring ring = { .slots = slots, .nr = ARRAY_SIZE(slots) };

static struct console
	*consoles; /* written by log_console_register() with @printing held; read anywhere */
static atomic_t printing;		/* 1: somebody prints; atomic */
static bool emergency;
static bool initialised;
static int console_level = CONFIG_LOG_LEVEL;
static DEFINE_WAIT_QUEUE(readers);	/* of /dev/kmsg */
static bool news;			/* readers are to be woken; atomic */
static u64 cleared_seq;			/* what log_clear() left out; a single word, any reader */

/* "[    1.234567] text\n" */
static size_t format_line(const struct log_record *rec, char *buf, size_t size)
{
	u64 us = rec->ns / NSEC_PER_USEC;

	return (size_t)scnprintf(buf, size, "[%5llu.%06llu] %.*s\n",
				 (unsigned long long)(us / 1000000),
				 (unsigned long long)(us % 1000000), (int)rec->len, rec->text);
}

/* In an emergency a record that the panicking or a stopped CPU has begun stays unfinished. */
static bool next_record(struct console *con, struct log_record *rec)
{
	return emergency ? log_ring_get_last(&ring, &con->next_seq, rec)
			 : log_ring_get(&ring, &con->next_seq, rec);
}

static void print_new_records(struct console *con)
{
	struct log_record rec;
	char line[LINE_MAX];

	while (next_record(con, &rec)) {
		con->next_seq++;
		if (con->enabled && (LOG_LEVEL(rec.level) < console_level || emergency))
			con->write(con, line, format_line(&rec, line, sizeof(line)));
	}
}

static bool all_printed(void)
{
	u64 head = smp_load_acquire(&ring.head), seq;
	struct log_record rec;
	struct console *con;

	for (con = READ_ONCE(consoles); con; con = con->next) {
		seq = con->next_seq;
		if (seq < head && log_ring_get(&ring, &seq, &rec))
			return false;
	}
	return true;
}

/* Copies what is new to the consoles, unless somebody else is at it and will see it. */
static void print_all(void)
{
	struct console *con;
	unsigned long flags;

	do {
		flags = irq_save();
		if (!emergency && atomic_xchg(&printing, 1)) {
			irq_restore(flags);
			return;
		}
		for (con = consoles; con; con = con->next)
			print_new_records(con);
		atomic_xchg(&printing, 0);
		irq_restore(flags);
		/* A record may have come between the last look and the release. */
	} while (unlikely(!all_printed()));
}

/*
 * A message may hold several lines; each becomes a record, or several if it is long, so that every
 * line has its time and level.
 */
static void put_lines(int level, const char *text, size_t len)
{
	u64 now = ktime_ns();

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		size_t taken = min(n, (size_t)LOG_TEXT_MAX);

		log_ring_put(&ring, (u8)level, now, text, taken);
		n = taken < n ? taken : min(n + 1, len);
		text += n;
		len -= n;
	}
}

/*
 * A message may come with any lock held, the run queues' too. So waking is left to an interrupt that
 * this CPU, or whichever it is by then, sends itself.
 */
static void kick_readers(void)
{
	if (emergency || !wait_active(&readers))
		return;
	WRITE_ONCE(news, true);
	smp_send_reschedule(READ_ONCE(current->cpu));
}

void log_wake_readers(void)
{
	if (likely(!READ_ONCE(news)))
		return;
	WRITE_ONCE(news, false);
	smp_mb(); /* a message from here on makes news again */
	lockdep_irq_enter();
	wake_up_all_events(&readers, POLLIN | POLLRDNORM);
	lockdep_irq_exit();
}

struct wait_queue *log_wait_queue(void)
{
	return &readers;
}

/**
 * log_vprintf - Add a message to the log.
 * @level: LOG_*, or a priority
 * @fmt: as for snprintf(); a message is cut at 1 KiB
 * @ap: arguments
 *
 * Context: any, NMI included.
 */
void log_vprintf(int level, const char *fmt, va_list ap)
{
	char text[LOG_MESSAGE_MAX + 1];
	int len = vsnprintf(text, sizeof(text), fmt, ap);

	if (len <= 0)
		return;
	put_lines(level, text, min((size_t)len, sizeof(text) - 1));
	print_all();
	kick_readers();
}

void log_printf(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(level, fmt, ap);
	va_end(ap);
}

void log_set_level(int level)
{
	WRITE_ONCE(console_level, level);
}

int log_get_level(void)
{
	return READ_ONCE(console_level);
}

/* Whether the console= word @value ("ttyS0,115200") names @name. */
static bool names_console(const char *value, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(value, name, n) && (!value[n] || value[n] == ',');
}

bool log_console_wanted(const char *name)
{
	const char *value;
	u32 i;

	for (i = 0; (value = cmdline_get_nth("console", i)); i++)
		if (names_console(value, name))
			return true;
	if (i)
		return false;
	return !consoles || !strcmp(consoles->name, name);
}

static struct console *find_console(const char *value)
{
	struct console *con;

	for (con = consoles; con; con = con->next)
		if (con->enabled && names_console(value, con->name))
			return con;
	return NULL;
}

/**
 * log_console_name - What /dev/console stands for.
 *
 * Return: the last console named by console= that exists, else the first that was registered, else
 * NULL.
 */
const char *log_console_name(void)
{
	const char *value;
	struct console *con, *named = NULL;
	u32 i;

	for (i = 0; (value = cmdline_get_nth("console", i)); i++) {
		con = find_console(value);
		if (con)
			named = con;
	}
	if (named)
		return named->name;
	return consoles ? consoles->name : NULL;
}

/* Stops everybody else from printing while the list or a console's state changes. */
static unsigned long printing_stop(void)
{
	unsigned long flags = irq_save();

	while (atomic_xchg(&printing, 1))
		cpu_relax();
	return flags;
}

static void printing_go_on(unsigned long flags)
{
	atomic_xchg(&printing, 0);
	irq_restore(flags);
	print_all();
}

void log_console_register(struct console *con)
{
	unsigned long flags = printing_stop();
	struct console **last = &consoles;

	con->enabled = !initialised || log_console_wanted(con->name);
	con->next_seq = 0;
	con->next = NULL;
	while (*last && *last != con)
		last = &(*last)->next;
	if (!*last)
		smp_store_release(last, con);
	printing_go_on(flags);
}

/**
 * log_init - Follow the boot options loglevel=, quiet, debug and console=.
 *
 * Context: once, after cmdline_init().
 */
void log_init(void)
{
	unsigned long flags = printing_stop();
	struct console *con;

	initialised = true;
	if (cmdline_flag("quiet"))
		console_level = LOG_WARNING;
	if (cmdline_flag("debug"))
		console_level = LOG_DEBUG + 1;
	console_level = (int)cmdline_get_u64("loglevel", (u64)console_level);
	if (cmdline_flag("ignore_loglevel"))
		console_level = LOG_DEBUG + 1;
	for (con = consoles; con; con = con->next)
		con->enabled = log_console_wanted(con->name);
	printing_go_on(flags);
}

u64 log_first_seq(void)
{
	return READ_ONCE(cleared_seq);
}

u64 log_next_seq(void)
{
	return READ_ONCE(ring.head);
}

size_t log_size(void)
{
	return sizeof(slots);
}

void log_clear(void)
{
	WRITE_ONCE(cleared_seq, READ_ONCE(ring.head));
}

/* The next record as readers get it; 0: there is none (yet). */
static size_t read_line(u64 *seq, char line[LINE_MAX])
{
	struct log_record rec;
	size_t n;

	if (!log_ring_get(&ring, seq, &rec))
		return 0;
	n = (size_t)scnprintf(line, LINE_MAX, "<%u>", rec.level);
	return n + format_line(&rec, line + n, LINE_MAX - n);
}

size_t log_read(u64 *seq, char *buf, size_t size)
{
	char line[LINE_MAX];
	size_t n, done = 0;

	while ((n = read_line(seq, line)) && n <= size - done) {
		memcpy(buf + done, line, n);
		done += n;
		(*seq)++;
	}
	return done;
}

bool log_has(u64 seq)
{
	struct log_record rec;

	return log_ring_get(&ring, &seq, &rec);
}

size_t log_record_text(u64 *seq, char *buf, size_t size)
{
	struct log_record rec;
	size_t n;

	if (!log_ring_get(&ring, seq, &rec))
		return 0;
	static_assert(64 + 4 * LOG_TEXT_MAX + 1 <= LOG_RECORD_MAX, "an escaped byte takes four");
	n = (size_t)scnprintf(buf, size, "%u,%llu,%llu,-;", rec.level, (unsigned long long)*seq,
			      (unsigned long long)(rec.ns / NSEC_PER_USEC));
	for (u32 i = 0; i < rec.len; i++) {
		u8 c = (u8)rec.text[i];
		const char *fmt = c < ' ' || c >= 0x7f || c == '\\' ? "\\x%02x" : "%c";

		n += (size_t)scnprintf(buf + n, size - n, fmt, c);
	}
	return n + (size_t)scnprintf(buf + n, size - n, "\n");
}

size_t log_unread(u64 seq)
{
	char line[LINE_MAX];
	size_t n, sum = 0;

	for (; (n = read_line(&seq, line)); seq++)
		sum += n;
	return sum;
}

u64 log_fitting_seq(u64 seq, size_t size)
{
	size_t n, sum = log_unread(seq);
	char line[LINE_MAX];

	for (; sum > size && (n = read_line(&seq, line)); seq++)
		sum -= min(n, sum);
	return seq;
}

bool log_in_emergency(void)
{
	return emergency;
}

void log_emergency(void)
{
	emergency = true;
}

/**
 * ratelimit_ok - Whether one more message from a place in the code is tolerable.
 * @rl: state of the place; not locked, since a race only miscounts
 * @where: its name
 *
 * Context: any.
 * Return: true if the message should be logged.
 */
bool ratelimit_ok(struct ratelimit *rl, const char *where)
{
	u64 now = ktime_ns();

	if (!rl->start_ns || now - rl->start_ns > 5 * NSEC_PER_SEC) {
		if (rl->missed)
			pr_warn("%s: %u messages left out\n", where, rl->missed);
		*rl = (struct ratelimit){ .start_ns = now ? now : 1 };
	}
	if (rl->printed < 10) {
		rl->printed++;
		return true;
	}
	rl->missed++;
	return false;
}
