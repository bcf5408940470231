// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of process numbers and of signal queues, on a process that is in no tree and a thread that
 * never runs.
 */
#include <ktest.h>

#include <errno.h>
#include <mm.h>
#include <process.h>
#include <string.h>
#include "internal.h"

static void numbers_stay_used(struct ktest *test)
{
	pid_t nr, next;

	spin_lock_irq(&tasklist_lock);
	nr = pid_alloc();
	pid_use(nr);
	pid_unuse(nr);
	KTEST_EXPECT_TRUE(test, pid_group(nr));
	KTEST_EXPECT_TRUE(test, !pid_thread(nr) && !pid_process(nr));
	next = pid_alloc();
	KTEST_EXPECT_TRUE(test, next > nr);
	pid_unuse(nr);
	KTEST_EXPECT_TRUE(test, !pid_group(nr));
	/* Not the one that has just become free: somebody may still send signals to it. */
	nr = pid_alloc();
	KTEST_EXPECT_TRUE(test, nr > next);
	pid_unuse(next);
	pid_unuse(nr);
	spin_unlock_irq(&tasklist_lock);
}

static void numbers_go_round(struct ktest *test)
{
	u32 i, wrong = 0;
	pid_t nr, held;

	spin_lock_irq(&tasklist_lock);
	held = pid_alloc();
	for (i = 0; i < PID_MAX; i++) {
		nr = pid_alloc();
		if (nr == held || nr <= 0 || nr >= PID_MAX)
			wrong++;
		pid_unuse(nr);
	}
	pid_unuse(held);
	spin_unlock_irq(&tasklist_lock);
	KTEST_EXPECT_EQ(test, wrong, 0);
}

static void bad_numbers_name_nothing(struct ktest *test)
{
	static const pid_t bad[] = { 0, -1, PID_MAX, 0x7fffffff, (pid_t)0x80000000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KTEST_EXPECT_TRUE(test, !process_find(bad[i]));
		KTEST_EXPECT_TRUE(test, !thread_find(bad[i]));
		KTEST_EXPECT_EQ(test, kill_pgrp(bad[i], SIGTERM, NULL), -ESRCH);
	}
}

/* ---- signals ---- */

struct victim {
	struct process *p;
	struct thread t;
};

static int victim_make(struct ktest *test)
{
	struct victim *v = kzalloc(sizeof(*v), GFP_KERNEL);
	struct process *p = process_alloc(GFP_KERNEL);

	if (!v || !p)
		return -ENOMEM;
	p->sighand = sighand_alloc();
	if (!p->sighand)
		return -ENOMEM;
	p->rlim[RLIMIT_SIGPENDING].cur = 3;
	v->p = p;
	v->t.process = p;
	v->t.state = THREAD_DEAD;
	list_init(&v->t.pending);
	list_add_tail(&v->t.thread_node, &p->threads);
	p->nr_threads = 1;
	test->priv = v;
	return 0;
}

static void victim_free(struct ktest *test)
{
	struct victim *v = test->priv;
	struct process *p = v->p;

	spin_lock_irq(&p->siglock);
	signal_flush_set(p, ~0ULL);
	list_del(&v->t.thread_node);
	p->nr_threads = 0;
	spin_unlock_irq(&p->siglock);
	KTEST_EXPECT_EQ(test, p->nr_queued, 0);
	sighand_put(p->sighand);
	p->sighand = NULL;
	process_put(p);
	kfree(v);
}

static void set_handler(struct victim *v, int sig, unsigned long handler)
{
	v->p->sighand->action[sig - 1].handler = handler;
}

static int send_value(struct victim *v, int sig, u64 value)
{
	struct siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.rt.value = value;
	return send_signal(v->p, sig, &info);
}

/* The next signal and its value; 0 if there is none. */
static int take(struct victim *v, u64 *value)
{
	struct siginfo info;
	int sig;

	memset(&info, 0, sizeof(info));
	spin_lock_irq(&v->p->siglock);
	sig = signal_dequeue(&v->t, 0, &info);
	spin_unlock_irq(&v->p->siglock);
	if (value)
		*value = info.rt.value;
	return sig;
}

static void one_of_each_old_signal(struct ktest *test)
{
	struct victim *v = test->priv;
	u64 value;

	set_handler(v, SIGUSR1, USER_MIN);
	KTEST_EXPECT_EQ(test, send_value(v, SIGUSR1, 1), 0);
	KTEST_EXPECT_EQ(test, send_value(v, SIGUSR1, 2), 0);
	KTEST_EXPECT_TRUE(test, v->t.sigpending);
	KTEST_EXPECT_EQ(test, take(v, &value), SIGUSR1);
	KTEST_EXPECT_EQ(test, value, 1);
	KTEST_EXPECT_EQ(test, take(v, NULL), 0);
}

static void real_time_signals_queue(struct ktest *test)
{
	struct victim *v = test->priv;
	u64 value;
	u32 i;

	set_handler(v, SIGRTMIN + 1, USER_MIN);
	for (i = 1; i <= 3; i++)
		KTEST_EXPECT_EQ(test, send_value(v, SIGRTMIN + 1, i), 0);
	/* RLIMIT_SIGPENDING: the sender hears of what cannot be queued. */
	KTEST_EXPECT_EQ(test, send_value(v, SIGRTMIN + 1, 4), -EAGAIN);
	for (i = 1; i <= 3; i++) {
		KTEST_EXPECT_EQ(test, take(v, &value), SIGRTMIN + 1);
		KTEST_EXPECT_EQ(test, value, i);
	}
	KTEST_EXPECT_EQ(test, take(v, NULL), 0);
}

