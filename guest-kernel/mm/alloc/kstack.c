// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel stacks: guarded, aligned to their size, and kept mapped when a thread
 * ends, because making one costs as much as the rest of a fork. A CPU keeps a
 * few for itself, the others share a list.
 */
#include "vmalloc.h"
#include <shrinker.h>
#include <thread.h>

#define PER_CPU_MAX	8u
#define SHARED_MAX	64u

/* Free stacks of a CPU; its interrupts off. */
struct stack_cache {
	u32 count;
	unsigned long stack[PER_CPU_MAX];
};
static DEFINE_PER_CPU(struct stack_cache, stack_caches);

/* Free stacks of all; linked through their first word. */
static DEFINE_SPINLOCK(shared_lock);	/* interrupts off */
static unsigned long shared_head;	/* shared_lock */
static u32 shared_count;		/* shared_lock */

static unsigned long take_own(void)
{
	unsigned long flags = irq_save(), stack = 0;
	struct stack_cache *c = &this_cpu(stack_caches);

	if (c->count)
		stack = c->stack[--c->count];
	irq_restore(flags);
	return stack;
}

static unsigned long take_shared(void)
{
	unsigned long flags, stack;

	spin_lock_irqsave(&shared_lock, flags);
	stack = shared_head;
	if (stack) {
		shared_head = *(unsigned long *)stack;
		shared_count--;
	}
	spin_unlock_irqrestore(&shared_lock, flags);
	return stack;
}

static bool give_shared(unsigned long stack)
{
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&shared_lock, flags);
	room = shared_count < SHARED_MAX;
	if (room) {
		*(unsigned long *)stack = shared_head;
		shared_head = stack;
		shared_count++;
	}
	spin_unlock_irqrestore(&shared_lock, flags);
	return room;
}

static void count_stack(long stacks)
{
	preempt_disable();
	mem_count(MEM_KSTACK, stacks * (long)(KSTACK_SIZE / PAGE_SIZE));
	preempt_enable();
}

/* The contracts of these stand in mm.h. */
unsigned long kstack_alloc(void)
{
	unsigned long stack = take_own();

	if (likely(stack))
		return stack;
	stack = take_shared();
	if (stack)
		return stack;
	stack = vmalloc_area(KSTACK_SIZE, KSTACK_SIZE, GFP_KERNEL);
	if (stack)
		count_stack(1);
	return stack;
}

void kstack_free(unsigned long stack)
{
	unsigned long flags = irq_save();
	struct stack_cache *c = &this_cpu(stack_caches);

	if (likely(c->count < PER_CPU_MAX)) {
		c->stack[c->count++] = stack;
		irq_restore(flags);
		return;
	}
	irq_restore(flags);
	if (!give_shared(stack)) {
		count_stack(-1);
		vfree((void *)stack);
	}
}

/* The shared ones; vmalloc.c gives their pages back, which is asked after this. */
static unsigned long shrink_stacks(unsigned long want)
{
	unsigned long stack, freed = 0;

	while (freed < want && (stack = take_shared())) {
		count_stack(-1);
		vfree((void *)stack);
		freed += KSTACK_SIZE / PAGE_SIZE;
	}
	return freed;
}

static struct shrinker stack_shrinker = { .shrink = shrink_stacks };

void kstack_init(void)
{
	shrinker_register(&stack_shrinker);
}
