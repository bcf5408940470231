# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts say while they work: one line a step, with the time it has
# taken so far, on stderr, so that stdout stays the output of what was asked for.
# To be sourced; needs nothing else. TWINIX_QUIET=1 leaves only errors.

say() { [[ -n ${TWINIX_QUIET-} ]] || printf '%s: %s\n' "${0##*/}" "$*" >&2; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { warn "$@"; exit 1; }

# Shows the elapsed time of a step until it is killed.
# On a terminal the line is rewritten every second, else one is added a minute.
progress_tick() {
	local text=$1 start=$SECONDS
	while true; do
		if [[ -t 2 ]]; then
			printf '\r%s: %s ... %ds ' "${0##*/}" "$text" $((SECONDS - start)) >&2
			sleep 1
		else
			sleep 60
			printf '%s: %s ... %ds\n' "${0##*/}" "$text" $((SECONDS - start)) >&2
		fi
	done
}

# step TEXT LOG COMMAND...: runs COMMAND with its output in LOG. If it fails, the
# end of LOG is shown and its status returned.
step() {
	local text=$1 log=$2 start=$SECONDS ticker='' status=0 fresh=''
	shift 2
	mkdir -p "$(dirname "$log")"
	[[ ! -t 2 ]] || fresh=$'\r\033[K'
	if [[ -z ${TWINIX_QUIET-} ]]; then
		[[ -t 2 ]] || say "$text ..."
		progress_tick "$text" &
		ticker=$!
	fi
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [[ -n $ticker ]]; then
		kill "$ticker" 2>/dev/null || true
		wait "$ticker" 2>/dev/null || true
	fi
	if ((status)); then
		printf '%s%s: %s failed after %ds; the end of %s:\n' "$fresh" "${0##*/}" "$text" \
			$((SECONDS - start)) "$log" >&2
		tail -n 30 "$log" | sed 's/^/    /' >&2
	elif [[ -z ${TWINIX_QUIET-} ]]; then
		printf '%s%s: %s: %ds\n' "$fresh" "${0##*/}" "$text" $((SECONDS - start)) >&2
	fi
	return "$status"
}
