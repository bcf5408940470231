// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks how locks are used, whether or not anything goes wrong in this run. Locks are told apart
 * by class, the place where they are initialised.
 *
 *  - Order. Taking B while A is held enters the edge A -> B into a graph. An edge that closes a
 *    circle is a possible deadlock, even if the two orders never meet. Locks of one class may be
 *    held together only in ascending order of address, which is how run queues are.
 *  - Recursion: the same lock twice.
 *  - Interrupts: a class that an interrupt handler takes must never be taken with interrupts on,
 *    else the handler may wait for what it interrupted.
 *  - Other CPUs: a class that is held while its holder waits for other CPUs to take an interrupt
 *    (smp_call()) must never be waited for with interrupts off.
 *  - Sleeping with interrupts off, a spinlock held or preemption disabled.
 *
 * A violation is a bug in the kernel: both sides are reported and the kernel panics. try-locks
 * cannot deadlock and enter no edges, but what is taken while they are held does.
 */
#define pr_fmt(f) "lockdep: " f

#include <spinlock.h>

#include <fs.h>
#include <init.h>
#include <log.h>
#include <panic.h>
#include <sched.h>
#include <string.h>

#define MAX_CLASSES	512
#define MAX_TRACE	6

/* Where an edge or a use was first seen. */
struct trace {
	unsigned long ip[MAX_TRACE];
};

/**
 * struct class_info - what is known of a class
 * @after: classes that were taken while this one was held
 * @in_irq: first use by an interrupt handler, if any
 * @irqs_on: first use with interrupts on, if any
 * @masked: first wait for it with interrupts off, if any
 * @across: first wait for other CPUs with it held, if any
 */
struct class_info {
	struct lock_class *class;
	unsigned long after[MAX_CLASSES / 64];
	bool used_in_irq, used_irqs_on, used_masked, used_across;
	struct trace in_irq, irqs_on, masked, across;
};

/*
 * Guards everything below; a bare word, because a spinlock would be checked itself. Interrupts off.
 */
static u32 graph_lock;
static struct class_info classes[MAX_CLASSES];
static u32 nr_classes = 1;		/* number 0: not yet registered */
static bool off;			/* after the first report */
static DEFINE_PER_CPU(u32, irq_depth);
/* Traces of edges: where B was taken while A was held. A small table; the first users get in. */
#define MAX_EDGES 4096
static struct edge {
	u16 from, to;
	struct trace trace;
} edges[MAX_EDGES];
static u32 nr_edges;

void lockdep_irq_enter(void)
{
	this_cpu(irq_depth)++;
}

void lockdep_irq_exit(void)
{
	this_cpu(irq_depth)--;
}

