#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Long connections: left draining, reaped when they are done, cut and counted when they are not;
# and the way back, as long as there is one.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

install_web web 8080 --set twin_public=80 --set twin_endpoint=steer
sed -i "s/^twin_drain_timeout=.*/twin_drain_timeout=60/" /etc/conf.d/web
want_rc 0 rc-service web start

# hold COUNT: begins that many requests, and returns when the service has them. They are answered after let_go.
hold() {
	: >/tmp/hold
	"$load" --url "http://127.0.0.1:80/held?by=/tmp/hold" --requests "$1" --clients "$1" --timeout 120000 \
		--expect version= >/tmp/long 2>&1 &
	long=$!
	want "$1 requests are under way" eventually 30 under_way "$1"
}
under_way() { [ "$(ss -Htn state established 'sport = :80' | wc -l)" -ge "$1" ]; }
let_go() { rm /tmp/hold; }
# Whether the requests were all answered.
all_answered() { wait "$long"; }

it "--leave-draining returns at once, and status says what is left"
hold 5
want_rc 0 twinctl swap web --leave-draining
want_out "*web.1 is active; web.0 drains for at most 60 s, 5 connections left"
want_rc 0 twinctl status web
want_out "web: started*web.0  draining*5 connections*web.1  started*active*web.0 was left draining*"
want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 20 --expect twin=web.1
let_go
want "all were answered" all_answered
want "the connections have ended" eventually 30 sh -c '[ -z "$(ss -Htn state established "sport = :80")" ]'
it "any other command of the pair reaps it when it is done"
want_rc 0 twinctl status web
want_out "twinctl: web.0 has been stopped after its drain*web: started*web.0  stopped*"
want_rc 3 rc-service web.0 status
want "one line in the ledger" [ "$(grep -c '"from":0,"to":1,"result":"swapped"' /var/log/twin/web.log)" = 1 ]

it "the next swap waits for it until its own deadline, then cuts and counts"
hold 3
began=$(date +%s)
want_rc 0 twinctl swap web --leave-draining --drain-timeout 5
want_rc 11 twinctl swap web
want_out "*web.1 was left draining: it is waited for first*3 connections were cut*"
took=$(($(date +%s) - began))
want "it took $took s, its deadline is 5 s" [ "$took" -ge 4 ] && [ "$took" -le 50 ]
want_not "they were answered" all_answered
want_rc 0 twinctl status web
want_out "web: started*web.1*active*"

it "connections that outlive the deadline are counted, exit 11"
hold 4
want_rc 11 twinctl swap web --drain-timeout 1
want_out "*swapped, web.0 is active; the drain deadline passed and 4 connections were cut*"
want_not "they were answered" all_answered

it "rollback takes back a twin that was not hung up"
echo 'twin_hup=no' >>/etc/conf.d/web
hold 2
want_rc 0 twinctl swap web --leave-draining
want_rc 0 twinctl rollback web
want_out "*web.1 -> web.0*rolled back, web.0 is active"
want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 20 --expect twin=web.0
let_go
want "those that were held were answered" all_answered
want_rc 3 rc-service web.1 status

it "rollback says so where there is nothing to go back to"
want_rc 2 twinctl rollback web
want_out "twinctl: there is nothing to go back to: *"
sed -i '$d' /etc/conf.d/web
hold 2
want_rc 0 twinctl swap web --leave-draining
want_rc 2 twinctl rollback web
want_out "twinctl: there is nothing to go back to: web.0 has been hung up"
let_go
want "those that were held were answered" all_answered

it "a stop ends a twin that is left draining, too"
hold 1
want_rc 0 twinctl swap web --leave-draining
want_rc 0 twinctl stop web
want_not "anything is alive" pgrep -x parityd
want_not "a journal is left" [ -e /run/twin/web/journal ]
want_rc 0 twinctl start web
want "it serves" fetch 80

it "twin_ready=exec asks the command, with the twin's name and port"
sed -i '/^twin_ready=/d' /etc/conf.d/web
echo 'twin_ready='\''exec:echo "$TWIN_NAME $TWIN_PARITY $TWIN_PORT" >>/tmp/asked; [ -e /tmp/yes ]'\' >>/etc/conf.d/web
want_rc 10 twinctl swap web
want_out "*was not ready within $ready_timeout s: the command of twin_ready says no*"
touch /tmp/yes
want_rc 0 twinctl swap web
out=$(sort -u /tmp/asked)
want_out "web.[01] [01] 808[01]"
sed -i '$d' /etc/conf.d/web

it "twin_ready=http wants a 2xx at the parity port"
echo 'twin_ready=http:/health' >>/etc/conf.d/web
want_rc 0 twinctl swap web
echo 'twin_ready=http:/nothing-here' >>/etc/conf.d/web
want_rc 10 twinctl swap web
want_out "*GET /nothing-here on port 808?: HTTP/1.1 404*"

finish
