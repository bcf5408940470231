// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory cache: names looked up once are found again without asking the file system. One
 * hash table and one lock; unused dentries wait on a list until memory is short (dcache_shrink())
 * or their file system goes away (dcache_shrink_sb()).
 *
 * A dentry is freed only when its count is zero, and the count leaves zero only under dcache_lock:
 * who finds one in the table under the lock may take it.
 */
#include "../internal.h"
#include <panic.h>
#include <shrinker.h>
#include <string.h>

#define DCACHE_BITS 12

struct spinlock dcache_lock = SPINLOCK_INIT("dcache");
static struct list_head dcache_hash[1 << DCACHE_BITS];
static LIST_HEAD(dcache_lru); /* guarded by dcache_lock */
static unsigned long nr_unused; /* guarded by dcache_lock */
static struct kmem_cache *dentry_cache __ro_after_init;

static u32 name_hash(const struct dentry *parent, const char *name, size_t len)
{
	return hash_bytes(name, len, hash_long((unsigned long)parent, 32));
}

static struct list_head *bucket(u32 hash)
{
	return &dcache_hash[hash & ((1 << DCACHE_BITS) - 1)];
}

void dget(struct dentry *d)
{
	atomic_inc(&d->refs);
}

static bool ref_dec_unless_last(atomic_t *refs)
{
	int old = atomic_read(refs);

	while (old > 1) {
		if (atomic_cmpxchg(refs, old, old - 1))
			return true;
		old = atomic_read(refs);
	}
	return false;
}

static void lru_remove(struct dentry *d)
{
	if (list_empty(&d->lru))
		return;
	list_del(&d->lru);
	nr_unused--;
}

/* Takes a reference on a dentry that was found under dcache_lock. */
static struct dentry *dget_locked(struct dentry *d)
{
	if (atomic_add_return(&d->refs, 1) == 1)
		lru_remove(d);
	return d;
}

/*
 * Frees @d, which nobody uses; called with dcache_lock, which is released. Returns the parent,
 * whose reference is now the caller's, or NULL.
 */
static struct dentry *dentry_kill(struct dentry *d)
{
	struct dentry *parent = d->parent == d ? NULL : d->parent;

	lru_remove(d);
	list_del(&d->hash_node);
	list_del(&d->child_node);
	spin_unlock(&dcache_lock);
	if (d->inode)
		inode_put(d->inode);
	if (d->name != d->iname)
		kfree(d->name);
	kmem_cache_free(dentry_cache, d);
	return parent;
}

void dput(struct dentry *d)
{
	while (d && !ref_dec_unless_last(&d->refs)) {
		spin_lock(&dcache_lock);
		if (!atomic_dec_and_test(&d->refs)) {
			spin_unlock(&dcache_lock);
			return;
		}
		if (!list_empty(&d->hash_node) && !(d->flags & DCACHE_VOLATILE)) {
			list_add_tail(&d->lru, &dcache_lru);
			nr_unused++;
			spin_unlock(&dcache_lock);
			return;
		}
		d = dentry_kill(d);
	}
}

static struct dentry *dentry_new(struct super_block *sb, const char *name, size_t len)
{
	struct dentry *d = kmem_cache_alloc(dentry_cache, GFP_KERNEL);

	if (!d)
		return NULL;
	d->name = d->iname;
	if (len >= sizeof(d->iname)) {
		d->name = kmalloc(len + 1, GFP_KERNEL);
		if (!d->name) {
			kmem_cache_free(dentry_cache, d);
			return NULL;
		}
	}
	memcpy(d->name, name, len);
	d->name[len] = '\0';
	d->len = (u16)len;
	atomic_set(&d->refs, 1);
	d->hash = 0;
	d->flags = 0;
	d->mounted = 0;
	d->inode = NULL;
	d->parent = d;
	d->sb = sb;
	list_init(&d->hash_node);
	list_init(&d->children);
	list_init(&d->child_node);
	list_init(&d->lru);
	return d;
}

struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len)
{
	struct dentry *d = dentry_new(parent->sb, name, len);

	if (!d)
		return ERR_PTR(-ENOMEM);
	dget(parent);
	d->hash = name_hash(parent, name, len);
	spin_lock(&dcache_lock);
	d->parent = parent;
	list_add(&d->child_node, &parent->children);
	spin_unlock(&dcache_lock);
	return d;
}

static struct dentry *d_alloc_parentless(struct super_block *sb, const char *name,
					 struct inode *inode)
{
	struct dentry *d = dentry_new(sb, name, strlen(name));

	if (d)
		d->inode = inode;
	else
		inode_put(inode);
	return d;
}

struct dentry *d_make_root(struct inode *inode)
{
	return d_alloc_parentless(inode->sb, "/", inode);
}

struct dentry *d_alloc_anon(struct super_block *sb, const char *name, struct inode *inode)
{
	struct dentry *d = d_alloc_parentless(sb, name, inode);

	if (d)
		d->flags = DCACHE_ANON;
	return d;
}

void d_instantiate(struct dentry *d, struct inode *inode)
{
	spin_lock(&dcache_lock);
	d->inode = inode;
	spin_unlock(&dcache_lock);
}

static struct dentry *find_locked(struct dentry *parent, const char *name, size_t len, u32 hash)
{
	struct dentry *d;

	list_for_each_entry (d, bucket(hash), hash_node)
		if (d->hash == hash && d->parent == parent && d->len == len &&
		    !memcmp(d->name, name, len))
			return d;
	return NULL;
}

struct dentry *d_lookup(struct dentry *parent, const char *name, size_t len)
{
	u32 hash = name_hash(parent, name, len);
	const struct inode_ops *ops = parent->inode->ops;
	struct dentry *d;

	spin_lock(&dcache_lock);
	d = find_locked(parent, name, len, hash);
	if (d)
		dget_locked(d);
	spin_unlock(&dcache_lock);
	if (d && ops->revalidate && !ops->revalidate(d)) {
		d_drop(d);
		dput(d);
		d = NULL;
	}
	return d;
}

/*
 * Makes @d findable unless another thread was faster; then that one's is returned and @d dropped. /
 */
static struct dentry *d_hash_unique(struct dentry *d)
{
	struct dentry *other;

	spin_lock(&dcache_lock);
	other = find_locked(d->parent, d->name, d->len, d->hash);
	if (other)
		dget_locked(other);
	else
		list_add(&d->hash_node, bucket(d->hash));
	spin_unlock(&dcache_lock);
	if (!other)
		return d;
	dput(d);
	return other;
}

struct dentry *d_lookup_locked(struct dentry *parent, const char *name, size_t len)
{
	const struct inode_ops *ops = parent->inode->ops;
	struct dentry *d = d_lookup(parent, name, len);
	struct inode *inode;

	if (d)
		return d;
	inode = ops->lookup(parent->inode, name, len);
	if (IS_ERR(inode) && PTR_ERR(inode) != -ENOENT)
		return (struct dentry *)inode;
	d = d_alloc(parent, name, len);
	if (IS_ERR(d)) {
		if (!IS_ERR(inode))
			inode_put(inode);
		return d;
	}
	if (IS_ERR(inode)) {
		if (ops->revalidate || !parent->inode->nlink)
			return d; /* absent now, who knows about later, or nobody will ask */
	} else {
		d->inode = inode;
		if (inode->is_volatile)
			d->flags |= DCACHE_VOLATILE;
	}
	return d_hash_unique(d);
}

void d_drop(struct dentry *d)
{
	spin_lock(&dcache_lock);
	list_del(&d->hash_node);
	spin_unlock(&dcache_lock);
}

bool d_hashed(const struct dentry *d)
{
	return !list_empty(&d->hash_node);
}

/*
 * Swaps the names of two dentries; inline names must be copied, since the pointers point into the
 * dentries.
 */
static void swap_names(struct dentry *a, struct dentry *b)
{
	char *name_a = a->name == a->iname ? b->iname : a->name;
	char *name_b = b->name == b->iname ? a->iname : b->name;
	char text[sizeof(a->iname)];
	u16 len = a->len;

	memcpy(text, a->iname, sizeof(text));
	memcpy(a->iname, b->iname, sizeof(text));
	memcpy(b->iname, text, sizeof(text));
	a->name = name_b;
	b->name = name_a;
	a->len = b->len;
	b->len = len;
}

