// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers: one queue a CPU, ordered by time, and the platform's one-shot timer set to its first.
 * Stopping the first one leaves the hardware as it is: most timers are stopped (time-outs that did
 * not happen), and one interrupt too many now and then is cheaper than setting the hardware each
 * time.
 */
#include <time.h>

#include <panic.h>
#include <sched.h>
#include <spinlock.h>
#include <wait.h>
#include <platform/platform.h>

#define NEVER (~0ULL)

/**
 * struct timer_queue - the timers of one CPU
 * @lock: guards all of it and the timers in it; interrupts off
 * @first: earliest timer, NULL if there is none
 * @running: timer whose callback runs now; changed by the queue's CPU only
 * @programmed: what the hardware is set to, ns
 */
struct timer_queue {
	struct spinlock lock;
	struct rb_root timers;
	struct rb_node *first;
	struct timer *running;
	u64 programmed;
};

static DEFINE_PER_CPU(struct timer_queue, timer_queues);

static struct timer *timer_entry(struct rb_node *n)
{
	return rb_entry(n, struct timer, node);
}

static void enqueue(struct timer_queue *q, struct timer *t)
{
	struct rb_node **link = &q->timers.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (t->expires < timer_entry(parent)->expires) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	if (first)
		q->first = &t->node;
	rb_insert(&q->timers, &t->node, parent, link);
	t->active = true;
}

static void dequeue(struct timer_queue *q, struct timer *t)
{
	if (q->first == &t->node)
		q->first = rb_next(&t->node);
	rb_erase(&q->timers, &t->node);
	t->active = false;
}

/* The queue that @t is or was last on, locked. Interrupts off. */
static struct timer_queue *lock_queue_of(struct timer *t)
{
	for (;;) {
		u32 cpu = READ_ONCE(t->cpu);
		struct timer_queue *q = &per_cpu(timer_queues, cpu);

		spin_lock(&q->lock);
		if (likely(READ_ONCE(t->cpu) == cpu))
			return q;
		spin_unlock(&q->lock);
	}
}

/* Own CPU, locked. */
static void program(struct timer_queue *q)
{
	u64 first = q->first ? timer_entry(q->first)->expires : NEVER;

	if (first >= q->programmed)
		return;
	q->programmed = first;
	platform_timer_set(first);
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	t->fn = fn;
	t->cpu = cpu_id();
	t->active = false;
}

/**
 * timer_start - Let a timer run out at a given time.
 * @t: initialised; if it is running it is moved
 * @expires_ns: monotonic ns; a time in the past means at once, but not before this returns with
 * interrupts on
 *
 * The callback runs on the CPU that calls this. Context: any but NMI.
 */
void timer_start(struct timer *t, u64 expires_ns)
{
	unsigned long flags = irq_save();
	struct timer_queue *q, *mine = &this_cpu(timer_queues);

	/* Between two queues it is on none; another CPU may start it there: then take it again. */
	for (;;) {
		q = lock_queue_of(t);
		if (t->active)
			dequeue(q, t);
		if (likely(q == mine))
			break;
		t->cpu = cpu_id();
		spin_unlock(&q->lock);
	}
	t->expires = expires_ns;
	enqueue(mine, t);
	program(mine);
	spin_unlock(&mine->lock);
	irq_restore(flags);
}

/**
 * timer_start_on - (Re)start a timer by a clock.
 * @t: the timer
 * @expires_ns: when, on that clock; below 2^63
 * @realtime: by the time of day, else by the monotonic clock
 *
 * Who sets the time of day starts such timers, too. If that happens meanwhile, what it has told
 * the timer is lost: once more.
 *
 * Context: any but NMI.
 */
void timer_start_on(struct timer *t, u64 expires_ns, bool realtime)
{
	s64 offset;

	DEBUG_ON(expires_ns >> 63);
	do {
		offset = realtime ? realtime_offset() : 0;
		timer_start(t, (u64)max((s64)expires_ns - offset, (s64)1));
	} while (realtime && offset != realtime_offset());
}

/**
 * timer_stop - Stop a timer.
 * @t: initialised; need not be running
 *
 * Context: any but NMI.
 * Return: whether it was running. If not, its callback may be running on another CPU.
 */
bool timer_stop(struct timer *t)
{
	unsigned long flags = irq_save();
	struct timer_queue *q = lock_queue_of(t);
	bool active = t->active;

	if (active)
		dequeue(q, t);
	spin_unlock(&q->lock);
	irq_restore(flags);
	return active;
}

/**
 * timer_stop_sync - Stop a timer and wait until its callback does not run any more.
 * @t: initialised; its callback must not start it again, or the caller sees to that
 *
 * Context: interrupts on, as it may wait for another CPU; no lock held that the callback takes.
 */
void timer_stop_sync(struct timer *t)
{
	u32 cpu;

	DEBUG_ON(irqs_disabled());
	timer_stop(t);
	for (cpu = 0; cpu < CONFIG_NR_CPUS; cpu++)
		while (READ_ONCE(per_cpu(timer_queues, cpu).running) == t)
			cpu_relax();
}

/* Takes the first timer off if its time has come. Locked. */
static struct timer *next_expired(struct timer_queue *q, u64 now)
{
	struct timer *t = q->first ? timer_entry(q->first) : NULL;

	if (!t || t->expires > now)
		return NULL;
	dequeue(q, t);
	return t;
}

void timer_interrupt(void)
{
	struct timer_queue *q = &this_cpu(timer_queues);
	struct timer *t;

	lockdep_irq_enter();
	spin_lock(&q->lock);
	q->programmed = NEVER;
	while ((t = next_expired(q, ktime_ns()))) {
		q->running = t;
		spin_unlock(&q->lock);
		t->fn(t);
		spin_lock(&q->lock);
		smp_store_release(&q->running, NULL);
	}
	program(q);
	spin_unlock(&q->lock);
	lockdep_irq_exit();
}

/**
 * timer_init_cpu - Prepare the timer queue of a CPU.
 * @cpu: number of the CPU that runs this
 *
 * Context: interrupts off, before the first timer_start() on it.
 */
void timer_init_cpu(u32 cpu)
{
	struct timer_queue *q = &per_cpu(timer_queues, cpu);

	spin_lock_init(&q->lock, "timer_queue");
	q->programmed = NEVER;
}

void msleep(u64 ms)
{
	u64 deadline = ktime_ns() + ms * NSEC_PER_MSEC;

	might_sleep();
	do {
		set_current_state(THREAD_UNINTERRUPTIBLE);
	} while (!schedule_timeout(deadline));
}

void udelay(u64 us)
{
	u64 end = ktime_ns() + us * NSEC_PER_USEC;

	while (ktime_ns() < end)
		cpu_relax();
}
