#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# One public port before the pair, steered or inherited: through swaps, crashes, stops by hand,
# another network namespace, and gone with the pair.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

pins=/run/twin/.bpf

# install_at ENDPOINT PUBLIC [WORD...]
install_at() {
	local endpoint=$1 public=$2
	shift 2
	if [ "$endpoint" = inherit ]; then
		twinctl -q install web --command "$parityd" --port 8080 \
			--args '--version-file /etc/version --misbehave-file /etc/bad.{name}.{parity}' \
			--set twin_listen_fds=yes --set twin_public="$public" --set twin_endpoint=inherit \
			--set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout" --set "twin_drain_timeout=$drain_timeout" "$@"
	else
		install_web web 8080 --set twin_public="$public" --set twin_endpoint="$endpoint" "$@"
	fi
}

# under_load COMMAND...: clients of the public port that count, while COMMAND runs.
under_load() {
	rm -f /tmp/enough
	"$load" --url http://127.0.0.1:80/ --rate 300 --clients 16 --seconds 100 \
		--until-file /tmp/enough --expect version= >/tmp/load 2>&1 &
	local client=$!
	sleep 0.3
	"$@"
	sleep 0.3
	touch /tmp/enough
	wait "$client" || {
		out=$(cat /tmp/load)
		complain "requests were lost: $*"
	}
}

swaps() {
	local round=0
	while [ "$round" -lt "$1" ]; do
		round=$((round + 1))
		want_rc 0 twinctl swap web
	done
}

for endpoint in steer inherit; do
	it "$endpoint: the public port leads to the pair, and ten swaps lose nothing"
	install_at "$endpoint" 80
	want_rc 0 rc-service web start
	want "the public port answers as soon as the pair is started" fetch 80
	want_rc 0 twinctl status web
	want_out "web: started, $endpoint on 80*"
	under_load swaps 10
	want_rc 0 twinctl check web

	it "$endpoint: the active twin's stop by hand moves the clients first"
	active=$(active_of web)
	rc-service "web.$((1 - active))" zap start >/dev/null 2>&1
	want "both are up" eventually 20 fetch $((8080 + 1 - active))
	sleep 0.2
	under_load rc-service "web.$active" hup
	under_load rc-service "web.$active" stop
	want "it is the other one's" [ "$(active_of web)" = $((1 - active)) ]
	want "the port answers" fetch 80
	want_rc 1 rc-service "web.$((1 - active))" stop

	it "$endpoint: a crashed active twin is back behind the public port"
	kill -9 "$(recorded_pid "web.$(active_of web)")"
	if [ "$SUPERVISOR" != supervise-daemon ]; then
		want "it is dead" eventually 20 sh -c '! pgrep -x parityd'
		want_rc 0 twinctl start web
	fi
	want "the port answers again" eventually 20 fetch 80
	want_rc 0 twinctl swap web
	want "and after a swap" fetch 80

	it "$endpoint: nothing is left of a stopped pair"
	want_rc 0 rc-service web stop
	want_not "the port answers" fetch 80
	want_not "a pin is left" [ -e "$pins" ]
	want_not "a file system is left mounted" grep -q "$pins" /proc/mounts
	want_rc 0 rc-service web start
	want "the port answers again" fetch 80
	rc-service web stop >/dev/null
	want_rc 0 twinctl uninstall web --purge
	want_not "anything is left under /run/twin" [ -e /run/twin/web ]
done

it "steer: two addresses, two families, two ports"
twinctl -q install web --command "$parityd" --port '[::]:8080' \
	--args '--port {port} --address :: --version-file /etc/version' \
	--set twin_public=80 --set "supervisor=$SUPERVISOR"
want_rc 0 rc-service web start
want_rc 0 "$load" --url 'http://[::1]:80/' --requests 1 --expect version=
want_rc 0 "$load" --url 'http://127.0.0.1:80/' --requests 1 --expect version=
want_rc 0 twinctl swap web
want_rc 0 "$load" --url 'http://[::1]:80/' --requests 1 --expect twin=web.1
want_rc 0 "$load" --url 'http://127.0.0.1:80/' --requests 1 --expect twin=web.1
remove_web web

