/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of a Linux kernel as the driver's shadow takes: enough to build its sources as
 * they are, for the search of explore.h. Every <linux/...> and <asm/...> header is this one.
 *
 * A step in which others may run comes before each lock, each atomic operation outside of a
 * section that excludes all others, each look at a page table from one that does not, each
 * look at the guest's memory, and each flush of TLBs.
 */
#ifndef MODEL_KERNEL_H
#define MODEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int32_t s32;
typedef int64_t s64;
typedef u64 __u64;
typedef u32 __u32;
typedef u16 __u16;
typedef u8 __u8;
typedef s32 __s32;
typedef s64 __s64;
typedef s64 ktime_t;

#define EINTR 4
#define ENXIO 6
#define EAGAIN 11
#define ENOMEM 12
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define EINVAL 22
#define EPERM 1
#define LONG_MIN (-0x7fffffffffffffffL - 1)

#define __user
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define likely(x) (x)
#define unlikely(x) (x)
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(t, a, b) min((t)(a), (t)(b))
#define max_t(t, a, b) max((t)(a), (t)(b))
#define ALIGN_DOWN(x, a) ((x) & ~((typeof(x))(a)-1))
#define ALIGN(x, a) ALIGN_DOWN((x) + (a)-1, a)
#define IS_ALIGNED(x, a) (((x) & ((a)-1)) == 0)
#define IS_ENABLED(option) (option)
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))
#define EXPORT_SYMBOL_GPL(x)
#define static_assert _Static_assert
#define CONFIG_DEBUG_VM 0
#define CONFIG_TRANSPARENT_HUGEPAGE 1
#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0

#define array_index_nospec(i, n) (i)
#define BUILD_BUG_ON(x) _Static_assert(!(x), #x)
#define WARN_ON_ONCE(x) warn_on(x, #x)
#define WARN_ON(x) warn_on(x, #x)
#define VM_WARN_ON_ONCE(x) warn_on(x, #x)

static inline bool warn_on(bool bad, const char *what)
{
	if (bad)
		violated("WARN_ON(%s)", what);
	return bad;
}

/* ---- locks ---- */

typedef struct {
	int readers, writer;
} rwlock_t;

/* Is the caller alone: does it exclude all that may touch what mmu_lock guards? */
extern bool section_is_exclusive(void);
void read_lock(rwlock_t *lock);
void read_unlock(rwlock_t *lock);
void write_lock(rwlock_t *lock);
void write_unlock(rwlock_t *lock);

typedef struct {
	int held;
} spinlock_t;

void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
#define spin_lock_irq spin_lock
#define SINGLE_DEPTH_NESTING 1
#define spin_lock_nested(lock, depth) spin_lock(lock)
#define spin_unlock_irq spin_unlock

struct mutex {
	int held;
};

void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

struct rw_semaphore {
	int unused;
};

#define lockdep_assert_held(x) ((void)(x))
#define lockdep_assert_held_read(x) ((void)(x))
#define lockdep_assert_held_write(x) ((void)(x))
#define cond_resched() ((void)0)
#define might_sleep() ((void)0)

/* ---- atomics ---- */

static inline void shared_access(void)
{
	if (!section_is_exclusive())
		step();
}

typedef struct {
	s64 v;
} atomic64_t;
typedef atomic64_t atomic_long_t;
typedef struct {
	int v;
} atomic_t;

