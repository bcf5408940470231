/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory: physical pages (mm/alloc/page_alloc.c), small objects (mm/alloc/slab.c), kernel mappings
 * (mm/alloc/vmalloc.c), address spaces (mm/mm.c, vma.c, fault.c, fork.c).
 *
 * Closing a file takes inode locks, so files of removed mappings are put after mm->lock has been
 * released. The order of the locks stands in Documentation/locking.md.
 */
#ifndef _MM_H
#define _MM_H

#include <wait.h>
#include <platform/mmu.h>

/* ---- physical pages ---- */

/**
 * struct page - one 4 KiB page frame
 * @flags: PG_*; atomic bits while the page is shared, plain while it has one owner
 * @refs: references; 0: in the allocator's hands. Each user page-table entry that maps the page
 *	holds one (entries with PTE_SPECIAL do not)
 * @order: of the block: set in its first page, free or allocated
 * @inuse: slab: objects in use; guarded by the cache's lock
 * @lru: free list, LRU or slab list: guarded by the list's owner
 * The union is owned by whoever @flags says.
 */
struct page {
	unsigned long flags;
	atomic_t refs;
	u32 order;
	union {
		struct { /* page cache */
			/* guarded by mapping->lock, constant while PG_locked; NULL: truncated */
			struct mapping *mapping;
			/* in pages; constant while mapping is set */
			unsigned long index;
		};
		struct { /* slab */
			struct kmem_cache *cache;
			void *freelist; /* guarded by the cache's lock */
		};
		struct { /* page table of a user address space */
			/* bit i: entries 8i..8i+7 may be in use; guarded by mm->ptl */
			unsigned long occupied;
		};
		struct page *next_free; /* per-CPU list of free pages */
		unsigned long private;
	};
	struct list_head lru;
	u32 inuse;
} __aligned(64);
#define PG_locked 0 /* being read in or changed as a whole: page_lock() */
#define PG_uptodate 1
#define PG_dirty 2
#define PG_slab 3
#define PG_buddy 4 /* free, head of a block of the buddy allocator */
#define PG_anon 5 /* anonymous user page */
#define PG_reserved 6 /* firmware, kernel image, memory map: never freed */
#define PG_lru 7
#define PG_referenced 8
#define PG_writeback 9
#define PG_pinned 10 /* page cache without backing (tmpfs): not to be dropped */
#define PG_percpu 11 /* free, on a per-CPU list */
#define PG_poisoned 12 /* free and filled with a pattern (CONFIG_DEBUG_SLAB) */
#define PG_fresh 13 /* page cache: made by the fallocate(2) that has the inode locked */

extern struct page *mem_map; /* indexed by frame number, 0..max_pfn-1 */
extern unsigned long max_pfn;
static inline struct page *pfn_to_page(unsigned long pfn)
{
	return mem_map + pfn;
}
static inline unsigned long page_to_pfn(const struct page *p)
{
	return (unsigned long)(p - mem_map);
}

static inline paddr_t page_to_phys(const struct page *p)
{
	return (paddr_t)page_to_pfn(p) << PAGE_SHIFT;
}

static inline struct page *phys_to_page(paddr_t pa)
{
	return pfn_to_page(pa >> PAGE_SHIFT);
}
static inline void *page_address(const struct page *p)
{
	return phys_to_virt(page_to_phys(p));
}
static inline struct page *virt_to_page(const void *v)
{
	return phys_to_page(virt_to_phys(v));
}

/* Allocation flags. */
#define GFP_ATOMIC 0x1 /* may not sleep; may use the emergency reserve */
#define GFP_KERNEL 0x2 /* may sleep: reclaims page cache when short, then the OOM killer */
#define GFP_USER 0x4 /* the same, for user pages */
#define GFP_ZERO 0x10
#define GFP_NOWARN 0x20

