// SPDX-License-Identifier: GPL-2.0-only
/*
 * Futexes (futex(2), futex(7)): sleeping on a word of user memory.
 *
 * Why no wake-up is lost: a waiter queues itself first and reads the word then; a waker changes the
 * word first and looks at the queue then. If the waiter still reads the old value, the waker will
 * find it. Reading user memory may sleep, hence it is not done with the queue locked. When the
 * value is another one and a waker has already counted this waiter, the wait succeeds: the wake-up
 * must not be swallowed.
 *
 * Words in memory that is shared between address spaces are known by file and offset, all others by
 * address space and address. Files and address spaces are numbered for that: a waiter may outlive
 * the file whose word it sleeps on, and the structure is another file's then.
 */
#include <futex.h>

#include <fs.h>
#include <init.h>
#include <process.h>
#include <sched.h>
#include <string.h>
#include <syscall.h>
#include <time.h>
#include <uaccess.h>

enum {
	FUTEX_WAIT,
	FUTEX_WAKE,
	FUTEX_FD,
	FUTEX_REQUEUE,
	FUTEX_CMP_REQUEUE,
	FUTEX_WAKE_OP,
	FUTEX_LOCK_PI,
	FUTEX_UNLOCK_PI,
	FUTEX_TRYLOCK_PI,
	FUTEX_WAIT_BITSET,
	FUTEX_WAKE_BITSET
};
#define FUTEX_PRIVATE_FLAG	128U
#define FUTEX_CLOCK_REALTIME	256U
#define FUTEX_BITSET_ALL	(~0U)

#define FUTEX_WAITERS		0x80000000U
#define FUTEX_OWNER_DIED	0x40000000U
#define FUTEX_TID_MASK		0x3fffffffU

#define NR_BUCKETS 256U

struct futex_key {
	u64 space;		/* number of the address space or file, never used again */
	unsigned long where;	/* address, or offset in the file */
};

/**
 * struct bucket - waiters whose keys hash alike, in order of arrival
 * @lock: guards the list and the waiters on it
 */
struct bucket {
	struct spinlock lock;
	struct list_head waiters;
} __cacheline_aligned;

static struct bucket buckets[NR_BUCKETS];

/*
 * A waiter, on its stack. Its thread takes the bucket's lock once more before it leaves, so a waker
 * may use it under the lock.
 */
struct waiter {
	struct list_head node;
	struct futex_key key;
	struct bucket *bucket;	/* changes by requeueing, under both buckets' locks */
	struct thread *thread;
	u32 bitset;
	bool woken;
};

/* Where a futex call looks at memory: the word's address and how to know it. */
struct futex {
	u32 __user *word;
	struct futex_key key;
};

static struct bucket *bucket_of(const struct futex_key *key)
{
	return &buckets[hash_bytes(key, sizeof(*key), 0) % NR_BUCKETS];
}

static bool same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->space == b->space && a->where == b->where;
}

/*
 * The page of a word, held. A private copy of a file's page, if there is to be one, is there when
 * this returns; a word that may only be read has none.
 */
static struct page *get_word_page(unsigned long addr)
{
	struct page *page = mm_get_page(current->mm, addr, true);

	return IS_ERR(page) ? mm_get_page(current->mm, addr, false) : page;
}

/* No signal comes of it that there is no page, beyond the end of a file either. */
static int word_error(const struct page *page)
{
	return PTR_ERR(page) == -EIO ? -EFAULT : (int)PTR_ERR(page);
}

/* The number that is kept at @number, given now if there is none. */
static u64 number_of(atomic64_t *number)
{
	static atomic64_t last;

	if (unlikely(!atomic64_read(number)))
		atomic64_cmpxchg(number, 0, atomic64_add_return(&last, 1));
	return (u64)atomic64_read(number);
}

static struct futex_key private_key(unsigned long addr)
{
	return (struct futex_key){ number_of(&current->mm->futex_space), addr };
}

/*
 * The key of a word in @page. Truncation takes a page off its file at any time, but not while it is
 * locked, and a file that has pages is not freed. May sleep.
 */
static struct futex_key shared_key(struct page *page, unsigned long addr)
{
	struct futex_key key;

	page_lock(page);
	if (page->mapping && !test_bit(PG_anon, &page->flags))
		key = (struct futex_key){ number_of(&page->mapping->futex_space),
					  (page->index << PAGE_SHIFT) + addr % PAGE_SIZE };
	else
		key = private_key(addr);
	page_unlock(page);
	return key;
}

