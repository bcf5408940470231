// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest time, and the one-shot timer.
 *
 * Where the TSC is fit to be a clock, guest time is a fixed multiple of it: the
 * parameters never change, and time neither jumps nor runs backwards. It is not
 * slewed by NTP, so a timer is set by the difference to now, and looks again when
 * it fires. Elsewhere guest time is the host's monotonic time less an offset, and
 * guests ask for it. What the host's own clock goes through is in host_time.c.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/hrtimer.h>
#include <linux/timekeeping.h>
#include <asm/tsc.h>

#include "clock_math.h"
#include "internal.h"

/**
 * pvhost_tsc_fit - can guest time be made of the TSC?
 *
 * Return: true if it runs at one known rate on all CPUs.
 */
bool pvhost_tsc_fit(void)
{
	return tsc_khz && !check_tsc_unstable();
}

/**
 * pvhost_now - guest time
 * @vm: the machine
 *
 * Context: any.
 * Return: nanoseconds.
 */
u64 pvhost_now(struct pvhost_vm *vm)
{
	unsigned int seq;
	u64 now;

	do {
		seq = read_seqbegin(&vm->clock_lock);
		if (vm->tsc_stable)
			now = pvhost_clock_ns(&vm->clock, rdtsc_ordered());
		else
			now = ktime_get_ns() - vm->clock_base;
	} while (read_seqretry(&vm->clock_lock, seq));
	return now;
}

/* The parameters, and which setting of the clock they belong to. */
static struct pv_clock get_clock(struct pvhost_vm *vm, unsigned int *gen)
{
	struct pv_clock clock;
	unsigned int seq;

	do {
		seq = read_seqbegin(&vm->clock_lock);
		clock = vm->clock;
		*gen = vm->clock_gen;
		if (!vm->tsc_stable) {
			clock.tsc = rdtsc_ordered();
			clock.ns = ktime_get_ns() - vm->clock_base;
		}
	} while (read_seqretry(&vm->clock_lock, seq));
	return clock;
}

/*
 * Write the clock into a vCPU's page; the guest may be reading it. Where the TSC is unfit the
 * fields are only good until the vCPU moves; such a guest is not shown PV_CLOCK_F_STABLE.
 */
static void publish(struct pvhost_vcpu *v)
{
	struct pv_clock *clock = &v->page->clock;
	struct pv_clock new = get_clock(v->vm, &v->clock_gen);
	u32 version = READ_ONCE(clock->version) | 1;

	lockdep_assert_held(&v->timer_lock);
	WRITE_ONCE(clock->version, version);
	/* The guest sees an odd version before any change ... */
	smp_wmb();
	clock->flags = new.flags;
	clock->tsc = new.tsc;
	clock->ns = new.ns;
	clock->mul = new.mul;
	clock->shift = new.shift;
	clock->wall_ns = ktime_get_real_ns() - pvhost_now(v->vm);
	/* ... and an even one after all of them. */
	smp_wmb();
	WRITE_ONCE(clock->version, version + 1);
	WRITE_ONCE(v->clock_published, jiffies);
}

/**
 * pvhost_clock_publish - write the clock into a vCPU's page
 * @v: the vCPU
 *
 * Context: any.
 */
void pvhost_clock_publish(struct pvhost_vcpu *v)
{
	unsigned long flags;

	spin_lock_irqsave(&v->timer_lock, flags);
	publish(v);
	spin_unlock_irqrestore(&v->timer_lock, flags);
}

/**
 * pvhost_host_time - when a guest time will be
 * @vm: the machine
 * @guest_ns: guest time
 *
 * Return: the host's monotonic time, now for the past.
 */
ktime_t pvhost_host_time(struct pvhost_vm *vm, u64 guest_ns)
{
	u64 now = pvhost_now(vm);
	u64 delta = guest_ns > now ? guest_ns - now : 0;

	return ktime_add_ns(ktime_get(), min_t(u64, delta, KTIME_MAX / 2));
}

/*
 * Raise the event if the timer is due, else start it for when that will be. Every change of the
 * timer, the one by its own function included, is here or in pvhost_timer_set(): under one lock,
 * and by starting and cancelling it, which are safe whatever another CPU does with it.
 */
static void look_at_timer(struct pvhost_vcpu *v)
{
	lockdep_assert_held(&v->timer_lock);
	if (!v->timer_ns)
		return;
	if (pvhost_now(v->vm) < v->timer_ns) {
		hrtimer_start(&v->timer, pvhost_host_time(v->vm, v->timer_ns), HRTIMER_MODE_ABS);
		return;
	}
	v->stats.timers++;
	/* In this order: whoever finds no timer any more finds the event. */
	pvhost_set_events(v, BIT_ULL(PV_EVENT_TIMER));
	v->timer_ns = 0;
}

static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct pvhost_vcpu *v = container_of(timer, struct pvhost_vcpu, timer);
	unsigned long flags;

	spin_lock_irqsave(&v->timer_lock, flags);
	look_at_timer(v);
	spin_unlock_irqrestore(&v->timer_lock, flags);
	return HRTIMER_NORESTART;
}

/**
 * pvhost_timer_init - prepare a vCPU's timer
 * @v: the vCPU
 */
