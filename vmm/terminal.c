// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modes are set at once (TCSANOW): to wait until output has been read would be to wait
 * for a reader that may never come.
 */
#include "terminal.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

#include "log.h"

static bool is_terminal;	/* constant after terminal_open() */
static struct termios saved, raw;	/* the same */
static atomic_bool is_raw;

bool terminal_is_ours(void)
{
	return !is_terminal || tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void terminal_raw(void)
{
	/* From the background it would stop us. */
	if (!is_terminal || !terminal_is_ours() || tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		return;
	atomic_store(&is_raw, true);
	log_raw(isatty(STDERR_FILENO));
}

void terminal_restore(void)
{
	if (!atomic_load(&is_raw))
		return;
	if (terminal_is_ours())
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	atomic_store(&is_raw, false);
	log_raw(0);
}

/* pvrun is broken: what the signal does by itself follows. */
static void on_fault(int signal)
{
	if (atomic_load(&is_raw))
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	raise(signal);
}

bool terminal_open(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_RESETHAND | SA_NODEFER };

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved))
		return false;
	raw = saved;
	cfmakeraw(&raw);
	is_terminal = true;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &action, NULL);
	terminal_raw();
	return true;
}
