#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Boot, shutdown, runlevels and power loss: the twin that served last comes up, alone.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# steer and inherit: clients come in at port 80, and are to reach the same twin.
: "${ENDPOINT:=direct}"

# only PARITY: this twin is started and serves, the other is neither.
only() {
	local other=$((1 - $1))
	want "web.$1 is started" started "web.$1"
	want "web.$1 serves" eventually 20 fetch $((8080 + $1))
	want_not "web.$other is started" started "web.$other"
	want_not "web.$other serves" fetch $((8080 + other))
	want "the pair is started" started web
	[ "$ENDPOINT" = direct ] ||
		want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 4 --expect "twin=web.$1"
	want "its dependent is started" started reader
}

pids() {
	recorded_pid web.0 2>/dev/null
	recorded_pid web.1 2>/dev/null
	cat /run/reader.pid
}

# open_slowly PORT: a request that takes its time.
open_slowly() {
	"$load" --url "http://127.0.0.1:$1/slow?ms=20000" --requests 1 --clients 1 --timeout 30000 &
	eventually 20 sh -c "twinctl status web | grep -q 'port $1, 1 connection,'"
}

case $SANDBOX_BOOT in
1)
	install_web web 8080 --set rc_need=net --set "twin_endpoint=$ENDPOINT" \
		--set twin_public=80 --set twin_listen_fds=yes
	echo 'twin_drain_timeout=60' >>/etc/conf.d/web
	add_service reader 'depend() { need web; }'
	rc-update add web default >/dev/null
	rc-update add reader default >/dev/null
	rc-update -u

	it "entering the runlevel starts the pair, once, and what needs it"
	want_rc 0 openrc default
	only 0

	it "entering it again, after a swap, stops nothing"
	want_rc 0 twinctl swap web
	only 1
	before=$(pids)
	want_rc 0 openrc default
	want "no process has changed" [ "$before" = "$(pids)" ]
	only 1
	next_boot 240
	;;
2)
	it "at shutdown the dependent stops first, then the pair with its twins; nothing is left"
	out=$(cat /var/log/sandbox-shutdown.log)
	want_out "*Stopping reader*Stopping web.1*"
	want_not "anything failed" grep -iE 'ERROR|failed|\!\!' /var/log/sandbox-shutdown.log
	want_not "a process is left" grep -E 'parityd|sleep|supervise' /var/log/sandbox-left.log

	it "after a reboot the twin that was active is started, and the other is not"
	only 1
	next_boot 241
	;;
3)
	it "the same after a power cut"
	only 1

	it "power is cut in the middle of a drain"
	open_slowly 8081
	twinctl -q swap web &
	want "it drains" eventually 20 grep -q '"step":"drain"' /run/twin/web/journal
	next_boot 241
	;;
4)
	it "after that the new twin comes up"
	only 0

	it "power is cut before the new twin is ready"
	echo never-ready >/etc/bad.web.1
	twinctl -q swap web --ready-timeout 30 &
	want "it waits" eventually 20 grep -q '"step":"ready"' /run/twin/web/journal
	want "the new twin runs" eventually 20 started web.1
	next_boot 241
	;;
5)
	it "after that the old twin comes up"
	only 0
	rm -f /etc/bad.web.1

	it "the machine is rebooted in the middle of a drain"
	open_slowly 8080
	twinctl -q swap web &
	want "it drains" eventually 20 grep -q '"step":"drain"' /run/twin/web/journal
	next_boot 240
	;;
6)
	it "after that the new twin comes up, and nothing was left"
	only 1
	want_not "a process is left" grep -E 'parityd|sleep|supervise' /var/log/sandbox-left.log
	;;
esac

finish