/* Finds the key of a word. 0, -EINVAL if it is not aligned, -EFAULT. May sleep. */
static int find_futex(struct futex *f, unsigned long addr, bool shared)
{
	struct page *page;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!access_ok((const void __user *)addr, sizeof(u32)))
		return -EFAULT;
	f->word = (u32 __user *)addr;
	if (!shared) {
		f->key = private_key(addr);
		return 0;
	}
	page = get_word_page(addr);
	if (IS_ERR(page))
		return word_error(page);
	f->key = shared_key(page, addr);
	page_put(page);
	return 0;
}

/* ---- waking ---- */

/* Bucket locked. */
static void wake_waiter(struct waiter *w)
{
	list_del(&w->node);
	WRITE_ONCE(w->woken, true);
	thread_wake(w->thread, WAKE_NORMAL);
}

/* Wakes up to @nr waiters of @key that have a bit of @bitset. Bucket locked. */
static int wake_in(struct bucket *b, const struct futex_key *key, int nr, u32 bitset)
{
	struct waiter *w, *next;
	int woken = 0;

	list_for_each_entry_safe(w, next, &b->waiters, node) {
		if (!same_key(&w->key, key) || !(w->bitset & bitset))
			continue;
		if (woken == nr)
			break;
		wake_waiter(w);
		woken++;
	}
	return woken;
}

static int wake_key(const struct futex_key *key, int nr, u32 bitset)
{
	struct bucket *b = bucket_of(key);
	int woken;

	spin_lock(&b->lock);
	woken = wake_in(b, key, nr, bitset);
	spin_unlock(&b->lock);
	return woken;
}

static long futex_wake(unsigned long addr, bool shared, int nr, u32 bitset)
{
	struct futex f;
	int err = bitset ? find_futex(&f, addr, shared) : -EINVAL;

	if (err)
		return err;
	/* As Linux: zero and negative numbers wake one. */
	return wake_key(&f.key, max(nr, 1), bitset);
}

/* ---- waiting ---- */

static void enqueue(struct waiter *w)
{
	struct bucket *b = bucket_of(&w->key);

	w->bucket = b;
	spin_lock(&b->lock);
	list_add_tail(&w->node, &b->waiters);
	spin_unlock(&b->lock);
}

/* Returns whether a waker had taken it off before. */
static bool dequeue(struct waiter *w)
{
	for (;;) {
		struct bucket *b = READ_ONCE(w->bucket);
		bool mine;

		spin_lock(&b->lock);
		mine = w->bucket == b;
		if (mine && !w->woken)
			list_del(&w->node);
		spin_unlock(&b->lock);
		if (mine)
			return w->woken;
	}
}

/**
 * struct time_limit - until when a wait lasts
 * @ns: moment, 0: for ever
 * @realtime: it is one of the time of day, which may be set meanwhile; else monotonic
 */
struct time_limit {
	u64 ns;
	bool realtime;
};

/* Monotonic time of the end as things stand now; 0: never. */
static u64 deadline_of(const struct time_limit *limit)
{
	u64 offset = (u64)realtime_offset();

	if (!limit->ns || !limit->realtime)
		return limit->ns;
	return limit->ns > offset ? limit->ns - offset : 1;
}

/* 0, -ETIMEDOUT or -ERESTARTSYS. Whoever sets the time of day wakes those who wait by it. */
static int sleep_until_woken(struct waiter *w, const struct time_limit *limit)
{
	for (;;) {
		set_current_state(THREAD_INTERRUPTIBLE);
		if (READ_ONCE(w->woken))
			return 0;
		if (signal_pending())
			return -ERESTARTSYS;
		/* If the clock was set back meanwhile, the end is still to come. */
		if (schedule_timeout(deadline_of(limit)) && ktime_ns() >= deadline_of(limit))
			return -ETIMEDOUT;
	}
}

/* The same, and @w is off its queue. */
static int sleep_on(struct waiter *w, const struct time_limit *limit)
{
	struct wait_entry clock_set = { .thread = current };
	int ret;

	if (limit->realtime)
		wait_add(&realtime_changed, &clock_set);
	ret = sleep_until_woken(w, limit);
	WRITE_ONCE(current->state, THREAD_RUNNING);
	if (limit->realtime)
		wait_remove(&realtime_changed, &clock_set);
	return dequeue(w) ? 0 : ret;
}

/* What FUTEX_WAIT and FUTEX_WAIT_BITSET are told; the word's address apart. */
struct wait_call {
	u32 expected, bitset;
	bool shared;
	struct time_limit limit;
};

