// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start of the file system layer, in the order that its parts need.
 */
#include "../internal.h"
#include <panic.h>

void vfs_init(void)
{
	dcache_init();
	inode_init();
	namei_init();
	open_init();
	fdtable_init();
	pipe_init();
	tmpfs_init();
	anon_init();
	if (mount_rootfs())
		panic("no memory for the root file system");
	kernel_process.fs = fs_context_create();
	if (!kernel_process.fs)
		panic("no memory for the root file system");
	devfs_init();
}
