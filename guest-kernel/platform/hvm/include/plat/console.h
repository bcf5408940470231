/* SPDX-License-Identifier: GPL-2.0-only */
/* HVM: consoles that are there from the first line of C. */
#ifndef _PLAT_CONSOLE_H
#define _PLAT_CONSOLE_H

/* drivers/tty/serial_8250.c, drivers/video/console.c: before kernel_main(), no allocation. */
void serial_8250_console_init(void);
void vga_console_init(void);

#endif