#define MAX_ORDER 10
/* 2^order frames, naturally aligned; refs 1. NULL: no memory */
struct page *alloc_pages(u32 order, u32 gfp);
void free_pages(struct page *p, u32 order);
static inline struct page *alloc_page(u32 gfp)
{
	return alloc_pages(0, gfp);
}
static inline void page_get(struct page *p)
{
	atomic_inc(&p->refs);
}
/* frees the page (or block) with the last reference */
void page_put(struct page *p);
void pages_put(struct page **p, u32 n); /* the same for many, cheaper */
void page_clear(void *va); /* 4 KiB of zeros; plat-tuned in lib/ or platform */
void page_copy(void *dst, const void *src);
void page_lock(struct page *p); /* sleeps on PG_locked */
void page_unlock(struct page *p);
void page_set_dirty(struct page *p); /* of the page cache; any context */
struct page *zero_page_get(void); /* the page of zeros, with a reference */

struct mem_stats { /* pages */
	u64 total, free, cached, buffers, slab, pagetables, kstack, anon, shmem, mapped, dirty,
		reserved;
};
/* Counters of how pages are used, kept per CPU without atomics; mem_get_stats() adds them up. */
enum mem_counter {
	MEM_CACHED,
	MEM_SHMEM,
	MEM_SLAB,
	MEM_PAGETABLES,
	MEM_KSTACK,
	MEM_ANON,
	MEM_MAPPED,
	MEM_DIRTY,
	MEM_COUNTERS
};
struct mem_counters {
	s64 n[MEM_COUNTERS];
};
DECLARE_PER_CPU(struct mem_counters, mem_counters);
/*
 * Context: preemption off. Interrupts do not change these counters, but for MEM_SLAB, which is
 * changed with interrupts off.
 */
static inline void mem_count(enum mem_counter c, s64 n)
{
	this_cpu(mem_counters).n[c] += n;
}
void mem_get_stats(struct mem_stats *s);
u64 mem_free_pages(void);
/*
 * Tries to free @want pages: registered shrinkers, empty slabs. May sleep. Returns how many it
 * freed.
 */
unsigned long reclaim_pages(unsigned long want);

/*
 * Boot: takes boot_info's map, leaves out kernel, initrd and firmware, builds mem_map. Before it,
 * platform code uses early_alloc().
 */
void mem_init(void);
/*
 * Zeroed, below 4 GiB where possible, mapped by the boot or direct map; works from the first
 * instruction until mem_init(); panics if out.
 */
paddr_t early_alloc(size_t n, size_t align);
u64 mem_total_bytes(void); /* RAM given to the allocator */
/* gives boot-time ranges (initrd, init data) to the allocator */
void mem_free_range(paddr_t from, paddr_t to);

/* ---- small objects ---- */
struct kmem_cache;
/*
 * @ctor (may be NULL) runs once for each object when its slab is made. Panics if out of memory
 * while booting, else NULL.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     void (*ctor)(void *));
void *kmem_cache_alloc(struct kmem_cache *c, u32 gfp);
void kmem_cache_free(struct kmem_cache *c, void *p);
void *kmalloc(size_t n, u32 gfp); /* up to 4 MiB; larger: kvmalloc() */
void *kzalloc(size_t n, u32 gfp);
void *krealloc(void *p, size_t n, u32 gfp);
void kfree(const void *p); /* NULL is fine */
size_t ksize(const void *p);
char *kstrdup(const char *s, u32 gfp);
char *kasprintf(u32 gfp, const char *fmt, ...) __printf(2, 3);
void slab_init(void);
/* One line a cache for /proc/slabinfo; false at the end. */
bool slab_info(u32 n, char *buf, size_t size);
u64 slab_objects(const char *cache); /* objects in use, for leak tests */

/* ---- the vmalloc area: kernel memory with an unmapped guard page on each side ---- */
void *vmalloc(size_t n); /* zeroed, may sleep; NULL: no memory */
void vfree(void *p);
void *kvmalloc(size_t n, u32 gfp); /* kmalloc or vmalloc */
void kvfree(void *p);
void *ioremap(paddr_t pa, size_t n); /* uncached device memory; NULL: no room */
void iounmap(void *p);
/* KSTACK_SIZE bytes, aligned to KSTACK_SIZE, guarded; 0: no memory. Per-CPU cache */
unsigned long kstack_alloc(void);
void kstack_free(unsigned long stack);
void page_cache_init(void);		/* before vmalloc_init() */
void vmalloc_init(void);
void mm_cache_init(void);		/* address spaces; after vmalloc_init() */

