// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the unit tests of pvrun. CMOCKA_MESSAGE_OUTPUT=TAP makes the output a protocol.
 */
#include "sandbox.h"
#include "vmm_unit.h"

int main(void)
{
	int failed = 0;

	sandbox_switch(false);	/* sanitizers ask for more; sandbox_test.c has children for it */
	failed += run_image_tests();
	failed += run_options_tests();
	failed += run_cpu_tests();
	failed += run_layout_tests();
	failed += run_console_tests();
	failed += run_outlet_tests();
	failed += run_sandbox_tests();
	failed += run_virtqueue_tests();
	failed += run_virtio_blk_tests();
	return failed ? 1 : 0;
}
