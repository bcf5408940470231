// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: pending bits, who is woken or interrupted for them, and the eventfds that
 * set them or are set by doorbells.
 *
 * A bit is set with an atomic OR in the page that the guest reads, from any
 * context. Then whoever runs the vCPU has to look: it is woken if it sleeps, and
 * its CPU is interrupted if it runs elsewhere. The check itself is on the edge of
 * the return to the guest, with interrupts off, so an interrupt that comes after it
 * comes before the guest's next instruction.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "internal.h"
#include "trace.h"

/**
 * pvhost_kick - make a vCPU look at its events
 * @v: the vCPU
 *
 * Context: any.
 */
void pvhost_kick(struct pvhost_vcpu *v)
{
	struct task_struct *task;
	unsigned long flags;

	rcuwait_wake_up(&v->wait);
	spin_lock_irqsave(&v->task_lock, flags);
	task = v->task;
	if (task && task != current) {
		v->stats.kicks += task_curr(task);
		kick_process(task);
	}
	spin_unlock_irqrestore(&v->task_lock, flags);
}

/**
 * pvhost_set_events - set event bits
 * @v: the vCPU
 * @bits: mask
 *
 * Context: any.
 */
void pvhost_set_events(struct pvhost_vcpu *v, u64 bits)
{
	u64 old = atomic64_fetch_or(bits, (atomic64_t *)&v->page->pending);

	/* Whoever set the others has seen to it. */
	if (bits & ~old)
		pvhost_kick(v);
}

/* An event; or it has been stopped; or deadlines are not what they were. */
static bool has_to_look(struct pvhost_vcpu *v, unsigned int clock_gen)
{
	return READ_ONCE(v->page->pending) || !READ_ONCE(v->online) ||
	       READ_ONCE(v->vm->clock_gen) != clock_gen;
}

static enum hrtimer_restart deadline_passed(struct hrtimer *timer)
{
	struct hrtimer_sleeper *sleeper = container_of(timer, struct hrtimer_sleeper, timer);
	struct task_struct *task = sleeper->task;

	WRITE_ONCE(sleeper->task, NULL);
	if (task)
		wake_up_process(task);
	return HRTIMER_NORESTART;
}

