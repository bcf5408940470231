/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file system layer (fs/): inodes, dentries, mounts, open files, and the page cache behind
 * regular files.
 *
 * Lock order: file->pos_lock -> mount_mutex -> rename_mutex -> parent inode->lock -> child
 * inode->lock -> mount_lock -> dcache_lock; files->lock, fs_context->lock, sb->lock and file->lock
 * are innermost. inode->lock -> mm->lock is the order (user memory may be touched with an inode
 * locked): page faults, and whatever else runs under mm->lock (a file's mmap operation, readpage,
 * mkwrite), take no inode lock, and never with a page locked is user memory touched.
 */
#ifndef _FS_H
#define _FS_H

#include <iov.h>
#include <wait.h>
#include <time.h>
#include <xarray.h>
#include <mm.h>
#include <poll.h>

struct inode;
struct dentry;
struct mount;
/* A place in the tree; holds references where a function says so. */
struct path {
	struct mount *mnt;
	struct dentry *dentry;
};
struct iattr;
struct file;
struct super_block;
struct mapping;
struct kstat;

#define S_IFMT	    0170000
#define S_IFSOCK    0140000
#define S_IFLNK	    0120000
#define S_IFREG	    0100000
#define S_IFBLK	    0060000
#define S_IFDIR	    0040000
#define S_IFCHR	    0020000
#define S_IFIFO	    0010000
#define S_ISUID	    0004000
#define S_ISGID	    0002000
#define S_ISVTX	    0001000
#define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)

#define O_ACCMODE   3
#define O_RDONLY    0
#define O_WRONLY    1
#define O_RDWR	    2
#define O_CREAT	    0100
#define O_EXCL	    0200
#define O_NOCTTY    0400
#define O_TRUNC	    01000
#define O_APPEND    02000
#define O_NONBLOCK  04000
#define O_DSYNC	    010000
#define O_ASYNC	    020000
#define O_DIRECT    040000
#define O_LARGEFILE 0100000
#define O_DIRECTORY 0200000
#define O_NOFOLLOW  0400000
#define O_NOATIME   01000000
#define O_CLOEXEC   02000000
#define O_SYNC	    04010000
#define O_PATH	    010000000
#define O_TMPFILE   020200000

/* mount(2). */
#define MS_RDONLY	1
#define MS_NOSUID	2
#define MS_NODEV	4
#define MS_NOEXEC	8
#define MS_SYNCHRONOUS	16
#define MS_REMOUNT	32
#define MS_DIRSYNC	128
#define MS_NOSYMFOLLOW	256
#define MS_NOATIME	1024
#define MS_NODIRATIME	2048
#define MS_BIND		4096
#define MS_MOVE		8192
#define MS_REC		16384
#define MS_SILENT	32768
#define MS_PRIVATE	(1 << 18)
#define MS_RELATIME	(1 << 21)
#define MS_STRICTATIME	(1 << 24)
#define MNT_FORCE	1
#define MNT_DETACH	2
#define MNT_EXPIRE	4
#define UMOUNT_NOFOLLOW 8

#define PATH_MAX	4096
#define NAME_MAX	255

/* Linux's dev_t encoding in stat(2) is new_encode_dev; inside: 32:32. */
#define MKDEV(ma, mi) (((dev_t)(ma) << 32) | (u32)(mi))
#define MAJOR(d)      ((u32)((d) >> 32))
#define MINOR(d)      ((u32)(d))

/* ---- page cache (mm/cache/filemap.c) ---- */
/**
 * struct mapping - cached pages of one file (or device)
 * @pages: index -> struct page, each with a reference held by the cache; guarded by @lock
 * @nr_pages: entries of @pages; guarded by @lock
 * @invalidate_lock: shared by who enters a page into cache or page tables because the file is long
 *	enough, alone by who makes it shorter or punches holes (mm/cache/truncate.c)
 * @vmas: all vmas that map it (vma.map_node), for truncate; guarded by @vma_lock
 * @futex_space: process/futex.c: number, 0 as long as none has been asked for
 */
