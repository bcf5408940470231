/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the benchmark program share. */
#ifndef MB_H
#define MB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096

/*
 * One measured operation. @setup and @teardown, both optional, stand outside the
 * measured time; @run repeats the operation about @n times and returns how often it
 * really did.
 */
struct operation {
	const char *name;
	void (*setup)(void);
	long (*run)(long n);
	void (*teardown)(void);
	long n;
};

/* The program's own file, by its full path: fork_exec_wait executes it. */
extern const char *self;

/* Ends the program with the name of what failed and errno. */
void die(const char *what) __attribute__((noreturn));
/* Like fork(), which must not fail. */
pid_t must_fork(void);
/* Waits for a child, which must have ended with status 0. */
void must_wait(pid_t pid);

/* Ticks of the time-stamp counter: under "-icount shift=0", executed instructions. */
uint64_t ticks(void);

/* calls.c, process.c, memory.c: each table ends with an entry without a name. */
extern const struct operation calls[], processes[], memory_operations[];

/*
 * The same no-operation in each, with a number: a profiler sees it being executed. 1 and 2
 * stand around an operation, 3 and 4 around the start of a machine.
 */
#define MARK(number) __asm__ volatile("nopl 0x54584d0" #number "(%%rax)" : : : "memory")

/*
 * How much is done for a figure: at least @rounds, up to @most in the first tenths of a
 * second, with a part of the repetitions.
 */
struct effort {
	const char *name;
	int rounds, most, divisor;
};

extern const struct effort efforts[];

/* Measures the operations that @names, an empty list being all, and prints them. */
int measure(char **names, const struct effort *effort);
/* Repeats one operation between two marks that a profiler knows. */
int profile(const char *name, long n);
/* Ticks for a KiB written to standard output and taken from there. */
int measure_console(const struct effort *effort);

/* Prints the frequency of the time-stamp counter. */
int measure_clock(void);

/* The first process of a machine: @words are the commands to be run in it. */
int init_main(char **words);
/* Runs the command @arguments, which is a machine or a program, and reports on it. */
int watch_main(char **arguments);

#endif
