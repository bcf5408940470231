// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve: arguments, environment, scripts, descriptors, hostile ELF files.
 */
#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "gt.h"
#include "leak.h"

extern char **environ;

/* ---- what the executed copy of this binary does ---- */

static int helper_args(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[0], "one") || strcmp(argv[1], "") || strcmp(argv[2], "three"))
		return 1;
	return environ[0] && !strcmp(environ[0], "A=b") && !environ[1] ? 0 : 2;
}

static int helper_fds(int argc, char **argv)
{
	int keep = atoi(argv[0]), gone = atoi(argv[1]);

	if (argc != 2)
		return 1;
	if (fcntl(keep, F_GETFD) < 0)
		return 2;
	return fcntl(gone, F_GETFD) == -1 && errno == EBADF ? 0 : 3;
}

static int helper_signals(void)
{
	struct sigaction sa;
	sigset_t set;

	sigaction(SIGUSR1, NULL, &sa);
	if (sa.sa_handler != SIG_DFL)
		return 1;
	sigaction(SIGUSR2, NULL, &sa);
	if (sa.sa_handler != SIG_IGN)
		return 2;
	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGTERM) == 1 ? 0 : 3;
}

static int helper_auxv(void)
{
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	unsigned int sum = 0;

	for (int i = 0; random && i < 16; i++)
		sum += random[i];
	if (getauxval(AT_PAGESZ) != 4096 || !sum || getauxval(AT_UID) != getuid())
		return 1;
	return getauxval(AT_PHDR) && getauxval(AT_ENTRY) && getauxval(AT_EXECFN) &&
			       !getauxval(AT_SECURE)
		       ? 0
		       : 2;
}

static int helper_big(int argc, char **argv)
{
	size_t sum = 0;

	for (int i = 0; i < argc; i++)
		sum += strlen(argv[i]);
	return sum == 100u * 1000u ? 0 : 1;
}

static int helper_script(int argc, char **argv)
{
	/* interpreter --helper script NAME ARG: the kernel passes everything after the interpreter
	 * as one word, so the name follows */
	return argc == 2 && strstr(argv[0], "script") && !strcmp(argv[1], "arg") ? 21 : 1;
}

struct capabilities {
	uint32_t version;
	int pid;
	struct {
		uint32_t effective, permitted, inheritable;
	} half[2];
};

static int helper_caps(void)
{
	struct capabilities c = {.version = 0x20080522};

	if (syscall(SYS_capget, &c, c.half))
		return 1;
	return c.half[0].permitted & 1 ? 2 : 0;
}

int gt_exec_helper(int argc, char **argv)
{
	const char *what = argc ? argv[0] : "";

	argc--;
	argv++;
	if (!strcmp(what, "args"))
		return helper_args(argc, argv);
	if (!strcmp(what, "fds"))
		return helper_fds(argc, argv);
	if (!strcmp(what, "signals"))
		return helper_signals();
	if (!strcmp(what, "auxv"))
		return helper_auxv();
	if (!strcmp(what, "caps"))
		return helper_caps();
	if (!strcmp(what, "big"))
		return helper_big(argc, argv);
	if (!strcmp(what, "exit"))
		return 33;
	return helper_script(argc + 1, argv - 1);
}

/* ---- tests ---- */

static int exec_self(void *arg)
{
	char *const *argv = arg;
	char *envp[] = {"A=b", NULL};

	execve(gt_self(), argv, envp);
	return 100 + errno;
}

static int run_helper(char *const *argv)
{
	return gt_run(exec_self, (void *)argv);
}

static void arguments(void)
{
	char *argv[] = {"name", "--helper", "args", "one", "", "three", NULL};

	CHECK(EXITED(run_helper(argv), 0));
}

static void close_on_exec(void)
{
	int keep = open("/dev/null", O_RDONLY), gone = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char a[12], b[12];
	char *argv[] = {"name", "--helper", "fds", a, b, NULL};

	sprintf(a, "%d", keep);
	sprintf(b, "%d", gone);
	CHECK(EXITED(run_helper(argv), 0));
}

