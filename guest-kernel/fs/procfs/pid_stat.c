// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/stat and status: the figures that ps and top read, in the fields and order of proc(5).
 */
#include "procfs.h"
#include <sched.h>
#include <string.h>
#include <uapi/stat.h>

#define USER_HZ 100
#define TICK_NS (NSEC_PER_SEC / USER_HZ)

/**
 * struct task_info - what both files show, gathered under the locks
 */
struct task_info {
	char comm[COMM_LEN];
	char state;
	pid_t ppid, pgid, sid, tpgid;
	u32 tty, threads, exit_code, cpu, policy, rt_prio;
	int nice, exit_signal;
	struct proc_times times;
	sigset_t pending, shared_pending, blocked, ignored, caught;
	const void *wchan;
	bool kernel;
};

static char state_letter(const struct thread *t)
{
	static const char letters[] = {
		[THREAD_RUNNING] = 'R',		[THREAD_INTERRUPTIBLE] = 'S',
		[THREAD_UNINTERRUPTIBLE] = 'D', [THREAD_KILLABLE] = 'D',
		[THREAD_STOPPED] = 'T',		[THREAD_DEAD] = 'X',
	};
	u8 state = READ_ONCE(t->state);

	return state < sizeof(letters) ? letters[state] : '?';
}

static void get_signals(struct process *p, const struct thread *t, struct task_info *info)
{
	unsigned long flags;

	spin_lock_irqsave(&p->siglock, flags);
	info->shared_pending = p->pending_set;
	for (int sig = 1; p->sighand && sig <= NSIG; sig++) {
		unsigned long handler = p->sighand->action[sig - 1].handler;

		if (handler == SIG_IGN)
			info->ignored |= sigmask(sig);
		else if (handler != SIG_DFL)
			info->caught |= sigmask(sig);
	}
	if (t) {
		info->pending = t->pending_set;
		info->blocked = t->blocked;
	}
	spin_unlock_irqrestore(&p->siglock, flags);
}

static void get_family(struct process *p, struct task_info *info)
{
	dev_t tty;

	spin_lock_irq(&tasklist_lock);
	info->ppid = p->parent ? p->parent->pid : 0;
	info->pgid = p->pgid;
	info->sid = p->sid;
	info->threads = p->nr_threads;
	info->exit_code = p->exit_code;
	info->exit_signal = p->exit_signal;
	if (p->zombie)
		info->state = 'Z';
	spin_unlock_irq(&tasklist_lock);
	process_ctty(p, &tty, &info->tpgid);
	info->tty = uapi_encode_dev(MAJOR(tty), MINOR(tty));
}

/* A thread's own times, with no children's, or those of the process. */
static void get_times(const struct pid_view *v, struct proc_times *times)
{
	struct thread *t = v->t;

	if (!v->of_thread) {
		process_times(v->p, times);
		return;
	}
	*times = (struct proc_times){
		.minflt = READ_ONCE(t->minflt), .majflt = READ_ONCE(t->majflt),
		.nvcsw = READ_ONCE(t->nvcsw), .nivcsw = READ_ONCE(t->nivcsw),
	};
	sched_thread_times(t, &times->utime, &times->stime);
}

static void get_info(const struct pid_view *v, struct task_info *info)
{
	const struct thread *t = v->t;

	memset(info, 0, sizeof(*info));
	info->state = 'X';
	if (t) {
		memcpy(info->comm, t->comm, COMM_LEN - 1);
		info->state = state_letter(t);
		info->nice = t->nice;
		info->cpu = t->cpu;
		info->policy = t->policy;
		info->rt_prio = t->rt_prio;
		info->wchan = READ_ONCE(t->wchan);
		info->kernel = t->flags & THREAD_F_KERNEL;
	}
	get_family(v->p, info);
	get_signals(v->p, t, info);
	get_times(v, &info->times);
}

/* Layout of the address space, for those who may see it. */
static void show_addresses(struct seq *s, const struct pid_view *v, const struct mm *mm, bool tail)
{
	bool ok = mm && pid_may_inspect(v);

	if (tail)
		seq_printf(s, " %lu %lu %lu %lu %lu %lu %lu", ok ? mm->start_data : 0,
			   ok ? mm->end_data : 0, ok ? mm->start_brk : 0, ok ? mm->arg_start : 0,
			   ok ? mm->arg_end : 0, ok ? mm->env_start : 0, ok ? mm->env_end : 0);
	else
		seq_printf(s, " %lu %lu %lu 0 0", ok ? mm->start_code : 0, ok ? mm->end_code : 0,
			   ok ? mm->start_stack : 0);
}

static unsigned long rss_pages(const struct mm *mm)
{
	return (unsigned long)(atomic64_read(&mm->rss_anon) + atomic64_read(&mm->rss_file) +
			       atomic64_read(&mm->rss_shmem));
}

static unsigned long long ticks(u64 ns)
{
	return ns / TICK_NS;
}

