/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included by the compiler's command line before every source file: what all
 * code relies on without saying so. It may hold no declarations of functions.
 */
#ifndef _KCONFIG_H
#define _KCONFIG_H

/*
 * IS_ENABLED(CONFIG_X) is 1 if the option is set and 0 if not, usable in C
 * expressions, so that the disabled branch is still compiled.
 *
 * A set option expands to 1; pasting makes KCONFIG_SET_1, which holds a comma
 * and so moves the 1 into second place. An unset one leaves a single odd word
 * there and the 0 comes second.
 */
#define KCONFIG_SET_1 unused,
#define KCONFIG_SECOND(first, second, ...) second
#define KCONFIG_PICK(word_or_pair) KCONFIG_SECOND(word_or_pair 1, 0, 0)
#define KCONFIG_PASTE(value) KCONFIG_PICK(KCONFIG_SET_##value)
#define IS_ENABLED(option) KCONFIG_PASTE(option)

/*
 * Declarations are hidden too (the compiler's option only covers definitions):
 * without this, every access to another file's variable would go through a
 * global offset table.
 */
#ifndef __ASSEMBLY__
#pragma GCC visibility push(hidden)
#endif

#endif
