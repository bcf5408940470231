# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# Where the host's Linux comes from and how the pvhost series gets onto it.
# To be sourced by scripts/host, after common.sh and deps.sh. Uses $top (the repository)
# and $cache; sets $version, $pristine and $tree.

patches=$top/host-patches

# The Debian package that carries the Linux source, as host-patches/BASE names it.
source_package() {
	local package=linux-source-6.12
	# shellcheck source=/dev/null
	[[ ! -r $patches/BASE ]] || . "$patches/BASE"
	echo "$package"
}

apt_newest() {
	apt-cache madison "$1" | awk 'NR == 1 { print $3 }' | grep .
}

# The point release to use: what was asked for, what is installed, or the newest
# one that apt offers.
source_newest() {
	local package
	package=$(source_package)
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$package" 2>/dev/null |
		sed -n 's/^installed //p' | grep . ||
		apt_newest "$package" ||
		{ work "updating the list of packages" as_root apt-get update && apt_newest "$package"; } ||
		die "apt knows no package $package: is the bookworm-security archive among its sources?"
}

# Sets the paths of one point release. '~' is legal in versions and a nuisance in paths.
source_select() {
	version=${1:-$(source_newest)}
	pristine=$cache/src/${version//\~/-}
	tree=$cache/trees/${version//\~/-}
}

source_tarball() {
	local package installed=''
	package=$(source_package)
	installed=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || true)
	if [[ $installed == "$version" && -r /usr/src/$package.tar.xz ]]; then
		cat "/usr/src/$package.tar.xz"
	else
		local downloads=$cache/downloads
		mkdir -p "$downloads"
		(cd "$downloads" && apt-get -q download "$package=$version" >&2)
		dpkg-deb --fsys-tarfile "$downloads/${package}_${version//:/%3a}_all.deb" |
			tar -xO "./usr/src/$package.tar.xz"
	fi
}

# A folder with the parser of kunit.py, if there is one.
parser_find() {
	local folder
	for folder in "$cache"/src/*/tools/testing/kunit "$cache"/kunit/*; do
		[[ ! -r $folder/kunit_parser.py ]] || { echo "$folder"; return; }
	done
	return 1
}

parser_unpack() {
	local folder
	mkdir -p "$cache/kunit"
	folder=$(mktemp -d "$cache/kunit.XXXXXX")
	source_tarball | tar -xJ -C "$folder" --strip-components=4 --wildcards '*/tools/testing/kunit/*.py'
	sync -f "$folder"
	mv -T "$folder" "$cache/kunit/${version//\~/-}"
}

# Prints the folder of Linux's KTAP parser. A test that needs no Linux gets it without
# the 1.7 GB that the whole source takes.
parser_fetch() {
	parser_find && return
	need_packages xz-utils
	source_select "$release"
	work "fetching Linux's KTAP parser" parser_unpack
	parser_find
}

source_unpack() {
	rm -rf "$pristine.new"
	mkdir -p "$pristine.new"
	source_tarball | tar -xJ -C "$pristine.new" --strip-components=1
	# Debian ignores every new file at the top, which would keep ours out of git.
	sed -i '/^# Debian packaging: ignore everything/,$d' "$pristine.new/.gitignore"
	sync -f "$pristine.new"
	mv "$pristine.new" "$pristine"
}

# Unpacks Linux, once a point release.
source_fetch() {
	[[ ! -d $pristine ]] || return 0
	need_packages xz-utils patch
	work "unpacking Linux $version" source_unpack
}

series_patches() {
	[[ ! -r $patches/series ]] || sed 's/#.*//; /^[[:space:]]*$/d' "$patches/series"
}

# Lines "FILE PATH": files of this repository that Linux gets at PATH.
series_imports() {
	[[ ! -r $patches/imports ]] || sed 's/#.*//; /^[[:space:]]*$/d' "$patches/imports"
}

# Paths of Linux that a patch touches.
patch_targets() {
	sed -n -E 's,^(---|\+\+\+) [ab]/([^\t]*).*,\2,p' "$1" | sort -u
}

# Makes in the folder $1 every file that the series adds or changes, and no other.
series_stage() {
	local stage=$1 patch file
	while read -r patch; do
		while read -r file; do
			[[ ! -e $stage/$file && -e $pristine/$file ]] || continue
			mkdir -p "$(dirname "$stage/$file")"
			cp -p "$pristine/$file" "$stage/$file"
		done < <(patch_targets "$patches/$patch")
		grep -q '^--- [ab/]' "$patches/$patch" || continue
		patch -d "$stage" -p1 -s --fuzz=0 --no-backup-if-mismatch <"$patches/$patch" ||
			{ echo "$patch does not apply to Linux $version"; return 1; }
	done < <(series_patches)
	[[ ! -d $patches/files ]] || cp -a "$patches/files/." "$stage/"
	while read -r file patch; do
		mkdir -p "$stage/$(dirname "$patch")"
		cp "$top/$file" "$stage/$patch"
	done < <(series_imports)
}

# Brings $tree to the state of $1, touching only what differs, so that make builds
# little. $tree shares its inodes with $pristine: files are replaced, never written.
series_install() {
	local stage=$1 file
	[[ -d $tree ]] || { mkdir -p "${tree%/*}" && cp -al "$pristine" "$tree"; }
	(cd "$stage" && find . -type f | sort) >"$stage.list"
	while read -r file; do
		cmp -s "$stage/$file" "$tree/$file" && continue
		echo "changed: $file"
		mkdir -p "$(dirname "$tree/$file")"
		cp --remove-destination "$stage/$file" "$tree/$file"
	done <"$stage.list"
	[[ ! -e $tree.list ]] || comm -23 "$tree.list" "$stage.list" | while read -r file; do
		echo "restored: $file"
		rm -f "$tree/$file"
		# A fresh copy: the old time of a link would hide the change from make.
		[[ ! -e $pristine/$file ]] || cp "$pristine/$file" "$tree/$file"
	done
	cp "$stage.list" "$tree.list"
}

series_apply() {
	local stage status=0
	stage=$(mktemp -d "$cache/stage.XXXXXX")
	series_stage "$stage" && series_install "$stage" || status=$?
	rm -rf "$stage" "$stage.list"
	return "$status"
}

# A hash of everything that the series lays over Linux, but for the paths that find is told
# to leave out.
series_key() {
	{
		series_patches | (cd "$patches" && xargs -r cat)
		series_imports | while read -r file path; do echo "$path"; cat "$top/$file"; done
		[[ ! -d $patches/files ]] || (cd "$patches/files" && find . "$@" -type f -print0 |
			LC_ALL=C sort -z | xargs -0r sha256sum)
	} | sha256sum | cut -c1-16
}

# The same of what a kernel is built from: the series' selftests and texts are no part of it.
series_code_key() {
	series_key -path ./tools -prune -o -path ./Documentation -prune -o
}

# Lays the series over $tree.
source_patch() {
	source_fetch
	local key
	key=$(series_key)
	[[ $(cat "$tree.key" 2>/dev/null) != "$key" || ! -d $tree ]] || return 0
	rm -f "$tree.key"
	work "applying host-patches to Linux $version" series_apply
	echo "$key" >"$tree.key"
}
