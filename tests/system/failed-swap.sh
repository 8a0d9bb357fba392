#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A new version that is bad: the old one serves on, and the swap says why.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

install_web web 8080
rc-service web start >/dev/null

# bad NAME: what twin 1 does when it is started next.
bad() { printf '%s\n' "$@" >/etc/bad.web.1; }

old_serves_on() {
	want "twin 0 serves" fetch 8080
	want "twin 0 has not been touched" [ "$(recorded_pid web.0)" = "$pid" ]
	want "twin 1 is stopped" eventually 20 sh -c '! [ -e /run/openrc/started/web.1 ]'
	want_rc 0 twinctl status web
	want_out "web: started*web.0  started*active*web.1  stopped*"
}
pid=$(recorded_pid web.0)

it "a new twin that dies at start"
bad die-at-start
want_rc 10 twinctl swap web
want_out "*twinctl: web: not swapped: web.1 ended before it was ready
web.1 said last:
*
web.0 serves on, web.1 is stopped"
old_serves_on

it "a new twin that never becomes ready"
bad never-ready
want_rc 10 twinctl swap web
want_out "*web.1 was not ready within $ready_timeout s: it does not listen on port 8081*web.0 serves on*"
old_serves_on

it "a new twin that listens on the wrong port"
bad wrong-port
want_rc 10 twinctl swap web
want_out "*it does not listen on port 8081, but on 127.0.0.1:8181*"
old_serves_on

it "the same where a public port leads to it"
install_web other 8090 --public 90
echo wrong-port >/etc/bad.other.0
want_rc 1 twinctl start other
want_out "*other.0*not ready*it does not listen on port 8090, but on *"
rm /etc/bad.other.0
remove_web other

it "a new twin that goes into the background"
rm /etc/bad.web.1
cat >/usr/local/bin/daemonized <<-SCRIPT
	#!/bin/sh
	setsid $parityd "\$@" >/dev/null 2>&1 &
	until ss -Hltn | grep -q :8081; do :; done
	sleep 0.1
SCRIPT
chmod 755 /usr/local/bin/daemonized
printf 'twin_command=/usr/local/bin/daemonized\nrespawn_max=1\n' >/etc/conf.d/web.1
want_rc 10 twinctl swap web
want_out "*web.1 ended * it was ready, and pid * (parityd) listens on 8081: a twin must not put itself into the background*web.0 serves on*"
rm /etc/conf.d/web.1
pkill -f "$parityd --port 8081"
old_serves_on

it "a port of the new twin that somebody else has"
"$parityd" --port 8081 >/dev/null 2>&1 &
other=$!
want "it listens" eventually 20 fetch 8081
want_rc 1 twinctl swap web
want_out "*port 8081 of web.1 is taken*"
kill "$other"
wait "$other"
old_serves_on

it "with --json a failure has the same shape"
bad die-at-start
want_rc 10 twinctl swap web --json
want_out '{"name":"web","from":0,"to":1,"result":"kept","exit":10,*'
old_serves_on

it "a failing twin_check touches nothing"
rm /etc/bad.web.1
echo 'twin_check="echo the check says no; false"' >>/etc/conf.d/web
want_rc 2 twinctl swap web
want_out "*twin_check failed, nothing was touched:
the check says no*"
old_serves_on
sed -i '$d' /etc/conf.d/web

it "a missing binary touches nothing"
sed -i 's/^twin_command=.*/twin_command=no-such-program/' /etc/conf.d/web
want_rc 2 twinctl swap web
want_out "*there is no program 'no-such-program'*"
sed -i "s|^twin_command=.*|twin_command=$parityd|" /etc/conf.d/web
old_serves_on

it "a service that would die of SIGHUP is not sent one"
cat >/usr/local/bin/deaf <<'END'
#!/usr/bin/perl
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ENV{TWIN_PORT}", ReuseAddr => 1);
while (my $c = $s->accept) { close $c }
END
chmod 755 /usr/local/bin/deaf
twinctl -q install deaf --command /usr/local/bin/deaf --port 8090 --set "supervisor=$SUPERVISOR"
want_rc 0 rc-service deaf start
want_rc 2 twinctl swap deaf
want_out "*deaf.0 has no handler for SIGHUP and would die of it*"
want_rc 0 rc-service deaf.0 status
echo twin_hup=no >>/etc/conf.d/deaf
want_rc 0 twinctl swap deaf
remove_web deaf

it "an old twin that ignores SIGHUP is stopped when nothing is open any more"
echo ignore-hup >/etc/bad.web.0
rm -f /etc/bad.web.1
want_rc 0 rc-service web restart
want_rc 0 twinctl swap web
want "twin 1 serves" fetch 8081
want_rc 3 rc-service web.0 status