static void handler(int sig)
{
	(void)sig;
}

static void signals_across_exec(void)
{
	char *argv[] = {"name", "--helper", "signals", NULL};
	sigset_t set;

	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK(EXITED(run_helper(argv), 0));
}

static void auxiliary_vector(void)
{
	char *argv[] = {"name", "--helper", "auxv", NULL};

	CHECK(EXITED(run_helper(argv), 0));
}

static void big_arguments(void)
{
	static char word[1001];
	char *argv[104] = {"name", "--helper", "big"};

	memset(word, 'x', 1000);
	for (int i = 3; i < 103; i++)
		argv[i] = word;
	CHECK(EXITED(run_helper(argv), 0));
}

static void too_big_arguments(void)
{
	size_t n = 200 * 1024;
	char *word = malloc(n + 1);
	char *argv[] = {"name", word, NULL};

	CHECK(word != NULL);
	memset(word, 'x', n);
	word[n] = 0;
	CHECK_ERR(execve(gt_self(), argv, environ), E2BIG);
}

static void write_file(const char *name, const void *data, size_t n, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, n), n);
	CHECK_EQ(fchmod(fd, mode), 0);
	close(fd);
}

static int exec_path(void *arg)
{
	char *argv[] = {arg, "arg", NULL};

	execve(arg, argv, environ);
	return 100 + errno;
}

static void script(void)
{
	char text[400];

	snprintf(text, sizeof(text), "#! %s --helper \nnot a program\n", gt_self());
	write_file("script", text, strlen(text), 0755);
	CHECK(EXITED(gt_run(exec_path, "./script"), 21));
}

static void script_of_script(void)
{
	char text[400];

	snprintf(text, sizeof(text), "#!%s --helper\n", gt_self());
	write_file("script", text, strlen(text), 0755);
	write_file("two", "#!./script\n", 11, 0755);
	/* The inner interpreter gets its own file name, then the outer's. */
	CHECK(EXITED(gt_run(exec_path, "./two"), 1));
	write_file("self", "#!./self\n", 9, 0755);
	CHECK_ERR(execve("./self", (char *[]){"self", NULL}, environ), ELOOP);
}

static void exec_errors(void)
{
	char *argv[] = {"x", NULL};

	CHECK_ERR(execve("missing", argv, environ), ENOENT);
	CHECK_ERR(execve("/tmp", argv, environ), EACCES);
	write_file("noexec", "#!/bin/sh\n", 10, 0644);
	CHECK_ERR(execve("noexec", argv, environ), EACCES);
	write_file("empty", "", 0, 0755);
	CHECK_ERR(execve("empty", argv, environ), ENOEXEC);
	write_file("noise", "\1\2\3\4 no program", 15, 0755);
	CHECK_ERR(execve("noise", argv, environ), ENOEXEC);
	write_file("badint", "#!/does/not/exist\n", 18, 0755);
	CHECK_ERR(execve("badint", argv, environ), ENOENT);
	CHECK_ERR(execve("empty/x", argv, environ), ENOTDIR);
	CHECK_ERR(execve(BAD_PTR, argv, environ), EFAULT);
	CHECK_ERR(execve(gt_self(), BAD_PTR, environ), EFAULT);
}

static void text_busy(void)
{
	int fd = open("prog", O_WRONLY | O_CREAT, 0755);
	char *argv[] = {"x", NULL};

	CHECK(fd >= 0);
	CHECK_ERR(execve("prog", argv, environ), ETXTBSY);
	close(fd);
	CHECK_ERR(open(gt_self(), O_WRONLY), ETXTBSY);
}

/* The smallest program: exit(33) at its entry. */
static const unsigned char tiny_code[] = {0xbf, 33, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};

struct tiny {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[2];
	unsigned char code[16];
};

