/* SPDX-License-Identifier: GPL-2.0-only */
/* HVM: interrupt lines of devices with fixed ISA numbers. */
#ifndef _PLAT_IRQ_H
#define _PLAT_IRQ_H

#include <types.h>

u32 isa_irq(u32 irq);

#endif