static long wait_once(unsigned long addr, const struct wait_call *c)
{
	struct waiter w = { .thread = current, .bitset = c->bitset };
	struct futex f;
	u32 value;
	int err = c->bitset ? find_futex(&f, addr, c->shared) : -EINVAL;

	if (err)
		return err;
	w.key = f.key;
	enqueue(&w);
	if (get_user(value, f.word)) {
		dequeue(&w);
		return -EFAULT;
	}
	if (value != c->expected)
		return dequeue(&w) ? 0 : -EAGAIN;
	return sleep_on(&w, &c->limit);
}

static long wait_again(struct restart_block *rb);

/*
 * A wait with a time-out goes on with what is left when a signal without a handler has interrupted
 * it, and fails with EINTR after a handler (signal(7)).
 */
static long wait_restartable(unsigned long addr, const struct wait_call *c)
{
	long ret = wait_once(addr, c);

	if (ret != -ERESTARTSYS || !c->limit.ns)
		return ret;
	current->restart = (struct restart_block){
		.fn = wait_again,
		.arg = { addr, c->expected | (u64)c->bitset << 32, c->limit.ns,
			 c->shared | c->limit.realtime << 1 },
	};
	return -ERESTART_RESTARTBLOCK;
}

static long wait_again(struct restart_block *rb)
{
	struct wait_call c = {
		.expected = (u32)rb->arg[1], .bitset = (u32)(rb->arg[1] >> 32),
		.shared = rb->arg[3] & 1,
		.limit = { .ns = rb->arg[2], .realtime = rb->arg[3] >> 1 },
	};

	return wait_restartable(rb->arg[0], &c);
}

/* FUTEX_WAIT's time-out is a length, FUTEX_WAIT_BITSET's a moment. */
static int get_limit(unsigned long user, bool absolute, bool realtime, struct time_limit *limit)
{
	struct timespec64 ts;
	u64 ns;

	*limit = (struct time_limit){ 0, false };
	if (!user)
		return 0;
	if (get_user(ts, (const struct timespec64 __user *)user))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	ns = timespec_to_ns(&ts);
	if (!absolute)
		ns = ktime_ns() + min(ns, ~0ULL / 4);
	*limit = (struct time_limit){ max(ns, 1ULL), realtime && absolute };
	return 0;
}

static long futex_wait(unsigned long addr, u32 cmd, bool shared, bool realtime, u32 expected,
		       u32 bitset, unsigned long timeout)
{
	struct wait_call c = { .expected = expected, .shared = shared };
	int err = get_limit(timeout, cmd == FUTEX_WAIT_BITSET, realtime, &c.limit);

	c.bitset = cmd == FUTEX_WAIT ? FUTEX_BITSET_ALL : bitset;
	return err ? err : wait_restartable(addr, &c);
}

/* ---- requeueing ---- */

static void lock_both(struct bucket *a, struct bucket *b)
{
	if (a != b)
		spin_lock(a < b ? &a->lock : &b->lock);
	spin_lock(a < b ? &b->lock : &a->lock);
}