int pid_show_stat(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	struct task_info i;
	int priority;

	get_info(v, &i);
	priority = i.rt_prio ? -1 - (int)i.rt_prio : 20 + i.nice;
	seq_printf(s, "%d (%s) %c %d %d %d %d %d %u", v->t ? v->t->tid : v->p->pid, i.comm, i.state,
		   i.ppid, i.pgid, i.sid, (int)i.tty, i.tpgid, i.kernel ? 0x200000U : 0U);
	seq_printf(s, " %llu %llu %llu %llu", (unsigned long long)i.times.minflt,
		   (unsigned long long)i.times.cminflt, (unsigned long long)i.times.majflt,
		   (unsigned long long)i.times.cmajflt);
	seq_printf(s, " %llu %llu %llu %llu", ticks(i.times.utime), ticks(i.times.stime),
		   ticks(i.times.cutime), ticks(i.times.cstime));
	seq_printf(s, " %d %d %u 0 %llu", priority, i.nice, i.threads, ticks(v->p->start_ns));
	seq_printf(s, " %lu %lu %lu", mm ? mm->total_vm * PAGE_SIZE : 0, mm ? rss_pages(mm) : 0,
		   v->p->rlim[RLIMIT_RSS].cur);
	show_addresses(s, v, mm, false);
	seq_printf(s, " %llu %llu %llu %llu", (unsigned long long)(i.pending & 0x7fffffff),
		   (unsigned long long)(i.blocked & 0x7fffffff),
		   (unsigned long long)(i.ignored & 0x7fffffff),
		   (unsigned long long)(i.caught & 0x7fffffff));
	seq_printf(s, " %d 0 0 %d %u %u %u 0 0 0", i.wchan && i.state != 'R', i.exit_signal, i.cpu,
		   i.rt_prio, i.policy);
	show_addresses(s, v, mm, true);
	seq_printf(s, " %u\n", pid_may_inspect(v) ? i.exit_code : 0);
	if (mm)
		mm_put(mm);
	return 0;
}

static u32 descriptor_table_size(const struct pid_view *v)
{
	struct files *files = pid_files(v);
	u32 size = 0;

	if (files) {
		size = files_size(files);
		files_put(files);
	}
	return size;
}

static void show_ids(struct seq *s, const struct pid_view *v)
{
	struct cred *c = v->t ? thread_cred(v->t) : NULL;

	if (!c)
		return;
	seq_printf(s, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid,
		   c->fsuid, c->gid, c->egid, c->sgid, c->fsgid);
	seq_printf(s, "FDSize:\t%u\nGroups:\t", descriptor_table_size(v));
	for (u32 n = 0; c->groups && n < c->groups->n; n++)
		seq_printf(s, "%u ", c->groups->gid[n]);
	seq_puts(s, "\n");
	cred_put(c);
}

static void show_capabilities(struct seq *s, const struct pid_view *v)
{
	struct cred *c = v->t ? thread_cred(v->t) : NULL;

	if (!c)
		return;
	seq_printf(
		s,
		"CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\nCapBnd:\t%016llx\nCapAmb:\t%016llx\n",
		(unsigned long long)c->cap_inheritable, (unsigned long long)c->cap_permitted,
		(unsigned long long)c->cap_effective, (unsigned long long)c->cap_bounding,
		(unsigned long long)c->cap_ambient);
	cred_put(c);
}

static void show_kb(struct seq *s, const char *name, unsigned long pages)
{
	seq_printf(s, "%s:\t%8lu kB\n", name, pages * (PAGE_SIZE / 1024));
}

static void show_memory(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);

	if (!mm)
		return;
	show_kb(s, "VmPeak", mm->hiwater_vm);
	show_kb(s, "VmSize", mm->total_vm);
	show_kb(s, "VmLck", mm->locked_vm);
	show_kb(s, "VmHWM", mm_hiwater(mm));
	show_kb(s, "VmRSS", rss_pages(mm));
	show_kb(s, "RssAnon", (unsigned long)atomic64_read(&mm->rss_anon));
	show_kb(s, "RssFile", (unsigned long)atomic64_read(&mm->rss_file));
	show_kb(s, "RssShmem", (unsigned long)atomic64_read(&mm->rss_shmem));
	show_kb(s, "VmData", mm->data_vm);
	show_kb(s, "VmStk", mm->stack_vm);
	show_kb(s, "VmExe", mm->exec_vm);
	show_kb(s, "VmPTE", (unsigned long)atomic64_read(&mm->pgtables));
	show_kb(s, "VmSwap", 0);
	mm_put(mm);
}

static const char *state_name(char letter)
{
	switch (letter) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 'Z':
		return "Z (zombie)";
	default:
		return "X (dead)";
	}
}

int pid_show_status(struct seq *s, const struct pid_view *v)
{
	struct fs_context *fs;
	struct task_info i;
	u32 umask = 0;

	get_info(v, &i);
	spin_lock(&v->p->lock);
	fs = v->p->fs;
	if (fs)
		umask = READ_ONCE(fs->umask);
	spin_unlock(&v->p->lock);
	seq_puts(s, "Name:\t");
	seq_escape(s, i.comm, "\n\\");
	seq_printf(s, "\nUmask:\t%04o\nState:\t%s\n", umask, state_name(i.state));
	seq_printf(s, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", v->p->pid,
		   v->t ? v->t->tid : v->p->pid, i.ppid);
	show_ids(s, v);
	show_memory(s, v);
	seq_printf(s, "Threads:\t%u\nSigQ:\t%u/%lu\n", i.threads, v->p->nr_queued,
		   v->p->rlim[RLIMIT_SIGPENDING].cur);
	seq_printf(
		s,
		"SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n",
		(unsigned long long)i.pending, (unsigned long long)i.shared_pending,
		(unsigned long long)i.blocked, (unsigned long long)i.ignored,
		(unsigned long long)i.caught);
	show_capabilities(s, v);
	seq_printf(s, "NoNewPrivs:\t%d\n", v->p->no_new_privs);
	if (v->t)
		seq_printf(s, "Cpus_allowed:\t%llx\n", (unsigned long long)v->t->cpus_allowed);
	seq_printf(s, "voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n",
		   (unsigned long long)i.times.nvcsw, (unsigned long long)i.times.nivcsw);
	return 0;
}
