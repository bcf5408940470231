/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of fs/ share among themselves and nobody else needs.
 */
#ifndef _FS_INTERNAL_H
#define _FS_INTERNAL_H

#include <fs.h>
#include <process.h>

/* ---- dcache.c ---- */
extern struct spinlock dcache_lock;

/*
 * A new dentry below @parent (which it references), refs 1, negative and not yet findable.
 * ERR_PTR(-ENOMEM).
 */
struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len);
/*
 * One without a parent or a name in any directory, for pipes and the like; takes over @inode. NULL:
 * no memory (@inode is dropped).
 */
struct dentry *d_alloc_anon(struct super_block *sb, const char *name, struct inode *inode);
/* The cached dentry with a reference, or NULL. */
struct dentry *d_lookup(struct dentry *parent, const char *name, size_t len);
/*
 * The dentry of @name, cached or asked from the file system; negative if the name is free. Parent's
 * inode lock held (read suffices). ERR_PTR.
 */
struct dentry *d_lookup_locked(struct dentry *parent, const char *name, size_t len);
/* It is not found any more; users keep it. */
void d_drop(struct dentry *d);
void d_delete(struct dentry *d);
bool d_hashed(const struct dentry *d);
/*
 * After a rename in the file system: @d takes @target's name and place, @target is dropped. Both
 * parents' inode locks held.
 */
void d_move(struct dentry *d, struct dentry *target);
void d_exchange(struct dentry *a, struct dentry *b);
/* True if @a is @d or above it (rename_mutex held, or the answer is a snapshot). */
bool d_is_ancestor(const struct dentry *a, const struct dentry *d);
/* A reference on the parent as it is now. */
struct dentry *dget_parent(struct dentry *d);
void dcache_shrink_sb(struct super_block *sb);
void dcache_init(void);

/* ---- inode.c ---- */
void inode_init(void);
ino_t inode_new_number(void);
/* Owner, group and mode of an inode that is being created in @dir. */
void inode_init_owner(struct inode *i, const struct inode *dir, umode_t mode);
/* The fsuid owns it, or CAP_FOWNER. */
bool inode_owner_or_capable(const struct inode *i);
/* Operations of files that are opened on the kinds that no file system implements itself. */
const struct file_ops *special_fops(umode_t mode);

/* ---- super.c ---- */
dev_t sb_new_dev(void);
const struct fs_type *fs_find(const char *name);
int mount_options(const char *type, const char *options,
		  int (*option)(void *arg, const char *key, const char *value), void *arg);
void sb_get(struct super_block *sb);
void sb_put(struct super_block *sb);
/* Calls @fn with each registered type. */
void fs_for_each(void (*fn)(const struct fs_type *t, void *arg), void *arg);
/* Calls @fn with each live super block, referenced, without locks held. */
void sb_for_each(void (*fn)(struct super_block *sb, void *arg), void *arg);

/* ---- mount.c ---- */
extern struct spinlock mount_lock;
extern struct mutex mount_mutex; /* changes of the tree */
extern struct mount *root_mount;

void mnt_get(struct mount *m);
void mnt_put(struct mount *m);
/* Goes down to what is mounted on @p, if anything: swaps the references. */
void path_down_mounts(struct path *p);
/* Goes up from the root of a mount to its mount point; false at the top. Swaps the references. */
bool path_up_mount(struct path *p);
int mount_rootfs(void);
/*
 * A mount that is in no tree, for files of file systems nobody mounts (pipes, memfd). NULL: no
 * memory. Takes over the sb reference.
 */
struct mount *mount_internal(struct super_block *sb);
bool mnt_is_pinned(const struct dentry *d);
struct mount *mount_next(struct mount *prev);
void mount_point(struct mount *m, struct path *out);
int statfs_path(const struct path *p, struct kstatfs *st);

/* ---- namei.c ---- */
enum last_kind { LAST_NONE, LAST_NORM, LAST_DOT, LAST_DOTDOT, LAST_JUMPED };

/**
 * struct walk - a path walk
 * @root: where ".." and absolute links stop; referenced
 * @path: how far it has come; referenced
 * @rest: name that is left, inside @name or @buf
 * @buf: rest of the name after a symbolic link was put in its place
 * @last: with LOOKUP_PARENT, the component that was not walked, @last_len bytes
 * @kind: what @last is; LAST_NONE: the name was all slashes, LAST_JUMPED: a magic link ended the
 * walk at @path
 * @slash: slashes follow the last component
 */
struct walk {
	struct path root, path;
	const char *rest;
	char *buf;
	const char *last;
	size_t last_len;
	enum last_kind kind;
	u32 flags, links;
	bool slash;
};
int walk_start(struct walk *w, int dfd, const char *name, u32 flags);
int walk_run(struct walk *w);
/*
 * After walk_run() with LOOKUP_PARENT found that the last component is the link @d: goes on with
 * what the link says.
 */