static void unlock_both(struct bucket *a, struct bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Both buckets locked. From a word to itself nobody moves, but they count. */
static int requeue(struct bucket *from, const struct futex_key *key, struct bucket *to,
		   const struct futex_key *new_key, int nr)
{
	bool stay = same_key(key, new_key);
	struct waiter *w, *next;
	int moved = 0;

	list_for_each_entry_safe(w, next, &from->waiters, node) {
		if (!same_key(&w->key, key))
			continue;
		if (moved == nr)
			break;
		moved++;
		if (stay)
			continue;
		list_move_tail(&w->node, &to->waiters);
		w->key = *new_key;
		w->bucket = to;
	}
	return moved;
}

/* Makes the word at @addr readable without sleeping, for some time at least. 0, -EFAULT, -ENOMEM. */
static int fault_word_in(unsigned long addr)
{
	struct page *page = get_word_page(addr);

	if (IS_ERR(page))
		return word_error(page);
	page_put(page);
	return 0;
}

/*
 * Locks both buckets and reads the word at @addr then: whoever changes it and wakes its waiters
 * comes wholly before or after. The word is looked up with the locks held, as another thread's write
 * may have given it a page of its own. 0, or an errno with nothing locked.
 */
static int lock_both_and_read(struct bucket *a, struct bucket *b, unsigned long addr, u32 *value)
{
	int err;

	for (;;) {
		lock_both(a, b);
		if (!mm_peek_word(current->mm, addr, value))
			return 0;
		unlock_both(a, b);
		err = fault_word_in(addr);
		if (err)
			return err;
		if (fatal_signal_pending())
			return -EINTR;
	}
}

static long futex_requeue(unsigned long addr, unsigned long addr2, bool shared, int nr_wake,
			  int nr_requeue, const u32 *expected)
{
	struct futex f1, f2;
	struct bucket *b1, *b2;
	u32 value = 0;
	long ret;
	int err = nr_wake < 0 || nr_requeue < 0 ? -EINVAL : find_futex(&f1, addr, shared);

	if (!err)
		err = find_futex(&f2, addr2, shared);
	if (err)
		return err;
	b1 = bucket_of(&f1.key);
	b2 = bucket_of(&f2.key);
	if (expected)
		err = lock_both_and_read(b1, b2, addr, &value);
	else
		lock_both(b1, b2);
	if (err)
		return err;
	if (expected && value != *expected) {
		ret = -EAGAIN;
	} else {
		/* All count, for FUTEX_REQUEUE too, whatever futex(2) says: Linux does it so. */
		ret = wake_in(b1, &f1.key, nr_wake, FUTEX_BITSET_ALL);
		ret += requeue(b1, &f1.key, b2, &f2.key, nr_requeue);
	}
	unlock_both(b1, b2);
	return ret;
}

/* ---- FUTEX_WAKE_OP ---- */

static int sign_extend12(u32 v)
{
	return (int)((v & 0xfff) ^ 0x800) - 0x800;
}

static bool compute(u32 op, u32 old, u32 arg, u32 *out)
{
	switch (op) {
	case 0:
		*out = arg;
		return true;
	case 1:
		*out = old + arg;
		return true;
	case 2:
		*out = old | arg;
		return true;
	case 3:
		*out = old & ~arg;
		return true;
	case 4:
		*out = old ^ arg;
		return true;
	default:
		return false;
	}
}

/* -ENOSYS for a comparison that does not exist. */
static int compare(u32 cmp, int old, int arg)
{
	switch (cmp) {
	case 0:
		return old == arg;
	case 1:
		return old != arg;
	case 2:
		return old < arg;
	case 3:
		return old <= arg;
	case 4:
		return old > arg;
	case 5:
		return old >= arg;
	default:
		return -ENOSYS;
	}
}

/* Changes the word as @encoded says and compares what it was: 0, 1 or a negative errno. */
static int change_word(u32 __user *word, u32 encoded)
{
	u32 op = encoded >> 28 & 7, arg = (u32)sign_extend12(encoded >> 12), old, seen, value;
	int err;

	if (encoded >> 31)
		arg = 1U << (arg & 31);
	if (get_user(old, word))
		return -EFAULT;
	for (;;) {
		if (!compute(op, old, arg, &value))
			return -ENOSYS;
		err = user_cmpxchg32(word, old, value, &seen);
		if (err)
			return err;
		if (seen == old)
			return compare(encoded >> 24 & 15, (int)old, sign_extend12(encoded));
		old = seen;
	}
}

static long futex_wake_op(unsigned long addr, unsigned long addr2, bool shared, int nr_wake,
			  int nr_wake2, u32 encoded)
{
	struct futex f1, f2;
	int ret, woken, err = find_futex(&f1, addr, shared);

	if (!err)
		err = find_futex(&f2, addr2, shared);
	if (err)
		return err;
	ret = change_word(f2.word, encoded);
	if (ret < 0)
		return ret;
	woken = wake_key(&f1.key, max(nr_wake, 1), FUTEX_BITSET_ALL);
	if (ret)
		woken += wake_key(&f2.key, max(nr_wake2, 1), FUTEX_BITSET_ALL);
	return woken;
}

/**
 * sys_futex - futex(2). Priority-inheriting operations do not exist: -ENOSYS.
 * @addr: first word
 * @op: operation and flags
 * @val: expected value, or number to be woken
 * @timeout: struct timespec64, or the second number (requeue, WAKE_OP)
 * @addr2: second word
 * @val3: bit set, expected value (CMP_REQUEUE) or encoded operation (WAKE_OP)
 *
 * Return: as the man page says.
 */
long sys_futex(unsigned long addr, unsigned long op, unsigned long val, unsigned long timeout,
	       unsigned long addr2, unsigned long val3)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG), realtime = op & FUTEX_CLOCK_REALTIME;
	u32 cmd = (u32)op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME), expected = (u32)val3;

	if (realtime && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return futex_wait(addr, cmd, shared, realtime, (u32)val, (u32)val3, timeout);
	case FUTEX_WAKE:
		return futex_wake(addr, shared, (int)val, FUTEX_BITSET_ALL);
	case FUTEX_WAKE_BITSET:
		return futex_wake(addr, shared, (int)val, (u32)val3);
	case FUTEX_REQUEUE:
		return futex_requeue(addr, addr2, shared, (int)val, (int)timeout, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(addr, addr2, shared, (int)val, (int)timeout, &expected);
	case FUTEX_WAKE_OP:
		return futex_wake_op(addr, addr2, shared, (int)val, (int)timeout, (u32)val3);
	default:
		return -ENOSYS;
	}
}

