// SPDX-License-Identifier: GPL-2.0-only
/*
 * signalfd(2): pending signals of the reader, read from a file instead of being delivered.
 *
 * Reading and polling look at whoever reads. Wake-ups come through the queue of the process that
 * made the file, which the file keeps alive: an epoll set may outlive the process that adds to it.
 */
#include "../internal.h"
#include <signal.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>

/* struct signalfd_siginfo of the ABI. */
struct signalfd_siginfo {
	u32 ssi_signo;
	s32 ssi_errno, ssi_code;
	u32 ssi_pid, ssi_uid;
	s32 ssi_fd;
	u32 ssi_tid, ssi_band, ssi_overrun, ssi_trapno;
	s32 ssi_status, ssi_int;
	u64 ssi_ptr, ssi_utime, ssi_stime, ssi_addr;
	u16 ssi_addr_lsb;
	u8 pad[46];
};
static_assert(sizeof(struct signalfd_siginfo) == 128, "struct signalfd_siginfo");

/**
 * struct signalfd - file->private
 * @set: signals to take; written whole, read without a lock
 * @process: who made it; referenced
 */
struct signalfd {
	sigset_t set;
	struct process *process;
};

static void describe(const struct siginfo *info, struct signalfd_siginfo *out)
{
	memset(out, 0, sizeof(*out));
	out->ssi_signo = (u32)info->si_signo;
	out->ssi_errno = info->si_errno;
	out->ssi_code = info->si_code;
	if (info->si_code == SI_TIMER) {
		out->ssi_tid = (u32)info->timer.tid;
		out->ssi_overrun = (u32)info->timer.overrun;
		out->ssi_ptr = info->timer.value;
		out->ssi_int = (s32)info->timer.value;
	} else if (info->si_signo == SIGCHLD && info->si_code > 0) {
		out->ssi_pid = (u32)info->chld.pid;
		out->ssi_uid = info->chld.uid;
		out->ssi_status = info->chld.status;
		out->ssi_utime = (u64)info->chld.utime;
		out->ssi_stime = (u64)info->chld.stime;
	} else if (info->si_code > 0 && info->si_code != SI_KERNEL) {
		out->ssi_addr = info->fault.addr;
	} else {
		out->ssi_pid = (u32)info->rt.pid;
		out->ssi_uid = info->rt.uid;
		out->ssi_ptr = info->rt.value;
		out->ssi_int = (s32)info->rt.value;
	}
}

/* One signal; waits for it if @wait. 1, 0 if there is none, or errno. */
static int take_signal(struct signalfd *s, struct siginfo *info, bool wait)
{
	sigset_t set;
	int err = 0;

	for (;;) {
		set = READ_ONCE(s->set);
		if (signal_take(set, info))
			return 1;
		if (!wait || err)
			return err;
		err = wait_event_interruptible(&current->process->signalfd_wq,
					       signal_pending_in(set));
	}
}

static ssize_t signalfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct signalfd_siginfo out;
	struct siginfo info;
	ssize_t done = 0;
	int got;

	if (it->count < sizeof(out))
		return -EINVAL;
	while (it->count >= sizeof(out)) {
		got = take_signal(f->private, &info, !done && !(f->flags & O_NONBLOCK));
		if (got <= 0)
			return done ? done : got ? got : -EAGAIN;
		describe(&info, &out);
		if (copy_to_iter(&out, sizeof(out), it) != sizeof(out))
			return done ? done : -EFAULT;
		done += (ssize_t)sizeof(out);
	}
	return done;
}

static u32 signalfd_poll(struct file *f, struct poll_table *pt)
{
	struct signalfd *s = f->private;

	poll_wait(pt, &s->process->signalfd_wq);
	return signal_pending_in(READ_ONCE(s->set)) ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_release(struct file *f)
{
	struct signalfd *s = f->private;

	process_put(s->process);
	kfree(s);
}

static const struct file_ops signalfd_fops = {
	.read_iter = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
};

static long signalfd_create(sigset_t set, u32 flags)
{
	struct signalfd *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct file *f;
	int fd;

	if (!s)
		return -ENOMEM;
	s->set = set;
	s->process = current->process;
	process_get(s->process);
	f = file_anon(&signalfd_fops, s, (int)(O_RDWR | (flags & O_NONBLOCK)), 0600,
		      "anon_inode:[signalfd]");
	if (IS_ERR(f)) {
		process_put(s->process);
		kfree(s);
		return PTR_ERR(f);
	}
	fd = fd_alloc(f, 0, flags);
	if (fd < 0)
		file_put(f);
	return fd;
}

static long signalfd_change(int fd, sigset_t set)
{
	struct file *f = fd_get(fd);
	struct signalfd *s;
	long ret = -EINVAL;

	if (!f)
		return -EBADF;
	if (f->ops == &signalfd_fops) {
		s = f->private;
		WRITE_ONCE(s->set, set);
		wake_up_all(&s->process->signalfd_wq);
		ret = fd;
	}
	file_put(f);
	return ret;
}

static long do_signalfd(int fd, unsigned long umask, size_t size, u32 flags)
{
	sigset_t set;

	if (size != sizeof(set) || (flags & ~(u32)(O_CLOEXEC | O_NONBLOCK)))
		return -EINVAL;
	if (copy_from_user(&set, (const void __user *)umask, sizeof(set)))
		return -EFAULT;
	set &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	return fd == -1 ? signalfd_create(set, flags) : signalfd_change(fd, set);
}

/** sys_signalfd - signalfd(2), the old call. */
long sys_signalfd(unsigned long fd, unsigned long mask, unsigned long size)
{
	return do_signalfd((int)fd, mask, size, 0);
}

/** sys_signalfd4 - signalfd(2). */
long sys_signalfd4(unsigned long fd, unsigned long mask, unsigned long size, unsigned long flags)
{
	return do_signalfd((int)fd, mask, size, (u32)flags);
}
