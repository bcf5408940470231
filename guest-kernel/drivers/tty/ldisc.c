// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line discipline: editing, echo, special characters and output processing. ldisc.h has the
 * picture; what the modes mean is POSIX.1-2017, XBD chapter 11, and termios(3) where Linux goes
 * further (ECHOCTL, ECHOKE, IUTF8, VWERASE, VLNEXT, VREPRINT).
 */
#include "ldisc.h"

#include <string.h>

#define IN_MASK		(LDISC_IN_SIZE - 1)
#define OUT_MASK	(LDISC_OUT_SIZE - 1)

static bool iflag(const struct ldisc *ld, u32 f) { return ld->termios.c_iflag & f; }
static bool oflag(const struct ldisc *ld, u32 f) { return ld->termios.c_oflag & f; }
static bool lflag(const struct ldisc *ld, u32 f) { return ld->termios.c_lflag & f; }

/* Whether @c is the special character @which; the value 0 turns one off. */
static bool is_cc(const struct ldisc *ld, u8 c, u32 which)
{
	return c && c == ld->termios.c_cc[which];
}

static bool get_bit(const unsigned long *map, u32 pos)
{
	return map[(pos & IN_MASK) / 64] >> (pos % 64) & 1;
}

static void put_bit(unsigned long *map, u32 pos, bool on)
{
	unsigned long bit = BIT(pos % 64), *word = &map[(pos & IN_MASK) / 64];

	*word = on ? *word | bit : *word & ~bit;
}

static bool is_control(u8 c)
{
	return c < 0x20 || c == 0x7f;
}

/* Not the first byte of a UTF-8 sequence: takes no column of its own. */
static bool is_continuation(const struct ldisc *ld, u8 c)
{
	return iflag(ld, IUTF8) && (c & 0xc0) == 0x80;
}

/* ---- output ---- */

u32 ldisc_write_room(const struct ldisc *ld)
{
	return (LDISC_OUT_SIZE - ldisc_unsent(ld)) / LDISC_EXPANSION;
}

/* What finds no room is lost: echoes only, since ldisc_write() looks first. */
static void send(struct ldisc *ld, u8 c)
{
	if (ldisc_unsent(ld) < LDISC_OUT_SIZE)
		ld->out[ld->out_tail++ & OUT_MASK] = c;
}

static void send_newline(struct ldisc *ld)
{
	if (oflag(ld, ONLCR)) {
		send(ld, '\r');
		ld->column = 0;
	}
	if (oflag(ld, ONLRET))
		ld->column = 0;
	send(ld, '\n');
}

static void send_return(struct ldisc *ld)
{
	if (oflag(ld, ONOCR) && !ld->column)
		return;
	if (!oflag(ld, OCRNL)) {
		ld->column = 0;
		send(ld, '\r');
		return;
	}
	if (oflag(ld, ONLRET))
		ld->column = 0;
	send(ld, '\n');
}

static void send_tab(struct ldisc *ld)
{
	u32 n = 8 - ld->column % 8;

	ld->column += n;
	if ((ld->termios.c_oflag & TABDLY) != XTABS) {
		send(ld, '\t');
		return;
	}
	while (n--)
		send(ld, ' ');
}