static void swap_places(struct dentry *a, struct dentry *b)
{
	struct dentry *parent = a->parent;

	list_del(&a->hash_node);
	list_del(&b->hash_node);
	swap_names(a, b);
	a->parent = b->parent;
	b->parent = parent;
	list_move_tail(&a->child_node, &a->parent->children);
	list_move_tail(&b->child_node, &b->parent->children);
	a->hash = name_hash(a->parent, a->name, a->len);
	b->hash = name_hash(b->parent, b->name, b->len);
}

void d_move(struct dentry *d, struct dentry *target)
{
	spin_lock(&dcache_lock);
	swap_places(d, target);
	list_add(&d->hash_node, bucket(d->hash));
	spin_unlock(&dcache_lock);
}

void d_exchange(struct dentry *a, struct dentry *b)
{
	spin_lock(&dcache_lock);
	swap_places(a, b);
	list_add(&a->hash_node, bucket(a->hash));
	list_add(&b->hash_node, bucket(b->hash));
	spin_unlock(&dcache_lock);
}

bool d_is_ancestor(const struct dentry *a, const struct dentry *d)
{
	bool found;

	spin_lock(&dcache_lock);
	while (d != a && d->parent != d)
		d = d->parent;
	found = d == a;
	spin_unlock(&dcache_lock);
	return found;
}

struct dentry *dget_parent(struct dentry *d)
{
	struct dentry *parent;

	spin_lock(&dcache_lock);
	parent = d->parent;
	dget(parent);
	spin_unlock(&dcache_lock);
	return parent;
}

/**
 * d_delete - Forget a name that has been removed from its directory.
 * @d: its dentry; users keep it
 *
 * Of a directory, what is cached below it goes, too: names that were looked for and not found.
 */
void d_delete(struct dentry *d)
{
	struct dentry *child;
	bool found;

	d_drop(d);
	do {
		found = false;
		spin_lock(&dcache_lock);
		list_for_each_entry(child, &d->children, child_node) {
			if (atomic_read(&child->refs))
				continue;
			found = true;
			break;
		}
		if (found)
			dput(dentry_kill(child));
		else
			spin_unlock(&dcache_lock);
	} while (found);
}

/*
 * The unused dentry that has waited longest (of @sb, if given), off the list; NULL: there is none.
 * Called with dcache_lock.
 */
static struct dentry *oldest_unused(const struct super_block *sb)
{
	struct dentry *d;

	list_for_each_entry (d, &dcache_lru, lru)
		if (!sb || d->sb == sb)
			return d;
	return NULL;
}

static bool shrink_one(const struct super_block *sb)
{
	struct dentry *d;

	spin_lock(&dcache_lock);
	d = oldest_unused(sb);
	if (!d) {
		spin_unlock(&dcache_lock);
		return false;
	}
	dput(dentry_kill(d));
	return true;
}

unsigned long dcache_shrink(unsigned long nr)
{
	unsigned long freed = 0;

	while (freed < nr && shrink_one(NULL))
		freed++;
	return freed;
}

unsigned long dcache_unused(void)
{
	return READ_ONCE(nr_unused);
}

/**
 * dcache_shrink_sb - Free all unused dentries of a file system that goes away.
 * @sb: nobody can look anything up in it any more
 */
void dcache_shrink_sb(struct super_block *sb)
{
	while (shrink_one(sb))
		;
}

/* Dentries are objects: their slabs are given back afterwards. */
static unsigned long shrink_unused(unsigned long want)
{
	dcache_shrink(want);
	return 0;
}

static struct shrinker dcache_shrinker = { .shrink = shrink_unused };

void dcache_init(void)
{
	shrinker_register(&dcache_shrinker);
	for (u32 i = 0; i < ARRAY_SIZE(dcache_hash); i++)
		list_init(&dcache_hash[i]);
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 0, NULL);
}
