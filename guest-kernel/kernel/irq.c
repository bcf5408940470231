// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device interrupts: which handlers a line has, and how often it has fired. The platform routes,
 * masks and acknowledges.
 */
#define pr_fmt(f) "irq: " f

#include <irq.h>

#include <errno.h>
#include <list.h>
#include <log.h>
#include <mm.h>
#include <random.h>
#include <spinlock.h>
#include <platform/platform.h>

struct irq_action {
	irq_handler_t fn;
	void *arg;
	const char *name;
	struct list_head node;
};

/**
 * struct irq_line - one line
 * @lock: guards @actions; held while the handlers run, so that who has removed one knows that it
 * does not run any more
 * @count: how often it has fired, by CPU; each written by its CPU only
 */
struct irq_line {
	struct spinlock lock;
	struct list_head actions;
	u64 count[CONFIG_NR_CPUS];
};

static struct irq_line lines[NR_IRQS];
static DEFINE_MUTEX(request_lock);	/* first use and last use of a line */

static void add_action(struct irq_line *line, struct irq_action *action)
{
	unsigned long flags;

	if (!line->actions.next) {
		spin_lock_init(&line->lock, "irq_line");
		list_init(&line->actions);
	}
	spin_lock_irqsave(&line->lock, flags);
	list_add_tail(&action->node, &line->actions);
	spin_unlock_irqrestore(&line->lock, flags);
}

static struct irq_action *remove_action(struct irq_line *line, void *arg, bool *empty)
{
	struct irq_action *action, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&line->lock, flags);
	list_for_each_entry(action, &line->actions, node) {
		if (action->arg == arg) {
			found = action;
			list_del(&action->node);
			break;
		}
	}
	*empty = list_empty(&line->actions);
	spin_unlock_irqrestore(&line->lock, flags);
	return found;
}

int irq_request(u32 irq, irq_handler_t fn, void *arg, const char *name)
{
	struct irq_action *action;
	bool empty;
	int ret = 0;

	if (irq >= NR_IRQS)
		return -EINVAL;
	action = kmalloc(sizeof(*action), GFP_KERNEL);
	if (!action)
		return -ENOMEM;
	*action = (struct irq_action){ .fn = fn, .arg = arg, .name = name };
	mutex_lock(&request_lock);
	empty = !lines[irq].actions.next || list_empty(&lines[irq].actions);
	add_action(&lines[irq], action);
	if (empty)
		ret = platform_irq_enable(irq);
	if (ret) {
		pr_err("line %u (%s): cannot be enabled: %d\n", irq, name, ret);
		remove_action(&lines[irq], arg, &empty);
		kfree(action);
	}
	mutex_unlock(&request_lock);
	return ret;
}

void irq_free(u32 irq, void *arg)
{
	struct irq_action *action;
	bool empty;

	mutex_lock(&request_lock);
	action = remove_action(&lines[irq], arg, &empty);
	if (empty)
		platform_irq_disable(irq);
	mutex_unlock(&request_lock);
	kfree(action);
}

void irq_dispatch(u32 irq)
{
	struct irq_line *line = &lines[irq];
	struct irq_action *action;

	line->count[cpu_id()]++;
	random_interrupt(irq);
	if (unlikely(!line->actions.next)) {
		pr_ratelimited(LOG_WARNING, "line %u fired and nobody wants it\n", irq);
		return;
	}
	lockdep_irq_enter();
	spin_lock(&line->lock);
	list_for_each_entry(action, &line->actions, node)
		action->fn(irq, action->arg);
	spin_unlock(&line->lock);
	lockdep_irq_exit();
}

u64 irq_count(u32 irq, u32 cpu)
{
	return lines[irq].count[cpu];
}

/*
 * Names are static strings and lines are hardly ever given up: a reader gets the name of the
 * moment.
 */
const char *irq_name(u32 irq)
{
	struct irq_line *line = &lines[irq];
	const char *name = NULL;
	unsigned long flags;

	if (!line->actions.next)
		return NULL;
	spin_lock_irqsave(&line->lock, flags);
	if (!list_empty(&line->actions))
		name = list_first_entry(&line->actions, struct irq_action, node)->name;
	spin_unlock_irqrestore(&line->lock, flags);
	return name;
}

u64 irq_total(void)
{
	u64 n = 0;
	u32 irq, cpu;

	for (irq = 0; irq < NR_IRQS; irq++)
		for (cpu = 0; cpu < nr_cpus; cpu++)
			n += lines[irq].count[cpu];
	return n;
}
