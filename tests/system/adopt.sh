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
want "the service answers" eventually 20 fetch 80

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
want_out "*web.0 is a pair itself*"
want_rc 2 twinctl adopt ../init.d/legacy --as web
want_out "*'../init.d/legacy' is no name of a service"
want_rc 2 twinctl adopt legacy --as web --signal NOPE
want_out "*'NOPE' is no signal"
want_rc 2 twinctl adopt dependent --as web
want_out "*port 80 is that of pid * (parityd), the service legacy, which is no process of dependent"
remove_web web
install_web web 8080
want_rc 0 rc-service web start
twinctl -q install web --command "$parityd" --port 8080 --public 80
sed -i 's/^twin_ports=.*/&\ntwin_public=80/' /etc/conf.d/web
want_rc 2 twinctl adopt legacy --as web
want_out "*the running twin has endpoint direct, the configuration says steer on 80; ?rc-service web restart? changes it"
rc-service web stop >/dev/null
untouched
remove_web web
install_web web 8080 --public 127.0.0.2:80
want_rc 2 twinctl adopt legacy --as web
want_out "*legacy does not listen on 127.0.0.2:80*"
untouched
remove_web web
install_web web 8080 --public 80

it "who listens is looked at, not only that somebody does"
rc-service legacy stop >/dev/null 2>&1
"$parityd" --port 80 --version-name stranger 2>/dev/null &
stranger=$!
want "he answers" eventually 20 fetch 80
want_rc 2 twinctl adopt legacy --as web
want_out "*port 80 is that of pid $stranger (parityd), which is no process of legacy"
kill "$stranger"
wait "$stranger" 2>/dev/null
want_rc 0 rc-service legacy start
want "it answers" eventually 20 fetch 80
rc-service legacy zap >/dev/null 2>&1
want_rc 2 twinctl adopt legacy --as web
# From OpenRC 0.62 on nothing but a cgroup tells then whose process it is, and the sandbox has none.
if grep -qz '^RC_SVCNAME=legacy' "/proc/$(pgrep -o -x parityd)/environ"; then
	want_out "*legacy is not started, and pid * (parityd) of it listens on port 80: *"
else
	want_out "*port 80 is that of pid * (parityd), which is no process of legacy"
fi
want_rc 0 fetch 80
pkill -fx "$parityd --port 80 .*"
want "it has ended" eventually 20 sh -c '! ss -Hltn | grep -q :80'
want_rc 0 rc-service legacy start
want "it answers" eventually 20 fetch 80

it "the plan is shown"
want_rc 0 twinctl adopt legacy --as web --signal TERM --dry-run
want_out "rc-service web start*steer new connections for 80 to web*send TERM to legacy, pid *rc-service legacy --nodeps stop
rc-update add web default; rc-update del legacy default"
want_rc 0 twinctl adopt legacy --as web --dry-run --json
want_out '{"name":"web","plan":"rc-service web start*"}'
untouched

it "a pair that does not start leaves the service where it is"
echo die-at-start >/etc/bad.web.0
want_rc 10 twinctl adopt legacy --as web
want_out "*web.0 ended before it was ready
*web.0 said last:
*
legacy serves on, web is stopped"
want_rc 3 twinctl status web
rm /etc/bad.web.0
untouched
mkdir -p /var/lib/twin/web
echo 1 >/var/lib/twin/web/active
echo die-at-start >/etc/bad.web.1
want_rc 10 twinctl adopt legacy --as web
want_out "*legacy serves on, web is stopped"
want_rc 3 twinctl status web
rm /etc/bad.web.1
untouched

it "a pair that is not ready gets no client"
echo unhealthy >/etc/bad.web.1
sed -i '/^twin_ready=/d' /etc/conf.d/web
echo 'twin_ready=http:/health' >>/etc/conf.d/web
"$load" --url http://127.0.0.1:80/ --rate 100 --clients 4 --seconds 100 --until-file /tmp/enough \
	--expect twin=none >/tmp/load 2>&1 &
