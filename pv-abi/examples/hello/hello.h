/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Numbers that the C and the assembly half of the guest share.
 */
#ifndef HELLO_H
#define HELLO_H

/* Where the linker script puts the image. */
#define KERNEL_VA	0x7ff000000000
#define KERNEL_GPA	0x200000

#define STACK_SIZE	16384

/* The address space of the user program. */
#define USER_CODE	0x400000
#define USER_DATA	0x500000

/* Its system calls. */
#define SYS_PRINT	1	/* (address, bytes) */
#define SYS_EXIT	2	/* (status) */

#endif