void pvhost_timer_init(struct pvhost_vcpu *v)
{
	spin_lock_init(&v->timer_lock);
	hrtimer_init(&v->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	v->timer.function = timer_fired;
}

/**
 * pvhost_timer_set - PV_HC_SET_TIMER
 * @v: the vCPU, on its own thread or not running
 * @guest_ns: when; 0 disarms
 *
 * Context: any.
 */
void pvhost_timer_set(struct pvhost_vcpu *v, u64 guest_ns)
{
	unsigned long flags;

	spin_lock_irqsave(&v->timer_lock, flags);
	/* If its function runs already, it waits for the lock and finds the new time. */
	hrtimer_try_to_cancel(&v->timer);
	v->timer_ns = guest_ns;
	look_at_timer(v);
	spin_unlock_irqrestore(&v->timer_lock, flags);
}

/**
 * pvhost_timer_get - what the timer is set for
 * @v: the vCPU
 *
 * Return: guest time; 0 if it is not set, and then an event of it is in the page.
 */
u64 pvhost_timer_get(struct pvhost_vcpu *v)
{
	unsigned long flags;
	u64 ns;

	spin_lock_irqsave(&v->timer_lock, flags);
	ns = v->timer_ns;
	spin_unlock_irqrestore(&v->timer_lock, flags);
	return ns;
}

/**
 * pvhost_timer_free - the end of a vCPU's timer
 * @v: the vCPU, which nobody else has
 *
 * Context: may sleep.
 */
void pvhost_timer_free(struct pvhost_vcpu *v)
{
	pvhost_timer_set(v, 0);
	hrtimer_cancel(&v->timer);
}

/*
 * Guest time goes another way from now on: the pages say what it is made of, and timers and
 * deadlines are set for it.
 */
static void clock_changed(struct pvhost_vm *vm)
{
	struct pvhost_vcpu *v;
	int i;

	for (i = 0; i < PVHOST_MAX_VCPUS; i++) {
		v = pvhost_vcpu_of(vm, i);
		if (!v)
			continue;
		spin_lock_irq(&v->timer_lock);
		publish(v);
		look_at_timer(v);
		spin_unlock_irq(&v->timer_lock);
		rcuwait_wake_up(&v->wait);
	}
}

/**
 * pvhost_clock_set - set guest time
 * @vm: the machine; its vCPUs are out of the guest
 * @ns: guest time now
 *
 * The timers stay at the guest time they are set for.
 *
 * Context: may sleep.
 */
void pvhost_clock_set(struct pvhost_vm *vm, u64 ns)
{
	write_seqlock_irq(&vm->clock_lock);
	vm->clock.tsc = rdtsc_ordered();
	vm->clock.ns = ns;
	vm->clock_base = ktime_get_ns() - ns;
	WRITE_ONCE(vm->clock_gen, vm->clock_gen + 1);
	write_sequnlock_irq(&vm->clock_lock);
	clock_changed(vm);
}

/**
 * pvhost_clock_lose_tsc - guest time is no longer made of the TSC
 * @vm: the machine; its vCPUs may run
 *
 * Guests see PV_CLOCK_F_STABLE go, and ask from then on.
 *
 * Context: may sleep.
 */
void pvhost_clock_lose_tsc(struct pvhost_vm *vm)
{
	u64 now, host;
	bool lost;

	write_seqlock_irq(&vm->clock_lock);
	lost = vm->tsc_stable;
	if (lost) {
		now = ktime_get_ns();
		host = now - vm->clock_base;
		vm->clock_base = now - pvhost_clock_continue(pvhost_clock_ns(&vm->clock,
									     rdtsc_ordered()),
							     host);
		vm->clock.flags &= ~PV_CLOCK_F_STABLE;
		vm->tsc_stable = false;
		WRITE_ONCE(vm->clock_gen, vm->clock_gen + 1);
	}
	write_sequnlock_irq(&vm->clock_lock);
	if (lost)
		clock_changed(vm);
}

/**
 * pvhost_clock_init - start guest time at 0
 * @vm: a new machine
 */
void pvhost_clock_init(struct pvhost_vm *vm)
{
	vm->tsc_stable = pvhost_tsc_fit();
	vm->clock.version = 2;
	if (vm->tsc_stable && vm->features & PV_FEAT_TSC_STABLE)
		vm->clock.flags = PV_CLOCK_F_STABLE;
	if (tsc_khz)
		pvhost_clock_scale(&vm->clock, tsc_khz);
	pvhost_clock_set(vm, 0);
}

/**
 * pvhost_clock_refresh - keep the clock in a vCPU's page fit for use
 * @v: the vCPU, about to run, on its own thread
 *
 * Real time drifts from guest time, slowly; and a new vCPU may have missed a change.
 */
void pvhost_clock_refresh(struct pvhost_vcpu *v)
{
	if (READ_ONCE(v->clock_gen) != READ_ONCE(v->vm->clock_gen) ||
	    !READ_ONCE(v->vm->tsc_stable) ||
	    time_after(jiffies, READ_ONCE(v->clock_published) + HZ))
		pvhost_clock_publish(v);
}
