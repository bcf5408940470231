/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit tests of pvrun share: cmocka with the headers it wants before it, and
 * one function for each group of tests.
 */
#ifndef VMM_UNIT_H
#define VMM_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* pvrun has a function of this name. */
#undef fail

/* What cmocka's fail_msg() does, without fail(). */
#define fail_test(...)	do {			\
	print_error(__VA_ARGS__);		\
	_fail(__FILE__, __LINE__);		\
} while (0)

int run_image_tests(void);
int run_options_tests(void);
int run_cpu_tests(void);
int run_layout_tests(void);
int run_console_tests(void);
int run_outlet_tests(void);
int run_sandbox_tests(void);
int run_virtqueue_tests(void);
int run_virtio_blk_tests(void);

#endif
