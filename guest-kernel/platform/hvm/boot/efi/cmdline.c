// SPDX-License-Identifier: GPL-2.0-only
/* Load options, UTF-16 in the firmware's memory, to the kernel's command line. */
#include "stub.h"

/*
 * The UEFI shell passes the program's name as the first word; boot entries and
 * QEMU do not. A first word that ends in ".efi" is taken for the name.
 */
static size_t skip_program_name(const u16 *s, size_t n)
{
	static const char suffix[] = ".efi";
	size_t end = 0, i;

	while (end < n && s[end] && s[end] != ' ')
		end++;
	if (end < 4)
		return 0;
	for (i = 0; i < 4; i++) {
		if ((s[end - 4 + i] | 0x20) != (suffix[i] | 0x20))
			return 0;
	}
	while (end < n && s[end] == ' ')
		end++;
	return end;
}

/**
 * efi_cmdline - copy the load options to boot_info
 * @stub: stub state
 *
 * Characters outside ASCII become '?'. What does not fit is counted; kernel_main() says so.
 */
void efi_cmdline(struct efi_stub *stub)
{
	const u16 *s = stub->loaded->load_options;
	size_t n = s ? stub->loaded->load_options_size / sizeof(*s) : 0;
	char *out = stub->bi->cmdline;
	size_t i, len = 0, lost = 0;

	for (i = n ? skip_program_name(s, n) : 0; i < n && s[i]; i++) {
		if (len < BOOT_CMDLINE_MAX - 1)
			out[len++] = s[i] < 0x80 ? (char)s[i] : '?';
		else
			lost++;
	}
	out[len] = '\0';
	stub->bi->cmdline_lost = (u32)lost;
}
