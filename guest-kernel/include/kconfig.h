/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included by the compiler's command line before every source file: what all
 * code relies on without saying so. It declares nothing.
 */
#ifndef _KCONFIG_H
#define _KCONFIG_H

/*
 * Declarations are hidden too (the compiler's option only covers definitions):
 * without this, every access to another file's variable would go through a
 * global offset table.
 */
#ifndef __ASSEMBLY__
#pragma GCC visibility push(hidden)
#endif

#endif
