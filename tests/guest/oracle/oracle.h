/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The oracle test: actors that press the kernel's memory, files, threads and signals, each of which
 * knows what it must see, and watchers that see to it that the machine answers. main.c has the
 * options, scene.c starts and ends actors, watch.c watches, report.c keeps what was found;
 * each other file is an actor.
 *
 * What an actor writes carries its name: a stamp is the writer, a generation and a place. So what is
 * found where it does not belong tells whose it is.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))
#define MAX_CPUS 64
#define MAX_SEATS 40 /* actors' processes of a scene */
#define MAX_ACTORS 24
#define TEXTS 6 /* findings that are kept in words; all are counted */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct actor - one way to press the kernel, and to see that it holds
 * @name: for --only and the report
 * @what: one line for --list
 * @run: body of its process; returns when going() is false
 * @always: part of every scene, to see what the others do to it
 * @asked: part of a scene only if --only names it
 * @killable: may be killed at the end of a scene instead of being asked to end
 */
struct actor {
	const char *name;
	const char *what;
	void (*run)(void);
	bool always;
	bool asked;
	bool killable;
};

/* Somebody who has to show that they live. Written by its owner, read by all watchers. */
struct pulse {
	char name[28];
	_Atomic int late;	 /* has been reported */
	_Atomic uint64_t at;	 /* ns of the last sign of life; 0: nobody is there */
	_Atomic uint64_t longest; /* ns between two signs */
};

enum { PULSE_MAIN, PULSE_ROOT, PULSE_SHELL, PULSE_CPU };
#define MAX_PULSES (PULSE_CPU + 2 * MAX_CPUS + MAX_SEATS)

/* Shared by all processes of the test. */
struct stage {
	unsigned int cpus;
	unsigned int megabytes; /* that a large actor may use */
	uint64_t deadline;	/* ns without a sign of life */
	uint64_t seed;
	unsigned int scene;
	bool pinned; /* threads of this scene stay on their CPUs */
	_Atomic bool stop;  /* the scene ends */
	_Atomic bool over;  /* the watchers end */
	_Atomic unsigned int troubles; /* the watchers' findings */
	_Atomic uint64_t rounds[MAX_ACTORS];
	_Atomic uint64_t findings[MAX_ACTORS];
	_Atomic unsigned int texts;
	char text[TEXTS][400];
	_Atomic int pids[MAX_SEATS];
	struct pulse pulses[MAX_PULSES];
};

extern struct stage *stage;
extern const struct actor *const actors[];
extern const unsigned int nr_actors;

/* ---- for actors ---- */

/* Until the scene ends. */
bool going(void);
/* One round more has been checked: a sign of life. */
void round_done(void);
/* Something is not as it must be. Returns; the text is kept, with the actor's name. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Ends the actor as failed. */
void give_up(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* The call cannot fail here, or the actor has nothing to say. */
#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			give_up("%s:%d: %s (errno %d)", __FILE__, __LINE__, #cond, errno);         \
	} while (0)

/* A stamp of this process; generations and places beyond 24 bits wrap. */
uint64_t stamp(uint64_t generation, uint64_t place);
/* Says whose value this is, in a static buffer of the thread. */
const char *whose(uint64_t value);

/* Random numbers of a thread; the same seed, scene and actor give the same ones. */
uint64_t random_seed(unsigned int thread);
uint64_t rnd(uint64_t *state);
uint64_t now_ns(void);
void sleep_us(unsigned int us);
/* On this CPU (modulo their number) if the scene is one with pinned threads. */
void place(unsigned int cpu);
void pin(unsigned int cpu);
/* All threads that an actor starts; the body gets the thread's number from 1 on. */
void start_thread(pthread_t *t, void *(*body)(void *), unsigned int number);
/* fork(2) that counts a shortage as no round: -1 then. Any other error is a finding. */
pid_t try_fork(void);
/* Waits for a child and gives its wait status. */
int wait_for(pid_t pid);
/* Private or shared zeroed memory; ends the actor if there is none. */
void *map_pages(size_t pages, int flags);
/* A file of this actor in the run's folder: open, unlinked. */
int scratch_file(void);

/* SIGSEGV and SIGBUS in try_load() and try_store() make these return false; all others are findings. */
void catch_faults(void);
extern _Thread_local int fault_signal; /* of the last one */
bool try_load(const volatile uint64_t *p, uint64_t *value);
bool try_store(volatile uint64_t *p, uint64_t value);

/* registers.c: all general registers, SSE, AVX and control words across system calls and time. */
void registers_round(uint64_t *rng, long nr, unsigned int calls);
void registers_clobber(void);

/* spawn.c: what an executed child does; its status. */
int spawn_child(int argc, char **argv);

/* ---- for main.c ---- */

/* A forked process of the same actor: going() looks at its own parent. */
void be_child(void);
/* Who this process is: index into actors, number among its processes of this scene. */
void be_actor(unsigned int actor, unsigned int seat);
void be_watcher(unsigned int pulse, const char *name);
/* A watcher's sign of life. */
void beat(unsigned int pulse);
/* Watchers' finding: said at once. */
void trouble(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Reports each pulse that stands still. */
void check_pulses(void);

void watch_start(void);
bool watch_end(void);

/* Plays one scene of about @ms; @only is a set of bits of actors or 0. */
void scene_play(unsigned int ms, uint64_t only, bool verbose);

#endif
