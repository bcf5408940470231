// SPDX-License-Identifier: GPL-2.0-only
/*
 * From boot/head.S to kernel_main(), and platform_init() a little later
 * in the boot order that include/platform/platform.h lists.
 */
#define pr_fmt(f) "hvm: " f

#include <boot_info.h>
#include <init.h>
#include <log.h>
#include <platform/platform.h>
#include <sched.h>

#include "../x86/fpu.h"
#include "acpi/acpi.h"
#include "hvm.h"

extern struct thread boot_thread;

static void start_on_boot_stack(u64 arg)
{
	kernel_main();
}

/**
 * hvm_start - first C code of the platform
 *
 * Context: boot CPU, interrupts off, boot page tables, a small stack, boot_info
 * filled.
 */
void hvm_start(void)
{
	struct hvm_cpu *c = &hvm_cpus[0];

	cpu_detect();
	idt_init();
	c->running = &boot_thread;
	hvm_set_kstack(c, boot_thread.kstack + KSTACK_SIZE);
	cpu_setup(0);
	fpu_detect();
	early_initcalls();
	mitigations_init();
	smp_reserve_trampoline();
	paging_init();
	cpu_setup(0);		/* once more, now that it is known what against */
	hvm_call_on_stack(c->kstack_top, start_on_boot_stack, 0);
}

/** platform_init - see platform/platform.h */
void platform_init(void)
{
	fpu_init();
	acpi_init();
	pic_disable();
	apic_init();
	apic_setup();
	ioapic_init();
	smp_find_cpus();
	clock_init();
	apic_timer_calibrate();
	pr_info("booted by %s, %u CPU%s found\n", boot_info.loader, platform_nr_cpus(),
		platform_nr_cpus() == 1 ? "" : "s");
}
