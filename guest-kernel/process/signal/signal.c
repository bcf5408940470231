// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending signals: queues, who takes a signal, and what a signal does at the moment it is sent
 * (SIGCONT continues, a fatal one starts the end of the process). Delivery is signal_deliver.c,
 * stopping is signal_stop.c, the system calls are signal_calls.c. See signal(7).
 *
 * process->siglock guards everything here. It is taken with interrupts off, because terminals and
 * timers send signals from interrupts.
 */
#include <mm.h>
#include <nospec.h>
#include <platform/cpu.h>
#include <process.h>
#include <string.h>
#include "../internal.h"

/* Signals of the instruction that just ran: delivered before all others. */
#define SIG_SYNCHRONOUS	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | \
			 sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))
/* Linux dumps core on these, which takes the thread itself: they do not end the group when sent. */
#define SIG_CORE	(SIG_SYNCHRONOUS | sigmask(SIGQUIT) | sigmask(SIGABRT) | \
			 sigmask(SIGXCPU) | sigmask(SIGXFSZ))

/* One entry in as many pages: what all processes together may queue without privilege. */
#define PAGES_PER_ENTRY 4

static atomic_t nr_entries;	/* of queues, and POSIX timers, which have one each */
static struct kmem_cache *sigqueue_cache;
static struct kmem_cache *sighand_cache;

void signal_init(void)
{
	sigqueue_cache = kmem_cache_create("sigqueue", sizeof(struct sigqueue), 8, NULL);
	sighand_cache = kmem_cache_create("sighand", sizeof(struct sighand), 64, NULL);
}

struct sighand *sighand_alloc(void)
{
	struct sighand *s = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	atomic_set(&s->refs, 1);
	spin_lock_init(&s->lock, "sighand.lock");
	return s;
}

struct sighand *sighand_copy(struct sighand *old)
{
	struct sighand *s = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (!s)
		return NULL;
	atomic_set(&s->refs, 1);
	spin_lock_init(&s->lock, "sighand.lock");
	spin_lock_irq(&old->lock);
	memcpy(s->action, old->action, sizeof(s->action));
	spin_unlock_irq(&old->lock);
	return s;
}

void sighand_put(struct sighand *s)
{
	if (s && atomic_dec_and_test(&s->refs))
		kmem_cache_free(sighand_cache, s);
}

/* What @sig does in @p: SIG_DFL, SIG_IGN or a user address. */
unsigned long signal_handler(const struct process *p, int sig)
{
	return READ_ONCE(p->sighand->action[array_index_nospec((u32)sig - 1, NSIG)].handler);
}

/* A signal that is blocked is kept, whatever it does now: the handler may change meanwhile. */
bool signal_ignored(const struct process *p, const struct thread *t, int sig)
{
	unsigned long handler = signal_handler(p, sig);

	if ((t->blocked | t->real_blocked) & sigmask(sig))
		return false;
	if (handler == SIG_IGN)
		return true;
	return handler == SIG_DFL && (p->unkillable || (SIG_KERNEL_IGNORE & sigmask(sig)));
}

/**
 * sigqueue_room - Whether one more entry may be made for a process.
 * @p: process
 * @present: how many of the kind it has
 *
 * RLIMIT_SIGPENDING is each process's own here, so the sum of all is limited too.
 */
bool sigqueue_room(const struct process *p, u32 present)
{
	return present < READ_ONCE(p->rlim[RLIMIT_SIGPENDING].cur) &&
	       ((unsigned long)atomic_read(&nr_entries) < max_pfn / PAGES_PER_ENTRY ||
		capable(CAP_SYS_RESOURCE));
}

/* Counts entries that are made or (negative) freed. */
void sigqueue_count(int n)
{
	atomic_add(&nr_entries, n);
}

/* Takes @q off its queue; siglock held. */
static void sigqueue_drop(struct process *p, struct sigqueue *q)
{
	list_del(&q->node);
	if (q->timer)
		return;
	p->nr_queued--;
	sigqueue_count(-1);
	kmem_cache_free(sigqueue_cache, q);
}

/**
 * signal_flush_queue - Drop pending signals of one queue.
 * @p: process, siglock held
 * @queue: of @p or of one of its threads
 * @pending: the set that belongs to @queue
 * @set: which signals
 */
void signal_flush_queue(struct process *p, struct list_head *queue, sigset_t *pending, sigset_t set)
{
	struct sigqueue *q, *next;

	if (!(*pending & set))
		return;
	*pending &= ~set;
	list_for_each_entry_safe(q, next, queue, node) {
		if (!(sigmask(q->info.si_signo) & set))
			continue;
		sigqueue_drop(p, q);
	}
}

