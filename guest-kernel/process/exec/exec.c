// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2): another program in the same process. What can fail is done on the side first (file,
 * strings, new address space, identity), so that an error leaves the caller as it was. Then the
 * other threads are ended. Only now can nobody come to share more with this process than others do
 * already, and what they share is copied, which fails without memory. exec_commit() changes over
 * and cannot fail.
 */
#include <fs.h>
#include <futex.h>
#include <init.h>
#include <mm.h>
#include <platform/cpu.h>
#include <platform/trap.h>
#include <random.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>
#include "exec.h"
#include "../internal.h"

#define SCRIPT_LEVELS	5	/* scripts whose interpreter is a script */
#define STACK_RANDOM	(1UL << 22)	/* pages */
#define MMAP_RANDOM	(1UL << 28)
#define STACK_GAP_MIN	(128UL << 20)
#define STACK_GAP_MAX	(USER_TOP / 4)	/* mappings stay above position-independent programs */
#define STACK_GAP_EXTRA	(1UL << 20)	/* guard and what is on the stack already */

unsigned long exec_random_pages(unsigned long count)
{
	u32 r;

	if (current->process->personality & ADDR_NO_RANDOMIZE)
		return 0;
	random_bytes(&r, sizeof(r));
	return (r & (count - 1)) << PAGE_SHIFT;
}

static void exec_close_file(struct exec *e)
{
	if (!e->file)
		return;
	file_allow_write(e->file);
	file_put(e->file);
	e->file = NULL;
}

static int exec_open(struct exec *e, int dfd, const char *path, u32 flags)
{
	struct file *f = file_open_exec(dfd, path, flags);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	e->file = f;
	n = file_read(f, e->head, EXEC_HEAD, &pos);
	if (n < 0)
		return (int)n;
	e->head_len = (size_t)n;
	return 0;
}

/* ---- scripts ---- */

static int prefix_add(struct exec *e, const char *s, size_t len)
{
	char *copy;

	if (e->nr_prefix == EXEC_PREFIX_MAX)
		return -ELOOP;
	copy = kmalloc(len + 1, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, s, len);
	copy[len] = '\0';
	memmove(e->prefix + 1, e->prefix, e->nr_prefix * sizeof(e->prefix[0]));
	e->prefix[0] = copy;
	e->nr_prefix++;
	return 0;
}

