// SPDX-License-Identifier: GPL-2.0-only
/*
 * One poll(2) loop. poll, not epoll: standard input may be a regular file.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "machine.h"

/**
 * struct loop - what the loop remembers
 * @machine: the machine
 * @show: prints counters
 * @signals: signalfd
 * @deadline: end of the grace period in ms of CLOCK_MONOTONIC, 0 before it starts
 * @reason: signal that started it, 0 for a key
 * @no_input: no more input will come
 */
struct loop {
	struct machine *machine;
	void (*show)(struct machine *machine);
	int signals;
	int64_t deadline;
	int reason;
	bool no_input;
};

static void handled(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void loop_block_signals(void)
{
	sigset_t set;

	handled(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void loop_unblock_signals(void)
{
	sigset_t set;

	handled(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGPIPE, SIG_DFL);
}

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void end_by(struct loop *loop, int signal)
{
	machine_end(loop->machine, ENDING_STATUS, signal ? 128 + signal : 0);
}

/* Asks the guest to stop; the second time, does not ask. */
static void ask(struct loop *loop, int signal)
{
	if (loop->deadline) {
		end_by(loop, signal);
		return;
	}
	loop->reason = signal;
	loop->deadline = now_ms() + loop->machine->options->grace * 1000LL;
	host_inject(loop->machine->vm, 0, PV_EVENT_POWER);
}

static void take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) == sizeof(info))
		ask(loop, info.ssi_signo);
}

static void take_input(struct loop *loop)
{
	switch (console_input(&loop->machine->console)) {
	case CONSOLE_DATA:
		host_inject(loop->machine->vm, 0, PV_EVENT_CONSOLE);
		break;
	case CONSOLE_QUIT:
		end_by(loop, 0);
		break;
	case CONSOLE_POWER:
		ask(loop, 0);
		break;
	case CONSOLE_STATS:
		loop->show(loop->machine);
		break;
	case CONSOLE_END:
		loop->no_input = true;
		break;
	case CONSOLE_NOTHING:
		break;
	}
}

static int timeout_of(const struct loop *loop)
{
	int64_t left;

	if (!loop->deadline)
		return -1;
	left = loop->deadline - now_ms();
	return left > 0 ? left : 0;
}

static void turn(struct loop *loop)
{
	struct machine *machine = loop->machine;
	bool listen = !loop->no_input && console_room(&machine->console);
	struct pollfd fds[] = {
		{ .fd = machine->wake, .events = POLLIN },
		{ .fd = loop->signals, .events = POLLIN },
		{ .fd = listen ? machine->console.in : -1, .events = POLLIN },
	};
	int n = poll(fds, 3, timeout_of(loop));
	uint64_t count;

	if (!n && loop->deadline)
		end_by(loop, loop->reason);
	if (n <= 0)
		return;
	/* The wake-up says nothing by itself; what it announces is looked at above. */
	if (fds[0].revents && read(machine->wake, &count, sizeof(count)) < 0)
		return;
	if (fds[1].revents)
		take_signal(loop);
	if (fds[2].revents)
		take_input(loop);
}

void loop_run(struct machine *machine, void (*show)(struct machine *machine))
{
	struct loop loop = { .machine = machine, .show = show };
	sigset_t set;

	handled(&set);
	loop.signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (loop.signals < 0) {
		fail(errno, "no signalfd: %s", strerror(errno));
		machine_end(machine, ENDING_STATUS, EXIT_LAUNCHER);
		return;
	}
	while (machine_ending(machine).kind == ENDING_NONE)
		turn(&loop);
	close(loop.signals);
}