/* ---- address spaces ---- */
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define VM_SHARED 0x10 /* MAP_SHARED */
#define VM_GROWSDOWN 0x20
#define VM_LOCKED 0x40
#define VM_IO 0x80 /* device memory: no struct page */
#define VM_DONTCOPY 0x100
#define VM_NORESERVE 0x200
#define VM_WIPEONFORK 0x400
#define VM_MAYWRITE 0x800 /* mprotect may add PROT_WRITE */
#define VM_SPECIAL 0x1000 /* vdso and the like: no merge */
#define VM_COWED 0x2000 /* of a file, private: may hold anonymous pages; guarded by ptl */
#define VM_LOCKONFAULT 0x4000 /* mlock2(MLOCK_ONFAULT) */
#define VM_MAYREAD 0x8000
#define VM_MAYEXEC 0x10000

struct vma;
struct vm_fault;
struct vma_ops {
	/*
	 * Provides the page for @vf->pgoff with a reference (in vf->page), or a negative errno:
	 * -ENOMEM, -EFAULT (SIGBUS), -EIO. May sleep. NULL: anonymous.
	 */
	int (*fault)(struct vma *vma, struct vm_fault *vf);
	/* A shared page becomes writable: mark dirty, allocate blocks. NULL: only marks dirty. */
	int (*mkwrite)(struct vma *vma, struct page *page);
	void (*open)(struct vma *vma); /* the vma was copied or split */
	void (*close)(struct vma *vma);
	const char *name; /* for /proc/PID/maps, "[vdso]" */
};
struct vm_fault {
	unsigned long addr, pgoff;
	bool write, exec;
	struct page *page;
};
/* A mapping [start, end) of an mm. Guarded by mm->lock (write to change, read to use). */
struct vma {
	unsigned long start, end;
	u32 flags; /* PROT_* | VM_* */
	struct mm *mm;
	struct rb_node node;
	struct file *file; /* holds a reference; NULL: anonymous */
	unsigned long pgoff; /* in pages; of the file, or of start for anonymous */
	const struct vma_ops *ops; /* NULL: anonymous */
	/*
	 * in mapping->vmas; guarded by mapping->vma_lock, as are start, end and pgoff while linked
	 * (to change: both locks)
	 */
	struct list_head map_node;
	void *private;
};

struct mm {
	paddr_t root; /* top-level table */
	/* processes that have it, each however many threads it has, and others that use the mappings */
	atomic_t users;
	atomic_t threads; /* that have it as their own and may run: mm_join(), mm_part() */
	atomic_t refs; /* users as one, plus lazy users of the tables */
	struct rwsem lock; /* guards vmas and layout */
	struct spinlock ptl; /* guards page-table entries */
	struct rb_root vmas;
	struct vma *vma_cache; /* last found */
	u32 nr_vmas;
	unsigned long start_code, end_code, start_data, end_data, start_brk, brk, start_stack,
		arg_start, arg_end, env_start, env_end;
	unsigned long mmap_base;
	unsigned long hiwater_vm; /* pages, the most that total_vm was; lock */
	unsigned long total_vm, locked_vm, data_vm, stack_vm, exec_vm; /* pages; lock */
	/* pages; changed under ptl, read without */
	atomic64_t rss_anon, rss_file, rss_shmem, pgtables;
	unsigned long hiwater_rss; /* ptl; brought up to date when pages go: mm_hiwater() */
	unsigned long gap_hint; /* new mappings are sought below it ... */
	/* ... unless they fit into a hole of this size above it; lock */
	unsigned long gap_skipped;
	/* VM_LOCKED, VM_LOCKONFAULT of future mappings: mlockall(MCL_FUTURE); lock */
	u32 def_flags;
	struct user *user; /* to whom tables and mappings are charged; referenced */
	bool oom_victim; /* the OOM killer chose it: allocations for it fail */
	bool emptied; /* all mappings have gone with the last user */
	bool membarrier; /* registered for private expedited barriers */
	unsigned long auxv[2 * 24]; /* for /proc/PID/auxv */
	atomic64_t futex_space; /* process/futex.c: number, 0 as long as none has been asked for */
	unsigned long cpus; /* bit per CPU that has the root loaded; atomic bits */
	struct mm *next_dead; /* of those that the scheduler has still to free: struct rq */
	struct plat_mm plat;
};
extern struct mm kernel_mm; /* kernel half; root of kernel threads */