it "steer: a new version that clients by IPv6 could not reach is no new version"
twinctl -q install web --command "$parityd" --port 8080 --args '--address :: --port {port} --version-file /etc/version' \
	--public 80 --set twin_endpoint=steer --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
sed -i 's/--address ::/--address 127.0.0.1/' /etc/conf.d/web
want_rc 10 twinctl swap web
want_out "*web.0 takes connections to 80 by IPv6, and web.1 does not; *web.0 serves on, web.1 is stopped"
want "IPv6 is answered" "$load" --url "http://[::1]:80/" --requests 20 --expect twin=web.0
want "IPv4, too" "$load" --url http://127.0.0.1:80/ --requests 20 --expect twin=web.0
sed -i 's/--address 127.0.0.1/--address ::/' /etc/conf.d/web
want_rc 0 twinctl swap web
want "IPv6 is answered" "$load" --url "http://[::1]:80/" --requests 20 --expect twin=web.1
remove_web web

it "inherit: several sockets, Unix too, by descriptors in the arguments"
twinctl -q install web --command "$parityd" --port 8080 \
	--args '--fd http,{fd:http} --fd api,{fd:api} --port {port} --version-file /etc/version' \
	--set 'twin_public=http=127.0.0.1:80 api=unix:/run/web.sock' --set twin_endpoint=inherit \
	--set "supervisor=$SUPERVISOR" --user nobody
want_rc 0 rc-service web start
for round in 1 2 3; do
	want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 1 --expect version=
	want_rc 0 "$load" --unix /run/web.sock --url http://localhost/ --requests 1 --expect version=
	want_rc 0 fetch $((8080 + $(active_of web)))
	want_rc 0 twinctl swap web
done
out=$(grep '^Uid:' "/proc/$(recorded_pid "web.$(active_of web)")/status")
want_out "Uid:	65534	*"
want_rc 0 rc-service web stop
want_not "the Unix socket is left" [ -e /run/web.sock ]
remove_web web

it "inherit: a listener that the old twin shut down is mended at once, and reported"
install_at inherit 80
want_rc 0 rc-service web start
echo shutdown-listener >/etc/bad.web.0
want_rc 0 rc-service web restart
want_rc 0 twinctl swap web
want_out "*web.0 shut down the listener on 80*listens again*"
want "the port answers" fetch 80
rm /etc/bad.web.0
remove_web web

it "steer: a sick new version never sees a client"
install_at steer 80 --set twin_ready=http:/health
want_rc 0 rc-service web start
echo unhealthy >/etc/bad.web.1
sick() {
	want_rc 10 twinctl swap web
	want_out "*GET /health on port 8081: HTTP/1.1 503*web.0 serves on*"
}
under_load sick
want_not "it has answered anybody" grep -q web.1 /tmp/load
rm /etc/bad.web.1
remove_web web

# slow_requests PORT: four of them are under way, in $slow.
slow_requests() {
	"$load" --url "http://127.0.0.1:$1/slow?ms=1500" --requests 4 --clients 4 --expect version= >/tmp/slow 2>&1 &
	slow=$!
	want "they are under way" eventually 20 four_open_at "$1"
}
four_open_at() { [ "$(ss -Htn state established "sport = :$1" | wc -l)" -ge 4 ]; }

for habit in die-of-hup cut-open; do
	it "twin_hup=auto: a service that would hurt its clients on SIGHUP is drained from outside ($habit)"
	install_at steer 80 --set twin_hup=auto
	echo "$habit" >/etc/bad.web.0
	want_rc 0 rc-service web start
	slow_requests 80
	want_rc 0 twinctl swap web
	want "slow requests were answered" wait "$slow"
	rm /etc/bad.web.0
	remove_web web
done

