#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Servers that nobody here wrote, each as a pair on one public port, with the settings that the
# README gives for it: swapped twenty times under load.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

here=/src/tests/system/servers
swaps=20

# has SERVER PROGRAM...: whether all of them are here; else SERVER is skipped.
has() {
	local server=$1 program
	shift
	end_case
	for program; do
		command -v "$program" >/dev/null 2>&1 && continue
		skipped=$((skipped + 1))
		printf 'skip - %s: %s is not here\n' "$server" "$program"
		return 1
	done
}

# pair NAME PUBLIC WORD...: installs and starts it.
pair() {
	local name=$1 public=$2
	shift 2
	twinctl -q install "$name" --set "twin_public=$public" --set "supervisor=$SUPERVISOR" "$@" ||
		complain "$name cannot be installed"
	want_rc 0 rc-service "$name" start
}

# send NAME COMMAND...: clients in the background until swap_all ends; COMMAND ends when
# /tmp/enough is there, prints what it sent in its first line, and fails where something was lost.
senders=
send() {
	local name=$1
	shift
	rm -f /tmp/enough
	"$@" >"/tmp/sent.$name" 2>&1 &
	senders="$senders $name:$!"
}

# http NAME URL [OPTION...]
http() {
	local name=$1 url=$2
	shift 2
	send "$name" "$load" --url "$url" --rate 400 --clients 8 --seconds 100 --until-file /tmp/enough "$@"
}

swap_all() {
	local name=$1 done=0 sender
	sleep 0.3
	while [ "$done" -lt "$swaps" ] && [ -z "$case_failed" ]; do
		want_rc 0 twinctl swap "$name"
		done=$((done + 1))
	done
	sleep 0.3
	touch /tmp/enough
	for sender in $senders; do
		if wait "${sender#*:}"; then
			printf '# %s of %s swaps, %s, %s: %s\n' "$done" "$swaps" "$name" "${sender%:*}" \
				"$(head -n 1 "/tmp/sent.${sender%:*}")"
		else
			out=$(cat "/tmp/sent.${sender%:*}")
			complain "something was lost: ${sender%:*}"
		fi
	done
	senders=
	want_rc 0 twinctl check "$name"
}

# leaves_nothing NAME PATTERN: the pair is stopped, no process fits the pattern, and no trace is left.
leaves_nothing() {
	want "the pattern fits what runs" pgrep -f "$2"
	want_rc 0 rc-service "$1" stop
	want_not "a process is left" pgrep -f "$2"
	want_not "a pin is left" [ -e /run/twin/.bpf ]
	want_rc 0 twinctl -q uninstall "$1" --purge
	want_not "anything is left under /run/twin" [ -e "/run/twin/$1" ]
}

# configure_nginx [LINE]: a file for each twin.
configure_nginx() {
	local parity
	for parity in 0 1; do
		cat >"/etc/nginx/twin.$parity.conf" <<-END
			daemon off;
			worker_processes 2;
			pid /run/nginx.$parity.pid;
			events { worker_connections 1024; }
			http {
				access_log off;
				${1:-}
				server {
					listen 127.0.0.1:$((8080 + parity));
					location / { return 200 "version=nginx.$parity\n"; }
				}
			}
		END
	done
}

# nginx_pair HUP
nginx_pair() {
	pair web 80 --command nginx --args '-c /etc/nginx/twin.{parity}.conf' --port 127.0.0.1:8080 \
		--set 'twin_check=nginx -t -c /etc/nginx/twin.$TWIN_PARITY.conf' \
		--set "twin_hup=$1"
}

with_nginx() {
	has nginx nginx || return 0
	it "nginx, steered, hung up by QUIT"
	configure_nginx
	nginx_pair QUIT
	http new http://127.0.0.1:80/ --expect version=nginx
	swap_all web
	leaves_nothing web 'nginx:'

	# QUIT cuts idle connections, with a request on its way.
	it "nginx, steered, drained from outside, with connections that are kept"
	configure_nginx 'keepalive_time 200ms; keepalive_timeout 2s;'
	nginx_pair no
	http new http://127.0.0.1:80/ --expect version=nginx
	http kept http://127.0.0.1:80/ --expect version=nginx --keep-alive
	swap_all web
	leaves_nothing web 'nginx:'
}

with_haproxy() {
	has haproxy haproxy || return 0
	"$parityd" --port 7000 --version-name back-end >/dev/null 2>&1 &
	back_end=$!
	cat >/etc/haproxy/twin.cfg <<-'END'
		defaults
			mode http
			timeout connect 5s
			timeout client 30s
			timeout server 30s
			option idle-close-on-response
		listen web
			bind "127.0.0.1:${TWIN_PORT}"
			server back-end 127.0.0.1:7000
	END
	it "HAProxy, steered, hung up by USR1"
	pair proxy 80 --command haproxy --args '-db -f /etc/haproxy/twin.cfg' --port 127.0.0.1:8080 --set twin_hup=USR1 \
		--set 'twin_check=haproxy -c -f /etc/haproxy/twin.cfg'
	http new http://127.0.0.1:80/ --expect version=
	http kept http://127.0.0.1:80/ --expect version= --keep-alive
	swap_all proxy
	leaves_nothing proxy 'haproxy -db'
	kill "$back_end"
	wait "$back_end" 2>/dev/null
}

