// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page cache: pages of files by index, for read(2), write(2) and mappings
 * alike. A page is entered locked and not up to date, read in, and then found
 * by everybody; a file system without backing store (tmpfs) has zeros instead
 * and its pages are pinned.
 */
#include "../internal.h"
#include <fs.h>
#include <panic.h>
#include <string.h>

/**
 * mapping_init - make the cache of a file empty
 * @m: part of the inode
 * @inode: the file
 * @ops: how pages are read and written; NULL: none can be
 */
void mapping_init(struct mapping *m, struct inode *inode, const struct mapping_ops *ops)
{
	m->inode = inode;
	m->ops = ops;
	m->nr_pages = 0;
	atomic64_set(&m->futex_space, 0);
	xa_init(&m->pages);
	spin_lock_init(&m->lock, "mapping->lock");
	rwsem_init(&m->invalidate_lock, "mapping->invalidate_lock");
	mutex_init(&m->vma_lock, "mapping->vma_lock");
	list_init(&m->vmas);
}

static inline bool is_pinned(const struct mapping *m)
{
	return m->ops && m->ops->pinned;
}

/* A cached page in whatever state, with a reference. */
static struct page *find_any(struct mapping *m, unsigned long index)
{
	struct page *p;

	spin_lock(&m->lock);
	p = xa_load(&m->pages, index);
	if (p)
		page_get(p);
	spin_unlock(&m->lock);
	return p;
}

struct page *mapping_find_page(struct mapping *m, unsigned long index)
{
	struct page *p = find_any(m, index);

	if (p && !test_bit(PG_uptodate, &p->flags)) {
		page_put(p);
		return NULL;
	}
	return p;
}

bool mapping_has_page(struct mapping *m, unsigned long index)
{
	struct page *p = find_any(m, index);

	if (p)
		page_put(p);
	return p;
}

bool mapping_beyond_end(const struct mapping *m, unsigned long index)
{
	return index >= DIV_ROUND_UP((u64)READ_ONCE(m->inode->size), PAGE_SIZE);
}

void filemap_find_around(struct mapping *m, unsigned long first, u32 n, struct page **pages)
{
	unsigned long end = DIV_ROUND_UP((u64)READ_ONCE(m->inode->size), PAGE_SIZE);
	u32 i;

	spin_lock(&m->lock);
	for (i = 0; i < n; i++) {
		struct page *p = first + i < end ? xa_load(&m->pages, first + i) : NULL;

		if (p && (p->flags & (BIT(PG_uptodate) | BIT(PG_locked))) == BIT(PG_uptodate)) {
			page_get(p);
			pages[i] = p;
		} else {
			pages[i] = NULL;
		}
	}
	spin_unlock(&m->lock);
}

/* ---- adding and removing ---- */

static int charge(struct mapping *m)
{
	return m->ops && m->ops->charge ? m->ops->charge(m) : 0;
}

static void uncharge(struct mapping *m, unsigned long n)
{
	if (n && m->ops && m->ops->uncharge)
		m->ops->uncharge(m, n);
}

int mapping_add_page(struct mapping *m, unsigned long index, struct page *p)
{
	int err = charge(m);

	if (err)
		return err;
	p->mapping = m;
	p->index = index;
	if (is_pinned(m))
		p->flags |= BIT(PG_pinned);
	spin_lock(&m->lock);
	err = xa_load(&m->pages, index) ? -EEXIST : xa_store(&m->pages, index, p);
	if (!err) {
		page_get(p);
		m->nr_pages++;
		mem_count(MEM_CACHED, 1);
		if (is_pinned(m))
			mem_count(MEM_SHMEM, 1);
	}
	spin_unlock(&m->lock);
	if (err) {
		p->mapping = NULL;
		uncharge(m, 1);
	} else if (!is_pinned(m)) {
		lru_add(p);
	}
	return err;
}

/* m->lock held; the cache's reference becomes the caller's. */
static void forget_page(struct mapping *m, struct page *p)
{
	xa_erase(&m->pages, p->index);
	WRITE_ONCE(p->mapping, NULL);
	m->nr_pages--;
	mem_count(MEM_CACHED, -1);
	if (is_pinned(m))
		mem_count(MEM_SHMEM, -1);
	if (test_and_clear_bit(PG_dirty, &p->flags))
		mem_count(MEM_DIRTY, -1);
}

void filemap_remove_page(struct mapping *m, struct page *p)
{
	spin_lock(&m->lock);
	forget_page(m, p);
	spin_unlock(&m->lock);
	lru_remove(p);
	uncharge(m, 1);
	page_put(p);
}

bool filemap_drop_clean(struct page *p)
{
	struct mapping *m = READ_ONCE(p->mapping);
	bool ok = false;

	if (!m)
		return false;
	spin_lock(&m->lock);
	/* The cache's reference and ours: lookups need m->lock, so it stays so. */
	if (atomic_read(&p->refs) == 2 &&
	    !(p->flags & (BIT(PG_dirty) | BIT(PG_writeback) | BIT(PG_pinned)))) {
		forget_page(m, p);
		/* From the unlock on the file may go: it has no page any more that keeps it. */
		uncharge(m, 1);
		ok = true;
	}
	spin_unlock(&m->lock);
	if (ok) {
		lru_remove(p);
		page_put(p);
	}
	return ok;
}

/**
 * page_set_dirty - note that a page differs from its backing store
 * @p: page of a cache
 *
 * Context: any.
 */
