// SPDX-License-Identifier: GPL-2.0-only
/*
 * One poll(2) loop. Nothing in it waits for anything else: whatever the guest, the
 * console's reader or its writer do or fail to do, a signal is heard.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "host.h"
#include "log.h"
#include "machine.h"
#include "terminal.h"

#define DRAIN_STEP	50	/* ms between two looks at the signals */
#define DRAIN_HURRY	1000	/* ms for the rest of the output once the end was asked for */

/* Asks the guest first. */
static const int polite[] = { SIGTERM, SIGINT, SIGHUP };
/* Each would end pvrun by itself, and leave the terminal as it is. */
static const int rude[] = {
	SIGQUIT, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR2, SIGXCPU, SIGPOLL, SIGPWR, SIGSTKFLT,
};
static const int job_control[] = { SIGTSTP, SIGCONT };

#define ADD(set, list)	add(set, list, sizeof(list) / sizeof((list)[0]))

static void add(sigset_t *set, const int *list, size_t n)
{
	while (n--)
		sigaddset(set, *list++);
}

static bool is_polite(int signal)
{
	for (size_t i = 0; i < sizeof(polite) / sizeof(polite[0]); i++)
		if (polite[i] == signal)
			return true;
	return false;
}

int loop_open(struct loop *loop, struct machine *machine, void (*show)(struct machine *machine))
{
	sigset_t set;

	*loop = (struct loop) { .machine = machine, .show = show };
	sigemptyset(&set);
	ADD(&set, polite);
	ADD(&set, rude);
	ADD(&set, job_control);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* write(2) says EFBIG */
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return fail(errno, "no signalfd: %s", strerror(errno));
	return log_open();
}

static void end_by(struct loop *loop, int signal)
{
	loop->hurry = true;
	machine_end(loop->machine, ENDING_STATUS, signal ? 128 + signal : 0);
}

/* Asks the guest to stop; the second time, does not ask. */
static void ask(struct loop *loop, int signal)
{
	if (loop->deadline) {
		end_by(loop, signal);
		return;
	}
	loop->hurry = true;
	loop->reason = signal;
	loop->deadline = now_ms() + loop->machine->options->grace * 1000LL;
	host_inject(loop->machine->vm, 0, PV_EVENT_POWER);
}

/* The whole of pvrun stops here. What comes back is SIGCONT's. */
static void stop_self(void)
{
	terminal_restore();
	kill(getpid(), SIGSTOP);
}

/* Return: the next signal that asks for the end, or 0. */
static int next_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP)
			stop_self();
		else if (info.ssi_signo == SIGCONT)
			console_resume(&loop->machine->console);
		else
			return info.ssi_signo;
	}
	return 0;
}

static void take_signals(struct loop *loop)
{
	int signal;

	while ((signal = next_signal(loop))) {
		if (is_polite(signal))
			ask(loop, signal);
		else
			end_by(loop, signal);
	}
}

static void take_keys(struct loop *loop)
{
	unsigned int keys = console_keys(&loop->machine->console);

	if (keys & 1U << CONSOLE_DATA)
		host_inject(loop->machine->vm, 0, PV_EVENT_CONSOLE);
	if (keys & 1U << CONSOLE_STATS)
		loop->show(loop->machine);
	if (keys & 1U << CONSOLE_POWER)
		ask(loop, 0);
	if (keys & 1U << CONSOLE_QUIT)
		end_by(loop, 0);
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
	struct pollfd fds[] = {
		{ .fd = machine->wake, .events = POLLIN },
		{ .fd = loop->signals, .events = POLLIN },
	};
	int n = poll(fds, 2, timeout_of(loop));
	uint64_t count;

	if (loop->deadline && now_ms() >= loop->deadline)
		end_by(loop, loop->reason);
	if (n <= 0)
		return;
	if (fds[1].revents)
		take_signals(loop);
	/* What the wake-up announces is the keys, or an ending, which the caller looks at. */
	if (fds[0].revents && read(machine->wake, &count, sizeof(count)) > 0)
		take_keys(loop);
}

void loop_run(struct loop *loop)
{
	/* What was typed before a reboot is this boot's. */
	if (console_waiting(&loop->machine->console))
		host_inject(loop->machine->vm, 0, PV_EVENT_CONSOLE);
	while (machine_ending(loop->machine).kind == ENDING_NONE)
		turn(loop);
}

void loop_drain(struct loop *loop)
{
	struct console *console = &loop->machine->console;
	int64_t end = now_ms() + DRAIN_HURRY;

	if (console->out < 0)
		return;
	while (!outlet_wait(&console->output, DRAIN_STEP, loop->hurry ? DRAIN_HURRY : OUTLET_ABSENT)) {
		if (next_signal(loop) && !loop->hurry) {
			loop->hurry = true;
			end = now_ms();
		}
		if (loop->hurry && now_ms() >= end)
			break;
	}
}
