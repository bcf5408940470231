/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of places in the tree (d_path.c).
 */
#ifndef _FS_D_PATH_H
#define _FS_D_PATH_H

#include <fs.h>

#define PATH_TEXT_ALIVE \
	1 /* -ENOENT if it was removed; "(unreachable)" in front if it is not below the top */
#define PATH_TEXT_BARE 2 /* no " (deleted)" */
char *path_text_below(const struct path *p, const struct path *root, u32 flags, char *buf,
		      size_t size);
char *dentry_text(const struct dentry *d, char *buf, size_t size);

#endif
