/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the model: one address space of the guest, its tables in host memory, and
 * CPUs that use the shadow as hardware does.
 *
 * Every page that the guest puts into its tables, and every frame that the host takes for a
 * page, is a new one: so whoever sees an old one has seen something he may not.
 */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "internal.h"

/* Addresses of the programs: of two tables, of which the first is the lower. */
#define VA(n) (0x40000000UL + (n) * PAGE_SIZE)
#define VB(n) (0x40200000UL + (n) * PAGE_SIZE)
/* Guest frames of 2 MiB. */
#define BLOCK(n) ((n) * 512UL)

struct machine {
	struct pvhost_vm vm;
	struct pvhost_slot slot;
	struct pvhost_space space;
	struct mm_struct mm;
	struct pvhost_run run;
	struct pvhost_vcpu vcpu[MAX_ACTORS];
	struct task_struct task;
};

extern struct machine *machine;

/* An empty space with its tables for VA and VB, all vCPUs in it. */
void machine_setup(void);
/* The shadow has no table for 4 KiB there: one will be made. */
void machine_no_leaf_table(u64 va);
/* Actors will change the entry of this address, of level 1 or 2. */
void guest_changes(u64 va, bool large);
/* The guest's entry for an address, without flush: any page of its memory. */
void guest_map(u64 va, u64 gfn, u64 bits);
void guest_map_large(u64 va, u64 block, u64 bits);
/* The table of small pages again, in place of a large one. */
void guest_map_table(u64 va);
void guest_unmap(u64 va);
/* Give guest frames a frame of the host's. */
void host_take(u64 gfn);
void host_take_huge(u64 block);
/* One access by the vCPU of this actor, until it succeeds, or faults: false. */
bool touch(u64 va, bool write);
/* PV_HC_FLUSH: what the addresses showed when it began must not be seen any more. */
void flush(u64 va, u64 npages);
/* A page leaves: by discard, or by the launcher. */
void drop(u64 gfn);
/* With everything at rest: nothing is left that the host has forgotten. */
void check_rest(void);

#endif
