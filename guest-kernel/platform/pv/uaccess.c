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

/*
 * Kernel address of user address @va for reading or writing, with mm->ptl held; NULL (nothing held)
 * if the program may not access it. Context: may sleep.
 */
static void *user_map(struct mm *mm, unsigned long va, bool write)
{
	const pte_t need = PTE_P | PTE_U | (write ? PTE_W : 0);
	int code;

	for (;;) {
		pte_t *pte;

		spin_lock(&mm->ptl);
		pte = pt_walk(mm->root, va);
		if (pte && (*pte & need) == need) {
			* pte |= PTE_A | (write ? PTE_D : 0);
			return (char *)phys_to_virt(*pte & PTE_ADDR) + (va & ~PAGE_MASK);
		}
		spin_unlock(&mm->ptl);
		if (mm_fault(mm, va, FAULT_USER | (write ? FAULT_WRITE : 0), &code))
			return NULL;
	}
}

static size_t bytes_in_page(unsigned long va, size_t n)
{
	return min(n, PAGE_SIZE - (va & ~PAGE_MASK));
}

size_t copy_from_user_partial(void *dst, const void __user *src, size_t n)
{
	unsigned long va = (__force unsigned long)src;
	struct mm *mm = current->mm;

	if (!access_ok(src, n) || !mm)
		return n;
	while (n) {
		size_t len = bytes_in_page(va, n);
		const void *p = user_map(mm, va, false);

		if (!p)
			return n;
		memcpy(dst, p, len);
		spin_unlock(&mm->ptl);
		dst = (char *)dst + len;
		va += len;
		n -= len;
	}
	return 0;
}

size_t copy_to_user_partial(void __user *dst, const void *src, size_t n)
{
	unsigned long va = (__force unsigned long)dst;
	struct mm *mm = current->mm;

	if (!access_ok(dst, n) || !mm)
		return n;
	while (n) {
		size_t len = bytes_in_page(va, n);
		void *p = user_map(mm, va, true);

		if (!p)
			return n;
		memcpy(p, src, len);
		spin_unlock(&mm->ptl);
		src = (const char *)src + len;
		va += len;
		n -= len;
	}
	return 0;
}

size_t clear_user(void __user *dst, size_t n)
{
	unsigned long va = (__force unsigned long)dst;
	struct mm *mm = current->mm;

	if (!access_ok(dst, n) || !mm)
		return n;
	while (n) {
		size_t len = bytes_in_page(va, n);
		void *p = user_map(mm, va, true);

		if (!p)
			return n;
		memset(p, 0, len);
		spin_unlock(&mm->ptl);
		va += len;
		n -= len;
	}
	return 0;
}

/* Bytes before the end within @max, copied to @dst if that is not NULL; @max if there is no end;
 * -EFAULT. */
static ssize_t scan_user_string(char *dst, const char __user *src, size_t max)
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
		p = user_map(mm, va, false);
		if (!p)
			return -EFAULT;
		end = memchr(p, 0, len);
		if (end)
			len = (size_t)(end - p);
		if (dst)
			memcpy(dst + done, p, len);
		spin_unlock(&mm->ptl);
		done += len;
		if (end)
			return (ssize_t)done;
		va += len;
	}
	return (ssize_t)max;
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	ssize_t n = scan_user_string(dst, src, size);

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	dst[n] = '\0';
	return n;
}

ssize_t strnlen_user(const char __user *src, size_t max)
{
	return scan_user_string(NULL, src, max);
}

int user_cmpxchg32(u32 __user *p, u32 old, u32 new_val, u32 *old_out)
{
	unsigned long va = (__force unsigned long)p;
	struct mm *mm = current->mm;
	u32 *word;

	if (!access_ok(p, 4) || (va & 3) || !mm)
		return -EFAULT;
	word = user_map(mm, va, true);
	if (!word)
		return -EFAULT;
	__atomic_compare_exchange_n(word, &old, new_val, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	spin_unlock(&mm->ptl);
	* old_out = old;
	return 0;
}
