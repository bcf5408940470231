# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Tests written in the shell: each is a command that succeeds or fails. Sourced.

tap_names=()
tap_commands=()

# tap NAME COMMAND...: a test for tap_run. Status 4 skips it, its last words being why.
tap() {
	tap_names+=("$1")
	shift
	tap_commands+=("${*@Q}")
}

# Runs all tests; what a command prints is shown if it fails. Status 1 if one did.
tap_run() {
	local failures=0 n output status
	echo "KTAP version 1"
	echo "1..${#tap_names[@]}"
	for n in "${!tap_names[@]}"; do
		status=0
		output=$(eval "${tap_commands[n]}" 2>&1) || status=$?
		case $status in
		0) echo "ok $((n + 1)) ${tap_names[n]}" ;;
		4) echo "ok $((n + 1)) ${tap_names[n]} # SKIP ${output##*$'\n'}" ;;
		*)
			failures=$((failures + 1))
			[[ -z $output ]] || printf '# %s\n' "${output//$'\n'/$'\n'# }"
			echo "not ok $((n + 1)) ${tap_names[n]}"
			;;
		esac
	done
	[[ $failures -eq 0 ]]
}

# subtests NUMBER NAME COMMAND...: a test whose results are those that COMMAND prints, as
# KTAP of its own, perhaps among the time-stamped messages of a kernel.
subtests() {
	local number=$1 name=$2 status=0
	shift 2
	echo "    KTAP version 1"
	echo "    # Subtest: $name"
	# The version line stands above already. Every other one begins a nested test.
	"$@" | sed -u -E -e 's/\r$//' -e 's/^(\[ *[0-9]+\.[0-9]+\] ?)?//' -e '/^K?TAP version/d' -e 's/^/    /' || status=$?
	if [[ $status -eq 0 ]]; then
		echo "ok $number $name"
	else
		echo "# status $status"
		echo "not ok $number $name"
	fi
	return "$status"
}

# Makes the output of a cmocka program the KTAP of one test: its groups count from one each,
# and what it has to say of a failure comes after the result.
cmocka_results() {
	awk '
		function put(line) { lines[++count] = line }
		function release() { if (held != "") put(held); held = "" }
		/^1\.\.[0-9]+/ { plan += substr($0, 4); next }
		/^# ok - / { next }
		/^#/ { put($0); next }
		{ release() }
		/^(not )?ok [0-9]+ # SKIP/ { sub(/.* # SKIP /, ""); put("ok " ++number " " $0 " # SKIP"); next }
		/^ok [0-9]+/ { sub(/[0-9]+/, ++number) }
		/^not ok [0-9]+/ { sub(/[0-9]+/, ++number); held = $0; next }
		{ put($0) }
		END {
			release()
			print "1.." plan + 0
			for (i = 1; i <= count; i++)
				print lines[i]
		}'
}
