// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pipes and FIFOs: a ring of bytes over pages that come and go. Positions count bytes and wrap with
 * the type, so that head - tail is always what is in the ring; the number of pages is a power of
 * two.
 *
 * Readers are woken when there is something to read, writers when PIPE_BUF bytes fit: that is what
 * POLLIN and POLLOUT mean here, too.
 */
#include "../internal.h"
#include <panic.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#define PIPE_BUF       4096U /* writes up to this size are atomic */
#define PIPE_PAGES     16U /* 64 KiB, as Linux */
#define PIPE_PAGES_MAX 256U /* 1 MiB: Linux's fs.pipe-max-size */
#define PIPE_PAGES_MIN 2U /* of a new pipe when there are too many */
#define PIPES_SHARE    8U /* all pipes together: this part of memory, unless privileged */

/**
 * struct pipe - the ring and who uses it
 * @lock: guards all fields; user memory is copied with it held
 * @pages: @nr pointers; NULL where nothing has been written yet. An emptied page stays until the
 * ring is needed no more, so that small messages allocate nothing
 * @head, @tail: where the next byte is written and read
 * @readers, @writers: open files
 * @r_opened, @w_opened: counted up by each open, for FIFO opens that wait for the other side
 * @is_fifo: it has a name, where its ends meet; one made by pipe() is never waited for (through
 * /proc/PID/fd it can be opened again)
 */
struct pipe {
	struct mutex lock;
	struct wait_queue rd_wait, wr_wait;
	struct page **pages;
	u32 nr, head, tail;
	u32 readers, writers, r_opened, w_opened;
	bool is_fifo;
};

static struct kmem_cache *pipe_cache __ro_after_init;
static atomic64_t ring_pages; /* what all rings could hold */

/*
 * Without the lock, a hint: the order of the loads pairs with rewind(), and a pair that belongs to
 * different moments reads as empty.
 */
static u32 used(const struct pipe *p)
{
	u32 tail = READ_ONCE(p->tail), n = READ_ONCE(p->head) - tail;

	return n > p->nr * (u32)PAGE_SIZE ? 0 : n;
}

static u32 room(const struct pipe *p)
{
	return p->nr * (u32)PAGE_SIZE - used(p);
}

/*
 * What is in pipes belongs to no process, so the OOM killer cannot free it by killing the right one:
 * without privilege they may not take up all memory. False: not so many pages more.
 */
static bool may_grow(u32 more)
{
	u64 most = mem_total_bytes() / PAGE_SIZE / PIPES_SHARE;

	return (u64)atomic64_read(&ring_pages) + more <= most || capable(CAP_SYS_RESOURCE);
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *p = kmem_cache_alloc(pipe_cache, GFP_KERNEL | GFP_ZERO);

	if (!p)
		return NULL;
	p->nr = may_grow(PIPE_PAGES) ? PIPE_PAGES : PIPE_PAGES_MIN;
	p->pages = kzalloc(p->nr * sizeof(*p->pages), GFP_KERNEL);
	if (!p->pages) {
		kmem_cache_free(pipe_cache, p);
		return NULL;
	}
	atomic64_add(&ring_pages, p->nr);
	mutex_init(&p->lock, "pipe->lock");
	wait_queue_init(&p->rd_wait);
	wait_queue_init(&p->wr_wait);
	return p;
}

static void drop_pages(struct page **pages, u32 nr)
{
	for (u32 i = 0; i < nr; i++) {
		if (pages[i])
			page_put(pages[i]);
		pages[i] = NULL;
	}
}

void pipe_free_inode(struct inode *i)
{
	struct pipe *p = i->pipe;

	i->pipe = NULL;
	atomic64_add(&ring_pages, -(s64)p->nr);
	drop_pages(p->pages, p->nr);
	kfree(p->pages);
	kmem_cache_free(pipe_cache, p);
}

static struct page **slot(const struct pipe *p, u32 pos)
{
	return &p->pages[(pos >> PAGE_SHIFT) & (p->nr - 1)];
}