static void prefix_drop_first(struct exec *e)
{
	kfree(e->prefix[0]);
	e->nr_prefix--;
	memmove(e->prefix, e->prefix + 1, e->nr_prefix * sizeof(e->prefix[0]));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * The line "#! interpreter [argument]" in @e->head: what follows the blanks is one argument.
 * Return: 0, -ENOEXEC if there is no interpreter or its name is cut off.
 */
static int script_parse(const struct exec *e, const char **interp, size_t *interp_len,
			const char **arg, size_t *arg_len)
{
	const char *s = e->head + 2, *limit = e->head + e->head_len;
	const char *end = memchr(s, '\n', (size_t)(limit - s));
	bool cut = !end && e->head_len == EXEC_HEAD;

	if (!end)
		end = limit;
	while (s < end && is_blank(*s))
		s++;
	*interp = s;
	while (s < end && !is_blank(*s) && *s)
		s++;
	*interp_len = (size_t)(s - *interp);
	if (!*interp_len || (cut && s == end))
		return -ENOEXEC;
	while (s < end && is_blank(*s))
		s++;
	while (end > s && (is_blank(end[-1]) || !end[-1]))
		end--;
	*arg = s;
	*arg_len = strnlen(s, (size_t)(end - s));
	return 0;
}

/* Replaces argv[0] by interpreter, argument and the script's @path, and opens the interpreter. */
static int script_enter(struct exec *e, const char *path)
{
	const char *interp, *arg;
	size_t interp_len, arg_len;
	int err = script_parse(e, &interp, &interp_len, &arg, &arg_len);

	if (err)
		return err;
	if (e->nr_prefix)
		prefix_drop_first(e);
	else
		exec_strings_drop_first(&e->strings);
	err = prefix_add(e, path, strlen(path));
	if (!err && arg_len)
		err = prefix_add(e, arg, arg_len);
	if (!err)
		err = prefix_add(e, interp, interp_len);
	if (err)
		return err;
	exec_close_file(e);
	return exec_open(e, AT_FDCWD, e->prefix[0], 0);
}

static bool is_script(const struct exec *e)
{
	return e->head_len > 2 && e->head[0] == '#' && e->head[1] == '!';
}

static int exec_scripts(struct exec *e)
{
	int level, err;
	char *path;

	for (level = 0; is_script(e); level++) {
		if (level == SCRIPT_LEVELS)
			return -ELOOP;
		path = kstrdup(level ? e->prefix[0] : e->name, GFP_KERNEL);
		if (!path)
			return -ENOMEM;
		err = script_enter(e, path);
		kfree(path);
		if (err)
			return err;
	}
	return 0;
}

/* ---- identity ---- */

/* A process that has renounced it, or shares its current directory with others, gains nothing. */
static bool may_gain(void)
{
	const struct process *p = current->process;

	return !p->no_new_privs && atomic_read(&p->fs->refs) == 1;
}

static void ids_after_exec(const struct exec *e, uid_t *euid, gid_t *egid)
{
	const struct inode *inode = e->file->inode;
	umode_t mode = READ_ONCE(inode->mode);

	*euid = current_cred()->euid;
	*egid = current_cred()->egid;
	if ((e->file->path.mnt->flags & MS_NOSUID) || !may_gain())
		return;
	if (mode & S_ISUID)
		*euid = inode->uid;
	if ((mode & (S_ISGID | 0010)) == (S_ISGID | 0010))
		*egid = inode->gid;
}

/* capabilities(7), "Transformation of capabilities during execve()", for files without any. */
static void caps_after_exec(struct cred *c, bool changed)
{
	if (changed)
		c->cap_ambient = 0;
	if (!c->euid || !c->uid) {
		c->cap_permitted = c->cap_bounding | c->cap_inheritable;
		c->cap_effective = c->euid ? c->cap_ambient : c->cap_permitted;
	} else {
		c->cap_permitted = c->cap_ambient;
		c->cap_effective = c->cap_ambient;
	}
	if (may_gain())
		return;
	c->cap_permitted &= current_cred()->cap_permitted;
	c->cap_effective &= c->cap_permitted;
}

static bool same_identity(const struct cred *a, const struct cred *b)
{
	return a->euid == b->euid && a->suid == b->suid && a->fsuid == b->fsuid &&
	       a->egid == b->egid && a->sgid == b->sgid && a->fsgid == b->fsgid &&
	       a->cap_permitted == b->cap_permitted && a->cap_effective == b->cap_effective &&
	       a->cap_ambient == b->cap_ambient;
}

static int exec_identity(struct exec *e)
{
	struct cred next = *current_cred();
	uid_t euid;
	gid_t egid;

	ids_after_exec(e, &euid, &egid);
	next.euid = next.suid = next.fsuid = euid;
	next.egid = next.sgid = next.fsgid = egid;
	caps_after_exec(&next, euid != current_cred()->euid || egid != current_cred()->egid);
	e->secure = next.euid != next.uid || next.egid != next.gid;
	if (same_identity(&next, current_cred()))
		return 0;
	e->cred = cred_prepare();
	if (!e->cred)
		return -ENOMEM;
	next.refs = e->cred->refs;
	*e->cred = next;
	return 0;
}

/* ---- the new address space ---- */

static int exec_load(struct exec *e)
{
	unsigned long gap = clamp(rlimit(RLIMIT_STACK), STACK_GAP_MIN, STACK_GAP_MAX);
	int err;

	e->mm = mm_create();
	if (!e->mm)
		return -ENOMEM;
	e->stack_top = USER_TOP - PAGE_SIZE - exec_random_pages(STACK_RANDOM);
	e->mm->mmap_base = ALIGN_DOWN(e->stack_top - gap - STACK_GAP_EXTRA, PAGE_SIZE) -
			   exec_random_pages(MMAP_RANDOM);
	err = elf_load(e);
	return err ? err : exec_stack_build(e);
}

/* ---- the other threads ---- */

/* The caller becomes the leader: who execs keeps the process's number, whichever thread did it. */
static void become_leader(struct process *p)
{
	struct thread *me = current, *old;
	pid_t tid = me->tid;

	thread_get(me);
	spin_lock_irq(&tasklist_lock);
	spin_lock(&p->siglock);
	old = p->leader;
	p->leader = me;
	me->tid = p->pid;
	spin_unlock(&p->siglock);
	pid_set_thread(p->pid, me);
	pid_set_thread(tid, NULL);
	pid_unuse(tid);
	nr_user_threads--;
	thread_count(old, -1);
	spin_unlock_irq(&tasklist_lock);
	thread_put(old);
}

/*
 * Ends all other threads and waits for them. Return: 0; -EAGAIN if somebody else ends this one,
 * which then happens on the way back to user mode.
 */
static int end_siblings(struct process *p)
{
	int err = 0;

	spin_lock_irq(&p->siglock);
	if (p->group_exit || p->exec_thread) {
		spin_unlock_irq(&p->siglock);
		return -EAGAIN;
	}
	p->exec_thread = current;
	signal_zap_others(p, current);
	while (p->nr_threads > 1 && !err) {
		set_current_state(THREAD_KILLABLE);
		spin_unlock_irq(&p->siglock);
		schedule();
		WRITE_ONCE(current->state, THREAD_RUNNING);
		spin_lock_irq(&p->siglock);
		if (p->group_exit)
			err = -EAGAIN;
	}
	p->exec_thread = NULL;
	spin_unlock_irq(&p->siglock);
	if (!err && p->leader != current)
		become_leader(p);
	return err;
}

/* ---- changing over ---- */

static void commit_mm(struct process *p, struct exec *e)
{
	struct thread *me = current;
	struct mm *old = p->mm;
	struct file *old_exe = p->exe;

	if (old)
		futex_thread_exit(me);
	me->clear_child_tid = NULL;
	me->robust_list = NULL;
	spin_lock(&p->lock);
	p->mm = e->mm;
	p->exe = e->file;
	spin_unlock(&p->lock);
	mm_join(e->mm);
	irq_disable();
	mmu_switch(me->active_mm, e->mm);
	me->mm = e->mm;
	me->active_mm = e->mm;
	irq_enable();
	if (old)
		mm_part(old);
	e->mm = NULL;
	e->file = NULL;
	vfork_done(me);
	if (old) {
		p->maxrss = max(p->maxrss, mm_hiwater(old));
		mm_put(old);
	}
	if (old_exe) {
		file_allow_write(old_exe);
		file_put(old_exe);
	}
}

/* Handlers lie in the old program; what is ignored stays ignored, what is pending pending. */
static void commit_signals(struct process *p, struct sighand *own)
{
	struct sighand *old = p->sighand;
	int i;

	spin_lock_irq(&p->siglock);
	if (own)
		p->sighand = own;
	for (i = 0; i < NSIG; i++) {
		struct sigaction *a = &p->sighand->action[i];

		if (a->handler != SIG_IGN)
			a->handler = SIG_DFL;
		a->flags = 0;
		a->mask = 0;
	}
	spin_unlock_irq(&p->siglock);
	if (own)
		sighand_put(old);
	current->altstack_sp = 0;
	current->altstack_size = 0;
	current->altstack_flags = 0;
	current->restart.fn = NULL;
}

static void commit_files(struct process *p, struct files *own)
{
	struct files *old = p->files;

	spin_lock(&p->lock);
	p->files = own;
	spin_unlock(&p->lock);
	files_put(old);
	files_close_on_exec(own);
}

static void commit_fs(struct process *p, struct fs_context *own)
{
	struct fs_context *old = p->fs;

	if (!own)
		return;
	spin_lock(&p->lock);
	p->fs = own;
	spin_unlock(&p->lock);
	fs_context_put(old);
}

/*
 * The new identity, before anything of the new program can be seen with the rights of the old one.
 * Return: whether the process may be looked into afterwards.
 */
static bool commit_cred(struct process *p, struct exec *e)
{
	bool changes;

	p->dumpable = false;
	if (!e->cred)
		return true;
	changes = cred_changes(e->cred, current_cred());
	p->pdeath_signal = 0;
	cred_commit(e->cred);
	e->cred = NULL;
	return !changes;
}

static void commit_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	strscpy(current->comm, slash ? slash + 1 : path, COMM_LEN);
}