int walk_follow(struct walk *w, struct dentry *d);
void walk_end(struct walk *w);
void namei_init(void);

/*
 * The parent of a name that is to be made or removed, and the name's dentry, the parent locked for
 * writing.
 */
struct parent_lookup {
	struct walk walk;
	struct dentry *dentry;
};
/* @create: fails with -EEXIST if it is there; @dir: a trailing slash is fine. */
int parent_lookup_create(struct parent_lookup *pl, int dfd, const char *name, bool dir);
int parent_lookup_remove(struct parent_lookup *pl, int dfd, const char *name, bool dir);
void parent_lookup_end(struct parent_lookup *pl);
int may_create(struct inode *dir);
int may_delete(struct inode *dir, struct dentry *victim, bool isdir);
/* Locks two directories for a rename; with rename_mutex if they differ. */
extern struct mutex rename_mutex;

/* ---- open.c ---- */
extern atomic_t open_files;
void open_init(void);
struct file *file_open_unchecked(const struct path *p, int flags);
struct file *file_alloc(const struct path *p, int flags, const struct file_ops *ops);
umode_t current_umask(void);

/* ---- anon.c ---- */
int anon_inode(umode_t mode, const char *name, struct inode **inode, struct path *out);
void anon_init(void);

/* ---- read_write.c ---- */
ssize_t vfs_read_iter(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t vfs_write_iter(struct file *f, struct iov_iter *it, loff_t *pos);
/* 0, or -EFBIG (with SIGXFSZ) if a file must not become @size bytes long. */
int check_new_size(const struct inode *i, loff_t size);
/* Locks f->pos where the file has a position; returns the pointer to hand to the operations. */
loff_t *file_pos_lock(struct file *f);
void file_pos_unlock(struct file *f);

/* ---- iov_import.c ---- */
#define UIO_FASTIOV  8
#define UIO_MAXIOV   1024
#define MAX_RW_COUNT (0x7fffffffUL & PAGE_MASK)
/*
 * Copies and checks an array of segments; *@iov points to @fast or to an allocation that the caller
 * kfree()s if it differs. 0 or errno.
 */
int iov_import(struct iov_iter *it, const void __user *uiov, unsigned long nr, struct iovec *fast,
	       struct iovec **iov);

/* ---- attr.c ---- */
void inode_set_attrs(struct inode *i, const struct iattr *a); /* all but the size, in memory */
int vfs_setattr(const struct path *p, struct iattr *attr);
int vfs_truncate(const struct path *p, loff_t size);

/* ---- locks.c ---- */
/*
 * close(2) of any descriptor of the file drops the process's record locks; the last reference drops
 * flock and OFD locks.
 */
void locks_remove_posix(struct file *f, struct files *owner);
void locks_remove_file(struct file *f);
long fcntl_lock(int fd, struct file *f, u32 cmd, void __user *arg);

/* ---- pipe.c ---- */
extern const struct file_ops fifo_fops;
void pipe_init(void);
void pipe_free_inode(struct inode *i);

/* ---- tmpfs.c ---- */
extern const struct file_ops tmpfs_dir_fops;
struct super_block *tmpfs_create_sb(const struct fs_type *t, u32 flags, u64 max_pages);
void tmpfs_init(void);

/* ---- link.c, rename.c: the kernel's own use ---- */
int vfs_mkdir(const char *name, umode_t mode);
int vfs_mknod(int dfd, const char *name, umode_t mode, dev_t dev);
int vfs_symlink(const char *target, int dfd, const char *name);
int vfs_link(int olddfd, const char *oldname, int newdfd, const char *newname, u32 how);
int vfs_unlink(const char *name);
int vfs_rmdir(const char *name);
int vfs_rename(int olddfd, const char *oldname, int newdfd, const char *newname, u32 flags);

/* ---- getdents.c ---- */
int iterate_dir(struct file *f, struct dir_context *ctx);

/* ---- devfs.c ---- */
extern const struct file_ops chrdev_open_fops;
void devfs_init(void);
void memdev_init(void);
extern const struct file_ops kmsg_fops; /* kmsg.c */
void devpts_init(void);
struct inode *devnode_make(struct super_block *sb, const char *name, umode_t mode, dev_t dev,
			   const char *target);
const char *chrdev_next(u32 n, dev_t *dev);

/* ---- eventpoll.c ---- */
void eventpoll_release(struct file *f);

/* ---- fdtable.c ---- */
long fd_set_flags(int fd, bool cloexec);
long fd_dup_from(int fd, unsigned long from, u32 flags);
void fdtable_init(void);

#endif
