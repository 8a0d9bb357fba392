#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# What goes wrong on real machines: zapped twins, killed supervisors, stops that wait, full disks.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

install_web web 8080
rc-service web start >/dev/null

it "twinctl stop ends a twin that a zap forgot"
want_rc 0 rc-service web.0 zap
want_rc 0 rc-service web zap
want_rc 0 twinctl stop web
want "nothing is alive" eventually 20 sh -c '! pgrep -x parityd'
want_rc 0 twinctl start web

it "a swap takes a twin back that a zap forgot"
want_rc 0 rc-service web.0 zap
want_rc 0 twinctl status web
want_out "web: zapped*web.0  zapped*twinctl swap web*"
want_rc 0 twinctl swap web
want "twin 1 serves" fetch 8081
want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'

it "a stop of the pair that only waits for the lock does not open the guard"
"$load" --url 'http://127.0.0.1:8081/slow?ms=4000' --requests 1 --clients 1 --timeout 9000 >/dev/null 2>&1 &
want "a request is open" eventually 20 sh -c 'twinctl status web | grep -q "8081, 1 connection,"'
twinctl -q swap web &
swap=$!
want "the swap drains" eventually 20 grep -q '"step":"drain"' /run/twin/web/journal
rc-service web stop >/dev/null 2>&1 &
stop=$!
want "the stop waits" eventually 20 [ -e /run/openrc/stopping/web ]
want_rc 1 rc-service web.0 stop
want_out "*web.0 is the last twin: web.1 is hung up*"
want "the new twin serves" fetch 8080
wait "$swap"
wait "$stop"
want_rc 3 rc-service web status
want_rc 0 rc-service web start

it "a twin that is started while the pair stops does not make the stop fail"
echo hang-on-term >/etc/bad.web.0
want_rc 0 rc-service web restart
sed -i 's/^\(# sum.*\)/twin_stop_retry=TERM\/2\/KILL\/5\n\1/' /etc/conf.d/web
want_rc 0 rc-service web restart
rc-service web stop >/dev/null 2>&1 &
stop=$!
want "it stops" eventually 20 [ -e /run/openrc/stopping/web.0 ]
rc-service web.1 zap start >/dev/null 2>&1
wait "$stop"
want "the stop is done" [ $? -eq 0 ]
want "nothing is alive" eventually 20 sh -c '! pgrep -x parityd'
rm /etc/bad.web.0
want_rc 0 rc-service web start

if [ "$SUPERVISOR" = supervise-daemon ]; then
	it "a supervisor that was killed leaves no orphan behind a swap"
	want_rc 0 rc-service web restart
	kill -9 "$(cat "/run/twin/web/$(active_of web).pid")"
	want_rc 0 twinctl swap web
	want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'
	want_rc 0 twinctl swap web
	want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'

	it "the last twin may not be stopped while its supervisor brings it back"
	echo respawn_delay=3 >>/etc/conf.d/web
	want_rc 0 rc-service web restart
	active=$(active_of web)
	kill -9 "$(recorded_pid "web.$active")"
	want_rc 1 rc-service "web.$active" stop
	want "it is back" eventually 20 fetch $((8080 + active))
fi

it "a killed swap does not keep a zap start from starting"
other=$((1 - $(active_of web)))
touch "/run/twin/web/$other.retiring"
want_rc 0 rc-service "web.$other" zap start
want_rc 0 twinctl swap web

it "a state directory that cannot be written keeps nobody from serving"
mv /var/lib/twin /var/lib/twin.away
touch /var/lib/twin
want_rc 0 twinctl swap web
want "it serves" sh -c "$load --url http://127.0.0.1:8080/ --requests 1 || $load --url http://127.0.0.1:8081/ --requests 1"
want_rc 0 rc-service web restart
rm /var/lib/twin
mv /var/lib/twin.away /var/lib/twin
# Without it nobody knows which twin was active, and OpenRC starts the other one as well.
want_rc 0 twinctl swap web

it "a wrong configuration of one pair hides no other"
install_web other 8090
echo 'twin_prot=1' >>/etc/conf.d/other
want_rc 2 twinctl status
want_out "*/etc/conf.d/other: twin_prot: there is no such key*web: started*"
want_rc 1 rc-service other start
want_out "*twin_prot: there is no such key*"

it "nobody but root can hold a pair's locks"
want "lock" [ "$(stat -c %a /run/twin/web/lock)" = 600 ]
want "guard" [ "$(stat -c %a /run/twin/web/guard)" = 600 ]

finish