void signal_flush_set(struct process *p, sigset_t set)
{
	struct thread *t;

	signal_flush_queue(p, &p->pending, &p->pending_set, set);
	list_for_each_entry(t, &p->threads, thread_node)
		signal_flush_queue(p, &t->pending, &t->pending_set, set);
}

/**
 * signal_wake - Make a thread look at its signals.
 * @t: thread, its siglock held
 * @kill: it is to die: wake it from killable sleep and from a stop too
 */
void signal_wake(struct thread *t, bool kill)
{
	WRITE_ONCE(t->sigpending, 1);
	/* Before it sleeps, it sets its state and then looks at sigpending. */
	if (t == current && READ_ONCE(t->state) == THREAD_RUNNING)
		return;
	if (thread_wake(t, kill ? WAKE_KILL : WAKE_SIGNAL) || t == current || !READ_ONCE(t->on_rq))
		return;
	/* It may be in user mode on another CPU, which an interrupt makes it leave. */
	if (READ_ONCE(t->cpu) != cpu_id())
		smp_send_reschedule(READ_ONCE(t->cpu));
}

/* Whether anything waits for @t, seen with @blocked as its mask. */
static bool signal_waiting(const struct process *p, const struct thread *t, sigset_t blocked)
{
	return ((p->pending_set | t->pending_set) & ~blocked) || p->group_stop_code ||
	       p->group_exit || p->continued_note;
}

void signal_recalc(void)
{
	current->sigpending = signal_waiting(current->process, current, current->blocked);
}

/**
 * signal_retarget - Hand process-directed signals to other threads.
 * @p: the current process, siglock held
 * @set: signals that the current thread was woken for, perhaps, and will not take now
 */
void signal_retarget(struct process *p, sigset_t set)
{
	struct thread *t;

	set &= p->pending_set;
	if (!set)
		return;
	list_for_each_entry(t, &p->threads, thread_node)
		if (t != current && (set & ~t->blocked))
			signal_wake(t, false);
}

void signal_zap_others(struct process *p, struct thread *but)
{
	struct thread *t;

	list_for_each_entry(t, &p->threads, thread_node) {
		if (t == but)
			continue;
		t->pending_set |= sigmask(SIGKILL);
		signal_wake(t, true);
	}
}

/**
 * group_exit_begin - All threads of a process are to die.
 * @p: process, siglock held
 * @code: wait status, unless one was set before
 */
void group_exit_begin(struct process *p, u32 code)
{
	if (p->group_exit)
		return;
	p->group_exit = true;
	p->exit_code = code;
	p->group_stop_code = 0;
	p->stop_dequeued = false;
	signal_zap_others(p, NULL);
}

static void signal_continue(struct process *p)
{
	struct thread *t;

	signal_flush_set(p, SIG_KERNEL_STOP);
	p->stop_dequeued = false;
	if (!p->group_stop_code)
		return;
	p->continued_note = p->nr_stopped == p->nr_threads;
	p->group_stop_code = 0;
	p->nr_stopped = 0;
	list_for_each_entry(t, &p->threads, thread_node) {
		t->stopped = false;
		thread_wake(t, BIT(THREAD_STOPPED));
	}
}

/* Effects that a signal has even if it is blocked or ignored. False: nothing more is to be done. */
static bool signal_prepare(struct process *p, struct thread *t, int sig)
{
	if (!p->nr_threads || p->group_exit || list_empty(&t->thread_node))
		return false;
	if (SIG_KERNEL_STOP & sigmask(sig))
		signal_flush_set(p, sigmask(SIGCONT));
	else if (sig == SIGCONT)
		signal_continue(p);
	return !signal_ignored(p, t, sig);
}

/*
 * Below SIGRTMIN one pending instance is all, and losing its siginfo is allowed; a real-time signal
 * that its sender wants queued is refused instead.
 */
static int signal_enqueue(struct process *p, struct list_head *queue, sigset_t *pending, int sig,
			  const struct siginfo *info)
{
	bool from_kernel = !info || info->si_code > SI_USER;
	struct sigqueue *q = NULL;

	if (sig < SIGRTMIN && (*pending & sigmask(sig)))
		return 0;
	if ((sig < SIGRTMIN && from_kernel) || sigqueue_room(p, p->nr_queued))
		q = kmem_cache_alloc(sigqueue_cache, GFP_ATOMIC);
	if (q) {
		q->timer = NULL;
		if (info)
			q->info = *info;
		else
			siginfo_init(&q->info, sig, SI_KERNEL);
		list_add_tail(&q->node, queue);
		p->nr_queued++;
		sigqueue_count(1);
	} else if (sig >= SIGRTMIN && info && info->si_code != SI_USER) {
		return -EAGAIN;
	}
	*pending |= sigmask(sig);
	return 0;
}

