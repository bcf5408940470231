/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ABI of fcntl(2), flock(2), fallocate(2), memfd_create(2), renameat2(2), close_range(2):
 * Linux, x86-64.
 */
#ifndef _UAPI_FCNTL_H
#define _UAPI_FCNTL_H

#include <types.h>

#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_GETLK		5
#define F_SETLK		6
#define F_SETLKW	7
#define F_OFD_GETLK	36
#define F_OFD_SETLK	37
#define F_OFD_SETLKW	38
#define F_DUPFD_CLOEXEC	1030
#define F_SETPIPE_SZ	1031
#define F_GETPIPE_SZ	1032
#define F_ADD_SEALS	1033
#define F_GET_SEALS	1034
#define FD_CLOEXEC	1

#define F_RDLCK		0
#define F_WRLCK		1
#define F_UNLCK		2
struct uapi_flock {
	s16 l_type, l_whence;
	s32 pad0;
	s64 l_start, l_len;
	s32 l_pid, pad1;
};

#define LOCK_SH		1
#define LOCK_EX		2
#define LOCK_NB		4
#define LOCK_UN		8

#define F_SEAL_SEAL	1
#define F_SEAL_SHRINK	2
#define F_SEAL_GROW	4
#define F_SEAL_WRITE	8
#define F_SEAL_FUTURE_WRITE 16
#define MFD_CLOEXEC	1
#define MFD_ALLOW_SEALING 2

#define FALLOC_FL_KEEP_SIZE 1
#define FALLOC_FL_PUNCH_HOLE 2

#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE	2

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#define SEEK_DATA	3
#define SEEK_HOLE	4

#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10
#define DT_SOCK		12

#endif
