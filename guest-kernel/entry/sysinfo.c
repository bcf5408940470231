// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that ask the machine something: sysinfo(2), getcpu(2), getrandom(2), syslog(2).
 */
#include <log.h>
#include <mm.h>
#include <process.h>
#include <random.h>
#include <sched.h>
#include <string.h>
#include <syscall.h>
#include <time.h>
#include <uaccess.h>

#define LOAD_SHIFT	(16 - 11)	/* from the scheduler's fixed point to sysinfo's */

struct sysinfo_user {
	s64 uptime;
	u64 loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	u16 procs, pad;
	u32 pad2;
	u64 totalhigh, freehigh;
	u32 mem_unit, pad3;
};

static_assert(sizeof(struct sysinfo_user) == 112, "struct sysinfo of the ABI");

long sys_sysinfo(unsigned long out)
{
	struct sysinfo_user info;
	struct mem_stats mem;
	unsigned long loads[3];
	int i;

	memset(&info, 0, sizeof(info));
	mem_get_stats(&mem);
	sched_loadavg(loads);
	for (i = 0; i < 3; i++)
		info.loads[i] = loads[i] << LOAD_SHIFT;
	info.uptime = (s64)(ktime_ns() / NSEC_PER_SEC);
	info.totalram = mem.total * PAGE_SIZE;
	info.freeram = mem.free * PAGE_SIZE;
	info.sharedram = mem.shmem * PAGE_SIZE;
	info.bufferram = mem.buffers * PAGE_SIZE;
	info.procs = (u16)min(READ_ONCE(nr_user_threads), 0xffffU);
	info.mem_unit = 1;
	return copy_to_user((void __user *)out, &info, sizeof(info));
}

long sys_getcpu(unsigned long cpu, unsigned long node, unsigned long unused)
{
	(void)unused;
	if (cpu && put_user(cpu_id(), (u32 __user *)cpu))
		return -EFAULT;
	if (node && put_user(0U, (u32 __user *)node))
		return -EFAULT;
	return 0;
}

#define GRND_NONBLOCK	1
#define GRND_RANDOM	2
#define GRND_INSECURE	4
#define GRND_MAX	0x7fffffffUL
#define RANDOM_CHUNK	256

