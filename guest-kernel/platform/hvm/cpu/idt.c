// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt descriptor table, one for all CPUs (SDM vol. 3, 6.11 and 6.14).
 * Every gate is an interrupt gate: interrupts are off when C code starts.
 */
#include "../hvm.h"

#define GATE_INTERRUPT	(0x8eULL << 40)
#define GATE_DPL3	(3ULL << 45)
#define STUB_SIZE	16

struct gate {
	u64 low, high;
};

struct descriptor_pointer {
	u16 limit;
	u64 base;
} __packed;

static struct gate idt[256] __ro_after_init __aligned(4096);

static u64 gate_ist(u32 vector)
{
	switch (vector) {
	case TRAP_DB:
		return IST_DB;
	case TRAP_NMI:
		return IST_NMI;
	case TRAP_DF:
		return IST_DF;
	case TRAP_MC:
		return IST_MC;
	}
	return 0;
}

/**
 * idt_init - fill the table
 *
 * User mode may use INT3 and INTO by itself; any other INT n is a #GP.
 */
void idt_init(void)
{
	u32 v;

	for (v = 0; v < ARRAY_SIZE(idt); v++) {
		u64 addr = (u64)hvm_trap_stubs + v * STUB_SIZE;

		idt[v].low = (addr & 0xffff) | (u64)GDT_KERNEL_CS << 16 | gate_ist(v) << 32 |
			     GATE_INTERRUPT | (addr >> 16 & 0xffff) << 48;
		idt[v].high = addr >> 32;
		if (v == TRAP_BP || v == TRAP_OF)
			idt[v].low |= GATE_DPL3;
	}
}

/** idt_address - where the table lies, alone in its page */
unsigned long idt_address(void)
{
	return (unsigned long)idt;
}

/** idt_load - use the table on this CPU */
void idt_load(void)
{
	struct descriptor_pointer idtr = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" :: "m"(idtr));
}
