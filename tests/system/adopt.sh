#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A pair takes the place of a packaged service that runs, without a gap.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
needs nginx

# As packages bring them.
add_packaged() {
	local name=$1
	shift
	{
		printf '%s\n' '#!/sbin/openrc-run' "pidfile=/run/$name.pid" "$@"
	} >"/etc/init.d/$name"
	chmod 755 "/etc/init.d/$name"
	rc-update -q add "$name" default
	rc-update -u >/dev/null 2>&1
}
add_packaged legacy "command=$parityd" 'command_args="--port 80 --version-file /etc/version"' \
	command_background=yes 'retry=TERM/5/KILL/5'
add_service dependent 'depend() { need legacy; }'
rc-update -u >/dev/null 2>&1
want_rc 0 rc-service dependent start
want "the service answers" eventually 5 fetch 80
depended=$(cat /run/dependent.pid)

# untouched: the service as it was.
untouched() {
	want "legacy is started" started legacy
	want "it is in its runlevel" [ -e /etc/runlevels/default/legacy ]
	want "it answers" fetch 80
	want_not "web is started" started web
}

it "what cannot be adopted is refused, and nothing touched"
want_rc 2 twinctl adopt legacy
want_out "*--as needs the name of a pair"
want_rc 2 twinctl adopt legacy --as web
want_out "*there is no pair web*"
install_web web 8080
want_rc 2 twinctl adopt legacy --as web
want_out "*web has no public port, by which it could take the clients of legacy over: set twin_public to theirs"
remove_web web
install_web web 8080 --public 80 --set twin_endpoint=direct
want_rc 2 twinctl adopt legacy --as web
want_out "*the endpoint of web is direct: with a gap, *"
remove_web web
install_web web 8080 --public 81
want_rc 2 twinctl adopt legacy --as web --dry-run
want_out "*legacy does not listen on 81, which is twin_public of web: *"
want_rc 2 twinctl adopt legacy --as web
remove_web web
install_web web 8080 --public 80
want_rc 2 twinctl adopt nobody --as web
want_out "*there is no service nobody*"
want_rc 2 twinctl adopt web --as web
want_out "*web is a pair itself*"
want_rc 2 twinctl adopt web.0 --as web
want_rc 2 twinctl adopt legacy --as web --signal NOPE
want_out "*'NOPE' is no signal"
want_rc 2 twinctl adopt dependent --as web
want_out "*port 80 is that of the service legacy (pid *), not of dependent"
untouched

it "the plan is shown"
want_rc 0 twinctl adopt legacy --as web --signal TERM --dry-run
want_out "rc-service web start*new connections to 80 go to web*send TERM to legacy, pid *rc-service legacy --nodeps stop
rc-update add web default; rc-update del legacy default"
untouched

it "a pair that does not start leaves the service where it is"
echo die-at-start >/etc/bad.web.0
want_rc 10 twinctl adopt legacy --as web
want_out "twinctl: web: could not be started:*legacy serves on, web is stopped"
want_rc 3 twinctl status web
rm /etc/bad.web.0
untouched

it "it takes the place of the service, and no client notices"
judge_begins 80
sleep 0.5
"$load" --url "http://127.0.0.1:80/slow?ms=2000" --requests 5 --clients 5 --timeout 30000 \
	--expect version= >/tmp/slow 2>&1 &
slow=$!
sleep 0.5
want_rc 0 twinctl adopt legacy --as web
want_out "*start   web.0*quiesce *drain   0 connections left*stop    legacy*web: it serves in the place of legacy
dependent needs legacy, and would start it again: *"
want "the slow ones were answered" wait "$slow"
judge_ends
want "web is started" started web
want_not "legacy is started" started legacy
want_not "its process is left" pgrep -fx "$parityd --port 80 .*"
want "the runlevel" [ -L /etc/runlevels/default/web ] && [ ! -e /etc/runlevels/default/legacy ]
want "the dependent was left alone" [ "$(cat /run/dependent.pid)" = "$depended" ]
want_rc 0 twinctl adopt legacy --as web --json
want_out '*"result":"adopted","exit":0,"connections_cut":0,"runlevels":\[\]*"message":"nothing to do: it serves in the place of legacy*'
want_rc 0 twinctl swap web
want "it answers" fetch 80
remove_web web

