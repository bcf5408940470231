/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the driver share.
 *
 * Locks, in the order in which they are taken:
 *
 *   vm->lock        mutex: slots, vCPUs, bindings: everything set up by ioctls
 *   vcpu->lock      mutex: the state of a vCPU that does not run
 *   vm->table_lock  rwsem: read to make shadow page tables, write to replace a
 *                   shadow mm
 *   vm->drop_lock   mutex: guest pages leave under it, one caller at a time; also taken
 *                   in the MMU notifier, so that nothing is allocated under it
 *   vm->mmu_lock    rwlock: guest pages and shadow entries. A reader may fill
 *                   shadow entries; whoever removes a page or an entry writes. Taken
 *                   under the page-table locks of the launcher, too (aging).
 *   vm->mn_lock     spinlock: invalidations under way; with mmu_lock: the slots
 *   vm->aged_lock   spinlock: frames that are to be aged
 *   shadow ptl      spinlocks of the shadow mms
 *   vcpu->start_lock  spinlock: online, stop, start
 *   vcpu->timer_lock  spinlock: the one-shot timer, also in its interrupt
 *   vm->clock_lock, vcpu->task_lock  what guest time is made of; who is to be kicked
 *
 * A vCPU's own thread owns the fields marked "thread" without a lock while it
 * is inside PVHOST_RUN (vcpu->running); ioctls that look at them take
 * vcpu->lock and refuse while it runs.
 *
 * No user memory is accessed while vcpu->mode is not PVHOST_OUT: the guest's
 * address space may be loaded.
 */
#ifndef _PVHOST_INTERNAL_H
#define _PVHOST_INTERNAL_H

#include <linux/hrtimer.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/pgtable.h>
#include <linux/poll.h>
#include <linux/preempt.h>
#include <linux/pvhost.h>
#include <linux/ptrace.h>
#include <linux/rcuwait.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <asm/fpu/types.h>
#include <asm/pvhost.h>
#include <linux/pv_abi.h>

#include "log.h"
#include "walk.h"

#define PVHOST_MAX_VCPUS	64
#define PVHOST_MAX_SLOTS	16
#define PVHOST_MAX_DOORBELLS	64
#define PVHOST_MAX_EVENTS	256
#define PVHOST_MAX_PAGES	BIT(26)		/* of a slot: 256 GiB */
#define PVHOST_SPACE_HASH_BITS	7
/* Frames that are aged at once. */
#define PVHOST_AGED		1024

/* A hypercall that has left guest mode: *regs are the launcher's. */
#define PVHOST_LEFT		LONG_MIN

enum pvhost_mode {
	PVHOST_OUT,		/* the thread is the launcher's */
	PVHOST_ENTERING,	/* RUN has been called, registers not yet swapped */
	PVHOST_KERNEL,
	PVHOST_USER,
};

/**
 * struct pvhost_slot - a range of guest physical memory
 * @base: first guest frame
 * @npages: number of frames
 * @hva: address of the first one in the launcher
 * @writable: the guest may write
 * @fixed: vCPU pages: host memory, neither pinned nor released here
 * @frames: what there is of each page, see below; by pvhost_frame_at() only
 *
 * All but the entries of @frames is constant once the slot is in the table.
 *
 * An entry of @frames is 0 as long as the page is not pinned, else the kernel's address of
 * the page, and PVHOST_FRAME_* in the low bits. It changes with mmu_lock held for writing;
 * for reading, the bits USED and QUEUED may be set. drop_lock is held to clear them, and for
 * all that is done with a page that is TAGged.
 */
struct pvhost_slot {
	u64 base;
	u64 npages;
	unsigned long hva;
	bool writable;
	bool fixed;
	unsigned long *frames;
};

/**
 * struct pvhost_space - a shadow address space
 * @hash: in vm->spaces; mmu_lock
 * @lru: in vm->lru or vm->spare; mmu_lock
 * @root: gpa of the guest's page-table root
 * @kernel: the kernel's view: U bits do not matter
 * @mm: the shadow; replaced under table_lock and mmu_lock
 * @tables: what it counts for in vm->table_pages
 * @log: where it has entries; mmu_lock
 * @users: vCPUs that have it as kernel or user space; mmu_lock
 * @ref: one for being in the hash, one for each temporary user
 * @vm: the machine
 */