struct mm *mm_create(void); /* empty, users 1; NULL: no memory */
struct mm *mm_fork(struct mm *old); /* COW copy; ERR_PTR */
void mm_get(struct mm *mm); /* users */
void mm_put(struct mm *mm); /* with the last user all mappings go */
void mm_grab(struct mm *mm); /* refs: keeps only the struct and the root */
void mm_drop(struct mm *mm);
bool mm_release(struct mm *mm); /* mm_drop() in two steps, for the scheduler */
void mm_free(struct mm *mm);
void mm_join(struct mm *mm); /* a thread begins to use it as its own; before it may run */
void mm_part(struct mm *mm); /* it runs in it no more */
unsigned long mm_rss(const struct mm *mm); /* pages mapped */
unsigned long mm_footprint(const struct mm *mm); /* pages that go with it: the kernel's, too */
unsigned long mm_hiwater(const struct mm *mm); /* the most that it ever was, for getrusage(2) */

#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_SHARED_VALIDATE 0x03
#define MAP_FIXED 0x10
#define MAP_32BIT 0x40
#define MAP_ANONYMOUS 0x20
#define MAP_GROWSDOWN 0x0100
#define MAP_LOCKED 0x2000
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_NONBLOCK 0x10000
#define MAP_HUGETLB 0x40000
#define MAP_SYNC 0x80000
#define MAP_STACK 0x20000
#define MAP_FIXED_NOREPLACE 0x100000
/*
 * mmap(2) on any mm (exec builds the new one before it is current). Takes mm->lock. Address or
 * negative errno. @pgoff in pages.
 */
long mm_map(struct mm *mm, unsigned long addr, size_t len, int prot, int flags, struct file *file,
	    unsigned long pgoff);
int mm_unmap(struct mm *mm, unsigned long addr, size_t len);
/* For a file's mmap operation and special mappings: sets ops on the vma being made. */
/* first with end > addr; mm->lock held */
struct vma *vma_find(struct mm *mm, unsigned long addr);
/*
 * A page fault at user address @addr (kernel/user access alike). Called by platform trap code and
 * by uaccess.
 * Return: 0 resolved, else a negative errno the caller turns into a signal: -EFAULT with *@code
 * SEGV_MAPERR/SEGV_ACCERR, -EIO (SIGBUS), -ENOMEM (killed). May sleep.
 */
#define FAULT_WRITE 1
#define FAULT_EXEC 2
#define FAULT_USER 4
int mm_fault(struct mm *mm, unsigned long addr, u32 how, int *code);
/*
 * Copies to or from another mm's memory (procfs, exec's argument pages), page by page through the
 * direct map, faulting pages in. Bytes done or errno.
 */
ssize_t mm_access(struct mm *mm, unsigned long addr, void *buf, size_t len, bool write);
/*
 * The page behind a user address with a reference, faulted in for reading or writing;
 * ERR_PTR(-EFAULT, -EIO, -ENOMEM). For mm_access(), futexes. May sleep.
 */
struct page *mm_get_page(struct mm *mm, unsigned long addr, bool write);
int mm_peek_word(struct mm *mm, unsigned long addr, u32 *value);
/* The vmas of @mm as /proc/PID/maps lines etc. walk vma_find() under mm->lock. */

/*
 * Page tables (mm/pgtable.c): the same x86-64 format on every platform. Caller holds mm->ptl or
 * owns the tables.
 */
/* last-level entry, NULL if a table is missing (or a large page) */
pte_t *pt_walk(paddr_t root, unsigned long va);
/* NULL: no memory; may sleep: take ptl afterwards */
pte_t *pt_walk_alloc(struct mm *mm, unsigned long va);
/* truncate, write-back: from all address spaces */
void unmap_mapping_range(struct mapping *mapping, unsigned long first, unsigned long count,
			 bool even_cows);

/* Ends processes to get their memory (oom_killer_register()); false if there is none to be ended. */
bool oom_kill(void);

#endif