it "twin_hup=auto: one that a rehearsal has seen finish its requests is hung up, until its configuration changes"
install_at steer 80 --set twin_hup=auto
want_rc 0 rc-service web start
want_rc 0 twinctl swap web --dry-run
want_out "*do not hang web.0 up: *twinctl rehearse web*"
echo cut-open >/etc/bad.web.1
want_rc 0 twinctl rehearse web
want_out "*untested: finishes-open: it cut a connection*a swap does not hang it up*"
want_rc 0 twinctl swap web --dry-run
want_out "*do not hang web.0 up*"
rm /etc/bad.web.1
want_rc 0 twinctl rehearse web
want_rc 0 twinctl swap web --dry-run
want_out "*rc-service web.0 hup*"
slow_requests 80
want_rc 0 twinctl -v swap web
want_out "*rc-service web.0 hup*"
want "slow requests were answered" wait "$slow"
echo '# another' >>/etc/conf.d/web
want_rc 0 twinctl swap web
want_rc 0 twinctl swap web --dry-run
want_out "*do not hang web.0 up*"
remove_web web

for endpoint in direct inherit; do
	it "$endpoint: what a hang-up cuts is counted"
	port=80
	[ "$endpoint" = inherit ] || port=8080
	if [ "$endpoint" = inherit ]; then install_at inherit 80; else install_web web 8080; fi
	echo cut-open >/etc/bad.web.0
	want_rc 0 rc-service web start
	slow_requests "$port"
	want_rc 11 twinctl swap web
	want_out "*web.1 is active; when it was hung up, web.0 left 4 requests unanswered*"
	wait "$slow"
	want_rc 0 twinctl swap web --json
	want_out '*"connections_cut":0*'
	rm /etc/bad.web.0
	remove_web web
done

it "inherit: a service that takes SIGHUP by sigwait is hung up, one that ignores it is refused"
cat >/usr/local/bin/waiting <<'END'
#!/usr/bin/python3
import os, select, signal, socket, sys, threading
if os.path.exists("/etc/ignores"):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
else:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
hung_up = threading.Event()
threading.Thread(target=lambda: (signal.sigwait({signal.SIGHUP}), hung_up.set()), daemon=True).start()
listener = socket.socket(fileno=3)
listener.setblocking(False)
while not hung_up.is_set():
    if not select.select([listener], [], [], 0.05)[0]:
        continue
    try:
        client, _ = listener.accept()
    except BlockingIOError:
        continue
    client.setblocking(True)
    client.recv(4096)
    text = b"version=1 twin=" + os.environ["TWIN_NAME"].encode()
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(text), text))
    client.close()
listener.close()
signal.pause()
END
chmod 755 /usr/local/bin/waiting
twinctl -q install web --command /usr/local/bin/waiting --set twin_listen_fds=yes --set twin_public=80 \
	--set twin_endpoint=inherit --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
under_load want_rc 0 twinctl swap web
touch /etc/ignores
want_rc 0 twinctl swap web
want_rc 2 twinctl swap web
want_out "twinctl: web.0 ignores SIGHUP and would go on as before: set twin_hup *"
rm /etc/ignores
remove_web web

it "an endpoint that cannot be had is refused before anything is touched"
install_web web 8080
want_rc 2 twinctl install other --port 9090 --set twin_public=80 --set twin_endpoint=inherit
want_out "*twin_endpoint: inherit needs a service that is handed its sockets*"
want_rc 0 rc-service web start
echo 'twin_public=80' >>/etc/conf.d/web
want_rc 2 twinctl swap web
want_out "*the running twin has endpoint direct, the configuration says steer on 80*restart*"
want_rc 2 twinctl check web
remove_web web

it "a public port that somebody else has is not taken from him"
"$parityd" --port 80 --version-name other &
other=$!
want "he serves" eventually 20 fetch 80
for endpoint in steer inherit; do
	install_at "$endpoint" 80
	want_rc 1 rc-service web start
	want_out "*public port 80 is taken by pid*"
	remove_web web
done
want "he serves on" fetch 80
kill "$other"
wait "$other" 2>/dev/null

it "steer: another network namespace cannot swap it"
install_at steer 80
want_rc 0 rc-service web start
want_rc 2 unshare --net twinctl swap web
want_out "*network namespace*"
want "the port answers" fetch 80
remove_web web

it "steer: without BPF it says so, and what else there is"
install_at steer 80
want_rc 1 setpriv --bounding-set -bpf,-sys_admin,-perfmon,-net_admin --inh-caps -bpf,-sys_admin,-perfmon,-net_admin rc-service web start
want_out "*steer cannot be had*HAProxy*"
remove_web web

finish
