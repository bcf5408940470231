// SPDX-License-Identifier: GPL-2.0-only
/* CPUs and interrupt controllers: the MADT (ACPI 6.4, 5.2.12), and the HPET's address. */
#define pr_fmt(f) "acpi: " f

#include <log.h>
#include <string.h>

#include "acpi.h"

struct madt {
	struct acpi_header header;
	u32 local_apic;
	u32 flags;
} __packed;

struct madt_entry {
	u8 type;
	u8 length;
} __packed;

enum { MADT_LOCAL_APIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_X2APIC = 9 };

struct madt_local_apic {
	struct madt_entry entry;
	u8 processor;
	u8 id;
	u32 flags;
} __packed;

struct madt_ioapic {
	struct madt_entry entry;
	u8 id;
	u8 reserved;
	u32 address;
	u32 gsi_base;
} __packed;

struct madt_override {
	struct madt_entry entry;
	u8 bus;
	u8 source;
	u32 gsi;
	u16 flags;
} __packed;

struct madt_x2apic {
	struct madt_entry entry;
	u16 reserved;
	u32 id;
	u32 flags;
	u32 processor;
} __packed;

#define MADT_ENABLED	1
#define POLARITY_LOW	3		/* flags bits 0-1 */
#define TRIGGER_LEVEL	3		/* flags bits 2-3 */

struct hpet_table {
	struct acpi_header header;
	u32 event_timer_block;
	struct acpi_address address;
} __packed;

struct acpi_madt_info acpi_madt __ro_after_init;

static void add_cpu(u32 id, u32 flags)
{
	if (flags & MADT_ENABLED && acpi_madt.nr_cpus < ARRAY_SIZE(acpi_madt.cpus))
		acpi_madt.cpus[acpi_madt.nr_cpus++] = id;
}

static void add_ioapic(const struct madt_ioapic *e)
{
	if (acpi_madt.nr_ioapics == ACPI_MAX_IOAPICS)
		return;
	acpi_madt.ioapics[acpi_madt.nr_ioapics].base = e->address;
	acpi_madt.ioapics[acpi_madt.nr_ioapics++].gsi_base = e->gsi_base;
}

static void add_override(const struct madt_override *e)
{
	if (acpi_madt.nr_overrides == ACPI_MAX_OVERRIDES)
		return;
	acpi_madt.overrides[acpi_madt.nr_overrides++] = (struct acpi_override){
		.source = e->source, .gsi = e->gsi, .low = (e->flags & 3) == POLARITY_LOW,
		.level = (e->flags >> 2 & 3) == TRIGGER_LEVEL,
	};
}

static void add_entry(const struct madt_entry *e)
{
	const struct madt_local_apic *lapic = (const void *)e;
	const struct madt_x2apic *x2 = (const void *)e;

	if (e->type == MADT_LOCAL_APIC && e->length >= sizeof(*lapic))
		add_cpu(lapic->id, lapic->flags);
	else if (e->type == MADT_X2APIC && e->length >= sizeof(*x2))
		add_cpu(x2->id, x2->flags);
	else if (e->type == MADT_IOAPIC && e->length >= sizeof(struct madt_ioapic))
		add_ioapic((const void *)e);
	else if (e->type == MADT_OVERRIDE && e->length >= sizeof(struct madt_override))
		add_override((const void *)e);
}

/** acpi_madt_init - fill acpi_madt */
void acpi_madt_init(void)
{
	const struct acpi_header *h = acpi_table("APIC");
	const u8 *p, *end;

	if (!h || h->length < sizeof(struct madt))
		return;
	acpi_madt.found = true;
	p = (const u8 *)h + sizeof(struct madt);
	end = (const u8 *)h + h->length;
	while ((size_t)(end - p) >= sizeof(struct madt_entry)) {
		const struct madt_entry *e = (const void *)p;

		if (e->length < sizeof(*e) || e->length > end - p)
			break;
		add_entry(e);
		p += e->length;
	}
}

paddr_t acpi_hpet_base(void)
{
	const struct hpet_table *t = (const void *)acpi_table("HPET");

	if (!t || t->header.length < sizeof(*t) || t->address.space != ACPI_SPACE_MEMORY)
		return 0;
	return t->address.address;
}
