// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target: the input, cut at line ends, as a command line.
 */
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define MAX_WORDS	32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *argv[MAX_WORDS + 2] = { "pvrun" }, *rest = text, *word;
	struct options options;
	int argc = 1;

	memcpy(text, data, size);
	text[size] = 0;
	while (argc <= MAX_WORDS && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	if (!options_parse(&options, argc, argv)) {
		if (options.nr_vcpus < 1 || options.nr_vcpus > OPTIONS_MAX_VCPUS || options.memory % (2 << 20))
			abort();
		if (options.action == ACTION_RUN && !options.kernel)
			abort();
	}
	options_release(&options);
	free(text);
	return 0;
}
