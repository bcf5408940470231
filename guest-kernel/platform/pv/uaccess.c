// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: user memory through the user's page tables and the direct map, as user pages are not mapped
 * in the kernel's address space.
 *
 * A page is used under mm->ptl, which whoever unmaps it needs too, so it cannot be freed meanwhile.
 * Accessed and dirty bits are set as the hardware would.
 */
#include <mm.h>
#include <string.h>
#include <thread.h>
#include <uaccess.h>

/* Entry bits with which a page may be used at once: permitted, and marked as used before. */
#define USABLE(write) (PTE_P | PTE_U | PTE_A | ((write) ? PTE_W | PTE_D : 0))

/* The table below @table that covers @va, NULL: missing. There are no large pages. */
static __always_inline pte_t *table_below(const pte_t *table, unsigned long va, u32 level)
{
	pte_t e = READ_ONCE(table[pt_index(va, level)]);

	return likely(e & PTE_P) ? phys_to_virt(e & PTE_ADDR) : NULL;
}

static __always_inline pte_t *user_entry(paddr_t root, unsigned long va)
{
	pte_t *table = phys_to_virt(root);

	table = table_below(table, va, 3);
	if (table)
		table = table_below(table, va, 2);
	if (table)
		table = table_below(table, va, 1);
	return table ? &table[pt_index(va, 0)] : NULL;
}

/*
 * Under mm->ptl: the page's entry, marked as used if the program may use the page so; 0: it may
 * not (yet).
 */
static pte_t use_page(struct mm *mm, unsigned long va, bool write)
{
	const pte_t need = PTE_P | PTE_U | (write ? PTE_W : 0);
	pte_t *entry = user_entry(mm->root, va);

	if (!entry || (*entry & need) != need)
		return 0;
	*entry |= USABLE(write);
	return *entry;
}

/* The slow part of user_map(): the page is not there or was not used before. ptl held. */
static __noinline pte_t user_map_slow(struct mm *mm, unsigned long va, bool write)
{
	int code;

	for (;;) {
		pte_t e = use_page(mm, va, write);

		if (e)
			return e;
		spin_unlock(&mm->ptl);
		if (mm_fault(mm, va, FAULT_USER | (write ? FAULT_WRITE : 0), &code))
			return 0;
		spin_lock(&mm->ptl);
	}
}

/*
 * Kernel address of user address @va for reading or writing, with mm->ptl held until user_unmap();
 * NULL (nothing held) if the program may not access it. Context: may sleep.
 */
static __always_inline void *user_map(struct mm *mm, unsigned long va, bool write)
{
	const pte_t *entry;
	pte_t e;

	spin_lock(&mm->ptl);
	entry = user_entry(mm->root, va);
	e = likely(entry) ? *entry : 0;
	if (unlikely((e & USABLE(write)) != USABLE(write))) {
		e = user_map_slow(mm, va, write);
		if (!e)
			return NULL;
	}
	return (char *)phys_to_virt(e & PTE_ADDR) + (va & ~PAGE_MASK);
}

static __always_inline void user_unmap(struct mm *mm)
{
	spin_unlock(&mm->ptl);
}

static size_t bytes_in_page(unsigned long va, size_t n)
{
	return min(n, PAGE_SIZE - (va & ~PAGE_MASK));
}

enum user_op { USER_READ, USER_WRITE, USER_CLEAR };

/* One of the three, page by page; compiled for each. Returns the bytes not done. */
static __always_inline size_t user_bytes(enum user_op op, void *kernel, const void __user *user,
					 size_t n)
{
	unsigned long va = user_addr_nospec(user);
	struct mm *mm = current->mm;

	if (!access_ok(user, n) || !mm)
		return n;
	while (n) {
		size_t len = bytes_in_page(va, n);
		void *p = user_map(mm, va, op != USER_READ);

		if (!p)
			return n;
		if (op == USER_READ)
			memcpy(kernel, p, len);
		else if (op == USER_WRITE)
			memcpy(p, kernel, len);
		else
			memset(p, 0, len);
		user_unmap(mm);
		kernel = (char *)kernel + len;
		va += len;
		n -= len;
	}
	return 0;
}

size_t copy_from_user_partial(void *dst, const void __user *src, size_t n)
{
	return user_bytes(USER_READ, dst, src, n);
}

size_t copy_to_user_partial(void __user *dst, const void *src, size_t n)
{
	return user_bytes(USER_WRITE, (void *)src, dst, n);
}

size_t clear_user(void __user *dst, size_t n)
{
	return user_bytes(USER_CLEAR, NULL, dst, n);
}

ssize_t user_string(char *dst, const char __user *src, size_t max)
{
	unsigned long va = (__force unsigned long)src;
	struct mm *mm = current->mm;
	size_t done = 0;

	if (!mm)
		return -EFAULT;
	while (done < max) {
		size_t len = bytes_in_page(va, max - done);
		const char *p, *end;

		if (va >= USER_TOP)
			return -EFAULT;
		p = user_map(mm, array_index_nospec(va, USER_TOP), false);
		if (!p)
			return -EFAULT;
		end = memchr(p, 0, len);
		if (end)
			len = (size_t)(end - p);
		if (dst)
			memcpy(dst + done, p, len);
		user_unmap(mm);
		done += len;
		if (end)
			return (ssize_t)done;
		va += len;
	}
	return (ssize_t)max;
}

int user_cmpxchg32(u32 __user *p, u32 old, u32 new_val, u32 *old_out)
{
	unsigned long va = user_addr_nospec(p);
	struct mm *mm = current->mm;
	u32 *word;

	if (!access_ok(p, 4) || (va & 3) || !mm)
		return -EFAULT;
	word = user_map(mm, va, true);
	if (!word)
		return -EFAULT;
	__atomic_compare_exchange_n(word, &old, new_val, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	user_unmap(mm);
	*old_out = old;
	return 0;
}
