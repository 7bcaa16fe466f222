#!/bin/sh
# What the system is told about the site: units load and are exposed as little as is promised, AppArmor reads
# its profile, user and directories come to be, and the package asks for what the build asks for.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Tenths of systemd's exposure level that a unit may have.
threshold=15

# has PROGRAM: it is installed
has()
{
	command -v "$1" >/dev/null 2>&1
}

# place FILE.in: the file as make would install it, with programs that are there
place()
{
	sed -e "s|@bindir@|$work/bin|g" -e "s|@pkglibexecdir@|$work/bin|g" -e 's|@sysconfdir@|/etc|g' \
		-e 's|@pkgdatadir@|/usr/share/starpunk|g' "$1"
}

# exposed UNIT: how much stands in $work/said, and more than allowed fails
exposed()
{
	systemd-analyze security --offline=true --no-pager --threshold=$threshold "$1" > "$work/all" 2>&1
	status=$?
	grep -a '^→' "$work/all" > "$work/said" || cp "$work/all" "$work/said"
	return $status
}

# loads UNIT...: systemd has nothing to say about them
loads()
{
	SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$@" > "$work/said" 2>&1 &&
		[ ! -s "$work/said" ]
}

# ---- units -----------------------------------------------------------------------------------

mkdir "$work/bin" "$work/units"
cp /bin/true "$work/bin/starpunk"
for source in "$top"/etc/systemd/*.in; do
	place "$source" > "$work/units/$(basename "$source" .in)"
done
cp "$top"/etc/backup/*.service "$top"/etc/backup/*.timer "$work/units/"

for unit in "$work"/units/*.service "$work"/units/*.socket "$work"/units/*.timer; do
	[ -e "$unit" ] || continue
	name=$(basename "$unit")
	if ! has systemd-analyze; then
		skip "$name loads" "systemd-analyze is not installed"
		continue
	fi
	loads "$unit"
	report "$name loads without a word" $? "$work/said"
	case $name in
	*.timer)
		# A timer can start nothing but its service, and systemd knows no sandbox for it.
		! grep '^Exec' "$unit" > "$work/said"
		report "$name runs nothing" $? "$work/said"
		;;
	*)
		exposed "$unit"
		report "$name is exposed by 1.5 of 10 at most" $? "$work/said"
		;;
	esac
done

if has systemd-analyze; then
	unit=$work/units/starpunk.service
	mkdir "$unit.d"
	cp "$top/etc/systemd/starpunk-addresses.conf" "$unit.d/addresses.conf"
	loads "$unit"
	report "with the wall of addresses it loads, too" $? "$work/said"
	rm -r "$unit.d"

	grep -v '^CapabilityBoundingSet\|^SystemCallFilter\|^Private' "$unit" > "$work/units/open.service"
	! exposed "$work/units/open.service"
	report "a service of more than 1.5 would be found" $? "$work/said"
	sed 's/^LimitCORE/LimitKernel/' "$unit" > "$work/units/odd.service"
	! loads "$work/units/odd.service"
	report "a word that systemd does not know would be found" $? "$work/said"
fi

[ "$(sed -n 's/^TimeoutStartSec=//p' "$work/units/starpunk.service")" = infinity ]
report "the start that upgrades a large database is not cut off, to begin anew for ever" $?
longest=$(sed -n 's/^CONFIG(DURATION, stop_timeout, [^,]*, [^,]*, \([0-9]*\)000000,.*/\1/p' "$top/src/tables/config.def")
[ "$(sed -n 's/^TimeoutStopSec=//p' "$work/units/starpunk.service")" -gt "${longest:-0}" ] && [ -n "$longest" ]
report "a stop may take as long as stop_timeout lets it" $?

# ---- user and directories --------------------------------------------------------------------

if has systemd-sysusers && has systemd-tmpfiles && [ "$(id -u)" = 0 ]; then
	mkdir -p "$work/root/etc"
	echo 'adm:x:4:' > "$work/root/etc/group"
	echo 'root:x:0:0:root:/root:/bin/sh' > "$work/root/etc/passwd"
	systemd-sysusers --root="$work/root" "$top/etc/sysusers.d/starpunk.conf" > "$work/said" 2>&1 &&
		systemd-tmpfiles --root="$work/root" --create "$top/etc/tmpfiles.d/starpunk.conf" > "$work/said" 2>&1
	(cd "$work/root" && for dir in run/starpunk var/lib/starpunk var/lib/starpunk/media var/log/starpunk; do
		stat -c '%n %a' $dir
	done) > "$work/said" 2>&1
	cat > "$work/want" <<-END
	run/starpunk 755
	var/lib/starpunk 755
	var/lib/starpunk/media 755
	var/log/starpunk 750
	END
	grep -q '^starpunk:' "$work/root/etc/passwd" && cmp -s "$work/want" "$work/said"
	report "user and directories are made as the program wants them" $? "$work/said"
else
	skip "user and directories are made as the program wants them" "this needs root and systemd's programs"
fi

# ---- AppArmor --------------------------------------------------------------------------------

profile=$work/profile
place "$top/etc/apparmor/starpunk.in" > "$profile"
PATH=$PATH:/usr/sbin:/sbin
if has apparmor_parser; then
	apparmor_parser -Q -K -T "$profile" > "$work/said" 2>&1
	report "AppArmor reads the profile" $? "$work/said"
	sed 's/^profile starpunk/profil starpunk/' "$profile" > "$work/bad"
	! apparmor_parser -Q -K -T "$work/bad" > "$work/said" 2>&1
	report "a profile that it does not read would be found" $? "$work/said"
else
	skip "AppArmor reads the profile" "apparmor_parser is not installed"
fi
[ "$(sed -n 's/^AppArmorProfile=-//p' "$work/units/starpunk.service")" = "$(sed -n 's/^profile \([a-z]*\) .*/\1/p' "$profile")" ]
report "the service runs under the profile" $?
for helper in $(awk '$1 == "pkglibexec_PROGRAMS" { print $3 }' "$top"/src/*/local.mk); do
	name=${helper#starpunk-}
	grep -q "/$helper mrPix -> &starpunk//$name," "$profile" && grep -q "profile $name " "$profile"
	report "$helper has a profile of its own" $?
done

# ---- the Debian package, which is in the repository and not in the tarball -------------------

if [ -f "$top/debian/control" ]; then
	: > "$work/said"
	for package in $(sed -n '/^run_packages=/,/"$/p' "$top/quickstart" | tr -d '"' | sed 's/^run_packages=//'); do
		case $package in
		lib*-dev | autoconf-archive | gettext | pkg-config) ;;
		*) continue ;;
		esac
		[ "$package" = libc6-dev ] || grep -q "^ $package\\b" "$top/debian/control" ||
			echo "$package" >> "$work/said"
	done
	[ ! -s "$work/said" ]
	report "the package's build depends on what quickstart installs for a build" $? "$work/said"
	version=$(sed -n 's/^AC_INIT(\[starpunk\], \[\([^]]*\)\].*/\1/p' "$top/configure.ac")
	sed -n '1s/^starpunk (\(.*\)-[^-]*) .*/\1/p' "$top/debian/changelog" > "$work/said"
	[ "$(cat "$work/said")" = "$version" ]
	report "the package's version is the program's" $? "$work/said"
fi

plan
