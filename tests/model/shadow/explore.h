/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All interleavings of a few actors: coroutines that stop before each step that others can
 * notice, and a search that tries every order of such steps.
 *
 * All that changes lies in one piece of memory, the stacks included, so that a state can be
 * kept, hashed and gone back to. A state that has been seen is not searched again.
 */
#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_ACTORS 3

/* Memory for what changes: zero at the beginning of each search, aligned to 4096. */
void *world_alloc(size_t size);
/* This part of such memory, of multiples of 8 bytes, changes; the rest is made by setup. */
void world_changes(void *p, size_t size);

/* The actor that runs, -1 outside of them. */
int actor_self(void);

/* Others may run here. */
void step(void);
/* Others run until @ready(@arg), a property of the state, holds; then this actor goes on. */
void step_until(bool (*ready)(const void *arg), const void *arg);
/* The property that was to hold does not: the search ends with the order of steps that led here. */
void violated(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A line for the story of a violation. */
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * struct program - what is to be searched
 * @name: for the report
 * @setup: makes the first state, without interleaving
 * @actors: run in every order; NULL: no more
 * @finish: looks at each last state, without interleaving
 */
struct program {
	const char *name;
	void (*setup)(void);
	void (*actors[MAX_ACTORS])(void);
	void (*finish)(void);
};

/* Searches; true if nothing was violated. Says how many states there were. */
bool explore(const struct program *program, bool verbose);

#endif
