/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One execve in the making: what exec.c, exec_args.c and elf.c hand to each other. It belongs to
 * the calling thread; nothing of the running process changes before exec_commit().
 */
#ifndef _KERNEL_EXEC_H
#define _KERNEL_EXEC_H

#include <fs.h>
#include <process.h>

#define EXEC_HEAD	256	/* first bytes of the file: decide what it is */
#define EXEC_PREFIX_MAX	12	/* arguments put in front: two a script level, and the script */

/**
 * struct exec_strings - argument and environment strings, one after the other
 * @buf: argv's strings, then envp's, each with its NUL
 * @used: bytes in use
 * @size: bytes allocated
 * @limit: more than this is E2BIG
 * @start: where argv's strings begin: a script drops the first
 * @args_end: where envp's begin
 * @argc: strings from @start to @args_end
 * @envc: strings from there on
 */
struct exec_strings {
	char *buf;
	size_t used, size, limit, start, args_end;
	u32 argc, envc;
};

/* Where the strings come from: the kernel's own or the user's arrays. */
struct exec_source {
	const char *const *kernel;
	unsigned long user;
	bool is_kernel;
};

/**
 * struct exec - one execve
 * @name: path by which the program can be opened, for AT_EXECFN, comm and scripts; allocated
 * @file: the program; writing to it is denied
 * @head: its first bytes
 * @head_len: how many there are
 * @strings: arguments and environment
 * @prefix: what scripts put in front of the arguments; allocated strings
 * @nr_prefix: how many
 * @mm: the new address space
 * @cred: new identity, NULL: unchanged
 * @secure: AT_SECURE: libc must not trust the environment
 * @exec_stack: the program wants an executable stack
 * @entry: where it starts, in the program interpreter if there is one
 * @program_entry: AT_ENTRY
 * @phdr: AT_PHDR
 * @phnum: AT_PHNUM
 * @base: AT_BASE: load address of the program interpreter
 * @stack_top: end of the stack area
 * @sp: initial stack pointer
 */
struct exec {
	char *name;
	struct file *file;
	char head[EXEC_HEAD];
	size_t head_len;
	struct exec_strings strings;
	char *prefix[EXEC_PREFIX_MAX];
	u32 nr_prefix;
	struct mm *mm;
	struct cred *cred;
	bool secure, exec_stack;
	unsigned long entry, program_entry, phdr, phnum, base;
	unsigned long stack_top, sp;
};

/* exec_args.c */
int exec_strings_copy(struct exec_strings *s, const struct exec_source *argv,
		      const struct exec_source *envp);
void exec_strings_drop_first(struct exec_strings *s);
int exec_stack_build(struct exec *e);		/* stack, strings, vectors: sets @e->sp */

/* exec.c: a random number of pages below @count (a power of two), in bytes; 0 if switched off. */
unsigned long exec_random_pages(unsigned long count);

/* elf.c: maps the program into @e->mm. -ENOEXEC if it is no ELF file of ours. */
int elf_load(struct exec *e);

#endif