struct pvhost_space {
	struct hlist_node hash;
	struct list_head lru;
	u64 root;
	bool kernel;
	struct mm_struct *mm;
	atomic_long_t tables;
	unsigned int users;
	struct kref ref;
	struct pvhost_vm *vm;
	struct pvhost_log log;
};

/**
 * struct pvhost_binding - an eventfd of a machine
 * @node: in vm->bindings; vm->lock
 * @vm: the machine
 * @doorbell: rung by the guest; else it raises an event
 * @a: device, or vCPU
 * @b: queue, or event bit
 * @eventfd: the eventfd, referenced
 * @rcu: doorbells are found under RCU
 * @wait: events: in the eventfd's wait queue
 * @pt: events: puts it there
 */
struct pvhost_binding {
	struct list_head node;
	struct pvhost_vm *vm;
	bool doorbell;
	u32 a;
	u32 b;
	struct eventfd_ctx *eventfd;
	struct rcu_head rcu;
	wait_queue_entry_t wait;
	poll_table pt;
};

/**
 * struct pvhost_vm - a machine
 * @ref: one for its file, one for each vCPU file, one for each running vCPU
 * @free_work: the last reference may go where nothing may sleep
 * @lock: see above
 * @mm: of the launcher, held by mm_count
 * @mn: tells when the launcher's memory changes
 * @features: granted
 * @enabled: enabled by the guest; atomic or
 * @drop_lock: see above
 * @table_lock: see above
 * @mmu_lock: see above
 * @nr_slots: as @slots
 * @slots: memory, newest first, then the vCPU pages; changed under mmu_lock and mn_lock
 *	while no invalidation is @active
 * @slot_ids: the launcher's number of each slot; lock
 * @invalidate_seq: counts invalidations of slots, begun and ended; mmu_lock
 * @walk_seq: changes when frames go that walks may remember, never 0; mmu_lock
 * @invalidating: invalidations of slots under way; mmu_lock
 * @mn_lock: see above
 * @active: invalidations of any range of the launcher under way; mn_lock
 * @aged_lock: guards @aged and @nr_aged
 * @aged: guest frames that reclaim has asked for, and the list before it
 * @nr_aged: number of them in the first
 * @age_work: takes them out of the shadows, so that their next use is seen
 * @spaces: by root; mmu_lock
 * @lru: unused spaces, oldest first; mmu_lock
 * @nr_spaces: number of spaces; mmu_lock
 * @spare: empty spaces without a root; mmu_lock
 * @nr_spare: number of them; mmu_lock
 * @nr_pages: pinned pages
 * @table_pages: page-table pages of all shadows, as far as made by fills
 * @evictions: for the statistics; mmu_lock
 * @invalidations: for the statistics; mmu_lock
 * @discards: for the statistics
 * @vcpus: set once under lock, read without
 * @bindings: eventfds; lock; doorbells are read under RCU
 * @nr_bindings: number of them, events and doorbells; lock
 * @cpuid_lock: guards @has_run; @cpuid until it is true
 * @has_run: a vCPU has been run; @cpuid is constant
 * @cpuid: the CPU the guest is shown, NULL: the most that is supported; @lock, too, to change it
 * @clock_lock: guards the fields below; a timer may be looking
 * @clock: copied into every vCPU page; constant but for SET_CLOCK and what befalls the host
 * @clock_base: guest time = host monotonic time - this, where the TSC is unfit
 * @clock_gen: counts the changes of these; read without the lock, too
 * @tsc_stable: guest time comes from the TSC
 * @machine: in the list of those whose time depends on the host's; host_time.c
 * @sleep_ns: guest time when the host went to sleep; host_time.c
 */
struct pvhost_vm {
	struct kref ref;
	struct work_struct free_work;
	struct mutex lock;	/* what ioctls set up */
	struct mm_struct *mm;
	struct mmu_notifier mn;
	u64 features;
	atomic64_t enabled;

	struct mutex drop_lock;	/* pages on their way out */
	struct rw_semaphore table_lock;
	rwlock_t mmu_lock;
	unsigned int nr_slots;
	struct pvhost_slot *slots[PVHOST_MAX_SLOTS + 1];
	unsigned int slot_ids[PVHOST_MAX_SLOTS + 1];
	unsigned long invalidate_seq;
	unsigned long walk_seq;
	unsigned int invalidating;
	spinlock_t mn_lock;	/* @active; with mmu_lock: @slots */
	unsigned int active;
	spinlock_t aged_lock;	/* @aged, @nr_aged */
	u64 *aged[2];
	unsigned int nr_aged;
	struct delayed_work age_work;
	struct hlist_head spaces[1 << PVHOST_SPACE_HASH_BITS];
	struct list_head lru;
	unsigned int nr_spaces;
	struct list_head spare;
	unsigned int nr_spare;
	atomic_long_t nr_pages;
	atomic_long_t table_pages;
	u64 evictions;
	u64 invalidations;
	atomic64_t discards;

