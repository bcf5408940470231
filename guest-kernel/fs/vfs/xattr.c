// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended attributes: no file system here has any, and the calls say so in the way that Linux does
 * for such a file system.
 */
#include "../internal.h"
#include <syscall.h>

static long no_xattr(unsigned long name, u32 how, int err)
{
	struct path p;
	int bad = path_lookup_user(AT_FDCWD, (const char __user *)name, how, &p);

	if (bad)
		return bad;
	path_put(&p);
	return err;
}

static long no_fxattr(unsigned long fd, int err)
{
	struct file *f = fd_get((int)fd);

	if (!f)
		return -EBADF;
	file_put(f);
	return err;
}

/** sys_setxattr - setxattr(2). */
long sys_setxattr(unsigned long path, unsigned long name, unsigned long value, unsigned long size,
		  unsigned long flags)
{
	return no_xattr(path, LOOKUP_FOLLOW, -EOPNOTSUPP);
}

/** sys_lsetxattr - lsetxattr(2). */
long sys_lsetxattr(unsigned long path, unsigned long name, unsigned long value, unsigned long size,
		   unsigned long flags)
{
	return no_xattr(path, 0, -EOPNOTSUPP);
}

/** sys_fsetxattr - fsetxattr(2). */
long sys_fsetxattr(unsigned long fd, unsigned long name, unsigned long value, unsigned long size,
		   unsigned long flags)
{
	return no_fxattr(fd, -EOPNOTSUPP);
}

/** sys_getxattr - getxattr(2). */
long sys_getxattr(unsigned long path, unsigned long name, unsigned long value, unsigned long size)
{
	return no_xattr(path, LOOKUP_FOLLOW, -EOPNOTSUPP);
}

/** sys_lgetxattr - lgetxattr(2). */
long sys_lgetxattr(unsigned long path, unsigned long name, unsigned long value, unsigned long size)
{
	return no_xattr(path, 0, -EOPNOTSUPP);
}

/** sys_fgetxattr - fgetxattr(2). */
long sys_fgetxattr(unsigned long fd, unsigned long name, unsigned long value, unsigned long size)
{
	return no_fxattr(fd, -EOPNOTSUPP);
}

/** sys_listxattr - listxattr(2): an empty list. */
long sys_listxattr(unsigned long path, unsigned long list, unsigned long size)
{
	return no_xattr(path, LOOKUP_FOLLOW, 0);
}

/** sys_llistxattr - llistxattr(2): an empty list. */
long sys_llistxattr(unsigned long path, unsigned long list, unsigned long size)
{
	return no_xattr(path, 0, 0);
}

/** sys_flistxattr - flistxattr(2): an empty list. */
long sys_flistxattr(unsigned long fd, unsigned long list, unsigned long size)
{
	return no_fxattr(fd, 0);
}

/** sys_removexattr - removexattr(2). */
long sys_removexattr(unsigned long path, unsigned long name)
{
	return no_xattr(path, LOOKUP_FOLLOW, -EOPNOTSUPP);
}

/** sys_lremovexattr - lremovexattr(2). */
long sys_lremovexattr(unsigned long path, unsigned long name)
{
	return no_xattr(path, 0, -EOPNOTSUPP);
}

/** sys_fremovexattr - fremovexattr(2). */
long sys_fremovexattr(unsigned long fd, unsigned long name)
{
	return no_fxattr(fd, -EOPNOTSUPP);
}
