/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests and the guest they run agree on.  The guest is one flat image at
 * GUEST_GPA, entered at its first byte in kernel mode with rdi = the parameters.
 */
#ifndef PVHOST_SELFTEST_GUEST_H
#define PVHOST_SELFTEST_GUEST_H

#define GUEST_VA 0x7f0000000000 /* PV_VA_DIRECT: memory appears here, gpa added */
#define GUEST_GPA 0x100000
#define GUEST_MEM 0x2000000 /* 32 MiB */
#define GUEST_TABLES 0x1000 /* boot page tables */
#define GUEST_PARAM 0x80000
#define GUEST_VCPUS 0x10000000 /* vCPU pages */
#define GUEST_HEAP 0x800000 /* free memory from here on */
#define GUEST_STACKS 0x700000 /* of vCPU i: ends at + (i + 1) * 16 KiB */

/* What the launcher tells a guest that goes on in another machine. */
#define GUEST_GO_ON 100
/* An event that only the launcher raises. */
#define GUEST_EVENT 20

/* Statuses the guest ends with, besides 0. */
#define GUEST_FAIL 1
#define GUEST_NO_CASE 2
#define GUEST_BAD_RETURN 3
#define GUEST_LOST 4

#ifndef __ASSEMBLER__
/**
 * struct guest_param - what the launcher tells the guest
 * @number: case to run
 * @seed: of random tests
 * @count: how many rounds
 * @nr_vcpus: of the machine
 * @note: written by the guest: where it got to, for messages
 * @file: written by the guest that fails: guest-physical address of the source's name; the
 *	note is the line
 * @flag: the launcher and the guest use it to wait for each other
 */
struct guest_param {
	unsigned long number;
	unsigned long seed;
	unsigned long count;
	unsigned long nr_vcpus;
	unsigned long note;
	unsigned long flag;
	unsigned long file;
};

enum guest_case {
	CASE_NOTHING,
	CASE_PRIVILEGED,
	CASE_ALL_INT,
	CASE_VSYSCALL,
	CASE_UMIP,
	CASE_SELECTORS,
	CASE_IO,
	CASE_POPF,
	CASE_SINGLE_STEP,
	CASE_MOV_SS,
	CASE_NON_CANONICAL,
	CASE_SYSENTER,
	CASE_ALIGNMENT,
	CASE_DIVIDE,
	CASE_FPU_TRAP,
	CASE_PKRU,
	CASE_HOST_ADDRESSES,
	CASE_NULL_CODE,
	CASE_CPUID_INSN,
	CASE_USER_PRIVILEGED,
	CASE_USER_ALL_INT,
	CASE_USER_VSYSCALL,
	CASE_USER_UMIP,
	CASE_USER_SELECTORS,
	CASE_USER_IO,
	CASE_USER_POPF,
	CASE_USER_SINGLE_STEP,
	CASE_USER_MOV_SS,
	CASE_USER_NON_CANONICAL,
	CASE_USER_SYSENTER,
	CASE_USER_ALIGNMENT,
	CASE_USER_DIVIDE,
	CASE_USER_PKRU,
	CASE_USER_CPUID_INSN,
	CASE_USER_NO_HYPERCALL,
	CASE_USER_KERNEL_MEMORY,
	CASE_RET_USER_FRAMES,
	CASE_RET_USER_RANGES,
	CASE_BAD_KERNEL_SP,
	CASE_BAD_ENTRY,
	CASE_NO_ENTRY,
	CASE_BUSY_SET,
	CASE_DOUBLE_FAULT_ENTRY,
	CASE_UPCALL_BAD_STACK,
	CASE_BASES,
	CASE_ENTRIES_RANGE,
	CASE_FRAMES_OUT_OF_RANGE,
	CASE_RESERVED_BITS,
	CASE_PERMISSIONS,
	CASE_LARGE_WRONG_LEVEL,
	CASE_SELF_MAP,
	CASE_TABLE_AS_DATA,
	CASE_TABLE_MANY_LEVELS,
	CASE_NOT_PRESENT_NOISE,
	CASE_BAD_ROOTS,
	CASE_MANY_ROOTS,
	CASE_DROP_LOADED,
	CASE_KERNEL_ROOT_EMPTY,
	CASE_FLUSH_ARGS,
	CASE_UNKNOWN_CALLS,
	CASE_FEATURES,
	CASE_BATCH,
	CASE_CONSOLE_ARGS,
	CASE_DEV_ARGS,
	CASE_CPUID,
	CASE_TIMER_STORM,
	CASE_TIMER_EXTREMES,
	CASE_IPI_STORM,
	CASE_BLOCK_EVENTS,
	CASE_VCPU_START_ARGS,
	CASE_DISCARD_EVERYTHING,
	CASE_DISCARD_MAPPINGS,
	CASE_STATE_KEPT,
	CASE_WRITE_PROTECT,
	CASE_ACCESSED_DIRTY,
	CASE_SMP_UNMAP_RACE,
	CASE_SMP_PINGPONG,
	CASE_SPIN,
	CASE_BLOCK_FOREVER,
	CASE_TOUCH_ALL,
	CASE_PAGE_FLIPPED,
	CASE_FUZZ_CALLS,
	CASE_FUZZ_TABLES,
	CASE_EXIT_LOOP,
	CASE_USER_COMPAT,
	CASE_CONSOLE_STORM,
	CASE_DOORBELL_STORM,
	CASE_BATCH_LOOP,
	CASE_SNAPSHOT_USER,
	CASE_SNAPSHOT_KERNEL,
	CASE_EXIT_RESULT,
	CASE_RESTART,
	CASE_PRESERVED,
	CASE_DOORBELLS,
	CASE_STORM,
	CASE_LARGE_FILL,
	CASE_LARGE_SPLIT,
	CASE_LARGE_FLUSH,
	CASE_LARGE_RIGHTS,
	CASE_LARGE_EDGES,
	CASE_LARGE_USER_EDGES,
	CASE_LARGE_LAST_CODE,
	CASE_LARGE_DISCARD,
	CASE_LARGE_GIANT,
	CASE_LARGE_READ_ONLY,
	CASE_LARGE_SHIFTED,
	CASE_LARGE_TAKEN,
	CASE_NR,
	CASE_USER_FIRST = CASE_USER_PRIVILEGED,
	CASE_USER_LAST = CASE_USER_CPUID_INSN,
};
#endif
#endif
