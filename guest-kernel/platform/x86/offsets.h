/* SPDX-License-Identifier: GPL-2.0-only */
/* struct trapframe and struct thread for the entry code; switch.c asserts that they are true. */
#ifndef _PLATFORM_X86_OFFSETS_H
#define _PLATFORM_X86_OFFSETS_H

#define TF_R11		48
#define TF_RAX		80
#define TF_RCX		88
#define TF_ORIG_RAX	120
#define TF_RIP		128
#define TF_CS		136
#define TF_RFLAGS	144
#define TF_RSP		152
#define TF_SS		160
#define TF_SIZE		168

#define THREAD_WORK	12		/* need_resched, sigpending, user_work */
#define THREAD_WORK_MASK 0x00ffffff

#ifdef __ASSEMBLY__
#define USER_CS		0x33
#define USER32_CS	0x23
#define USER_DS		0x2b
#endif

#endif
