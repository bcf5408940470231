// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading and writing of files whose data is in the page cache: most file systems' read_iter and
 * write_iter.
 */
#include <fs.h>
#include <string.h>

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
	p = mapping_beyond_end(m, index) ? NULL : mapping_get_page(m, index, 0);
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
		err = mapping_add_page(m, (u64)pos >> PAGE_SHIFT, p);
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
	ssize_t ret;

	if (!fresh || mapping_has_page(m, index))
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
