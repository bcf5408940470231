// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console of a PV machine: bytes out and in by hypercall (specification, section 9). Once for
 * the log, usable before kernel_main(), and once as terminal hvc0.
 */
#define pr_fmt(f) "hvc0: " f
#include <init.h>
#include <irq.h>
#include <log.h>
#include <mm.h>
#include <string.h>
#include <time.h>
#include <tty.h>
#include <plat/hypercall.h>

#define LOG_TRIES 2000 /* calls without room for a piece of the log */
#define HVC_MAJOR 229 /* Linux's admin-guide/devices.txt */

/* Tells the host to take @n bytes at a kernel address that is physically contiguous. */
static size_t console_out(const void *p, size_t n)
{
	long taken =
		hypercall2(PV_HC_CONSOLE_WRITE, virt_to_phys(p), min(n, (size_t)PV_MAX_CONSOLE));

	return taken > 0 ? (size_t)taken : 0;
}

/* ---- the log ---- */

static char log_buf[256]; /* console.write is called by one CPU at a time */

/*
 * The launcher has no room while its reader is slow; it makes some when nobody reads. With
 * the log's lock held that is worth some milliseconds, and no more: dmesg has the rest.
 */
static void flush_log(size_t n)
{
	unsigned int tries = LOG_TRIES;
	size_t done = 0, taken;

	while (done < n && tries) {
		taken = console_out(log_buf + done, n - done);
		done += taken;
		if (!taken && --tries)
			hypercall1(PV_HC_YIELD, PV_ANY);
	}
}

static void log_write(struct console *con, const char *s, size_t n)
{
	size_t used = 0;

	(void)con;
	while (n--) {
		if (used > sizeof(log_buf) - 2) {
			flush_log(used);
			used = 0;
		}
		if (*s == '\n')
			log_buf[used++] = '\r';
		log_buf[used++] = *s++;
	}
	flush_log(used);
}

static struct console hvc_log = {.name = "hvc0", .write = log_write};

static int hvc_log_init(void)
{
	log_console_register(&hvc_log);
	return 0;
}
early_initcall(hvc_log_init);

/* ---- the terminal ---- */

static struct {
	struct spinlock lock; /* guards all but the timer */
	u8 *out, *in; /* a page each */
	struct timer retry; /* there is no event for "room again" */
} hvc = {.lock = SPINLOCK_INIT("hvc")};

static size_t hvc_write(struct tty_driver *d, const u8 *p, size_t n)
{
	unsigned long flags;
	size_t taken;

	(void)d;
	n = min(n, (size_t)PV_MAX_CONSOLE);
	spin_lock_irqsave(&hvc.lock, flags);
	memcpy(hvc.out, p, n);
	taken = console_out(hvc.out, n);
	spin_unlock_irqrestore(&hvc.lock, flags);
	if (taken < n)
		timer_start(&hvc.retry, ktime_ns() + NSEC_PER_MSEC);
	return taken;
}

static bool hvc_drained(struct tty_driver *d)
{
	(void)d;
	return true;
}

static struct tty_driver hvc_driver = {
	.name = "hvc0",
	.major = HVC_MAJOR,
	.write = hvc_write,
	.drained = hvc_drained,
};

static void hvc_retry(struct timer *t)
{
	(void)t;
	tty_write_wakeup(hvc_driver.tty);
}

static void hvc_input(u32 irq, void *arg)
{
	unsigned long flags;
	long n;

	(void)irq;
	(void)arg;
	do {
		u8 chunk[64];

		spin_lock_irqsave(&hvc.lock, flags);
		n = hypercall2(PV_HC_CONSOLE_READ, virt_to_phys(hvc.in), sizeof(chunk));
		if (n > 0)
			memcpy(chunk, hvc.in, (size_t)n);
		spin_unlock_irqrestore(&hvc.lock, flags);
		if (n > 0)
			tty_receive(hvc_driver.tty, chunk, (size_t)n);
	} while (n > 0);
}

static int hvc_init(void)
{
	struct page *p = alloc_pages(1, GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	hvc.out = page_address(p);
	hvc.in = hvc.out + PAGE_SIZE;
	timer_init(&hvc.retry, hvc_retry);
	err = tty_register(&hvc_driver);
	if (!err)
		err = irq_request(PV_EVENT_CONSOLE, hvc_input, NULL, "hvc0");
	if (!err)
		hvc_input(0, NULL); /* what came before the handler was there */
	return err;
}
device_initcall(hvc_init);
