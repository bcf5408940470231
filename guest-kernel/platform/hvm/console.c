// SPDX-License-Identifier: GPL-2.0-only
/* The consoles that a PC has before any driver is started. */
#include <plat/console.h>

#include "hvm.h"

/** platform_console_init - register them; boot CPU, first of all */
void platform_console_init(void)
{
	if (IS_ENABLED(CONFIG_SERIAL_8250))
		serial_8250_console_init();
	if (IS_ENABLED(CONFIG_VGA_CONSOLE))
		vga_console_init();
}