client=$!
want_rc 10 twinctl adopt legacy --as web
want_out "*web.1 was not ready within $ready_timeout s: *legacy serves on, web is stopped"
touch /tmp/enough
wait "$client" || {
	out=$(cat /tmp/load)
	complain "a client lost an answer, or had one from the pair"
}
rm -f /tmp/enough /etc/bad.web.1 /var/lib/twin/web/active
sed -i '/^twin_ready=/d' /etc/conf.d/web
untouched

it "clients by IPv6 are not left without a server"
rc-service legacy stop >/dev/null 2>&1
add_packaged legacy "command=$parityd" 'command_args="--address :: --port 80 --version-file /etc/version"' \
	command_background=yes 'retry=TERM/5/KILL/5'
want_rc 0 rc-service legacy start
want "it answers" eventually 20 fetch 80
want_rc 10 twinctl adopt legacy --as web
want_out "*legacy is reached by IPv6 on ?::?:80, and web.0 does not listen on ?::1?:8080*legacy serves on, web is stopped"
untouched
sed -i 's/--address :: //' /etc/init.d/legacy
want_rc 0 rc-service legacy restart
want "it answers" eventually 20 fetch 80

it "somebody else at the pair is waited for, or named"
flock -n /run/twin/web/adopting sleep 3 &
want_rc 13 twinctl adopt legacy --as web
want_out "*another twinctl is at it: web adopts a service"
wait $!
untouched

it "it takes the place of the service, and no client notices"
want_rc 0 rc-service dependent start
depended=$(cat /run/dependent.pid)
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
want "the runlevel" [ -L /etc/runlevels/default/web ]
want_not "the old entry is left" [ -e /etc/runlevels/default/legacy ]
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

it "one that was interrupted says how far it came, and is gone on with"
want_rc 0 rc-service legacy start
want "the service answers" eventually 20 fetch 80
rc-update -q add legacy default
install_web web 8080 --public 80
"$load" --url "http://127.0.0.1:80/slow?ms=3000" --requests 2 --clients 2 --timeout 30000 \
	--expect version= >/tmp/slow 2>&1 &
slow=$!
sleep 0.3
twinctl adopt legacy --as web >/tmp/adopt 2>&1 &
pid=$!
want "the port is switched" eventually 20 "$load" --url http://127.0.0.1:80/ --requests 1 --expect twin=web
kill -TERM "$pid"
wait "$pid"
want "it exits with 143" [ $? = 143 ]
out=$(cat /tmp/adopt)
want_out "*interrupted by SIGTERM
web has the new connections, and legacy is not stopped yet: the same command goes on"
want "legacy is started" started legacy
mount -t tmpfs tmpfs /etc/runlevels/default
cp -a /tmp/kept/. /etc/runlevels/default 2>/dev/null
ln -s /etc/init.d/legacy /etc/runlevels/default/legacy
mount -o remount,ro /etc/runlevels/default
want_rc 1 twinctl adopt legacy --as web
want_out "*Read-only file system
web serves, legacy is stopped, and the runlevels are not changed yet: the same command goes on"
want "the slow ones were answered" wait "$slow"
umount /etc/runlevels/default
want_rc 0 twinctl adopt legacy --as web
want "the runlevel" [ -L /etc/runlevels/default/web ]
if [ "$SUPERVISOR" = start-stop-daemon ]; then
	pkill -KILL -fx "$parityd --port 808[01] .*"
	want "the pair has crashed" eventually 20 sh -c '! ss -Hltn | grep -q 808'
fi
want_rc 0 twinctl adopt legacy --as web
want_out "*nothing to do: it serves in the place of legacy*"
want "it answers" fetch 80
remove_web web

it "processes that share a listener, whose parent has none, are all waited for"
cat >/usr/local/bin/prefork.pl <<'END'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Listen => 64, LocalAddr => "127.0.0.1:80", ReuseAddr => 1) or die;
for (1 .. 2) {
	next if fork;
	while (my $c = $s->accept) {
		sysread $c, my $request, 4096;
		sleep 2;
		syswrite $c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nversion=p\n";
		close $c;
	}
}
close $s;
$SIG{TERM} = sub { kill TERM => -$$; exit };
setpgrp;
sleep 1000 while 1;
END
add_packaged pre.fork command=/usr/bin/perl command_args=/usr/local/bin/prefork.pl command_background=yes
want_rc 0 rc-service pre.fork start
want "it listens" eventually 20 sh -c 'ss -Hltn | grep -q :80'
install_web web 8080 --public 80
"$load" --url http://127.0.0.1:80/ --requests 2 --clients 2 --timeout 30000 --expect version=p >/tmp/slow 2>&1 &
slow=$!
sleep 0.5
want_rc 0 twinctl adopt pre.fork --as web
want "both were answered" wait "$slow"
pkill -f prefork.pl
remove_web web

