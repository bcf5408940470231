/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ABI of stat(2), statx(2), statfs(2): Linux, x86-64.
 */
#ifndef _UAPI_STAT_H
#define _UAPI_STAT_H

#include <types.h>

struct uapi_stat {
	u64 st_dev, st_ino, st_nlink;
	u32 st_mode, st_uid, st_gid, pad0;
	u64 st_rdev;
	s64 st_size, st_blksize, st_blocks;
	u64 st_atime, st_atime_nsec, st_mtime, st_mtime_nsec, st_ctime, st_ctime_nsec;
	s64 unused[3];
};
_Static_assert(sizeof(struct uapi_stat) == 144, "struct stat");

struct uapi_statx_timestamp {
	s64 tv_sec;
	u32 tv_nsec;
	s32 reserved;
};

#define STATX_BASIC_STATS	0x7ffU
#define STATX_MNT_ID		0x1000U
#define STATX_RESERVED		0x80000000U
#define STATX_ATTR_MOUNT_ROOT	0x2000U

struct uapi_statx {
	u32 stx_mask, stx_blksize;
	u64 stx_attributes;
	u32 stx_nlink, stx_uid, stx_gid;
	u16 stx_mode, spare0;
	u64 stx_ino, stx_size, stx_blocks, stx_attributes_mask;
	struct uapi_statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime;
	u32 stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
	u64 stx_mnt_id;
	u32 stx_dio_mem_align, stx_dio_offset_align;
	u64 spare3[12];
};
_Static_assert(sizeof(struct uapi_statx) == 256, "struct statx");

struct uapi_statfs {
	s64 f_type, f_bsize;
	u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	s32 f_fsid[2];
	s64 f_namelen, f_frsize, f_flags, f_spare[4];
};
_Static_assert(sizeof(struct uapi_statfs) == 120, "struct statfs");

#define ST_RDONLY	1
#define ST_NOSUID	2
#define ST_NODEV	4
#define ST_NOEXEC	8
#define ST_VALID	0x20
#define ST_NOATIME	0x400
#define ST_NODIRATIME	0x800
#define ST_RELATIME	0x1000
#define ST_NOSYMFOLLOW	0x2000

/* Device numbers as user space has them: 12 bits of major between the low 8 and the high 12 of the minor. */
static inline u32 uapi_encode_dev(u32 major, u32 minor)
{
	return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffU) << 12;
}
static inline u32 uapi_dev_major(u32 dev) { return (dev & 0xfff00) >> 8; }
static inline u32 uapi_dev_minor(u32 dev) { return (dev & 0xff) | ((dev >> 12) & 0xfff00); }

#endif
