#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# What goes wrong around a public port: crashes beside a rehearsal and a twin left draining, locks
# held by strangers, services that are busy or take their socket's file with them.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# install_at ENDPOINT [WORD...]
install_at() {
	local endpoint=$1
	shift
	install_web web 8080 --set twin_public=80 --set twin_endpoint="$endpoint" --set twin_listen_fds=yes "$@"
}

answers() { want "the port answers" eventually 20 fetch 80; }

for endpoint in steer inherit; do
	it "$endpoint: the new twin crashes while the old one is left draining"
	install_at "$endpoint" --set respawn_max=0
	echo exit-after-hup >/etc/bad.web.0
	want_rc 0 rc-service web start
	"$load" --url 'http://127.0.0.1:80/slow?ms=900' --requests 1 --clients 1 --timeout 9000 >/tmp/slow 2>&1 &
	slow=$!
	sleep 0.3
	want_rc 0 twinctl swap web --leave-draining --drain-timeout 600
	want "the slow request was answered" wait "$slow"
	# Under a supervisor the old twin's place is taken by one that only waits.
	sleep 0.3
	kill -9 "$(recorded_pid web.1)"
	[ "$SUPERVISOR" = supervise-daemon ] || want_rc 0 twinctl start web
	answers
	want_rc 0 twinctl status web
	want_out "*web: started, $endpoint on 80*"
	rm /etc/bad.web.0
	want_rc 0 twinctl swap web
	remove_web web

	it "$endpoint: the active twin crashes during a rehearsal"
	install_at "$endpoint"
	want_rc 0 rc-service web start
	twinctl rehearse web >/tmp/rehearsal 2>&1 &
	rehearsal=$!
	want "it is under way" eventually 20 fetch 8081
	kill -9 "$(recorded_pid web.0)"
	if [ "$SUPERVISOR" = supervise-daemon ]; then
		answers
	fi
	wait "$rehearsal"
	want_rc 3 rc-service web.1 status
	want_rc 0 twinctl start web
	answers
	want_rc 0 twinctl swap web
	remove_web web

	it "$endpoint: the mark of a rehearsal that was killed makes no other twin one"
	install_at "$endpoint"
	want_rc 0 rc-service web start
	twinctl rehearse web >/tmp/rehearsal 2>&1 &
	rehearsal=$!
	want "it is under way" eventually 20 fetch 8081
	kill -9 "$rehearsal"
	wait "$rehearsal" 2>/dev/null
	kill -9 "$(recorded_pid web.0)"
	[ "$SUPERVISOR" = supervise-daemon ] || want_rc 0 twinctl start web
	answers
	want_rc 0 twinctl swap web
	want_not "a mark is left" [ -e /run/twin/web/1.rehearsal ]
	answers
	remove_web web
done

it "a stop of the pair ends a twin that was left draining, and a start starts it again"
install_at steer
want_rc 0 rc-service web start
"$load" --url 'http://127.0.0.1:80/slow?ms=20000' --requests 1 --clients 1 --timeout 30000 >/dev/null 2>&1 &
sleep 0.3
want_rc 0 twinctl swap web --leave-draining
want_rc 0 rc-service web stop
want_rc 3 twinctl status web
want_rc 0 twinctl start web
answers
remove_web web

it "nobody but root can hold up the steering"
install_at steer
want_rc 0 rc-service web start
for file in /run/twin /run/twin/.bpf /run/twin/.bpf.lock /run/twin/web /run/twin/web/lock; do
	setpriv --reuid=65534 --clear-groups flock -x "$file" sleep 60 2>/dev/null &
done
sleep 0.2
want_rc 0 twinctl swap web
answers
pkill -f 'sleep 60'

it "a pair that was zapped leaves no pin behind when it is uninstalled"
kill -9 "$(recorded_pid "web.$(active_of web)")"
[ "$SUPERVISOR" != supervise-daemon ] || kill -9 "$(cat "/run/twin/web/$(active_of web).pid")"
sleep 0.1
pkill -9 -x parityd
rc-service web.0 zap >/dev/null 2>&1
rc-service web.1 zap >/dev/null 2>&1
rc-service web zap >/dev/null 2>&1
want_rc 0 twinctl uninstall web --purge
want_not "a pin is left" [ -e /run/twin/.bpf ]

it "inherit with twin_hup=no is refused, for it would cut everybody"
install_at inherit --set twin_hup=no
want_rc 0 rc-service web start
want_rc 2 twinctl swap web
want_out "*web.0 would not be hung up (twin_hup=no)*"
remove_web web

it "inherit: a Unix socket's file that the old twin takes with it is put back"
cat >/usr/local/bin/tidy <<'END'
#!/bin/sh
# Removes the file of its socket when it ends, as if it were its own.
"$@" &
child=$!
trap 'kill $child; wait $child; rm -f /run/web.sock; exit 0' TERM
trap 'kill -HUP $child' HUP
while kill -0 $child 2>/dev/null; do wait $child; done
END
chmod 755 /usr/local/bin/tidy
twinctl -q install web --command /usr/local/bin/tidy --port 8080 --set twin_public=unix:/run/web.sock \
	--args "$parityd --fd main,{fd:main} --port {port} --version-file /etc/version" \
	--set twin_endpoint=inherit --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
