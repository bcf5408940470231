// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scene: some of the actors, chosen by seed and number, as an ordinary user, for some seconds. At
 * its end some are killed, the others are asked to end, and all of them have to.
 */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

#define AT_A_TIME 5 /* at most, beside those that always play */
#define USER 1000

static void become_user(void)
{
	if (geteuid())
		return;
	MUST(setgroups(0, NULL) == 0);
	MUST(setgid(USER) == 0);
	MUST(setuid(USER) == 0);
}

static void start(unsigned int actor, unsigned int seat)
{
	pid_t pid = fork();

	if (pid == 0) {
		be_actor(actor, seat);
		setpgid(0, 0);
		become_user();
		actors[actor]->run();
		_exit(0);
	}
	if (pid < 0) {
		trouble("cannot start %s: errno %d", actors[actor]->name, errno);
		return;
	}
	setpgid(pid, pid);
	atomic_store(&stage->pids[seat], pid);
}

static uint64_t scene_random(uint64_t what)
{
	uint64_t x = (stage->seed * 0x9e3779b97f4a7c15ULL) ^ (what * 0xbf58476d1ce4e5b9ULL) ^ 0x94d049bb133111ebULL;

	x ^= x >> 31;
	x *= 0xd6e8feb86659fd93ULL;
	return x ^ x >> 32;
}

/* Deals the actors out over some scenes, so that each comes once in that many. */
static uint64_t choose(void)
{
	unsigned int deck[MAX_ACTORS], n = 0, hands, hand, size;
	uint64_t chosen = 0;

	for (unsigned int i = 0; i < nr_actors; i++)
		if (actors[i]->always)
			chosen |= 1UL << i;
		else if (!actors[i]->asked)
			deck[n++] = i;
	hands = (n + AT_A_TIME - 1) / AT_A_TIME;
	hand = stage->scene % hands;
	size = (n + hands - 1) / hands;
	for (unsigned int i = n; i > 1; i--) {
		unsigned int k = (unsigned int)(scene_random(stage->scene / hands * 64 + i) % i), swap = deck[k];

		deck[k] = deck[i - 1];
		deck[i - 1] = swap;
	}
	for (unsigned int i = hand * size; i < n && i < (hand + 1) * size; i++)
		chosen |= 1UL << deck[i];
	return chosen;
}

static unsigned int start_all(uint64_t chosen)
{
	unsigned int seats = 0;

	for (unsigned int i = 0; i < nr_actors; i++)
		if (chosen >> i & 1)
			start(i, seats++);
	return seats;
}

static void vacate(unsigned int seat, int status, bool killed)
{
	struct pulse *p = &stage->pulses[PULSE_CPU + 2 * MAX_CPUS + seat];

	atomic_store(&stage->pids[seat], 0);
	atomic_store(&p->at, 0);
	if (killed || status == 0 || status == 1 << 8) /* 1: it has said why */
		return;
	trouble("%s ended with status %#x (scene %u, seed %llu)", p->name, status, stage->scene,
		(unsigned long long)stage->seed);
}

/* Takes note of all that have ended, orphans of killed actors among them. Returns how many still play. */
static unsigned int reap(unsigned int seats, uint64_t killed)
{
	unsigned int left = 0;
	int status;
	pid_t pid;

	beat(PULSE_MAIN);
	check_pulses();
	for (unsigned int i = 0; i < seats; i++) {
		pid = atomic_load(&stage->pids[i]);
		if (pid && waitpid(pid, &status, WNOHANG) == pid)
			vacate(i, status, killed >> i & 1);
		else
			left += pid != 0;
	}
	return left;
}

static void kill_groups(unsigned int seats, uint64_t which)
{
	for (unsigned int i = 0; i < seats; i++)
		if (which >> i & 1 && atomic_load(&stage->pids[i]))
			kill(-atomic_load(&stage->pids[i]), SIGKILL);
}

static void end_all(unsigned int seats, uint64_t chosen)
{
	uint64_t end = now_ns() + stage->deadline, killed = 0;
	unsigned int seat = 0;

	for (unsigned int i = 0; i < nr_actors; i++)
		if (chosen >> i & 1) {
			if (actors[i]->killable && scene_random(stage->scene * 64UL + i + 32) % 2)
				killed |= 1UL << seat;
			seat++;
		}
	kill_groups(seats, killed);
	atomic_store(&stage->stop, true);
	while (reap(seats, killed) && now_ns() < end)
		sleep_us(2000);
	for (unsigned int i = 0; i < seats; i++)
		if (atomic_load(&stage->pids[i]))
			trouble("%s does not end (scene %u, seed %llu)",
				stage->pulses[PULSE_CPU + 2 * MAX_CPUS + i].name, stage->scene,
				(unsigned long long)stage->seed);
	kill_groups(seats, ~0UL);
}

static void announce(uint64_t chosen, unsigned int ms)
{
	printf("# scene %u, %u ms%s:", stage->scene, ms, stage->pinned ? ", pinned" : "");
	for (unsigned int i = 0; i < nr_actors; i++)
		if (chosen >> i & 1)
			printf(" %s", actors[i]->name);
	printf("\n");
	fflush(stdout);
}

void scene_play(unsigned int ms, uint64_t only, bool verbose)
{
	uint64_t end = now_ns() + ms * 1000000ULL, chosen = only ? only : choose();
	unsigned int seats;

	stage->pinned = scene_random(stage->scene * 64UL + 63) % 2;
	if (verbose)
		announce(chosen, ms);
	atomic_store(&stage->stop, false);
	seats = start_all(chosen);
	while (reap(seats, 0) && now_ns() < end && !atomic_load(&stage->troubles))
		sleep_us(20000);
	end_all(seats, chosen);
}
