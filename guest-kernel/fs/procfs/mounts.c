// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/PID/mounts and mountinfo: the mounts that the process can see, with names as it sees them.
 */
#include "procfs.h"
#include <string.h>

#define NAME_SPECIAL " \t\n\\"
#define OPTIONS_MAX  256

static void show_mnt_flags(struct seq *s, u32 flags)
{
	static const struct {
		u32 flag;
		const char *name;
	} names[] = {
		{ MS_NOSUID, ",nosuid" },	  { MS_NODEV, ",nodev" },
		{ MS_NOEXEC, ",noexec" },	  { MS_NOATIME, ",noatime" },
		{ MS_NODIRATIME, ",nodiratime" }, { MS_RELATIME, ",relatime" },
		{ MS_NOSYMFOLLOW, ",nosymfollow" },
	};

	seq_puts(s, flags & MS_RDONLY ? "ro" : "rw");
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_puts(s, names[i].name);
}

static void show_sb_options(struct seq *s, struct super_block *sb)
{
	char options[OPTIONS_MAX];

	if (sb->ops->show_options && sb->ops->show_options(sb, options, sizeof(options)) > 0)
		seq_puts(s, options);
}

/* One line as in fstab(5). */
static void show_fstab(struct seq *s, struct mount *m, const char *at)
{
	seq_escape(s, m->source, NAME_SPECIAL);
	seq_puts(s, " ");
	seq_escape(s, at, NAME_SPECIAL);
	seq_printf(s, " %s ", m->sb->type->name);
	show_mnt_flags(s, m->flags | (m->sb->flags & MS_RDONLY));
	show_sb_options(s, m->sb);
	seq_puts(s, " 0 0\n");
}

static void show_info(struct seq *s, struct mount *m, const char *at)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL),
	     *root = buf ? dentry_text(m->root, buf, PATH_MAX) : NULL;
	u32 parent_id;

	spin_lock(&mount_lock);
	parent_id = m->parent ? m->parent->id : m->id;
	spin_unlock(&mount_lock);
	seq_printf(s, "%u %u %u:%u ", m->id, parent_id, MAJOR(m->sb->dev), MINOR(m->sb->dev));
	seq_escape(s, IS_ERR_OR_NULL(root) ? "?" : root, NAME_SPECIAL);
	kfree(buf);
	seq_puts(s, " ");
	seq_escape(s, at, NAME_SPECIAL);
	seq_puts(s, " ");
	show_mnt_flags(s, m->flags);
	seq_printf(s, " - %s ", m->sb->type->name);
	seq_escape(s, m->source, NAME_SPECIAL);
	seq_puts(s, m->sb->flags & MS_RDONLY ? " ro" : " rw");
	show_sb_options(s, m->sb);
	seq_puts(s, "\n");
}

static void show_mount(struct seq *s, struct mount *m, const struct path *root, char *buf,
		       void (*show)(struct seq *s, struct mount *m, const char *at))
{
	struct path at = { m, m->root };
	char *text = path_text_below(&at, root, PATH_TEXT_ALIVE | PATH_TEXT_BARE, buf, PATH_MAX);

	/* Mounts outside the process's root are not its business. */
	if (!IS_ERR(text) && text[0] == '/')
		show(s, m, text);
}

static int show_all(struct seq *s, const struct pid_view *v,
		    void (*show)(struct seq *s, struct mount *m, const char *at))
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	struct mount *m = NULL;
	struct path root;

	if (!buf)
		return -ENOMEM;
	if (pid_link_root(v, &root)) {
		kfree(buf);
		return -EINVAL;
	}
	while ((m = mount_next(m)))
		show_mount(s, m, &root, buf, show);
	path_put(&root);
	kfree(buf);
	return 0;
}

int pid_show_mounts(struct seq *s, const struct pid_view *v)
{
	return show_all(s, v, show_fstab);
}

int pid_show_mountinfo(struct seq *s, const struct pid_view *v)
{
	return show_all(s, v, show_info);
}
