// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define WORLD (512 * 1024)
#define STACK 8192
#define SEEN_BITS 23
#define PARTS 64
#define MAX_DEPTH 2000

struct actor {
	void *sp;
	bool (*ready)(const void *arg);
	const void *arg;
	bool done;
};

/* All that changes. What is not used of it stays zero. */
static struct {
	size_t used;
	struct actor actors[MAX_ACTORS];
	_Alignas(4096) char stacks[MAX_ACTORS][STACK];
	_Alignas(4096) char memory[WORLD];
} world;

/* The same in each state: what changes of the memory. */
static struct {
	char *p;
	size_t size;
} parts[PARTS];
static int nr_parts;

static const struct program *program;
static int self = -1;
static void *searcher_sp;
static uint64_t *seen;
static unsigned long nr_states, nr_ends;
static unsigned char path[MAX_DEPTH];
static int depth;
static bool failed, replaying;
static char reason[500];

void *world_alloc(size_t size)
{
	void *p = world.memory + world.used;

	world.used += (size + 4095) & ~4095UL;
	if (world.used > WORLD) {
		fprintf(stderr, "the world is too small\n");
		exit(2);
	}
	return p;
}

void world_changes(void *p, size_t size)
{
	if (nr_parts == PARTS)
		abort();
	parts[nr_parts].p = p;
	parts[nr_parts++].size = size;
}

/* Saves the callee's registers on this stack and goes on with those on the other. */
void switch_stacks(void **save, void *load);
asm(".text\n"
	"switch_stacks:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n");

int actor_self(void)
{
	return self;
}

static void leave(void)
{
	switch_stacks(&world.actors[self].sp, searcher_sp);
}

void step_until(bool (*ready)(const void *arg), const void *arg)
{
	if (self < 0) {
		if (ready && !ready(arg)) {
			fprintf(stderr, "alone, and waiting\n");
			abort();
		}
		return;
	}
	world.actors[self].ready = ready;
	world.actors[self].arg = arg;
	leave();
}

void step(void)
{
	step_until(NULL, NULL);
}

void violated(const char *fmt, ...)
{
	va_list args;

	if (failed)
		return;
	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	failed = true;
	if (self >= 0)
		for (;;)
			leave();
}

void tell(const char *fmt, ...)
{
	va_list args;

	if (!replaying)
		return;
	printf("#   %*s", self < 0 ? 0 : self * 24, "");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

static void actor_main(void)
{
	program->actors[self]();
	world.actors[self].done = true;
	for (;;)
		leave();
}

static void make_actor(int i)
{
	void **sp = (void **)(world.stacks[i] + STACK);

	*--sp = NULL; /* the stack is aligned as after a call */
	*--sp = (void *)actor_main;
	sp -= 6;
	world.actors[i].sp = sp;
}

static uint64_t hash_words(uint64_t h, const void *p, size_t bytes)
{
	const uint64_t *w = p;

	for (size_t i = 0; i < bytes / 8; i++) {
		h = (h ^ w[i]) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	return h;
}

static uint64_t hash_state(void)
{
	uint64_t h = hash_words(1, world.actors, sizeof(world.actors));

	for (int i = 0; i < nr_parts; i++)
		h = hash_words(h, parts[i].p, parts[i].size);
	for (int i = 0; i < MAX_ACTORS && program->actors[i]; i++)
		if (!world.actors[i].done)
			h = hash_words(h, world.actors[i].sp,
				       world.stacks[i] + STACK - (char *)world.actors[i].sp);
	return h ? h : 1;
}

/* Has it been there? Now it has. */
static bool seen_before(uint64_t h)
{
	uint64_t mask = (1UL << SEEN_BITS) - 1;

	for (uint64_t i = h & mask;; i = (i + 1) & mask) {
		if (seen[i] == h)
			return true;
		if (!seen[i]) {
			seen[i] = h;
			break;
		}
	}
	if (++nr_states > mask / 2) {
		fprintf(stderr, "too many states\n");
		exit(2);
	}
	return false;
}

static bool may_run(int i)
{
	struct actor *a = &world.actors[i];

	return program->actors[i] && !a->done && (!a->ready || a->ready(a->arg));
}

static void run(int i)
{
	self = i;
	switch_stacks(&searcher_sp, world.actors[i].sp);
	self = -1;
}

static void begin(void)
{
	memset(&world, 0, sizeof(world));
	nr_parts = 0;
	program->setup();
	for (int i = 0; i < MAX_ACTORS && program->actors[i]; i++)
		make_actor(i);
}

static bool all_done(void)
{
	for (int i = 0; i < MAX_ACTORS && program->actors[i]; i++)
		if (!world.actors[i].done)
			return false;
	return true;
}

static void at_end(void)
{
	nr_ends++;
	if (!all_done())
		violated("nobody can go on");
	else if (program->finish)
		program->finish();
}

/* Copies the state out, or back; returns its size. With NULL, the size alone. */
static size_t copy_state(char *kept, bool back)
{
	size_t n = 0;
	char *p;

	for (int i = -1; i < nr_parts + MAX_ACTORS; i++) {
		size_t size = i < 0 ? sizeof(world.actors) : i < nr_parts ? parts[i].size : 0;

		p = i < 0 ? (char *)world.actors : i < nr_parts ? parts[i].p : NULL;
		if (i >= nr_parts) {
			if (!program->actors[i - nr_parts])
				break;
			/* The stack pointers have been copied already. */
			p = world.actors[i - nr_parts].sp;
			size = world.stacks[i - nr_parts] + STACK - p;
		}
		if (kept && back)
			memcpy(p, kept + n, size);
		else if (kept)
			memcpy(kept + n, p, size);
		n += size;
	}
	return n;
}

static void search(void)
{
	bool any = false;
	char *kept;

	if (seen_before(hash_state()))
		return;
	if (depth >= MAX_DEPTH) {
		violated("it goes on for ever");
		return;
	}
	kept = malloc(copy_state(NULL, false));
	copy_state(kept, false);
	for (int i = 0; i < MAX_ACTORS && !failed; i++) {
		if (!may_run(i))
			continue;
		any = true;
		path[depth++] = i;
		run(i);
		if (!failed)
			search();
		if (failed)
			break;
		depth--;
		copy_state(kept, true);
	}
	if (!any && !failed)
		at_end();
	free(kept);
}

/* Once more, aloud. */
static void tell_story(void)
{
	int n = depth;
	char why[sizeof(reason)];

	strcpy(why, reason);
	failed = false;
	replaying = true;
	begin();
	for (int i = 0; i < n && !failed; i++)
		run(path[i]);
	if (!failed)
		at_end();
	replaying = false;
	failed = true;
	printf("# %s\n", why);
}

bool explore(const struct program *p, bool verbose)
{
	program = p;
	if (!seen)
		seen = malloc(sizeof(seen[0]) << SEEN_BITS);
	memset(seen, 0, sizeof(seen[0]) << SEEN_BITS);
	nr_states = nr_ends = 0;
	depth = 0;
	failed = false;
	begin();
	search();
	printf("# %s: %lu states, %lu ends%s\n", p->name, nr_states, nr_ends,
	       failed ? ", violated" : "");
	if (failed && verbose)
		tell_story();
	return !failed;
}
