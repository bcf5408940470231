# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts share: where things are, and how to speak. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# Everything that is built lies here, one folder for each configuration.
# shellcheck disable=SC2034
build=${TWINIX_BUILD:-$top/build}
verbose=${TWINIX_VERBOSE:-}
me=${0##*/}

say() {
	echo "$me: $*" >&2
}

# For what only somebody who asked with -v wants to read.
chat() {
	[[ -z $verbose ]] || say "$@"
}

die() {
	say "$@"
	exit 125
}

usage_error() {
	say "$@"
	echo "Try '$me --help'." >&2
	exit 2
}

# work NAME COMMAND... runs something that may take long. It says so when a
# second has passed, keeps the time in sight on a terminal (elsewhere it says so
# every half minute), and shows what the command printed only if it failed or with -v.
# If $work_total is set, that is how many steps it is, of which the command of the array
# work_done prints how many are done.
work_total='' work_done=()
work() {
	local name=$1 log status=0 pid seconds=0 begun=0 left=
	shift
	if [[ -n $verbose ]]; then
		say "$name: $*"
		"$@" >&2 || die "$name: failed"
		return
	fi
	mkdir -p "$build"
	log=$(mktemp "$build/work.XXXXXX")
	[[ -z $work_total ]] || begun=$("${work_done[@]}")
	"$@" >"$log" 2>&1 &
	pid=$!
	while sleep_or_end "$pid"; do
		seconds=$((seconds + 1))
		if [[ -t 2 ]]; then
			((seconds % 5 != 1)) || left=$(work_left "$seconds" "$begun")
			printf '\r%s: %s%s (%d s)\e[K' "$me" "$name" "$left" "$seconds" >&2
		elif [[ $seconds -eq 1 ]]; then
			say "$name"
		elif ((seconds % 30 == 0)); then
			say "$name$(work_left "$seconds" "$begun") ($seconds s)"
		fi
	done
	wait "$pid" || status=$?
	[[ ! -t 2 || $seconds -eq 0 ]] || printf '\n' >&2
	if [[ $status -ne 0 ]]; then
		tail -n 60 "$log" >&2
		rm -f "$log"
		die "$name: failed"
	fi
	rm -f "$log"
}

# How far work is after $1 seconds, and how long the rest may take; $2 steps were done before.
# Nothing if there is no total, or if it turns out to be too small.
work_left() {
	local seconds=$1 begun=$2 ready left
	[[ -n $work_total ]] || return 0
	ready=$("${work_done[@]}")
	((ready <= work_total)) || return 0
	printf ': %d of %d' "$ready" "$work_total"
	((ready - begun >= 20)) || return 0
	left=$((seconds * (work_total - ready) / (ready - begun)))
	if ((left >= 90)); then printf ', about %d min left' $(((left + 30) / 60)); else printf ', about %d s left' "$left"; fi
}

# Waits for a second; false as soon as process $1 is gone.
sleep_or_end() {
	timeout 1 tail --pid="$1" -s 0.1 -f /dev/null || true
	kill -0 "$1" 2>/dev/null
}

# A size as 512K, 64M or 1G in MiB; a plain number is MiB already.
mebibytes() {
	local number=${1%[KMGkmg]}
	case $1 in
	*[Kk]) echo $(((number + 1023) / 1024)) ;;
	*[Gg]) echo $((number * 1024)) ;;
	*) echo "$number" ;;
	esac
}
