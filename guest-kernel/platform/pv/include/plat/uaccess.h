/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: user pages are not mapped in the kernel's address space; platform/pv/uaccess.c walks the
 * user's tables and copies through the direct map.
 */
#ifndef _PLAT_UACCESS_H
#define _PLAT_UACCESS_H

#include <compiler.h>

#endif
