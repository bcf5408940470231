// SPDX-License-Identifier: GPL-2.0-only
/*
 * The extended state of user threads: x87, SSE, AVX, AVX-512. The kernel itself
 * has none, so the registers hold a user thread's state until another user
 * thread runs on the CPU (SDM vol. 1, chapter 13; Linux's signal-frame layout:
 * arch/x86/include/uapi/asm/sigcontext.h).
 */
#define pr_fmt(f) "fpu: " f

#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/cpu.h>
#include <platform/trap.h>
#include <preempt.h>
#include <signal.h>
#include <string.h>
#include <uaccess.h>

#include "fpu.h"

#define LEGACY_SIZE	512
#define HEADER_SIZE	64
#define SW_BYTES	464		/* offset of the words that software may use */
#define MXCSR_OFFSET	24
#define MXCSR_MASK_OFFSET 28
#define FCW_INIT	0x37f
#define MXCSR_INIT	0x1f80
#define MXCSR_MASK_DEFAULT 0xffbf

#define XFEATURE_FP_SSE	0x3ULL
#define XFEATURES	0xe7ULL		/* x87, SSE, AVX, the three parts of AVX-512 */

#define FP_INVALID	BIT(0)
#define FP_DENORMAL	BIT(1)
#define FP_ZERO_DIVIDE	BIT(2)
#define FP_OVERFLOW	BIT(3)
#define FP_UNDERFLOW	BIT(4)
#define FP_INEXACT	BIT(5)

#define CPUID_OSXSAVE	BIT(27)

#define FP_XSTATE_MAGIC1 0x46505853U
#define FP_XSTATE_MAGIC2 0x46505845U

/* The software words of a signal frame. */
struct fpx_sw_bytes {
	u32 magic1;
	u32 extended_size;
	u64 xfeatures;
	u32 xstate_size;
	u32 padding[7];
};

struct xstate_header {
	u64 xstate_bv;
	u64 xcomp_bv;
	u64 reserved[6];
};

static bool has_xsave __ro_after_init;
static u64 xfeatures __ro_after_init;
static size_t area_size __ro_after_init = LEGACY_SIZE;
static size_t frame_size __ro_after_init = LEGACY_SIZE;	/* area and magic2 */
static u32 mxcsr_mask __ro_after_init = MXCSR_MASK_DEFAULT;
static struct kmem_cache *area_cache __ro_after_init;
static DEFINE_PER_CPU(struct thread *, fpu_owner);	/* whose state was loaded last */
/*
 * plat.fpu_cpu of a thread that fills its area from user memory: no CPU has its state, and what is
 * in the area is not for a CPU yet.
 */
#define FPU_FILLING	(~1U)
static u8 initial[LEGACY_SIZE + HEADER_SIZE + 4096] __aligned(64);