void page_set_dirty(struct page *p)
{
	struct mapping *m = READ_ONCE(p->mapping);

	if (!m || !m->ops || !m->ops->writepage)
		return;
	/*
	 * What the caller wrote to the page comes before the look at the flag: who finds it set
	 * relies on write-back to clear it first and read the page then (write_page()).
	 */
	smp_mb();
	if (test_bit(PG_dirty, &p->flags))
		return;
	spin_lock(&m->lock);
	if (p->mapping == m && !test_and_set_bit(PG_dirty, &p->flags))
		mem_count(MEM_DIRTY, 1);
	spin_unlock(&m->lock);
}

/* ---- reading in ---- */

/* A new page, entered; locked if it has to be read. */
static struct page *create_page(struct mapping *m, unsigned long index, u32 flags)
{
	bool backed = m->ops && m->ops->readpage;
	struct page *p = alloc_page(backed ? GFP_USER : GFP_USER | GFP_ZERO);
	int err;

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->flags = backed ? BIT(PG_locked) : BIT(PG_uptodate);
	if (flags & MAPPING_FRESH)
		p->flags |= BIT(PG_fresh);
	err = mapping_add_page(m, index, p);
	if (!err)
		return p;
	p->flags = 0;
	page_put(p);
	return ERR_PTR(err);
}

/* Reads a locked page that is not up to date; unlocks it. */
static int read_page(struct mapping *m, struct page *p)
{
	int err = m->ops->readpage(m, p);

	if (err)
		filemap_remove_page(m, p);
	else
		set_bit(PG_uptodate, &p->flags);
	page_unlock(p);
	return err;
}

/* Waits until a page that was found is up to date. 0; -EAGAIN: it left the cache; errno. */
static int wait_page(struct mapping *m, struct page *p)
{
	page_lock(p);
	if (p->mapping != m) {
		page_unlock(p);
		return -EAGAIN;
	}
	if (!test_bit(PG_uptodate, &p->flags))
		return read_page(m, p);
	page_unlock(p);
	return 0;
}

struct page *mapping_get_page(struct mapping *m, unsigned long index, u32 flags)
{
	bool backed = m->ops && m->ops->readpage;
	struct page *p;
	int err;

	for (;;) {
		p = find_any(m, index);
		if (p) {
			err = likely(test_bit(PG_uptodate, &p->flags)) ? 0 : wait_page(m, p);
		} else {
			if (!backed && !(flags & MAPPING_CREATE))
				return ERR_PTR(-ENOENT);
			p = create_page(m, index, flags);
			if (IS_ERR(p)) {
				if (PTR_ERR(p) == -EEXIST)
					continue;
				return p;
			}
			err = backed ? read_page(m, p) : 0;
		}
		if (!err)
			return p;
		page_put(p);
		if (err != -EAGAIN)
			return ERR_PTR(err);
	}
}

/* ---- all pages of a range ---- */

struct page *filemap_next_locked(struct mapping *m, unsigned long *index)
{
	struct page *p;

	for (;;) {
		spin_lock(&m->lock);
		p = xa_find(&m->pages, index);
		if (p)
			page_get(p);
		spin_unlock(&m->lock);
		if (!p)
			return NULL;
		page_lock(p);
		if (p->mapping == m)
			return p;
		page_unlock(p);
		page_put(p);
	}
}

struct page *filemap_lock_page(struct mapping *m, unsigned long index)
{
	struct page *p = find_any(m, index);

	if (!p)
		return NULL;
	page_lock(p);
	if (p->mapping == m)
		return p;
	page_unlock(p);
	page_put(p);
	return NULL;
}

static void unlock_and_put(struct page *p)
{
	page_unlock(p);
	page_put(p);
}

/* ---- writing back ---- */

static int write_page(struct mapping *m, struct page *p)
{
	int err = 0;

	if (test_and_clear_bit(PG_dirty, &p->flags)) {
		preempt_disable();
		mem_count(MEM_DIRTY, -1);
		preempt_enable();
		/* Later writes through mappings must fault, to make it dirty again. */
		if (!list_empty(&m->vmas))
			unmap_mapping_range(m, p->index, 1, false);
		err = m->ops->writepage(m, p);
		if (err)
			page_set_dirty(p);
	}
	return err;
}

/**
 * mapping_sync - write dirty pages of a range to backing store
 * @m: file
 * @first: first page
 * @last: last page
 *
 * Context: may sleep. Return: 0, or the first error (all pages are tried).
 */
int mapping_sync(struct mapping *m, unsigned long first, unsigned long last)
{
	unsigned long index = first;
	struct page *p;
	int err = 0, e;

	if (!m->ops || !m->ops->writepage)
		return 0;
	while ((p = filemap_next_locked(m, &index)) && index <= last) {
		e = write_page(m, p);
		err = err ?: e;
		unlock_and_put(p);
		if (index++ == ~0UL)
			return err;
	}
	if (p)
		unlock_and_put(p);
	return err;
}

/* ---- mappings ---- */

/* m->invalidate_lock held: the page stays below the end until it is in the tables. */
static int filemap_fault(struct vma *v, struct vm_fault *vf)
{
	struct mapping *m = &v->file->inode->mapping;
	struct page *p;

	DEBUG_ON(!rwsem_is_locked(&m->invalidate_lock));
	if (mapping_beyond_end(m, vf->pgoff))
		return -EFAULT;
	p = mapping_get_page(m, vf->pgoff, MAPPING_CREATE);
	if (IS_ERR(p))
		return PTR_ERR(p) == -ENOMEM ? -ENOMEM : -EFAULT;
	vf->page = p;
	return 0;
}

const struct vma_ops filemap_vma_ops = {
	.fault = filemap_fault,
};

int generic_file_mmap(struct file *f, struct vma *vma)
{
	vma->ops = &filemap_vma_ops;
	return 0;
}
