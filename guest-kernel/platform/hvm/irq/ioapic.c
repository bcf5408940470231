// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs: from a line (GSI) to a vector on a CPU (Intel 82093AA data sheet;
 * ACPI 6.4, 5.2.12). Every line has its own vector and goes to the boot CPU.
 */
#define pr_fmt(f) "ioapic: " f

#include <errno.h>
#include <log.h>
#include <mm.h>
#include <platform/platform.h>
#include <plat/irq.h>
#include <spinlock.h>

#include "../acpi/acpi.h"
#include "../hvm.h"

#define IOAPIC_DEFAULT_BASE 0xfec00000
#define IOREGSEL	0x00
#define IOWIN		0x10
#define IOAPIC_VERSION	0x01
#define IOAPIC_REDIR	0x10
#define REDIR_MASKED	BIT(16)
#define REDIR_LEVEL	BIT(15)
#define REDIR_LOW	BIT(13)
#define NR_ISA		16

struct ioapic {
	u8 *regs;
	u32 gsi_base;
	u32 nr_lines;
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS] __ro_after_init;
static u32 nr_ioapics __ro_after_init;
static DEFINE_SPINLOCK(ioapic_lock);	/* the register window of each */

static u32 read_reg(const struct ioapic *io, u32 reg)
{
	mmio_write32(io->regs + IOREGSEL, reg);
	return mmio_read32(io->regs + IOWIN);
}

static void write_reg(const struct ioapic *io, u32 reg, u32 v)
{
	mmio_write32(io->regs + IOREGSEL, reg);
	mmio_write32(io->regs + IOWIN, v);
}

static const struct ioapic *ioapic_of(u32 gsi)
{
	u32 i;

	for (i = 0; i < nr_ioapics; i++) {
		if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].nr_lines)
			return &ioapics[i];
	}
	return NULL;
}

static void write_entry(const struct ioapic *io, u32 line, u32 low, u32 dest)
{
	write_reg(io, IOAPIC_REDIR + 2 * line, REDIR_MASKED);
	write_reg(io, IOAPIC_REDIR + 2 * line + 1, dest << 24);
	write_reg(io, IOAPIC_REDIR + 2 * line, low);
}

static void add_ioapic(paddr_t base, u32 gsi_base)
{
	struct ioapic *io = &ioapics[nr_ioapics];
	u32 i;

	io->regs = ioremap(base, PAGE_SIZE);
	if (!io->regs) {
		pr_err("cannot map the one at %lx\n", (unsigned long)base);
		return;
	}
	io->gsi_base = gsi_base;
	io->nr_lines = (read_reg(io, IOAPIC_VERSION) >> 16 & 0xff) + 1;
	for (i = 0; i < io->nr_lines; i++)
		write_entry(io, i, REDIR_MASKED, 0);
	nr_ioapics++;
}

/** ioapic_init - find all and mask their lines; without ACPI the usual one is assumed */
void ioapic_init(void)
{
	u32 i;

	for (i = 0; i < acpi_madt.nr_ioapics; i++)
		add_ioapic(acpi_madt.ioapics[i].base, acpi_madt.ioapics[i].gsi_base);
	if (!acpi_madt.found)
		add_ioapic(IOAPIC_DEFAULT_BASE, 0);
}

/* ISA lines are edge triggered and active high, PCI's level and low, unless the MADT differs. */
static u32 trigger_bits(u32 gsi)
{
	u32 bits = gsi < NR_ISA ? 0 : REDIR_LEVEL | REDIR_LOW, i;

	for (i = 0; i < acpi_madt.nr_overrides; i++) {
		const struct acpi_override *o = &acpi_madt.overrides[i];

		if (o->gsi == gsi)
			bits = (o->level ? REDIR_LEVEL : 0) | (o->low ? REDIR_LOW : 0);
	}
	return bits;
}

/**
 * platform_irq_enable - route a line to its vector and let it through
 * @irq: GSI
 *
 * Return: 0, or -EINVAL if no I/O APIC has the line.
 */
int platform_irq_enable(u32 irq)
{
	const struct ioapic *io = irq < NR_LINES ? ioapic_of(irq) : NULL;
	unsigned long flags;

	if (!io)
		return -EINVAL;
	spin_lock_irqsave(&ioapic_lock, flags);
	write_entry(io, irq - io->gsi_base, (VECTOR_IRQ0 + irq) | trigger_bits(irq),
		    hvm_cpus[0].apic_id);
	spin_unlock_irqrestore(&ioapic_lock, flags);
	return 0;
}

/** platform_irq_disable - mask a line */
void platform_irq_disable(u32 irq)
{
	const struct ioapic *io = ioapic_of(irq);
	unsigned long flags;

	if (!io)
		return;
	spin_lock_irqsave(&ioapic_lock, flags);
	write_entry(io, irq - io->gsi_base, REDIR_MASKED, 0);
	spin_unlock_irqrestore(&ioapic_lock, flags);
}

/**
 * isa_irq - the line of an ISA interrupt
 * @irq: 0..15
 *
 * Return: its GSI, which the MADT may have moved.
 */
u32 isa_irq(u32 irq)
{
	u32 i;

	for (i = 0; i < acpi_madt.nr_overrides; i++) {
		if (acpi_madt.overrides[i].source == irq)
			return acpi_madt.overrides[i].gsi;
	}
	return irq;
}
