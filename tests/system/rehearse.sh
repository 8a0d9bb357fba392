#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# rehearse finds each bad habit by name, and neither the active twin nor its clients notice.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# habit MISBEHAVIOUR PROMISE: the idle twin has it, and exactly that promise is found broken.
habit() {
	echo "$1" >/etc/bad.web.1
	want_rc 10 twinctl rehearse web
	want_out "*web.1: broken: $2*${4:-}"
	want "nothing else is broken: $(printf '%s' "$out" | grep -c 'broken: ')" \
		[ "$(printf '%s\n' "$out" | grep -c ': broken: ')" -eq "${3:-1}" ]
	rm /etc/bad.web.1
	want_rc 3 rc-service web.1 status
	want_not "a mark is left" [ -e /run/twin/web/1.rehearsal ]
}

watched() {
	"$load" --url "http://127.0.0.1:$1/" --rate 100 --clients 8 --seconds 300 \
		--until-file /tmp/enough --expect twin=web.0 >/tmp/load 2>&1 &
	client=$!
}

unwatched() {
	touch /tmp/enough
	wait "$client" || {
		out=$(cat /tmp/load)
		complain "a client lost an answer, or had one from another twin"
	}
	rm -f /tmp/enough
	printf '# %s\n' "$(head -n 1 /tmp/load)"
}

it "a service that keeps the contract keeps every promise"
install_web web 8080 --set twin_public=80 --set twin_endpoint=steer --set twin_ready=http:/health
want_rc 0 rc-service web start
watched 80
want_rc 0 twinctl rehearse web
for promise in becomes-ready stays-alive handles-hup refuses-new finishes-open \
	listens-until-drained closes-listener sleeps ends-on-term; do
	want "$promise" sh -c 'case $1 in *": kept: $2"*) ;; *) exit 1 ;; esac' - "$out" "$promise"
done
want_rc 0 twinctl rehearse web --json
want_out '{"name":"web","twin":"web.1","promises":?{"promise":"becomes-ready","result":"kept"*'
want_rc 0 twinctl check web
want_rc 3 rc-service web.1 status

it "each bad habit is found by its name"
habit never-ready becomes-ready
habit die-at-start becomes-ready
habit wrong-port becomes-ready
habit unhealthy becomes-ready
habit die-later:300 stays-alive
habit cut-open finishes-open "" "*set twin_hup to the signal on which it ends gracefully*"
habit never-drain finishes-open
[ "$SUPERVISOR" = supervise-daemon ] || habit exit-after-hup sleeps
habit hang-on-term ends-on-term

it "nothing is called broken that a swap does without"
cp /etc/conf.d/web /tmp/conf
sed -i 's/^twin_hup=.*/twin_hup=auto/' /etc/conf.d/web
echo die-of-hup >/etc/bad.web.1
want_rc 0 twinctl rehearse web
want_out "*untested: handles-hup: it has no handler for SIGHUP*kept: ends-on-term*"
for habit in ignore-hup keep-listener cut-open; do
	echo "$habit" >/etc/bad.web.1
	want_rc 0 twinctl rehearse web
done
rm /etc/bad.web.1
cp /tmp/conf /etc/conf.d/web

it "its clients were served by the active twin throughout"
unwatched
want_rc 0 twinctl swap web
want_rc 0 twinctl swap web
remove_web web

it "with inherit it is given a private socket, and one who shuts it down is found"
twinctl -q install web --command "$parityd" \
	--args '--version-file /etc/version --misbehave-file /etc/bad.{name}.{parity}' \
	--set twin_listen_fds=yes --set twin_public=80 --set twin_endpoint=inherit \
	--set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
watched 80
want_rc 0 twinctl rehearse web
want_out "*kept: keeps-shared-listener*"
habit shutdown-listener keeps-shared-listener
unwatched
remove_web web

it "who closes first, or has no handler, is found where nobody moves the clients"
install_web web 8080
want_rc 0 rc-service web start
habit close-first listens-until-drained
habit ignore-hup refuses-new 2
habit keep-listener closes-listener
want_rc 0 twinctl rehearse web
sed -i 's/^twin_hup=.*/twin_hup=auto/' /etc/conf.d/web
habit die-of-hup handles-hup
remove_web web

it "a rehearsed twin is nobody's stand-in"
install_web web 8080 --set twin_public=80 --set twin_endpoint=steer
want_rc 0 rc-service web start
twinctl rehearse web >/tmp/rehearsal 2>&1 &
rehearsal=$!
want "it is under way" eventually 20 fetch 8081
want_rc 1 rc-service web.0 stop
want_out "*web.0 is the last twin: web.1 is only being rehearsed*"
want_rc 13 twinctl swap web
want_out "*twinctl rehearse*"
wait "$rehearsal"

it "a rehearsal that was killed is cleared up by the next swap"
twinctl rehearse web >/tmp/rehearsal 2>&1 &
rehearsal=$!
want "it is under way" eventually 20 fetch 8081
kill -9 "$rehearsal"
wait "$rehearsal" 2>/dev/null
want_rc 1 rc-service web.0 stop
want_rc 0 twinctl swap web
want_rc 0 twinctl status web
want_out "web: started*"
want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 1 --expect twin=web.1

finish
