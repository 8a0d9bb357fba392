#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# What is wrong is said in one line, by its name, with exit 2 (what was typed or configured) or 1 (what
# stands around it); and no byte is changed.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

where='/etc/init.d /etc/conf.d /etc/runlevels /run/twin /run/openrc /var/lib/twin /var/log/twin /srv'
tree() {
	# shellcheck disable=SC2086
	find $where ! -path '/run/openrc/dep*' ! -path '/run/twin/*/lock' \
		\( -type l -printf '%p %l\n' -o -type f -exec sha256sum {} + -printf '%p %m %U\n' -o -printf '%p %m %U\n' \) \
		2>/dev/null | sort
}

cases=0
# bad STATUS GLOB COMMAND...
bad() {
	local wanted=$1 glob=$2
	shift 2
	tree >/tmp/before
	want_rc "$wanted" "$@"
	want_out "$glob"
	tree >/tmp/after
	[ "$(printf '%s\n' "$out" | wc -l)" -eq 1 ] || complain "not one line: $*"
	cmp -s /tmp/before /tmp/after || {
		out=$(diff /tmp/before /tmp/after)
		complain "something was changed: $*"
	}
	cases=$((cases + 1))
	printf '# %s: exit %s: %s\n' "$cases" "$rc" "$(printf '%s' "$out" | head -n 1)"
}
install() { twinctl install "$@"; }

it "names"
bad 2 "twinctl: the name of a pair is missing" install
bad 2 "twinctl: '' is no name for a pair: *" install ''
bad 2 "twinctl: 'a.b' is no name for a pair: *" install a.b
bad 2 "twinctl: '../passwd' is no name for a pair: *" install ../passwd
bad 2 "twinctl: 'a b' is no name for a pair: *" install 'a b'
bad 2 "twinctl: 'a?x0ab' is no name for a pair: *" install "$(printf 'a\nb')"
bad 2 "twinctl: '\$(id)' is no name for a pair: *" install '$(id)'
bad 2 "twinctl: unrecognised option '--web'" install --web
bad 2 "twinctl: * is no name for a pair: *" install "$(printf '%065d' 0)"
bad 2 "twinctl: too many words: 'two'" install one two
bad 2 "twinctl: there is no pair nobody: /etc/init.d/nobody.0 is missing" twinctl swap nobody
bad 2 "twinctl: there is no command 'swop'*" twinctl swop web

it "ports"
bad 2 "twinctl: *twin_ports: *8081*even*" install web --port 8081
bad 2 "twinctl: *twin_ports: *" install web --port 65536
bad 2 "twinctl: *twin_ports: *" install web --port 0
bad 2 "twinctl: *twin_ports: *" install web --port -2
bad 2 "twinctl: *twin_ports: *" install web --port 8080x
bad 2 "twinctl: *twin_ports: *" install web --port 'http=8080 http=9090'
bad 2 "twinctl: *twin_ports: *" install web --port 'a=8080 b=8080'
bad 2 "twinctl: *twin_ports: *" install web --port localhost:8080
bad 2 "twinctl: *twin_public: *" install web --port 8080 --public 99999
bad 2 "twinctl: *twin_public: *" install web --port 8080 --public unix:relative
bad 2 "twinctl: */etc/conf.d/web: *{port}*" install web --args '--port {port}'

it "keys and values"
bad 2 "twinctl: --set takes KEY=VALUE, not 'nonsense'" install web --set nonsense
bad 2 "twinctl: --set takes KEY=VALUE, not '1a=b'" install web --set 1a=b
bad 2 "twinctl: /etc/conf.d/web: twin_usr: there is no such key; did you mean 'twin_user'?" install web --set twin_usr=www
bad 2 "twinctl: 'twin_ports' is set twice" install web --port 8080 --set twin_ports=9090
bad 2 "twinctl: */etc/conf.d/web: twin_ready: *" install web --port 8080 --ready soon
bad 2 "twinctl: */etc/conf.d/web: twin_ready_timeout: *" install web --set twin_ready_timeout=soon
bad 2 "twinctl: */etc/conf.d/web: twin_guard: *" install web --set twin_guard=maybe
bad 2 "twinctl: */etc/conf.d/web: twin_hup: *" install web --set twin_hup=NOPE
bad 2 "twinctl: */etc/conf.d/web: twin_endpoint: *" install web --set twin_endpoint=magic
bad 2 "twinctl: */etc/conf.d/web: twin_user: *" install web --user 'a b'
bad 2 "twinctl: */etc/conf.d/web: command_user: *" install web --set command_user=nobody
bad 2 "twinctl: there is no runlevel 'nightly'*" install web --enable nightly
bad 2 "twinctl: there is no runlevel '../init.d'*" install web --enable ../init.d
bad 2 "twinctl: --root: '/nowhere' is no directory" twinctl --root /nowhere install web

