// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page cache: pages of files by index, for read(2), write(2) and mappings
 * alike. A page is entered locked and not up to date, read in, and then found
 * by everybody; a file system without backing store (tmpfs) has zeros instead
 * and its pages are pinned.
 */
#include "internal.h"
#include <fs.h>
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
	xa_init(&m->pages);
	spin_lock_init(&m->lock, "mapping->lock");
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

void filemap_find_around(struct mapping *m, unsigned long first, u32 n, struct page **pages)
{
	u32 i;

	spin_lock(&m->lock);
	for (i = 0; i < n; i++) {
		struct page *p = xa_load(&m->pages, first + i);

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

/* Gives the cache a reference on @p. 0, -EEXIST, -ENOMEM, -ENOSPC. */
static int add_page(struct mapping *m, unsigned long index, struct page *p)
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

/* Takes a locked page out of the cache. */
static void remove_page(struct mapping *m, struct page *p)
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
		ok = true;
	}
	spin_unlock(&m->lock);
	if (ok) {
		lru_remove(p);
		uncharge(m, 1);
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

	if (!m || !m->ops || !m->ops->writepage || test_bit(PG_dirty, &p->flags))
		return;
	spin_lock(&m->lock);
	if (p->mapping == m && !test_and_set_bit(PG_dirty, &p->flags))
		mem_count(MEM_DIRTY, 1);
	spin_unlock(&m->lock);
}

/* ---- reading in ---- */

/* A new page, entered; locked if it has to be read. */
static struct page *create_page(struct mapping *m, unsigned long index)
{
	bool backed = m->ops && m->ops->readpage;
	struct page *p = alloc_page(backed ? GFP_USER : GFP_USER | GFP_ZERO);
	int err;

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->flags = backed ? BIT(PG_locked) : BIT(PG_uptodate);
	err = add_page(m, index, p);
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
		remove_page(m, p);
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
			p = create_page(m, index);
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

/* ---- truncation ---- */

/* The next page at or after *@index, locked, with a reference. */
static struct page *next_locked(struct mapping *m, unsigned long *index)
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

static void unlock_and_put(struct page *p)
{
	page_unlock(p);
	page_put(p);
}

/* Drops the pages [first, last]. */
static void drop_range(struct mapping *m, unsigned long first, unsigned long last)
{
	unsigned long index = first;
	struct page *p;

	while ((p = next_locked(m, &index)) && index <= last) {
		remove_page(m, p);
		unlock_and_put(p);
	}
	if (p)
		unlock_and_put(p);
}

/* Zeroes a part of the page that @from lies in, if it is in the cache. */
static void zero_part(struct mapping *m, u64 from, size_t n)
{
	struct page *p = n ? mapping_find_page(m, from >> PAGE_SHIFT) : NULL;

	if (!p)
		return;
	memset((char *)page_address(p) + (from & (PAGE_SIZE - 1)), 0, n);
	page_set_dirty(p);
	page_put(p);
}

void mapping_truncate(struct mapping *m, loff_t newsize)
{
	unsigned long first = DIV_ROUND_UP((u64)newsize, PAGE_SIZE);
	unsigned long tail = (u64)newsize & (PAGE_SIZE - 1);

	drop_range(m, first, ~0UL);
	if (!list_empty(&m->vmas))
		unmap_mapping_range(m, first, ~0UL - first, true);
	zero_part(m, (u64)newsize, tail ? PAGE_SIZE - tail : 0);
}

void mapping_punch(struct mapping *m, loff_t from, loff_t to)
{
	u64 first = ALIGN_UP((u64)from, PAGE_SIZE), end = ALIGN_DOWN((u64)to, PAGE_SIZE);

	if (first > end) { /* inside one page */
		zero_part(m, (u64)from, (size_t)(to - from));
		return;
	}
	if (first < end) {
		drop_range(m, first >> PAGE_SHIFT, (end >> PAGE_SHIFT) - 1);
		if (!list_empty(&m->vmas))
			unmap_mapping_range(m, first >> PAGE_SHIFT, (end - first) >> PAGE_SHIFT,
					    false);
	}
	zero_part(m, (u64)from, first - (u64)from);
	zero_part(m, end, (u64)to - end);
}

void mapping_release(struct mapping *m)
{
	drop_range(m, 0, ~0UL);
	xa_destroy(&m->pages);
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
	while ((p = next_locked(m, &index)) && index <= last) {
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

/* ---- read(2) and write(2) ---- */

/* Up to the end of a page or of the file: bytes copied, 0: nothing more can be, or errno. */
static ssize_t read_chunk(struct mapping *m, struct iov_iter *it, loff_t pos, size_t n)
{
	unsigned long off = (u64)pos & (PAGE_SIZE - 1);
	struct page *p = mapping_get_page(m, (u64)pos >> PAGE_SHIFT, 0);
	size_t copied;

	if (IS_ERR(p)) {
		if (PTR_ERR(p) != -ENOENT)
			return PTR_ERR(p);
		p = zero_page_get();
	}
	copied = copy_to_iter((char *)page_address(p) + off, n, it);
	if (!test_bit(PG_referenced, &p->flags))
		set_bit(PG_referenced, &p->flags);
	page_put(p);
	return copied ? (ssize_t)copied : -EFAULT;
}

/**
 * generic_file_read_iter - read_iter of files in the page cache
 * @f: file
 * @it: where to
 * @pos: position, advanced
 *
 * Context: may sleep. Return: bytes, 0 at the end, -EFAULT, -EIO, -ENOMEM.
 */
ssize_t generic_file_read_iter(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct mapping *m = &f->inode->mapping;
	ssize_t done = 0, n = 0;

	while (it->count && *pos < READ_ONCE(m->inode->size)) {
		u64 left = (u64)(READ_ONCE(m->inode->size) - *pos);

		n = (ssize_t)min_t(u64, min_t(u64, left, it->count),
				   PAGE_SIZE - ((u64)*pos & (PAGE_SIZE - 1)));
		n = read_chunk(m, it, *pos, (size_t)n);
		if (n < 0)
			break;
		*pos += n;
		done += n;
	}
	return done ? done : min(n, (ssize_t)0);
}

/*
 * A page that nothing of has to be kept: filled before it is entered, so
 * that nobody sees it half done.
 */
static ssize_t write_new_page(struct mapping *m, struct iov_iter *it, loff_t pos, size_t n)
{
	unsigned long off = (u64)pos & (PAGE_SIZE - 1);
	struct page *p = alloc_page(n < PAGE_SIZE ? GFP_USER | GFP_ZERO : GFP_USER);
	int err = -EFAULT;

	if (!p)
		return -ENOMEM;
	p->flags = BIT(PG_uptodate);
	if (copy_from_iter((char *)page_address(p) + off, n, it) == n)
		err = add_page(m, (u64)pos >> PAGE_SHIFT, p);
	if (err)
		p->flags = 0;
	else
		page_set_dirty(p);
	page_put(p);
	return err ?: (ssize_t)n;
}

static ssize_t write_old_page(struct mapping *m, struct iov_iter *it, loff_t pos, size_t n)
{
	unsigned long off = (u64)pos & (PAGE_SIZE - 1);
	struct page *p = mapping_get_page(m, (u64)pos >> PAGE_SHIFT, MAPPING_CREATE);
	size_t copied;

	if (IS_ERR(p))
		return PTR_ERR(p);
	copied = copy_from_iter((char *)page_address(p) + off, n, it);
	if (copied)
		page_set_dirty(p);
	page_put(p);
	return copied ? (ssize_t)copied : -EFAULT;
}

static ssize_t write_chunk(struct mapping *m, struct iov_iter *it, loff_t pos, size_t n)
{
	unsigned long index = (u64)pos >> PAGE_SHIFT;
	bool backed = m->ops && m->ops->readpage;
	/* Is anything of the page to be kept that is not in the cache? */
	bool fresh = !backed || n == PAGE_SIZE || (u64)index << PAGE_SHIFT >= (u64)m->inode->size;
	struct iov_iter at = *it;
	struct page *p = find_any(m, index);
	ssize_t ret;

	if (p)
		page_put(p);
	if (p || !fresh)
		return write_old_page(m, it, pos, n);
	ret = write_new_page(m, it, pos, n);
	/*
	 * Someone else entered the page meanwhile, or the source ends in the middle: a page that
	 * exists takes what there is.
	 */
	if (ret == -EEXIST || ret == -EFAULT) {
		*it = at;
		ret = write_old_page(m, it, pos, n);
	}
	return ret;
}

static ssize_t write_pages(struct inode *inode, struct iov_iter *it, loff_t *pos)
{
	ssize_t done = 0, n = 0;

	while (it->count) {
		n = (ssize_t)min_t(u64, it->count, PAGE_SIZE - ((u64)*pos & (PAGE_SIZE - 1)));
		n = write_chunk(&inode->mapping, it, *pos, (size_t)n);
		if (n < 0)
			break;
		*pos += n;
		done += n;
		if (*pos > inode->size)
			WRITE_ONCE(inode->size, *pos);
		if (fatal_signal_pending())
			break;
	}
	if (done)
		inode_touch(inode, ATTR_MTIME);
	return done ? done : n;
}

/**
 * generic_file_write_iter - write_iter of files in the page cache
 * @f: file; with O_APPEND the end is the position
 * @it: where from
 * @pos: position, advanced
 *
 * Context: may sleep; takes inode->lock.
 * Return: bytes, -EFBIG, -EPERM, -EFAULT, -ENOSPC, -EIO, -ENOMEM.
 */
ssize_t generic_file_write_iter(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *inode = f->inode;
	ssize_t ret;

	if (!it->count)
		return 0;
	down_write(&inode->lock);
	ret = file_write_begin(f, it, pos);
	if (!ret)
		ret = write_pages(inode, it, pos);
	up_write(&inode->lock);
	return ret;
}

/* ---- mappings ---- */

static bool beyond_end(const struct inode *i, unsigned long index)
{
	return index >= DIV_ROUND_UP((u64)READ_ONCE(i->size), PAGE_SIZE);
}

/* Takes out a page that was made behind truncation's back. Takes over the reference. */
static void drop_beyond_end(struct mapping *m, struct page *p)
{
	page_lock(p);
	if (p->mapping == m && beyond_end(m->inode, p->index))
		remove_page(m, p);
	unlock_and_put(p);
}

static int filemap_fault(struct vma *v, struct vm_fault *vf)
{
	struct inode *inode = v->file->inode;
	struct page *p;

	if (beyond_end(inode, vf->pgoff))
		return -EFAULT;
	p = mapping_get_page(&inode->mapping, vf->pgoff, MAPPING_CREATE);
	if (IS_ERR(p))
		return PTR_ERR(p) == -ENOMEM ? -ENOMEM : -EFAULT;
	/*
	 * Truncation changes the size, then drops pages: this one either was there to be dropped,
	 * or was made by somebody who sees the new size now.
	 */
	if (unlikely(beyond_end(inode, vf->pgoff))) {
		drop_beyond_end(&inode->mapping, p);
		return -EFAULT;
	}
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
