// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host's clock goes through, and guest time with it: the TSC may turn out to be unfit
 * long after machines were made, and it jumps when the host sleeps.
 *
 * Linux tells of the first by an update of the time, in the midst of it, so that the work is put
 * off twice. While the host sleeps guest time stands still, as the host's monotonic time does: by
 * then all vCPUs are out of the guest, since their threads are frozen.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/irq_work.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/pvclock_gtod.h>
#include <asm/tsc.h>

#include "internal.h"

static DEFINE_MUTEX(machines_lock);
static LIST_HEAD(machines);
/* The TSC has become unfit, and those who had to know have been told, or are about to be. */
static bool tsc_lost;

static void lose_tsc(struct work_struct *work)
{
	struct pvhost_vm *vm;

	mutex_lock(&machines_lock);
	list_for_each_entry(vm, &machines, machine)
		pvhost_clock_lose_tsc(vm);
	mutex_unlock(&machines_lock);
}

static DECLARE_WORK(lose_work, lose_tsc);

static void start_work(struct irq_work *work)
{
	schedule_work(&lose_work);
}

static DEFINE_IRQ_WORK(lose_irq_work, start_work);

/* The locks of timekeeping are held. */
static int time_updated(struct notifier_block *nb, unsigned long was_set, void *timekeeper)
{
	if (unlikely(check_tsc_unstable()) && !xchg(&tsc_lost, true))
		irq_work_queue(&lose_irq_work);
	return NOTIFY_OK;
}

static struct notifier_block time_notifier = { .notifier_call = time_updated };

/**
 * pvhost_time_add - a machine is made
 * @vm: the machine, its clock set up
 */
void pvhost_time_add(struct pvhost_vm *vm)
{
	mutex_lock(&machines_lock);
	if (list_empty(&machines))
		pvclock_gtod_register_notifier(&time_notifier);
	list_add(&vm->machine, &machines);
	mutex_unlock(&machines_lock);
	/* It may have happened since the machine has looked. */
	if (!pvhost_tsc_fit())
		pvhost_clock_lose_tsc(vm);
}

/**
 * pvhost_time_remove - a machine has gone
 * @vm: the machine
 *
 * On return nobody here uses it.
 */
void pvhost_time_remove(struct pvhost_vm *vm)
{
	mutex_lock(&machines_lock);
	list_del(&vm->machine);
	if (list_empty(&machines))
		pvclock_gtod_unregister_notifier(&time_notifier);
	mutex_unlock(&machines_lock);
}

static int host_sleeps(struct device *dev)
{
	struct pvhost_vm *vm;

	mutex_lock(&machines_lock);
	list_for_each_entry(vm, &machines, machine)
		vm->sleep_ns = pvhost_now(vm);
	mutex_unlock(&machines_lock);
	return 0;
}

static int host_wakes(struct device *dev)
{
	struct pvhost_vm *vm;

	mutex_lock(&machines_lock);
	list_for_each_entry(vm, &machines, machine)
		pvhost_clock_set(vm, vm->sleep_ns);
	mutex_unlock(&machines_lock);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(sleep_ops, host_sleeps, host_wakes);

static struct platform_driver sleep_driver = {
	.driver = {
		.name = "pvhost",
		.pm = pm_sleep_ptr(&sleep_ops),
	},
};

static int __init no_probe(struct platform_device *dev)
{
	return 0;
}

/**
 * pvhost_time_init - be told when the host goes to sleep
 *
 * Return: 0 or -errno.
 */
int __init pvhost_time_init(void)
{
	struct platform_device *dev;

	dev = platform_create_bundle(&sleep_driver, no_probe, NULL, 0, NULL, 0);
	return PTR_ERR_OR_ZERO(dev);
}
