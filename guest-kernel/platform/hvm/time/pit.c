// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channel 2 of the 8254 timer, only as a reference to calibrate the TSC against
 * where there is no HPET. It counts down at 1.193182 MHz from 65535, so one run
 * lasts 54 ms.
 */
#include <time.h>

#include "../hvm.h"

#define PIT_CHANNEL2	0x42
#define PIT_COMMAND	0x43
#define PIT_CH2_MODE0	0xb0		/* low byte, high byte, interrupt on terminal count */
#define PIT_CH2_LATCH	0x80
#define SPEAKER_PORT	0x61
#define SPEAKER_GATE	0x01
#define SPEAKER_DATA	0x02
#define PIT_HZ		1193182ULL
#define PIT_START	0xffff

/** pit_start - let channel 2 count down from the top */
void pit_start(void)
{
	outb(SPEAKER_PORT, (u8)((inb(SPEAKER_PORT) & ~SPEAKER_DATA) | SPEAKER_GATE));
	outb(PIT_COMMAND, PIT_CH2_MODE0);
	outb(PIT_CHANNEL2, PIT_START & 0xff);
	outb(PIT_CHANNEL2, PIT_START >> 8);
}

/** pit_ns - time since pit_start(), up to 54 ms */
u64 pit_ns(void)
{
	u32 count;

	outb(PIT_COMMAND, PIT_CH2_LATCH);
	count = inb(PIT_CHANNEL2);
	count |= (u32)inb(PIT_CHANNEL2) << 8;
	return (PIT_START - count) * NSEC_PER_SEC / PIT_HZ;
}