/* One byte with output processing. */
static void process_output(struct ldisc *ld, u8 c)
{
	if (!oflag(ld, OPOST)) {
		send(ld, c);
		return;
	}
	switch (c) {
	case '\n':
		send_newline(ld);
		return;
	case '\r':
		send_return(ld);
		return;
	case '\t':
		send_tab(ld);
		return;
	case '\b':
		ld->column -= ld->column > 0;
		break;
	default:
		if (oflag(ld, OLCUC) && c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		ld->column += !is_control(c) && !is_continuation(ld, c);
	}
	send(ld, c);
}

/* Printable ASCII, as most output is: no mode but OLCUC changes it. Returns how much there was. */
static size_t send_text(struct ldisc *ld, const u8 *p, size_t n)
{
	u32 to = ld->out_tail;
	size_t i;

	if (oflag(ld, OLCUC))
		return 0;
	for (i = 0; i < n && p[i] >= ' ' && p[i] < 0x7f; i++)
		ld->out[to++ & OUT_MASK] = p[i];
	ld->out_tail = to;
	if (oflag(ld, OPOST))
		ld->column += (u32)i;
	return i;
}

size_t ldisc_write(struct ldisc *ld, const u8 *p, size_t n)
{
	size_t done = 0, room;

	while (done < n && (room = ldisc_write_room(ld))) {
		size_t text = send_text(ld, p + done, min(room, n - done));

		if (text)
			done += text;
		else
			process_output(ld, p[done++]);
	}
	return done;
}

size_t ldisc_output(const struct ldisc *ld, const u8 **p)
{
	u32 at = ld->out_head & OUT_MASK;

	if (ld->stopped)
		return 0;
	*p = &ld->out[at];
	return min(ldisc_unsent(ld), LDISC_OUT_SIZE - at);
}

void ldisc_sent(struct ldisc *ld, size_t n)
{
	ld->out_head += (u32)n;
}

void ldisc_flush_output(struct ldisc *ld)
{
	ld->out_head = ld->out_tail;
}

/* ---- echo ---- */

/* Columns that the echo of @c takes when the cursor stands in @column. */
static u32 echo_width(const struct ldisc *ld, u8 c, u32 column)
{
	if (c == '\t')
		return 8 - column % 8;
	if (is_control(c))
		return lflag(ld, ECHOCTL) ? 2 : 0;
	return is_continuation(ld, c) ? 0 : 1;
}

static void echo_char(struct ldisc *ld, u8 c)
{
	if (is_control(c) && c != '\t' && lflag(ld, ECHOCTL)) {
		process_output(ld, '^');
		process_output(ld, c ^ 0x40);
		return;
	}
	process_output(ld, c);
}

static void echo(struct ldisc *ld, u8 c)
{
	if (!lflag(ld, ECHO))
		return;
	/* Editing needs to know where on the screen the line began. */
	if (ld->tail == ld->ready)
		ld->line_column = ld->column;
	echo_char(ld, c);
}

/* ---- input ring ---- */

void ldisc_flush_input(struct ldisc *ld)
{
	ld->head = ld->ready = ld->tail = 0;
	ld->literal_next = false;
	memset(ld->mark, 0, sizeof(ld->mark));
	memset(ld->eof, 0, sizeof(ld->eof));
}

static void append(struct ldisc *ld, u8 c)
{
	ld->in[ld->tail++ & IN_MASK] = c;
	if (!lflag(ld, ICANON))
		ld->ready = ld->tail;
}

/* Ends the line being edited behind the byte @c, or, if @eof, with a mark that is no byte. */
static void finish_line(struct ldisc *ld, u8 c, bool eof)
{
	u32 pos = ld->tail;

	if (!ldisc_input_room(ld))
		return;
	ld->in[ld->tail++ & IN_MASK] = c;
	put_bit(ld->mark, pos, true);
	put_bit(ld->eof, pos, eof);
	ld->ready = ld->tail;
}

/* In canonical mode one position is kept for the end of the line. */
static bool no_room(const struct ldisc *ld)
{
	if (!lflag(ld, ICANON))
		return !ldisc_input_room(ld);
	return ldisc_input_room(ld) <= 1 || ld->tail - ld->ready >= LDISC_LINE_MAX;
}

/* An ordinary byte. */
static void take_char(struct ldisc *ld, u8 c)
{
	if (no_room(ld)) {
		if (iflag(ld, IMAXBEL))
			send(ld, '\a');
		return;
	}
	if (c == '\n' && lflag(ld, ECHO))
		process_output(ld, '\n');
	else
		echo(ld, c);
	/* So that a program can tell a received 0xff from the marks of errors. */
	if (c == 0xff && iflag(ld, PARMRK) && ldisc_input_room(ld) > 2)
		append(ld, c);
	append(ld, c);
}

/* ---- editing ---- */

/* Column of the cursor behind the first @n bytes of the line. */
static u32 column_at(const struct ldisc *ld, u32 n)
{
	u32 i, column = ld->line_column;

	for (i = 0; i < n; i++)
		column += echo_width(ld, ld->in[(ld->ready + i) & IN_MASK], column);
	return column;
}

/* Cuts the line to @tail, also on the screen: one walk over the line, however much goes. */
static void erase_to(struct ldisc *ld, u32 tail)
{
	u32 before, after;

	if (!lflag(ld, ECHO) || !lflag(ld, ECHOE)) {
		ld->tail = tail;
		return;
	}
	before = column_at(ld, ld->tail - ld->ready);
	ld->tail = tail;
	for (after = column_at(ld, ld->tail - ld->ready); before > after; before--) {
		send(ld, '\b');
		send(ld, ' ');
		send(ld, '\b');
		ld->column -= ld->column > 0;
	}
}

/* Where the character (not just byte) before @pos begins. */
static u32 char_before(const struct ldisc *ld, u32 pos)
{
	do {
		pos--;
	} while (pos != ld->ready && is_continuation(ld, ld->in[pos & IN_MASK]));
	return pos;
}

static void edit_erase(struct ldisc *ld, u8 key)
{
	if (ld->tail == ld->ready)
		return;
	erase_to(ld, char_before(ld, ld->tail));
	if (lflag(ld, ECHO) && !lflag(ld, ECHOE))
		echo_char(ld, key);
}

static bool is_word(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c >= 0x80;
}

/* Back over what is no word, then over the word. */
static void edit_erase_word(struct ldisc *ld)
{
	bool in_word = false;
	u32 pos = ld->tail;

	while (pos != ld->ready) {
		bool word = is_word(ld->in[(pos - 1) & IN_MASK]);

		if (in_word && !word)
			break;
		in_word |= word;
		pos = char_before(ld, pos);
	}
	erase_to(ld, pos);
}

static void edit_kill(struct ldisc *ld, u8 key)
{
	if (lflag(ld, ECHOE) && lflag(ld, ECHOKE)) {
		erase_to(ld, ld->ready);
		return;
	}
	ld->tail = ld->ready;
	if (!lflag(ld, ECHO))
		return;
	echo_char(ld, key);
	if (lflag(ld, ECHOK))
		process_output(ld, '\n');
}

static void edit_reprint(struct ldisc *ld, u8 key)
{
	u32 pos;

	echo_char(ld, key);
	process_output(ld, '\n');
	ld->line_column = ld->column;
	for (pos = ld->ready; pos != ld->tail; pos++)
		echo_char(ld, ld->in[pos & IN_MASK]);
}

/* Keys that mean something in canonical mode only. True if @c was one. */
static bool edit(struct ldisc *ld, u8 c)
{
	bool extended = lflag(ld, IEXTEN);

	if (is_cc(ld, c, VERASE))
		edit_erase(ld, c);
	else if (is_cc(ld, c, VKILL))
		edit_kill(ld, c);
	else if (extended && is_cc(ld, c, VWERASE))
		edit_erase_word(ld);
	else if (extended && is_cc(ld, c, VREPRINT) && lflag(ld, ECHO))
		edit_reprint(ld, c);
	else if (is_cc(ld, c, VEOF))
		finish_line(ld, 0, true);
	else
		return false;
	return true;
}

/* True if @c ended the line. */
static bool end_of_line(struct ldisc *ld, u8 c)
{
	if (c == '\n') {
		if (lflag(ld, ECHO | ECHONL))
			process_output(ld, c);
	} else if (is_cc(ld, c, VEOL) || (lflag(ld, IEXTEN) && is_cc(ld, c, VEOL2))) {
		echo(ld, c);
	} else {
		return false;
	}
	finish_line(ld, c, false);
	return true;
}

/* ---- special characters of all modes ---- */

static void key_signal(struct ldisc *ld, u8 c, int sig)
{
	if (!lflag(ld, NOFLSH)) {
		ldisc_flush_input(ld);
		ldisc_flush_output(ld);
	}
	if (iflag(ld, IXON))
		ld->stopped = false;
	if (lflag(ld, ECHO))
		echo_char(ld, c);
	ld->signals |= 1ULL << (sig - 1);
}

/* Numbers of SIGINT, SIGQUIT, SIGTSTP. True if @c was such a key. */
static bool signal_key(struct ldisc *ld, u8 c)
{
	if (!lflag(ld, ISIG))
		return false;
	if (is_cc(ld, c, VINTR))
		key_signal(ld, c, 2);
	else if (is_cc(ld, c, VQUIT))
		key_signal(ld, c, 3);
	else if (is_cc(ld, c, VSUSP))
		key_signal(ld, c, 20);
	else
		return false;
	return true;
}

static bool flow_key(struct ldisc *ld, u8 c)
{
	if (!iflag(ld, IXON))
		return false;
	if (is_cc(ld, c, VSTART) || is_cc(ld, c, VSTOP)) {
		/* One key may be both. */
		ld->stopped = is_cc(ld, c, VSTOP) && !(is_cc(ld, c, VSTART) && ld->stopped);
		return true;
	}
	if (iflag(ld, IXANY))
		ld->stopped = false;
	return false;
}

/* Input modes that change a byte. False: it is dropped. */
static bool map_input(const struct ldisc *ld, u8 *c)
{
	if (iflag(ld, ISTRIP))
		*c &= 0x7f;
	if (iflag(ld, IUCLC) && lflag(ld, IEXTEN) && *c >= 'A' && *c <= 'Z')
		*c += 'a' - 'A';
	if (*c == '\r') {
		if (iflag(ld, IGNCR))
			return false;
		if (iflag(ld, ICRNL))
			*c = '\n';
	} else if (*c == '\n' && iflag(ld, INLCR)) {
		*c = '\r';
	}
	return true;
}

/**
 * ldisc_receive - One byte has come from the wire.
 * @ld: line discipline
 * @c: the byte
 */
void ldisc_receive(struct ldisc *ld, u8 c)
{
	if (ld->literal_next) {
		ld->literal_next = false;
		take_char(ld, c);
		return;
	}
	if (lflag(ld, EXTPROC)) {
		take_char(ld, c);
		return;
	}
	/* Keys are compared before CR and NL are exchanged, as Linux does. */
	if (flow_key(ld, c) || signal_key(ld, c) || !map_input(ld, &c))
		return;
	if (lflag(ld, IEXTEN) && lflag(ld, ICANON) && is_cc(ld, c, VLNEXT)) {
		ld->literal_next = true;
		if (lflag(ld, ECHO) && lflag(ld, ECHOCTL)) {
			send(ld, '^');
			send(ld, '\b');
		}
		return;
	}
	if (lflag(ld, ICANON) && (edit(ld, c) || end_of_line(ld, c)))
		return;
	take_char(ld, c);
}

void ldisc_receive_break(struct ldisc *ld)
{
	if (iflag(ld, IGNBRK))
		return;
	if (iflag(ld, BRKINT)) {
		ldisc_flush_input(ld);
		ldisc_flush_output(ld);
		ld->signals |= 1ULL << (2 - 1);
		return;
	}
	if (iflag(ld, PARMRK) && ldisc_input_room(ld) > 3) {
		append(ld, 0xff);
		append(ld, 0);
	}
	if (ldisc_input_room(ld) > 1)
		append(ld, 0);
}

/* ---- reading ---- */

bool ldisc_has_input(const struct ldisc *ld)
{
	return ld->head != ld->ready;
}

u32 ldisc_readable(const struct ldisc *ld)
{
	u32 pos, n = 0;

	if (!lflag(ld, ICANON))
		return ld->tail - ld->head;
	for (pos = ld->head; pos != ld->ready; pos++)
		n += !get_bit(ld->eof, pos);
	return n;
}

size_t ldisc_read(struct ldisc *ld, u8 *buf, size_t n, bool *end)
{
	size_t done = 0;

	*end = false;
	while (ld->head != ld->ready && !*end) {
		bool eof = get_bit(ld->eof, ld->head);

		/* An end of file behind the last byte that fits belongs to this read. */
		if (!eof && done == n)
			break;
		if (!eof)
			buf[done++] = ld->in[ld->head & IN_MASK];
		*end = get_bit(ld->mark, ld->head);
		put_bit(ld->mark, ld->head, false);
		put_bit(ld->eof, ld->head, false);
		ld->head++;
	}
	return done;
}

/* ---- modes ---- */

/**
 * ldisc_set_termios - Change the modes.
 * @ld: line discipline
 * @t: new modes
 *
 * What has been received and not read stays: leaving canonical mode makes the unfinished line
 * readable as well; entering it makes what there is one line.
 */
void ldisc_set_termios(struct ldisc *ld, const struct termios *t)
{
	bool was = lflag(ld, ICANON);

	ld->termios = *t;
	if (was != lflag(ld, ICANON)) {
		memset(ld->mark, 0, sizeof(ld->mark));
		memset(ld->eof, 0, sizeof(ld->eof));
		ld->ready = ld->tail;
		if (!was && ld->tail != ld->head)
			put_bit(ld->mark, ld->tail - 1, true);
		ld->literal_next = false;
	}
	if (!iflag(ld, IXON))
		ld->stopped = false;
}

void ldisc_init(struct ldisc *ld)
{
	static const struct termios initial = {
		.c_iflag = ICRNL | IXON,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = { [VINTR] = 3,
			  [VQUIT] = 0x1c,
			  [VERASE] = 0x7f,
			  [VKILL] = 0x15,
			  [VEOF] = 4,
			  [VMIN] = 1,
			  [VSTART] = 0x11,
			  [VSTOP] = 0x13,
			  [VSUSP] = 0x1a,
			  [VREPRINT] = 0x12,
			  [VDISCARD] = 0x0f,
			  [VWERASE] = 0x17,
			  [VLNEXT] = 0x16 },
	};

	memset(ld, 0, sizeof(*ld));
	ld->termios = initial;
}
