// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the streams of a command share the console with the kernel's messages.
 *
 * Everything of ours has the top bit of each byte set, and kernel messages are
 * ASCII, so the two can be told apart byte by byte, wherever one interrupts the
 * other. A frame is three bytes of header, 7 bits each (type, length / 128,
 * length % 128), and the data in groups of up to seven bytes: first one byte
 * with their top bits, then each with its top bit set. The reader is
 * scripts/lib/run-command.
 */
#include <errno.h>
#include <unistd.h>

#include "init.h"

#define TOP 0x80

static void write_all(int fd, const uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			bytes += n;
			length -= n;
		}
	}
}

static size_t encode(uint8_t *out, const uint8_t *data, size_t length)
{
	uint8_t *start = out;

	while (length) {
		size_t group = length < 7 ? length : 7;
		uint8_t tops = TOP;

		for (size_t i = 0; i < group; i++) {
			tops |= (data[i] & TOP) >> (i + 1);
			out[i + 1] = data[i] | TOP;
		}
		out[0] = tops;
		out += group + 1;
		data += group;
		length -= group;
	}
	return out - start;
}

/**
 * frame_send - send one frame
 * @fd: the console, in raw mode
 * @type: what the data is
 * @data: the data
 * @length: its length in bytes, at most FRAME_MAX
 *
 * A console that cannot be written to loses the frame; there is nobody to tell.
 */
void frame_send(int fd, enum frame_type type, const void *data, size_t length)
{
	uint8_t frame[3 + FRAME_MAX + FRAME_MAX / 7 + 1];
	size_t used;

	frame[0] = TOP | type;
	frame[1] = TOP | (length >> 7);
	frame[2] = TOP | (length & 0x7f);
	used = 3 + encode(frame + 3, data, length);
	write_all(fd, frame, used);
}
