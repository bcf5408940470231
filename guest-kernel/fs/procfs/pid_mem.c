// SPDX-License-Identifier: GPL-2.0-only
/*
 * What /proc/PID shows of an address space: statm, maps, cmdline, environ, auxv.
 */
#include "procfs.h"
#include <string.h>
#include <uapi/stat.h>

int pid_show_statm(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	unsigned long shared, rss;

	if (!mm) {
		seq_puts(s, "0 0 0 0 0 0 0\n");
		return 0;
	}
	shared = (unsigned long)(atomic64_read(&mm->rss_file) + atomic64_read(&mm->rss_shmem));
	rss = shared + (unsigned long)atomic64_read(&mm->rss_anon);
	seq_printf(s, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_vm, rss, shared, mm->exec_vm,
		   mm->data_vm + mm->stack_vm);
	mm_put(mm);
	return 0;
}

#define ARGS_MAX (128UL << 10)

/* The bytes [from, to) of the process's memory, up to a limit; what cannot be read is left out. */
static int show_range(struct seq *s, struct mm *mm, unsigned long from, unsigned long to)
{
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	to = min(to, from + ARGS_MAX);
	while (from < to) {
		ssize_t n = mm_access(mm, from, buf, min(to - from, PAGE_SIZE), false);

		if (n <= 0)
			break;
		seq_write(s, buf, (size_t)n);
		from += (size_t)n;
	}
	kfree(buf);
	return 0;
}

int pid_show_cmdline(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	int err;

	if (!mm)
		return 0;
	err = show_range(s, mm, mm->arg_start, mm->arg_end);
	mm_put(mm);
	return err;
}

int pid_show_environ(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	int err;

	if (!mm)
		return 0;
	err = show_range(s, mm, mm->env_start, mm->env_end);
	mm_put(mm);
	return err;
}

int pid_show_auxv(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	size_t n = 0;

	if (!mm)
		return 0;
	while (n + 2 < ARRAY_SIZE(mm->auxv) && mm->auxv[n])
		n += 2;
	seq_write(s, mm->auxv, (n + 2) * sizeof(mm->auxv[0]));
	mm_put(mm);
	return 0;
}

static const char *area_name(const struct mm *mm, const struct vma *vma)
{
	if (vma->ops && vma->ops->name)
		return vma->ops->name;
	if (vma->file)
		return NULL;
	if (vma->start <= mm->brk && vma->end >= mm->start_brk && mm->start_brk < mm->brk)
		return "[heap]";
	if (vma->start <= mm->start_stack && vma->end > mm->start_stack)
		return "[stack]";
	return "";
}

/*
 * A copy of what one line shows: the text is made without mm->lock, since making it may sleep on
 * other locks.
 */
struct area {
	unsigned long start, end, pgoff;
	u32 flags;
	struct file *file;
	const char *name;
};

static bool next_area(struct mm *mm, unsigned long from, struct area *a)
{
	struct vma *vma;

	down_read(&mm->lock);
	vma = vma_find(mm, from);
	if (vma) {
		*a = (struct area){ vma->start, vma->end,  vma->pgoff,
				    vma->flags, vma->file, area_name(mm, vma) };
		if (a->file)
			file_get(a->file);
	}
	up_read(&mm->lock);
	return vma;
}

static void pad_to_name(struct seq *s, size_t line_start)
{
	size_t used = s->len - line_start;

	seq_printf(s, "%*s", used < 73 ? (int)(73 - used) : 1, "");
}

static void show_area_name(struct seq *s, const struct area *a, size_t line_start, char *buf)
{
	char *text;

	if (!a->file || a->name) {
		if (a->name && *a->name) {
			pad_to_name(s, line_start);
			seq_puts(s, a->name);
		}
		return;
	}
	text = path_text(&a->file->path, buf, PATH_MAX);
	pad_to_name(s, line_start);
	if (!IS_ERR(text))
		seq_escape(s, text, "\n\\");
}

static void show_area(struct seq *s, const struct area *a, char *buf)
{
	const struct inode *i = a->file ? a->file->inode : NULL;
	size_t line_start = s->len;

	seq_printf(s, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu", a->start, a->end,
		   a->flags & PROT_READ ? 'r' : '-', a->flags & PROT_WRITE ? 'w' : '-',
		   a->flags & PROT_EXEC ? 'x' : '-', a->flags & VM_SHARED ? 's' : 'p',
		   i ? a->pgoff * PAGE_SIZE : 0, i ? MAJOR(i->sb->dev) : 0,
		   i ? MINOR(i->sb->dev) : 0, i ? (unsigned long)i->ino : 0);
	show_area_name(s, a, line_start, buf);
	seq_puts(s, "\n");
}

int pid_show_maps(struct seq *s, const struct pid_view *v)
{
	struct mm *mm = process_mm(v->p);
	unsigned long at = 0;
	struct area a;
	char *buf;

	if (!mm)
		return 0;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf) {
		mm_put(mm);
		return -ENOMEM;
	}
	while (next_area(mm, at, &a)) {
		show_area(s, &a, buf);
		if (a.file)
			file_put(a.file);
		at = a.end;
	}
	kfree(buf);
	mm_put(mm);
	return 0;
}
