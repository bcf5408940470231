// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: interrupt lines are event bits of the vCPU pages, raised by the host without any routing of
 * the guest's. A line that nobody has asked for is counted by irq_dispatch() and otherwise ignored.
 */
#define pr_fmt(f) "pv: " f
#include <errno.h>
#include <irq.h>
#include <mm.h>
#include <platform/platform.h>
#include "../x86/fpu.h"
#include "pv.h"

void platform_init(void)
{
	struct pv_cpu *cpu = &pv_cpus[0];

	fpu_detect();
	fpu_init();
	cpu->dfault_stack = kstack_alloc();
	if (cpu->dfault_stack) {
		pv_stack_link(cpu->dfault_stack, cpu->page, &boot_thread);
		pv_register_entries(cpu);
	}
}

void platform_init_cpu(u32 cpu)
{
	/* All of a vCPU's state was given when it was started: it counts from now on, which
	 * start_one() waits for. */
	smp_store_release(&nr_cpus, cpu + 1);
}

int platform_irq_enable(u32 irq)
{
	return irq < 64 && irq > PV_EVENT_IPI3 ? 0 : -EINVAL;
}

void platform_irq_disable(u32 irq)
{
	(void)irq; /* the host has no mask for one bit; irq_dispatch() finds no handler */
}