static int wait_events(struct pvhost_vcpu *v, u64 deadline)
{
	unsigned int gen = READ_ONCE(v->vm->clock_gen);
	struct hrtimer_sleeper sleeper;
	int ret;

	if (deadline == PV_ANY)
		return rcuwait_wait_event(&v->wait, has_to_look(v, gen), TASK_INTERRUPTIBLE);
	hrtimer_init_on_stack(&sleeper.timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	sleeper.timer.function = deadline_passed;
	sleeper.task = current;
	hrtimer_start(&sleeper.timer, pvhost_host_time(v->vm, deadline), HRTIMER_MODE_ABS);
	ret = rcuwait_wait_event(&v->wait, has_to_look(v, gen) || !READ_ONCE(sleeper.task),
				 TASK_INTERRUPTIBLE);
	hrtimer_cancel(&sleeper.timer);
	destroy_hrtimer_on_stack(&sleeper.timer);
	return ret;
}

static void set_runstate(struct pvhost_vcpu *v, u32 state)
{
	if (atomic64_read(&v->vm->enabled) & PV_FEAT_STEAL)
		WRITE_ONCE(v->page->runstate, state);
}

/**
 * pvhost_block - PV_HC_BLOCK
 * @v: the vCPU, on its own thread
 * @deadline: guest ns, or PV_ANY
 *
 * Context: may sleep.
 * Return: 0, perhaps for no reason the guest knows; -EINTR with v->blocked set: to be resumed by
 * the next RUN.
 */
long pvhost_block(struct pvhost_vcpu *v, u64 deadline)
{
	int ret = 0;

	if (!READ_ONCE(v->page->pending)) {
		v->stats.blocks++;
		set_runstate(v, PV_RUN_BLOCKED);
		ret = wait_events(v, deadline);
		set_runstate(v, PV_RUN_RUNNING);
	}
	v->blocked = ret;
	v->deadline = deadline;
	return ret ? -EINTR : 0;
}

/* ---- bindings ---- */

static void free_binding_rcu(struct rcu_head *rcu)
{
	struct pvhost_binding *b = container_of(rcu, struct pvhost_binding, rcu);

	eventfd_ctx_put(b->eventfd);
	kfree(b);
}

/* A doorbell may be ringing. */
static void free_binding(struct pvhost_binding *b)
{
	call_rcu(&b->rcu, free_binding_rcu);
}

static int event_signalled(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct pvhost_binding *b = container_of(wait, struct pvhost_binding, wait);
	u64 count;

	if (key_to_poll(key) & EPOLLIN) {
		eventfd_ctx_do_read(b->eventfd, &count);
		pvhost_set_events(b->vm->vcpus[b->a], BIT_ULL(b->b));
	}
	return 0;
}

static void queue_wait(struct file *file, wait_queue_head_t *head, poll_table *pt)
{
	struct pvhost_binding *b = container_of(pt, struct pvhost_binding, pt);

	add_wait_queue_priority(head, &b->wait);
}

static struct pvhost_binding *find_binding(struct pvhost_vm *vm, bool doorbell, u32 a, u32 b)
{
	struct pvhost_binding *p;

	list_for_each_entry(p, &vm->bindings, node)
		if (p->doorbell == doorbell && p->a == a && p->b == b)
			return p;
	return NULL;
}

static void remove_binding(struct pvhost_vm *vm, struct pvhost_binding *b)
{
	u64 count;

	list_del_rcu(&b->node);
	vm->nr_bindings[b->doorbell]--;
	if (!b->doorbell)
		eventfd_ctx_remove_wait_queue(b->eventfd, &b->wait, &count);
	free_binding(b);
}

static int unbind(struct pvhost_vm *vm, bool doorbell, u32 a, u32 b)
{
	struct pvhost_binding *binding = find_binding(vm, doorbell, a, b);

	if (!binding)
		return -ENOENT;
	remove_binding(vm, binding);
	return 0;
}

static struct pvhost_binding *new_binding(struct pvhost_vm *vm, bool doorbell, u32 a, u32 b,
					  struct file *file)
{
	struct pvhost_binding *binding;

	if (find_binding(vm, doorbell, a, b))
		return ERR_PTR(-EEXIST);
	if (vm->nr_bindings[doorbell] >= (doorbell ? PVHOST_MAX_DOORBELLS : PVHOST_MAX_EVENTS))
		return ERR_PTR(-ENOSPC);
	binding = kzalloc(sizeof(*binding), GFP_KERNEL_ACCOUNT);
	if (!binding)
		return ERR_PTR(-ENOMEM);
	binding->eventfd = eventfd_ctx_fileget(file);	/* cannot fail: it is one */
	binding->vm = vm;
	binding->doorbell = doorbell;
	binding->a = a;
	binding->b = b;
	return binding;
}

/* Hang on to the eventfd's wait queue; a signal that is there already counts. */
static void listen(struct pvhost_binding *b, struct file *file)
{
	init_waitqueue_func_entry(&b->wait, event_signalled);
	init_poll_funcptr(&b->pt, queue_wait);
	if (vfs_poll(file, &b->pt) & EPOLLIN)
		pvhost_set_events(b->vm->vcpus[b->a], BIT_ULL(b->b));
}

/*
 * The descriptor is looked up once: another thread of the launcher may put another
 * file there at any time, and the wait queue must be the bound eventfd's.
 */
static int bind(struct pvhost_vm *vm, bool doorbell, u32 a, u32 b, int fd)
{
	struct file *file = eventfd_fget(fd);
	struct pvhost_binding *binding;

	if (IS_ERR(file))
		return PTR_ERR(file);
	binding = new_binding(vm, doorbell, a, b, file);
	if (!IS_ERR(binding)) {
		if (!doorbell)
			listen(binding, file);
		list_add_rcu(&binding->node, &vm->bindings);
		vm->nr_bindings[doorbell]++;
	}
	fput(file);
	return PTR_ERR_OR_ZERO(binding);
}

/**
 * pvhost_bind_doorbell - PVHOST_BIND_DOORBELL
 * @vm: the machine, locked
 * @arg: arguments
 *
 * Return: 0, -EINVAL, -EEXIST, -ENOENT, -ENOSPC, -EBADF.
 */
int pvhost_bind_doorbell(struct pvhost_vm *vm, const struct pvhost_doorbell *arg)
{
	if (arg->reserved)
		return -EINVAL;
	if (arg->flags & PVHOST_UNBIND)
		return unbind(vm, true, arg->device, arg->queue);
	return bind(vm, true, arg->device, arg->queue, arg->fd);
}

/**
 * pvhost_bind_event - PVHOST_BIND_EVENT
 * @vm: the machine, locked
 * @arg: arguments
 *
 * Return: as pvhost_bind_doorbell().
 */
int pvhost_bind_event(struct pvhost_vm *vm, const struct pvhost_event *arg)
{
	if (arg->reserved || !pvhost_vcpu_of(vm, arg->vcpu) ||
	    arg->bit < PV_EVENT_CONSOLE || arg->bit > 63)
		return -EINVAL;
	if (arg->flags & PVHOST_UNBIND)
		return unbind(vm, false, arg->vcpu, arg->bit);
	return bind(vm, false, arg->vcpu, arg->bit, arg->fd);
}

/**
 * pvhost_unbind_all - the end of a machine's bindings
 * @vm: the machine
 */
void pvhost_unbind_all(struct pvhost_vm *vm)
{
	struct pvhost_binding *b, *next;

	list_for_each_entry_safe(b, next, &vm->bindings, node)
		remove_binding(vm, b);
}

/**
 * pvhost_ring - PV_HC_DOORBELL
 * @vm: the machine
 * @device: number of the device
 * @queue: number of the queue
 *
 * Return: true if an eventfd was bound to it.
 */
bool pvhost_ring(struct pvhost_vm *vm, u64 device, u64 queue)
{
	struct pvhost_binding *b;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(b, &vm->bindings, node) {
		if (!b->doorbell || b->a != device || b->b != queue)
			continue;
		eventfd_signal(b->eventfd);
		found = true;
		break;
	}
	rcu_read_unlock();
	return found;
}
