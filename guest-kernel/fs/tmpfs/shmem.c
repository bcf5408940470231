// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory with a file around it: shared anonymous mappings and memfd_create(2), with its seals. The
 * files belong to a tmpfs that is mounted nowhere.
 */
#include "../internal.h"
#include "tmpfs.h"
#include <panic.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>
#include <user.h>

#define MEMFD_NAME_MAX 249 /* NAME_MAX without "memfd:" */
#define ALL_SEALS \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

static struct mount *shmem_mount __ro_after_init;

static bool is_shmem(const struct inode *i)
{
	return i->sb == shmem_mount->sb;
}

static int shmem_path(const char *name, struct inode *i, struct path *p)
{
	char *text = kasprintf(GFP_KERNEL, "/%s (deleted)", name);

	if (!text) {
		inode_put(i);
		return -ENOMEM;
	}
	p->dentry = d_alloc_anon(i->sb, text, i);
	kfree(text);
	if (!p->dentry)
		return -ENOMEM;
	p->mnt = shmem_mount;
	mnt_get(p->mnt);
	return 0;
}

struct file *shmem_file(const char *name, loff_t size, int flags)
{
	struct inode *i = tmpfs_inode(shmem_mount->sb, NULL, S_IFREG | 0777);
	struct path p;
	struct file *f;
	int err;

	if (IS_ERR(i))
		return (struct file *)i;
	i->uid = current_cred()->fsuid;
	i->gid = current_cred()->fsgid;
	i->size = size;
	i->nlink = 0;
	i->seals = F_SEAL_SEAL;
	i->user = user_get(current_cred()->user);
	err = shmem_path(name, i, &p);
	if (err)
		return ERR_PTR(err);
	f = file_alloc(&p, O_RDWR | O_LARGEFILE | flags, &tmpfs_file_fops);
	if (!IS_ERR(f)) {
		f->mode |= FMODE_SEEK;
		atomic_inc(&i->writers);
	}
	path_put(&p);
	return f;
}

/* Could anybody write through a shared mapping? m->vma_lock held. */
static bool mapped_writably(const struct mapping *m)
{
	const struct vma *vma;

	list_for_each_entry (vma, &m->vmas, map_node)
		if ((vma->flags & VM_SHARED) && (vma->flags & (PROT_WRITE | VM_MAYWRITE)))
			return true;
	return false;
}

static long add_seals(struct file *f, u32 seals)
{
	struct inode *i = f->inode;
	long err = 0;

	if (!(f->mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~(u32)ALL_SEALS)
		return -EINVAL;
	down_write(&i->lock);
	/* mmap(2) first enters its mapping in the list, then asks for the seals. */
	mutex_lock(&i->mapping.vma_lock);
	if (i->seals & F_SEAL_SEAL)
		err = -EPERM;
	else if ((seals & F_SEAL_WRITE) && mapped_writably(&i->mapping))
		err = -EBUSY;
	else
		WRITE_ONCE(i->seals, i->seals | seals);
	mutex_unlock(&i->mapping.vma_lock);
	up_write(&i->lock);
	return err;
}

long shmem_fcntl(struct file *f, u32 cmd, unsigned long arg)
{
	if (!is_shmem(f->inode))
		return -ENOTTY;
	switch (cmd) {
	case F_GET_SEALS:
		return (long)f->inode->seals;
	case F_ADD_SEALS:
		return add_seals(f, (u32)arg);
	default:
		return -ENOTTY;
	}
}

int shmem_may_resize(const struct inode *i, loff_t size)
{
	if (!is_shmem(i))
		return 0;
	if (((i->seals & F_SEAL_SHRINK) && size < i->size) ||
	    ((i->seals & F_SEAL_GROW) && size > i->size))
		return -EPERM;
	return 0;
}

int shmem_may_write(const struct inode *i, loff_t end)
{
	if (!is_shmem(i))
		return 0;
	if (i->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	return (i->seals & F_SEAL_GROW) && end > i->size ? -EPERM : 0;
}

int shmem_check_mmap(const struct inode *i, struct vma *vma)
{
	if (!is_shmem(i) || !(vma->flags & VM_SHARED) ||
	    !(READ_ONCE(i->seals) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)))
		return 0;
	if (vma->flags & PROT_WRITE)
		return -EPERM;
	vma->flags &= ~(u32)VM_MAYWRITE;
	return 0;
}

static struct file *memfd_file(const char __user *uname, u32 flags)
{
	char name[sizeof("memfd:") + MEMFD_NAME_MAX] = "memfd:";
	ssize_t n = strncpy_from_user(name + 6, uname, MEMFD_NAME_MAX + 1);
	struct file *f;

	if (n < 0)
		return ERR_PTR(n == -ENAMETOOLONG ? -EINVAL : n);
	f = shmem_file(name, 0, 0);
	if (!IS_ERR(f) && (flags & MFD_ALLOW_SEALING))
		f->inode->seals = 0;
	return f;
}

/** sys_memfd_create - memfd_create(2). */
long sys_memfd_create(unsigned long name, unsigned long flags)
{
	struct file *f;
	int fd;

	if (flags & ~(unsigned long)(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	f = memfd_file((const char __user *)name, (u32)flags);
	if (IS_ERR(f))
		return PTR_ERR(f);
	fd = fd_alloc(f, 0, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
	if (fd < 0)
		file_put(f);
	return fd;
}

void shmem_init(struct super_block *sb)
{
	shmem_mount = mount_internal(sb);
	BUG_ON(!shmem_mount);
}