static void save(void *area)
{
	if (has_xsave)
		__asm__ volatile("xsave64 (%0)"
				 :: "r"(area), "a"((u32)xfeatures), "d"((u32)(xfeatures >> 32))
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" :: "r"(area) : "memory");
}

static void restore(const void *area)
{
	if (has_xsave)
		__asm__ volatile("xrstor64 (%0)"
				 :: "r"(area), "a"((u32)xfeatures), "d"((u32)(xfeatures >> 32))
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" :: "r"(area) : "memory");
}

static u64 read_xcr0(void)
{
	u32 lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (u64)hi << 32 | lo;
}

/**
 * fpu_detect - choose the components and learn the size of an area
 *
 * CPUID.0DH gives the size of each component at its place (SDM vol. 1, 13.4.3);
 * the area ends behind the last one used. Context: boot CPU, XCR0 set.
 */
void fpu_detect(void)
{
	u32 r[4], i;

	*(u16 *)initial = FCW_INIT;
	*(u32 *)(initial + MXCSR_OFFSET) = MXCSR_INIT;
	plat_cpuid(1, 0, r);
	has_xsave = r[2] & CPUID_OSXSAVE;
	if (!has_xsave)
		return;
	xfeatures = read_xcr0() & XFEATURES;
	area_size = LEGACY_SIZE + HEADER_SIZE;
	for (i = 2; i < 63; i++) {
		if (!(xfeatures >> i & 1))
			continue;
		plat_cpuid(0xd, i, r);
		area_size = max_t(size_t, area_size, r[1] + r[0]);
	}
	BUG_ON(area_size + sizeof(u32) > sizeof(initial));
}

static void read_mxcsr_mask(void)
{
	static u8 area[LEGACY_SIZE] __aligned(16);
	u32 mask;

	__asm__ volatile("fxsave64 (%0)" :: "r"(area) : "memory");
	mask = *(u32 *)(area + MXCSR_MASK_OFFSET);
	if (mask)
		mxcsr_mask = mask;
}

/*
 * XSAVE leaves the software words alone, and nothing writes behind an area: so
 * every area carries what makes a signal frame of it from the start.
 */
static void make_frame(void)
{
	struct fpx_sw_bytes *sw = (struct fpx_sw_bytes *)(initial + SW_BYTES);
	u32 magic2 = FP_XSTATE_MAGIC2;

	frame_size = area_size + sizeof(magic2);
	*sw = (struct fpx_sw_bytes){
		.magic1 = FP_XSTATE_MAGIC1, .extended_size = (u32)frame_size,
		.xfeatures = xfeatures, .xstate_size = (u32)area_size,
	};
	memcpy(initial + area_size, &magic2, sizeof(magic2));
}

/** fpu_init - make the cache of areas; once slab_init() has run */
void fpu_init(void)
{
	read_mxcsr_mask();
	if (has_xsave)
		make_frame();
	area_cache = kmem_cache_create("fpu", frame_size, 64, NULL);
	pr_debug("%zu bytes a thread, features %lx\n", area_size, (unsigned long)xfeatures);
}

static void *area_alloc(void)
{
	void *area = kmem_cache_alloc(area_cache, GFP_KERNEL);

	if (area)
		memcpy(area, initial, frame_size);
	return area;
}

/**
 * fpu_switch - the extended state of a thread switch
 * @prev: the thread that leaves this CPU
 * @next: the one that comes
 *
 * What a user thread left in the registers is saved at once, since it may go on
 * elsewhere; it is loaded again only if somebody else's came in between.
 * Context: interrupts off.
 */
void fpu_switch(struct thread *prev, struct thread *next)
{
	u32 cpu = prev->cpu;

	if (prev->plat.fpu && prev->plat.fpu_cpu != FPU_FILLING)
		save(prev->plat.fpu);
	if (!next->plat.fpu || next->plat.fpu_cpu == FPU_FILLING ||
	    (per_cpu(fpu_owner, cpu) == next && next->plat.fpu_cpu == cpu))
		return;
	restore(next->plat.fpu);
	per_cpu(fpu_owner, cpu) = next;
	next->plat.fpu_cpu = cpu;
}

/* Gives the current thread the state in @area. */
static void load(const void *area)
{
	preempt_disable();
	restore(area);
	this_cpu(fpu_owner) = current;
	current->plat.fpu_cpu = cpu_id();
	preempt_enable();
}

/**
 * fpu_fork - give a new thread the current one's state
 * @t: the child
 *
 * Return: 0 or -ENOMEM. Context: may sleep.
 */
int fpu_fork(struct thread *t)
{
	t->plat.fpu_cpu = ~0U;
	t->plat.fpu = area_alloc();
	if (!t->plat.fpu)
		return -ENOMEM;
	preempt_disable();
	save(t->plat.fpu);
	preempt_enable();
	return 0;
}

/** fpu_exec - a new program starts with the initial state; may sleep */
void fpu_exec(void)
{
	if (!current->plat.fpu) {
		void *area = area_alloc();

		if (!area)
			panic("no memory for the first program's registers");
		current->plat.fpu = area;
	}
	load(initial);
}

/** fpu_free - the end of a thread; it runs nowhere */
void fpu_free(struct thread *t)
{
	if (t->plat.fpu)
		kmem_cache_free(area_cache, t->plat.fpu);
	t->plat.fpu = NULL;
}

/**
 * plat_fpe_code - which floating-point exception it was
 * @vector: TRAP_MF (x87) or TRAP_XF (SSE)
 *
 * Flags and masks have the same order in both status words (SDM vol. 1, 8.1.3
 * and 10.2.3); several may be set, the first one in Linux's order counts.
 * Return: FPE_* for si_code.
 */
int plat_fpe_code(u32 vector)
{
	u16 control, status;
	u32 mxcsr, raised;

	if (vector == TRAP_MF) {
		__asm__ volatile("fnstcw %0; fnstsw %1" : "=m"(control), "=m"(status));
		raised = status & ~control;
	} else {
		__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
		raised = mxcsr & ~(mxcsr >> 7);
	}
	if (raised & FP_INVALID)
		return FPE_FLTINV;
	if (raised & FP_ZERO_DIVIDE)
		return FPE_FLTDIV;
	if (raised & FP_OVERFLOW)
		return FPE_FLTOVF;
	if (raised & (FP_UNDERFLOW | FP_DENORMAL))
		return FPE_FLTUND;
	return raised & FP_INEXACT ? FPE_FLTRES : 0;
}

/** plat_fpu_frame_size - bytes of a signal frame's FPU image, to be 64-byte aligned */
size_t plat_fpu_frame_size(void)
{
	return frame_size;
}

/**
 * plat_fpu_save_user - write the current thread's state to a signal frame
 * @buf: plat_fpu_frame_size() bytes
 *
 * Return: 0 or -EFAULT. Context: may sleep.
 */
int plat_fpu_save_user(void __user *buf)
{
	preempt_disable();
	save(current->plat.fpu);
	preempt_enable();
	return copy_to_user(buf, current->plat.fpu, frame_size);
}

/* True if the frame carries the extended components, in our own format. */
static bool is_extended(const u8 *area)
{
	const struct fpx_sw_bytes *sw = (const struct fpx_sw_bytes *)(area + SW_BYTES);
	u32 magic2;

	memcpy(&magic2, area + area_size, sizeof(magic2));
	return sw->magic1 == FP_XSTATE_MAGIC1 && sw->xstate_size == area_size &&
	       magic2 == FP_XSTATE_MAGIC2;
}

/* Makes of the user's bytes something that XRSTOR takes without a fault. */
static int sanitise(u8 *area)
{
	struct xstate_header *h = (struct xstate_header *)(area + LEGACY_SIZE);
	u64 reserved = 0;
	u32 i;

	*(u32 *)(area + MXCSR_OFFSET) &= mxcsr_mask;
	if (!has_xsave)
		return 0;
	for (i = 0; i < ARRAY_SIZE(h->reserved); i++)
		reserved |= h->reserved[i];
	return h->xstate_bv & ~xfeatures || h->xcomp_bv || reserved ? -EINVAL : 0;
}

/*
 * Reads a frame: the whole if it is one of ours, else the part that FXSAVE
 * writes, which leaves the other components in their initial state. The words
 * that make a frame of the area are the kernel's again afterwards.
 */
static int read_frame(u8 *area, const void __user *buf)
{
	struct xstate_header *h = (struct xstate_header *)(area + LEGACY_SIZE);

	if (!has_xsave)
		return copy_from_user(area, buf, LEGACY_SIZE);
	if (copy_from_user(area, buf, frame_size) || !is_extended(area)) {
		if (copy_from_user(area, buf, LEGACY_SIZE))
			return -EFAULT;
		*h = (struct xstate_header){ .xstate_bv = XFEATURE_FP_SSE };
	}
	*(struct fpx_sw_bytes *)(area + SW_BYTES) = *(struct fpx_sw_bytes *)(initial + SW_BYTES);
	memcpy(area + area_size, initial + area_size, frame_size - area_size);
	return 0;
}

/**
 * plat_fpu_restore_user - load the state that a signal frame holds
 * @buf: what plat_fpu_save_user() wrote and the handler may have changed; NULL:
 *	 the initial state
 *
 * Return: 0, -EFAULT, -EINVAL for an impossible state: the initial one is loaded then.
 * Context: may sleep.
 */
int plat_fpu_restore_user(const void __user *buf)
{
	u8 *area = current->plat.fpu;
	int err = 0;

	if (buf) {
		current->plat.fpu_cpu = FPU_FILLING;
		barrier();	/* a switch while it is read must leave the area alone */
		err = read_frame(area, buf);
		if (!err)
			err = sanitise(area);
	}
	load(buf && !err ? area : initial);
	return err;
}
