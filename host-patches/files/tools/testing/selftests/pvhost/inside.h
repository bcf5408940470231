/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the guest share.
 */
#ifndef PVHOST_SELFTEST_INSIDE_H
#define PVHOST_SELFTEST_INSIDE_H

#include <linux/pv_abi.h>
#include "guest.h"

typedef unsigned long u64;

#define EINVAL 22
#define EBUSY 16
#define ENOSYS 38

extern struct pv_vcpu *guest_page; /* of vCPU 0 */

/* guest.c */
long call5(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e);
long call3(u64 nr, u64 a, u64 b, u64 c);
/* Ends the machine. */
void finish(u64 status);
/* Ends it as failed, with the line noted, unless the condition holds. */
void need(int ok, u64 where);
#define NEED(cond) need(!!(cond), __LINE__)
/* Memory at a gpa. */
void *at(u64 gpa);
/* Runs a function in user mode; it ends by user_exit(). */
void run_user(void (*fn)(u64), u64 arg);
void user_exit(u64 status);

/* guest_state.c */
void snapshot_user(u64 unused);
void snapshot_kernel(void);
void exit_result(void);
void restart(void);
void doorbells(void);

#endif
