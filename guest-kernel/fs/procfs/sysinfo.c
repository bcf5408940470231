// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures of the whole machine: meminfo, stat, uptime, loadavg, cpuinfo, interrupts and their kin,
 * in the formats of proc(5).
 */
#define pr_fmt(f) "procfs: " f
#include "procfs.h"
#include <init.h>
#include <irq.h>
#include <log.h>
#include <platform/cpu.h>
#include <sched.h>
#include <string.h>

#define USER_HZ 100
#define TICK_NS (NSEC_PER_SEC / USER_HZ)

static int show_meminfo(struct seq *s, void *arg)
{
	struct mem_stats m;
	u64 available;

	mem_get_stats(&m);
	/*
	 * What could be had without swapping: free pages and the cache that is a copy of something.
	 * /
	 */
	available = m.free + (m.cached > m.shmem ? m.cached - m.shmem : 0);
	{
		const struct {
			const char *name;
			u64 pages;
		} lines[] = {
			{ "MemTotal:", m.total },
			{ "MemFree:", m.free },
			{ "MemAvailable:", available },
			{ "Buffers:", m.buffers },
			{ "Cached:", m.cached },
			{ "SwapCached:", 0 },
			{ "SwapTotal:", 0 },
			{ "SwapFree:", 0 },
			{ "Dirty:", m.dirty },
			{ "AnonPages:", m.anon },
			{ "Mapped:", m.mapped },
			{ "Shmem:", m.shmem },
			{ "Slab:", m.slab },
			{ "KernelStack:", m.kstack },
			{ "PageTables:", m.pagetables },
		};

		for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
			seq_printf(s, "%-15s %8llu kB\n", lines[i].name,
				   (unsigned long long)(lines[i].pages * (PAGE_SIZE / 1024)));
	}
	return 0;
}

static void show_cpu(struct seq *s, const char *name, const struct cpu_times *t)
{
	const u64 ns[] = { t->user,   t->nice, t->system,  t->idle,
			   t->iowait, t->irq,  t->softirq, t->steal };

	seq_puts(s, name);
	for (u32 i = 0; i < ARRAY_SIZE(ns); i++)
		seq_printf(s, " %llu", (unsigned long long)(ns[i] / TICK_NS));
	seq_puts(s, " 0 0\n");
}

static void add_times(struct cpu_times *sum, const struct cpu_times *t)
{
	sum->user += t->user;
	sum->nice += t->nice;
	sum->system += t->system;
	sum->idle += t->idle;
	sum->iowait += t->iowait;
	sum->irq += t->irq;
	sum->softirq += t->softirq;
	sum->steal += t->steal;
}

static int show_stat(struct seq *s, void *arg)
{
	struct cpu_times sum = { 0 }, t;
	char name[16];

	for (u32 cpu = 0; cpu < nr_cpus; cpu++) {
		sched_cpu_times(cpu, &t);
		add_times(&sum, &t);
	}
	show_cpu(s, "cpu ", &sum);
	for (u32 cpu = 0; cpu < nr_cpus; cpu++) {
		sched_cpu_times(cpu, &t);
		snprintf(name, sizeof(name), "cpu%u", cpu);
		show_cpu(s, name, &t);
	}
	seq_printf(s, "intr %llu\nctxt %llu\nbtime %llu\n", (unsigned long long)irq_total(),
		   (unsigned long long)sched_nr_switches(),
		   (unsigned long long)((realtime_ns() - ktime_ns()) / NSEC_PER_SEC));
	seq_printf(s, "processes %d\nprocs_running %u\nprocs_blocked 0\n", pid_last(),
		   sched_nr_running());
	return 0;
}

static void show_centis(struct seq *s, u64 ns, const char *end)
{
	seq_printf(s, "%llu.%02llu%s", (unsigned long long)(ns / NSEC_PER_SEC),
		   (unsigned long long)(ns % NSEC_PER_SEC / (NSEC_PER_SEC / 100)), end);
}