/*
 * Private copies of what other processes share with this one, or a reference to the thing itself
 * where nobody does. @sighand and @fs are NULL then.
 */
struct exec_private {
	struct files *files;
	struct sighand *sighand;
	struct fs_context *fs;
};

static int unshare_fs(const struct exec *e, struct exec_private *own)
{
	struct process *p = current->process;

	/* May have come to be shared after the identity was decided. */
	if (!e->secure || atomic_read(&p->fs->refs) == 1)
		return 0;
	own->fs = fs_context_copy(p->fs);
	return own->fs ? 0 : -ENOMEM;
}

static int unshare_sighand(struct exec_private *own)
{
	struct process *p = current->process;

	if (atomic_read(&p->sighand->refs) == 1)
		return 0;
	own->sighand = sighand_copy(p->sighand);
	return own->sighand ? 0 : -ENOMEM;
}

/* The current process has one thread, so nothing becomes shared afterwards. */
static int exec_unshare(const struct exec *e, struct exec_private *own)
{
	struct files *files = files_unshare(current->process->files);
	int err;

	if (IS_ERR(files))
		return (int)PTR_ERR(files);
	err = unshare_fs(e, own);
	if (!err)
		err = unshare_sighand(own);
	if (!err) {
		own->files = files;
		return 0;
	}
	if (own->fs)
		fs_context_put(own->fs);
	files_put(files);
	return err;
}