#define ATOMIC_OPS(prefix, name, type)                                       \
	static inline type prefix##_read(const name *a)                      \
	{                                                                    \
		shared_access();                                             \
		return a->v;                                                 \
	}                                                                    \
	static inline void prefix##_set(name *a, type v)                     \
	{                                                                    \
		shared_access();                                             \
		a->v = v;                                                    \
	}                                                                    \
	static inline type prefix##_fetch_add(type n, name *a)               \
	{                                                                    \
		type old;                                                    \
		shared_access();                                             \
		old = a->v;                                                  \
		a->v += n;                                                   \
		return old;                                                  \
	}                                                                    \
	static inline type prefix##_fetch_inc(name *a)                       \
	{                                                                    \
		return prefix##_fetch_add(1, a);                             \
	}                                                                    \
	static inline void prefix##_inc(name *a)                             \
	{                                                                    \
		prefix##_fetch_add(1, a);                                    \
	}                                                                    \
	static inline void prefix##_dec(name *a)                             \
	{                                                                    \
		prefix##_fetch_add(-1, a);                                   \
	}                                                                    \
	static inline void prefix##_add(type n, name *a)                     \
	{                                                                    \
		prefix##_fetch_add(n, a);                                    \
	}                                                                    \
	static inline void prefix##_sub(type n, name *a)                     \
	{                                                                    \
		prefix##_fetch_add(-n, a);                                   \
	}                                                                    \
	static inline type prefix##_inc_return(name *a)                      \
	{                                                                    \
		return prefix##_fetch_add(1, a) + 1;                         \
	}

ATOMIC_OPS(atomic64, atomic64_t, s64)
ATOMIC_OPS(atomic_long, atomic_long_t, long)
ATOMIC_OPS(atomic, atomic_t, int)

#define ilog2(n) (63 - __builtin_clzl(n))

/* No step: it is only ever set, of frames that the caller uses. */
static inline void set_bit(unsigned int bit, unsigned long *p)
{
	*p |= 1UL << bit;
}

/* A look at what may change at any time, whoever holds which lock: the guest's tables. */
void look_at(const volatile void *p);
#define READ_ONCE(x) (look_at(&(x)), *(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (look_at(&(x)), *(volatile typeof(x) *)&(x) = (value))
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_store_release(p, value) WRITE_ONCE(*(p), value)
#define try_cmpxchg(p, old, new)                                              \
	({                                                                    \
		bool same;                                                    \
		look_at(p);                                                   \
		same = *(p) == *(old);                                        \
		if (same)                                                     \
			*(p) = (new);                                         \
		else                                                          \
			*(old) = *(p);                                        \
		same;                                                         \
	})

/* ---- lists and references ---- */

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct list_head {
	struct list_head *next, *prev;
};

struct kref {
	int refs;
};

struct rcu_head {
	int unused;
};

static inline bool hlist_unhashed(const struct hlist_node *n)
{
	return !n->pprev;
}

/* ---- page tables: four levels of 512 ---- */

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PMD_SHIFT 21
#define PMD_SIZE (1UL << PMD_SHIFT)
#define PMD_MASK (~(PMD_SIZE - 1))
#define HPAGE_PMD_NR 512
#define PUD_SIZE (1UL << 30)
#define PGDIR_SIZE (1UL << 39)
#define PTRS_PER_PTE 512
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define _PAGE_PRESENT 1UL
#define _PAGE_RW 2UL
#define _PAGE_USER 4UL
#define _PAGE_ACCESSED 0x20UL
#define _PAGE_DIRTY 0x40UL
#define _PAGE_PSE 0x80UL
#define _PAGE_SPECIAL 0x200UL
#define _PAGE_NX (1UL << 63)
#define _PAGE_ENC 0UL
#define PFN_BITS 0x000ffffffffff000UL
#define X86_PF_PROT 1
#define X86_PF_WRITE 2
#define X86_PF_USER 4
#define X86_PF_INSTR 16
#define X86_FEATURE_PSE 0
#define boot_cpu_has(x) true
#define cpu_feature_enabled(x) true

typedef struct {
	u64 v;
} pte_t;
typedef struct {
	u64 v;
} pmd_t;
typedef struct {
	u64 v;
} pud_t;
typedef struct {
	u64 v;
} pgd_t;
typedef pgd_t p4d_t;
typedef struct {
	u64 v;
} pgprot_t;
typedef unsigned int vm_fault_t;

extern unsigned long __supported_pte_mask;

