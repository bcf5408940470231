/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel takes from ACPI's static tables (ACPI Specification 6.4,
 * chapter 5.2). There is no AML interpreter: of the DSDT only \_S5_ is looked
 * for. Filled by acpi_init() on the boot CPU, constant afterwards.
 */
#ifndef _HVM_ACPI_H
#define _HVM_ACPI_H

#include <compiler.h>

#define ACPI_MAX_IOAPICS	8
#define ACPI_MAX_OVERRIDES	16

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} __packed;

/* Generic address structure, 5.2.3.2. */
struct acpi_address {
	u8 space;
	u8 bit_width;
	u8 bit_offset;
	u8 access_size;
	u64 address;
} __packed;

#define ACPI_SPACE_MEMORY	0
#define ACPI_SPACE_IO		1

/**
 * struct acpi_override - an ISA interrupt that is not where it used to be
 * @source: ISA number
 * @gsi: line
 * @low: active low
 * @level: level triggered
 */
struct acpi_override {
	u8 source;
	bool low, level;
	u32 gsi;
};

/* MADT, 5.2.12. */
struct acpi_madt_info {
	bool found;
	u32 nr_cpus;
	u32 cpus[CONFIG_NR_CPUS + 1];	/* local APIC numbers; one more, to notice that there are */
	u32 nr_ioapics;
	struct {
		paddr_t base;
		u32 gsi_base;
	} ioapics[ACPI_MAX_IOAPICS];
	u32 nr_overrides;
	struct acpi_override overrides[ACPI_MAX_OVERRIDES];
};
extern struct acpi_madt_info acpi_madt;

void acpi_init(void);
/* A table by signature, checked; NULL if there is none. Stays mapped. */
const struct acpi_header *acpi_table(const char *signature);
/* Maps @len bytes of firmware memory for good; NULL: no room. */
const void *acpi_map(paddr_t pa, size_t len);
const struct acpi_header *acpi_map_table(paddr_t pa);

void acpi_madt_init(void);
paddr_t acpi_hpet_base(void);		/* 0: no HPET */
bool acpi_find_s5(const struct acpi_header *dsdt, u8 *a, u8 *b);
void acpi_power_init(void);
/* Each returns if the machine does not offer the way, or ignores it. */
void acpi_poweroff(void);
void acpi_reset(void);

#endif /* _HVM_ACPI_H */
