// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two 8259 interrupt controllers, which the I/O APIC replaces: moved away
 * from the exception vectors and masked. Where there are none the writes go
 * nowhere.
 */
#include "../hvm.h"

#define PIC1_COMMAND	0x20
#define PIC1_DATA	0x21
#define PIC2_COMMAND	0xa0
#define PIC2_DATA	0xa1
#define ICW1_INIT	0x11
#define ICW4_8086	0x01

/** pic_disable - boot CPU, interrupts off */
void pic_disable(void)
{
	outb(PIC1_COMMAND, ICW1_INIT);
	outb(PIC2_COMMAND, ICW1_INIT);
	outb(PIC1_DATA, VECTOR_PIC);
	outb(PIC2_DATA, VECTOR_PIC + 8);
	outb(PIC1_DATA, 1 << 2);	/* the second one is on line 2 */
	outb(PIC2_DATA, 2);
	outb(PIC1_DATA, ICW4_8086);
	outb(PIC2_DATA, ICW4_8086);
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
}
