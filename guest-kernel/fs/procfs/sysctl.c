// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/sys as far as programs ask for it, and /proc/sysrq-trigger.
 */
#define pr_fmt(f) "procfs: " f
#include "procfs.h"
#include <log.h>
#include <panic.h>
#include <platform/platform.h>
#include <sched.h>
#include <string.h>

static int show_number(struct seq *s, void *arg)
{
	seq_printf(s, "%lu\n", (unsigned long)arg);
	return 0;
}

static int show_file_nr(struct seq *s, void *arg)
{
	seq_printf(s, "%llu\t0\t%llu\n", (unsigned long long)file_count(),
		   (unsigned long long)file_max());
	return 0;
}

static int show_file_max(struct seq *s, void *arg)
{
	seq_printf(s, "%llu\n", (unsigned long long)file_max());
	return 0;
}

static int show_dentry_state(struct seq *s, void *arg)
{
	seq_printf(s, "%llu\t%lu\t45\t0\t0\t0\n", (unsigned long long)slab_objects("dentry"),
		   dcache_unused());
	return 0;
}

static int show_inode_nr(struct seq *s, void *arg)
{
	seq_printf(s, "%llu\t0\n", (unsigned long long)slab_objects("inode"));
	return 0;
}

static int show_printk(struct seq *s, void *arg)
{
	seq_printf(s, "%d\t4\t1\t7\n", log_get_level());
	return 0;
}

static ssize_t write_printk(void *arg, const char *buf, size_t n)
{
	if (buf[0] < '0' || buf[0] > '8')
		return -EINVAL;
	log_set_level(buf[0] - '0');
	return (ssize_t)n;
}

/* The file is in us; a runtime of -1 is no limit. */
static int show_rt_limit(struct seq *s, void *arg)
{
	u64 ns = sched_rt_limit((enum sched_rt_limit)(unsigned long)arg);

	if (ns == ~0ULL)
		seq_printf(s, "-1\n");
	else
		seq_printf(s, "%llu\n", (unsigned long long)(ns / NSEC_PER_USEC));
	return 0;
}

static ssize_t write_rt_limit(void *arg, const char *buf, size_t n)
{
	enum sched_rt_limit which = (enum sched_rt_limit)(unsigned long)arg;
	u64 us, ns = ~0ULL;
	int err;

	if (which != SCHED_RT_RUNTIME || strncmp(buf, "-1", 2) || (buf[2] != '\n' && buf[2])) {
		if (kstrtou64(buf, 10, &us) || us > 0x7fffffff)
			return -EINVAL;
		ns = us * NSEC_PER_USEC;
	}
	err = sched_set_rt_limit(which, ns);
	return err ? err : (ssize_t)n;
}

/* A random UUID, version 4 (RFC 9562). */
static void print_uuid(struct seq *s, const u8 u[16])
{
	for (u32 i = 0; i < 16; i++)
		seq_printf(s, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", u[i]);
	seq_puts(s, "\n");
}

static void make_uuid(u8 u[16])
{
	random_bytes(u, 16);
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
}

static int show_uuid(struct seq *s, void *arg)
{
	u8 u[16];

	make_uuid(u);
	print_uuid(s, u);
	return 0;
}

static u8 boot_id[16];

static int show_boot_id(struct seq *s, void *arg)
{
	print_uuid(s, boot_id);
	return 0;
}

static ssize_t drop_caches(void *arg, const char *buf, size_t n)
{
	if (buf[0] < '1' || buf[0] > '3')
		return -EINVAL;
	vfs_sync();
	/* One go looks at a part of the cache only. */
	while (buf[0] != '2' && reclaim_pages(~0UL) && !fatal_signal_pending())
		;
	if (buf[0] != '1')
		dcache_shrink(~0UL);
	return (ssize_t)n;
}

/* As Linux's: c panics, b resets, s writes everything out, o switches off. */
static ssize_t sysrq(void *arg, const char *buf, size_t n)
{
	switch (buf[0]) {
	case 'c':
		panic("sysrq: crash requested");
	case 'b':
		platform_reboot();
	case 'o':
		platform_poweroff(0);
	case 's':
		vfs_sync();
		return (ssize_t)n;
	default:
		return -EINVAL;
	}
}

static int show_zero(struct seq *s, void *arg)
{
	seq_puts(s, "0\n");
	return 0;
}

void proc_init_sysctl(void)
{
	static const struct {
		const char *name;
		umode_t mode;
		int (*show)(struct seq *s, void *arg);
		ssize_t (*write)(void *arg, const char *buf, size_t n);
		unsigned long arg;
	} files[] = {
		{ "sys/kernel/pid_max", 0444, show_number, NULL, PID_MAX },
		{ "sys/kernel/ngroups_max", 0444, show_number, NULL, NGROUPS_MAX },
		{ "sys/kernel/printk", 0644, show_printk, write_printk, 0 },
		{ "sys/kernel/random/boot_id", 0444, show_boot_id, NULL, 0 },
		{ "sys/kernel/random/uuid", 0444, show_uuid, NULL, 0 },
		{ "sys/kernel/sched_rt_period_us", 0644, show_rt_limit, write_rt_limit,
		  SCHED_RT_PERIOD },
		{ "sys/kernel/sched_rt_runtime_us", 0644, show_rt_limit, write_rt_limit,
		  SCHED_RT_RUNTIME },
		{ "sys/fs/file-nr", 0444, show_file_nr, NULL, 0 },
		{ "sys/fs/file-max", 0444, show_file_max, NULL, 0 },
		{ "sys/fs/dentry-state", 0444, show_dentry_state, NULL, 0 },
		{ "sys/fs/inode-nr", 0444, show_inode_nr, NULL, 0 },
		{ "sys/fs/nr_open", 0444, show_number, NULL, 1UL << 20 },
		{ "sys/fs/pipe-max-size", 0444, show_number, NULL, 1UL << 20 },
		{ "sys/vm/overcommit_memory", 0444, show_zero, NULL, 0 },
		{ "sys/vm/swappiness", 0444, show_zero, NULL, 0 },
		{ "sys/vm/drop_caches", 0200, show_zero, drop_caches, 0 },
		{ "sysrq-trigger", 0200, show_zero, sysrq, 0 },
	};

	make_uuid(boot_id);
	for (u32 i = 0; i < ARRAY_SIZE(files); i++)
		if (proc_register_rw(files[i].name, files[i].mode, files[i].show, files[i].write,
				     (void *)files[i].arg))
			pr_err("no memory for %s\n", files[i].name);
}