static void make_tiny(struct tiny *t)
{
	memset(t, 0, sizeof(*t));
	memcpy(t->eh.e_ident, "\177ELF\2\1\1", 7);
	t->eh.e_type = ET_EXEC;
	t->eh.e_machine = EM_X86_64;
	t->eh.e_version = 1;
	t->eh.e_entry = 0x400000 + offsetof(struct tiny, code);
	t->eh.e_phoff = offsetof(struct tiny, ph);
	t->eh.e_ehsize = sizeof(Elf64_Ehdr);
	t->eh.e_phentsize = sizeof(Elf64_Phdr);
	t->eh.e_phnum = 1;
	t->ph[0] = (Elf64_Phdr){.p_type = PT_LOAD,
				.p_flags = PF_R | PF_X,
				.p_vaddr = 0x400000,
				.p_filesz = sizeof(*t),
				.p_memsz = sizeof(*t),
				.p_align = 4096};
	memcpy(t->code, tiny_code, sizeof(tiny_code));
}

static int try_tiny(const struct tiny *t)
{
	write_file("tiny", t, sizeof(*t), 0755);
	return gt_run(exec_path, "./tiny");
}

static void tiny_program(void)
{
	struct tiny t;

	make_tiny(&t);
	CHECK(EXITED(try_tiny(&t), 33));
}

/* Neither the kernel nor this process may suffer, whatever the file says; the child dies or gets an
 * error. */
static void mutated_elf(void)
{
	uint64_t rnd = 12345;
	struct tiny t;

	for (int i = 0; i < 400; i++) {
		unsigned int changes = 1 + (unsigned int)(gt_random(&rnd) % 4);

		make_tiny(&t);
		while (changes--) {
			size_t at = gt_random(&rnd) % offsetof(struct tiny, ph[1]);

			((unsigned char *)&t)[at] = (unsigned char)gt_random(&rnd);
		}
		try_tiny(&t);
	}
	make_tiny(&t);
	CHECK(EXITED(try_tiny(&t), 33));
}

/* A position-independent program finds room also when the stack may be of any size. */
static void stack_without_limit(void)
{
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	struct tiny t;

	if (setrlimit(RLIMIT_STACK, &all))
		gt_skip("the stack's limit cannot be lifted");
	make_tiny(&t);
	t.eh.e_type = ET_DYN;
	CHECK(EXITED(try_tiny(&t), 33));
}

/* edi = the address of "here", modulo 2 MiB; exit(edi >> 12) */
static const unsigned char place_code[] = {0x48, 0x8d, 0x3d, 0xf9, 0xff, 0xff, 0xff, 0x81,
					   0xe7, 0x00, 0xf0, 0x1f, 0x00, 0xc1, 0xef, 0x0c,
					   0xb8, 60,   0,    0,	   0,	 0x0f, 0x05};

struct aligned {
	struct tiny t;
	unsigned char code[32];
};

/* Its segments may ask for more than a page's alignment. */
static void aligned_segment(void)
{
	struct aligned a;

	memset(&a, 0, sizeof(a));
	make_tiny(&a.t);
	memcpy(a.code, place_code, sizeof(place_code));
	a.t.eh.e_type = ET_DYN;
	a.t.eh.e_entry = offsetof(struct aligned, code);
	a.t.ph[0].p_vaddr = 0;
	a.t.ph[0].p_filesz = a.t.ph[0].p_memsz = sizeof(a);
	a.t.ph[0].p_align = 1 << 21;
	for (int i = 0; i < 4; i++) {
		write_file("aligned", &a, sizeof(a), 0755);
		CHECK(EXITED(gt_run(exec_path, "./aligned"), 0));
	}
}

static int exec_by_descriptor(void *arg)
{
	const char *path = arg;
	int fd = *path ? open(".", O_RDONLY | O_DIRECTORY) : open("script", O_RDONLY);
	char *argv[] = {"x", NULL};

	if (chdir("/"))
		return 98;
	syscall(SYS_execveat, fd, path, argv, environ, *path ? 0 : AT_EMPTY_PATH);
	return 99;
}

