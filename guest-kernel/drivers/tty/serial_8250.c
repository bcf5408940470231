// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PC's first serial port: polled console from the first line of the boot on,
 * terminal ttyS0 with interrupts once drivers are started.
 *
 * @lock is taken in interrupts and by the console with interrupts off.
 */
#define pr_fmt(f) "ttyS0: " f

#include <init.h>
#include <irq.h>
#include <log.h>
#include <plat/irq.h>
#include <plat/x86.h>
#include <platform/cpu.h>
#include <spinlock.h>
#include <tty.h>

#include "serial_8250.h"

#define PORT		0x3f8
#define ISA_IRQ		4
#define TX_RING		4096		/* power of two */
#define POLL_MAX	100000		/* status reads until a dead line is given up */
#define PASSES_MAX	256		/* of the interrupt handler: a port may never be content */
#define TTY_MAJOR_SERIAL 4
#define TTY_MINOR_SERIAL 64

/* termios(3): what of c_cflag only a serial line cares for. */
#define CSTOPB		0x40
#define PARODD		0x200

/**
 * struct serial_port - the port; all fields are guarded by @lock
 * @lock: see above
 * @present: something answers
 * @throttled: the terminal wants no input
 * @fifo: bytes that the transmitter takes at once
 * @ier: what IER was last set to
 * @head: bytes ever put into @ring
 * @tail: bytes ever taken out
 * @ring: bytes to be sent
 */
struct serial_port {
	struct spinlock lock;
	bool present;
	bool throttled;
	u8 fifo;
	u8 ier;
	u32 head, tail;
	u8 ring[TX_RING];
};

static struct serial_port port = { .lock = SPINLOCK_INIT("serial_8250") };

static u8 reg_read(u32 reg)
{
	return inb((u16)(PORT + reg));
}

static void reg_write(u32 reg, u8 v)
{
	outb((u16)(PORT + reg), v);
}

static void set_ier(u8 ier)
{
	if (port.ier == ier)
		return;
	port.ier = ier;
	reg_write(UART_IER, ier);
}

static void set_line(u32 baud, u8 lcr)
{
	u32 divisor = min_t(u32, (UART_BASE_BAUD + baud / 2) / baud, 0xffff);

	reg_write(UART_LCR, lcr | LCR_DLAB);
	reg_write(UART_DLL, (u8)divisor);
	reg_write(UART_DLM, (u8)(divisor >> 8));
	reg_write(UART_LCR, lcr);
}

/* ---- console ---- */

static bool wait_thr_empty(void)
{
	u32 i;

	for (i = 0; i < POLL_MAX; i++) {
		if (reg_read(UART_LSR) & LSR_THR_EMPTY)
			return true;
		cpu_relax();
	}
	return false;
}

/* @room: bytes that fit without looking. False: the line is dead. */
static bool send_polled_byte(u8 c, u32 *room)
{
	if (!*room) {
		if (!wait_thr_empty())
			return false;
		*room = port.fifo;
	}
	reg_write(UART_TX, c);
	(*room)--;
	return true;
}

/* Fills the FIFO as often as it takes; with "\r" before each "\n". */
static void send_polled(const char *s, size_t n)
{
	u32 room = 0;

	for (; n; s++, n--) {
		if (*s == '\n' && !send_polled_byte('\r', &room))
			return;
		if (!send_polled_byte((u8)*s, &room))
			return;
	}
}

static void console_write(struct console *con, const char *s, size_t n)
{
	unsigned long flags = irq_save();
	bool locked = spin_trylock(&port.lock);

	/* While panicking the holder may never let go. */
	while (!locked && !log_in_emergency()) {
		cpu_relax();
		locked = spin_trylock(&port.lock);
	}
	send_polled(s, n);
	if (locked)
		spin_unlock(&port.lock);
	irq_restore(flags);
}

static struct console serial_console = { .name = "ttyS0", .write = console_write };

/* Looks for the port and makes it a console. */
static int serial_console_init(void)
{
	reg_write(UART_SCRATCH, 0x5a);
	if (reg_read(UART_SCRATCH) != 0x5a)
		return 0;
	port.present = true;
	reg_write(UART_IER, 0);
	set_line(UART_BASE_BAUD, LCR_8BIT);
	reg_write(UART_FCR, FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER_8);
	/* An 8250 or 16450 has none, and a 16550 one that does not work. */
	port.fifo = (reg_read(UART_IIR) & IIR_FIFO) == IIR_FIFO ? UART_FIFO : 1;
	reg_write(UART_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	log_console_register(&serial_console);
	return 0;
}
early_initcall(serial_console_init);

/* ---- terminal ---- */

/* Sends while the port takes bytes; asks for an interrupt if some are left. */
static void pump(void)
{
	while (port.head != port.tail && reg_read(UART_LSR) & LSR_THR_EMPTY) {
		u32 n = min(port.head - port.tail, (u32)port.fifo);

		while (n--)
			reg_write(UART_TX, port.ring[port.tail++ & (TX_RING - 1)]);
	}
	set_ier(port.head == port.tail ? port.ier & ~IER_TX : port.ier | IER_TX);
}

static size_t serial_write(struct tty_driver *d, const u8 *p, size_t n)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&port.lock, flags);
	n = min(n, (size_t)(TX_RING - (port.head - port.tail)));
	for (i = 0; i < n; i++)
		port.ring[port.head++ & (TX_RING - 1)] = p[i];
	pump();
	spin_unlock_irqrestore(&port.lock, flags);
	return n;
}

