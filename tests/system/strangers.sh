#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2016,SC2154
#
# What belongs to somebody else, what is not there, and what does not end.

# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

needs python3 "Python"

it "an address within the public port that somebody else has is not steered away from him"
mkdir /tmp/other
(cd /tmp/other && exec python3 -m http.server 80 --bind 127.0.0.2 >/dev/null 2>&1) &
other=$!
want "he listens" eventually 20 sh -c "ss -Hltn | grep -q 127.0.0.2:80"
install_web web 8080 --public 80 --set twin_endpoint=steer
want_rc 1 rc-service web start
want_out "*public port 80 is taken by pid $other (python3)*"
kill "$other"
wait "$other" 2>/dev/null
# As install itself would not.
install_web site 9080 --public 127.0.0.2:81 --set twin_endpoint=steer
sed -i 's/^twin_public=.*/twin_public=127.0.0.2:80/' /etc/conf.d/site
want_rc 0 rc-service site start
want_rc 1 rc-service web start
want_out "*public port 80 is taken by the pair site, which has 127.0.0.2:80*"
run twinctl check web
want_out "*public port 80 is steered by the pair site, which has 127.0.0.2:80, too*"
remove_web site
want_rc 0 rc-service web start
remove_web web

it "a Unix socket of the same name, in another mount namespace, is not the pair's"
twinctl -q install web --command "$parityd" --port 8080 --args '--version-file /etc/version' --public unix:/run/web.sock \
	--set "supervisor=$SUPERVISOR" --set twin_endpoint=inherit --set twin_listen_fds=yes
want_rc 0 rc-service web start
cat >/srv/listen.py <<-'END'
	import socket, time
	s = socket.socket(socket.AF_UNIX)
	s.bind("/run/web.sock")
	s.listen()
	time.sleep(600)
END
setpriv --reuid=12345 --regid=12345 --clear-groups unshare -Urm sh -c 'mount -t tmpfs x /run && exec python3 /srv/listen.py' &
want "he listens" eventually 20 sh -c '[ "$(ss -Hlx | grep -c /run/web.sock)" = 2 ]'
want_rc 0 twinctl status web
want_rc 0 twinctl swap web
want_rc 0 rc-service web stop
want_rc 0 rc-service web start
kill $!
remove_web web

it "what a refused check has started ends with it, whatever session it has begun"
mkdir -p /tmp/release
cp "$parityd" /tmp/release/webd
printf '%s\n' '#!/bin/sh' 'setsid sleep 4711 >/dev/null 2>&1 &' 'sleep 0.2' 'exit 1' >/tmp/release/twin-check
chmod 755 /tmp/release/twin-check
twinctl -q install web --command '{release}/webd' --args '--port {port}' --port 8080 --set "supervisor=$SUPERVISOR"
want_rc 2 twinctl deploy web /tmp/release
want_out "*twin-check failed with 1*"
want_not "it lives on" pgrep -f 'sleep 4711'

it "without inotify what is uploaded is deployed all the same"
rm /tmp/release/twin-check
want_rc 0 twinctl deploy web /tmp/release
want_rc 0 twinctl start web
(cd /tmp/release && sha256sum webd >SHA256SUMS)
mkdir -p /srv/twins/web/incoming
cp -r /tmp/release /srv/twins/web/incoming/r1
cat >/srv/hoard.py <<-'END'
	import ctypes, time
	libc = ctypes.CDLL(None)
	while libc.inotify_init1(0) >= 0:
	    pass
	open("/tmp/none-left", "w").close()
	time.sleep(600)
END
python3 /srv/hoard.py &
hoarder=$!
want "no instance is left" eventually 20 [ -e /tmp/none-left ]
twinctl autodeploy >/tmp/autodeploy 2>&1 &
autodeploy=$!
want "it is deployed" eventually 40 sh -c 'twinctl status web | grep -q "version r1"'
want "it runs on" kill -0 "$autodeploy"
kill "$autodeploy" "$hoarder"
wait "$autodeploy" "$hoarder" 2>/dev/null
remove_web web

it "a directory that is missing is named before anything is started"
install_web web 8080
want_rc 0 rc-service web start
cp /etc/conf.d/web /tmp/conf
for line in output_log=/var/log/nowhere/log error_log=/var/log/nowhere/log directory=/srv/nowhere twin_user=nobody-here; do
	{ cat /tmp/conf && echo "$line"; } >/etc/conf.d/web
	want_rc 2 twinctl check web
	want_out "*web: error: ${line%%=*}: *"
	want_rc 2 twinctl swap web
	want_out "twinctl: ${line%%=*}: *"
	want_not "the other twin was started" started web.1
done
cp /tmp/conf /etc/conf.d/web

it "what OpenRC's start has complained of while it said that all is well is in the swap's message"
{ cat /tmp/conf && echo 'output_log=/srv'; } >/etc/conf.d/web
want_rc 10 twinctl swap web --ready-timeout 3
want_out "*its start said:*/srv*"
remove_web web

finish
