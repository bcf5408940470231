// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kmsg: the kernel's log as programs read it, a record a read, and write to it (Linux's
 * Documentation/ABI/testing/dev-kmsg).
 */
#include "../internal.h"
#include <log.h>
#include <string.h>
#include <uapi/fcntl.h>

#define WRITE_MAX     1024
#define FACILITY_USER 1U

/**
 * struct kmsg_file - file->private
 * @lock: one reader at a time
 * @seq: number of the next record to be read
 */
struct kmsg_file {
	struct mutex lock;
	u64 seq;
};

static int kmsg_open(struct inode *inode, struct file *f)
{
	struct kmsg_file *k = kzalloc(sizeof(*k), GFP_KERNEL);

	(void)inode;
	if (!k)
		return -ENOMEM;
	mutex_init(&k->lock, "kmsg->lock");
	f->private = k;
	f->mode |= FMODE_SEEK;
	return 0;
}

static void kmsg_release(struct file *f)
{
	kfree(f->private);
}

/*
 * A "<number>" in front is the priority: eight times the facility, and the level. What a program
 * writes is never of the kernel's facility, 0.
 */
static const char *take_priority(const char *text, u32 *prio)
{
	const char *p = text + 1;
	u32 n = 0;

	*prio = FACILITY_USER << 3 | LOG_NOTICE;
	if (*text != '<')
		return text;
	while (*p >= '0' && *p <= '9' && n <= LOG_PRIO_MAX)
		n = n * 10 + (u32)(*p++ - '0');
	if (*p != '>' || p == text + 1 || n > LOG_PRIO_MAX)
		return text;
	*prio = n >> 3 ? n : FACILITY_USER << 3 | n;
	return p + 1;
}

static ssize_t kmsg_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	size_t all = it->count;
	const char *text;
	char *buf;
	u32 prio;

	(void)f;
	(void)pos;
	if (all > WRITE_MAX)
		return -EINVAL;
	buf = kmalloc(all + 1, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (copy_from_iter(buf, all, it) != all) {
		kfree(buf);
		return -EFAULT;
	}
	buf[all] = '\0';
	text = take_priority(buf, &prio);
	log_printf((int)prio, "%s", text);
	kfree(buf);
	return (ssize_t)all;
}

/* Waits for a record from k->seq on. 0, -EAGAIN, -ERESTARTSYS. */
static int wait_record(struct kmsg_file *k, const struct file *f)
{
	if (log_has(k->seq))
		return 0;
	if (READ_ONCE(f->flags) & O_NONBLOCK)
		return -EAGAIN;
	return wait_event_interruptible(log_wait_queue(), log_has(k->seq));
}

/* -EPIPE, once, when records were overwritten that had not been read. */
static ssize_t read_record(struct kmsg_file *k, const struct file *f, struct iov_iter *it)
{
	char line[LOG_RECORD_MAX];
	u64 wanted = k->seq;
	size_t n;
	int err;

	do {
		err = wait_record(k, f);
		if (err)
			return err;
		n = log_record_text(&k->seq, line, sizeof(line));
	} while (!n);
	if (k->seq != wanted && wanted)
		return -EPIPE;
	if (n > it->count)
		return -EINVAL;
	if (copy_to_iter(line, n, it) != n)
		return -EFAULT;
	k->seq++;
	return (ssize_t)n;
}

static ssize_t kmsg_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct kmsg_file *k = f->private;
	ssize_t ret;

	(void)pos;
	if (mutex_lock_interruptible(&k->lock))
		return -ERESTARTSYS;
	ret = read_record(k, f, it);
	mutex_unlock(&k->lock);
	return ret;
}

/* There are three places to go to: the oldest record, the first after the last clear, the end. */
static loff_t kmsg_llseek(struct file *f, loff_t off, int whence)
{
	struct kmsg_file *k = f->private;
	u64 to;

	if (whence == SEEK_SET)
		to = 0;
	else if (whence == SEEK_DATA)
		to = log_first_seq();
	else if (whence == SEEK_END)
		to = log_next_seq();
	else
		return -EINVAL;
	if (off)
		return -ESPIPE;
	mutex_lock(&k->lock);
	k->seq = to;
	mutex_unlock(&k->lock);
	return 0;
}

static u32 kmsg_poll(struct file *f, struct poll_table *pt)
{
	const struct kmsg_file *k = f->private;

	poll_wait(pt, log_wait_queue());
	return (log_has(READ_ONCE(k->seq)) ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM;
}

const struct file_ops kmsg_fops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read_iter = kmsg_read,
	.write_iter = kmsg_write,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
};
