# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# The checks that the series of host-patches must pass: git am and a build of every patch on
# two point releases, checkpatch, kernel-doc, sparse, W=1, the driver left out. Prints KTAP.
# To be sourced by scripts/host, after host-series.sh. Uses $quick, $again and $release.

# The folder of the checks, laid out as the cache is: ccache sees the same relative paths.
bench=$cache/check
# The most lines that the series may add to files of Linux's.
most_added=200

# Point releases to test on: those of BASE that apt has, else the two it has.
series_releases() {
	local package tested='' available
	package=$(source_package)
	# shellcheck source=/dev/null
	[[ ! -r $patches/BASE ]] || tested=$(. "$patches/BASE" && echo "${tested-}")
	available=$(apt-cache madison "$package" | awk '{ print $3 }' | sort -u -V)
	# shellcheck disable=SC2086 # words
	{
		printf '%s\n' $tested | grep -Fx "$available"
		head -n 1 <<<"$available"
		tail -n 1 <<<"$available"
	} | awk '!seen[$0]++' | head -n 2 | sort -V
}

# The release as a git repository, which knows of the files that the series edits only (and of
# LICENSES, for checkpatch): that is what git am needs. The others are there to build from.
release_repository() {
	local repo=$1 patch
	rm -rf "$repo"
	mkdir -p "${repo%/*}"
	cp -al "$pristine" "$repo"
	git -C "$repo" init -q
	echo '*' >"$repo/.git/info/exclude"
	git -C "$repo" config user.name Twinix
	git -C "$repo" config user.email maintainers@localhost
	series_patches | while read -r patch; do patch_targets "$patches/$patch"; done | sort -u |
		(cd "$repo" && while read -r file; do [[ ! -e $file ]] || git add -f "$file"; done)
	git -C "$repo" add -f LICENSES
	git -C "$repo" commit -q -m "Linux $version"
	git -C "$repo" tag base
}

# The options of the series are not there before its last patch: no complaints here.
config_make_loose() {
	grep -v '=n$' "$objects/request.config" >"$objects/allnoconfig.config"
	host_make KCONFIG_ALLCONFIG="$objects/allnoconfig.config" allnoconfig
}

