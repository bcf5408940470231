// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heap sort: no memory of its own, no recursion, and no input for which it is slow.
 */
#include <sort.h>

/* Lets a[at] sink until no child is larger. */
static void sift_down(u32 *a, size_t at, size_t n)
{
	u32 value = a[at];
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && a[child + 1] > a[child])
			child++;
		if (a[child] <= value)
			break;
		a[at] = a[child];
		at = child;
	}
	a[at] = value;
}

/**
 * sort_u32 - sort numbers in ascending order
 * @a: array
 * @n: how many
 *
 * Context: any. n log n steps at most.
 */
void sort_u32(u32 *a, size_t n)
{
	u32 largest;

	for (size_t i = n / 2; i-- > 0;)
		sift_down(a, i, n);
	while (n > 1) {
		largest = a[0];
		a[0] = a[--n];
		a[n] = largest;
		sift_down(a, 0, n);
	}
}
