# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# The series' own tests, with Linux's own tools: KUnit suites by kunit.py, selftests by
# kselftest's runner in the booted host. Both print KTAP. To be sourced by scripts/host,
# after host-build.sh and host-boot.sh.

kunit_config=drivers/virt/pvhost/.kunitconfig
selftests=tools/testing/selftests/pvhost

# What x86 switches on by default and no suite of ours needs: half of the build.
kunit_without=(ACPI AIO BLOCK COREDUMP CPU_MITIGATIONS HID_SUPPORT HWMON INPUT IO_URING IOMMU_SUPPORT
	RANDOMIZE_BASE SUSPEND SWAP THERMAL USB_SUPPORT VIRTUALIZATION VT X86_KERNEL_IBT
	X86_EXTENDED_PLATFORM)

# Runs the KUnit suites on an architecture of kunit.py: um or x86_64. Its parser has the
# last word; what the kernel said is printed in any case.
kunit_run() {
	local arch=$1 options=() name
	objects=$cache/objects/${version//\~/-}/kunit-$1
	need_for_host_kernel
	need_packages python3
	[[ $arch == um ]] || need_packages qemu-system-x86 seabios
	cache_lock "$cache"
	source_patch
	[[ -r $tree/$kunit_config ]] || die "the series has no $kunit_config"
	options=(--arch="$arch" --build_dir="$objects" --kunitconfig="$kunit_config" --kconfig_add=CONFIG_EXPERT=y)
	if [[ $arch != um ]]; then
		# User-Mode Linux has few of them, and kunit.py refuses options that are not there.
		for name in "${kunit_without[@]}"; do options+=("--kconfig_add=CONFIG_$name=n"); done
		options+=('--qemu_args=-accel tcg' --kconfig_add=CONFIG_UNWINDER_FRAME_POINTER=y)
	fi
	objects_open
	build_progress
	work "building the KUnit kernel ($arch)" objects_build env -C "$tree" CCACHE_BASEDIR="$cache" \
		nice tools/testing/kunit/kunit.py build "${options[@]}" --jobs="$(nproc)" \
		--make_options CC="${CCACHE-ccache }gcc"
	build_measured
	cache_unlock
	env -C "$tree" tools/testing/kunit/kunit.py exec "${options[@]}" --timeout=300 --raw_output=all \
		</dev/null | tr -d '\r' | sed -n '/KTAP version 1/,$p' >"$objects/ktap" || true
	cat "$objects/ktap"
	env -C "$tree" tools/testing/kunit/kunit.py parse "$objects/ktap" >&2
}

selftest_build() {
	local out=$1
	host_make headers &&
		make -s -C "$linux/tools/testing/selftests" TARGETS=pvhost O="$objects" \
		KHDR_INCLUDES="-isystem $objects/usr/include" INSTALL_PATH="$out" install
}

# Builds the selftests and makes running them, with $boot_command as arguments of the
# runner, the command to boot.
selftest_prepare() {
	local out given=$kernel
	need_for_host_kernel
	need_packages rsync
	[[ -n $given ]] || build_kernel
	cache_lock "$cache"
	source_patch
	build_select
	objects_open
	build_config
	kernel=${given:-$kernel}
	[[ -d $linux/$selftests ]] || die "the series has no $selftests"
	out=$objects/kselftest
	rm -rf "$out"
	work "building the selftests" objects_build selftest_build "$out"
	cache_unlock
	# The harder case: a vsyscall page that the host's own programs can read.
	[[ $boot_append == *vsyscall=* ]] || boot_append+=" vsyscall=emulate"
	# The barriers do nothing on QEMU's processor, but they can be counted.
	[[ $boot_append == *pvhost.ibpb=* ]] || boot_append+=" pvhost.ibpb=on"
	# The storms have threads that hardly get a CPU, in the middle of what RCU waits for: on a busy
	# machine with every check enabled, that has taken 65 s.
	[[ -z $debug ]] || boot_append+=" kmemleak=on rcupdate.rcu_cpu_stall_timeout=300"
	# shellcheck disable=SC2086	# words
	printf -v boot_command '%q ' "$top/scripts/lib/host-selftest" "$out" $boot_command
}
