// SPDX-License-Identifier: GPL-2.0-only
/* Finding, mapping and checking ACPI tables (ACPI 6.4, 5.2.5 to 5.2.8). */
#define pr_fmt(f) "acpi: " f

#include <boot_info.h>
#include <log.h>
#include <mm.h>
#include <string.h>

#include "acpi.h"

#define EBDA_SEGMENT	0x40e		/* BIOS data area: real-mode segment of the EBDA */
#define EBDA_SEARCH	1024
#define ROM_START	0xe0000
#define ROM_END		0x100000
#define LOW_MEMORY	0x100000
#define TABLE_MAX	(4U << 20)

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	/* revision 2 and later */
	u32 length;
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
} __packed;

#define RSDP_V1_SIZE 20

static const struct acpi_header *root;	/* RSDT or XSDT, NULL: no ACPI */
static bool root_is_xsdt;

static bool checksum_ok(const void *p, size_t n)
{
	const u8 *b = p;
	u8 sum = 0;

	while (n--)
		sum = (u8)(sum + *b++);
	return sum == 0;
}

/* True if the direct map has the whole range. */
static bool in_direct_map(paddr_t pa, size_t len)
{
	u32 i;

	if (pa + len <= LOW_MEMORY)
		return true;
	for (i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_mem *m = &boot_info.mem[i];

		if (m->type != BOOT_MEM_RAM && m->type != BOOT_MEM_ACPI && m->type != BOOT_MEM_NVS)
			continue;
		if (pa >= m->base && pa + len <= m->base + m->len)
			return true;
	}
	return false;
}

const void *acpi_map(paddr_t pa, size_t len)
{
	/* Beyond what any page table can say. */
	if (pa > PTE_ADDR || len > PTE_ADDR - pa)
		return NULL;
	return in_direct_map(pa, len) ? phys_to_virt(pa) : ioremap(pa, len);
}

const struct acpi_header *acpi_map_table(paddr_t pa)
{
	const struct acpi_header *h = acpi_map(pa, sizeof(*h));
	u32 len;

	if (!h)
		return NULL;
	len = h->length;
	if (len < sizeof(*h) || len > TABLE_MAX) {
		pr_warn("table at %lx has length %u\n", (unsigned long)pa, len);
		return NULL;
	}
	h = acpi_map(pa, len);
	if (h && !checksum_ok(h, len)) {
		pr_warn("table %.4s at %lx: wrong checksum\n", h->signature, (unsigned long)pa);
		return NULL;
	}
	return h;
}

static bool is_rsdp(const struct rsdp *r)
{
	return !memcmp(r->signature, "RSD PTR ", 8) && checksum_ok(r, RSDP_V1_SIZE);
}

static const struct rsdp *search(paddr_t from, paddr_t to)
{
	paddr_t pa;

	for (pa = from; pa < to; pa += 16) {
		if (is_rsdp(phys_to_virt(pa)))
			return phys_to_virt(pa);
	}
	return NULL;
}

/* What the loader said, else the places of 5.2.5.1. */
static const struct rsdp *find_rsdp(void)
{
	const struct rsdp *r = boot_info.rsdp ? acpi_map(boot_info.rsdp, sizeof(*r)) : NULL;
	paddr_t ebda = (paddr_t)*(const volatile u16 *)phys_to_virt(EBDA_SEGMENT) << 4;

	if (r && is_rsdp(r))
		return r;
	r = ebda && ebda < LOW_MEMORY - EBDA_SEARCH ? search(ebda, ebda + EBDA_SEARCH) : NULL;
	return r ? r : search(ROM_START, ROM_END);
}

static paddr_t root_entry(u32 i)
{
	const u8 *entries = (const u8 *)(root + 1);
	u64 wide;
	u32 narrow;

	if (root_is_xsdt) {
		memcpy(&wide, entries + 8 * i, 8);
		return wide;
	}
	memcpy(&narrow, entries + 4 * i, 4);
	return narrow;
}

const struct acpi_header *acpi_table(const char *signature)
{
	u32 n = root ? (root->length - sizeof(*root)) / (root_is_xsdt ? 8 : 4) : 0, i;

	for (i = 0; i < n; i++) {
		const struct acpi_header *h = acpi_map(root_entry(i), sizeof(*h));

		if (h && !memcmp(h->signature, signature, 4))
			return acpi_map_table(root_entry(i));
	}
	return NULL;
}

/** acpi_init - find the tables and read what the platform needs; boot CPU, once ioremap() works */
void acpi_init(void)
{
	const struct rsdp *r = find_rsdp();

	if (r && r->revision >= 2 && r->xsdt) {
		root = acpi_map_table(r->xsdt);
		root_is_xsdt = root != NULL;
	}
	if (r && !root)
		root = acpi_map_table(r->rsdt);
	if (!root) {
		pr_info("no tables\n");
		return;
	}
	acpi_madt_init();
	acpi_power_init();
}
