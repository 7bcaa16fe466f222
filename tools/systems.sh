#!/bin/bash
# What tools/package-test and tools/vm-test share: clean Debian systems, the package built in one, the README's commands as
# they stand there, what a site has to be able to do, and the lines that say how it went. It is read in by these, which
# set $top, $dir and $deb, and have `inside COMMAND...` run a command as root in the system that has been started.
# shellcheck disable=SC2016,SC2034,SC2154	# run by another shell; set here, used there, and the other way round
me=$(basename "$0")
mirror=${SP_MIRROR:-http://deb.debian.org/debian} suite=${SP_SUITE:-bookworm}
count=0 failed=0 running='' way='' token=''
checks_need='curl systemd-sysv dbus iproute2 procps logrotate sqlite3'

skip() {
	echo "$me: skipped: $*" >&2
	exit 77
}

die() {
	echo "$me: $*" >&2
	exit 1
}

# report NAME STATUS: one line of TAP; the status again
report() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count - $way: $1"
	else
		echo "not ok $count - $way: $1"
		failed=$((failed + 1))
		tail -n 25 "$dir/said" | cut -c-300 | sed 's/^/# /'
	fi
	return "$2"
}

# ---- systems -----------------------------------------------------------------------------------

# clean_system: in $dir/base-SUITE, made once
clean_system() {
	local base=$dir/base-$suite
	[ ! -e "$base/etc/os-release" ] || return 0
	rm -rf "$base"
	debootstrap --variant=minbase "$suite" "$base" "$mirror" >"$dir/debootstrap.log" 2>&1 ||
		skip "debootstrap failed: see $dir/debootstrap.log"
	[ "$suite" = sid ] || printf 'deb %s %s-security main\n' "${mirror}-security" "$suite" >>"$base/etc/apt/sources.list"
}

# in_chroot ROOT COMMAND...: not booted; the network is this machine's
in_chroot() {
	local root=$1
	shift
	timeout 1500 unshare --mount --pid --fork --kill-child sh -c '
		root=$1; shift
		mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" &&
			exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
				DEBIAN_FRONTEND=noninteractive "$@"' sh "$root" "$@" </dev/null
}

# install_packages NAME...: in $root, before it is started
install_packages() {
	in_chroot "$root" sh -c "apt-get -q update && apt-get -q -y install --no-install-recommends $*" >"$dir/install.log" 2>&1 ||
		die "apt-get failed: see $dir/install.log"
}

# fresh NAME: a copy of the clean system, in $root
fresh() {
	root=$dir/$1
	rm -rf "$root"
	cp -a "$dir/base-$suite" "$root" || die "no room for $root"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# Nothing is started before systemd runs.
	printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	# Who follows the README answers yes.
	echo 'APT::Get::Assume-Yes "true";' > "$root/etc/apt/apt.conf.d/yes"
	# What is lost with the power here is not missed.
	echo force-unsafe-io > "$root/etc/dpkg/dpkg.cfg.d/unsafe"
}

build() {
	way=build
	fresh build
	in_chroot "$root" sh -c 'apt-get -q update && apt-get -q -y install --no-install-recommends lintian' \
		>"$dir/build.log" 2>&1 || skip "no packages to be had: see $dir/build.log"
	mkdir "$root/src"
	(cd "$top" && git ls-files -z | tar -c --null -T - -f -) | tar -x -C "$root/src" || die "the sources are not a checkout"
	follow "Whoever has no starpunk" /src "the package is built"
	cp "$dir/said" "$dir/build.log"
	cp "$root"/starpunk_*.deb "$root"/starpunk_*.changes "$dir/" || die "no package was built: see $dir/build.log"
	in_chroot "$root" sh -c 'useradd judge; su judge -c "lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs \
		/starpunk_*.changes"' >"$dir/said" 2>&1
	report "lintian has nothing to say but that no bug of Debian's is closed" $?
}

# provide_package: in $dir, the one given or one built here
provide_package() {
	if [ -z "$deb" ]; then
		build
	else
		cp "$deb" "$dir/" || die "there is no package $deb"
	fi
}

