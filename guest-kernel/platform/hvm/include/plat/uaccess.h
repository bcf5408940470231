/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVM: user memory is mapped while the kernel runs; platform/hvm/mmu/uaccess_copy.S
 * copies with an exception table and SMAP opened for the copy alone.
 */
#ifndef _PLAT_UACCESS_H
#define _PLAT_UACCESS_H

#include <compiler.h>

#endif