	struct pvhost_vcpu *vcpus[PVHOST_MAX_VCPUS];
	struct list_head bindings;
	unsigned int nr_bindings[2];

	spinlock_t cpuid_lock;	/* @has_run, @cpuid */
	bool has_run;
	struct pvhost_cpuid_table *cpuid;

	seqlock_t clock_lock;	/* the clock */
	struct pv_clock clock;
	s64 clock_base;
	unsigned int clock_gen;
	bool tsc_stable;
	struct list_head machine;
	u64 sleep_ns;
};

struct pvhost_selectors {
	u16 fs, gs, ds, es;
};

/* Arguments of VCPU_START. */
struct pvhost_start {
	u64 ip, sp, root, arg;
};

/**
 * struct pvhost_vcpu - a virtual CPU
 * @mode: thread: whose registers task_pt_regs() holds
 * @page: the page shared with the guest; the guest and the launcher write it
 * @space: thread: to be loaded on the way to user mode: @kspace or @uspace
 * @kspace: thread: kernel mode's
 * @uspace: thread: user mode's, NULL if none
 * @shared: thread: user mode runs in the kernel's space
 * @dfault_used: thread: the double fault entry is used up
 * @entry_syscall: thread: PV_HC_SET_ENTRIES
 * @entry_user: thread
 * @entry_kernel: thread
 * @entry_dfault: thread
 * @dfault_sp: thread
 * @stats: thread: counters
 * @path: thread: where the last walk of guest tables went
 * @vm: the machine
 * @index: number
 * @serial: tells it from all other vCPUs there ever were
 * @run: the page shared with the launcher
 * @lock: see above
 * @running: inside RUN; lock
 * @task: who runs or ran it last; RCU and @task_lock
 * @task_lock: guards @task
 * @gmode: thread: mode to enter with
 * @pending_result: thread: the launcher's answer goes to rax
 * @gregs: thread: guest registers while out
 * @vmm_regs: thread: the launcher's while the guest runs
 * @vmm: thread: the launcher's segment state
 * @g_selectors: thread: guest's while out
 * @g_fsbase: thread: guest's while out
 * @g_gsbase: thread
 * @g_pkru: thread
 * @fpu: thread: guest FPU state
 * @notifier: thread: tells about preemption
 * @timer_lock: guards @timer, @timer_ns, and the writing of the clock in @page
 * @timer: one-shot timer
 * @timer_ns: guest time it is set for, 0: none
 * @wait: of the thread, blocked or offline
 * @blocked: thread: resume BLOCK on the next RUN
 * @deadline: thread: of that
 * @start_lock: see above
 * @online: start_lock
 * @start_pending: start_lock
 * @start: arguments of VCPU_START; start_lock
 * @preempted_at: thread: when it lost its CPU
 * @clock_published: when the clock was written into @page, in jiffies; timer_lock
 * @clock_gen: which one that was; timer_lock
 */
struct pvhost_vcpu {
	enum pvhost_mode mode;
	struct pv_vcpu *page;
	struct pvhost_space *space;
	struct pvhost_space *kspace;
	struct pvhost_space *uspace;
	bool shared;
	bool dfault_used;
	u64 entry_syscall;
	u64 entry_user;
	u64 entry_kernel;
	u64 entry_dfault;
	u64 dfault_sp;
	struct pvhost_stats stats;
	struct pvhost_path path;

	struct pvhost_vm *vm;
	u32 index;
	u64 serial;
	struct pvhost_run *run;
	struct mutex lock;	/* the state, unless it runs */
	bool running;
	struct task_struct *task;
	spinlock_t task_lock;	/* @task */

	enum pvhost_mode gmode;
	bool pending_result;
	struct pt_regs gregs;
	struct pt_regs vmm_regs;
	struct {
		unsigned long fsbase;
		unsigned long gsbase;
		struct pvhost_selectors selectors;
		u32 pkru;
	} vmm;
	struct pvhost_selectors g_selectors;
	unsigned long g_fsbase;
	unsigned long g_gsbase;
	u32 g_pkru;
	struct fpu_guest fpu;
	struct preempt_notifier notifier;

