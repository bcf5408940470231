// SPDX-License-Identifier: GPL-2.0-only
/*
 * File systems, console and host name: what has to be there before any other
 * program runs. What a kernel does not offer is left out without a word, since
 * the same root serves Twinix and Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

static const struct {
	const char *type;
	const char *target;
	mode_t mode;
	unsigned long flags;
	const char *options;
} mounts[] = {
	{ "proc", "/proc", 0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "/sys", 0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "devtmpfs", "/dev", 0755, MS_NOSUID, NULL },
	{ "devpts", "/dev/pts", 0755, MS_NOSUID | MS_NOEXEC, NULL },
	{ "tmpfs", "/dev/shm", 01777, MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "tmpfs", "/tmp", 01777, MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "tmpfs", "/run", 0755, MS_NOSUID | MS_NODEV, "mode=0755" },
};

/* Says on the console what failed, and why (errno). */
void complain(const char *what)
{
	dprintf(STDERR_FILENO, "init: %s: %s\n", what, strerror(errno));
}

/**
 * read_file - the content of a small file
 * @path: the file
 * @limit: largest size in bytes that is read
 *
 * Return: a string to be freed, or NULL if the file cannot be read.
 */
char *read_file(const char *path, size_t limit)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	struct stat info;
	char *text;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 && info.st_size > 0 && (size_t)info.st_size < limit)
		limit = info.st_size;
	text = malloc(limit + 1);
	while (text && length < limit) {
		ssize_t n = read(fd, text + length, limit - length);

		if (n <= 0)
			break;
		length += n;
	}
	close(fd);
	if (text)
		text[length] = '\0';
	return text;
}

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].target, mounts[i].mode);
		if (mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].options) < 0 &&
		    errno != ENODEV && errno != EBUSY)
			complain(mounts[i].target);
	}
}

int open_console(void)
{
	return open("/dev/console", O_RDWR | O_NOCTTY);
}

/* The kernel opens the console for us if the root had one; else do it now. */
static void ensure_standard_streams(void)
{
	int fd;

	if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
		return;
	fd = open_console();
	if (fd < 0)
		return;
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void set_host_name(void)
{
	char *name = read_file("/etc/hostname", 64);

	if (!name)
		return;
	name[strcspn(name, "\n")] = '\0';
	if (sethostname(name, strlen(name)) < 0)
		complain("sethostname");
	free(name);
}

/* A serial line does not tell the size of the terminal at its other end. */
static void set_window_size(void)
{
	char *text = read_file(WINSIZE_FILE, 64);
	struct winsize size = { 0 };

	if (text && sscanf(text, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(STDIN_FILENO, TIOCSWINSZ, &size);
	free(text);
}

void system_setup(void)
{
	umask(022);
	mount_all();
	ensure_standard_streams();
	set_host_name();
	set_window_size();
	if (chdir("/") < 0)
		complain("/");
}