/* A script's interpreter gets a name under which it finds the script. */
static void script_by_descriptor(void)
{
	if (access("/dev/fd", X_OK))
		gt_skip("no /dev/fd");
	write_file("script", "#!/bin/sh\nexit 7\n", 17, 0755);
	CHECK(EXITED(gt_run(exec_by_descriptor, ""), 7));
	CHECK(EXITED(gt_run(exec_by_descriptor, "script"), 7));
}

static int exec_without_chown(void *arg)
{
	char *argv[] = {(char *)gt_self(), "--helper", "caps", NULL};
	struct capabilities c = {.version = 0x20080522};

	if (arg && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 11;
	if (syscall(SYS_capget, &c, c.half))
		return 12;
	c.half[0].effective &= ~1U; /* CAP_CHOWN */
	c.half[0].permitted &= ~1U;
	if (syscall(SYS_capset, &c, c.half))
		return 13;
	execv(gt_self(), argv);
	return 14;
}

/* Root gets all its capabilities back by execve, unless it has renounced new privileges. */
static void no_new_capabilities(void)
{
	if (geteuid())
		gt_skip("needs root");
	CHECK(EXITED(gt_run(exec_without_chown, NULL), 2));
	CHECK(EXITED(gt_run(exec_without_chown, ""), 0));
}

static void hostile_elf_fields(void)
{
	struct tiny t;

	make_tiny(&t);
	t.eh.e_phoff = ~0UL - 8;
	CHECK(!EXITED(try_tiny(&t), 33));
	make_tiny(&t);
	t.ph[0].p_vaddr = 0xffffffff80000000UL;
	CHECK(!EXITED(try_tiny(&t), 33));
	make_tiny(&t);
	t.ph[0].p_memsz = ~0UL;
	CHECK(!EXITED(try_tiny(&t), 33));
	make_tiny(&t);
	t.eh.e_phnum = 65535;
	CHECK(!EXITED(try_tiny(&t), 33));
	make_tiny(&t);
	t.ph[0].p_filesz = 0x10000000; /* more than the file has */
	t.ph[0].p_memsz = 0x10000000;
	try_tiny(&t);
	make_tiny(&t);
	t.eh.e_entry = 0xffff800000000000UL;
	CHECK(!EXITED(try_tiny(&t), 33));
}

static void no_stack_execution(void)
{
	/* Data is not code: a jump into it dies. */
	static unsigned char data[64];
	pid_t pid = fork();

	memcpy(data, tiny_code, sizeof(tiny_code));
	if (pid == 0) {
		((void (*)(void))(uintptr_t)data)();
		_exit(0);
	}
	CHECK(KILLED(gt_wait(pid), SIGSEGV));
}

static const struct gt_test tests[] = {
	{"arguments", arguments, 0},
	{"close_on_exec", close_on_exec, 0},
	{"signals_across_exec", signals_across_exec, 0},
	{"auxiliary_vector", auxiliary_vector, 0},
	{"big_arguments", big_arguments, 0},
	{"too_big_arguments", too_big_arguments, 0},
	{"script", script, 0},
	{"script_of_script", script_of_script, 0},
	{"script_by_descriptor", script_by_descriptor, 0},
	{"exec_errors", exec_errors, 0},
	{"text_busy", text_busy, 0},
	{"tiny_program", tiny_program, 0},
	{"stack_without_limit", stack_without_limit, 0},
	{"aligned_segment", aligned_segment, 0},
	{"no_new_capabilities", no_new_capabilities, 0},
	{"hostile_elf_fields", hostile_elf_fields, 0},
	{"mutated_elf", mutated_elf, 60},
	{"no_data_execution", no_stack_execution, 0},
};
GT_GROUP(exec);