	spinlock_t timer_lock;	/* @timer, @timer_ns, the clock in @page */
	struct hrtimer timer;
	u64 timer_ns;
	struct rcuwait wait;
	bool blocked;
	u64 deadline;

	spinlock_t start_lock;	/* @online, @start_pending, @start */
	bool online;
	bool start_pending;
	struct pvhost_start start;
	u64 preempted_at;
	unsigned long clock_published;
	unsigned int clock_gen;
};

static __always_inline struct pvhost_vcpu *pvhost_current(void)
{
	return current->thread.pvhost;
}

/* stats.c */
long pvhost_vcpu_stats(struct pvhost_vcpu *v, void __user *uarg);
long pvhost_vcpu_stats_fd(struct pvhost_vcpu *v);
long pvhost_vm_stats(struct pvhost_vm *vm, void __user *uarg);
long pvhost_vm_stats_fd(struct pvhost_vm *vm);

/* main.c */
int pvhost_get_arg(void *arg, size_t size, const void __user *uarg);
int pvhost_put_arg(void __user *uarg, const void *arg, size_t size);
u64 pvhost_host_features(void);
void pvhost_hooks_get(void);
void pvhost_hooks_put(void);

/* vm.c */
long pvhost_create_vm(struct pvhost_create_vm __user *uarg);
void pvhost_vm_put(struct pvhost_vm *vm);
struct pvhost_vcpu *pvhost_vcpu_of(struct pvhost_vm *vm, u64 index);

/* vcpu.c */
long pvhost_create_vcpu(struct pvhost_vm *vm, u32 index);
void pvhost_free_vcpu(struct pvhost_vcpu *v);
int pvhost_reset_xstate(struct pvhost_vcpu *v);
int pvhost_vcpu_set_root(struct pvhost_vcpu *v, u64 root, bool kernel, bool shared);
void pvhost_vcpu_no_root(struct pvhost_vcpu *v, bool kernel);
int pvhost_vcpu_reset(struct pvhost_vcpu *v);

/* run.c */
long pvhost_run_vcpu(struct pvhost_vcpu *v);
void pvhost_leave(struct pvhost_vcpu *v, struct pt_regs *regs, int reason, long ret);
void pvhost_run_again(struct pvhost_vcpu *v, struct pt_regs *regs);
void pvhost_load_current_mm(void);
u32 pvhost_own_pkru(void);
void pvhost_guest_pkru(u32 pkru);
void pvhost_swap_in(struct pvhost_vcpu *v, struct pt_regs *regs);
int pvhost_take_start(struct pvhost_vcpu *v);
void pvhost_stop(struct pvhost_vcpu *v);
int pvhost_start(struct pvhost_vcpu *v, const struct pvhost_start *start);
int pvhost_take_start(struct pvhost_vcpu *v);

/* hypercall.c */
long pvhost_hypercall(struct pvhost_vcpu *v, struct pt_regs *regs, u64 nr);

/* mmu.c */
int pvhost_fill(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr,
		unsigned long *error);
int pvhost_announce(struct pvhost_vcpu *v, struct pvhost_space *space, u64 va,
		    u64 npages);
int pvhost_fetch(struct pvhost_vcpu *v, struct pvhost_space *space, u64 addr, u8 *buf,
		 unsigned int len);
int pvhost_flush(struct pvhost_vcpu *v, u64 root, u64 va, u64 npages);
int pvhost_flush_space(struct pvhost_vcpu *v, struct pvhost_space *space, u64 va, u64 npages);

/* In a log: the entry is one of 2 MiB. */
#define PVHOST_LOG_LARGE	1

static_assert(PVHOST_LOG_LARGE < PAGE_SIZE);

/* shadow.c */
struct mm_struct *pvhost_shadow_mm_alloc(void);
long pvhost_shadow_mm_tables(struct mm_struct *mm);
int pvhost_shadow_mm_grow(struct mm_struct *mm, u64 addr, bool large);
int pvhost_shadow_set(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot);
int pvhost_shadow_set_large(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot);
bool pvhost_shadow_add(struct pvhost_space *space, u64 addr, u64 pfn, u64 prot);

/**
 * pvhost_shadow_pmd - the second-level entry for an address
 * @mm: a shadow
 * @addr: address
 *
 * Context: mmu_lock is held, or nobody else knows @mm.
 * Return: the entry, or NULL if there is no table for it.
 */
