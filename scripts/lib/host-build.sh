# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# Configures and builds the host's kernel. Kernels are kept under a key made of
# all that goes into them, so that going back to one built before costs nothing.
# To be sourced by scripts/host, after host-source.sh. Uses $configs (names of
# fragments, separated by commas) and $unpatched; sets $objects, $key and $kernel.

fragments=$patches/configs

config_file() {
	if [[ $1 == */* ]]; then echo "$1"; else echo "$fragments/$1.config"; fi
}

config_files() {
	local name file
	for name in ${configs//,/ }; do
		file=$(config_file "$name")
		[[ -r $file ]] || die "no config fragment $file (there are: $(cd "$fragments" &&
			printf '%s ' -- *.config | sed 's/-- //; s/\.config//g'))"
		echo "$file"
	done
}

# The fragments as one, the later ones taking precedence.
config_merged() {
	config_files | xargs cat | awk -F= '/^CONFIG_/ {
		if (!($1 in value)) order[++n] = $1
		value[$1] = $0
	} END { for (i = 1; i <= n; i++) print value[order[i]] }'
}

# Prints the lines of the request that .config does not have: without this, a
# misspelt or unmet option of a debug kernel would simply not be there.
config_missing() {
	awk -F= 'NR == FNR { if (/^CONFIG_/) have[$1] = $0; next }
		/=n$/ { if ($1 in have) print; next }
		have[$1] != $0 { print }' "$objects/.config" "$objects/request.config"
}

need_for_host_kernel() {
	need_packages gcc make binutils libc6-dev flex bison bc libelf-dev libssl-dev cpio ccache
}

host_make() {
	CCACHE_BASEDIR=$cache CCACHE_NOHASHDIR=1 \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' \
		KBUILD_BUILD_USER=twinix KBUILD_BUILD_HOST=twinix \
		nice make -s -C "$linux" O="$objects" CC="${CCACHE-ccache }gcc" \
		HOSTCC="${CCACHE-ccache }gcc" "$@"
}

# Opens the folder of objects. A build that was cut off, by a kill or with the machine, leaves
# files that are half written and that make takes for whole: what was not closed is built afresh.
objects_open() {
	if [[ -d $objects && ! -e $objects/.closed ]]; then
		say "the last build in $objects was cut off: starting afresh"
		rm -rf "$objects"
	fi
	mkdir -p "$objects"
	rm -f "$objects/.closed"
	sync "$objects"
}

# What was begun has come to an end, a good or a bad one, and its files are on the disk.
objects_close() {
	sync -f "$objects"
	: >"$objects/.closed"
}

# Runs a command that builds in the opened folder, and closes it.
objects_build() {
	local status=0
	"$@" || status=$?
	objects_close
	return "$status"
}

config_make() {
	local missing
	rm -f "$objects/.config"
	grep -v '=n$' "$objects/request.config" >"$objects/allnoconfig.config"
	host_make KCONFIG_ALLCONFIG="$objects/allnoconfig.config" allnoconfig
	if grep -q '=n$' "$objects/request.config"; then
		sed -n 's/^\(.*\)=n$/# \1 is not set/p' "$objects/request.config" >>"$objects/.config"
		host_make olddefconfig
	fi
	missing=$(config_missing)
	if [[ -n $missing ]]; then
		printf 'Linux %s does not accept:\n%s\n' "$version" "$missing"
		rm -f "$objects/.config"
		return 1
	fi
}

# Chooses the tree, the folder of objects and the key of the kernel asked for.
build_select() {
	local name=${configs//,/-} patched
	name=${name//\//_}
	if [[ -n $unpatched ]]; then
		linux=$pristine name=unpatched-$name patched=none
	else
		linux=$tree patched=$(series_code_key)
	fi
	objects=$cache/objects/${version//\~/-}/$name
	key=$({ echo "$version $patched"; gcc --version; config_merged; } | sha256sum | cut -c1-16)
	kernel=$cache/kernels/$key/kernel
}

# Sets $work_total and $work_done for work: how many objects this configuration has, by the last
# build here, or by the file "sizes" if there was none. Nothing for others.
# shellcheck disable=SC2034 # for work
build_progress() {
	local name=${objects##*/}
	work_total=$(cat "$objects.size" 2>/dev/null || awk -v name="$name" '$1 == name { print $2 }' "$fragments/sizes")
	work_done=(objects_count)
}

objects_count() {
	find "$objects" -path '*/kselftest' -prune -o -name '*.o' -print | wc -l
}

# What the next build of this configuration is measured by.
# shellcheck disable=SC2034 # for work
build_measured() {
	objects_count >"$objects.size"
	work_total=
}

# Makes .config from the fragments, if they have changed. The folder is opened.
build_config() {
	need_for_host_kernel
	config_merged >"$objects/request.new"
	if [[ ! -e $objects/.config ]] || ! cmp -s "$objects/request.new" "$objects/request.config"; then
		mv "$objects/request.new" "$objects/request.config"
		work "configuring the host ($configs)" config_make
	fi
	rm -f "$objects/request.new"
}

build_keep() {
	local new=$cache/kernels/$key.new
	rm -rf "$new"
	mkdir -p "$new"
	strip --strip-debug -o "$new/kernel" "$objects/vmlinux"
	cp "$objects/.config" "$new/config"
	cp "$objects/System.map" "$new/"
	sync -f "$new"
	mv "$new" "$cache/kernels/$key"
	# shellcheck disable=SC2012 # names are hashes
	ls -1t "$cache/kernels" | tail -n +13 | while read -r old; do rm -rf "${cache:?}/kernels/$old"; done
}

# Keeps others from changing the trees and objects in the folder $1 while they are used.
cache_lock() {
	local folder=$1
	mkdir -p "$folder"
	exec {lock}>"$folder/lock"
	flock -n "$lock" || { say "waiting for another build in $folder"; flock "$lock"; }
}

cache_unlock() {
	exec {lock}>&-
}

# Sees to it that $kernel is there.
build_kernel() {
	build_select
	[[ ! -r $kernel ]] || { touch "${kernel%/*}"; return 0; }
	cache_lock "$cache"
	if [[ -n $unpatched ]]; then source_fetch; else source_patch; fi
	build_select
	if [[ ! -r $kernel ]]; then
		objects_open
		build_config
		build_progress
		work "building the host kernel ($configs)" objects_build host_make -j"$(nproc)" vmlinux
		build_measured
		build_keep
	fi
	cache_unlock
}
