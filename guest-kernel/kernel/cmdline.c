// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's command line: words divided by blanks, double quotes keep blanks together
 * (name="a b"), a bare "--" ends what is the kernel's. The built-in line comes first, so that the
 * boot loader's words, which come later, win.
 *
 * An option counts as known to the kernel if somebody has asked for it, or if it stands in the list
 * below; the other words are init's. Written while the boot CPU is alone, but for the asked-for
 * marks, which are only ever set: no lock.
 */
#define pr_fmt(f) "cmdline: " f

#include <init.h>
#include <boot_info.h>
#include <log.h>
#include <string.h>

#define MAX_WORDS	512

struct word {
	const char *name;
	const char *value;	/* NULL: a bare word */
	const char *text;	/* the word as it was, for init's environment */
	bool known;
	bool for_init;		/* behind "--" */
};

static char full[2 * BOOT_CMDLINE_MAX];
static char names[2 * BOOT_CMDLINE_MAX];	/* the words, terminated, '=' replaced */
static char texts[2 * BOOT_CMDLINE_MAX];	/* the words, terminated */
static struct word words[MAX_WORDS];
static u32 nr_words;

/* Options of boot loaders, and of drivers that this kernel may have been built without. */
static const char *const known_names[] = {
	"BOOT_IMAGE", "initrd",	     "console", "root",	    "rootfstype",
	"rootflags",  "rootwait",    "ro",	"rw",	    "init",
	"rdinit",     "loglevel",    "quiet",	"debug",    "ignore_loglevel",
	"earlycon",   "earlyprintk", "mem",	"maxcpus",  "nosmp",
	"panic",      "strace",	     "ktest",	"acpi",	    "noapic",
	"tsc",	      "reboot",	     "nokaslr", "nomodule", "vga",
	"video",      "mitigations"
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Copies one word without its quotes to @out, terminated; returns the first byte behind it in the
 * line.
 */
static const char *copy_word(const char *line, char *out)
{
	bool quoted = false;

	for (; *line && (quoted || !is_blank(*line)); line++) {
		if (*line == '"')
			quoted = !quoted;
		else
			*out++ = *line;
	}
	*out = '\0';
	return line;
}

/* The first byte behind a word, whose quotes may hide blanks. */
static const char *end_of_word(const char *line)
{
	bool quoted = false;

	for (; *line && (quoted || !is_blank(*line)); line++)
		quoted ^= *line == '"';
	return line;
}

/**
 * cmdline_cut - A command line was too long: keep whole words, and say what is lost.
 * @line: the part that there was room for; a word that reaches its end is cut off
 * @lost: bytes behind it that did not fit
 *
 * Context: boot CPU, before cmdline_init().
 */
void cmdline_cut(char *line, u32 lost)
{
	char *last = line, *end = line;

	while (*end) {
		last = end;
		while (is_blank(*last))
			last++;
		end = (char *)end_of_word(last);
	}
	lost += (u32)(end - last);
	pr_err("%u bytes too long: lost from \"%.40s\" on, with at most %u used\n", lost, last,
	       BOOT_CMDLINE_MAX - 1);
	*last = '\0';
}

static bool is_known(const char *name)
{
	u32 i;

	/* "driver.parameter" is meant for a driver, present or not. */
	if (strchr(name, '.'))
		return true;
	for (i = 0; i < ARRAY_SIZE(known_names); i++)
		if (!strcmp(known_names[i], name))
			return true;
	return false;
}

static void add_word(char *name, const char *text, bool for_init)
{
	char *value = strchr(name, '=');

	if (value)
		*value++ = '\0';
	words[nr_words++] =
		(struct word){ name, value, text, !for_init && is_known(name), for_init };
}

static void split(const char *line)
{
	size_t used = 0;
	bool for_init = false;

	for (;;) {
		while (is_blank(*line))
			line++;
		if (!*line)
			return;
		if (nr_words == MAX_WORDS) {
			pr_err("more than %u words: those from \"%.40s\" on are ignored\n", MAX_WORDS,
			       line);
			return;
		}
		line = copy_word(line, names + used);
		strscpy(texts + used, names + used, sizeof(texts) - used);
		if (!for_init && !strcmp(names + used, "--")) {
			for_init = true;
			continue;
		}
		add_word(names + used, texts + used, for_init);
		used += strlen(texts + used) + 1;
	}
}

/**
 * cmdline_init - Take apart the command line.
 * @boot: from the boot loader; may be NULL
 * @builtin: built into the kernel; may be NULL
 *
 * Context: boot CPU, before anything asks for an option; callable again (tests).
 */
void cmdline_init(const char *boot, const char *builtin)
{
	bool both = boot && *boot && builtin && *builtin;

	nr_words = 0;
	scnprintf(full, sizeof(full), "%s%s%s", builtin ? builtin : "", both ? " " : "",
		  boot ? boot : "");
	split(full);
}

static bool matches(struct word *w, const char *name)
{
	if (w->for_init || strcmp(w->name, name))
		return false;
	w->known = true;
	return true;
}

const char *cmdline_get(const char *name)
{
	const char *value = NULL;
	u32 i;

	for (i = 0; i < nr_words; i++)
		if (matches(&words[i], name))
			value = words[i].value ? words[i].value : "";
	return value;
}

const char *cmdline_get_nth(const char *name, u32 n)
{
	u32 i;

	for (i = 0; i < nr_words; i++)
		if (matches(&words[i], name) && !n--)
			return words[i].value ? words[i].value : "";
	return NULL;
}

u64 cmdline_get_u64(const char *name, u64 dflt)
{
	const char *value = cmdline_get(name), *end;
	bool negative;
	u64 n;

	if (!value || !*value)
		return dflt;
	negative = *value == '-';
	n = memparse(value + negative, &end);
	if (*end || end == value + negative) {
		pr_warn("%s=%s is not a number\n", name, value);
		return dflt;
	}
	return negative ? -n : n;
}

bool cmdline_flag(const char *name)
{
	const char *value = cmdline_get(name);

	return value && strcmp(value, "0") && strcmp(value, "n") && strcmp(value, "off");
}

const char *cmdline_full(void)
{
	return full;
}

/**
 * cmdline_init_args - The words that are init's.
 * @argv: filled with words
 * @max_argv: room in @argv
 * @envp: filled with name=value words
 * @max_envp: room in @envp
 *
 * Neither array is NULL-terminated by this. Context: after the initcalls, which ask for their
 * options.
 * Return: arguments in the low 16 bits, environment strings in the high ones.
 */
u32 cmdline_init_args(const char **argv, u32 max_argv, const char **envp, u32 max_envp)
{
	u32 i, nr_args = 0, nr_env = 0;

	for (i = 0; i < nr_words; i++) {
		struct word *w = &words[i];

		if (w->known)
			continue;
		if (!w->for_init && w->value) {
			if (nr_env < max_envp)
				envp[nr_env++] = w->text;
		} else if (nr_args < max_argv) {
			argv[nr_args++] = w->text;
		}
	}
	return nr_args | nr_env << 16;
}