static void faults_first_then_the_lowest(struct ktest *test)
{
	static const int sent[] = { SIGTERM, SIGUSR1, SIGSEGV, SIGHUP };
	static const int taken[] = { SIGSEGV, SIGHUP, SIGUSR1, SIGTERM, 0 };
	struct victim *v = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sent); i++) {
		set_handler(v, sent[i], USER_MIN);
		KTEST_EXPECT_EQ(test, send_signal(v->p, sent[i], NULL), 0);
	}
	for (i = 0; i < ARRAY_SIZE(taken); i++)
		KTEST_EXPECT_EQ(test, take(v, NULL), taken[i]);
}

static void ignored_ones_vanish_unless_blocked(struct ktest *test)
{
	struct victim *v = test->priv;

	set_handler(v, SIGUSR1, SIG_IGN);
	send_signal(v->p, SIGUSR1, NULL);
	send_signal(v->p, SIGCHLD, NULL);
	KTEST_EXPECT_EQ(test, v->p->pending_set, 0);
	v->t.blocked = sigmask(SIGUSR1) | sigmask(SIGCHLD);
	send_signal(v->p, SIGUSR1, NULL);
	send_signal(v->p, SIGCHLD, NULL);
	KTEST_EXPECT_EQ(test, v->p->pending_set, sigmask(SIGUSR1) | sigmask(SIGCHLD));
	KTEST_EXPECT_TRUE(test, !v->t.sigpending);
}

static void stop_and_continue_cancel_each_other(struct ktest *test)
{
	struct victim *v = test->priv;

	v->t.blocked = sigmask(SIGTSTP) | sigmask(SIGCONT);
	send_signal(v->p, SIGTSTP, NULL);
	KTEST_EXPECT_EQ(test, v->p->pending_set, sigmask(SIGTSTP));
	send_signal(v->p, SIGCONT, NULL);
	KTEST_EXPECT_EQ(test, v->p->pending_set, sigmask(SIGCONT));
	send_signal(v->p, SIGTSTP, NULL);
	KTEST_EXPECT_EQ(test, v->p->pending_set, sigmask(SIGTSTP));
}

static void a_fatal_signal_ends_the_group(struct ktest *test)
{
	struct victim *v = test->priv;

	send_signal(v->p, SIGTERM, NULL);
	KTEST_EXPECT_TRUE(test, v->p->group_exit);
	KTEST_EXPECT_EQ(test, v->p->exit_code, SIGTERM);
	KTEST_EXPECT_TRUE(test, v->t.pending_set & sigmask(SIGKILL));
	/* What follows changes nothing. */
	send_signal(v->p, SIGKILL, NULL);
	KTEST_EXPECT_EQ(test, v->p->exit_code, SIGTERM);
}

static void nothing_kills_pid_1(struct ktest *test)
{
	struct victim *v = test->priv;

	v->p->unkillable = true;
	send_signal(v->p, SIGKILL, NULL);
	send_signal(v->p, SIGSTOP, NULL);
	send_signal(v->p, SIGTERM, NULL);
	KTEST_EXPECT_TRUE(test, !v->p->group_exit);
	KTEST_EXPECT_EQ(test, v->p->pending_set, 0);
	set_handler(v, SIGTERM, USER_MIN);
	send_signal(v->p, SIGTERM, NULL);
	KTEST_EXPECT_EQ(test, take(v, NULL), SIGTERM);
}

static void bad_signals_are_refused(struct ktest *test)
{
	struct victim *v = test->priv;

	KTEST_EXPECT_EQ(test, send_signal(v->p, 0, NULL), -EINVAL);
	KTEST_EXPECT_EQ(test, send_signal(v->p, -1, NULL), -EINVAL);
	KTEST_EXPECT_EQ(test, send_signal(v->p, NSIG + 1, NULL), -EINVAL);
	KTEST_EXPECT_EQ(test, send_signal(v->p, NSIG, NULL), 0);
}

static const struct ktest_case pid_cases[] = {
	KTEST_CASE(numbers_stay_used),
	KTEST_CASE(numbers_go_round),
	KTEST_CASE(bad_numbers_name_nothing),
	{ NULL, NULL },
};
static const struct ktest_suite pid_suite = { .name = "pid", .cases = pid_cases };
ktest_suite_register(pid_suite);

static const struct ktest_case signal_cases[] = {
	KTEST_CASE(one_of_each_old_signal),
	KTEST_CASE(real_time_signals_queue),
	KTEST_CASE(faults_first_then_the_lowest),
	KTEST_CASE(ignored_ones_vanish_unless_blocked),
	KTEST_CASE(stop_and_continue_cancel_each_other),
	KTEST_CASE(a_fatal_signal_ends_the_group),
	KTEST_CASE(nothing_kills_pid_1),
	KTEST_CASE(bad_signals_are_refused),
	{ NULL, NULL },
};
static const struct ktest_suite signal_suite = {
	.name = "signal",
	.init = victim_make,
	.exit = victim_free,
	.cases = signal_cases,
};
ktest_suite_register(signal_suite);
