// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: by ioctl for the launcher, and as files for whoever it gives them to. Such
 * a file keeps the machine, but none of the launcher's rights.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/uaccess.h>

#include "internal.h"

static void read_vcpu(struct pvhost_vcpu *v, struct pvhost_stats *stats)
{
	/* The counters are the vCPU thread's: a snapshot, not a cut. */
	*stats = data_race(v->stats);
	stats->size = sizeof(*stats);
	stats->flags = 0;
}

static void read_vm(struct pvhost_vm *vm, struct pvhost_vm_stats *stats)
{
	read_lock(&vm->mmu_lock);
	*stats = (struct pvhost_vm_stats){
		.size = sizeof(*stats),
		.pages = atomic_long_read(&vm->nr_pages),
		.spaces = vm->nr_spaces,
		.table_pages = atomic_long_read(&vm->table_pages),
		.evictions = vm->evictions,
		.invalidations = vm->invalidations,
		.discards = atomic64_read(&vm->discards),
	};
	read_unlock(&vm->mmu_lock);
}

/**
 * pvhost_vcpu_stats - PVHOST_GET_STATS
 * @v: the vCPU, which may be running
 * @uarg: result
 *
 * Return: 0, -EINVAL, -EFAULT.
 */
long pvhost_vcpu_stats(struct pvhost_vcpu *v, void __user *uarg)
{
	struct pvhost_stats stats = {};
	int ret;

	ret = pvhost_get_arg(&stats, sizeof(stats), uarg);
	if (ret)
		return ret;
	if (stats.flags)
		return -EINVAL;
	read_vcpu(v, &stats);
	return pvhost_put_arg(uarg, &stats, sizeof(stats));
}

/**
 * pvhost_vm_stats - PVHOST_GET_VM_STATS
 * @vm: the machine
 * @uarg: result
 *
 * Return: 0, -EINVAL, -EFAULT.
 */
long pvhost_vm_stats(struct pvhost_vm *vm, void __user *uarg)
{
	struct pvhost_vm_stats stats = {};
	int ret;

	ret = pvhost_get_arg(&stats, sizeof(stats), uarg);
	if (ret)
		return ret;
	if (stats.flags)
		return -EINVAL;
	read_vm(vm, &stats);
	return pvhost_put_arg(uarg, &stats, sizeof(stats));
}

static ssize_t vcpu_stats_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	struct pvhost_stats stats;

	read_vcpu(file->private_data, &stats);
	return simple_read_from_buffer(buf, n, pos, &stats, sizeof(stats));
}

static int vcpu_stats_release(struct inode *inode, struct file *file)
{
	struct pvhost_vcpu *v = file->private_data;

	pvhost_vm_put(v->vm);
	return 0;
}

static const struct file_operations vcpu_stats_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_stats_release,
	.read = vcpu_stats_read,
	.llseek = noop_llseek,
};

static ssize_t vm_stats_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	struct pvhost_vm_stats stats;

	read_vm(file->private_data, &stats);
	return simple_read_from_buffer(buf, n, pos, &stats, sizeof(stats));
}

static int vm_stats_release(struct inode *inode, struct file *file)
{
	pvhost_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_stats_fops = {
	.owner = THIS_MODULE,
	.release = vm_stats_release,
	.read = vm_stats_read,
	.llseek = noop_llseek,
};

static long stats_fd(struct pvhost_vm *vm, const struct file_operations *fops, void *of)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile("pvhost-stats", fops, of, O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	kref_get(&vm->ref);
	/* pread() at 0 gives the counters as of now. */
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return fd;
}

/**
 * pvhost_vcpu_stats_fd - PVHOST_STATS_FD
 * @v: the vCPU
 *
 * Return: a file descriptor or -errno.
 */
long pvhost_vcpu_stats_fd(struct pvhost_vcpu *v)
{
	return stats_fd(v->vm, &vcpu_stats_fops, v);
}

/**
 * pvhost_vm_stats_fd - PVHOST_VM_STATS_FD
 * @vm: the machine
 *
 * Return: a file descriptor or -errno.
 */
long pvhost_vm_stats_fd(struct pvhost_vm *vm)
{
	return stats_fd(vm, &vm_stats_fops, vm);
}
