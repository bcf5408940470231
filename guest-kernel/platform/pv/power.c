// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: the end of the machine. The launcher ends with the status given here, and may ask for it.
 */
#include <init.h>
#include <irq.h>
#include <process.h>
#include <platform/platform.h>
#include "pv.h"

static void __noreturn shutdown(unsigned long how, u32 status)
{
	hypercall5(PV_HC_SHUTDOWN, how, status, 0, 0, 0);
	for (;;)
		hypercall1(PV_HC_BLOCK, PV_ANY);
}

void platform_poweroff(u32 status)
{
	shutdown(PV_SHUTDOWN_POWEROFF, status);
}

void platform_reboot(void)
{
	shutdown(PV_SHUTDOWN_REBOOT, 0);
}

void platform_panic_halt(void)
{
	shutdown(PV_SHUTDOWN_PANIC, 1);
}

/* The launcher has been told to stop. */
static void power_event(u32 irq, void *arg)
{
	(void)irq;
	(void)arg;
	poweroff_request();
}

static int power_init(void)
{
	return irq_request(PV_EVENT_POWER, power_event, NULL, "power");
}
device_initcall(power_init);
