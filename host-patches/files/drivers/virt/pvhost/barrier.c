// SPDX-License-Identifier: GPL-2.0-only
/*
 * Barriers against what a guest has taught this CPU's branch predictors.
 *
 * A guest runs in the mode of the launcher and of all other programs, so that no CPU keeps their
 * indirect branches apart. Linux orders a barrier (IBPB) at some of the switches between tasks,
 * by their mm and their own wish; but a guest and its launcher share a task, and a launcher's
 * threads share an mm. Hence a policy of the driver's own: when a guest's registers leave a CPU,
 * whoever returns to user mode there next passes a barrier first: the launcher, another thread of
 * it, another vCPU, any other task. If that is the same vCPU, with only the kernel in between,
 * there is none.
 *
 * "Next in user mode on this CPU" is what user return notifiers are for: their flag wanders
 * from task to task, and others pay nothing for it.
 */
#define pr_fmt(fmt) "pvhost: " fmt

#include <linux/cpu.h>
#include <linux/cpufeature.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/user-return-notifier.h>
#include <asm/nospec-branch.h>

#include "internal.h"

/**
 * struct barrier - a barrier that has been ordered on a CPU
 * @notifier: comes before the next return to user mode
 * @vcpu: for whose sake, 0: none is ordered
 */
struct barrier {
	struct user_return_notifier notifier;
	u64 vcpu;
};

static DEFINE_PER_CPU(struct barrier, barrier);

static DEFINE_STATIC_KEY_FALSE(use_barriers);

/* pvhost.ibpb=on orders them even where they do nothing: so they can be counted anywhere. */
static char ibpb[8] = "auto";
module_param_string(ibpb, ibpb, sizeof(ibpb), 0444);
MODULE_PARM_DESC(ibpb, "Barriers against guests' branch predictions: auto (where the CPU needs and has them), on, off");

static void on_user_return(struct user_return_notifier *notifier)
{
	struct barrier *b = container_of(notifier, struct barrier, notifier);

	user_return_notifier_unregister(notifier);
	b->vcpu = 0;
	indirect_branch_prediction_barrier();
}

/**
 * pvhost_barrier_order - a guest's registers leave this CPU
 * @v: the vCPU
 *
 * Context: preemption is off.
 */
void pvhost_barrier_order(struct pvhost_vcpu *v)
{
	struct barrier *b;

	if (!static_branch_unlikely(&use_barriers))
		return;
	lockdep_assert_preemption_disabled();
	b = this_cpu_ptr(&barrier);
	/* If there is one already, nobody has been in user mode since it was ordered. */
	if (b->vcpu)
		return;
	b->vcpu = v->serial;
	b->notifier.on_user_return = on_user_return;
	user_return_notifier_register(&b->notifier);
	v->stats.barriers++;
}

/**
 * pvhost_barrier_cancel - a guest's registers are on this CPU again
 * @v: the vCPU
 *
 * If nobody else has been in user mode here in the meantime.
 *
 * Context: preemption is off.
 */
void pvhost_barrier_cancel(struct pvhost_vcpu *v)
{
	struct barrier *b;

	if (!static_branch_unlikely(&use_barriers))
		return;
	lockdep_assert_preemption_disabled();
	b = this_cpu_ptr(&barrier);
	if (b->vcpu != v->serial)
		return;
	user_return_notifier_unregister(&b->notifier);
	b->vcpu = 0;
	v->stats.barriers--;
}

/**
 * pvhost_barrier_serial - a number for a new vCPU
 *
 * Return: one that no vCPU has had, not 0.
 */
u64 pvhost_barrier_serial(void)
{
	static atomic64_t last;

	return atomic64_inc_return(&last);
}

/**
 * pvhost_barrier_init - find out whether this machine's CPUs need them
 */
void __init pvhost_barrier_init(void)
{
	bool needed = boot_cpu_has_bug(X86_BUG_SPECTRE_V2) && boot_cpu_has(X86_FEATURE_IBPB) &&
		      !cpu_mitigations_off();

	if (!strcmp(ibpb, "on"))
		needed = true;
	else if (!strcmp(ibpb, "off"))
		needed = false;
	else if (strcmp(ibpb, "auto"))
		pr_warn("ibpb=%s is neither auto nor on nor off\n", ibpb);
	if (needed)
		static_branch_enable(&use_barriers);
}
