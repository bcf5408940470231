// SPDX-License-Identifier: GPL-2.0-only
/*
 * The screen as log console and as terminal tty0.
 *
 * @lock guards the terminal state; taken by whoever prints, with interrupts off.
 */
#include <init.h>
#include <log.h>
#include <platform/cpu.h>
#include <spinlock.h>
#include <string.h>
#include <time.h>
#include <tty.h>

#include "console.h"
#include "screen.h"

#define TTY_MAJOR_VT	4

static DEFINE_SPINLOCK(lock);
static struct vt vt;
static bool present __ro_after_init;
static struct work reply_work;

/* Holds the lock unless a panicking CPU may have it for ever. */
static bool lock_screen(unsigned long *flags)
{
	bool locked;

	*flags = irq_save();
	while (!(locked = spin_trylock(&lock)) && !log_in_emergency())
		cpu_relax();
	return locked;
}

static void unlock_screen(bool locked, unsigned long flags)
{
	if (locked)
		spin_unlock(&lock);
	irq_restore(flags);
}

static void console_write(struct console *con, const char *s, size_t n)
{
	unsigned long flags;
	bool locked = lock_screen(&flags);
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\n')
			vt_write(&vt, (const u8 *)"\r", 1);
		vt_write(&vt, (const u8 *)&s[i], 1);
	}
	unlock_screen(locked, flags);
}

static struct console screen_console = { .name = "tty0", .write = console_write };

/* Looks for a screen and makes it a console. */
static int screen_console_init(void)
{
	u32 cols, rows;
	const struct vt_screen *screen = vga_text_probe(&cols, &rows);

	if (!screen)
		return 0;
	vt_init(&vt, screen, cols, rows);
	present = true;
	log_console_register(&screen_console);
	return 0;
}
early_initcall(screen_console_init);

/* ---- terminal ---- */

static size_t screen_write(struct tty_driver *d, const u8 *p, size_t n)
{
	unsigned long flags;
	bool locked = lock_screen(&flags);

	vt_write(&vt, p, n);
	if (vt.reply_len)
		work_queue(&reply_work);
	unlock_screen(locked, flags);
	return n;
}

static bool screen_drained(struct tty_driver *d)
{
	return true;
}

static struct tty_driver screen_driver = {
	.name = "tty0", .major = TTY_MAJOR_VT, .minor = 0,
	.write = screen_write, .drained = screen_drained,
};

/*
 * The terminal's answer goes in as if typed; not from screen_write(), which runs
 * under the tty's lock.
 */
static void send_reply(struct work *w)
{
	char reply[VT_REPLY_MAX];
	unsigned long flags;
	bool locked = lock_screen(&flags);
	u32 n = vt.reply_len;

	memcpy(reply, vt.reply, n);
	vt.reply_len = 0;
	unlock_screen(locked, flags);
	tty_receive(screen_driver.tty, (const u8 *)reply, n);
}

void screen_console_input(const u8 *s, size_t n)
{
	if (screen_driver.tty)
		tty_receive(screen_driver.tty, s, n);
}

static int screen_start(void)
{
	if (!present)
		return 0;
	work_init(&reply_work, send_reply);
	screen_driver.winsize.ws_col = (u16)vt.cols;
	screen_driver.winsize.ws_row = (u16)vt.rows;
	return tty_register(&screen_driver);
}
device_initcall(screen_start);