# Compiles the driver's new files of the last commit, which has no Makefile for them yet.
build_new_files() {
	local dir=drivers/virt/pvhost sources
	mapfile -t sources < <(git -C "$linux" diff --name-only --diff-filter=A HEAD^ -- "$dir/*.c")
	((${#sources[@]} > 0)) || return 0
	printf 'obj-y := %s\n' "${sources[*]/%.c/.o}" | sed "s,$dir/,,g" >"$linux/$dir/Makefile"
	host_make -j"$(nproc)" KCFLAGS=-DCONFIG_PVHOST "$dir/" || return 1
	rm "$linux/$dir/Makefile"
}

# Builds Linux with the last commit of $linux. Nothing but the commit changes, so anything the
# compiler says is about it.
commit_build() {
	config_make_loose || return 1
	[[ -e $linux/drivers/virt/pvhost/Makefile ]] || build_new_files || return 1
	host_make -j"$(nproc)" vmlinux
}

number=0 failed=0

# result STATUS NAME LOG: one line of KTAP.
result() {
	number=$((number + 1))
	if [[ $1 -eq 0 ]]; then
		echo "ok $number $2"
	else
		tail -n 40 "$3" | sed 's/^/# /'
		echo "not ok $number $2"
		failed=1
	fi
}

# try NAME COMMAND...: one test. Unlike in an "if", set -e holds in the command.
try() {
	local name=$1 status=0 log=$bench/log
	shift
	set +e
	(set -e; "$@") >"$log" 2>&1 </dev/null
	status=$?
	set -e
	result "$status" "$name" "$log"
}

# Runs a command whose only good output is none.
silent() {
	local output
	output=$("$@" 2>&1) || { echo "$output"; return 1; }
	[[ -z $output ]] || { echo "$output"; return 1; }
}

# Applies the series to the release, mail by mail, and builds Linux after each.
check_release() {
	local mail name
	work "making a repository of Linux $version" release_repository "$linux"
	config_merged >"$objects/request.config"
	for mail in "${mails[@]}"; do
		name="$version: $(basename "$mail" .patch)"
		try "$name: git am" git -C "$linux" am -q "$mail"
		[[ -n $known ]] || try "$name: builds" silent commit_build
	done
}

# checkpatch on one mail, without what host-patches/checkpatch.allow excuses. A patch that
# adds files need not be the one that adds them to MAINTAINERS.
check_patch() {
	local said
	# checkpatch calls python3, which has to be Debian's for its modules.
	said=$(env -C "$linux" PATH="/usr/bin:$PATH" scripts/checkpatch.pl --strict --terse --showfile \
		--ignore FILE_PATH_CHANGES "$1" 2>&1 | grep -vE '^(total: .*)?$' |
		grep -vE -f <(grep -v '^#' "$patches/checkpatch.allow")) || true
	[[ -z $said ]] || { echo "$said"; return 1; }
}

# Lines that the series adds to files of Linux's.
check_size() {
	local added
	added=$(git -C "$linux" diff --numstat --diff-filter=M base HEAD | awk '{ n += $1 } END { print n }')
	echo "$added added lines in existing files, of at most $most_added"
	((added > 0 && added <= most_added))
}

# What the text of the series has to pass, all of it being applied.
check_text() {
	local mail
	for mail in "${mails[@]}"; do
		try "checkpatch --strict: $(basename "$mail" .patch)" check_patch "$mail"
	done
	# shellcheck disable=SC2046 # file names of ours
	try "kernel-doc" silent env -C "$linux" scripts/kernel-doc -none -Werror \
		$(series_new_files | grep '\.[ch]$' | grep -v selftests)
	try "at most $most_added added lines in existing files" check_size
}

# build_with "OPTION..." TARGET...: builds with other options of the series, as scripts/config
# takes them.
build_with() {
	local options=$1
	shift
	# shellcheck disable=SC2086 # words
	"$linux/scripts/config" --file "$objects/.config" $options
	host_make olddefconfig && host_make -j"$(nproc)" "$@"
}

# What the code has to pass.
check_code() {
	local driver=drivers/virt/pvhost/
	try "$version: sparse" silent host_make C=2 CF=-D__CHECK_ENDIAN__ $driver
	rm -f "$objects/$driver"*.o
	try "$version: W=1" silent host_make -j"$(nproc)" W=1 $driver
	try "$version: KUnit suites as a module" silent build_with \
		"-m KUNIT -m PVHOST_KUNIT_TEST" ${driver}pvhost_test.o $driver
	try "$version: CONFIG_PVHOST=n" silent build_with "-d PVHOST -d KUNIT" vmlinux
}

# What building was found to be good before: a hash of all that goes into it. Texts and selftests
# do not.
check_key() {
	{
		series_code_key
		cat "$top/scripts/lib/host-check.sh"
		config_merged
		echo "$version"
		gcc --version
		sparse --version
	} | sha256sum | cut -c1-16
}

# One release: git am always; the builds unless they are known to be good.
check_one() {
	local verdict before
	source_fetch
	linux=$bench/trees/${version//\~/-} objects=$bench/objects/${version//\~/-}/series
	verdict=$bench/good/$(check_key) known=$quick
	mkdir -p "$bench/good"
	[[ -n $again || ! -e $verdict ]] || known=1
	before=$failed
	objects_open
	check_release
	if [[ -z $known ]]; then
		check_code
		[[ $failed -ne $before ]] || date +%F >"$verdict"
	elif [[ -z $quick ]]; then
		echo "# Built patch by patch on $(<"$verdict"), from the same series, by the same compiler and checks;"
		echo "# scripts/host check-series --again builds once more."
		result 0 "$version: every patch builds (known)"
	fi
	objects_close
}

# Checks the series on each release of $releases, or two of those that apt offers.
series_check() {
	local releases known
	need_packages git patch sparse python3-ply python3-git
	need_for_host_kernel
	# shellcheck disable=SC2034	# for config_merged
	configs=series
	cache_lock "$bench"
	series_make "$bench/series"
	mapfile -t mails < <(printf '%s\n' "$bench"/series/*.patch | grep -v /0000-)
	mapfile -t releases < <(if [[ -n $release ]]; then echo "$release"; else series_releases; fi)
	echo "KTAP version 1"
	for release in "${releases[@]}"; do
		source_select "$release"
		check_one
	done
	check_text
	return "$failed"
}
