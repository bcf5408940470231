// SPDX-License-Identifier: GPL-2.0-only
/* platform/hvm/acpi: tables as firmware should not write them. */
#include <string.h>

#include "../../guest-kernel/platform/hvm/acpi/acpi.h"
#include "unit.h"

static u8 *table;
static u32 table_len;

/* The code under test finds its table here. */
const struct acpi_header *acpi_table(const char *signature)
{
	return table && !memcmp(table, signature, 4) ? (const struct acpi_header *)table : NULL;
}

/* An exact copy on the heap, so that the sanitizer sees the end. */
static void set_table(const char *signature, const u8 *body, u32 len)
{
	struct acpi_header *h;

	host_free(table);
	table_len = (u32)sizeof(*h) + len;
	table = host_alloc(table_len);
	memset(table, 0, sizeof(*h));
	h = (struct acpi_header *)table;
	memcpy(h->signature, signature, 4);
	h->length = table_len;
	memcpy(h + 1, body, len);
	memset(&acpi_madt, 0, sizeof(acpi_madt));
}

static const u8 good_madt[] = {
	0, 0, 0xe0, 0xfe, 1, 0, 0, 0,
	0, 8, 0, 3, 1, 0, 0, 0,				/* CPU 3 */
	0, 8, 1, 4, 0, 0, 0, 0,				/* CPU 4, disabled */
	9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,	/* x2APIC 256 */
	1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,	/* I/O APIC */
	2, 10, 0, 0, 2, 0, 0, 0, 0, 0,			/* ISA 0 is GSI 2 */
	2, 10, 0, 9, 9, 0, 0, 0, 0x0f, 0,		/* level, low */
};

UNIT_TEST(acpi_madt_is_read)
{
	set_table("APIC", good_madt, sizeof(good_madt));
	acpi_madt_init();
	EXPECT(acpi_madt.found);
	EXPECT_EQ(acpi_madt.nr_cpus, 2);
	EXPECT_EQ(acpi_madt.cpus[0], 3);
	EXPECT_EQ(acpi_madt.cpus[1], 256);
	EXPECT_EQ(acpi_madt.nr_ioapics, 1);
	EXPECT_EQ(acpi_madt.ioapics[0].base, 0xfec00000);
	EXPECT_EQ(acpi_madt.nr_overrides, 2);
	EXPECT_EQ(acpi_madt.overrides[0].gsi, 2);
	EXPECT(!acpi_madt.overrides[0].level && !acpi_madt.overrides[0].low);
	EXPECT(acpi_madt.overrides[1].level && acpi_madt.overrides[1].low);
}

UNIT_TEST(acpi_madt_cut_anywhere)
{
	u32 len;

	for (len = 0; len < sizeof(good_madt); len++) {
		set_table("APIC", good_madt, len);
		acpi_madt_init();
		EXPECT(acpi_madt.nr_cpus <= 2);
	}
}

UNIT_TEST(acpi_madt_noise)
{
	u8 body[200];
	u32 round, i;

	for (round = 0; round < 2000; round++) {
		memcpy(body, good_madt, sizeof(good_madt));
		for (i = sizeof(good_madt); i < sizeof(body); i++)
			body[i] = (u8)(unit_random() % 13);
		for (i = 0; i < 4; i++)
			body[8 + unit_random() % (sizeof(good_madt) - 8)] = (u8)unit_random();
		set_table("APIC", body, 8 + unit_random() % (sizeof(body) - 8));
		acpi_madt_init();
		EXPECT(acpi_madt.nr_cpus <= ARRAY_SIZE(acpi_madt.cpus));
		EXPECT(acpi_madt.nr_ioapics <= ACPI_MAX_IOAPICS);
		EXPECT(acpi_madt.nr_overrides <= ACPI_MAX_OVERRIDES);
	}
}

UNIT_TEST(acpi_too_many_cpus)
{
	u8 body[8 + 8 * (CONFIG_NR_CPUS + 20)] = { 0 };
	u32 i;

	for (i = 0; i < CONFIG_NR_CPUS + 20; i++) {
		body[8 + 8 * i + 1] = 8;
		body[8 + 8 * i + 3] = (u8)i;
		body[8 + 8 * i + 4] = 1;
	}
	set_table("APIC", body, sizeof(body));
	acpi_madt_init();
	EXPECT_EQ(acpi_madt.nr_cpus, CONFIG_NR_CPUS + 1);
}

static bool s5(const void *body, u32 len, u8 *a, u8 *b)
{
	set_table("DSDT", body, len);
	return acpi_find_s5((const struct acpi_header *)table, a, b);
}

UNIT_TEST(acpi_s5_is_found)
{
	u8 a = 9, b = 9;

	/* QEMU's q35, and the forms that others use */
	EXPECT(s5("xx_S5_\x12\x06\x04\x00\x00\x00\x00", 13, &a, &b));
	EXPECT(a == 0 && b == 0);
	EXPECT(s5("\x08_S5_\x12\x0a\x04\x0a\x05\x0a\x07\x00\x00", 14, &a, &b));
	EXPECT(a == 5 && b == 7);
	EXPECT(s5("_S5_\x12\x47\x00\x02\x01\x0a\x03", 11, &a, &b));	/* two bytes of length */
	EXPECT(a == 1 && b == 3);
}

UNIT_TEST(acpi_s5_cut_anywhere)
{
	static const char body[] = "_S5__S5_\x12\xc7\x00\x00\x00\x02\x0a\x05\x0a\x07";
	u32 len;
	u8 a, b;

	for (len = 0; len < sizeof(body) - 1; len++)
		EXPECT(!s5(body, len, &a, &b));
	EXPECT(s5(body, sizeof(body) - 1, &a, &b));
	EXPECT(!s5("_S5_\x0a\x05\x0a\x05\x0a\x05", 10, &a, &b));
}
