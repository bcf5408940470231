/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the test guest share.
 */
#ifndef PVHOST_SELFTEST_GUEST_LIB_H
#define PVHOST_SELFTEST_GUEST_LIB_H

#include <linux/pv_abi.h>
#include "guest.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define __aligned(n) __attribute__((aligned(n)))

#define ENXIO 6
#define EINVAL 22
#define EBUSY 16
#define ENOSYS 38

/* A page of data in a user root. */
#define USER_DATA 0x10000000UL
/* A page of memory that nobody has touched yet, in a user root. */
#define USER_MISSING 0x10002000UL
/* Where the guest's kernel maps what it is curious about. */
#define PROBE 0x7e0000000000UL

typedef unsigned long u64;
typedef unsigned int u32;

/* A case and what the guest does for it; tables of these end with an empty one. */
struct guest_code {
	u64 number;
	void (*run)(void);
};

extern const struct guest_code insn_cases[], frame_cases[], table_cases[], call_cases[],
	event_cases[], fuzz_cases[], register_cases[], state_cases[],
	storm_cases[], large_cases[];

extern struct pv_vcpu *guest_page;
extern volatile u64 kernel_traps, user_traps, user_calls;
/* Of the last trap in user mode. */
extern volatile u64 user_cause, user_vector, user_error, user_ip;
extern struct guest_param *param;
extern u64 rnd_state;

/* guest_entry.S */
extern char enter_kernel[], enter_user[], enter_syscall[], guest_end[];
long try_call(void (*fn)(u64), u64 arg);
void jump_to(u64 where);
void spin_on(u64 sp);
void run_compat(const void *where);
void load_vectors(const void *from, int avx);
void store_vectors(void *to, int avx);

void guest_main(struct guest_param *p);
long call5(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e);
long call3(u64 nr, u64 a, u64 b, u64 c);
/* Ends the machine with a status. */
void finish(u64 status);
/* Ends it as failed, and says where, if the condition is false. */
void need(int ok, const char *file, u64 line);
#define NEED(cond) need(!!(cond), __FILE_NAME__, __LINE__)

u64 rnd(void);
void *memset(void *p, int c, u64 n);
void *memcpy(void *p, const void *q, u64 n);
/* Where the kernel sees guest memory. */
void *at(u64 gpa);
/* A fresh page, zeroed. */
u64 page(void);
/* The last-level entry of an address; the tables above it are made. */
u64 *entry(u64 root, u64 va);
u64 *kernel_entry(u64 va);
/* A user root that shows this image, and a page at USER_DATA. */
u64 make_user_root(void);
void set_entries(u64 dfault, u64 dfault_sp);
/* Goes on in user mode, in fn; only user_exit() leaves it. */
void run_user(void (*fn)(u64), u64 arg);
void user_exit(u64 status);
/* The vector of this mode's last trap, if that was at the beginning of @code; else PV_ANY. */
u64 vector_at(void (*code)(u64));
/* Its error code. */
u64 error_code(void);
/* Are system calls no hypercalls? */
extern int in_user;
/* A CASE_USER_* of guest_insn.c, in user mode already. */
void insn_as_user(u64 number);

static inline void i_ud2(u64 a)
{
	asm volatile("ud2" ::"D"(a) : "memory");
}

static inline void i_read(u64 a)
{
	asm volatile("mov (%%rdi), %%rax" ::"D"(a) : "rax", "memory");
}

static inline void i_write(u64 a)
{
	asm volatile("movq $1, (%%rdi)" ::"D"(a) : "memory");
}

static inline void i_call(u64 a)
{
	asm volatile("call *%%rdi" ::"D"(a) : "rax", "rcx", "rdx", "memory", "cc");
}

static inline long ret_user(void)
{
	return call3(PV_HC_RET_USER, 0, 0, 0);
}

/* Addresses no guest has a right to. */
static const u64 odd_addresses[] = {
	0x8000000000000000, 0xffff7fffffffffff, 0x7ffffffff000,	    0x7fffffffffff,
	0x800000000000,	    0xfffffffffffff000, 0xffff800000000000, 0xffffffff81000000,
	0xfffffe0000000000, 0xffffffffff5ff000, 0,		    8,
	0xffff};
#endif
