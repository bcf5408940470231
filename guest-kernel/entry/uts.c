// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of the machine: uname(2), sethostname(2), setdomainname(2), /proc/version and
 * /proc/sys/kernel.
 */
#include <fs.h>
#include <generated/version.h>
#include <init.h>
#include <platform/platform.h>
#include <process.h>
#include <string.h>
#include <syscall.h>
#include <uaccess.h>

#define NAME_LEN 64

struct utsname {
	char sysname[NAME_LEN + 1];
	char nodename[NAME_LEN + 1];
	char release[NAME_LEN + 1];
	char version[NAME_LEN + 1];
	char machine[NAME_LEN + 1];
	char domainname[NAME_LEN + 1];
};

static DEFINE_MUTEX(uts_lock);
static struct utsname uts = {		/* uts_lock */
	.sysname = "Linux",
	.nodename = "twinix",
	.release = CONFIG_UTS_RELEASE CONFIG_LOCALVERSION,
	.version = "Twinix " TWINIX_VERSION,
	.machine = "x86_64",
	.domainname = "(none)",
};

/* UNAME26: "6.12.3-x" is called "2.6.72-x", for programs that know no other major number. */
static void call_it_26(char *release)
{
	const char *rest = release;
	char text[NAME_LEN + 1];
	u32 dots = 0;
	u64 minor = 0;

	while (*rest >= '0' && *rest <= '9')
		rest++;
	for (; *rest == '.' || (*rest >= '0' && *rest <= '9'); rest++) {
		dots += *rest == '.';
		if (dots == 1 && *rest != '.')
			minor = minor * 10 + (u64)(*rest - '0');
	}
	scnprintf(text, sizeof(text), "2.6.%llu%s", (unsigned long long)minor + 60, rest);
	strscpy(release, text, NAME_LEN + 1);
}

/* uname(2) as the caller's personality wants to see it. */
long sys_uname(unsigned long out)
{
	u32 personality = current->process->personality;
	struct utsname copy;

	mutex_lock(&uts_lock);
	copy = uts;
	mutex_unlock(&uts_lock);
	if ((personality & PER_MASK) == PER_LINUX32)
		strscpy(copy.machine, "i686", sizeof(copy.machine));
	if (personality & UNAME26)
		call_it_26(copy.release);
	return copy_to_user((void __user *)out, &copy, sizeof(copy));
}

static long set_name(char *field, unsigned long name, int len)
{
	char copy[NAME_LEN + 1] = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > NAME_LEN)
		return -EINVAL;
	if (copy_from_user(copy, (const void __user *)name, (size_t)len))
		return -EFAULT;
	mutex_lock(&uts_lock);
	memcpy(field, copy, sizeof(copy));
	mutex_unlock(&uts_lock);
	return 0;
}

long sys_sethostname(unsigned long name, unsigned long len)
{
	return set_name(uts.nodename, name, (int)len);
}

long sys_setdomainname(unsigned long name, unsigned long len)
{
	return set_name(uts.domainname, name, (int)len);
}

static int show_name(struct seq *s, void *field)
{
	mutex_lock(&uts_lock);
	seq_printf(s, "%s\n", (const char *)field);
	mutex_unlock(&uts_lock);
	return 0;
}

static ssize_t write_name(void *field, const char *buf, size_t n)
{
	size_t len = strnlen(buf, n);

	if (len && buf[len - 1] == '\n')
		len--;
	if (len > NAME_LEN)
		return -EINVAL;
	mutex_lock(&uts_lock);
	memset(field, 0, NAME_LEN + 1);
	memcpy(field, buf, len);
	mutex_unlock(&uts_lock);
	return (ssize_t)n;
}

static int show_version(struct seq *s, void *arg)
{
	(void)arg;
	seq_printf(s, "%s version %s %s (%s)\n", uts.sysname, uts.release, uts.version,
		   platform_name());
	return 0;
}

static int uts_proc_init(void)
{
	int err = proc_register("version", show_version, NULL);

	if (!err)
		err = proc_register("sys/kernel/ostype", show_name, uts.sysname);
	if (!err)
		err = proc_register("sys/kernel/osrelease", show_name, uts.release);
	if (!err)
		err = proc_register("sys/kernel/version", show_name, uts.version);
	if (!err)
		err = proc_register_rw("sys/kernel/hostname", 0644, show_name, write_name,
				       uts.nodename);
	if (!err)
		err = proc_register_rw("sys/kernel/domainname", 0644, show_name, write_name,
				       uts.domainname);
	return err;
}
late_initcall(uts_proc_init);