struct mapping {
	struct inode *inode;
	struct xarray pages;
	struct spinlock lock;
	unsigned long nr_pages;
	const struct mapping_ops *ops;
	struct rwsem invalidate_lock;
	struct mutex vma_lock;
	struct list_head vmas;
	atomic64_t futex_space;
};
struct mapping_ops {
	/*
	 * Fills the locked @page from backing store; must leave it uptodate or fail. NULL: new
	 * pages are zero (tmpfs).
	 */
	int (*readpage)(struct mapping *m, struct page *page);
	int (*writepage)(struct mapping *m, struct page *page);
	/*
	 * One page is about to be added (0 or -ENOSPC), or @nr have been dropped. NULL: no limit.
	 * Any context that may take a spinlock.
	 */
	int (*charge)(struct mapping *m);
	void (*uncharge)(struct mapping *m, unsigned long nr);
	bool pinned; /* pages are the only copy: never reclaimed */
};
void mapping_init(struct mapping *m, struct inode *inode, const struct mapping_ops *ops);
#define MAPPING_CREATE 1 /* a missing page is made; without: read ones only if ops->readpage */
#define MAPPING_FRESH 2 /* a page that is made gets PG_fresh: mapping_settle() follows */
/*
 * An uptodate page with a reference; ERR_PTR(-ENOENT) for a hole without MAPPING_CREATE, -ENOMEM,
 * -EIO. May sleep.
 */
struct page *mapping_get_page(struct mapping *m, unsigned long index, u32 flags);
/* A cached uptodate page with a reference or NULL; does not sleep (fault-around). */
struct page *mapping_find_page(struct mapping *m, unsigned long index);
/*
 * Enters @p, which is new and whose content is there; the cache takes a reference of its own. 0,
 * -EEXIST, -ENOMEM, -ENOSPC. May sleep.
 */
int mapping_add_page(struct mapping *m, unsigned long index, struct page *p);
/* Is there a page, in whatever state? The answer is a snapshot. */
bool mapping_has_page(struct mapping *m, unsigned long index);
/* Does page @index begin at or behind the end of the file? */
bool mapping_beyond_end(const struct mapping *m, unsigned long index);
/*
 * These change files. Context: may sleep; inode->lock held for writing.
 *
 * mapping_resize(): gives the file another size. What lies behind it leaves cache and address
 * spaces; what becomes part of the file reads as zeros.
 * mapping_zero_tail(): before a write at @until, which lies behind the end, makes the file longer:
 * what programs wrote behind the end of its last page does not become part of it.
 * mapping_punch(): makes [from, to) a hole: whole pages are dropped and unmapped, parts zeroed.
 * mapping_settle(): the pages [first, last] made with MAPPING_FRESH are like all others from now
 * on, or (@undo) leave the cache unless they have been written to.
 */
