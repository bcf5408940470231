/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints. The two hot ways, system call and return from it, have none: they
 * are counted in the statistics.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pvhost

#if !defined(_PVHOST_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PVHOST_TRACE_H

#include <linux/tracepoint.h>

#include "internal.h"

TRACE_EVENT(pvhost_run,
	TP_PROTO(struct pvhost_vcpu *v),
	TP_ARGS(v),
	TP_STRUCT__entry(
		__field(u32, index)
		__field(u64, ip)
	),
	TP_fast_assign(
		__entry->index = v->index;
		__entry->ip = v->gregs.ip;
	),
	TP_printk("vcpu %u ip %#llx", __entry->index, __entry->ip)
);

TRACE_EVENT(pvhost_exit,
	TP_PROTO(struct pvhost_vcpu *v, int reason, long ret),
	TP_ARGS(v, reason, ret),
	TP_STRUCT__entry(
		__field(u32, index)
		__field(int, reason)
		__field(long, ret)
		__field(u64, ip)
	),
	TP_fast_assign(
		__entry->index = v->index;
		__entry->reason = reason;
		__entry->ret = ret;
		__entry->ip = v->gregs.ip;
	),
	TP_printk("vcpu %u reason %d ret %ld ip %#llx", __entry->index, __entry->reason,
		  __entry->ret, __entry->ip)
);

TRACE_EVENT(pvhost_hypercall,
	TP_PROTO(u64 nr, u64 a, u64 b, u64 c, long ret),
	TP_ARGS(nr, a, b, c, ret),
	TP_STRUCT__entry(
		__field(u64, nr)
		__field(u64, a)
		__field(u64, b)
		__field(u64, c)
		__field(long, ret)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->a = a;
		__entry->b = b;
		__entry->c = c;
		__entry->ret = ret;
	),
	TP_printk("nr %llu (%#llx, %#llx, %#llx) = %ld", __entry->nr, __entry->a, __entry->b,
		  __entry->c, __entry->ret)
);

TRACE_EVENT(pvhost_reflect,
	TP_PROTO(struct pvhost_vcpu *v, struct pt_regs *regs, u8 cause, u8 vector, u32 error,
		 u64 addr),
	TP_ARGS(v, regs, cause, vector, error, addr),
	TP_STRUCT__entry(
		__field(u32, index)
		__field(bool, user)
		__field(u8, cause)
		__field(u8, vector)
		__field(u32, error)
		__field(u64, addr)
		__field(u64, ip)
	),
	TP_fast_assign(
		__entry->index = v->index;
		__entry->user = v->mode == PVHOST_USER;
		__entry->cause = cause;
		__entry->vector = vector;
		__entry->error = error;
		__entry->addr = addr;
		__entry->ip = regs->ip;
	),
	TP_printk("vcpu %u %s cause %u vector %u error %#x addr %#llx ip %#llx", __entry->index,
		  __entry->user ? "user" : "kernel", __entry->cause, __entry->vector,
		  __entry->error, __entry->addr, __entry->ip)
);

TRACE_EVENT(pvhost_event,
	TP_PROTO(struct pvhost_vcpu *v, struct pt_regs *regs),
	TP_ARGS(v, regs),
	TP_STRUCT__entry(
		__field(u32, index)
		__field(u64, pending)
	),
	TP_fast_assign(
		__entry->index = v->index;
		__entry->pending = READ_ONCE(v->page->pending);
	),
	TP_printk("vcpu %u pending %#llx", __entry->index, __entry->pending)
);

TRACE_EVENT(pvhost_fill,
	TP_PROTO(struct pvhost_vcpu *v, u64 addr, unsigned long error, u64 gpa),
	TP_ARGS(v, addr, error, gpa),
	TP_STRUCT__entry(
		__field(u32, index)
		__field(u64, addr)
		__field(unsigned long, error)
		__field(u64, gpa)
	),
	TP_fast_assign(
		__entry->index = v->index;
		__entry->addr = addr;
		__entry->error = error;
		__entry->gpa = gpa;
	),
	TP_printk("vcpu %u addr %#llx error %#lx gpa %#llx", __entry->index, __entry->addr,
		  __entry->error, __entry->gpa)
);

#endif /* _PVHOST_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