static bool signal_wanted(const struct thread *t, int sig)
{
	return !(t->blocked & sigmask(sig)) && !(t->flags & THREAD_F_EXITING) &&
	       (sig == SIGKILL || !t->stopped);
}

/*
 * A thread to take a process-directed signal. @running: one that runs is best, because the signal is
 * about what it does (a profiler's), or because the others do not come to run. Else one with nothing
 * else to do, else any.
 */
static struct thread *signal_choose(struct process *p, int sig, bool running)
{
	struct thread *t, *idle = NULL, *any = NULL;

	list_for_each_entry(t, &p->threads, thread_node) {
		if (!signal_wanted(t, sig))
			continue;
		if (running && sched_is_running(t))
			return t;
		if (!idle && !t->sigpending)
			idle = t;
		any = t;
	}
	return idle ? idle : any;
}

static bool signal_fatal(const struct process *p, const struct thread *t, int sig)
{
	if (sig == SIGKILL)
		return true;
	if (signal_handler(p, sig) != SIG_DFL || (t->real_blocked & sigmask(sig)))
		return false;
	return !((SIG_KERNEL_IGNORE | SIG_KERNEL_STOP | SIG_CORE) & sigmask(sig));
}

static struct thread *signal_target(struct process *p, struct thread *t)
{
	return t ? t : list_first_entry(&p->threads, struct thread, thread_node);
}

/*
 * A signal has been queued for @p, or for its thread @t: somebody has to take it. @running: as for
 * signal_choose().
 */
static void signal_announce(struct process *p, struct thread *t, int sig, bool running)
{
	struct thread *taker = t;

	if (wait_active(&p->signalfd_wq))
		wake_up_all(&p->signalfd_wq);
	if (!t)
		taker = signal_choose(p, sig, running);
	else if (!signal_wanted(t, sig))
		taker = NULL;
	if (!taker)
		return;
	if (signal_fatal(p, taker, sig))
		group_exit_begin(p, (u32)sig);
	else
		signal_wake(taker, false);
}

/**
 * signal_send_locked - Send to a process, or to one thread of it.
 * @p: process, siglock held
 * @t: thread of @p, NULL: any one is to take the signal
 * @sig: 1..NSIG
 * @info: NULL: from the kernel
 *
 * Return: 0, also where the signal is ignored or the target is on its way out; -EAGAIN if a
 * real-time signal could not be queued.
 */
int signal_send_locked(struct process *p, struct thread *t, int sig, const struct siginfo *info)
{
	int err;

	if (!p->nr_threads || !signal_prepare(p, signal_target(p, t), sig))
		return 0;
	if (t)
		err = signal_enqueue(p, &t->pending, &t->pending_set, sig, info);
	else
		err = signal_enqueue(p, &p->pending, &p->pending_set, sig, info);
	if (!err)
		signal_announce(p, t, sig, false);
	return err;
}

/**
 * signal_send_running - Send a signal about CPU time to a process: a thread that runs takes it.
 * @p: process, siglock held
 * @sig: 1..NSIG
 */
void signal_send_running(struct process *p, int sig)
{
	if (!p->nr_threads || !signal_prepare(p, signal_target(p, NULL), sig))
		return;
	if (!signal_enqueue(p, &p->pending, &p->pending_set, sig, NULL))
		signal_announce(p, NULL, sig, true);
}

bool signal_send_timer(struct process *p, struct thread *t, struct sigqueue *q)
{
	int sig = q->info.si_signo;

	if (!p->nr_threads || !signal_prepare(p, signal_target(p, t), sig))
		return false;
	if (!list_empty(&q->node))
		return true;
	list_add_tail(&q->node, t ? &t->pending : &p->pending);
	*(t ? &t->pending_set : &p->pending_set) |= sigmask(sig);
	signal_announce(p, t, sig, true);
	return true;
}

/* Whether @queue holds @q, and whether it holds another entry of the same signal. */
static bool queue_holds(const struct list_head *queue, const struct sigqueue *q, bool *other)
{
	const struct sigqueue *entry;
	bool found = false;

	*other = false;
	list_for_each_entry(entry, queue, node) {
		if (entry == q)
			found = true;
		else if (entry->info.si_signo == q->info.si_signo)
			*other = true;
	}
	return found;
}

/**
 * signal_unqueue - Take a timer's signal back, because the timer goes.
 * @p: process, siglock held
 * @q: queued or not
 */
void signal_unqueue(struct process *p, struct sigqueue *q)
{
	sigset_t bit = sigmask(q->info.si_signo);
	struct thread *t;
	bool other;

	if (list_empty(&q->node))
		return;
	if (queue_holds(&p->pending, q, &other) && !other)
		p->pending_set &= ~bit;
	list_for_each_entry(t, &p->threads, thread_node)
		if (queue_holds(&t->pending, q, &other) && !other)
			t->pending_set &= ~bit;
	list_del(&q->node);
}