/* Bytes from @pos to the end of its page. */
static u32 to_page_end(u32 pos)
{
	return (u32)PAGE_SIZE - (pos & (u32)(PAGE_SIZE - 1));
}

static char *byte_at(const struct pipe *p, u32 pos)
{
	return (char *)page_address(*slot(p, pos)) + (pos & (u32)(PAGE_SIZE - 1));
}

/*
 * A page that has been read to its end is freed, unless the pipe is empty: the next message will
 * want one. In a ring that is almost full the writer has come round and filled the page's beginning
 * anew.
 */
static void drop_read_page(struct pipe *p)
{
	struct page **s = slot(p, p->tail - 1);

	if ((p->tail & (u32)(PAGE_SIZE - 1)) || p->head == p->tail ||
	    used(p) > (p->nr - 1) * PAGE_SIZE)
		return;
	page_put(*s);
	*s = NULL;
}

/*
 * An emptied ring starts again at the front of the page it ended in: small messages are copied in
 * one piece, always through the same page.
 */
static void rewind(struct pipe *p)
{
	u32 at = (p->tail - 1) & ~(u32)(PAGE_SIZE - 1);

	WRITE_ONCE(p->head, at);
	WRITE_ONCE(p->tail, at);
}

/* Moves what is there to @it. Bytes; fewer than possible only on a fault. */
static size_t take(struct pipe *p, struct iov_iter *it)
{
	size_t done = 0;

	while (it->count && used(p)) {
		u32 n = (u32)min((size_t)min(used(p), to_page_end(p->tail)), it->count);
		size_t got = copy_to_iter(byte_at(p, p->tail), n, it);

		done += got;
		WRITE_ONCE(p->tail, p->tail + (u32)got);
		if (got)
			drop_read_page(p);
		if (got < n)
			break;
	}
	if (done && p->head == p->tail)
		rewind(p);
	return done;
}

/*
 * Moves up to @max bytes from @it into the ring. Bytes, or -ENOMEM if not even one page could be
 * had.
 */
static ssize_t put(struct pipe *p, struct iov_iter *it, size_t max)
{
	ssize_t done = 0;

	while (max) {
		struct page **s = slot(p, p->head);
		u32 n = (u32)min((size_t)to_page_end(p->head), max);
		size_t got;

		if (!*s)
			*s = alloc_page(GFP_USER);
		if (!*s)
			return done ? done : -ENOMEM;
		got = copy_from_iter(byte_at(p, p->head), n, it);
		WRITE_ONCE(p->head, p->head + (u32)got);
		done += (ssize_t)got;
		max -= got;
		if (got < n)
			break;
	}
	return done;
}

static bool may_read(const struct pipe *p)
{
	return used(p) || !READ_ONCE(p->writers);
}

static void wake_writers(struct pipe *p)
{
	if (wait_active(&p->wr_wait) && room(p) >= PIPE_BUF)
		wake_up_sync_events(&p->wr_wait, POLLOUT | POLLWRNORM);
}

static ssize_t pipe_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pipe *p = f->inode->pipe;
	bool slept = false;
	ssize_t n;
	int err;

	if (!it->count)
		return 0;
	mutex_lock(&p->lock);
	while (!used(p)) {
		if (!p->writers || file_nonblock(f, it)) {
			n = p->writers ? -EAGAIN : 0;
			mutex_unlock(&p->lock);
			return n;
		}
		mutex_unlock(&p->lock);
		err = wait_event_interruptible_exclusive(&p->rd_wait, may_read(p));
		if (err)
			return err;
		slept = true;
		mutex_lock(&p->lock);
	}
	n = (ssize_t)take(p, it);
	mutex_unlock(&p->lock);
	wake_writers(p);
	/*
	 * The wake-up that ended this reader's sleep was for one reader only: what it left is for
	 * the next. A reader that did not sleep took nobody's wake-up, and a poller would see an
	 * edge where nothing has arrived (EPOLLET).
	 */
	if (slept && used(p) && wait_active(&p->rd_wait))
		wake_up_events(&p->rd_wait, POLLIN | POLLRDNORM);
	return n ? n : -EFAULT;
}