static int show_uptime(struct seq *s, void *arg)
{
	struct cpu_times t;
	u64 idle = 0;

	for (u32 cpu = 0; cpu < nr_cpus; cpu++) {
		sched_cpu_times(cpu, &t);
		idle += t.idle;
	}
	show_centis(s, ktime_ns(), " ");
	show_centis(s, idle, "\n");
	return 0;
}

static int show_loadavg(struct seq *s, void *arg)
{
	unsigned long avg[3];

	sched_loadavg(avg);
	for (u32 i = 0; i < 3; i++)
		seq_printf(s, "%lu.%02lu ", avg[i] >> 11, ((avg[i] & 0x7ff) * 100) >> 11);
	seq_printf(s, "%u/%u %d\n", sched_nr_running(), nr_user_threads, pid_last());
	return 0;
}

static int show_cmdline(struct seq *s, void *arg)
{
	seq_printf(s, "%s\n", cmdline_full());
	return 0;
}

static int show_cpuinfo(struct seq *s, void *arg)
{
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	for (u32 cpu = 0; cpu < nr_cpus; cpu++) {
		seq_printf(s, "processor\t: %u\n", cpu);
		seq_write(s, buf, platform_cpuinfo(cpu, buf, PAGE_SIZE));
		seq_printf(s, "\n");
	}
	kfree(buf);
	return 0;
}

static int show_interrupts(struct seq *s, void *arg)
{
	seq_puts(s, "    ");
	for (u32 cpu = 0; cpu < nr_cpus; cpu++)
		seq_printf(s, "       CPU%-3u", cpu);
	seq_puts(s, "\n");
	for (u32 irq = 0; irq < NR_IRQS; irq++) {
		const char *name = irq_name(irq);

		if (!name)
			continue;
		seq_printf(s, "%3u:", irq);
		for (u32 cpu = 0; cpu < nr_cpus; cpu++)
			seq_printf(s, " %12llu", (unsigned long long)irq_count(irq, cpu));
		seq_printf(s, "  %s\n", name);
	}
	return 0;
}

static void show_fs_type(const struct fs_type *t, void *arg)
{
	seq_printf(arg, "%s\t%s\n", t->nodev ? "nodev" : "", t->name);
}

static int show_filesystems(struct seq *s, void *arg)
{
	fs_for_each(show_fs_type, s);
	return 0;
}

static int show_devices(struct seq *s, void *arg)
{
	const char *name;
	dev_t dev;

	seq_puts(s, "Character devices:\n");
	for (u32 n = 0; (name = chrdev_next(n, &dev)); n++)
		seq_printf(s, "%3u %s\n", MAJOR(dev), name);
	seq_puts(s, "\nBlock devices:\n");
	return 0;
}

static int show_slabinfo(struct seq *s, void *arg)
{
	char line[160];

	seq_puts(s, "slabinfo - version: 2.1\n");
	for (u32 n = 0; slab_info(n, line, sizeof(line)); n++)
		seq_puts(s, line);
	return 0;
}

static int show_swaps(struct seq *s, void *arg)
{
	seq_puts(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

void proc_init_sysinfo(void)
{
	static const struct {
		const char *name;
		int (*show)(struct seq *s, void *arg);
	} files[] = {
		{ "meminfo", show_meminfo },	   { "stat", show_stat },
		{ "uptime", show_uptime },	   { "loadavg", show_loadavg },
		{ "cmdline", show_cmdline },	   { "cpuinfo", show_cpuinfo },
		{ "interrupts", show_interrupts }, { "filesystems", show_filesystems },
		{ "devices", show_devices },	   { "slabinfo", show_slabinfo },
		{ "swaps", show_swaps },
	};

	for (u32 i = 0; i < ARRAY_SIZE(files); i++)
		if (proc_register(files[i].name, files[i].show, NULL))
			pr_err("no memory for %s\n", files[i].name);
}
