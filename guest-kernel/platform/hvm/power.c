// SPDX-License-Identifier: GPL-2.0-only
/* Power-off, reset and the end after a panic: contracts in include/platform/platform.h. */
#define pr_fmt(f) "power: " f

#include <log.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <string.h>

#include "acpi/acpi.h"
#include "hvm.h"

#define DEBUG_EXIT_PORT	0xf4		/* QEMU's isa-debug-exit: status (v << 1) | 1 */
#define KBD_COMMAND	0x64
#define KBD_INPUT_FULL	0x02
#define KBD_PULSE_RESET	0xfe
#define RESET_CONTROL	0xcf9		/* PCI chip sets: bit 1 hard reset, bit 2 do it */
#define WAIT_LOOPS	100000

static void halt_here(void) __noreturn;
static void halt_here(void)
{
	smp_halt();
}

/*
 * Without a descriptor table the first exception is the third: the CPU shuts
 * down and the board resets it (SDM vol. 3, 6.15, #DF).
 */
static void triple_fault(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed idtr = { 0, 0 };

	__asm__ volatile("lidt %0; int3" :: "m"(idtr));
}

static void keyboard_reset(void)
{
	u32 i;

	for (i = 0; i < WAIT_LOOPS && inb(KBD_COMMAND) & KBD_INPUT_FULL; i++)
		cpu_relax();
	outb(KBD_COMMAND, KBD_PULSE_RESET);
	for (i = 0; i < WAIT_LOOPS; i++)
		cpu_relax();
}

/**
 * platform_poweroff - switch the machine off
 * @status: non-zero is handed to QEMU if it has an isa-debug-exit device
 *
 * A machine that cannot be switched off (microvm without ACPI) is reset, which
 * ends QEMU when it runs with -no-reboot.
 */
void platform_poweroff(u32 status)
{
	irq_disable();
	if (status && cpu_has.hypervisor)
		outl(DEBUG_EXIT_PORT, status);
	acpi_poweroff();
	if (cpu_has.hypervisor)
		triple_fault();
	pr_emerg("the machine can be switched off now\n");
	halt_here();
}

/** platform_reboot - reset the machine, by whatever works first */
void platform_reboot(void)
{
	irq_disable();
	acpi_reset();
	keyboard_reset();
	outb(RESET_CONTROL, 0x02);
	outb(RESET_CONTROL, 0x06);
	triple_fault();
	halt_here();
}

/** platform_panic_halt - nothing goes on after a panic with panic=0 */
void platform_panic_halt(void)
{
	halt_here();
}
