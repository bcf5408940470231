/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stack canaries (CONFIG_STACKPROTECTOR, kernel/stack_protector.c).
 */
#ifndef _STACK_PROTECTOR_H
#define _STACK_PROTECTOR_H

#include <compiler.h>

#ifdef CONFIG_STACKPROTECTOR
extern unsigned long __stack_chk_guard;
void __stack_chk_fail(void) __noreturn;
void stack_protector_init(void);
#else
static inline void stack_protector_init(void) { }
#endif

#endif
