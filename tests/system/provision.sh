#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# What the README tells to put into provisioning scripts and hooks of package managers, run as it stands
# there; install with all that it takes; images.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# block TEXT: the first indented block of the README after a line that begins with TEXT.
block() {
	awk -v text="$1" '
		!found { found = index($0, text) == 1; next }
		/^    / { sub(/^    /, ""); print; inside = 1; next }
		inside { exit }
	' /src/README.md
}

# But for the locks, which say who had them last.
tree() {
	find /etc/init.d /etc/conf.d /etc/runlevels /var/lib/twin /run/twin \
		-path /run/twin/.bpf -prune -o ! -name lock \( -type l -printf '%p %l\n' -o -type f -exec sha256sum {} + -printf '%p %m %U %T@\n' \) | sort
}

cp "$parityd" /usr/bin/my-service

it "the script of the README sets a pair up, and changes nothing when it is run again"
block '**In a provisioning script' >/tmp/provision
want "it is there" grep -q 'twinctl -q install my-service' /tmp/provision
want_rc 0 sh -e /tmp/provision
want "it says nothing" [ -z "$out" ]
want "clients are answered" fetch 80
want "it is in its runlevel" [ "$(readlink /etc/runlevels/default/my-service)" = /etc/init.d/my-service ]
pid=$(recorded_pid my-service.0)
tree >/tmp/before
want_rc 0 sh -e /tmp/provision
want "it says nothing" [ -z "$out" ]
tree >/tmp/after
out=$(diff /tmp/before /tmp/after)
[ -z "$out" ] || complain "the second run has changed something"
want "the same process serves" [ "$(recorded_pid my-service.0)" = "$pid" ]

it "it swaps when the configuration is another one"
sed -i 's/--port 8080/--port 8080 --set twin_drain_timeout=5/' /tmp/provision
judge_begins 80
want_rc 0 sh -e /tmp/provision
judge_ends
want "the other twin serves" started my-service.1
want_not "both do" started my-service.0

it "the hook for apk swaps when the program was replaced, and only then"
block '**After a package upgrade**' >/tmp/hook
want "it is there" grep -q post-commit /tmp/hook
chmod 755 /tmp/hook
want_rc 0 /tmp/hook pre-commit
want_rc 0 /tmp/hook post-commit
want "nothing was swapped" started my-service.1
cp "$parityd" /usr/bin/my-service.new
mv /usr/bin/my-service.new /usr/bin/my-service
want_rc 0 /tmp/hook pre-commit
want "nothing was swapped" started my-service.1
want_rc 0 /tmp/hook post-commit
want "it was swapped" started my-service.0

it "the hook for Portage does, too"
block 'For Portage' >/tmp/bashrc
want "it is there" grep -q post_pkg_postinst /tmp/bashrc
cp "$parityd" /usr/bin/my-service.new
mv /usr/bin/my-service.new /usr/bin/my-service
want_rc 0 env PN=other bash -c '. /tmp/bashrc; post_pkg_postinst'
want "nothing was swapped" started my-service.0
want_rc 0 env PN=my-service bash -c '. /tmp/bashrc; post_pkg_postinst'
want "it was swapped" started my-service.1
remove_web my-service

it "install takes all that a pair needs, and shows it first"
want_rc 0 twinctl install shop --command /usr/bin/my-service --args '--port {port}' --port 8090 --public 90 \
	--user nobody --ready tcp --description 'The shop' --enable default --dry-run
want_out "write /etc/conf.d/shop
*description='The shop'
twin_command='/usr/bin/my-service'
twin_args='--port {port}'
twin_ports='8090'
twin_public='90'
twin_user='nobody'
twin_ready='tcp'
*write /etc/init.d/shop
*link /etc/init.d/shop.0 -> shop
link /etc/init.d/shop.1 -> shop
link /etc/runlevels/default/shop -> /etc/init.d/shop"
want_not "something was written" [ -e /etc/init.d/shop ]
want_rc 0 twinctl install shop --command /usr/bin/my-service --args '--port {port}' --port 8090 --public 90 \
	--user nobody --ready tcp --description 'The shop' --enable default --json
want_out '{"name":"shop","changed":true,"files":?{"path":"/etc/conf.d/shop","change":"write"}*'
want_rc 0 twinctl install shop --json
want_out '{"name":"shop","changed":false,*'
want_rc 0 rc-service shop describe
want_out "*The shop*"
want_rc 0 twinctl start shop
want "clients are answered" fetch 90
want "as nobody" [ "$(stat -c %U "/proc/$(recorded_pid shop.0)")" = nobody ]
remove_web shop
want_not "it is left in the runlevel" [ -L /etc/runlevels/default/shop ]

it "a packaged script that was replaced by force comes back"
printf '#!/sbin/openrc-run\n# packaged\nstart() { :; }\n' >/etc/init.d/shop
chmod 755 /etc/init.d/shop
rc-update -q add shop default
rc-update -u >/dev/null 2>&1
want_rc 0 rc-service shop start
want_rc 2 twinctl install shop --command /usr/bin/my-service --force
want_out "twinctl: the service shop is started by /etc/init.d/shop, which would be replaced: ?rc-service shop stop? first, *"
want_rc 0 rc-service shop stop
want_rc 0 twinctl install shop --command /usr/bin/my-service --force
want_out "*/etc/init.d/shop is replaced; uninstall puts it back*"
want_rc 0 twinctl uninstall shop --dry-run
want_out "*give back /etc/init.d/shop (as it was before install --force)*"
want_rc 0 twinctl uninstall shop
want "it is back" grep -q packaged /etc/init.d/shop
want "it is in its runlevel" [ -L /etc/runlevels/default/shop ]
rc-update -q del shop default
mv /etc/init.d/shop /etc/init.d/packaged
ln -s packaged /etc/init.d/shop
want_rc 0 rc-service shop start
want_rc 2 twinctl install shop --command /usr/bin/my-service --force
want_rc 0 rc-service shop stop
rm /etc/init.d/packaged
ln -sf nowhere /etc/init.d/shop
want_rc 0 twinctl install shop --command /usr/bin/my-service --force
want_rc 0 twinctl uninstall shop
want "a link is a link again" [ "$(readlink /etc/init.d/shop)" = nowhere ]

it "a log of any size goes with the pair"
rm /etc/init.d/shop
want_rc 0 twinctl install shop --command /usr/bin/my-service
mkdir -p /var/log/twin
truncate -s 4G /var/log/twin/shop.0.log
want_rc 0 sh -c 'ulimit -v 2000000; twinctl uninstall shop --purge'
want_not "it is left" [ -e /var/log/twin/shop.0.log ]
touch /etc/init.d/shop
rm /etc/init.d/shop

it "an image is set up like this system"
mkdir -p /tmp/image/etc/init.d /tmp/image/etc/conf.d /tmp/image/etc/runlevels/default
want_rc 0 twinctl --root /tmp/image install shop --command /usr/bin/my-service --port 8090 --enable default
want "the link" [ "$(readlink /tmp/image/etc/runlevels/default/shop)" = /etc/init.d/shop ]
want_not "this system was touched" [ -e /etc/init.d/shop ]
want_rc 0 twinctl --root /tmp/image check shop
want_rc 0 twinctl --root /tmp/image uninstall shop
want "nothing is left" [ -z "$(find /tmp/image ! -type d)" ]

finish
