/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The launcher of a storm: a machine whose guest checks its memory (storm.h), while
 * threads of ours change it and keep memory of their own beside it.
 */
#ifndef PVHOST_SELFTEST_STORM_LIB_H
#define PVHOST_SELFTEST_STORM_LIB_H

#include "vm.h"
#include "storm.h"

enum backing { BACKING_4K, BACKING_THP, BACKING_HUGETLB, BACKINGS };

extern const char *const backing_names[BACKINGS];
extern const char *const program_names[STORM_PROGRAMS];

/**
 * struct storm_options - one run
 * @program: what the guest does
 * @backing: of the arena
 * @seed: of everything that is random
 * @seconds: how long
 * @vcpus: 2 to STORM_VCPUS; 1 for STORM_RANDOM
 * @fast: vCPUs that have a CPU when they want one; the others get what is left of one
 * @alone: the first vCPU has a CPU of its own
 * @change: our threads change the mappings of the arena
 * @press: called again and again by a thread of its own, NULL: none
 */
struct storm_options {
	enum storm_program program;
	enum backing backing;
	uint64_t seed;
	unsigned int seconds;
	int vcpus;
	int fast;
	bool alone;
	bool change;
	void (*press)(void);
};

enum storm_result_kind { STORM_OK, STORM_FAILED, STORM_SKIPPED };

/* Runs a machine. STORM_SKIPPED: the host has no such memory, and has said so. */
enum storm_result_kind storm_run(const struct storm_options *options);

/* storm_arena.c: memory that can be taken away. */
extern char *arena;
extern struct storm *oracle;
extern volatile bool storm_over;

/* Why it cannot be had; NULL: it can. */
const char *arena_open(enum backing backing);
/* False if memory is missing: somebody still holds pages of it. */
bool arena_close(void);
/* One change, by chance. */
void arena_change(unsigned int *seed);
/* How often each kind of change has been made, for the report. */
void arena_report(void);
/* Memory of ours, in place of what the guest has lost: takes some, looks at some. */
bool canary_turn(unsigned int *seed);
bool canary_end(void);
/* Writes a file of /proc or /sys; false if that fails. */
bool put_text(const char *path, const char *text);

#endif
