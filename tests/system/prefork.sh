#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2016,SC2154
#
# A master that listens before its workers have loaded the application, and that waits for other things than clients
# itself, as gunicorn, uwsgi and unicorn do.

# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

needs python3 "Python"
: "${ENDPOINT:=steer}"

# A worker takes two seconds to load /srv/app. The master sleeps in select(2), on a pipe of its own; or it looks for
# clients from time to time, and never waits for one.
cat >/srv/master.py <<-'END'
	import os, select, signal, socket, sys, time
	if "LISTEN_FDS" in os.environ:
	    s = socket.socket(fileno=3)
	else:
	    s = socket.socket()
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	    s.bind(("127.0.0.1", int(os.environ["TWIN_PORT"])))
	    s.listen(128)
	def answer(c):
	    c.settimeout(2)
	    c.recv(1000)
	    body = b"twin=%s version=%s\n" % (os.environ["TWIN_NAME"].encode(), open("/etc/version", "rb").read().strip())
	    c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
	    c.close()
	def serve():
	    # Told to end, it finishes what it is at.
	    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
	    s.setblocking(False)
	    while signal.SIGTERM not in signal.sigpending():
	        if select.select([s], [], [], 0.05)[0]:
	            try:
	                c, _ = s.accept()
	            except BlockingIOError:
	                continue
	            c.setblocking(True)
	            answer(c)
	    os._exit(0)
	def look_now_and_then():
	    s.setblocking(False)
	    while True:
	        time.sleep(0.05)
	        try:
	            c, _ = s.accept()
	        except BlockingIOError:
	            continue
	        c.setblocking(True)
	        answer(c)
	worker = 0
	def end(*_):
	    if worker:
	        os.kill(worker, signal.SIGTERM)
	        os.waitpid(worker, 0)
	    os._exit(0)
	signal.signal(signal.SIGTERM, end)
	app = open("/srv/app").read()
	if "poll" in app:
	    look_now_and_then()
	worker = os.fork()
	if worker == 0:
	    signal.signal(signal.SIGTERM, signal.SIG_DFL)
	    time.sleep(2)
	    if "bad" in app:
	        os._exit(3)
	    serve()
	r, w = os.pipe()
	while True:
	    select.select([r], [], [], 0.2)
	    if os.waitpid(worker, os.WNOHANG)[0]:
	        sys.exit("worker failed to boot")
END

install_prefork() {
	set -- --command python3 --args /srv/master.py --public 80 --set "supervisor=$SUPERVISOR" --set twin_hup=TERM \
		--set "twin_endpoint=$ENDPOINT" --set respawn_max=1
	if [ "$ENDPOINT" = inherit ]; then
		set -- "$@" --set twin_listen_fds=yes
	else
		set -- "$@" --port 127.0.0.1:8080
	fi
	twinctl -q install web "$@"
}

echo good >/srv/app
install_prefork
want_rc 0 twinctl start web

it "a healthy one swaps when its worker takes connections, and no client waits for that"
want "it serves" eventually 20 fetch 80
judge_begins 80
sleep 0.5
want_rc 0 twinctl swap web
judge_ends
want "no client waited as long as the application takes to load" \
	sh -c 'sed -n "s/.* max \([0-9]*\).*/\1/p" /tmp/judge | head -n 1 | { read -r most && [ "$most" -lt 1500 ]; }'

it "one whose application cannot be loaded is no new twin"
echo bad >/srv/app
active=$(active_of web)
judge_begins 80
want_rc 10 twinctl swap web --ready-timeout 20
want_out "*web.$((1 - active)) ended before it was ready*web.$active serves on*"
judge_ends
echo good >/srv/app

if [ "$ENDPOINT" = steer ]; then
	it "one that never waits for a client, and takes whoever comes, is a twin"
	echo poll >/srv/app
	want_rc 0 twinctl swap web
	want "it serves" eventually 20 fetch 80
	echo good >/srv/app
	want_rc 0 twinctl swap web
fi
remove_web web

if [ "$ENDPOINT" = inherit ]; then
	it "a worker that outlives its old master, and would go on taking clients, is ended and named"
	cat >/srv/master.py <<-'END'
		import os, signal, socket
		s = socket.socket(fileno=3)
		version = open("/etc/version", "rb").read()
		if os.fork() == 0:
		    for number in (signal.SIGTERM, signal.SIGHUP):
		        signal.signal(number, signal.SIG_IGN)
		    s.setblocking(True)
		    while True:
		        c, _ = s.accept()
		        c.recv(1000)
		        c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\nversion=%s" % (8 + len(version), version))
		        c.close()
		signal.signal(signal.SIGHUP, lambda *_: s.close())
		signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
		while True:
		    signal.pause()
	END
	install_prefork
	sed -i 's/^twin_hup=.*/twin_hup=HUP/' /etc/conf.d/web
	want_rc 0 twinctl start web
	echo 2 >/etc/version
	want_rc 0 twinctl swap web
	want_out "*warning: web.0 left pid * (python3) behind, which still took connections: ended*"
	for request in 1 2 3 4 5 6 7 8 9 10; do
		"$load" --url http://127.0.0.1:80/ --requests 1 --clients 1 --timeout 2000 --expect version=2 >/dev/null ||
			complain "the old version answers"
	done
	remove_web web
fi

finish
