// SPDX-License-Identifier: GPL-2.0-only
/*
 * Soft off and reset by the FADT's registers (ACPI 6.4, 4.8.3.2, 4.8.3.6, 5.2.9).
 * The values for S5 come out of the DSDT (s5.c).
 */
#define pr_fmt(f) "acpi: " f

#include <log.h>
#include <mm.h>
#include <plat/x86.h>
#include <string.h>

#include "acpi.h"

struct fadt {
	struct acpi_header header;
	u32 facs;
	u32 dsdt;
	u8 reserved1[4];
	u32 smi_command;		/* offset 48 */
	u8 acpi_enable;
	u8 reserved2[11];
	u32 pm1a_control;		/* offset 64 */
	u32 pm1b_control;
	u8 reserved3[40];
	u32 flags;			/* offset 112 */
	struct acpi_address reset_reg;
	u8 reset_value;
	u8 reserved4[11];
	u64 x_dsdt;			/* offset 140 */
	u8 reserved5[96];
	struct acpi_address sleep_control;	/* offset 244 */
} __packed;
static_assert(offsetof(struct fadt, smi_command) == 48, "FADT");
static_assert(offsetof(struct fadt, pm1a_control) == 64, "FADT");
static_assert(offsetof(struct fadt, flags) == 112, "FADT");
static_assert(offsetof(struct fadt, x_dsdt) == 140, "FADT");
static_assert(offsetof(struct fadt, sleep_control) == 244, "FADT");

#define FADT_RESET_SUPPORTED	BIT(10)
#define FADT_HW_REDUCED		BIT(20)
#define FADT_V1_SIZE		116
#define PM1_SCI_ENABLE		BIT(0)
#define PM1_SLP_ENABLE		BIT(13)
#define PM1_SLP_TYPE_SHIFT	10
#define SLEEP_ENABLE		BIT(5)
#define SLEEP_TYPE_SHIFT	2
#define ENABLE_TRIES		100000

static struct {
	bool s5, reset, hw_reduced;
	u8 type_a, type_b;
	u8 reset_value, acpi_enable;
	u32 smi_command, pm1a, pm1b;
	struct acpi_address reset_reg, sleep_control;
	volatile u8 *reset_mem, *sleep_mem;
} power __ro_after_init;

/* A register that lies in memory gets mapped now, when that is still possible. */
static volatile u8 *map_register(const struct acpi_address *a)
{
	return a->space == ACPI_SPACE_MEMORY && a->address ? ioremap(a->address, 1) : NULL;
}

static void write_register(const struct acpi_address *a, volatile u8 *mem, u8 v)
{
	if (mem)
		*mem = v;
	else if (a->space == ACPI_SPACE_IO && a->address)
		outb((u16)a->address, v);
}

static void read_fadt(const struct fadt *f)
{
	struct fadt copy = { .flags = 0 };
	const struct acpi_header *dsdt;

	memcpy(&copy, f, min((size_t)f->header.length, sizeof(copy)));
	dsdt = acpi_map_table(copy.x_dsdt ? copy.x_dsdt : copy.dsdt);
	power.s5 = dsdt && acpi_find_s5(dsdt, &power.type_a, &power.type_b);
	power.hw_reduced = copy.flags & FADT_HW_REDUCED;
	power.smi_command = copy.smi_command;
	power.acpi_enable = copy.acpi_enable;
	power.pm1a = copy.pm1a_control;
	power.pm1b = copy.pm1b_control;
	power.s5 = power.s5 && (power.hw_reduced || power.pm1a);
	power.sleep_control = copy.sleep_control;
	power.reset = copy.flags & FADT_RESET_SUPPORTED;
	power.reset_reg = copy.reset_reg;
	power.reset_value = copy.reset_value;
	power.reset_mem = map_register(&power.reset_reg);
	power.sleep_mem = map_register(&power.sleep_control);
}

/** acpi_power_init - remember the registers for power-off and reset */
void acpi_power_init(void)
{
	const struct acpi_header *h = acpi_table("FACP");

	if (h && h->length >= FADT_V1_SIZE)
		read_fadt((const struct fadt *)h);
	if (!power.s5)
		pr_info("no way to switch the machine off\n");
}

/* The firmware hands the registers over when asked (4.8.2.5). */
static void enter_acpi_mode(void)
{
	u32 i;

	if (!power.smi_command || !power.acpi_enable || inw((u16)power.pm1a) & PM1_SCI_ENABLE)
		return;
	outb((u16)power.smi_command, power.acpi_enable);
	for (i = 0; i < ENABLE_TRIES && !(inw((u16)power.pm1a) & PM1_SCI_ENABLE); i++)
		;
}

void acpi_poweroff(void)
{
	if (!power.s5)
		return;
	if (power.hw_reduced) {
		write_register(&power.sleep_control, power.sleep_mem,
			       (u8)(power.type_a << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
		return;
	}
	enter_acpi_mode();
	outw((u16)power.pm1a, (u16)(power.type_a << PM1_SLP_TYPE_SHIFT | PM1_SLP_ENABLE));
	if (power.pm1b)
		outw((u16)power.pm1b, (u16)(power.type_b << PM1_SLP_TYPE_SHIFT | PM1_SLP_ENABLE));
}

void acpi_reset(void)
{
	if (power.reset)
		write_register(&power.reset_reg, power.reset_mem, power.reset_value);
}