static unsigned long graph_enter(void)
{
	unsigned long flags = irq_save();

	while (__atomic_exchange_n(&graph_lock, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
	return flags;
}

static void graph_leave(unsigned long flags)
{
	smp_store_release(&graph_lock, 0);
	irq_restore(flags);
}

/* Before a report: printing it takes locks. */
static void give_up(void)
{
	off = true;
	smp_store_release(&graph_lock, 0);
}

/* While panicking, another CPU may have been stopped with the graph locked. */
static bool is_off(void)
{
	return off || log_in_emergency();
}

static void save_trace(struct trace *trace)
{
	const unsigned long *fp = __builtin_frame_address(0);
	u32 n;

	for (n = 0; n < MAX_TRACE && (unsigned long)fp - current->kstack < KSTACK_SIZE - 16; n++) {
		trace->ip[n] = fp[1];
		if (fp[0] <= (unsigned long)fp)
			break;
		fp = (const unsigned long *)fp[0];
	}
}

static void print_trace(const char *title, const struct trace *trace)
{
	u32 n;

	log_printf(LOG_EMERG, "%s\n", title);
	for (n = 0; n < MAX_TRACE && trace->ip[n]; n++)
		panic_print_address(n, trace->ip[n] - 1);
}

static void print_held(void)
{
	u32 i;

	log_printf(LOG_EMERG, "held by %s:\n", current->comm);
	for (i = 0; i < current->nr_held; i++)
		log_printf(LOG_EMERG, "  %s (%p)\n", current->held[i].class->name,
			   current->held[i].lock);
}

static void print_edge(u16 from, u16 to)
{
	char title[96];
	u32 i;

	snprintf(title, sizeof(title), "%s -> %s was first seen at:", classes[from].class->name,
		 classes[to].class->name);
	for (i = 0; i < nr_edges; i++)
		if (edges[i].from == from && edges[i].to == to)
			print_trace(title, &edges[i].trace);
}

static u16 class_id(struct lock_class *class)
{
	if (!class->id) {
		if (nr_classes == MAX_CLASSES) {
			give_up();
			panic("lockdep: more than %u lock classes", MAX_CLASSES);
		}
		class->id = (u16)nr_classes++;
		classes[class->id].class = class;
	}
	return class->id;
}

/*
 * The way from class @from to class @to along the edges, by breadth-first search: @prev gets each
 * class's predecessor on it. Static, since the graph is locked and the stack is small.
 */
static bool find_path(u16 from, u16 to, u16 **prev_out)
{
	static u16 queue[MAX_CLASSES], prev[MAX_CLASSES];
	u32 head = 0, tail = 0, w;

	memset(prev, 0, sizeof(prev));
	queue[tail++] = from;
	prev[from] = from;
	while (head < tail) {
		u16 c = queue[head++];

		if (c == to) {
			*prev_out = prev;
			return true;
		}
		for (w = 0; w < MAX_CLASSES / 64; w++) {
			unsigned long bits = classes[c].after[w];

			for (; bits; bits &= bits - 1) {
				u16 next = (u16)(w * 64 + (u32)__builtin_ctzl(bits));

				if (!prev[next]) {
					prev[next] = c;
					queue[tail++] = next;
				}
			}
		}
	}
	return false;
}

static void report_circle(u16 held, u16 wanted, const u16 *prev)
{
	u16 c;

	give_up();
	log_printf(LOG_EMERG,
		   "lockdep: %s is taken while %s is held, but the other order exists:\n",
		   classes[wanted].class->name, classes[held].class->name);
	for (c = held; c != wanted; c = prev[c])
		print_edge(prev[c], c);
	print_held();
	panic("lock order: %s -> %s", classes[held].class->name, classes[wanted].class->name);
}

static void add_edge(u16 from, u16 to)
{
	u16 *prev;

	if (classes[from].after[to / 64] >> (to % 64) & 1)
		return;
	if (find_path(to, from, &prev))
		report_circle(from, to, prev);
	classes[from].after[to / 64] |= BIT(to % 64);
	if (nr_edges < MAX_EDGES) {
		edges[nr_edges].from = from;
		edges[nr_edges].to = to;
		save_trace(&edges[nr_edges++].trace);
	}
}

static void check_held(const struct held_lock *h, u16 id, const void *lock)
{
	/*
	 * A sleeping lock may begin with the spinlock inside it: the address alone is not enough.
	 */
	if (h->lock == lock && h->class->id == id) {
		give_up();
		print_held();
		panic("lock recursion: %s", h->class->name);
	}
	if (h->class->id != id) {
		add_edge(h->class->id, id);
		return;
	}
	if (h->lock > lock) {
		give_up();
		print_held();
		panic("lock order: two locks of class %s not in ascending order", h->class->name);
	}
}

static void check_irq_use(u16 id, bool irqs_off)
{
	struct class_info *c = &classes[id];
	bool in_irq = this_cpu(irq_depth);

	if (in_irq && !c->used_in_irq) {
		c->used_in_irq = true;
		save_trace(&c->in_irq);
	}
	if (!irqs_off && !c->used_irqs_on) {
		c->used_irqs_on = true;
		save_trace(&c->irqs_on);
	}
	if (!c->used_in_irq || !c->used_irqs_on)
		return;
	give_up();
	print_trace("taken by an interrupt handler at:", &c->in_irq);
	print_trace("taken with interrupts on at:", &c->irqs_on);
	panic("lock %s: interrupt handler may wait for what it interrupted", c->class->name);
}

static void check_cpus_wait(const struct class_info *c)
{
	if (!c->used_masked || !c->used_across)
		return;
	give_up();
	print_trace("waited for with interrupts off at:", &c->masked);
	print_trace("held while other CPUs are waited for at:", &c->across);
	panic("lock %s: a CPU that waits for it never takes an interrupt", c->class->name);
}

/* A lock is waited for with interrupts off. Graph locked. */
static void note_masked(struct class_info *c)
{
	if (c->used_masked)
		return;
	c->used_masked = true;
	save_trace(&c->masked);
	check_cpus_wait(c);
}

void lockdep_cpus_wait(void)
{
	unsigned long flags;
	u32 i;

	if (is_off())
		return;
	flags = graph_enter();
	for (i = 0; i < current->nr_held; i++) {
		struct class_info *c = &classes[current->held[i].class->id];

		if (c->used_across)
			continue;
		c->used_across = true;
		save_trace(&c->across);
		check_cpus_wait(c);
	}
	graph_leave(flags);
}

static void push_held(struct lock_class *class, const void *lock)
{
	struct thread *t = current;

	if (t->nr_held == MAX_HELD_LOCKS) {
		give_up();
		panic("lockdep: %u locks held", MAX_HELD_LOCKS);
	}
	t->held[t->nr_held++] = (struct held_lock){ .lock = lock, .class = class };
}

/**
 * lockdep_acquire - A lock is about to be taken, or (try-lock) has been.
 * @class: its class
 * @lock: the lock
 * @irqs_off: interrupts are off; sleeping locks pass false
 * @try: it was taken without waiting
 *
 * Context: any but NMI.
 */
void lockdep_acquire(struct lock_class *class, const void *lock, bool irqs_off, bool try)
{
	unsigned long flags;
	u32 i;
	u16 id;

	if (is_off())
		return;
	BUG_ON(!class);
	flags = graph_enter();
	id = class_id(class);
	if (!try) {
		for (i = 0; i < current->nr_held; i++)
			check_held(&current->held[i], id, lock);
	}
	check_irq_use(id, irqs_off);
	if (irqs_off && !try)
		note_masked(&classes[id]);
	push_held(class, lock);
	graph_leave(flags);
}

/* Locks need not be released in the reverse order of taking. */
void lockdep_release(struct lock_class *class, const void *lock)
{
	struct thread *t = current;
	unsigned long flags;
	u32 i;

	if (is_off())
		return;
	flags = irq_save();
	for (i = t->nr_held;
	     i > 0 && (t->held[i - 1].lock != lock || t->held[i - 1].class != class); i--)
		;
	if (!i) {
		off = true;
		panic("lock %s is released but not held by %s", class->name, t->comm);
	}
	memmove(&t->held[i - 1], &t->held[i], (t->nr_held - i) * sizeof(t->held[0]));
	t->nr_held--;
	irq_restore(flags);
}

void might_sleep_check(const char *file, int line)
{
	if (is_off() || (!current->preempt_count && !irqs_disabled()))
		return;
	/*
	 * The boot CPU sets up a lot before it turns interrupts on; there is nobody yet for whom it
	 * could have to wait.
	 */
	if (!sched_nr_switches())
		return;
	off = true;
	print_held();
	panic("%s:%d sleeps with %s", file, line,
	      irqs_disabled() ? "interrupts off" : "preemption off");
}

/*
 * The graph, for /proc/lockdep: a line for each class, how it is used, and what has been taken
 * while it was held.
 */
static int show_graph(struct seq *s, void *arg)
{
	u32 from, to;

	(void)arg;
	for (from = 1; from < READ_ONCE(nr_classes); from++) {
		const struct class_info *c = &classes[from];

		seq_printf(s, "%s%s%s:", c->class->name, c->used_in_irq ? " [interrupt]" : "",
			   c->used_irqs_on ? " [interrupts on]" : "");
		for (to = 1; to < READ_ONCE(nr_classes); to++)
			if (c->after[to / 64] >> (to % 64) & 1)
				seq_printf(s, " %s,", classes[to].class->name);
		seq_printf(s, "\n");
	}
	return 0;
}

static int lockdep_proc_init(void)
{
	return proc_register("lockdep", show_graph, NULL);
}
late_initcall(lockdep_proc_init);