static __always_inline pmd_t *pvhost_shadow_pmd(struct mm_struct *mm, u64 addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	return pud_none(*pud) ? NULL : pmd_offset(pud, addr);
}

/*
 * Lock a table of a shadow. Linux's memory management asks for young pages with a table of the
 * launcher locked, and then mmu_lock is taken under such a lock: this is another one.
 */
#define pvhost_shadow_lock(ptl)	spin_lock_nested(ptl, SINGLE_DEPTH_NESTING)

/* zap.c */
void pvhost_zap_mm(struct pvhost_space *space, struct mm_struct *mm);
void pvhost_zap_range(struct pvhost_space *space, u64 start, u64 end);
bool pvhost_zap_pfns(struct pvhost_vm *vm, unsigned long *pfns, unsigned int n);

/* space.c */
struct pvhost_space *pvhost_next_space(struct pvhost_vm *vm, unsigned int *bucket,
				       struct pvhost_space *prev);
struct pvhost_space *pvhost_space_find(struct pvhost_vm *vm, u64 root, bool kernel);
struct pvhost_space *pvhost_space_get(struct pvhost_vm *vm, u64 root, bool kernel);
void pvhost_space_unuse(struct pvhost_space *space);
void pvhost_space_put(struct pvhost_space *space);
int pvhost_space_drop(struct pvhost_vm *vm, u64 root);
void pvhost_spaces_free(struct pvhost_vm *vm);
int pvhost_shadow_tables(struct pvhost_space *space, u64 addr, bool large);

/* large.c */
int pvhost_set_large(struct mm_struct *mm, pmd_t *pmd, u64 addr, u64 pfn, u64 bits, pmd_t *old);
void pvhost_clear_large(struct mm_struct *mm, pmd_t *pmd, u64 addr);

/* memory.c */
int pvhost_set_memory(struct pvhost_vm *vm, const struct pvhost_memory *mem);
int pvhost_add_fixed(struct pvhost_vm *vm, u64 base, u64 npages);
void *pvhost_fixed_page(struct pvhost_vm *vm, u32 index);
int pvhost_pin(struct pvhost_vm *vm, u64 gfn, bool huge);
int pvhost_discard(struct pvhost_vm *vm, u64 gfn, u64 npages);
void pvhost_memory_free(struct pvhost_vm *vm);
int pvhost_read_guest(struct pvhost_vm *vm, u64 gpa, void *buf, size_t len);
bool pvhost_gfn_valid(struct pvhost_vm *vm, u64 gfn);
bool pvhost_root_ok(struct pvhost_vm *vm, u64 root);
void pvhost_forget_walks(struct pvhost_vm *vm);
unsigned long pvhost_drop_pages(struct pvhost_vm *vm, struct pvhost_slot *slot, u64 gfn, u64 end);

/* notifier.c */
int pvhost_notifier_init(struct pvhost_vm *vm);
void pvhost_notifier_exit(struct pvhost_vm *vm);
int pvhost_wait_slots(struct pvhost_vm *vm);

/**
 * pvhost_slot_of - find the slot of a frame
 * @vm: the machine
 * @gfn: guest frame number
 *
 * Context: mmu_lock is held.
 * Return: the slot or NULL.
 */
static __always_inline struct pvhost_slot *pvhost_slot_of(struct pvhost_vm *vm, u64 gfn)
{
	struct pvhost_slot *slot = vm->slots[0];
	unsigned int i;

	lockdep_assert_held(&vm->mmu_lock);
	/* There is always one, and the first is nearly always it. */
	if (likely(gfn - slot->base < slot->npages))
		return slot;
	for (i = 1; i < vm->nr_slots; i++) {
		slot = vm->slots[i];
		if (gfn - slot->base < slot->npages)
			return slot;
	}
	return NULL;
}

/* In slot->frames: the page is on its way out, and is no page for anybody else. */
#define PVHOST_FRAME_TAG	BIT(0)
/* It may be in a shadow: has been used since the shadows were last made to forget it. */
#define PVHOST_FRAME_USED	BIT(1)
/* It is in vm->aged. */
#define PVHOST_FRAME_QUEUED	BIT(2)

/**
 * pvhost_frame_at - the entry of a frame in its slot
 * @slot: the slot
 * @gfn: guest frame number, in the slot
 *
 * The number is the guest's: a processor that only supposes it to be in the slot does not get
 * beyond it either.
 *
 * Return: where the entry is.
 */