void mapping_resize(struct mapping *m, loff_t size);
void mapping_zero_tail(struct mapping *m, loff_t until);
void mapping_punch(struct mapping *m, loff_t from, loff_t to);
void mapping_settle(struct mapping *m, unsigned long first, unsigned long last, bool undo);
/* writes dirty pages [first, last] by ops->writepage; 0 or errno */
int mapping_sync(struct mapping *m, unsigned long first, unsigned long last);
void mapping_release(struct mapping *m); /* the inode goes away */
/* fs/file/generic.c */
ssize_t generic_file_read_iter(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t generic_file_write_iter(struct file *f, struct iov_iter *it, loff_t *pos);
/*
 * For write_iter of files that have a size, with inode->lock held for writing: moves *@pos to the
 * end for O_APPEND and shortens @it to what RLIMIT_FSIZE and the file system allow. 0, -EFBIG (with
 * SIGXFSZ), -EPERM for a sealed file.
 */
int file_write_begin(struct file *f, struct iov_iter *it, loff_t *pos);
/* sets vma->ops to the page-cache fault handler */
int generic_file_mmap(struct file *f, struct vma *vma);

/* ---- inodes ---- */
struct inode {
	ino_t ino;
	umode_t mode; /* lock */
	u32 nlink; /* lock */
	uid_t uid;
	gid_t gid;
	dev_t rdev; /* of a device node */
	loff_t size; /* lock to change */
	u64 blocks; /* 512-byte units */
	struct timespec64 atime, mtime, ctime;
	u32 blksize;
	struct rwsem lock; /* contents of directories, size, attributes */
	atomic_t refs;
	struct super_block *sb;
	const struct inode_ops *ops;
	const struct file_ops *fops; /* of files opened on it */
	struct mapping mapping;
	struct pipe *pipe; /* FIFOs: made at first open; guarded by lock */
	void *private;
	struct list_head sb_node;
	/* open for write, or negative: denied while executed (ETXTBSY) */
	atomic_t writers;
	struct list_head flocks; /* advisory locks: fs/file/locks.c */
	u32 seals; /* F_SEAL_* of shared memory; lock */
	struct user *user; /* shared memory: to whom pages are charged; referenced; immutable */
	/* its names may become stale at any time: not cached while unused; immutable */
	bool is_volatile;
	bool linkable; /* made by O_TMPFILE: may get its first name; lock */
};

struct inode_ops {
	/*
	 * Directories; the parent's lock is held (read for lookup, write for the rest). Names are
	 * checked, not "." or "..".
	 */
	/* referenced; ERR_PTR(-ENOENT) */
	struct inode *(*lookup)(struct inode *dir, const char *name, size_t len);
	/* instantiates d with d_instantiate() */
	int (*create)(struct inode *dir, struct dentry *d, umode_t mode);
	/* O_TMPFILE: a new inode with no link, referenced; ERR_PTR. NULL: -EOPNOTSUPP */
	struct inode *(*tmpfile)(struct inode *dir, umode_t mode);
	int (*mkdir)(struct inode *dir, struct dentry *d, umode_t mode);
	int (*mknod)(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *d);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	int (*rename)(struct inode *olddir, struct dentry *od, struct inode *newdir,
		      struct dentry *nd, u32 flags);
	/* Any inode. */
	/* kernel buffer; length, not terminated */
	ssize_t (*readlink)(struct inode *inode, char *buf, size_t size);
	/*
	 * Magic links (/proc/PID/fd/N): takes references into @out instead of text; NULL: use
	 * readlink.
	 */
	int (*get_link)(struct inode *inode, struct path *out);
	/* NULL: generic, in memory only */
	int (*setattr)(struct inode *inode, const struct iattr *attr);
	/*
	 * Whether a file may get another size, or be written up to @end: 0 or -EPERM. inode->lock
	 * held for writing. NULL: it may.
	 */
	int (*may_resize)(const struct inode *inode, loff_t size);
	int (*may_write)(const struct inode *inode, loff_t end);
	/* NULL: generic */
	int (*getattr)(struct inode *inode, struct kstat *st);
	/* NULL: mode bits */
	int (*permission)(struct inode *inode, int mask);
	/* False: the cached dentry is stale (procfs). NULL: always valid. */
	bool (*revalidate)(struct dentry *d);
};

struct iattr {
	u32 valid;
	umode_t mode;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec64 atime, mtime;
};
#define ATTR_MODE  1
#define ATTR_UID   2
#define ATTR_GID   4
#define ATTR_SIZE  8
#define ATTR_ATIME 16
#define ATTR_MTIME 32
#define ATTR_FORCE 64 /* no permission check: done by the kernel itself (suid removal) */

/* refs 1, lock and mapping initialised; NULL: no memory */
struct inode *inode_alloc(struct super_block *sb);
void inode_get(struct inode *i);
void inode_put(struct inode *i); /* last one: sb->ops->evict, then freed */
/*
 * MAY_READ 4, MAY_WRITE 2, MAY_EXEC 1; by the fsuid, or the real ids while current->flags has
 * THREAD_F_REAL_IDS (access(2)). 0 or -EACCES.
 */
int inode_permission(struct inode *i, int mask);
/* Sets the times named by the ATTR_ATIME, ATTR_MTIME bits to now, and ctime with mtime. */
void inode_touch(struct inode *i, u32 times);
/* Takes away suid and sgid before others than a privileged process change the contents. */
int file_remove_privs(struct file *f);
/* Reading updates the access time as the mount's flags and "relatime" say. */
void file_accessed(struct file *f);
#define MAY_EXEC  1
#define MAY_WRITE 2
#define MAY_READ  4

/* ---- dentries ---- */
/**
 * struct dentry - a name in a directory, cached
 *
 * A dentry holds references on its parent and its inode. Unused ones (refs 0) stay on a list until
 * memory is short. All fields but @refs are guarded by dcache_lock; @inode, @parent and the name do
 * not change while one holds a reference and the parent inode's lock.
 */
struct dentry {
	atomic_t refs; /* 0 -> 1 only under dcache_lock */
	u32 hash;
	struct inode *inode; /* NULL: negative, the name does not exist; set once */
	struct dentry *parent; /* itself for roots and files without a name */
	char *name; /* terminated; @iname for short names */
	u16 len;
	u16 flags; /* DCACHE_* */
	u32 mounted; /* mounts that lie on it; guarded by mount_lock */
	struct super_block *sb;
	/* empty: not to be found any more (deleted, or never had a name) */
	struct list_head hash_node;
	struct list_head children, child_node;
	struct list_head lru; /* unused dentries, the longest unused first */
	char iname[40];
};
#define DCACHE_ANON	1 /* a pipe, socket and the like: no directory knows it */
#define DCACHE_VOLATILE 2 /* forgotten with its last user */
void dget(struct dentry *d);
void dput(struct dentry *d);
void d_instantiate(struct dentry *d, struct inode *inode); /* takes over the inode reference */
/* takes over the reference; NULL: no memory (the reference is dropped) */
struct dentry *d_make_root(struct inode *inode);
/*
 * Frees up to @nr unused dentries and the inodes that nothing else uses: called when memory is
 * short. May sleep. Returns how many.
 */
unsigned long dcache_shrink(unsigned long nr);
unsigned long dcache_unused(void);

void path_get(const struct path *p);
void path_put(struct path *p);

/* ---- mounts and file-system types ---- */
/**
 * struct mount - a super block (or a part of it) at a place of the tree
 * @refs: paths that use it, mounts on it, and one while it is in the tree
 */
struct mount {
	atomic_t refs;
	struct super_block *sb;
	struct dentry *root;
	/* guarded by mount_lock, with the rest; NULL: the root, or detached */
	struct mount *parent;
	struct dentry *mountpoint;
	/*
	 * MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW, MS_NOATIME, MS_NODIRATIME,
	 * MS_RELATIME; read without the lock
	 */
	u32 flags;
	u32 id;
	char *source;
	struct mount *copy; /* while a tree is bound elsewhere: mount_mutex */
	struct list_head node; /* all mounts of the tree, in the order of mounting */
};
struct super_block {
	const struct fs_type *type;
	const struct super_ops *ops;
	struct dentry *root;
	dev_t dev; /* st_dev: anonymous or the block device's */
	u32 flags, blksize, magic;
	u64 maxbytes;
	void *private;
	struct list_head inodes; /* lock */
	struct spinlock lock;
	atomic_t refs;
	struct list_head node; /* list of all; guarded by a lock of super.c */
};
struct kstatfs {
	u64 type, bsize, blocks, bfree, bavail, files, ffree, namelen, flags;
};
struct super_ops {
	/* last reference gone; if nlink is 0 free its blocks */
	void (*evict)(struct inode *inode);
	int (*statfs)(struct super_block *sb, struct kstatfs *st);
	int (*sync)(struct super_block *sb);
	void (*put_super)(struct super_block *sb);
	int (*show_options)(struct super_block *sb, char *buf, size_t size);
	/* Other options for a mounted file system; NULL: none are known (-EINVAL). */
	int (*remount)(struct super_block *sb, const char *options);
};
struct fs_type {
	const char *name;
	bool nodev;
	/* A new (or shared) super block for @source with @options; ERR_PTR. */
	struct super_block *(*mount)(const struct fs_type *t, const char *source, u32 flags,
				     const char *options);
	struct list_head node;
};
int fs_register(struct fs_type *t);
struct super_block *sb_alloc(const struct fs_type *t, const struct super_ops *ops, u32 flags);
int vfs_mount(const char *source, const char *target, const char *type, u32 flags,
	      const char *options);
int vfs_umount(const char *target, u32 flags);
void vfs_sync(void);
/* 0, or -EROFS if @mnt or its super block is read-only. */
int mnt_want_write(const struct mount *mnt);
/* dcache, rootfs (a tmpfs) mounted as the root of kernel_process */
void vfs_init(void);
/*
 * Unpacks newc cpio (or gzip of it) into the root. Bytes used or errno with the entry's name
 * logged.
 */
int initramfs_unpack(const void *p, size_t n);

/* ---- path walk ---- */
#define AT_FDCWD	    (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_REMOVEDIR	    0x200
#define AT_EACCESS	    0x200
#define AT_SYMLINK_FOLLOW   0x400
#define AT_NO_AUTOMOUNT	    0x800
#define AT_EMPTY_PATH	    0x1000
#define AT_STATX_SYNC_TYPE  0x6000
#define LOOKUP_FOLLOW	    1 /* a final symlink is followed */
#define LOOKUP_DIRECTORY    2
#define LOOKUP_EMPTY	    4 /* "" means the start itself (AT_EMPTY_PATH) */
#define LOOKUP_PARENT	    8 /* internal */
/* @out holds references. 0 or -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG. */
int path_lookup(int dfd, const char *name, u32 flags, struct path *out);
int path_lookup_user(int dfd, const char __user *name, u32 flags, struct path *out);
/*
 * Text of a path below the current root, built at the end of @buf; pointer into it or
 * ERR_PTR(-ENAMETOOLONG). " (deleted)" is appended for unlinked ones.
 */
char *path_text(const struct path *p, char *buf, size_t size);
/* A path name copied from user memory: NULL-terminated, from a cache; ERR_PTR. */
char *getname(const char __user *name);
void putname(char *name);

/* ---- open files ---- */
struct file {
	atomic_t refs;
	struct spinlock lock;
	u32 flags; /* O_*; changed under lock */
	u32 mode; /* FMODE_* */
	loff_t pos; /* pos_lock, for seekable files */
	struct mutex pos_lock;
	struct path path;
	struct inode *inode;
	const struct file_ops *ops;
	void *private;
	struct user *user; /* who opened it, to whom it is charged; referenced */
	struct list_head epitems; /* of epoll sets that watch it: fs/file/eventpoll.c */
};
/* What the kernel keeps for one, bytes: name, inode and the object behind it included. */
#define FILE_COST (sizeof(struct file) + sizeof(struct inode) + 512)
#define FMODE_READ  1
#define FMODE_WRITE 2
#define FMODE_SEEK  4 /* has a position */
#define FMODE_PATH  8 /* O_PATH */
#define FMODE_EPOLL 16 /* has been in an epoll set */

/* Fills one directory entry; false: buffer full, stop. */
struct dir_context {
	bool (*actor)(struct dir_context *ctx, const char *name, size_t len, loff_t next_pos,
		      ino_t ino, u32 type);
	loff_t pos;
};
struct file_ops {
	bool nowait; /* read_iter and write_iter heed RWF_NOWAIT: file_nonblock() */
	int (*open)(struct inode *inode, struct file *f);
	void (*release)(struct file *f); /* last reference */
	int (*flush)(struct file *f); /* each close(2) */
	ssize_t (*read_iter)(struct file *f, struct iov_iter *it, loff_t *pos);
	ssize_t (*write_iter)(struct file *f, struct iov_iter *it, loff_t *pos);
	/* NULL: generic by inode->size */
	loff_t (*llseek)(struct file *f, loff_t off, int whence);
	/* inode lock held for reading */
	int (*iterate)(struct file *f, struct dir_context *ctx);
	/* POLL* mask; NULL: always ready */
	u32 (*poll)(struct file *f, struct poll_table *pt);
	long (*ioctl)(struct file *f, u32 cmd, unsigned long arg); /* NULL: -ENOTTY */
	/* F_* of this kind of file alone; -ENOTTY: not one of them. NULL: there are none */
	long (*fcntl)(struct file *f, u32 cmd, unsigned long arg);
	int (*mmap)(struct file *f, struct vma *vma); /* NULL: -ENODEV */
	int (*fsync)(struct file *f, bool datasync);
	/* range checked; NULL: -EOPNOTSUPP */
	long (*fallocate)(struct file *f, u32 mode, loff_t off, loff_t len);
};
/* Must a read or write of @f end with -EAGAIN where it would wait? */
static inline bool file_nonblock(const struct file *f, const struct iov_iter *it)
{
	return (READ_ONCE(f->flags) & O_NONBLOCK) || (it->rwf & RWF_NOWAIT);
}
/* kernel's own opens; ERR_PTR */
struct file *file_open(const char *path, int flags, umode_t mode);
struct file *file_open_at(int dfd, const char *name, int flags, umode_t mode);
struct file *file_open_path(const struct path *p, int flags);
long vfs_fallocate(struct file *f, u32 mode, loff_t off, loff_t len);
/*
 * Opens for execve(2): -EACCES unless it is a regular file that may be executed on a mount that
 * allows it; -ETXTBSY if it is open for writing. Writing is denied until file_allow_write().
 * @flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH.
 */
struct file *file_open_exec(int dfd, const char *name, u32 flags);
/*
 * A file without a name in any directory (pipes, sockets): an inode of the anonymous fs. ERR_PTR. /
 */
struct file *file_anon(const struct file_ops *ops, void *private, int flags, umode_t mode,
		       const char *name);
void file_get(struct file *f);
void file_put(struct file *f);
ssize_t file_read(struct file *f, void *buf, size_t n, loff_t *pos); /* kernel buffer */
ssize_t file_write(struct file *f, const void *buf, size_t n, loff_t *pos);
u64 file_count(void); /* open files, for leak tests and /proc/sys/fs/file-nr */
u64 file_max(void); /* more than this only with CAP_SYS_ADMIN: -ENFILE */
/* exec: 0 or -EACCES, -ETXTBSY; pairs with file_allow_write(). */
int file_deny_write(struct file *f);
void file_allow_write(struct file *f);

/* Descriptor tables (fs/file/fdtable.c). */
struct files *files_create(void);
struct files *files_copy(struct files *old); /* fork; ERR_PTR(-ENOMEM) */
void files_get(struct files *fs);
void files_put(struct files *fs);
void files_close_on_exec(struct files *fs); /* closes and unshares as exec needs */
struct files *files_unshare(struct files *fs);
/*
 * installs @f (takes over the reference if it succeeds); fd or -EMFILE, -ENOMEM. @flags: O_CLOEXEC
 * /
 */
int fd_alloc(struct file *f, int from, u32 flags);
/*
 * The same in two steps, for calls that can still fail in between: a number that nobody else gets;
 * then the file, or the number is given back.
 */
int fd_reserve(int from, u32 flags);
void fd_install(int fd, struct file *f); /* takes over the reference */
void fd_unreserve(int fd);
struct file *fd_get(int fd); /* referenced, NULL: bad or O_PATH */
struct file *fd_get_path(int fd); /* O_PATH ones too */
int fd_close(int fd);
/* For /proc/PID/fd: the file of @fd in @fs, referenced, or NULL; next used fd >= @fd or -1. */
struct file *files_lookup(struct files *fs, int fd, u32 *fdflags);
int files_next(struct files *fs, int fd);
u32 files_size(struct files *fs); /* how many it has room for at present */
unsigned long files_footprint(const struct files *fs); /* pages that go with its last user */

/* Current directory and root (fs/vfs/fs_context.c). */
struct fs_context {
	atomic_t refs;
	struct spinlock lock;
	struct path root, cwd; /* lock */
	u32 umask; /* lock */
};
struct fs_context *fs_context_create(void); /* of the mounted root */
struct fs_context *fs_context_copy(struct fs_context *old);
void fs_context_get(struct fs_context *c);
void fs_context_put(struct fs_context *c);

/* Character devices: fs/devfs/devfs.c makes /dev nodes by name and resolves rdev to fops. */
/* S_IFCHR implied; a node appears in devfs */
int chrdev_register(u32 major, u32 minor, const char *name, const struct file_ops *fops,
		    umode_t mode);
/* All minors of a major number, whose nodes are made elsewhere. */
int chrdev_register_major(u32 major, const char *name, const struct file_ops *fops);
/*
 * Nodes of pseudo terminals in the one devpts (fs/devfs/devpts.c), named by their number. 0 or
 * -EEXIST, -ENOMEM. Context: may sleep. Removing a node leaves those alone who have it open.
 */
int devpts_node_add(u32 index, dev_t rdev, uid_t uid, gid_t gid, umode_t mode);
void devpts_node_remove(u32 index);
/* An open file of such a node, whatever its permissions say; ERR_PTR(-EIO) and others. */
struct file *devpts_open(u32 index, int flags);
/* Mounts devfs at /dev if the directory exists. */
void devfs_mount(void);

struct kstat {
	dev_t dev, rdev;
	ino_t ino;
	umode_t mode;
	u32 nlink, blksize;
	uid_t uid;
	gid_t gid;
	loff_t size;
	u64 blocks;
	struct timespec64 atime, mtime, ctime;
};
int vfs_getattr(const struct path *p, struct kstat *st);

/*
 * procfs for other subsystems: a read-only file whose text @show prints; registered at boot
 * ("interrupts", "sys/kernel/ostype"). fs/procfs/.
 */
struct seq; /* growing text buffer */
void seq_printf(struct seq *s, const char *fmt, ...) __printf(2, 3);
void seq_write(struct seq *s, const void *p, size_t n);
int proc_register(const char *path, int (*show)(struct seq *s, void *arg), void *arg);
/* With write: /proc/sys knobs and the like; @write gets a terminated copy (at most 4 KiB). */
int proc_register_rw(const char *path, umode_t mode, int (*show)(struct seq *s, void *arg),
		     ssize_t (*write)(void *arg, const char *buf, size_t n), void *arg);

/*
 * Memory with a file around it (fs/tmpfs/tmpfs.c): shared anonymous mappings, memfd_create(2).
 * Zeros, @size bytes, no name in any directory. ERR_PTR.
 */
struct file *shmem_file(const char *name, loff_t size, int flags);

/* Pipes (fs/special/pipe.c). */
int pipe_create(struct file *out[2], int flags); /* [0] read end, [1] write end */

#endif
