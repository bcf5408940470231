// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smaller files of /proc/PID: comm, limits, io, wchan, oom_score, and the links exe, cwd, root.
 */
#include "procfs.h"
#include <kallsyms.h>
#include <string.h>

int pid_show_comm(struct seq *s, const struct pid_view *v)
{
	if (!v->t)
		return -ESRCH;
	seq_printf(s, "%s\n", v->t->comm);
	return 0;
}

/**
 * pid_write_comm - Name a thread (proc(5), /proc/PID/comm).
 * @v: the thread; without one of its own, the process's leader
 * @text: the name; cut to what fits
 *
 * Return: 0, -EINVAL if it is not of the caller's process, -ESRCH.
 */
int pid_write_comm(const struct pid_view *v, char *text)
{
	if (!v->t)
		return -ESRCH;
	if (v->p != current->process)
		return -EINVAL;
	strscpy(v->t->comm, text, COMM_LEN);
	return 0;
}

static void show_limit(struct seq *s, unsigned long n)
{
	if (n == RLIM_INFINITY)
		seq_printf(s, "%-20s ", "unlimited");
	else
		seq_printf(s, "%-20lu ", n);
}

int pid_show_limits(struct seq *s, const struct pid_view *v)
{
	static const struct {
		const char *name, *unit;
	} limits[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", "" },
		[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};
	struct rlimit rlim[RLIM_NLIMITS];

	spin_lock(&v->p->lock);
	memcpy(rlim, v->p->rlim, sizeof(rlim));
	spin_unlock(&v->p->lock);
	seq_printf(s, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (u32 i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(s, "%-25s ", limits[i].name);
		show_limit(s, rlim[i].cur);
		show_limit(s, rlim[i].max);
		seq_printf(s, "%-10s\n", limits[i].unit);
	}
	return 0;
}

int pid_show_io(struct seq *s, const struct pid_view *v)
{
	seq_printf(s, "rchar: %llu\nwchar: %llu\n", (unsigned long long)v->p->io_rchar,
		   (unsigned long long)v->p->io_wchar);
	return 0;
}

int pid_show_wchan(struct seq *s, const struct pid_view *v)
{
	bool asleep = v->t && v->t->state != THREAD_RUNNING && pid_may_inspect(v);
	unsigned long at = asleep ? (unsigned long)READ_ONCE(v->t->wchan) : 0, offset, size;
	const char *name = at ? kallsyms_lookup(at, &offset, &size) : NULL;

	seq_puts(s, name ? name : "0");
	return 0;
}

int pid_show_oom_score(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	u64 pages = 0, total = mem_total_bytes() / PAGE_SIZE;

	if (mm) {
		pages = (u64)(atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) +
			      atomic64_read(&mm->rss_shmem) + atomic64_read(&mm->pgtables));
		mm_put(mm);
	}
	seq_printf(s, "%llu\n", (unsigned long long)(total ? pages * 1000 / total : 0));
	return 0;
}

int pid_link_exe(const struct pid_view *v, struct path *out)
{
	int err = -ENOENT;

	spin_lock(&v->p->lock);
	if (v->p->exe) {
		*out = v->p->exe->path;
		path_get(out);
		err = 0;
	}
	spin_unlock(&v->p->lock);
	return err;
}

static int link_of_fs(const struct pid_view *v, bool root, struct path *out)
{
	struct fs_context *fs;

	spin_lock(&v->p->lock);
	fs = v->p->fs;
	if (fs) {
		spin_lock(&fs->lock);
		*out = root ? fs->root : fs->cwd;
		path_get(out);
		spin_unlock(&fs->lock);
	}
	spin_unlock(&v->p->lock);
	return fs ? 0 : -ENOENT;
}

int pid_link_cwd(const struct pid_view *v, struct path *out)
{
	return link_of_fs(v, false, out);
}

int pid_link_root(const struct pid_view *v, struct path *out)
{
	return link_of_fs(v, true, out);
}
