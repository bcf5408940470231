// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sleep types of S5 stand in the DSDT as Name (\_S5_, Package {a, b, ...}),
 * whose encoding is simple enough to be found without an interpreter (ACPI 6.4,
 * 7.4.2 and 20.2).
 */
#include <string.h>

#include "acpi.h"

#define AML_PACKAGE	0x12
#define AML_BYTE	0x0a
#define AML_ZERO	0x00
#define AML_ONE		0x01

/* One small integer of a package; NULL if it is something else. */
static const u8 *aml_integer(const u8 *p, const u8 *end, u8 *v)
{
	if (p < end && (*p == AML_ZERO || *p == AML_ONE)) {
		*v = *p;
		return p + 1;
	}
	if (end - p >= 2 && *p == AML_BYTE) {
		*v = p[1];
		return p + 2;
	}
	return NULL;
}

/*
 * PkgLength is 1 to 4 bytes, told by the upper two bits of the first; then comes
 * the number of elements.
 */
static bool parse_package(const u8 *p, const u8 *end, u8 *a, u8 *b)
{
	u32 header;

	if (end - p < 2 || *p++ != AML_PACKAGE)
		return false;
	header = 1 + (*p >> 6) + 1;
	if (end - p < header)
		return false;
	p = aml_integer(p + header, end, a);
	return p && aml_integer(p, end, b);
}

/**
 * acpi_find_s5 - look for the values that switch the machine off
 * @h: the DSDT; its length has been checked
 * @a: gets SLP_TYPa
 * @b: gets SLP_TYPb
 *
 * Return: false if there are none.
 */
bool acpi_find_s5(const struct acpi_header *h, u8 *a, u8 *b)
{
	const u8 *p = (const u8 *)(h + 1), *end = (const u8 *)h + h->length;

	for (; end - p > 4; p++) {
		if (!memcmp(p, "_S5_", 4) && parse_package(p + 4, end, a, b))
			return true;
	}
	return false;
}
