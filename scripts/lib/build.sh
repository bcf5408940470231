# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154	# common.sh sets "build"
#
# Building what a run needs; what is up to date is left alone. Sourced after
# common.sh and deps.sh. A test sets TWINIX_BUILT when it has built once, so that
# all of its runs are of the same kernel.

jobs=$(nproc)

# One build at a time in a folder: two runs may be started together.
locked() {
	local folder=$1
	shift
	mkdir -p "$folder"
	flock "$folder/.lock" "$@"
}

# A configuration is made once: what somebody changed in it stays. It is made
# again when the files it was made from change.
configure_kernel() {
	local folder=$1 want
	shift
	want=$(cd "$top/configs" && cat -- "$@" | sha256sum)
	[[ -e $folder/.config && $(cat "$folder/.made-from" 2>/dev/null) == "$want" ]] && return
	make -s -C "$top" O="$folder" "$@" >/dev/null
	echo "$want" >"$folder/.made-from"
}

build_kernel_here() {
	local folder=$1
	shift
	configure_kernel "$folder" "$@"
	make -C "$top" O="$folder" -j"$jobs" ${CC:+CC="$CC"} ${LLVM:+LLVM="$LLVM"} all
}

# build_kernel FOLDER DEFCONFIG [FRAGMENT...]: the kernel is $build/FOLDER/kernel.elf
build_kernel() {
	local folder=$build/$1
	shift
	[[ -z ${TWINIX_BUILT-} || ! -e $folder/kernel.elf ]] || return 0
	export -f build_kernel_here configure_kernel
	export top jobs
	work "building the kernel in ${folder#"$PWD"/}" \
		locked "$folder" bash -euc 'build_kernel_here "$@"' build "$folder" "$@"
}

# Debian's BusyBox: the installed file if it is the static one, else the package
# is unpacked, since it would take the place of the one that is installed.
busybox_file() {
	if dpkg-query -S /bin/busybox 2>/dev/null | grep -q '^busybox-static'; then
		echo /bin/busybox
	else
		echo "$build/busybox/bin/busybox"
	fi
}

unpack_busybox() {
	local folder=$build/busybox
	mkdir -p "$folder"
	(cd "$folder" && { apt-get download busybox-static || { as_root apt-get update && apt-get download busybox-static; }; })
	dpkg -x "$folder"/busybox-static_*.deb "$folder"
}

build_userland() {
	[[ -z ${TWINIX_BUILT-} || ! -e $build/userland/init/init ]] || return 0
	[[ -e $(busybox_file) ]] || work "fetching busybox-static" unpack_busybox
	work "building the user land" locked "$build/userland" make -C "$top/userland" O="$build/userland"
}

# build_initramfs OUTPUT OPTION...: options are userland/mkinitramfs's
build_initramfs() {
	local output=$1
	shift
	"$top/userland/mkinitramfs" --busybox "$(busybox_file)" --init "$build/userland/init/init" "$@" "$output" ||
		die "cannot make the initramfs"
}
