// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of an address space that need not be the current one, through the
 * direct map: exec fills the new program's stack, /proc reads command lines.
 */
#include "internal.h"
#include <string.h>

ssize_t mm_access(struct mm *mm, unsigned long addr, void *buf, size_t len, bool write)
{
	size_t done = 0;

	while (done < len) {
		unsigned long off = (addr + done) & (PAGE_SIZE - 1);
		size_t n = min(len - done, PAGE_SIZE - off);
		struct page *p = mm_get_page(mm, addr + done, write);

		if (IS_ERR(p))
			return done ? (ssize_t)done : PTR_ERR(p);
		if (write)
			memcpy((char *)page_address(p) + off, (char *)buf + done, n);
		else
			memcpy((char *)buf + done, (char *)page_address(p) + off, n);
		page_put(p);
		done += n;
	}
	return (ssize_t)done;
}
