/* SPDX-License-Identifier: GPL-2.0-only */
/* Extended state of user threads, for the platforms' thread code. Documented in fpu.c. */
#ifndef _PLATFORM_X86_FPU_H
#define _PLATFORM_X86_FPU_H

struct thread;

void fpu_detect(void);
void fpu_init(void);
void fpu_switch(struct thread *prev, struct thread *next);
int fpu_fork(struct thread *t);
void fpu_exec(void);
void fpu_free(struct thread *t);

#endif
