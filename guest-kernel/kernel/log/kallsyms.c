// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the function that an address lies in, for back traces. Called during a
 * panic: takes no lock, allocates nothing, reads constant tables only.
 */
#include <kallsyms.h>
#include <types.h>

extern const char _text[], _etext[];

/**
 * kallsyms_lookup - name the function that an address lies in
 * @addr: address of an instruction
 * @offset: set to the distance in bytes of @addr from the function's start
 * @size: set to the length of the function in bytes, padding included
 *
 * Context: any.
 * Return: the name, or NULL (and @offset, @size unchanged) if @addr is not in
 * the kernel's code.
 */
const char *kallsyms_lookup(unsigned long addr, unsigned long *offset, unsigned long *size)
{
	unsigned long text = (unsigned long)_text, end = (unsigned long)_etext;
	u32 low = 0, high = ksym_count;

	if (addr < text || addr >= end || !ksym_count || addr - text < ksyms[0].offset)
		return NULL;
	/* ksyms[low] starts at or below addr, ksyms[high] above it. */
	while (high - low > 1) {
		u32 middle = low + (high - low) / 2;

		if (ksyms[middle].offset <= addr - text)
			low = middle;
		else
			high = middle;
	}
	if (high < ksym_count)
		end = text + ksyms[high].offset;
	*offset = addr - text - ksyms[low].offset;
	*size = end - text - ksyms[low].offset;
	return ksym_names + ksyms[low].name;
}