/**
 * send_signal - Send a signal to a process.
 * @p: process, referenced or under tasklist_lock
 * @sig: 1..NSIG
 * @info: what the handler sees; NULL: sent by the kernel
 *
 * Context: any but NMI; siglock not held.
 * Return: 0, or -EAGAIN if a real-time signal could not be queued, -EINVAL for a bad number.
 */
int send_signal(struct process *p, int sig, const struct siginfo *info)
{
	unsigned long flags;
	int err;

	if (sig < 1 || sig > NSIG)
		return -EINVAL;
	spin_lock_irqsave(&p->siglock, flags);
	err = signal_send_locked(p, NULL, sig, info);
	spin_unlock_irqrestore(&p->siglock, flags);
	return err;
}

/**
 * send_signal_thread - Send a signal to one thread.
 * @t: thread, referenced
 * @sig: 1..NSIG
 * @info: what the handler sees; NULL: sent by the kernel
 *
 * Context and return: as send_signal().
 */
int send_signal_thread(struct thread *t, int sig, const struct siginfo *info)
{
	struct process *p = t->process;
	unsigned long flags;
	int err;

	if (sig < 1 || sig > NSIG)
		return -EINVAL;
	spin_lock_irqsave(&p->siglock, flags);
	err = signal_send_locked(p, t, sig, info);
	spin_unlock_irqrestore(&p->siglock, flags);
	return err;
}

static int signal_next(sigset_t set)
{
	if (set & SIG_SYNCHRONOUS)
		set &= SIG_SYNCHRONOUS;
	return set ? __builtin_ctzll(set) + 1 : 0;
}

static void signal_collect(struct process *p, struct list_head *queue, sigset_t *pending, int sig,
			   struct siginfo *info)
{
	struct sigqueue *q, *found = NULL;
	bool more = false;

	list_for_each_entry(q, queue, node) {
		if (q->info.si_signo != sig)
			continue;
		if (found)
			more = true;
		else
			found = q;
	}
	if (!more)
		*pending &= ~sigmask(sig);
	if (!found) {
		siginfo_init(info, sig, SI_USER);
		return;
	}
	*info = found->info;
	if (found->timer)
		posix_timer_delivered(found->timer, info);
	sigqueue_drop(p, found);
}

/**
 * signal_dequeue - Take the most urgent pending signal.
 * @t: the current thread, siglock held
 * @blocked: signals to leave
 * @info: filled for the signal taken
 *
 * Return: the signal's number, 0 if there is none.
 */
int signal_dequeue(struct thread *t, sigset_t blocked, struct siginfo *info)
{
	struct process *p = t->process;
	int sig = signal_next(t->pending_set & ~blocked);

	if (sig) {
		signal_collect(p, &t->pending, &t->pending_set, sig, info);
		return sig;
	}
	sig = signal_next(p->pending_set & ~blocked);
	if (sig)
		signal_collect(p, &p->pending, &p->pending_set, sig, info);
	return sig;
}

/**
 * set_blocked - Replace the current thread's signal mask.
 * @set: new mask; SIGKILL and SIGSTOP in it are left out
 *
 * Context: process context.
 */
void set_blocked(sigset_t set)
{
	struct process *p = current->process;

	set &= ~SIG_UNBLOCKABLE;
	if (set == current->blocked)
		return;
	spin_lock_irq(&p->siglock);
	if (p->nr_threads > 1)
		signal_retarget(p, set & ~current->blocked);
	current->blocked = set;
	signal_recalc();
	spin_unlock_irq(&p->siglock);
}

/**
 * signal_is_ignored - Whether a signal would do nothing to the current thread.
 * @sig: 1..NSIG
 */
bool signal_is_ignored(int sig)
{
	return (current->blocked & sigmask(sig)) ||
	       signal_handler(current->process, sig) == SIG_IGN;
}

/**
 * signal_take - Take a pending signal without delivering it, for signalfd.
 * @set: which ones
 * @info: filled
 *
 * Return: the signal's number, 0 if none of @set is pending.
 */
int signal_take(sigset_t set, struct siginfo *info)
{
	struct process *p = current->process;
	int sig;

	spin_lock_irq(&p->siglock);
	sig = signal_dequeue(current, ~set, info);
	signal_recalc();
	spin_unlock_irq(&p->siglock);
	return sig;
}

/**
 * signal_pending_in - Whether a signal of a set is pending, blocked or not.
 * @set: which ones
 */
bool signal_pending_in(sigset_t set)
{
	return (current->process->pending_set | current->pending_set) & set;
}
