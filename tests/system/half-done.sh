#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154
#
# What was killed, was given up, or is not as it was said to be: what is seen counts.

# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# kill_script SIGNAL: ends the script of the next stop of a twin of web.
kill_script() {
	(
		tries=4000
		until script=$(pgrep -f 'openrc-run.sh /etc/init.d/web.[01] stop') || [ "$tries" -eq 0 ]; do
			tries=$((tries - 1))
		done
		# shellcheck disable=SC2086
		kill "-$1" $script
	) 2>/dev/null &
	killer=$!
}

install_web web 8080 --public 80
want_rc 0 rc-service web start

for signal in KILL TERM; do
	it "a stop whose script is ended by SIG$signal, which OpenRC takes for a success, is done again"
	old=$(recorded_pid "web.$(active_of web)")
	kill_script "$signal"
	want_rc 0 twinctl swap web
	wait "$killer"
	want_not "the old process lives" kill -0 "$old"
	old=$(recorded_pid "web.$(active_of web)")
	kill_script "$signal"
	want_rc 0 rc-service web stop
	wait "$killer"
	want_not "the last process lives" kill -0 "$old"
	want_rc 0 rc-service web start
done

for zapped in web "web.$(active_of web)" both; do
	it "a supervisor that was killed, then a zap of $zapped: the next start takes the twin back"
	twin=web.$(active_of web)
	pid=$(recorded_pid "$twin")
	[ "$SUPERVISOR" != supervise-daemon ] || kill -9 "$(cat "/run/twin/web/${twin##*.}.pid")"
	[ "$zapped" = "$twin" ] || rc-service web zap
	[ "$zapped" = web ] || rc-service "$twin" zap
	want_rc 0 twinctl start web
	want "it is the same process" [ "$(recorded_pid "$twin")" = "$pid" ]
	want "the pair is started" started web
	want_rc 0 rc-service web status
	want_rc 0 rc-service web stop
	want_not "it lives" kill -0 "$pid"
	want_rc 0 rc-service web start
done

it "both twins are killed in the middle of a swap: the status is no success"
"$load" --url "http://127.0.0.1:80/slow?ms=20000" --requests 1 --clients 1 --timeout 30000 >/dev/null 2>&1 &
client=$!
want "a request is open" eventually 20 sh -c "twinctl status web | grep -q ', 1 connection,'"
twinctl -q swap web >/dev/null 2>&1 &
swap=$!
want "it drains" eventually 20 grep -q '"step":"drain"' /run/twin/web/journal
# shellcheck disable=SC2046
kill -9 "$swap" $(pgrep 'supervise-daemo|parityd') 2>/dev/null
wait "$swap" "$client" 2>/dev/null
want_rc 32 twinctl status web
want_out "web: interrupted*"
want_rc 0 twinctl start web
want_rc 0 twinctl status web

it "a twin of which a rehearsal was killed is one when it is brought back, and is stopped by the next start"
want_rc 0 twinctl swap web
idle=$((1 - $(active_of web)))
twinctl rehearse web >/dev/null 2>&1 &
rehearsal=$!
want "it is rehearsed" eventually 20 grep -qs '^rehearsal yes' "/run/twin/web/$idle"
want "it is started" eventually 20 started "web.$idle"
kill -9 "$rehearsal"
wait "$rehearsal" 2>/dev/null
if [ "$SUPERVISOR" = supervise-daemon ]; then
	pid=$(recorded_pid "web.$idle")
	kill -9 "$pid"
	want "its supervisor brings it back" eventually 20 sh -c "[ \"\$(sed -n 's/^pid //p' /run/twin/web/$idle)\" != $pid ]"
	want "it is a rehearsal" grep -q '^rehearsal yes' "/run/twin/web/$idle"
fi
pid=$(recorded_pid "web.$idle")
want_rc 0 twinctl start web
want_out "*web.$idle was left by a rehearsal that was killed: it has been stopped*"
want_not "it lives" kill -0 "$pid"
want_rc 0 twinctl swap web

it "a link that became a file: the pair is listed, shown and stopped, and the file is named"
sed -i 's/^# SPDX/&/' /etc/init.d/web.0
want_not "it is a link" [ -L /etc/init.d/web.0 ]
want_rc 0 twinctl list
want_out web
want_rc 0 twinctl status
want_out "web: started*/etc/init.d/web.0 is a file of its own*twinctl install web*"
want_rc 0 twinctl check web
want_out "*warning: /etc/init.d/web.0 is a file of its own*cure: twinctl install web*"
want_rc 0 twinctl swap web
want_rc 0 rc-service web stop
want_not "anything runs" pgrep -x parityd
want_rc 0 twinctl install web
want "it is a link" [ -L /etc/init.d/web.0 ]
remove_web web

it "direct: a new twin that is taken back finishes what a balancer has sent it"
install_web web 8080
want_rc 0 rc-service web start
echo 'twin_ready=exec:false' >/etc/conf.d/web.1
(
	eventually 30 fetch 8081
	exec "$load" --url "http://127.0.0.1:8081/slow?ms=$((ready_timeout * 1000 + 2000))" --requests 1 --clients 1 \
		--timeout 60000 --expect version=
) >/tmp/client 2>&1 &
client=$!
want_rc 10 twinctl swap web --ready-timeout "$ready_timeout"
want "the client got its answer" wait "$client"
want_not "the new twin is left" started web.1
remove_web web
rm /etc/conf.d/web.1

it "a pair that has crashed is shown so, and is started again by openrc with rc_crashed_start"
install_web web 8080 --enable default --set respawn_delay=1 --set respawn_max=1 --set respawn_period=60
echo 'rc_crashed_start=YES' >>/etc/rc.conf
want_rc 0 rc-service web start
want_rc 0 twinctl swap web
for round in 1 2 3; do
	# Twice its supervisor brings it back.
	kill -9 "$(recorded_pid web.1)" 2>/dev/null
	[ "$SUPERVISOR" = supervise-daemon ] || break
	sleep 2
done
want_not "it serves" fetch 8081
run rc-status default
case $out in
*web*crashed* | *web*stopped*) ;;
*) complain "rc-status does not know it" ;;
esac
want_rc 0 openrc
want "it is started again" eventually 20 fetch 8081
want_rc 0 rc-service web status

if [ "$SUPERVISOR" = supervise-daemon ]; then
	it "a pair that its supervisor has given up is started by rc-service"
	for round in 1 2 3; do
		kill -9 "$(recorded_pid web.1)" 2>/dev/null
		sleep 2
	done
	want "the pair is not started any more" eventually 20 sh -c '[ ! -e /run/openrc/started/web ]'
	want_rc 3 twinctl status web
	want_out "*its supervisor has given up on it: *twinctl start web* starts it again*"
	want_rc 0 rc-service web start
	want "it serves" eventually 20 fetch 8081
fi
remove_web web

finish