static bool serial_drained(struct tty_driver *d)
{
	return READ_ONCE(port.head) == READ_ONCE(port.tail) && reg_read(UART_LSR) & LSR_IDLE;
}

/*
 * The chip divides UART_BASE_BAUD by a whole number of 16 bits. Within 2 % a speed counts as what was
 * asked for; else what the line really has is said.
 */
static void fit_speed(struct termios2 *t)
{
	u32 baud = min_t(u32, t->c_ospeed, UART_BASE_BAUD), divisor, real;

	if (!baud)
		return; /* B0: hang up */
	divisor = min_t(u32, (UART_BASE_BAUD + baud / 2) / baud, 0xffff);
	real = UART_BASE_BAUD / divisor;
	if (real * 50 >= t->c_ospeed * 49ULL && real * 50 <= t->c_ospeed * 51ULL)
		real = t->c_ospeed;
	else
		t->t.c_cflag = (t->t.c_cflag & ~(u32)CBAUD) | BOTHER;
	t->c_ispeed = t->c_ospeed = real;
	t->t.c_cflag &= ~((u32)CBAUD << IBSHIFT); /* one speed for both ways */
}

static void serial_set_termios(struct tty_driver *d, struct termios2 *t)
{
	u8 lcr = (u8)((t->t.c_cflag & CSIZE) >> 4);
	unsigned long flags;

	fit_speed(t);
	if (t->t.c_cflag & CSTOPB)
		lcr |= LCR_STOP2;
	if (t->t.c_cflag & PARENB)
		lcr |= t->t.c_cflag & PARODD ? LCR_PARITY : LCR_PARITY | LCR_EVEN;
	spin_lock_irqsave(&port.lock, flags);
	if (t->c_ospeed)
		set_line(t->c_ospeed, lcr);
	reg_write(UART_MCR, t->c_ospeed ? MCR_DTR | MCR_RTS | MCR_OUT2 : MCR_OUT2);
	spin_unlock_irqrestore(&port.lock, flags);
}

static void serial_throttle(struct tty_driver *d, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&port.lock, flags);
	port.throttled = on;
	/* Overruns are of no interest then either: nobody would read the status that they set. */
	set_ier(on ? port.ier & ~(IER_RX | IER_LINE) : port.ier | IER_RX | IER_LINE);
	spin_unlock_irqrestore(&port.lock, flags);
}

static struct tty_driver serial_driver = {
	.name = "ttyS0", .major = TTY_MAJOR_SERIAL, .minor = TTY_MINOR_SERIAL,
	.write = serial_write, .drained = serial_drained,
	.set_termios = serial_set_termios, .throttle = serial_throttle,
};

/* Takes what has come in; stops early when the terminal throttles the port. */
static void receive(void)
{
	u8 buf[UART_FIFO];
	size_t n = 0;
	u8 lsr;

	while (!port.throttled && (lsr = reg_read(UART_LSR)) & (LSR_DATA | LSR_BREAK)) {
		u8 c = reg_read(UART_RX);

		if (!(lsr & LSR_BREAK))
			buf[n++] = c;
		if (n == sizeof(buf) || (n && lsr & LSR_BREAK)) {
			tty_receive(serial_driver.tty, buf, n);
			n = 0;
		}
		if (lsr & LSR_BREAK)
			tty_receive_break(serial_driver.tty);
	}
	if (n)
		tty_receive(serial_driver.tty, buf, n);
}

static void serve(void)
{
	bool was_full;

	receive();
	spin_lock(&port.lock);
	was_full = port.head != port.tail;
	pump();
	spin_unlock(&port.lock);
	if (was_full)
		tty_write_wakeup(serial_driver.tty);
}

/*
 * The line is edge triggered: it must have been low once before this returns, or what came in while
 * it looked would raise no interrupt, and no later byte either.
 */
static void serial_interrupt(u32 irq, void *arg)
{
	u32 passes;

	for (passes = 0; passes < PASSES_MAX && !(reg_read(UART_IIR) & IIR_NONE); passes++)
		serve();
}

static int serial_start(void)
{
	u32 irq = isa_irq(ISA_IRQ);
	unsigned long flags;
	int err;

	if (!port.present)
		return 0;
	err = tty_register(&serial_driver);
	if (!err)
		err = irq_request(irq, serial_interrupt, &port, "ttyS0");
	if (err)
		return err;
	spin_lock_irqsave(&port.lock, flags);
	set_ier(IER_RX | IER_LINE);
	spin_unlock_irqrestore(&port.lock, flags);
	return 0;
}
device_initcall(serial_start);