it "what outlives the deadline is cut, and counted"
want_rc 0 rc-service legacy start
rc-update -q add legacy default
install_web web 8080 --public 80
"$load" --url "http://127.0.0.1:80/slow?ms=20000" --requests 3 --clients 3 --timeout 30000 \
	--expect version= >/tmp/slow 2>&1 &
slow=$!
sleep 0.5
want_rc 11 twinctl adopt legacy --as web --drain-timeout 1
want_out "*the drain deadline passed and 3 connections were cut*"
wait "$slow" 2>/dev/null
want "web answers" fetch 80
remove_web web

it "one that was killed is gone on with"
for ms in ${KILLS:-50 150 300 600 1000}; do
	rc-service legacy start >/dev/null 2>&1
	want "the service answers" eventually 5 fetch 80
	rc-update -q add legacy default
	install_web web 8080 --public 80
	judge_begins 80
	"$load" --url "http://127.0.0.1:80/slow?ms=1500" --requests 2 --clients 2 --timeout 30000 \
		--expect version= >/tmp/slow 2>&1 &
	slow=$!
	sleep 0.3
	twinctl -q adopt legacy --as web >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk "BEGIN { print $ms / 1000 }")"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	want_rc 0 twinctl adopt legacy --as web
	want "the slow ones were answered" wait "$slow"
	judge_ends
	want_not "legacy is started" started legacy
	want "the runlevel" [ -L /etc/runlevels/default/web ] && [ ! -e /etc/runlevels/default/legacy ]
	remove_web web
done

it "nginx ends by QUIT"
cat >/etc/nginx/packaged.conf <<'END'
worker_processes 2;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
	access_log off;
	server {
		listen 80;
		listen [::]:80;
		location / { return 200 "version=packaged\n"; }
	}
}
END
for parity in 0 1; do
	sed -e "s|^pid.*|daemon off; pid /run/nginx.$parity.pid;|" -e "s/listen 80/listen 127.0.0.1:$((8080 + parity))/" \
		-e '/\[::\]/d' -e 's/version=packaged/version=twin/' /etc/nginx/packaged.conf >"/etc/nginx/twin.$parity.conf"
done
add_packaged nginx command=/usr/sbin/nginx 'command_args="-c /etc/nginx/packaged.conf"'
# It keeps what it is given as its output open.
rc-service nginx start >/dev/null 2>&1
want "it answers" eventually 5 fetch 80
twinctl -q install web --command nginx --args '-c /etc/nginx/twin.{parity}.conf' --port 127.0.0.1:8080 \
	--public 80 --set twin_hup=QUIT --set "supervisor=$SUPERVISOR"
judge_begins 80
sed -i 's/listen 80;/listen 80; listen 443;/' /etc/nginx/packaged.conf
nginx -c /etc/nginx/packaged.conf -s reload
want "it listens" eventually 5 sh -c 'ss -ltn | grep -q ":443 "'
want_rc 2 twinctl adopt nginx --as web --signal QUIT
want_out "*nginx listens on *443 too, and twin_public of web is 80: *"
sed -i 's/ listen 443;//' /etc/nginx/packaged.conf
nginx -c /etc/nginx/packaged.conf -s reload
want_not "it still listens" sh -c 'sleep 0.5; ss -ltn | grep ":443 "'
want_rc 0 twinctl adopt nginx --as web --signal QUIT
want_out "*signal  QUIT to pid *"
judge_ends
want "the pair answers" "$load" --url http://127.0.0.1:80/ --requests 20 --expect version=twin
want "one master is left" [ "$(pgrep -fc 'nginx: master')" = 1 ]
want_rc 0 twinctl swap web
remove_web web

finish