/* ---- robust lists (get_robust_list(2)) ---- */

/* Entries that are followed: the list is the user's and may be a circle. */
#define ROBUST_LIMIT 2048

struct robust_list_head {
	u64 next;
	s64 offset;		/* from an entry to its futex */
	u64 pending;		/* entry being put in or taken out */
};

long sys_set_robust_list(unsigned long head, unsigned long len)
{
	if (len != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = (void __user *)head;
	current->robust_len = len;
	return 0;
}

long sys_get_robust_list(unsigned long pid, unsigned long uhead, unsigned long ulen)
{
	struct thread *t = current;
	u64 head, len = sizeof(struct robust_list_head);
	bool permitted;

	if (pid) {
		t = thread_find((pid_t)pid);
		if (!t)
			return -ESRCH;
	}
	permitted = t->process == current->process || capable(CAP_SYS_PTRACE);
	head = (u64)(__force unsigned long)t->robust_list;
	if (pid)
		thread_put(t);
	if (!permitted)
		return -EPERM;
	if (put_user(head, (u64 __user *)uhead) || put_user(len, (u64 __user *)ulen))
		return -EFAULT;
	return 0;
}

static void wake_one_shared(unsigned long addr)
{
	futex_wake(addr, true, 1, FUTEX_BITSET_ALL);
}

/*
 * A futex of the list: if the dying thread holds it, the next owner is told. False: the list cannot
 * be followed any more.
 */
static bool abandon(struct thread *t, unsigned long addr, bool pending)
{
	u32 __user *word = (u32 __user *)addr;
	u32 value, seen;

	if (addr % sizeof(u32) || get_user(value, word))
		return false;
	for (;;) {
		if ((value & FUTEX_TID_MASK) != (u32)t->tid) {
			/* Unlocked but the waiter not yet woken. */
			if (pending && !value)
				wake_one_shared(addr);
			return true;
		}
		if (user_cmpxchg32(word, value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &seen))
			return false;
		if (seen == value)
			break;
		value = seen;
	}
	if (value & FUTEX_WAITERS)
		wake_one_shared(addr);
	return true;
}

static void exit_robust_list(struct thread *t)
{
	unsigned long head_addr = (__force unsigned long)t->robust_list;
	struct robust_list_head head;
	u64 entry, next;
	u32 n;

	if (!head_addr || copy_from_user(&head, t->robust_list, sizeof(head)))
		return;
	/* Bit 0 of an entry marks a priority-inheriting mutex. */
	entry = head.next;
	for (n = 0; n < ROBUST_LIMIT && (entry & ~1ULL) != head_addr; n++) {
		if (get_user(next, (const u64 __user *)(entry & ~1ULL)))
			return;
		if ((entry & ~1ULL) != (head.pending & ~1ULL) &&
		    !abandon(t, (entry & ~1ULL) + (u64)head.offset, false))
			return;
		entry = next;
	}
	if (head.pending)
		abandon(t, (head.pending & ~1ULL) + (u64)head.offset, true);
}

void futex_thread_exit(struct thread *t)
{
	u32 zero = 0;

	exit_robust_list(t);
	t->robust_list = NULL;
	if (!t->clear_child_tid)
		return;
	if (!put_user(zero, t->clear_child_tid))
		wake_one_shared((__force unsigned long)t->clear_child_tid);
	t->clear_child_tid = NULL;
}

static int futex_init(void)
{
	u32 i;

	for (i = 0; i < NR_BUCKETS; i++) {
		spin_lock_init(&buckets[i].lock, "futex");
		list_init(&buckets[i].waiters);
	}
	return 0;
}
core_initcall(futex_init);
