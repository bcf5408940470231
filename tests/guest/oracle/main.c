// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle test of a kernel that runs Linux programs: "guest-oracle --help". The same binary runs
 * on Twinix and on Linux. It prints KTAP: one result for each actor (oracle.h) and one for the
 * watchers.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oracle.h"

extern const struct actor actor_memory, actor_registers, actor_clocks, actor_unmap, actor_cow,
	actor_barrier, actor_files, actor_append, actor_futex, actor_signals, actor_pipes,
	actor_spawn, actor_remap, actor_leave, actor_shared,
	actor_truncate, actor_hog;

const struct actor *const actors[] = {
	&actor_memory, &actor_registers, &actor_clocks, &actor_unmap,  &actor_cow,
	&actor_barrier, &actor_files,	 &actor_append, &actor_futex,  &actor_signals,
	&actor_pipes,	&actor_spawn,	 &actor_remap,	&actor_leave, &actor_shared,
	&actor_truncate, &actor_hog,
};
const unsigned int nr_actors = ARRAY_SIZE(actors);

static struct {
	unsigned int seconds, scene, cpus, deadline;
	uint64_t seed, only;
	bool quiet;
} options = {.seconds = 15, .seed = 1, .deadline = 20};

static const char usage[] =
	"usage: guest-oracle [OPTION]...\n"
	"Presses the kernel's memory, files, threads and signals by processes that know what they must\n"
	"see; KTAP on stdout, status 0 if nothing was found.\n"
	"  --seconds N      for how long (15)\n"
	"  --seed N         repeat a run: who plays with whom, and what they do (1)\n"
	"  --scene N        begin with this scene of the seed (0)\n"
	"  --cpus N         use the first N CPUs (all)\n"
	"  --only ACTOR     only this one, in every scene; may be repeated\n"
	"  --deadline N     seconds without a sign of life before a CPU, the shell or an actor is\n"
	"                   said to hang (20)\n"
	"  --quiet          do not name the scenes\n"
	"  --list           the actors\n"
	"  --help           this text\n";

static int bad_usage(const char *what)
{
	fprintf(stderr, "guest-oracle: %s\n%s", what, usage);
	return 2;
}

static int list(void)
{
	for (unsigned int i = 0; i < nr_actors; i++)
		printf("%-10s %s%s\n", actors[i]->name, actors[i]->what,
		       actors[i]->always ? " (always)" : actors[i]->asked ? " (if asked for)" : "");
	return 0;
}

static bool number(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value <= most;
}

static bool take_actor(const char *name)
{
	for (unsigned int i = 0; i < nr_actors; i++)
		if (!strcmp(actors[i]->name, name)) {
			options.only |= 1UL << i;
			return true;
		}
	return false;
}

/* Returns -1, or the status to end with. */
static int parse(int argc, char **argv)
{
	static const struct {
		const char *name;
		unsigned int *value;
	} numbers[] = {{"--seconds", &options.seconds}, {"--scene", &options.scene},
		       {"--cpus", &options.cpus}, {"--deadline", &options.deadline}};

	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
		bool known = false;
		uint64_t n;

		if (!strcmp(name, "--help"))
			return fputs(usage, stdout) < 0;
		if (!strcmp(name, "--list"))
			return list();
		if (!strcmp(name, "--quiet")) {
			options.quiet = true;
			continue;
		}
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
			if (!strcmp(name, numbers[k].name) && number(value, 1000000000, &n)) {
				*numbers[k].value = (unsigned int)n;
				known = true;
			}
		known = known || (!strcmp(name, "--seed") && number(value, UINT64_MAX, &options.seed));
		known = known || (!strcmp(name, "--only") && take_actor(value));
		if (!known)
			return bad_usage(name);
		i++;
	}
	return -1;
}

