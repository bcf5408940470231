// SPDX-License-Identifier: GPL-2.0-only
/*
 * Futexes in shared memory and in memory that fork(2) makes copy-on-write all the time: a lock keeps
 * others out, and whoever waits is woken.
 */
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"

/* Linux's, which musl does not have */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_PRIVATE_FLAG 128
#define PRIVATE FUTEX_PRIVATE_FLAG

/* In memory of its own: shared with a child process. */
struct lock {
	_Atomic uint32_t word; /* 0 free, 1 taken, 2 and somebody waits */
	uint64_t a, b;	       /* changed with the lock held, always equal */
	_Atomic uint64_t takes;
};

static struct lock *shared;
static _Atomic uint32_t turn;	       /* whose turn it is, in private memory */
static _Atomic uint32_t gate, door;    /* a condition: waiters at the gate are moved to the door */
static _Atomic uint32_t passed;
static _Atomic bool closing;

static long futex(_Atomic uint32_t *word, int op, uint32_t value, void *timeout, _Atomic uint32_t *other, uint32_t v3)
{
	return syscall(SYS_futex, word, op, value, timeout, other, v3);
}

/* Until the word is no longer @value; a wake-up that does not come within the deadline is lost. */
static void wait_while(_Atomic uint32_t *word, uint32_t value, int flags)
{
	struct timespec limit = {(time_t)(stage->deadline / 2000000000U), 0};

	while (atomic_load(word) == value) {
		long r = futex(word, FUTEX_WAIT | flags, value, &limit, NULL, 0);

		if (r < 0 && errno == ETIMEDOUT && atomic_load(word) != value)
			wrong("no wake-up within %ld s, the word is %u", (long)limit.tv_sec,
			      atomic_load(word));
		else if (r < 0 && errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
			give_up("FUTEX_WAIT: errno %d", errno);
		if (!going())
			return;
	}
}

static bool take(struct lock *l)
{
	uint32_t seen = 0;

	if (atomic_compare_exchange_strong(&l->word, &seen, 1))
		return true;
	while (atomic_exchange(&l->word, 2) != 0) {
		if (!going())
			return false;
		wait_while(&l->word, 2, 0);
	}
	return true;
}

static void release(struct lock *l)
{
	if (atomic_exchange(&l->word, 0) == 2)
		MUST(futex(&l->word, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0);
}

static void *locker(void *arg)
{
	place((unsigned int)(uintptr_t)arg);
	while (going() && take(shared)) {
		if (shared->a != shared->b)
			wrong("two hold the lock: %llu, %llu", (unsigned long long)shared->a,
			      (unsigned long long)shared->b);
		shared->a++;
		for (volatile int i = 0; i < 200; i++)
			;
		shared->b = shared->a;
		atomic_fetch_add(&shared->takes, 1);
		release(shared);
	}
	return NULL;
}

/* Two threads take turns, in memory that is copied on write again and again. */
static void *player(void *arg)
{
	uint32_t me = (unsigned int)(uintptr_t)arg & 1;

	place(me);
	while (going()) {
		wait_while(&turn, 1 - me, PRIVATE);
		atomic_store(&turn, 1 - me);
		MUST(futex(&turn, FUTEX_WAKE | PRIVATE, 1, NULL, NULL, 0) >= 0);
		if (me)
			round_done();
	}
	atomic_store(&turn, 1 - me);
	futex(&turn, FUTEX_WAKE | PRIVATE, 1, NULL, NULL, 0);
	return NULL;
}

/* Waits at the gate until it changes; may be moved to the door, and be woken from there. */
static void *guest(void *arg)
{
	place((unsigned int)(uintptr_t)arg);
	while (!atomic_load(&closing)) {
		uint32_t seen = atomic_load(&gate);
		struct timespec limit = {(time_t)(stage->deadline / 2000000000U), 0};
		long r;

		if (atomic_load(&closing))
			break;
		r = futex(&gate, FUTEX_WAIT | PRIVATE, seen, &limit, NULL, 0);
		if (r < 0 && errno == ETIMEDOUT && atomic_load(&gate) != seen)
			wrong("moved from gate %u to the door, and never woken (gate %u)", seen,
			      atomic_load(&gate));
		atomic_fetch_add(&passed, 1);
	}
	return NULL;
}

static void open_gate(void)
{
	uint32_t value = atomic_fetch_add(&gate, 1) + 1;
	long n = futex(&gate, FUTEX_CMP_REQUEUE | PRIVATE, 1, (void *)INT_MAX, &door, value);

	if (n < 0)
		wrong("FUTEX_CMP_REQUEUE: errno %d", errno);
	while (futex(&door, FUTEX_WAKE | PRIVATE, 1, NULL, NULL, 0) > 0)
		;
}

static void close_gate(void)
{
	atomic_store(&closing, true);
	atomic_fetch_add(&gate, 1);
	futex(&gate, FUTEX_WAKE | PRIVATE, INT_MAX, NULL, NULL, 0);
	futex(&door, FUTEX_WAKE | PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void fork_beside(uint64_t *rng)
{
	pid_t pid = try_fork();

	if (pid == 0) {
		atomic_store(&turn, 7); /* the child's copy: nobody here sees it */
		atomic_fetch_add(&gate, 1000);
		_exit(0);
	}
	if (pid > 0 && wait_for(pid))
		wrong("a child that only exits failed");
	if (atomic_load(&turn) == 7)
		wrong("a child's write is seen by its parent");
	sleep_us((unsigned int)(rnd(rng) % 2000));
}

static void run(void)
{
	uint64_t rng = random_seed(0);
	pthread_t threads[7];
	pid_t pid;

	shared = map_pages(1, MAP_SHARED);
	pid = try_fork();
	if (pid == 0) {
		locker((void *)1);
		_exit(0);
	}
	for (unsigned int i = 0; i < 2; i++)
		start_thread(&threads[i], locker, i + 2);
	for (unsigned int i = 2; i < 4; i++)
		start_thread(&threads[i], player, i);
	for (unsigned int i = 4; i < 7; i++)
		start_thread(&threads[i], guest, i);
	while (going()) {
		open_gate();
		fork_beside(&rng);
		open_gate();
	}
	close_gate();
	/* Who sleeps for the lock or the turn looks again. */
	for (unsigned int i = 0; i < 7; i++) {
		futex(&shared->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
		MUST(pthread_join(threads[i], NULL) == 0);
	}
	futex(&shared->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	if (pid > 0 && wait_for(pid))
		wrong("the other process failed");
	if (!atomic_load(&shared->takes) || !atomic_load(&passed))
		wrong("nobody took the lock or passed the gate");
}

const struct actor actor_futex = {
	.name = "futex",
	.what = "locks, turns and requeues in shared and copied memory",
	.run = run,
};