static __always_inline unsigned long *pvhost_frame_at(struct pvhost_slot *slot, u64 gfn)
{
	VM_WARN_ON_ONCE(gfn - slot->base >= slot->npages);
	return &slot->frames[array_index_nospec(gfn - slot->base, slot->npages)];
}

static __always_inline bool pvhost_frame_usable(unsigned long frame)
{
	return frame && !(frame & PVHOST_FRAME_TAG);
}

/* The kernel's address of the page. */
static __always_inline unsigned long pvhost_frame_addr(unsigned long frame)
{
	return frame & PAGE_MASK;
}

/**
 * pvhost_frame_use - the kernel's address of a page that is going to be used
 * @frame: its entry
 *
 * Whoever takes a page out of the machine looks for it in the shadows only if it says USED,
 * so all ways into them lead through here.
 *
 * Context: mmu_lock is held, until the use has ended or is in a shadow.
 * Return: the address; 0 if it is not at hand.
 */
static __always_inline unsigned long pvhost_frame_use(unsigned long *frame)
{
	unsigned long value = READ_ONCE(*frame);

	if (unlikely((value & (PVHOST_FRAME_TAG | PVHOST_FRAME_USED)) != PVHOST_FRAME_USED)) {
		if (!pvhost_frame_usable(value))
			return 0;
		set_bit(ilog2(PVHOST_FRAME_USED), frame);
	}
	return pvhost_frame_addr(value);
}

static __always_inline unsigned long pvhost_frame_pfn(unsigned long frame)
{
	return (frame - PAGE_OFFSET) >> PAGE_SHIFT;
}

/* event.c */
void pvhost_set_events(struct pvhost_vcpu *v, u64 bits);
void pvhost_kick(struct pvhost_vcpu *v);
long pvhost_block(struct pvhost_vcpu *v, u64 deadline);
int pvhost_bind_doorbell(struct pvhost_vm *vm, const struct pvhost_doorbell *arg);
int pvhost_bind_event(struct pvhost_vm *vm, const struct pvhost_event *arg);
void pvhost_unbind_all(struct pvhost_vm *vm);
bool pvhost_ring(struct pvhost_vm *vm, u64 device, u64 queue);

/* barrier.c */
void pvhost_barrier_init(void);
u64 pvhost_barrier_serial(void);
void pvhost_barrier_order(struct pvhost_vcpu *v);
void pvhost_barrier_cancel(struct pvhost_vcpu *v);

/* clock.c */
bool pvhost_tsc_fit(void);
void pvhost_clock_init(struct pvhost_vm *vm);
u64 pvhost_now(struct pvhost_vm *vm);
ktime_t pvhost_host_time(struct pvhost_vm *vm, u64 guest_ns);
void pvhost_clock_set(struct pvhost_vm *vm, u64 ns);
void pvhost_clock_lose_tsc(struct pvhost_vm *vm);
void pvhost_clock_publish(struct pvhost_vcpu *v);
void pvhost_clock_refresh(struct pvhost_vcpu *v);
void pvhost_timer_init(struct pvhost_vcpu *v);
void pvhost_timer_set(struct pvhost_vcpu *v, u64 guest_ns);
u64 pvhost_timer_get(struct pvhost_vcpu *v);
void pvhost_timer_free(struct pvhost_vcpu *v);

/* host_time.c */
int pvhost_time_init(void);
void pvhost_time_add(struct pvhost_vm *vm);
void pvhost_time_remove(struct pvhost_vm *vm);

/* cpuid.c */
void pvhost_cpuid_init(void);
long pvhost_cpuid_get(struct pvhost_vm *vm, struct pvhost_cpuid *arg);
long pvhost_cpuid_set(struct pvhost_vm *vm, const struct pvhost_cpuid *arg);
void pvhost_cpuid_freeze(struct pvhost_vm *vm);
void pvhost_cpuid(struct pvhost_vcpu *v, u32 leaf, u32 subleaf, u32 out[4]);
int pvhost_cpuid_insn(struct pvhost_vcpu *v, struct pt_regs *regs);

/* cpu.c */
void pvhost_cpu_init(void);
void pvhost_cpu_load(void);
void pvhost_cpu_restore(void);
void pvhost_localize_vsyscall(void);
void pvhost_hide_vsyscall(struct mm_struct *mm);

#endif /* _PVHOST_INTERNAL_H */
