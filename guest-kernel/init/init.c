// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process: the boot option init=, or the usual places, with the arguments and environment
 * that the kernel's command line leaves for it.
 */
#define pr_fmt(f) "init: " f
#include <fs.h>
#include <init.h>
#include <log.h>
#include <mm.h>
#include <panic.h>
#include <platform/trap.h>
#include <process.h>
#include <sched.h>
#include <string.h>
#include "../process/internal.h"

#define WORDS_MAX 64

static const char *argv[WORDS_MAX + 2];
static const char *envp[WORDS_MAX + 3] = { "HOME=/", "TERM=linux" };
#define FIXED_ENV 2

static void collect_words(void)
{
	u32 n = cmdline_init_args(argv + 1, WORDS_MAX, envp + FIXED_ENV, WORDS_MAX);

	argv[1 + (n & 0xffff)] = NULL;
	envp[FIXED_ENV + (n >> 16)] = NULL;
}

/* Descriptors 0, 1 and 2. A machine without a console still gets its init. */
static void open_console(void)
{
	struct file *f = file_open("/dev/console", O_RDWR, 0);
	int fd;

	if (IS_ERR(f)) {
		pr_warn("no /dev/console: error %ld\n", -PTR_ERR(f));
		return;
	}
	for (fd = 0; fd < 3; fd++) {
		file_get(f);
		if (fd_alloc(f, fd, 0) < 0)
			file_put(f);
	}
	file_put(f);
}

static int run(const char *path)
{
	int err;

	argv[0] = path;
	err = kernel_execve(path, argv, envp, user_frame(current));
	if (!err)
		pr_info("running %s\n", path);
	return err;
}

/* A file system on a disk would need a driver for either: better told than overlooked. */
static void refuse_root(void)
{
	const char *root = cmdline_get("root");

	if (root && *root)
		pr_err("root=%s: this kernel has no file system on disks, the initramfs stays\n",
		       root);
}

static int run_first(void)
{
	static const char *const places[] = { "/init", "/sbin/init", "/etc/init", "/bin/init",
					      "/bin/sh" };
	const char *option = cmdline_get("rdinit") ?: cmdline_get("init");
	int err = -ENOENT;
	u32 i;

	if (option && *option) {
		err = run(option);
		if (err)
			panic("init=%s cannot be run: error %d", option, -err);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(places) && err; i++) {
		err = run(places[i]);
		if (err && err != -ENOENT)
			pr_err("%s cannot be run: error %d\n", places[i], -err);
	}
	return err;
}

static void init_main(void *arg)
{
	(void)arg;
	collect_words();
	refuse_root();
	open_console();
	if (run_first())
		panic("no init found: give one by init=");
	plat_enter_user();
}

static struct process *init_alloc(void)
{
	struct process *p = process_alloc(GFP_KERNEL);

	if (!p)
		return NULL;
	memcpy(p->rlim, kernel_process.rlim, sizeof(p->rlim));
	p->sighand = sighand_alloc();
	p->files = files_create();
	p->fs = fs_context_copy(kernel_process.fs);
	if (!p->sighand || IS_ERR_OR_NULL(p->files) || IS_ERR_OR_NULL(p->fs))
		return NULL;
	p->unkillable = true;
	p->start_ns = ktime_ns();
	p->parent = &kernel_process;
	p->exit_signal = SIGCHLD;
	return p;
}

static void init_link(struct process *p, struct thread *t)
{
	spin_lock_irq(&tasklist_lock);
	t->tid = pid_alloc();
	p->pid = t->tid;
	p->leader = t;
	pid_set_thread(t->tid, t);
	list_add_tail(&t->thread_node, &p->threads);
	list_add_tail(&p->sibling, &kernel_process.children);
	p->nr_threads = 1;
	group_join(p, 0, 0);
	nr_processes++;
	nr_user_threads++;
	spin_unlock_irq(&tasklist_lock);
}

/**
 * start_init - Start process 1.
 *
 * Context: boot, after the root file system is filled.
 */
void start_init(void)
{
	struct process *p = init_alloc();
	struct thread *t = thread_alloc(init_main, NULL);

	if (!p || IS_ERR(t))
		panic("no memory for the first process");
	process_get(p);
	thread_get(t);
	t->process = p;
	t->cred = &root_cred;
	t->start_ns = p->start_ns;
	strscpy(t->comm, "init", COMM_LEN);
	init_process = p;
	init_link(p, t);
	thread_start(t);
}