static ssize_t broken_pipe(void)
{
	send_signal_thread(current, SIGPIPE, NULL);
	return -EPIPE;
}

/* Room that a write of @n bytes waits for. */
static u32 room_wanted(size_t n)
{
	return n > PIPE_BUF ? PIPE_BUF : (u32)n;
}

static bool may_write(const struct pipe *p, u32 wanted)
{
	return room(p) >= wanted || !READ_ONCE(p->readers);
}

static void wake_readers(struct pipe *p)
{
	if (wait_active(&p->rd_wait))
		wake_up_sync_events(&p->rd_wait, POLLIN | POLLRDNORM);
}

/*
 * One round of a write: what fits now. Bytes, 0 if it has to wait, or errno. Called with the lock.
 * /
 */
static ssize_t write_some(struct pipe *p, struct iov_iter *it)
{
	u32 wanted = room_wanted(it->count);
	ssize_t n;

	if (!p->readers)
		return -EPIPE;
	if (room(p) < wanted)
		return 0;
	n = put(p, it, min((size_t)room(p), it->count));
	return n ? n : -EFAULT;
}

static ssize_t pipe_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pipe *p = f->inode->pipe;
	ssize_t done = 0, n;

	while (it->count) {
		mutex_lock(&p->lock);
		n = write_some(p, it);
		mutex_unlock(&p->lock);
		if (n > 0) {
			done += n;
			wake_readers(p);
			wake_writers(p);
			continue;
		}
		/* A non-blocking write of more than PIPE_BUF takes what there is room for. */
		if (!n && file_nonblock(f, it))
			n = -EAGAIN;
		if (!n)
			n = wait_event_interruptible_exclusive(&p->wr_wait,
							       may_write(p,
									 room_wanted(it->count)));
		if (n == -EPIPE)
			n = broken_pipe();
		if (n < 0)
			return done ? done : n;
	}
	return done;
}

static u32 pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->inode->pipe;
	u32 mask = 0;

	if (f->mode & FMODE_READ)
		poll_wait(pt, &p->rd_wait);
	if (f->mode & FMODE_WRITE)
		poll_wait(pt, &p->wr_wait);
	if (f->mode & FMODE_READ) {
		if (used(p))
			mask |= POLLIN | POLLRDNORM;
		/* A FIFO that no writer has opened since it was is not hung up. */
		if (!READ_ONCE(p->writers) &&
		    READ_ONCE(p->w_opened) != (u32)(unsigned long)f->private)
			mask |= POLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		if (room(p) >= PIPE_BUF)
			mask |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(p->readers))
			mask |= POLLERR;
	}
	return mask;
}

static long pipe_ioctl(struct file *f, u32 cmd, unsigned long arg)
{
	int n;

	if (cmd != FIONREAD)
		return -ENOTTY;
	n = (int)used(f->inode->pipe);
	return put_user(n, (int __user *)arg);
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->inode->pipe;

	mutex_lock(&p->lock);
	if (f->mode & FMODE_READ)
		p->readers--;
	if (f->mode & FMODE_WRITE)
		p->writers--;
	/* What nobody has open any more is empty: a FIFO's inode lives on (pipe(7)). */
	if (!p->readers && !p->writers) {
		WRITE_ONCE(p->tail, p->head);
		drop_pages(p->pages, p->nr);
	}
	mutex_unlock(&p->lock);
	wake_up_all_events(&p->rd_wait, POLLIN | POLLHUP);
	wake_up_all_events(&p->wr_wait, POLLOUT | POLLERR);
}

