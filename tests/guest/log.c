// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's log as syslog(2) gives it. Marks are written through /dev/kmsg.
 */
#include <fcntl.h>
#include <sys/klog.h>

#include "gt.h"

enum { CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, OFF, ON, LEVEL, SIZE_UNREAD, SIZE_BUFFER };

static char text[1 << 20];

static void need_rights(void)
{
	if (geteuid() || access("/dev/kmsg", W_OK))
		gt_skip("needs root and /dev/kmsg");
}

/* Linux shows a line to readers when it has ended, or the next one has begun. */
static void mark(const char *s)
{
	int fd = open("/dev/kmsg", O_WRONLY);

	CHECK(fd >= 0);
	CHECK_EQ(dprintf(fd, "%s\n", s), (int)strlen(s) + 1);
	close(fd);
}

static const char *read_all(int how, int size)
{
	int n = klogctl(how, text, size);

	CHECK(n >= 0 && n <= size);
	text[n] = '\0';
	return text;
}

static void clearing(void)
{
	need_rights();
	mark("gt-before-clear");
	CHECK(strstr(read_all(READ_ALL, sizeof(text) - 1), "gt-before-clear"));
	CHECK_EQ(klogctl(CLEAR, NULL, 0), 0);
	mark("gt-after-clear");
	CHECK(!strstr(read_all(READ_ALL, sizeof(text) - 1), "gt-before-clear"));
	CHECK(strstr(read_all(READ_CLEAR, sizeof(text) - 1), "gt-after-clear"));
	CHECK(!strstr(read_all(READ_ALL, sizeof(text) - 1), "gt-after-clear"));
}

/* A buffer that is too small gets the end of the log, not its beginning. */
static void small_buffer(void)
{
	need_rights();
	for (int i = 0; i < 20; i++)
		mark("gt-filling");
	mark("gt-the-end");
	CHECK(strstr(read_all(READ_ALL, 500), "gt-the-end"));
	CHECK(strlen(text) > 200);
}

static void drain(void)
{
	while (klogctl(SIZE_UNREAD, NULL, 0) > 0)
		CHECK(klogctl(READ, text, sizeof(text)) > 0);
}

static int read_one(void *arg)
{
	int n = klogctl(READ, text, sizeof(text) - 1);

	(void)arg;
	if (n <= 0)
		return 1;
	text[n] = '\0';
	return strstr(text, "gt-something-new") ? 0 : 2;
}

/* What was read is gone; then reading waits. */
static void reading_waits(void)
{
	pid_t pid;
	int status;

	need_rights();
	drain();
	pid = gt_child(read_one, NULL);
	gt_sleep_ms(100);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	mark("gt-something-new");
	CHECK(EXITED(gt_wait(pid), 0));
	drain();
	pid = gt_child(read_one, NULL);
	gt_sleep_ms(50);
	CHECK_EQ(kill(pid, SIGTERM), 0);
	CHECK(KILLED(gt_wait(pid), SIGTERM));
}

static void bad_arguments(void)
{
	need_rights();
	CHECK_ERR(klogctl(READ_ALL, NULL, 10), EINVAL);
	CHECK_ERR(klogctl(READ_ALL, text, -1), EINVAL);
	CHECK_ERR(klogctl(READ, NULL, 10), EINVAL);
	CHECK_ERR(klogctl(LEVEL, NULL, 9), EINVAL);
	CHECK_ERR(klogctl(77, NULL, 0), EINVAL);
}

static const struct gt_test tests[] = {
	{"clearing", clearing, 0},
	{"small_buffer", small_buffer, 0},
	{"reading_waits", reading_waits, 0},
	{"bad_arguments", bad_arguments, 0},
};
GT_GROUP(log);
