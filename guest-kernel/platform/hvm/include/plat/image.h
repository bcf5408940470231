/* SPDX-License-Identifier: GPL-2.0-only */
/* HVM: for the linker script. The image is linked 1 MiB above -2 GiB and has a PVH note. */
#ifndef _PLAT_IMAGE_H
#define _PLAT_IMAGE_H

#define IMAGE_VMA	0xffffffff80000000	/* KERNEL_BASE */
#define IMAGE_ENTRY	startup_64
#define IMAGE_NOTE	.note.pvh

#endif