/* The generator is seeded before user space starts, so nothing ever blocks. */
long sys_getrandom(unsigned long buf, unsigned long len, unsigned long flags)
{
	u8 chunk[RANDOM_CHUNK];
	size_t done = 0, n;

	if (((u32)flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) ||
	    ((u32)flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	len = min(len, GRND_MAX);
	while (done < len) {
		n = min(len - done, sizeof(chunk));
		random_bytes(chunk, n);
		if (copy_to_user((u8 __user *)buf + done, chunk, n)) {
			done = done ? done : (size_t)-EFAULT;
			break;
		}
		done += n;
		if (signal_pending())
			break;
	}
	memset(chunk, 0, sizeof(chunk));
	return (long)done;
}

/* ---- syslog(2) ---- */

enum {
	SYSLOG_CLOSE, SYSLOG_OPEN, SYSLOG_READ, SYSLOG_READ_ALL, SYSLOG_READ_CLEAR, SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF, SYSLOG_CONSOLE_ON, SYSLOG_CONSOLE_LEVEL, SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER,
};
#define LOG_CHUNK	2048
#define LEVEL_QUIET	1
#define LOG_POLL_NS	(200 * NSEC_PER_MSEC)

static DEFINE_MUTEX(syslog_lock);
static u64 syslog_seq;		/* next record for SYSLOG_READ; syslog_lock */
static int saved_level = -1;	/* before SYSLOG_CONSOLE_OFF; syslog_lock */

/* Copies log text from record *@seq on until the user's buffer or the log is at its end. */
static long copy_log(u64 *seq, unsigned long buf, size_t size)
{
	char *chunk = kmalloc(LOG_CHUNK, GFP_KERNEL);
	size_t done = 0, n;
	long result = 0;

	if (!chunk)
		return -ENOMEM;
	while (done < size) {
		n = log_read(seq, chunk, min_t(size_t, LOG_CHUNK, size - done));
		if (!n)
			break;
		if (copy_to_user((char __user *)buf + done, chunk, n)) {
			result = -EFAULT;
			break;
		}
		done += n;
	}
	kfree(chunk);
	return result ? result : (long)done;
}

static long set_console_level(int type, int level)
{
	int present = log_get_level();

	if (type == SYSLOG_CONSOLE_LEVEL) {
		if (level < 1 || level > 8)
			return -EINVAL;
		saved_level = -1;
		log_set_level(level);
	} else if (type == SYSLOG_CONSOLE_OFF) {
		if (saved_level < 0)
			saved_level = present;
		log_set_level(LEVEL_QUIET);
	} else if (saved_level >= 0) {
		log_set_level(saved_level);
		saved_level = -1;
	}
	return 0;
}

static int check_buffer(unsigned long buf, int len)
{
	if (!buf || len < 0)
		return -EINVAL;
	return access_ok((const void __user *)buf, (size_t)len) ? 0 : -EFAULT;
}

/* What is new since log_clear(); the end of it if @len is too small for all. */
static long syslog_read_all(int type, unsigned long buf, int len)
{
	u64 seq = log_first_seq();
	long n = check_buffer(buf, len);

	if (n)
		return n;
	seq = log_fitting_seq(seq, (size_t)len);
	n = copy_log(&seq, buf, (size_t)len);
	if (n >= 0 && type == SYSLOG_READ_CLEAR)
		log_clear();
	return n;
}

/*
 * Until there is something new. Messages come from everywhere, also from under the locks that
 * waking takes: so whoever waits for them looks from time to time.
 */
static int wait_for_log(void)
{
	while (log_next_seq() == READ_ONCE(syslog_seq)) {
		set_current_state(THREAD_INTERRUPTIBLE);
		if (signal_pending()) {
			WRITE_ONCE(current->state, THREAD_RUNNING);
			return -ERESTARTSYS;
		}
		schedule_timeout(ktime_ns() + LOG_POLL_NS);
	}
	return 0;
}

/* SYSLOG_READ: what no call has read before. Without syslog_lock, which it takes. */
static long syslog_read(unsigned long buf, int len)
{
	long n = check_buffer(buf, len);

	if (n || !len)
		return n;
	for (;;) {
		n = wait_for_log();
		if (n)
			return n;
		mutex_lock(&syslog_lock);
		n = copy_log(&syslog_seq, buf, (size_t)len);
		/* Less than the next line has room. */
		if (!n && log_unread(syslog_seq))
			n = -EINVAL;
		mutex_unlock(&syslog_lock);
		if (n)
			return n;
	}
}

static long do_syslog(int type, unsigned long buf, int len)
{
	switch (type) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return syslog_read_all(type, buf, len);
	case SYSLOG_CLEAR:
		log_clear();
		return 0;
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
	case SYSLOG_CONSOLE_LEVEL:
		return set_console_level(type, len);
	case SYSLOG_SIZE_UNREAD:
		return (long)log_unread(syslog_seq);
	case SYSLOG_SIZE_BUFFER:
		return (long)log_size();
	default:
		return -EINVAL;
	}
}

long sys_syslog(unsigned long type, unsigned long buf, unsigned long len)
{
	long result;

	/* As with dmesg_restrict=0: reading what is there is everybody's. */
	if ((int)type != SYSLOG_READ_ALL && (int)type != SYSLOG_SIZE_BUFFER &&
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if ((int)type == SYSLOG_READ)
		return syslog_read(buf, (int)len);
	mutex_lock(&syslog_lock);
	result = do_syslog((int)type, buf, (int)len);
	mutex_unlock(&syslog_lock);
	return result;
}
