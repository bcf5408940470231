// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all processes of the oracle test share: signs of life, findings, stamps, random numbers.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "oracle.h"

struct stage *stage;

static unsigned int my_actor = MAX_ACTORS, my_seat, my_pulse;
static pid_t my_parent;

bool going(void)
{
	/* An orphan ends, too: whoever started it was killed. */
	return !atomic_load_explicit(&stage->stop, memory_order_relaxed) && getppid() == my_parent;
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

void sleep_us(unsigned int us)
{
	struct timespec ts = {us / 1000000, us % 1000000 * 1000L};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

void beat(unsigned int pulse)
{
	struct pulse *p = &stage->pulses[pulse];
	uint64_t now = now_ns(), last = atomic_exchange(&p->at, now), gap = now - last;

	if (last && now > last && gap > atomic_load(&p->longest))
		atomic_store(&p->longest, gap);
}

void be_watcher(unsigned int pulse, const char *name)
{
	snprintf(stage->pulses[pulse].name, sizeof(stage->pulses[pulse].name), "%s", name);
	atomic_store(&stage->pulses[pulse].late, 0);
	atomic_store(&stage->pulses[pulse].at, now_ns());
}

void be_actor(unsigned int actor, unsigned int seat)
{
	my_actor = actor;
	my_seat = seat;
	my_pulse = PULSE_CPU + 2 * MAX_CPUS + seat;
	my_parent = getppid();
	be_watcher(my_pulse, actors[actor]->name);
}

void be_child(void)
{
	my_parent = getppid();
}

void round_done(void)
{
	atomic_fetch_add_explicit(&stage->rounds[my_actor], 1, memory_order_relaxed);
	beat(my_pulse);
}

static void keep(const char *name, const char *fmt, va_list ap)
{
	unsigned int nr = atomic_fetch_add(&stage->texts, 1);
	int n;

	if (nr >= TEXTS)
		return;
	n = snprintf(stage->text[nr], sizeof(stage->text[nr]), "%s: ", name);
	vsnprintf(stage->text[nr] + n, sizeof(stage->text[nr]) - (size_t)n, fmt, ap);
}

void wrong(const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	atomic_fetch_add(&stage->findings[my_actor], 1);
	keep(actors[my_actor]->name, fmt, ap);
	va_end(ap);
	errno = error;
}

void give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	atomic_fetch_add(&stage->findings[my_actor], 1);
	keep(actors[my_actor]->name, fmt, ap);
	va_end(ap);
	_exit(1);
}

/* Not through stdio: some of its users are threads on CPUs beside one that stands still. */
void trouble(const char *fmt, ...)
{
	char line[300] = "# ";
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line + 2, sizeof(line) - 4, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 5)
		n = sizeof(line) - 5;
	line[n + 2] = '\n';
	atomic_fetch_add(&stage->troubles, 1);
	if (write(1, line, (size_t)n + 3) < 0)
		_exit(1);
}

void check_pulses(void)
{
	for (unsigned int i = 0; i < MAX_PULSES; i++) {
		struct pulse *p = &stage->pulses[i];
		uint64_t at = atomic_load(&p->at), now = now_ns();

		if (!at || now < at + stage->deadline || atomic_exchange(&p->late, 1))
			continue;
		trouble("no sign of life of %s for %.1f s (scene %u, seed %llu)", p->name,
			(double)(now - at) / 1e9, stage->scene, (unsigned long long)stage->seed);
	}
}

#define STAMP_MARK 0xa5UL

uint64_t stamp(uint64_t generation, uint64_t place)
{
	return STAMP_MARK << 56 | (uint64_t)my_actor << 51 | (uint64_t)(my_seat & 7) << 48 |
	       (generation & 0xffffff) << 24 | (place & 0xffffff);
}

const char *whose(uint64_t value)
{
	static _Thread_local char buf[2][100];
	static _Thread_local unsigned int turn;
	char *text = buf[turn++ % 2];
	unsigned int actor = value >> 51 & 31;

	if (value >> 56 != STAMP_MARK || actor >= nr_actors)
		snprintf(text, sizeof(buf[0]), "%#llx", (unsigned long long)value);
	else
		snprintf(text, sizeof(buf[0]), "%s.%u's generation %u place %u (%#llx)",
			 actors[actor]->name, (unsigned int)(value >> 48 & 7),
			 (unsigned int)(value >> 24 & 0xffffff), (unsigned int)(value & 0xffffff),
			 (unsigned long long)value);
	return text;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

uint64_t random_seed(unsigned int thread)
{
	uint64_t who = (uint64_t)my_actor << 32 | my_seat << 16 | thread;

	return mix(mix(stage->seed * 1000003 + stage->scene) + who) | 1;
}

uint64_t rnd(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL >> 8;
}