want_rc 0 twinctl swap web
want_rc 0 "$load" --unix /run/web.sock --url http://localhost/ --requests 5 --expect twin=web.1
want_not "a second name is left" [ -e /run/web.sock.kept ]
remove_web web

it "inherit: a twin that ends outside of any command does not take the socket's file along"
twinctl -q install web --command /usr/local/bin/tidy --port 8080 --set twin_public=unix:/run/web.sock \
	--args "$parityd --fd main,{fd:main} --port {port} --version-file /etc/version" \
	--set twin_endpoint=inherit --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
inode=$(ss -Hlxe | awk '$5 == "/run/web.sock" { print $6 }')
holders() { find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | cut -d/ -f3 | sort -u; }
want "somebody holds the listener" [ -n "$(holders)" ]
for pid in $(holders); do
	want_not "pid $pid of twin-exec holds the listener, too" grep -q twin-exec "/proc/$pid/comm"
done
want_rc 0 rc-service web.1 zap start
want "both serve" eventually 20 fetch 8081
ending=$(recorded_pid web.0)
kill -TERM "$ending"
want "it ends" eventually 20 sh -c '! kill -0 "$1" 2>/dev/null' - "$ending"
want "web.1 is reached" eventually 20 "$load" --unix /run/web.sock --url http://localhost/ --requests 20 --expect version=
want_rc 0 twinctl swap web
remove_web web
want_not "a second name is left" sh -c 'ls /run/web.sock.* 2>/dev/null'

it "inherit: a socket that only looks like ours is passed over"
setpriv --reuid=65534 --clear-groups perl -MIO::Socket::UNIX -e '
	mkdir "/tmp/e "; mkdir "/tmp/e /run";
	$s = IO::Socket::UNIX->new(Local => "/tmp/e /run/web.sock", Listen => 5) or die $!; sleep 60' &
stranger=$!
want "he listens" eventually 20 [ -e '/tmp/e /run/web.sock' ]
twinctl -q install web --command "$parityd" --port 8080 --set twin_public=unix:/run/web.sock \
	--args '--fd main,{fd:main} --port {port} --version-file /etc/version' \
	--set twin_endpoint=inherit --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
want_rc 0 twinctl swap web
kill "$stranger"
remove_web web

it "steer: the public port follows a listener that was opened anew, or status names it and start mends it"
cat >/usr/local/bin/reopening <<'END'
#!/usr/bin/perl
use IO::Socket::INET;
my $port = shift;
my $open = sub {
	IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 50, ReuseAddr => 1) or die $!;
};
my $s = $open->();
my $opened = 1;
$SIG{USR1} = sub { close $s; $s = $open->(); $opened++ };
$SIG{HUP} = sub { close $s; sleep 1000 };
for (;;) {
	my $c = $s->accept or next;
	sysread $c, my $request, 4096;
	print $c "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nversion=$opened";
	close $c;
}
END
chmod 755 /usr/local/bin/reopening
twinctl -q install web --command /usr/local/bin/reopening --port 127.0.0.1:8080 --args '{port}' \
	--set twin_public=80 --set "supervisor=$SUPERVISOR"
want_rc 0 rc-service web start
answers
kill -USR1 "$(recorded_pid web.0)"
want "the public port follows it" eventually 20 sh -c "$load --url http://127.0.0.1:80/ --requests 1 --expect version=2"
want_rc 0 twinctl status web
want_out "web: started*active*"
# Without the process that follows it is for the next command.
pkill -9 -x twin-exec
kill -USR1 "$(recorded_pid web.0)"
want "it listens anew" eventually 20 sh -c "$load --url http://127.0.0.1:8080/ --requests 1 --expect version=3"
want_not "the port answers" fetch 80
want_rc 0 twinctl status web
want_out "*80 does not lead to the active twin: *twinctl start web* mends that*"
want_rc 0 twinctl start web
want_out "*the public port leads to web.0 again*"
answers
want_rc 0 twinctl swap web
answers
remove_web web

it "twin_guard=off lets a stop through when twin_switch fails"
install_web web 8080 --set twin_guard=off --set twin_switch=false
want_rc 0 rc-service web start
want_rc 0 rc-service web.1 zap start
want "both serve" eventually 20 fetch 8081
want_rc 0 rc-service web.0 stop
want_out "*warning: twin_switch failed*"
remove_web web

it "twin_switch is told the ports that each twin was started with"
install_web web 8080
echo 'twin_switch="echo \$TWIN_FROM:\$TWIN_FROM_PORT \$TWIN_TO:\$TWIN_TO_PORT >>/tmp/told"' >>/etc/conf.d/web
want_rc 0 rc-service web start
sed -i 's/^twin_ports=.*/twin_ports=9090/' /etc/conf.d/web
want_rc 0 twinctl swap web
out=$(cat /tmp/told)
want_out "web.0:8080 web.1:9091"
rm /tmp/told
sed -i 's/^twin_ports=.*/twin_ports=7070/' /etc/conf.d/web
want_rc 0 rc-service web.0 zap start
want "both serve" eventually 20 fetch 7070
want_rc 0 rc-service web.1 hup
out=$(cat /tmp/told)
want_out "web.1:9091 web.0:7070"
remove_web web

finish
