# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154	# scripts/run sets the options
#
# Plain scripts/run: builds everything, runs the same demonstration as HVM guest,
# as PV guest and natively, and shows the results side by side. Sourced by
# scripts/run.

# Joins outputs by the names in their first column; one column more for each file.
demo_table() {
	printf '\n'
	awk -F '\t' '
		FNR == 1 { column++ }
		!($1 in known) { known[$1] = 1; order[rows++] = $1 }
		{ value[$1, column] = $2 }
		function line(name, one, two, three) {
			text = sprintf("%-22s %-27s %-27s %-27s", name, one, two, three)
			sub(/ +$/, "", text)
			print text
		}
		END {
			line("", "HVM guest (QEMU)", column > 1 ? "PV guest (pvhost)" : "", column > 1 ? "native (the PV host)" : "")
			for (i = 0; i < rows; i++)
				line(order[i], value[order[i], 1], value[order[i], 2], value[order[i], 3])
		}' "$@"
	printf '\n'
}

run_demo() {
	local -a options=(--cpus "$cpus" --mem "$mem" --files "$demo_files")
	local mode started=$SECONDS
	[[ -z $timeout ]] || options+=(--timeout "$timeout")
	for mode in hvm pv native; do
		say "$mode: building what is missing, booting, running ($((SECONDS - started)) s so far)"
		"$here/run" "$mode" "${options[@]}" -c /demo </dev/null >"$demo_files/../$mode" ||
			die "the demonstration failed as $mode"
		# The others may need a host kernel first, which takes minutes to build.
		[[ $mode != hvm ]] || demo_table "$demo_files/../hvm"
	done
	demo_table "$demo_files"/../{hvm,pv,native}
	say "done in $((SECONDS - started)) s. For a shell: scripts/run hvm, scripts/run pv, scripts/run native"
	say "times are an emulated processor's; for figures that can be compared: scripts/bench"
}

mkdir -p "$build/run"
work_folder=$(mktemp -d "$build/run/XXXXXX")
trap 'rm -rf "$work_folder"' EXIT
demo_files=$work_folder/files
need_for_building
work "building the benchmark" locked "$build/bench" make -C "$top/tests/bench" O="$build/bench"
install -D "$here/lib/demo" "$demo_files/demo"
install "$build/bench/mb" "$demo_files/mb"
run_demo