/* On the first CPUs only, and how many those are. */
static unsigned int use_cpus(void)
{
	unsigned int cpus = 0;
	cpu_set_t set, mine;

	CPU_ZERO(&set);
	CPU_ZERO(&mine);
	if (sched_getaffinity(0, sizeof(mine), &mine))
		return 0;
	for (; cpus < MAX_CPUS && CPU_ISSET(cpus, &mine) && (!options.cpus || cpus < options.cpus); cpus++)
		CPU_SET(cpus, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? 0 : cpus;
}

static bool set_stage(void)
{
	struct sysinfo si;
	uint64_t most;

	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED || sysinfo(&si))
		return false;
	most = (si.totalram * si.mem_unit >> 20) / 16;
	stage->cpus = use_cpus();
	stage->megabytes = most < 2 ? 2 : most > 16 ? 16 : (unsigned int)most;
	stage->deadline = options.deadline * 1000000000ULL;
	stage->seed = options.seed;
	stage->scene = options.scene;
	return stage->cpus > 0;
}

/* A folder that the actors may write to, which they begin in. */
static bool make_folder(char *name)
{
	return mkdtemp(name) && !chmod(name, 01777) && !chdir(name);
}

static void play(void)
{
	uint64_t end = now_ns() + options.seconds * 1000000000ULL, now;
	unsigned int ms = options.seconds * 1000 / 3;

	ms = ms < 1000 ? 1000 : ms > 6000 ? 6000 : ms;
	for (; (now = now_ns()) < end; stage->scene++) {
		uint64_t left = (end - now) / 1000000;

		if (left < ms / 2 && stage->scene > options.scene)
			break;
		scene_play(left < ms ? (unsigned int)left + 1 : ms, options.only, !options.quiet);
		for (unsigned int i = 0; i < nr_actors; i++)
			if (atomic_load(&stage->findings[i]))
				return;
		if (atomic_load(&stage->troubles))
			return;
	}
}

static void say_longest(void)
{
	uint64_t cpu = 0;

	for (unsigned int i = PULSE_CPU; i < PULSE_CPU + 2 * stage->cpus; i++)
		if (atomic_load(&stage->pulses[i].longest) > cpu)
			cpu = atomic_load(&stage->pulses[i].longest);
	printf("# longest silence: a CPU %.2f s, root %.2f s, the shell %.2f s\n", (double)cpu / 1e9,
	       (double)atomic_load(&stage->pulses[PULSE_ROOT].longest) / 1e9,
	       (double)atomic_load(&stage->pulses[PULSE_SHELL].longest) / 1e9);
}

/* An actor that was asked for and checked nothing has failed as well. */
static bool report(bool answers)
{
	unsigned int nr = 0, failed = 0, texts = atomic_load(&stage->texts);

	for (unsigned int i = 0; i < texts && i < TEXTS; i++)
		printf("# %s\n", stage->text[i]);
	for (unsigned int i = 0; i < nr_actors; i++) {
		uint64_t found = atomic_load(&stage->findings[i]), rounds = atomic_load(&stage->rounds[i]);
		bool asked = options.only >> i & 1, good = !found && (rounds || !asked);

		if (!rounds && !asked && !found) {
			printf("ok %u oracle.%s # SKIP did not play\n", ++nr, actors[i]->name);
			continue;
		}
		printf("# %s: %llu rounds, %llu findings\n", actors[i]->name,
		       (unsigned long long)rounds, (unsigned long long)found);
		printf("%s %u oracle.%s\n", good ? "ok" : "not ok", ++nr, actors[i]->name);
		failed += !good;
	}
	say_longest();
	printf("%s %u oracle.machine_answers\n", answers ? "ok" : "not ok", ++nr);
	failed += !answers;
	if (failed)
		printf("# repeat: guest-oracle --seed %llu --scene %u\n", (unsigned long long)stage->seed,
		       stage->scene);
	fflush(stdout);
	return !failed;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/oracle.XXXXXX";
	int status;
	bool good;

	if (argc > 1 && !strcmp(argv[1], "--child"))
		return spawn_child(argc - 2, argv + 2);
	status = parse(argc, argv);
	if (status >= 0)
		return status;
	if (!set_stage() || !make_folder(folder)) {
		perror("guest-oracle: cannot begin");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGQUIT, SIG_DFL);
	printf("KTAP version 1\n1..%u\n# seed %llu, %u s, %u CPUs\n", nr_actors + 1,
	       (unsigned long long)stage->seed, options.seconds, stage->cpus);
	fflush(stdout);
	watch_start();
	play();
	good = report(watch_end());
	if (chdir("/") || rmdir(folder))
		fprintf(stderr, "guest-oracle: %s is not empty\n", folder);
	_exit(!good);
}