/* Moves the bytes of @p into a ring of @nr pages. -EBUSY if they do not fit. */
static int pipe_resize(struct pipe *p, u32 nr)
{
	u32 n = used(p), done = 0;
	struct pipe new = { .nr = nr };
	int err = 0;

	if (n > nr * (u32)PAGE_SIZE)
		return -EBUSY;
	new.pages = kzalloc(nr * sizeof(*new.pages), GFP_KERNEL);
	if (!new.pages)
		return -ENOMEM;
	while (done < n && !err) {
		u32 part = min(min(to_page_end(p->tail + done), to_page_end(new.head)), n - done);
		struct page **s = slot(&new, new.head);

		if (!*s)
			*s = alloc_page(GFP_KERNEL);
		if (*s)
			memcpy(byte_at(&new, new.head), byte_at(p, p->tail + done), part);
		else
			err = -ENOMEM;
		new.head += part;
		done += part;
	}
	if (err) {
		drop_pages(new.pages, nr);
		kfree(new.pages);
		return err;
	}
	drop_pages(p->pages, p->nr);
	kfree(p->pages);
	atomic64_add(&ring_pages, (s64)nr - (s64)p->nr);
	p->pages = new.pages;
	p->nr = nr;
	p->tail = 0;
	p->head = new.head;
	return 0;
}

