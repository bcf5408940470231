# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Tests written in the shell: each is a command that succeeds or fails. Sourced.

tap_number=0
tap_failures=0

# tap NAME COMMAND...: what the command prints is shown if it fails; status 4 skips.
tap() {
	local name=$1 output status=0
	shift
	tap_number=$((tap_number + 1))
	output=$("$@" 2>&1) || status=$?
	case $status in
	0) echo "ok $tap_number $name" ;;
	4) echo "ok $tap_number $name # SKIP ${output##*$'\n'}" ;;
	*)
		tap_failures=$((tap_failures + 1))
		[[ -z $output ]] || printf '# %s\n' "${output//$'\n'/$'\n'# }"
		echo "not ok $tap_number $name"
		;;
	esac
}

tap_end() {
	echo "1..$tap_number"
	[[ $tap_failures -eq 0 ]]
}