with_redis() {
	has Redis redis-server || return 0
	it "Redis, steered, drained from outside"
	pair cache 6379 --command redis-server --port 127.0.0.1:6380 --user redis \
		--args '--bind 127.0.0.1 --port {port} --save "" --appendonly no' --set twin_drain_timeout=1
	send new perl "$here/redis.pl" 6379 4 1 /tmp/enough
	send pooled perl "$here/redis.pl" 6379 4 50 /tmp/enough
	swap_all cache

	it "Redis: a connection that its client never closes is cut, and counted"
	rm -f /tmp/enough
	perl "$here/redis.pl" 6379 1 0 /tmp/enough >/tmp/sent 2>&1 &
	sleep 0.3
	want_rc 11 twinctl swap cache
	want_out "*1 connection was cut*"
	touch /tmp/enough
	wait "$!"
	out=$(cat /tmp/sent)
	want_out "*lost 1, closed x 1"
	leaves_nothing cache redis-server
}

with_node() {
	has Node.js node || return 0
	it "Node.js, its listening socket inherited, hung up by HUP"
	pair app 80 --command node --args "$here/http.js" --port 127.0.0.1:8080 --set twin_endpoint=inherit \
		--set twin_listen_fds=yes
	http new http://127.0.0.1:80/ --expect version=app
	http kept http://127.0.0.1:80/ --expect version=app --keep-alive
	swap_all app
	leaves_nothing app "node $here"
}

with_python() {
	has "Python's http.server" python3 || return 0
	mkdir -p /srv/files
	echo version=python >/srv/files/index.html
	it "Python's http.server, steered, drained from outside"
	pair files 80 --command python3 --port 127.0.0.1:8080 \
		--args '-m http.server {port} --bind 127.0.0.1 --directory /srv/files'
	# Its queue holds no more than 5 connections.
	send new "$load" --url http://127.0.0.1:80/ --rate 400 --clients 4 --seconds 100 \
		--until-file /tmp/enough --expect version=python
	swap_all files
	leaves_nothing files 'python3 -m http.server'
}

# Logs in again and again.
log_in() {
	local sent=0 lost=0
	until [ -e /tmp/enough ]; do
		sent=$((sent + 1))
		[ "$(ssh -F /etc/ssh/client root echo hello)" = hello ] || lost=$((lost + 1))
	done
	printf 'sent %s, lost %s\n' "$sent" "$lost"
	[ "$lost" -eq 0 ]
}

with_sshd() {
	has sshd sshd ssh ssh-keygen || return 0
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/twin_host_key
	ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/client_key
	useradd -m -s /bin/sh -p '*' guest
	cat >/etc/ssh/twin_config <<-'END'
		ListenAddress 127.0.0.1
		HostKey /etc/ssh/twin_host_key
		AuthorizedKeysFile /etc/ssh/client_key.pub
		PidFile none
		UsePAM no
	END
	cat >/etc/ssh/client <<-'END'
		Host root guest
		HostName 127.0.0.1
		Port 22
		IdentityFile /etc/ssh/client_key
		BatchMode yes
		StrictHostKeyChecking no
		UserKnownHostsFile /dev/null
		LogLevel ERROR
		Match originalhost root
		User root
		Match originalhost guest
		User guest
	END
	it "sshd, steered, hung up by TERM, with sessions open"
	pair login 22 --command /usr/sbin/sshd --port 127.0.0.1:2222 \
		--args '-D -e -f /etc/ssh/twin_config -p {port}' --set twin_hup=TERM \
		--set 'twin_check=/usr/sbin/sshd -t -f /etc/ssh/twin_config'
	send root perl "$here/session.pl" 2 /tmp/enough ssh -F /etc/ssh/client root cat
	send guest perl "$here/session.pl" 2 /tmp/enough ssh -F /etc/ssh/client guest cat
	send logins1 log_in
	send logins2 log_in
	send logins3 log_in
	swap_all login

	it "sshd: sessions outlive the pair, and nothing else does"
	rm -f /tmp/enough
	perl "$here/session.pl" 2 /tmp/enough ssh -F /etc/ssh/client root cat >/tmp/sent 2>&1 &
	want "the sessions are there" eventually 20 sh -c '[ "$(pgrep -fc "^sshd-session: root@")" = 2 ]'
	want_rc 0 twinctl swap login
	want_rc 0 rc-service login stop
	want_not "a listener is left" pgrep -f /usr/sbin/sshd
	sleep 0.3
	touch /tmp/enough
	wait "$!" || {
		out=$(cat /tmp/sent)
		complain "a session has ended"
	}
	want_rc 0 rc-service login start
	leaves_nothing login sshd
}

if [ $# -gt 0 ]; then
	for server; do
		"with_$server"
	done
else
	with_nginx
	with_haproxy
	with_redis
	with_node
	with_python
	with_sshd
fi
finish
