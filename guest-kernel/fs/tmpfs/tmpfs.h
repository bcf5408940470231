/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of tmpfs share: tmpfs.c (files and directories), tmpfs_mount.c (options), shmem.c
 * (memory without names).
 */
#ifndef _FS_TMPFS_H
#define _FS_TMPFS_H

#include <fs.h>

/**
 * struct tmpfs_sb - super_block->private
 * @pages: pages in use
 * @inodes: inodes in use
 * @max_pages: limit; 0: none
 * @max_inodes: limit; 0: none
 * @noswap: mounted so
 */
struct tmpfs_sb {
	atomic64_t pages, inodes;
	u64 max_pages, max_inodes;
	bool noswap;
};

extern const struct file_ops tmpfs_file_fops;
struct inode *tmpfs_inode(struct super_block *sb, struct inode *dir, umode_t mode);
int tmpfs_remount(struct super_block *sb, const char *options);
void shmem_init(struct super_block *sb);

/* memfd seals: file_ops.fcntl, inode_ops.may_resize and may_write. */
long shmem_fcntl(struct file *f, u32 cmd, unsigned long arg);
int shmem_may_resize(const struct inode *i, loff_t size);
int shmem_may_write(const struct inode *i, loff_t end);
/* 0, or -EPERM if a seal forbids the mapping; one that may not become writable is told so. */
int shmem_check_mmap(const struct inode *i, struct vma *vma);

#endif