/* Any size up to a page, 0 as well, is a page. */
static long pipe_set_size(struct pipe *p, unsigned long size)
{
	u32 nr = 1;
	int err;

	if (size > 1UL << 31)
		return -EINVAL;
	while (nr * PAGE_SIZE < size)
		nr *= 2;
	if (nr > PIPE_PAGES_MAX && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	mutex_lock(&p->lock);
	err = nr > p->nr && !may_grow(nr - p->nr) ? -EPERM : pipe_resize(p, nr);
	mutex_unlock(&p->lock);
	if (err)
		return err;
	wake_writers(p);
	return (long)(nr * PAGE_SIZE);
}

/* F_SETPIPE_SZ takes bytes, rounded up to a power of two of pages; both return the size in bytes. */
static long pipe_fcntl(struct file *f, u32 cmd, unsigned long arg)
{
	struct pipe *p = f->inode->pipe;

	switch (cmd) {
	case F_SETPIPE_SZ:
		return pipe_set_size(p, arg);
	case F_GETPIPE_SZ:
		return (long)(p->nr * PAGE_SIZE);
	default:
		return -ENOTTY;
	}
}

static const struct file_ops pipe_fops = {
	.nowait = true,
	.read_iter = pipe_read,
	.write_iter = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.fcntl = pipe_fcntl,
	.release = pipe_release,
};

/* Counts a new file in, and wakes those who wait in open for its side. */
static void pipe_add_file(struct pipe *p, const struct file *f)
{
	if (f->mode & FMODE_READ) {
		p->readers++;
		p->r_opened++;
	}
	if (f->mode & FMODE_WRITE) {
		p->writers++;
		p->w_opened++;
	}
}

static int fifo_pipe(struct inode *inode)
{
	down_write(&inode->lock);
	if (!inode->pipe) {
		inode->pipe = pipe_alloc();
		if (inode->pipe)
			inode->pipe->is_fifo = true;
	}
	up_write(&inode->lock);
	return inode->pipe ? 0 : -ENOMEM;
}

/* Waits until the other side has been opened since @seen, or is open now. */
static int wait_for_partner(struct wait_queue *wq, const u32 *partners, const u32 *opened, u32 seen)
{
	return wait_event_interruptible(wq, READ_ONCE(*partners) || READ_ONCE(*opened) != seen);
}

/*
 * @alone: nobody had the other end open when this one was opened. If somebody had, they have met,
 * even if the other one (which may have waited for this moment) is gone again by now.
 */
static int fifo_wait(struct pipe *p, struct file *f, bool alone, u32 r_seen, u32 w_seen)
{
	bool nonblock = f->flags & O_NONBLOCK;

	switch (f->mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		if (nonblock && p->is_fifo)
			f->private = (void *)(unsigned long)w_seen; /* for POLLHUP */
		if (nonblock || !alone)
			return 0;
		return wait_for_partner(&p->rd_wait, &p->writers, &p->w_opened, w_seen);
	case FMODE_WRITE:
		return alone ? wait_for_partner(&p->wr_wait, &p->readers, &p->r_opened, r_seen) : 0;
	default:
		return 0;
	}
}

static int fifo_open(struct inode *inode, struct file *f)
{
	bool writes_only = (f->mode & (FMODE_READ | FMODE_WRITE)) == FMODE_WRITE, alone;
	u32 r_seen, w_seen;
	struct pipe *p;
	int err = fifo_pipe(inode);

	if (err)
		return err;
	p = inode->pipe;
	mutex_lock(&p->lock);
	alone = p->is_fifo && !(writes_only ? p->readers : p->writers);
	if (writes_only && (f->flags & O_NONBLOCK) && alone) {
		mutex_unlock(&p->lock);
		return -ENXIO;
	}
	r_seen = p->r_opened;
	w_seen = p->w_opened;
	pipe_add_file(p, f);
	mutex_unlock(&p->lock);
	wake_up_all(&p->rd_wait);
	wake_up_all(&p->wr_wait);
	f->private = (void *)~0UL;
	err = fifo_wait(p, f, alone, r_seen, w_seen);
	if (err)
		pipe_release(f);
	else
		f->ops = &pipe_fops;
	return err;
}

const struct file_ops fifo_fops = { .open = fifo_open };

static struct file *pipe_end(const struct path *path, int flags)
{
	struct file *f = file_alloc(path, flags, &pipe_fops);

	if (IS_ERR(f))
		return f;
	f->private = (void *)~0UL;
	pipe_add_file(path->dentry->inode->pipe, f);
	return f;
}

int pipe_create(struct file *out[2], int flags)
{
	struct inode *inode;
	struct path path;
	int err = anon_inode(S_IFIFO | 0600, "pipe", &inode, &path);

	if (err)
		return err;
	inode->pipe = pipe_alloc();
	out[0] = inode->pipe ? pipe_end(&path, O_RDONLY | flags) : ERR_PTR(-ENOMEM);
	out[1] = IS_ERR(out[0]) ? out[0] : pipe_end(&path, O_WRONLY | flags);
	if (IS_ERR(out[1])) {
		err = (int)PTR_ERR(out[1]);
		if (!IS_ERR(out[0]))
			file_put(out[0]);
	}
	path_put(&path);
	return err;
}

static int pipe_descriptors(int fd[2], u32 flags)
{
	fd[0] = fd_reserve(0, flags);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fd_reserve(0, flags);
	if (fd[1] < 0) {
		fd_unreserve(fd[0]);
		return fd[1];
	}
	return 0;
}

static long do_pipe(unsigned long ufd, u32 flags)
{
	struct file *ends[2];
	int fd[2], err;

	if (flags & ~(u32)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	if (flags & O_DIRECT)
		return -EINVAL; /* packet mode */
	err = pipe_create(ends, (int)(flags & O_NONBLOCK));
	if (err)
		return err;
	err = pipe_descriptors(fd, flags);
	if (!err && copy_to_user((void __user *)ufd, fd, sizeof(fd))) {
		fd_unreserve(fd[0]);
		fd_unreserve(fd[1]);
		err = -EFAULT;
	}
	for (int i = 0; i < 2; i++) {
		if (err)
			file_put(ends[i]);
		else
			fd_install(fd[i], ends[i]);
	}
	return err;
}

/** sys_pipe - pipe(2). */
long sys_pipe(unsigned long fds)
{
	return do_pipe(fds, 0);
}

/** sys_pipe2 - pipe2(2). */
long sys_pipe2(unsigned long fds, unsigned long flags)
{
	return do_pipe(fds, (u32)flags);
}

void pipe_init(void)
{
	pipe_cache = kmem_cache_create("pipe", sizeof(struct pipe), 0, NULL);
}
