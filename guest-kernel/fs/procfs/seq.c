// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that grows, and files whose text is made when reading starts. A reader sees one consistent
 * text until it starts again from position 0.
 */
#include "procfs.h"
#include <string.h>

#define SEQ_FIRST 1024UL
#define SEQ_MAX	  (16UL << 20)

/*
 * Texts stay until their files are closed or read anew: all together may take this part of memory.
 */
#define SEQ_SHARE 16
static atomic64_t seq_bytes;

static char *text_alloc(size_t n)
{
	bool ok = (u64)atomic64_add_return(&seq_bytes, (s64)n) <= mem_total_bytes() / SEQ_SHARE;
	char *text = ok ? kvmalloc(n, GFP_KERNEL) : NULL;

	if (!text)
		atomic64_add(&seq_bytes, -(s64)n);
	return text;
}

static void free_text(struct seq *s)
{
	kvfree(s->buf);
	atomic64_add(&seq_bytes, -(s64)s->size);
}

/* Makes room for @n more bytes. */
static bool seq_room(struct seq *s, size_t n)
{
	size_t size = max(s->size * 2, SEQ_FIRST);
	char *buf;

	if (s->failed || n <= s->size - s->len)
		return !s->failed;
	while (size - s->len < n)
		size *= 2;
	buf = size <= SEQ_MAX ? text_alloc(size) : NULL;
	if (!buf) {
		s->failed = true;
		return false;
	}
	if (s->buf)
		memcpy(buf, s->buf, s->len);
	free_text(s);
	s->buf = buf;
	s->size = size;
	return true;
}

void seq_free(struct seq *s)
{
	free_text(s);
	*s = (struct seq){ 0 };
}

void seq_write(struct seq *s, const void *p, size_t n)
{
	if (!seq_room(s, n))
		return;
	memcpy(s->buf + s->len, p, n);
	s->len += n;
}

void seq_puts(struct seq *s, const char *text)
{
	seq_write(s, text, strlen(text));
}

void seq_printf(struct seq *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!seq_room(s, 128))
		return;
	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->len, s->size - s->len, fmt, ap);
	va_end(ap);
	if ((size_t)n >= s->size - s->len) {
		if (!seq_room(s, (size_t)n + 1))
			return;
		va_start(ap, fmt);
		vsnprintf(s->buf + s->len, s->size - s->len, fmt, ap);
		va_end(ap);
	}
	s->len += (size_t)n;
}

void seq_escape(struct seq *s, const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			seq_printf(s, "\\%03o", (unsigned int)(u8)*text);
		else
			seq_write(s, text, 1);
	}
}

/**
 * struct text_file - file->private
 * @lock: guards @seq and @made
 */
struct text_file {
	struct mutex lock;
	struct seq seq;
	bool made;
	int (*show)(struct seq *s, void *arg);
	void *arg;
};

int proc_open_text(struct file *f, int (*show)(struct seq *s, void *arg), void *arg)
{
	struct text_file *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	mutex_init(&t->lock, "proc_text->lock");
	t->show = show;
	t->arg = arg;
	f->private = t;
	f->mode |= FMODE_SEEK;
	return 0;
}

static int make_text(struct text_file *t)
{
	int err;

	seq_free(&t->seq);
	t->made = false;
	err = t->show(&t->seq, t->arg);
	if (!err && t->seq.failed)
		err = -ENOMEM;
	t->made = !err;
	return err;
}

ssize_t proc_read_text(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct text_file *t = f->private;
	size_t n = 0, want = 0;
	int err = 0;

	mutex_lock(&t->lock);
	if (!*pos || !t->made)
		err = make_text(t);
	if (!err && (u64)*pos < t->seq.len) {
		want = min(it->count, t->seq.len - (size_t)*pos);
		n = copy_to_iter(t->seq.buf + *pos, want, it);
		*pos += (loff_t)n;
	}
	mutex_unlock(&t->lock);
	if (err)
		return err;
	return n || !want ? (ssize_t)n : -EFAULT;
}

void proc_release_text(struct file *f)
{
	struct text_file *t = f->private;

	seq_free(&t->seq);
	kfree(t);
}