it "what is in the way"
printf '#!/sbin/openrc-run\n' >/etc/init.d/web
bad 2 "twinctl: /etc/init.d/web is there already and was not written by twinctl for this pair; give the pair another name, or --force replaces it" install web
rm /etc/init.d/web
ln -s nowhere /etc/init.d/web
bad 2 "twinctl: /etc/init.d/web is there already and *" install web
rm /etc/init.d/web
mkdir /etc/init.d/web
bad 2 "twinctl: /etc/init.d/web is a directory" install web --force
rmdir /etc/init.d/web
ln -s elsewhere /etc/init.d/web.1
bad 2 "twinctl: /etc/init.d/web.1 is there already and is no link to web; give the pair another name, or --force replaces it" install web
rm /etc/init.d/web.1
mkdir /etc/conf.d/web
bad 2 "twinctl: /etc/conf.d/web is a directory" install web
rmdir /etc/conf.d/web

it "disks that are full, or read-only, at each of its files"
for directory in /etc/conf.d /etc/init.d /etc/runlevels/default; do
	for trouble in 'Read-only file system' 'No space left on device'; do
		cp -a "$directory" /tmp/kept
		mount -t tmpfs -o "mode=755,nr_inodes=$(find /tmp/kept | wc -l)" tmpfs "$directory"
		cp -a /tmp/kept/. "$directory"
		[ "$trouble" = 'No space left on device' ] || mount -o remount,ro "$directory"
		bad 1 "twinctl: cannot *$directory/web*: $trouble" install web --port 8080 --enable default
		umount "$directory"
		rm -rf /tmp/kept
	done
done

it "who may not"
bad 1 "twinctl: only root can do this" setpriv --reuid 65534 --regid 65534 --clear-groups twinctl install web
mv /run/openrc/softlevel /run/openrc/softlevel.away
install_web web 8080
bad 1 "twinctl: OpenRC has not booted this system: *" twinctl swap web
mv /run/openrc/softlevel.away /run/openrc/softlevel

it "a pair whose configuration was broken by hand"
want_rc 0 rc-service web start
cp /etc/conf.d/web /tmp/good
broken() {
	cp /tmp/good /etc/conf.d/web
	cat >>/etc/conf.d/web
}
echo 'twin_args="--port {port}' | broken
bad 2 "twinctl: */etc/conf.d/web: *" twinctl swap web
echo 'twin_command=/no/such/program' | broken
bad 2 "twinctl: */no/such/program*" twinctl swap web
echo 'twin_drain_timout=5' | broken
bad 2 "twinctl: */etc/conf.d/web: *twin_drain_timout*" twinctl swap web
echo 'twin_ports=8081' | broken
bad 2 "twinctl: */etc/conf.d/web: twin_ports: *" twinctl swap web
echo 'twin_check="exit 7"' | broken
bad 2 "twinctl: *twin_check failed*" twinctl swap web
head -c 10000000 /dev/zero | tr '\0' '#' | broken
want_rc 0 twinctl check web
chown 1000 /etc/conf.d/web
bad 2 "twinctl: */etc/conf.d/web*" twinctl swap web
cp /tmp/good /etc/conf.d/web
chown 0 /etc/conf.d/web

it "numbers and words of commands"
bad 2 "twinctl: --drain-timeout: 'long' is not a number of seconds (0 to 86400)" twinctl swap web --drain-timeout long
bad 2 "twinctl: --drain-timeout: '-1' is not a number of seconds (0 to 86400)" twinctl swap web --drain-timeout=-1
bad 2 "twinctl: option '--drain-timeout' is given twice" twinctl swap web --drain-timeout 1 --drain-timeout 2
bad 2 "twinctl: -q and -v exclude each other" twinctl -q -v status
bad 2 "twinctl: web has no releases: *" twinctl deploy web r1
bad 2 "twinctl: there is nothing to go back to: *" twinctl rollback web
want "there are more than forty" [ "$cases" -ge 40 ]
remove_web web

finish
