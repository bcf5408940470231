/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device interrupts: the generic side (kernel/irq.c). An irq number is a platform's line: GSI or
 * MSI-X on HVM, event port on PV.
 */
#ifndef _IRQ_H
#define _IRQ_H

#include <compiler.h>

#define NR_IRQS 256

typedef void (*irq_handler_t)(u32 irq, void *arg);	/* interrupt context, interrupts off */
/*
 * Registers a handler and enables the line. Several handlers may share a line. 0, -EINVAL, -ENOMEM.
 * May sleep. @name for /proc/interrupts.
 */
int irq_request(u32 irq, irq_handler_t fn, void *arg, const char *name);
void irq_free(u32 irq, void *arg);
/* Called by the platform's trap code, already acknowledged. */
void irq_dispatch(u32 irq);
/* Counters for /proc/interrupts and /proc/stat. */
u64 irq_count(u32 irq, u32 cpu);
const char *irq_name(u32 irq);
u64 irq_total(void);

#endif
