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

bool filemap_beyond_end(const struct mapping *m, unsigned long index)
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

/* ---- read(2) and write(2) ---- */

/*
 * A page to be read from, NULL: the file ends before it. What has a backing store is entered with
 * truncation kept out, as by a fault, or a page might be left behind the end.
 */
static struct page *read_get_page(struct mapping *m, unsigned long index)
{
	struct page *p = mapping_find_page(m, index);

	if (p)
		return p;
	if (!m->ops || !m->ops->readpage)
		return zero_page_get();
	down_read(&m->invalidate_lock);
	p = filemap_beyond_end(m, index) ? NULL : mapping_get_page(m, index, 0);
	up_read(&m->invalidate_lock);
	return p;
}

/* Up to the end of a page or of the file: bytes copied, 0: nothing more can be, or errno. */
static ssize_t read_chunk(struct mapping *m, struct iov_iter *it, loff_t pos)
{
	unsigned long off = (u64)pos & (PAGE_SIZE - 1);
	struct page *p = read_get_page(m, (u64)pos >> PAGE_SHIFT);
	size_t n = min(it->count, PAGE_SIZE - off), copied = 0;
	loff_t size;

	if (IS_ERR_OR_NULL(p))
		return PTR_ERR(p);
	/* Asked after the page was found: what has been cut off since must not be shown. */
	size = READ_ONCE(m->inode->size);
	if (pos < size) {
		n = min_t(u64, n, (u64)(size - pos));
		copied = copy_to_iter((char *)page_address(p) + off, n, it);
		if (!test_bit(PG_referenced, &p->flags))
			set_bit(PG_referenced, &p->flags);
	}
	page_put(p);
	return copied || pos >= size ? (ssize_t)copied : -EFAULT;
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
		n = read_chunk(m, it, *pos);
		if (n <= 0)
			break;
		*pos += n;
		done += n;
	}
	return done ? done : min(n, (ssize_t)0);
}

/*
 * A page of which nothing has to be kept: filled before it is entered, so that nobody sees it half
 * done, and nothing is left of it if that fails. If the source ends in the middle the rest is zero.
 */
static ssize_t write_new_page(struct mapping *m, struct iov_iter *it, loff_t pos, size_t n)
{
	unsigned long off = (u64)pos & (PAGE_SIZE - 1);
	struct page *p = alloc_page(n < PAGE_SIZE ? GFP_USER | GFP_ZERO : GFP_USER);
	int err = -EFAULT;
	size_t copied;

	if (!p)
		return -ENOMEM;
	p->flags = BIT(PG_uptodate);
	copied = copy_from_iter((char *)page_address(p) + off, n, it);
	/* What a failed copy may have written behind what it owns to. */
	if (copied < n)
		memset((char *)page_address(p) + off + copied, 0, n - copied);
	if (copied)
		err = add_page(m, (u64)pos >> PAGE_SHIFT, p);
	if (err)
		p->flags = 0;
	else
		page_set_dirty(p);
	page_put(p);
	return err ?: (ssize_t)copied;
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
	/* Is nothing of the page to be kept that is not in the cache, however much is written? */
	bool fresh = !backed || (u64)index << PAGE_SHIFT >= (u64)m->inode->size;
	struct iov_iter at = *it;
	struct page *p = find_any(m, index);
	ssize_t ret;

	if (p)
		page_put(p);
	if (p || !fresh)
		return write_old_page(m, it, pos, n);
	ret = write_new_page(m, it, pos, n);
	/* Someone else has entered the page meanwhile: a fault. */
	if (ret == -EEXIST) {
		*it = at;
		ret = write_old_page(m, it, pos, n);
	}
	return ret;
}

static ssize_t write_pages(struct inode *inode, struct iov_iter *it, loff_t *pos)
{
	ssize_t done = 0, n = 0;

	if (*pos > inode->size)
		mapping_zero_tail(&inode->mapping, *pos);
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

/* m->invalidate_lock held: the page stays below the end until it is in the tables. */
static int filemap_fault(struct vma *v, struct vm_fault *vf)
{
	struct mapping *m = &v->file->inode->mapping;
	struct page *p;

	DEBUG_ON(!rwsem_is_locked(&m->invalidate_lock));
	if (filemap_beyond_end(m, vf->pgoff))
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
