// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the compiler's stack canaries need: the value that functions lay over
 * their frame, and what happens when it is found changed.
 */
#include <compiler.h>
#include <panic.h>
#include <random.h>
#include <stack_protector.h>

/* The compiler refers to it by this name. Until it is made secret the zero byte at its end stops string functions at least. */
unsigned long __stack_chk_guard __ro_after_init = 0x5bd1e995c2b2ae00UL;

/**
 * stack_protector_init - make the canary secret
 *
 * Context: the boot CPU after random_init(), once. Functions that are running
 * then must not return if they have a canary: it would be found changed.
 */
void stack_protector_init(void)
{
	unsigned long guard;

	random_bytes(&guard, sizeof(guard));
	__stack_chk_guard = guard & ~0xffUL;
}

/**
 * __stack_chk_fail - called by a function that finds its canary changed
 *
 * Its return address cannot be trusted any more, so nothing returns.
 */
void __stack_chk_fail(void)
{
	panic("stack overwritten in the function at %p", __builtin_return_address(0));
}
