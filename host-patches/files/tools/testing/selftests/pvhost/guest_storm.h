/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the storm's guest share.
 */
#ifndef PVHOST_SELFTEST_GUEST_STORM_H
#define PVHOST_SELFTEST_GUEST_STORM_H

#include "guest_lib.h"
#include "storm.h"

#define USER_PTE (PV_PTE_P | PV_PTE_U | PV_PTE_A | PV_PTE_D)

/* What a vCPU has of its own. */
struct storm_vcpu {
	u64 n;
	u64 rnd;
	struct pv_vcpu *page;
	struct storm_counts *counts;
	u64 user_space; /* whose root is loaded, 0: none */
	u64 scratch;
};

struct storm_result {
	long status; /* 0, 1: it trapped, or an error */
	u64 value;
};

extern struct storm *storm;
extern u64 storm_roots[STORM_SPACES];
/* A root with many tables, for STORM_SWEEPS. */
extern u64 storm_wide_root;

/* guest_storm_entry.S */
extern char storm_enter_kernel[], storm_enter_user[], storm_enter_syscall[];
extern char storm_user_read[], storm_user_write[];
int storm_read(u64 va, u64 *value);
int storm_write(u64 va, u64 value);
int storm_jump(u64 va);
struct storm_result storm_go(u64 rdi, u64 rsi);

/* guest_storm.c */
u64 storm_rnd(struct storm_vcpu *me);
/* Ends the machine: the first fault is the one that is told. */
void storm_fail(struct storm_vcpu *me, u64 fault, u64 space, u64 va, u64 got, u64 want);
/* Ends it unless the call went well. */
void storm_call_ok(struct storm_vcpu *me, long ret, u64 nr);
u64 storm_page_gpa(u64 page);
/* Address of an arena page in the kernel's direct map. */
u64 storm_direct(u64 page);
/* Writes the tags of a page that the vCPU has locked, or nobody else uses. */
void storm_tag(u64 page, u64 gen);
/* Is it one that some page of the arena has, had, or may have? */
int storm_plausible(u64 value);
/* Goes to user mode and reads or writes there. */
struct storm_result storm_user(struct storm_vcpu *me, const char *code, u64 va, u64 value);
void storm_pause(u64 rounds);
/* The entry of level 2 of an address; the tables above it are made. */
u64 *storm_large_entry(u64 root, u64 va);

/* guest_storm_races.c */
void storm_make_wide_root(void);
void storm_sweeps(struct storm_vcpu *me);
void storm_around(struct storm_vcpu *me);

#endif
