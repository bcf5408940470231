/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: for the linker script. The image is linked at the top of the lower half; pvrun gives each
 * segment its own rights.
 */
#ifndef _PLAT_IMAGE_H
#define _PLAT_IMAGE_H

#define IMAGE_VMA	0x7fff80000000	/* KERNEL_BASE */
#define IMAGE_ENTRY	pv_start
#define IMAGE_NOTE	.note.pvguest

#endif