struct mm_struct {
	pgd_t *pgd;
	atomic_t flushes;
	spinlock_t ptl;
	long tables;
};

#define __pgprot(x) ((pgprot_t){x})
#define pgd_offset(mm, addr) (&(mm)->pgd[(addr) >> 39 & 511])
#define pgd_none(x) (!(x).v)
#define p4d_offset(pgd, addr) ((void)(addr), (pgd))
#define p4d_none(x) false
#define pud_offset(p4d, addr) ((pud_t *)((p4d)->v & PFN_BITS) + ((addr) >> 30 & 511))
#define pud_none(x) (!(x).v)
#define pmd_offset(pud, addr) ((pmd_t *)((pud)->v & PFN_BITS) + ((addr) >> 21 & 511))
#define pmd_none(x) (!(x).v)
#define pmd_present(x) ((x).v & _PAGE_PRESENT)
#define pmd_leaf(x) (!!((x).v & _PAGE_PSE))
#define pmd_pfn(x) (((x).v & PFN_BITS) >> 12)
#define pmd_write(x) (!!((x).v & _PAGE_RW))
#define pmd_val(x) ((x).v)
#define pmd_mkhuge(x) ((pmd_t){(x).v | _PAGE_PSE})
#define pfn_pmd(pfn, prot) ((pmd_t){(u64)(pfn) << 12 | (prot).v})
#define pte_none(x) (!(x).v)
#define pte_present(x) (!!((x).v & _PAGE_PRESENT))
#define pte_pfn(x) (((x).v & PFN_BITS) >> 12)
#define pte_exec(x) (!((x).v & _PAGE_NX))
#define pte_write(x) (!!((x).v & _PAGE_RW))
#define pte_val(x) ((x).v)
#define pfn_pte(pfn, prot) ((pte_t){(u64)(pfn) << 12 | (prot).v})
#define pgd_addr_end(addr, end) min(((addr) + PGDIR_SIZE) & ~(PGDIR_SIZE - 1), (u64)(end))
#define p4d_addr_end(addr, end) (end)
#define pud_addr_end(addr, end) min(((addr) + PUD_SIZE) & ~(PUD_SIZE - 1), (u64)(end))
#define pmd_addr_end(addr, end) min(((addr) + PMD_SIZE) & PMD_MASK, (u64)(end))
#define pte_lockptr(mm, pmd) ((void)(pmd), &(mm)->ptl)
#define pmd_lockptr(mm, pmd) ((void)(pmd), &(mm)->ptl)
#define pmdp_get(p) (*(p))
#define ptep_get(p) (*(p))
#define pmdp_get_lockless(p) (*(p))

static inline pte_t *pte_offset_kernel(pmd_t *pmd, u64 addr)
{
	shared_access();
	return (pte_t *)(pmd->v & PFN_BITS) + (addr >> 12 & 511);
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, u64 addr, pte_t *p)
{
	pte_t old = *p;

	p->v = 0;
	return old;
}

static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, u64 addr, pmd_t *p)
{
	pmd_t old = *p;

	p->v = 0;
	return old;
}

static inline void set_pte_at(struct mm_struct *mm, u64 addr, pte_t *p, pte_t v)
{
	*p = v;
}

static inline void set_pmd_at(struct mm_struct *mm, u64 addr, pmd_t *p, pmd_t v)
{
	*p = v;
}

static inline spinlock_t *pmd_lock(struct mm_struct *mm, pmd_t *pmd)
{
	spin_lock(&mm->ptl);
	return &mm->ptl;
}

/* Tables are made by the programs, before anything runs. */
p4d_t *p4d_alloc(struct mm_struct *mm, pgd_t *pgd, u64 addr);
pud_t *pud_alloc(struct mm_struct *mm, p4d_t *p4d, u64 addr);
pmd_t *pmd_alloc(struct mm_struct *mm, pud_t *pud, u64 addr);
int pte_alloc(struct mm_struct *mm, pmd_t *pmd);

