/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU that a guest is shown: the host's, less features that somebody wants to hide.
 */
#ifndef PVRUN_CPU_H
#define PVRUN_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct pvhost_cpuid_entry;

/**
 * struct cpu_mask - features to be hidden
 * @bits: by their place in cpu.c's table
 */
struct cpu_mask {
	uint64_t bits[2];
};

/**
 * cpu_parse() - read the value of -cpu
 * @value: "host", then ",-NAME" or ",NAME=off" for each feature to be hidden
 * @mask: result; with the features that make no sense without a hidden one
 *
 * Prints what is wrong. Return: 0, or -EINVAL.
 */
int cpu_parse(const char *value, struct cpu_mask *mask);

/**
 * cpu_list() - print the names of features on stdout
 */
void cpu_list(void);

/**
 * cpu_hides() - whether anything is to be hidden
 * @mask: of cpu_parse()
 *
 * Return: true if cpu_hide() has something to do.
 */
bool cpu_hides(const struct cpu_mask *mask);

/**
 * cpu_hide() - take features out of what CPUID gives
 * @mask: which
 * @entries: the table
 * @n: entries of it
 */
void cpu_hide(const struct cpu_mask *mask, struct pvhost_cpuid_entry *entries, unsigned int n);

#endif
