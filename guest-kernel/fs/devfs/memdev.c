// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices without hardware: /dev/null, zero, full, random, urandom; kmsg is
 * kmsg.c's.
 */
#include "../internal.h"
#include <panic.h>
#include <string.h>

#define MEM_MAJOR 1

static int mem_open(struct inode *inode, struct file *f)
{
	f->mode |= FMODE_SEEK;
	return 0;
}

static ssize_t read_nothing(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return 0;
}

static ssize_t write_nothing(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return (ssize_t)it->count;
}

static ssize_t write_full(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return -ENOSPC;
}

static loff_t seek_nowhere(struct file *f, loff_t off, int whence)
{
	return f->pos = 0;
}

/* Fills @it from what @fill puts into a page. */
static ssize_t read_filled(struct iov_iter *it, void (*fill)(void *buf, size_t n))
{
	size_t want = it->count, done = 0;
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	while (done < want) {
		size_t n = min(want - done, PAGE_SIZE), got;

		fill(buf, n);
		got = copy_to_iter(buf, n, it);
		done += got;
		if (got < n || signal_pending())
			break;
	}
	memset(buf, 0, PAGE_SIZE); /* random bytes do not stay behind */
	kfree(buf);
	return done || !want ? (ssize_t)done : -EFAULT;
}

static void fill_zero(void *buf, size_t n)
{
	memset(buf, 0, n);
}

static ssize_t read_zero(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return read_filled(it, fill_zero);
}

static ssize_t read_random(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return read_filled(it, random_bytes);
}

static ssize_t write_random(struct file *f, struct iov_iter *it, loff_t *pos)
{
	size_t done = 0, n;
	char buf[64];

	while ((n = copy_from_iter(buf, min(it->count, sizeof(buf)), it))) {
		random_add_entropy(buf, n);
		done += n;
	}
	return done || !it->count ? (ssize_t)done : -EFAULT;
}

/*
 * Private mappings are plain anonymous memory, shared ones memory of their own with a file around
 * it.
 */
static int zero_mmap(struct file *f, struct vma *vma)
{
	struct file *shared;

	if (!(vma->flags & VM_SHARED))
		return 0;
	shared = shmem_file("dev/zero", (loff_t)(vma->end - vma->start), 0);
	if (IS_ERR(shared))
		return (int)PTR_ERR(shared);
	vma->file = shared;
	vma->pgoff = 0;
	file_put(f);
	return generic_file_mmap(shared, vma);
}

static const struct file_ops null_fops = {
	.open = mem_open,
	.read_iter = read_nothing,
	.write_iter = write_nothing,
	.llseek = seek_nowhere,
};
static const struct file_ops zero_fops = {
	.open = mem_open,
	.read_iter = read_zero,
	.write_iter = write_nothing,
	.llseek = seek_nowhere,
	.mmap = zero_mmap,
};
static const struct file_ops full_fops = {
	.open = mem_open,
	.read_iter = read_zero,
	.write_iter = write_full,
	.llseek = seek_nowhere,
};
static const struct file_ops random_fops = {
	.open = mem_open,
	.read_iter = read_random,
	.write_iter = write_random,
	.llseek = seek_nowhere,
};
void memdev_init(void)
{
	static const struct {
		u32 minor;
		const char *name;
		const struct file_ops *fops;
		umode_t mode;
	} devs[] = {
		{ 3, "null", &null_fops, 0666 },      { 5, "zero", &zero_fops, 0666 },
		{ 7, "full", &full_fops, 0666 },      { 8, "random", &random_fops, 0666 },
		{ 9, "urandom", &random_fops, 0666 }, { 11, "kmsg", &kmsg_fops, 0644 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(devs); i++)
		BUG_ON(chrdev_register(MEM_MAJOR, devs[i].minor, devs[i].name, devs[i].fops,
				       devs[i].mode));
}