/* ---- TLBs ---- */

void flush_tlb_mm_range(struct mm_struct *mm, u64 start, u64 end, int shift, bool freed);

static inline void inc_tlb_flush_pending(struct mm_struct *mm)
{
	atomic_inc(&mm->flushes);
}

static inline void dec_tlb_flush_pending(struct mm_struct *mm)
{
	atomic_dec(&mm->flushes);
}

static inline bool mm_tlb_flush_nested(struct mm_struct *mm)
{
	return atomic_read(&mm->flushes) > 1;
}

/* ---- host memory: frame n is at PAGE_OFFSET + n * PAGE_SIZE, where it can be read ---- */

extern char *model_ram;
#define PAGE_OFFSET ((unsigned long)model_ram)
struct folio;
#define virt_to_folio(p) ((struct folio *)(p))
unsigned int folio_order(struct folio *folio);

/* ---- what else is named ---- */

struct vm_fault;
struct vm_operations_struct {
	vm_fault_t (*fault)(struct vm_fault *vmf);
};
struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_flags;
	const struct vm_operations_struct *vm_ops;
	pgprot_t vm_page_prot;
};
struct vm_special_mapping {
	const char *name;
	vm_fault_t (*fault)(const struct vm_special_mapping *sm, struct vm_area_struct *vma,
			    struct vm_fault *vmf);
};
#define _install_special_mapping(mm, start, size, flags, mapping) \
	((void)(mapping), (struct vm_area_struct *)NULL)
#define PTR_ERR_OR_ZERO(p) ((p) ? 0 : -ENOMEM)
#define VM_FAULT_SIGBUS 2
#define VM_READ 0
#define VM_WRITE 0
#define VM_EXEC 0
#define VM_SHARED 0
#define VM_MAYREAD 0
#define VM_MAYWRITE 0
#define VM_MAYEXEC 0
#define VM_MAYSHARE 0
#define VM_PFNMAP 0
#define VM_IO 0
#define VM_DONTEXPAND 0
#define VM_DONTDUMP 0
#define VM_DONTCOPY 0
#define vm_area_alloc(mm) ((struct vm_area_struct *)NULL)
#define vm_area_free(vma) ((void)(vma))
#define vm_flags_init(vma, flags) ((vma)->vm_flags = (flags))
#define vm_get_page_prot(flags) ((pgprot_t){0})
#define insert_vm_struct(mm, vma) 0
#define mmap_write_lock(mm) ((void)(mm))
#define mmap_write_unlock(mm) ((void)(mm))
#define mm_alloc() ((struct mm_struct *)NULL)
#define mmput(mm) ((void)(mm))
#define mmput_async(mm) ((void)(mm))
#define mmget(mm) ((void)(mm))
#define mm_pgtables_bytes(mm) ((mm)->tables * PAGE_SIZE)

typedef int (*cmp_func_t)(const void *, const void *);

static inline void sort(void *base, size_t n, size_t size, cmp_func_t cmp, void *swap)
{
	qsort(base, n, size, cmp);
}

struct task_struct {
	struct {
		void *pvhost;
	} thread;
};
extern struct task_struct *current;
#define signal_pending(task) false
#define fatal_signal_pending(task) false

struct work_struct { int unused; };
struct delayed_work { int unused; };
struct mmu_notifier { int unused; };
struct mmu_notifier_ops { int unused; };
typedef struct { int unused; } seqlock_t;
typedef struct { int unused; } wait_queue_entry_t;
typedef struct { int unused; } wait_queue_head_t;
typedef struct { int unused; } poll_table;
struct eventfd_ctx;
struct fpu_guest { int unused; };
struct preempt_notifier { int unused; };
struct hrtimer { int unused; };
struct rcuwait { int unused; };
struct pt_regs { unsigned long ip, sp, flags, ax, cs; };

#define trace_pvhost_fill(...) ((void)0)

#include "pv_abi.h"
#include "pvhost.h"

#endif
