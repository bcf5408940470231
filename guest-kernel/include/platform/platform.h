/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Door: the machine around the CPUs: clock, timer, interrupt lines, power, early set-up.
 *
 * Boot order (init/main.c): platform entry -> kernel_main() on the boot CPU, interrupts off,
 * boot_info filled, early console working: cmdline_init, log_init, mem_init, slab_init, mmu_init
 * (W^X), vmalloc_init, platform_init (interrupt controllers, ACPI, clock calibrated), sched_init,
 * timer_init_cpu, time_init, random_init, process_init, vfs_init ..., irq_enable, smp_start_all,
 * workqueue_init, initcalls (drivers), rootfs, start_init, sched_idle.
 */
#ifndef _PLATFORM_PLATFORM_H
#define _PLATFORM_PLATFORM_H

#include <compiler.h>

void kernel_main(void) __noreturn;
void cpu_start_secondary(u32 cpu) __noreturn; /* generic part of an additional CPU's start, on its
						 idle thread's stack, interrupts off */

void platform_init(void); /* boot CPU, memory allocators work, interrupts off */
void platform_init_cpu(u32 cpu); /* the same for an additional CPU */
const char *platform_name(void); /* "hvm", "pv": for uname's version, logs and tests */

/* Clock: monotonic ns since boot, any context, cheap (once platform_init() has run; 0 before). */
u64 platform_clock_ns(void);
/* One-shot timer of this CPU: timer_interrupt() will be called at or soon after @ns (absolute); ~0:
 * never. Interrupts off. */
void platform_timer_set(u64 ns);
/* Nanoseconds that the hypervisor took away from @cpu (steal time), 0 on HVM. */
u64 platform_steal_ns(u32 cpu);
/*
 * Seeds: fills @buf from RDSEED, RDRAND or the host, again at each call; returns how many bytes are
 * of real entropy. Any context.
 */
size_t platform_entropy(void *buf, size_t n);

/* Interrupt lines. */
int platform_irq_enable(u32 irq); /* routes and unmasks; 0 or -EINVAL */
void platform_irq_disable(u32 irq);

/* The end. @status is the exit status to hand to whoever started the machine, where there is a way
 * (PV, isa-debug-exit); else ignored. */
void platform_poweroff(u32 status) __noreturn;
void platform_reboot(void) __noreturn;
/* Panic: like halt, but tells the host where it can be told. */
void platform_panic_halt(void) __noreturn;

#endif
