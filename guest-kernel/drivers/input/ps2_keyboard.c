// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PC's keyboard behind the 8042 controller, which is told to translate to
 * scan code set 1 (IBM PS/2 Technical Reference, "Keyboard and Auxiliary Device
 * Controller"). Its state is touched by its interrupt handler only.
 */
#define pr_fmt(f) "ps2_keyboard: " f

#include <init.h>
#include <irq.h>
#include <log.h>
#include <plat/irq.h>
#include <plat/x86.h>
#include <platform/cpu.h>
#include <process.h>
#include <string.h>

#include "../video/console.h"
#include "keymap.h"

#define KBD_DATA	0x60
#define KBD_STATUS	0x64
#define KBD_COMMAND	0x64
#define STATUS_OUTPUT	0x01
#define STATUS_INPUT	0x02
#define STATUS_AUX	0x20
#define CMD_READ_CONFIG	0x20
#define CMD_WRITE_CONFIG 0x60
#define CMD_DISABLE_AUX	0xa7
#define CMD_ENABLE_KBD	0xae
#define CONFIG_KBD_IRQ	0x01
#define CONFIG_KBD_OFF	0x10
#define CONFIG_TRANSLATE 0x40
#define ISA_IRQ		1
#define WAIT_LOOPS	10000

#define CODE_EXTENDED	0xe0
#define CODE_RELEASE	0x80
#define CODE_CTRL	0x1d
#define CODE_LSHIFT	0x2a
#define CODE_RSHIFT	0x36
#define CODE_ALT	0x38
#define CODE_CAPS	0x3a
#define CODE_DELETE	0x53
#define CODE_KP_ENTER	0x1c
#define CODE_KP_SLASH	0x35

static struct {
	bool extended, shift, ctrl, alt, caps;
} keys;

static bool wait_status(u8 mask, u8 value)
{
	u32 i;

	for (i = 0; i < WAIT_LOOPS; i++) {
		if ((inb(KBD_STATUS) & mask) == value)
			return true;
		cpu_relax();
	}
	return false;
}

static bool command(u8 cmd)
{
	if (!wait_status(STATUS_INPUT, 0))
		return false;
	outb(KBD_COMMAND, cmd);
	return true;
}

static void drain(void)
{
	u32 i;

	for (i = 0; i < WAIT_LOOPS && inb(KBD_STATUS) & STATUS_OUTPUT; i++)
		inb(KBD_DATA);
}

/* Shift, control and the like; true if @code is one of them. */
static bool modifier(u8 code, bool press)
{
	switch (code) {
	case CODE_LSHIFT:
	case CODE_RSHIFT:
		if (!keys.extended)
			keys.shift = press;
		return true;
	case CODE_CTRL:
		keys.ctrl = press;
		return true;
	case CODE_ALT:
		keys.alt = press;
		return true;
	case CODE_CAPS:
		keys.caps ^= press;
		return true;
	}
	return false;
}

static u8 character(u8 code)
{
	bool shift = keys.shift;
	u8 c;

	if (code >= KEYMAP_SIZE ||
	    (keys.extended && code != CODE_KP_ENTER && code != CODE_KP_SLASH))
		return 0;
	c = keymap_plain[code];
	if (keys.caps && c >= 'a' && c <= 'z')
		shift = !shift;
	return shift ? keymap_shift[code] : c;
}

/* Ctrl makes control characters of '@' to '_', of small letters and of space. */
static u8 with_ctrl(u8 c)
{
	if (c >= 'a' && c <= 'z')
		return (u8)(c - 'a' + 1);
	if (c >= '@' && c <= '_')
		return (u8)(c - '@');
	return c == ' ' ? 0 : c;
}

static void key(u8 code)
{
	const char *sequence;
	u8 out[2], c = character(code);
	size_t n = 0;

	if (!c) {
		sequence = keymap_sequence(code, keys.extended);
		if (sequence)
			screen_console_input((const u8 *)sequence, strlen(sequence));
		return;
	}
	if (keys.alt)
		out[n++] = 0x1b;
	out[n++] = keys.ctrl ? with_ctrl(c) : c;
	screen_console_input(out, n);
}

static void scan_code(u8 v)
{
	u8 code = (u8)(v & ~CODE_RELEASE);
	bool press = !(v & CODE_RELEASE);

	if (v == CODE_EXTENDED) {
		keys.extended = true;
		return;
	}
	if (press && code == CODE_DELETE && keys.ctrl && keys.alt)
		ctrl_alt_del();
	else if (!modifier(code, press) && press)
		key(code);
	keys.extended = false;
}

static void keyboard_interrupt(u32 irq, void *arg)
{
	u8 status;
	u32 i;

	for (i = 0; i < WAIT_LOOPS && (status = inb(KBD_STATUS)) & STATUS_OUTPUT; i++) {
		u8 v = inb(KBD_DATA);

		if (!(status & STATUS_AUX))
			scan_code(v);
	}
}

/* False if there is no controller: its ports read as ones, or it does not answer. */
static bool set_up_controller(void)
{
	u8 config;

	if (inb(KBD_STATUS) == 0xff || !command(CMD_DISABLE_AUX))
		return false;
	drain();
	if (!command(CMD_READ_CONFIG) || !wait_status(STATUS_OUTPUT, STATUS_OUTPUT))
		return false;
	config = inb(KBD_DATA);
	config = (u8)((config | CONFIG_KBD_IRQ | CONFIG_TRANSLATE) & ~CONFIG_KBD_OFF);
	if (!command(CMD_WRITE_CONFIG) || !wait_status(STATUS_INPUT, 0))
		return false;
	outb(KBD_DATA, config);
	return command(CMD_ENABLE_KBD);
}

static int keyboard_start(void)
{
	int err;

	if (!set_up_controller()) {
		pr_debug("no controller\n");
		return 0;
	}
	err = irq_request(isa_irq(ISA_IRQ), keyboard_interrupt, &keys, "i8042");
	/* What came before the line was open raises no edge, nor does anything behind it. */
	drain();
	return err;
}
device_initcall(keyboard_start);
