// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream of known bytes through a pipe, in pieces of all sizes, with polls and short pauses; and
 * sums through an eventfd. Nothing is lost, doubled or anybody else's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "oracle.h"

#define MOST 2000UL /* words at a time: more than a page, fewer than a pipe holds */

static void pause_sometimes(uint64_t *rng)
{
	if (rnd(rng) % 32 == 0)
		sleep_us((unsigned int)(rnd(rng) % 1000));
}

static int produce(int fd, int sum)
{
	static uint64_t data[MOST];
	uint64_t rng = random_seed(1), sent = 0;

	place(1);
	while (going()) {
		size_t n = 1 + rnd(&rng) % (rnd(&rng) % 2 ? MOST : 16), done = 0;
		uint64_t count = n;

		for (size_t i = 0; i < n; i++)
			data[i] = stamp(sent + i, 1);
		while (done < n * 8) {
			ssize_t w = write(fd, (char *)data + done, n * 8 - done);

			MUST(w > 0);
			done += (size_t)w;
		}
		sent += n;
		MUST(write(sum, &count, sizeof(count)) == sizeof(count));
		pause_sometimes(&rng);
	}
	return 0;
}

/* Returns false at the end of the stream. */
static bool consume(int fd, uint64_t *rng, uint64_t *received)
{
	static uint64_t data[MOST];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t most = 1 + rnd(rng) % MOST, have = 0;

	if (rnd(rng) % 4 == 0 && poll(&p, 1, 10000) != 1) {
		wrong("poll() waits for a pipe that is written");
		return false;
	}
	do {
		ssize_t r = read(fd, (char *)data + have, most * 8 - have);

		if (r == 0 && have == 0)
			return false;
		MUST(r > 0);
		have += (size_t)r;
	} while (have % 8);
	for (size_t i = 0; i < have / 8; i++)
		if (data[i] != stamp(*received + i, 1)) {
			wrong("word %llu of the stream is %s", (unsigned long long)(*received + i),
			      whose(data[i]));
			return false;
		}
	*received += have / 8;
	return true;
}

static void run(void)
{
	int fds[2], sum = eventfd(0, EFD_NONBLOCK);
	uint64_t rng = random_seed(0), received = 0, total = 0;
	pid_t pid;

	MUST(pipe(fds) == 0 && sum >= 0);
	pid = try_fork();
	if (pid < 0)
		return;
	if (pid == 0) {
		close(fds[0]);
		_exit(produce(fds[1], sum));
	}
	close(fds[1]);
	place(0);
	while (consume(fds[0], &rng, &received)) {
		if (going())
			pause_sometimes(&rng);
		round_done();
	}
	if (wait_for(pid))
		wrong("the writer failed");
	if (received && read(sum, &total, sizeof(total)) != sizeof(total))
		wrong("no sum: errno %d", errno);
	if (total != received)
		wrong("%llu words were sent, %llu came", (unsigned long long)total,
		      (unsigned long long)received);
}

const struct actor actor_pipes = {
	.name = "pipes",
	.what = "a stream through a pipe, sums through an eventfd",
	.run = run,
};
