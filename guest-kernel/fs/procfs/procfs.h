/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of procfs share.
 */
#ifndef _PROCFS_H
#define _PROCFS_H

#include "../vfs/d_path.h"
#include "../internal.h"

/**
 * struct seq - text being made; grows as needed
 * @failed: memory ran out; the text is incomplete and will not be shown
 */
struct seq {
	char *buf;
	size_t len, size;
	bool failed;
};
void seq_free(struct seq *s);
void seq_puts(struct seq *s, const char *text);
/* Like seq_puts, with the bytes in @special as \ooo. */
void seq_escape(struct seq *s, const char *text, const char *special);

/* ---- files whose text is made when they are read (seq.c) ---- */
/**
 * proc_open_text - To be called by an open operation.
 * @f: the file
 * @show: makes the text; may sleep; negative errno is what read(2) returns
 * @arg: passed to @show; must live as long as the inode
 */
int proc_open_text(struct file *f, int (*show)(struct seq *s, void *arg), void *arg);
ssize_t proc_read_text(struct file *f, struct iov_iter *it, loff_t *pos);
void proc_release_text(struct file *f);

/* ---- inodes (proc.c) ---- */
struct inode *proc_inode(struct super_block *sb, umode_t mode, const struct inode_ops *ops,
			 const struct file_ops *fops);

/* ---- processes (pid.c) ---- */
/**
 * struct pid_ref - which process or thread a procfs inode speaks of; inode->private of all inodes
 * below /proc/PID
 * @pid: the process
 * @tid: the thread, for what is below task/ or /proc/TID; 0: the process
 * @below_task: it has no task/ of its own
 * @start_ns: when it started: the number may be used again
 * @fd: for what is in fd/ and fdinfo/
 */
struct pid_ref {
	pid_t pid, tid;
	bool below_task;
	u64 start_ns;
	const struct pid_entry *entry;
	int fd;
};

#define PID_WRITE_MAX 31

/* A process that is being looked at, with references. */
struct pid_view {
	struct process *p;
	struct thread *t; /* the thread asked for, or the leader; NULL if it is gone */
	bool of_thread; /* what is below task/ */
};

/**
 * struct pid_entry - a file in /proc/PID
 * @show: makes the text of a regular file
 * @write: takes what was written, the first PID_WRITE_MAX bytes of it, terminated; 0 or errno
 * @link: where a link points
 * @dir_ops, @dir_fops: of a directory
 * @private: only the owner and privileged processes may look
 */
struct pid_entry {
	const char *name;
	umode_t mode;
	int (*show)(struct seq *s, const struct pid_view *v);
	int (*write)(const struct pid_view *v, char *text);
	int (*link)(const struct pid_view *v, struct path *out);
	const struct inode_ops *dir_ops;
	const struct file_ops *dir_fops;
	bool is_private;
};
int pid_view_get(const struct pid_ref *ref, struct pid_view *v); /* 0 or -ESRCH */
void pid_view_put(struct pid_view *v);
bool pid_may_inspect(const struct pid_view *v);
/* The descriptor table of a process, referenced, or NULL. */
struct files *pid_files(const struct pid_view *v);
struct inode *pid_lookup(struct inode *root, const char *name, size_t len);
int pid_iterate(struct file *f, struct dir_context *ctx, loff_t first);
/*
 * A new inode that speaks of what @of says. ERR_PTR(-ENOENT) if the process is gone,
 * ERR_PTR(-ENOMEM).
 */
struct inode *pid_make_inode(struct super_block *sb, const struct pid_ref *of, umode_t mode,
			     const struct inode_ops *ops, const struct file_ops *fops);
bool pid_revalidate(struct dentry *d);
bool parse_pid(const char *name, size_t len, pid_t *pid);
bool proc_emit_number(struct dir_context *ctx, int nr, loff_t next, u32 type);
bool proc_emit_dots(struct file *f, struct dir_context *ctx);
/* The text of @p, whose references are dropped. */
ssize_t proc_readlink_path(struct path *p, char *buf, size_t size);
int proc_no_setattr(struct inode *i, const struct iattr *a);

/* ---- fd.c ---- */
extern const struct inode_ops proc_fd_dir_ops, proc_fdinfo_dir_ops;
extern const struct file_ops proc_fd_dir_fops, proc_fdinfo_dir_fops;

/* ---- the texts: pid_stat.c, pid_mem.c, pid_misc.c, mounts.c ---- */
int pid_show_stat(struct seq *s, const struct pid_view *v);
int pid_show_status(struct seq *s, const struct pid_view *v);
int pid_show_statm(struct seq *s, const struct pid_view *v);
int pid_show_cmdline(struct seq *s, const struct pid_view *v);
int pid_show_environ(struct seq *s, const struct pid_view *v);
int pid_show_auxv(struct seq *s, const struct pid_view *v);
int pid_show_maps(struct seq *s, const struct pid_view *v);
int pid_show_comm(struct seq *s, const struct pid_view *v);
int pid_write_comm(const struct pid_view *v, char *text);
int pid_show_limits(struct seq *s, const struct pid_view *v);
int pid_show_io(struct seq *s, const struct pid_view *v);
int pid_show_wchan(struct seq *s, const struct pid_view *v);
int pid_show_oom_score(struct seq *s, const struct pid_view *v);
int pid_show_mounts(struct seq *s, const struct pid_view *v);
int pid_show_mountinfo(struct seq *s, const struct pid_view *v);
int pid_link_exe(const struct pid_view *v, struct path *out);
int pid_link_cwd(const struct pid_view *v, struct path *out);
int pid_link_root(const struct pid_view *v, struct path *out);

/* ---- sysinfo.c, sysctl.c ---- */
void proc_init_sysinfo(void);
void proc_init_sysctl(void);

#endif