# check NAME SCRIPT: a shell script inside, with $token, a curl that knows the site, a "not" that ends it, and the README's sudo
check() {
	inside bash -c "exec 2>&1; token='$token'; sudo() { \"\$@\"; }; site() { curl -sS -m 30 -H 'Host: example.org' \"\$@\"; }
		not() { ! \"\$@\"; }; set -e; $2" >"$dir/said"
	report "$1" $?
}

# ---- the README --------------------------------------------------------------------------------

# readme PATTERN: the commands that stand in the README's deployment behind the first line like that
readme() {
	awk -v pattern="$1" '
		/^Deployment/ { part = 1 }
		!part { next }
		on && /^       / { print substr($0, 8); seen = 1; next }
		on && seen && NF { exit }
		$0 ~ pattern { on = 1 }' "$top/README"
}

# follow PATTERN DIRECTORY NAME: does what is said there; who does it is root already
follow() {
	readme "$1" >"$dir/commands"
	[ -s "$dir/commands" ] || die "the README has no commands behind '$1'"
	local in=(in_chroot "$root")
	[ -z "$running" ] || in=(inside)
	"${in[@]}" bash -c "exec 2>&1; sudo() { \"\$@\"; }; set -ex; cd $2; $(cat "$dir/commands")" >"$dir/said"
	report "README: $3" $?
}

set_up() {
	follow "The site's address and its owner" / "the site is made" &&
		follow "^3. Start it" / "the site is started" || return
	if [ "$1" = nginx ]; then
		follow "The front server. nginx" / "nginx is put in front"
	else
		follow "or Apache:" / "Apache is put in front"
	fi
}

# ---- what a site has to do -----------------------------------------------------------------------

use_site() {
	# The front server's reload goes on after its command has ended.
	check "the site is healthy" 'for n in $(seq 100); do site -f http://localhost/health && break; sleep 0.1; done
		site -f http://localhost/health | grep -q "\"healthy\""'
	token=$(inside starpunk token create --scope "create update delete media" --name test)
	check "a note is posted, and read at its address and at home" '
		site -D /tmp/head -o /dev/null -H "Authorization: Bearer $token" -d content=First+light http://localhost/micropub
		cat /tmp/head; grep -q "^HTTP/1.1 201" /tmp/head
		path=$(sed -n "s|^Location: https://example.org\([^\r]*\).*|\1|Ip" /tmp/head)
		site -f "http://localhost$path" | grep -q "First light"
		site -f http://localhost/ | grep -q "First light"'
	check "static files come from the front server" '
		site -f -D- -o /dev/null http://localhost/static/style.css | grep -qi "^content-type: text/css"'
	check "a picture is taken by the helper in the unit's sandbox, and made smaller by the courier" '
		site -f -o /dev/null -H "Authorization: Bearer $token" -F content=Rain \
			-F photo=@/usr/share/starpunk/demo/media/rain.jpg http://localhost/micropub
		for n in $(seq 100); do [ "$(starpunk jobs list --json | tr -d " \n")" != "[]" ] || break; sleep 0.2; done
		starpunk jobs list; ls -R /var/lib/starpunk/media; [ "$(find /var/lib/starpunk/media -type f | wc -l)" -ge 3 ]
		file=$(cd /var/lib/starpunk && find media -type f -name "*.jpg" | head -1)
		site -f -D- -o /dev/null "http://localhost/$file" | grep -qi "^content-type: image/jpeg"'
	# The unit's sandbox around the helper alone, told that it may ask this machine.
	check "another site is asked by the helper in the unit's sandbox" '
		sed -e "/^Type=\|^NotifyAccess\|^Exec\|^Requires=\|^After=\|^Watchdog\|^Restart/d" \
			-e "s|^\[Service\]|&\nType=oneshot\nStandardOutput=file:/run/starpunk/asked\nExecStart=/usr/libexec/starpunk/starpunk-fetch client http://127.0.0.1/ https://example.org/ 127.0.0.1 0123456789abcdef0123456789abcdef|" \
			/lib/systemd/system/starpunk.service >/run/systemd/system/asked.service
		systemctl daemon-reload; systemctl start asked
		cat /run/starpunk/asked; grep -q "^{" /run/starpunk/asked; not grep -q "\"helper\"\|\"connect\"" /run/starpunk/asked'
	check "workers run as their user, without rights and with the filter of system calls" '
		pid=$(systemctl show -P MainPID starpunk)
		grep -q "^Uid:.*$(id -u starpunk)" /proc/$pid/status
		grep -q "^CapEff:\s*0*$" /proc/$pid/status; grep -q "^NoNewPrivs:\s*1" /proc/$pid/status
		grep -q "^Seccomp:\s*2" /proc/$pid/status'
	check "a reload takes a new configuration, and refuses a bad one" '
		echo "posts_per_page = 7" >>/etc/starpunk/starpunk.conf; sed -i "s/^log_file = .*//" /etc/starpunk/starpunk.conf
		echo "log_file = \"/var/log/starpunk/starpunk.log\"" >>/etc/starpunk/starpunk.conf
		systemctl reload starpunk
		for n in $(seq 100); do site -f -o /dev/null http://localhost/; [ ! -s /var/log/starpunk/starpunk.log ] || break; sleep 0.1; done
		[ -s /var/log/starpunk/starpunk.log ]
		echo "worker_treads = 3" >>/etc/starpunk/starpunk.conf
		not systemctl reload starpunk; sed -i "/worker_treads/d" /etc/starpunk/starpunk.conf
		site -f -o /dev/null http://localhost/; systemctl is-active starpunk'
}

rotate_log() {
	check "logrotate turns the log over, and the site goes on in the new one" '
		for n in $(seq 100); do systemctl reload starpunk && break; done
		logrotate -f /etc/logrotate.d/starpunk
		[ -s /var/log/starpunk/starpunk.log.1 ]
		for n in $(seq 100); do site -f -o /dev/null http://localhost/; [ ! -s /var/log/starpunk/starpunk.log ] || break; sleep 0.1; done
		stat -c "%U:%G %a" /var/log/starpunk/starpunk.log; [ "$(stat -c "%U:%G %a" /var/log/starpunk/starpunk.log)" = "starpunk:adm 640" ]
		[ -s /var/log/starpunk/starpunk.log ]'
}

no_errors() {
	check "neither the journal nor the log has an error" '
		{ journalctl -u starpunk -o cat; cat /var/log/starpunk/*.log 2>/dev/null; } >/tmp/log
		[ -s /tmp/log ]; starpunk log --level error - </tmp/log | tee /tmp/errors; [ ! -s /tmp/errors ]'
}
