/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that the parts of the benchmark guest share.
 */
#ifndef BENCH_H
#define BENCH_H

/* Where the linker script puts the image. */
#define KERNEL_VA	0x7ff000000000
#define KERNEL_GPA	0x200000

#define STACK_SIZE	16384

/* The address space of the user program. */
#define USER_CODE	0x400000
#define USER_STACK	0x5ff000	/* a page */
#define USER_DATA	0x600000	/* 2 MiB, faulted in page by page */

/* System calls of the user program. */
#define SYS_NULL	0
#define SYS_REPORT	1	/* (BENCH_*, ticks, operations) */
#define SYS_SWITCH	2	/* returns in the other address space */
#define SYS_UNMAP	3	/* takes USER_DATA away; (1) to announce what is mapped next */
#define SYS_EXIT	4
#define SYS_FLUSH	5	/* the host forgets USER_DATA; it stays mapped */

#endif
