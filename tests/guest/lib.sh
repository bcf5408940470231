# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154	# common.sh sets "build" and "top"
#
# Running the programs of tests/guest in one of the modes of scripts/run. Sourced after
# common.sh and deps.sh.

guest_objects=$build/tests-guest
guest_root=$guest_objects/root
guest_results=$guest_objects/results

guest_build() {
	need_packages gcc make musl-gcc=musl-tools
	work "building the guest tests" make -C "$top/tests/guest" O="$guest_objects"
	install -D -t "$guest_root" "$guest_objects/guest-tests" "$guest_objects/guest-oracle"
	mkdir -p "$guest_results"
}

# guest_program SECONDS PROGRAM MODE CPUS ARGUMENT...: its KTAP is the output. $guest_append is added
# to the kernel's command line.
guest_program() {
	local seconds=$1 program=$2 mode=$3 cpus=$4
	shift 4
	"$top/scripts/run" "$mode" --cpus "$cpus" --files "$guest_root" --timeout "$seconds" --append "${guest_append-}" \
		-c "/$program ${*@Q}" </dev/null
}

# guest_run MODE CPUS ARGUMENT...: the table of programs.
guest_run() {
	guest_program 1800 guest-tests "$@"
}

# guest_oracle MODE CPUS ARGUMENT...: the oracle test, for the time that CI has. A machine that
# stands still cannot say so itself.
guest_oracle() {
	guest_program 180 guest-oracle "$@" --seconds 15
}

# The same, and the output is kept for the level that compares the modes: in again-MODE-CPUS
# if $guest_again says so.
guest_run_kept() {
	local kept=$guest_results/${guest_again-}$1-$2 status=0
	rm -f "$kept.run"
	guest_run "$@" | tee "$kept" || status=$?
	echo "${TWINIX_CHECK_RUN-}" >"$kept.run"
	return "$status"
}

# guest_kept MODE CPUS: is there an output of this very run of scripts/check?
guest_kept() {
	[[ -n ${TWINIX_CHECK_RUN-} && $(cat "$guest_results/$1-$2.run" 2>/dev/null) == "$TWINIX_CHECK_RUN" ]]
}