static void exec_commit(struct exec *e, const struct exec_private *own, struct trapframe *tf)
{
	struct process *p = current->process;
	bool dumpable = commit_cred(p, e);

	commit_mm(p, e);
	commit_fs(p, own->fs);
	commit_files(p, own->files);
	commit_signals(p, own->sighand);
	p->dumpable = dumpable;
	p->keep_caps = false;
	if (e->secure)
		p->personality &= ~(u32)(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC);
	posix_timers_exit(p);
	commit_name(e->name);
	spin_lock_irq(&tasklist_lock);
	p->execed = true;
	p->exit_signal = SIGCHLD;
	spin_unlock_irq(&tasklist_lock);
	plat_exec(tf, e->entry, e->sp);
	mmu_announce(current->mm, e->sp & PAGE_MASK, 1);
}

static int exec_prepare(struct exec *e, int dfd, const char *path, u32 flags)
{
	int err = exec_open(e, dfd, path, flags);

	if (!err)
		err = exec_scripts(e);
	if (!err)
		err = exec_identity(e);
	if (!err)
		err = exec_load(e);
	return err;
}

static int exec_run(struct exec *e, struct trapframe *tf)
{
	struct process *p = current->process;
	struct exec_private own = { NULL, NULL, NULL };
	bool alone = p->nr_threads == 1;
	int err = end_siblings(p);

	if (err)
		return err;
	err = exec_unshare(e, &own);
	if (!err)
		exec_commit(e, &own, tf);
	else if (!alone)
		/* Nobody could go on with what is left of it. */
		send_signal(p, SIGKILL, NULL);
	return err;
}

static void exec_free(struct exec *e)
{
	while (e->nr_prefix)
		prefix_drop_first(e);
	kvfree(e->strings.buf);
	kfree(e->name);
	cred_put(e->cred);
	if (e->mm)
		mm_put(e->mm);
	exec_close_file(e);
	kfree(e);
}

/*
 * The name by which the new program, or a script's interpreter, finds the file: execveat(2) gives a
 * descriptor and perhaps a path from there.
 */
static int exec_set_name(struct exec *e, int dfd, const char *path)
{
	if (dfd == AT_FDCWD || *path == '/')
		e->name = kstrdup(path, GFP_KERNEL);
	else
		e->name = kasprintf(GFP_KERNEL, "/dev/fd/%d%s%s", dfd, *path ? "/" : "", path);
	return e->name ? 0 : -ENOMEM;
}

static int do_execve(int dfd, const char *path, u32 flags, const struct exec_source *argv,
		     const struct exec_source *envp, struct trapframe *tf)
{
	struct exec *e = kzalloc(sizeof(*e), GFP_KERNEL);
	int err;

	if (!e)
		return -ENOMEM;
	err = exec_set_name(e, dfd, path);
	if (!err)
		err = exec_strings_copy(&e->strings, argv, envp);
	if (!err)
		err = exec_prepare(e, dfd, path, flags);
	if (!err)
		err = exec_run(e, tf);
	exec_free(e);
	return err;
}

int kernel_execve(const char *path, const char *const *argv, const char *const *envp,
		  struct trapframe *tf)
{
	struct exec_source args = { .kernel = argv, .is_kernel = true };
	struct exec_source env = { .kernel = envp, .is_kernel = true };

	return do_execve(AT_FDCWD, path, 0, &args, &env, tf);
}

static long execve_user(int dfd, unsigned long path, unsigned long argv, unsigned long envp,
			u32 flags)
{
	struct exec_source args = { .user = argv }, env = { .user = envp };
	char *name = getname((const char __user *)path);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_execve(dfd, name, flags, &args, &env, user_frame(current));
	putname(name);
	return err;
}

long sys_execve(unsigned long path, unsigned long argv, unsigned long envp)
{
	return execve_user(AT_FDCWD, path, argv, envp, 0);
}

long sys_execveat(unsigned long dfd, unsigned long path, unsigned long argv, unsigned long envp,
		  unsigned long flags)
{
	if ((u32)flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	return execve_user((int)dfd, path, argv, envp, (u32)flags);
}
