// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest time, and the one-shot timer.
 *
 * Where the TSC is fit to be a clock, guest time is a fixed multiple of it: the
 * parameters never change, and time neither jumps nor runs backwards. It is not
 * slewed by NTP, so a timer is set by the difference to now, and looks again when
 * it fires. Elsewhere guest time is the host's monotonic time less an offset, and
 * guests ask for it.
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

static struct pv_clock get_clock(struct pvhost_vm *vm)
{
	struct pv_clock clock;
	unsigned int seq;

	do {
		seq = read_seqbegin(&vm->clock_lock);
		clock = vm->clock;
	} while (read_seqretry(&vm->clock_lock, seq));
	return clock;
}

/**
 * pvhost_clock_publish - write the clock into a vCPU's page
 * @v: the vCPU, not in guest mode
 *
 * Where the TSC is unfit the fields are only good until the vCPU moves; such a
 * guest has not been granted PV_FEAT_TSC_STABLE.
 */
void pvhost_clock_publish(struct pvhost_vcpu *v)
{
	struct pv_clock *clock = &v->page->clock;
	struct pv_clock new = get_clock(v->vm);
	u64 now = pvhost_now(v->vm);
	u32 version = READ_ONCE(clock->version) | 1;

	if (!v->vm->tsc_stable) {
		new.tsc = rdtsc_ordered();
		new.ns = now;
	}
	WRITE_ONCE(clock->version, version);
	/* The guest sees an odd version before any change ... */
	smp_wmb();
	clock->flags = new.flags;
	clock->tsc = new.tsc;
	clock->ns = new.ns;
	clock->mul = new.mul;
	clock->shift = new.shift;
	clock->wall_ns = ktime_get_real_ns() - now;
	/* ... and an even one after all of them. */
	smp_wmb();
	WRITE_ONCE(clock->version, version + 1);
	WRITE_ONCE(v->clock_published, jiffies);
}

/* Make a vCPU, which may be about to run, notice that the clock is another. */
static void clock_changed(struct pvhost_vcpu *v)
{
	if (mutex_trylock(&v->lock)) {
		if (!v->running)
			pvhost_clock_publish(v);
		mutex_unlock(&v->lock);
	} else {
		WRITE_ONCE(v->clock_published, jiffies - 2 * HZ);
	}
	/* It looks when it is really due. */
	hrtimer_start(&v->timer, 0, HRTIMER_MODE_ABS);
}

/**
 * pvhost_clock_set - set guest time
 * @vm: the machine, locked
 * @ns: guest time now
 *
 * The timers stay at the guest time they are set for.
 */
void pvhost_clock_set(struct pvhost_vm *vm, u64 ns)
{
	int i;

	write_seqlock_irq(&vm->clock_lock);
	vm->clock.tsc = rdtsc_ordered();
	vm->clock.ns = ns;
	vm->clock_base = ktime_get_ns() - ns;
	write_sequnlock_irq(&vm->clock_lock);
	for (i = 0; i < PVHOST_MAX_VCPUS; i++)
		if (vm->vcpus[i])
			clock_changed(vm->vcpus[i]);
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

/**
 * pvhost_clock_refresh - keep the clock in a vCPU's page fit for use
 * @v: the vCPU, about to run
 *
 * Real time drifts from guest time, slowly.
 */
void pvhost_clock_refresh(struct pvhost_vcpu *v)
{
	if (!v->vm->tsc_stable || time_after(jiffies, READ_ONCE(v->clock_published) + HZ))
		pvhost_clock_publish(v);
}

static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct pvhost_vcpu *v = container_of(timer, struct pvhost_vcpu, timer);
	u64 due = READ_ONCE(v->timer_ns);

	if (!due)
		return HRTIMER_NORESTART;
	if (pvhost_now(v->vm) < due) {
		hrtimer_set_expires(timer, pvhost_host_time(v->vm, due));
		return HRTIMER_RESTART;
	}
	v->stats.timers++;
	WRITE_ONCE(v->timer_ns, 0);
	pvhost_set_events(v, BIT_ULL(PV_EVENT_TIMER));
	return HRTIMER_NORESTART;
}

/**
 * pvhost_timer_init - prepare a vCPU's timer
 * @v: the vCPU
 */
void pvhost_timer_init(struct pvhost_vcpu *v)
{
	hrtimer_init(&v->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	v->timer.function = timer_fired;
}

/**
 * pvhost_timer_set - PV_HC_SET_TIMER
 * @v: the vCPU, on its own thread or not running
 * @guest_ns: when; 0 disarms
 */
void pvhost_timer_set(struct pvhost_vcpu *v, u64 guest_ns)
{
	hrtimer_cancel(&v->timer);
	WRITE_ONCE(v->timer_ns, guest_ns);
	if (!guest_ns)
		return;
	if (guest_ns <= pvhost_now(v->vm)) {
		WRITE_ONCE(v->timer_ns, 0);
		pvhost_set_events(v, BIT_ULL(PV_EVENT_TIMER));
		return;
	}
	hrtimer_start(&v->timer, pvhost_host_time(v->vm, guest_ns), HRTIMER_MODE_ABS);
}
