/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Against speculation past a bounds check (Spectre variant 1): a CPU that guesses the check wrong
 * uses an index that a program chose, and what it reads there leaves traces. Every table that is
 * indexed by a number of user mode is indexed through this, and every user pointer goes through
 * user_addr_nospec() before it is used.
 */
#ifndef _NOSPEC_H
#define _NOSPEC_H

#include <compiler.h>

/**
 * array_index_nospec - an index that is inside its table even where the check is mispredicted
 * @index: index that has been checked
 * @size: number of entries
 *
 * The mask comes of an arithmetic carry, on which nothing is predicted.
 * Return: @index if it is below @size, else 0.
 */
static __always_inline unsigned long array_index_nospec(unsigned long index, unsigned long size)
{
	unsigned long mask;

	__asm__("cmpq %2, %1; sbbq %0, %0" : "=r"(mask) : "r"(index), "rme"(size) : "cc");
	return index & mask;
}

#endif