it "one that was killed is gone on with"
for ms in ${KILLS:-50 150 300 600 1000}; do
	rc-service legacy start >/dev/null 2>&1
	want "the service answers" eventually 20 fetch 80
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
	want "the runlevel" [ -L /etc/runlevels/default/web ]
	want_not "the old entry is left" [ -e /etc/runlevels/default/legacy ]
	remove_web web
done

it "one that was killed when the service had closed its listener, too"
sed -i 's/--port 80 /--port 80 --misbehave close-first /' /etc/init.d/legacy
want_rc 0 rc-service legacy start
want "the service answers" eventually 20 fetch 80
install_web web 8080 --public 80
"$load" --url "http://127.0.0.1:80/slow?ms=2500" --requests 2 --clients 2 --timeout 30000 \
	--expect version= >/tmp/slow 2>&1 &
slow=$!
sleep 0.3
twinctl -q adopt legacy --as web --signal HUP >/dev/null 2>&1 &
pid=$!
want "the service has closed it" eventually 20 sh -c '! ss -Hltn | grep -q ":80 "'
kill -9 "$pid"
wait "$pid" 2>/dev/null
want_rc 0 twinctl adopt legacy --as web --signal HUP
want_out "*drain *stop    legacy*web: it serves in the place of legacy*"
want "the slow ones were answered" wait "$slow"
want_not "legacy is started" started legacy
remove_web web

it "nginx ends by QUIT"
cat >/etc/nginx/packaged.conf <<'END'
worker_processes 2;
pid /run/nginx.pid;
error_log /tmp/nginx-packaged.log notice;
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
		-e "s/\[::\]:80/[::1]:$((8080 + parity))/" -e 's/version=packaged/version=twin/' -e '/^error_log/d' \
		/etc/nginx/packaged.conf >"/etc/nginx/twin.$parity.conf"
done
add_packaged nginx command=/usr/sbin/nginx 'command_args="-c /etc/nginx/packaged.conf"'
# It keeps what it is given as its output open.
rc-service nginx start >/dev/null 2>&1
want "it answers" eventually 20 fetch 80
twinctl -q install web --command nginx --args '-c /etc/nginx/twin.{parity}.conf' --port 8080 \
	--public 80 --set twin_hup=QUIT --set "supervisor=$SUPERVISOR"
judge_begins 80
sed -i 's/listen 80;/listen 80; listen 443;/' /etc/nginx/packaged.conf
nginx -c /etc/nginx/packaged.conf -s reload
want "it listens" eventually 20 sh -c 'ss -ltn | grep -q ":443 "'
want_rc 2 twinctl adopt nginx --as web --signal QUIT
want_out "*nginx listens on *443, and twin_public of web is 80: *"
sed -i 's/ listen 443;//' /etc/nginx/packaged.conf
nginx -c /etc/nginx/packaged.conf -s reload
want_not "it still listens" sh -c 'sleep 0.5; ss -ltn | grep ":443 "'
want_rc 0 twinctl adopt nginx --as web --signal QUIT
want_out "*signal  QUIT to pid *"
judge_ends
want "it was QUIT that ended it" grep -q 'signal 3 (SIGQUIT) received' /tmp/nginx-packaged.log
want "the pair answers" "$load" --url http://127.0.0.1:80/ --requests 20 --expect version=twin
want "by IPv6, too" "$load" --url "http://[::1]:80/" --requests 20 --expect version=twin
want "one master is left" [ "$(pgrep -fc 'nginx: master')" = 1 ]
want_rc 0 twinctl swap web
remove_web web

finish