it "connections that do not end are cut at the deadline: exit 11 and their number"
rm -f /etc/bad.web.*
want_rc 0 twinctl swap web
"$load" --url 'http://127.0.0.1:8080/slow?ms=30000' --requests 3 --clients 3 --timeout 40000 >/tmp/cut 2>&1 &
slow=$!
want "three are open" eventually 20 sh -c 'twinctl status web | grep -q "8080, 3 connections"'
want_rc 11 twinctl swap web --drain-timeout 1
want_out "*the drain deadline passed and 3 connections were cut"
wait "$slow"
want "the clients saw it" grep -q 'lost 3' /tmp/cut

it "an old twin that hangs on TERM is killed"
echo hang-on-term >/etc/bad.web.1
echo 'twin_stop_retry=TERM/1/KILL/5' >>/etc/conf.d/web
want_rc 0 rc-service web restart
want_rc 0 twinctl swap web
want_rc 0 twinctl swap web
rm -f /etc/bad.web.*
want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'

it "a service that ends by itself after the hang-up does not come back"
echo exit-after-hup >/etc/bad.web.0
echo exit-after-hup >/etc/bad.web.1
want_rc 0 rc-service web restart
for _ in 1 2 3 4; do
	want_rc 0 twinctl swap web
	want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'
done

it "a new twin that ends after the hang-up, and that its supervisor gives up, is started again"
rm -f /etc/bad.web.*
[ "$(active_of web)" = 0 ] || want_rc 0 twinctl swap web
[ "$SUPERVISOR" = start-stop-daemon ] && fails=0 || fails=3
cat >/usr/local/bin/flaky <<-SCRIPT
	#!/bin/sh
	n=\$(cat /tmp/flaky 2>/dev/null || echo 0)
	echo \$((n + 1)) >/tmp/flaky
	if [ "\$n" -eq 0 ]; then
		(
			until [ -e /run/twin/web/0.draining ]; do sleep 0.02; done
			kill -9 \$\$
		) &
		exec $parityd "\$@"
	fi
	[ "\$n" -gt $fails ] || exit 1
	exec $parityd "\$@"
SCRIPT
chmod 755 /usr/local/bin/flaky
printf 'twin_command=/usr/local/bin/flaky\nrespawn_max=%s\n' "$fails" >/etc/conf.d/web.1
"$load" --url "http://127.0.0.1:8080/slow?ms=3000" --requests 2 --clients 2 --timeout 30000 \
	--expect version= >/tmp/slow 2>&1 &
slow=$!
sleep 0.3
want_rc 0 twinctl swap web
want_out "*web.1 has ended: it is started again*drain *swapped, web.1 is active"
want "twin 1 serves" fetch 8081
want "the slow ones were answered" wait "$slow"
rm /etc/conf.d/web.1

it "the ledger has a line for every swap"
want "one JSON object a line" sh -c '! grep -v "^{\"time\":[0-9]*,\"name\":\"web\",.*}$" /var/log/twin/web.log'
want "kept ones too" grep -q '"result":"kept"' /var/log/twin/web.log

it "two swaps at once: one is done, the other is told who is at it"
rm -f /etc/bad.web.*
want_rc 0 rc-service web restart
port=$((8080 + $(active_of web)))
"$load" --url "http://127.0.0.1:$port/slow?ms=2000" --requests 1 --clients 1 >/tmp/slow 2>&1 &
want "it is open" eventually 20 sh -c 'twinctl status web | grep -q ", 1 connection,"'
twinctl swap web >/tmp/first 2>&1 &
first=$!
want "the first waits" eventually 20 grep -q '"step":"drain"' /run/twin/web/journal
want_rc 13 twinctl swap web
want_out "twinctl: web is being changed by twinctl swap (pid $first), in step drain"
want_rc 0 twinctl status web
want_out "web: swapping*"
wait "$first"
want "the first is done" [ $? -eq 0 ]
want "its client lost nothing" grep -q 'lost 0' /tmp/slow

it "an unhealthy twin is replaced by a swap, not started again with a gap"
if [ "$SUPERVISOR" = supervise-daemon ]; then
	remove_web web
	install_web web 8080 --set twin_public=80
	cat >>/etc/conf.d/web <<-'CONF'
		healthcheck_timer=1
		healthcheck() { echo "$RC_SVCNAME" >>/tmp/asked; [ ! -e "/tmp/sick.$RC_SVCNAME" ]; }
		unhealthy() { echo "$RC_SVCNAME" >>/tmp/unhealthy; }
	CONF
	want_rc 0 rc-service web start
	want "it is asked" eventually 20 grep -q web.0 /tmp/asked
	judge_begins 80
	touch /tmp/sick.web.0
	want "conf.d is told" eventually 20 grep -q web.0 /tmp/unhealthy
	want "the other twin serves" eventually 30 started web.1
	want "it is the active one" eventually 30 sh -c '[ "$(cat /var/lib/twin/web/active)" = 1 ]'
	want "the sick one is stopped" eventually 30 sh -c 'twinctl status web | grep -q "web.0 *stopped"'
	want_rc 0 twinctl status web
	want_out "web: started*web.0  stopped*web.1  started*active*"
	judge_ends
	want_not "the other is sick" grep -q web.1 /tmp/unhealthy
	remove_web web
fi

finish
