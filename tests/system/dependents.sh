#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The rest of the machine: what needs the pair, what the pair needs, and who restarts meanwhile.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

install_web web 8080 --set rc_need=net
add_service reader 'depend() { need web; }'
add_service other 'start_pre() { sleep 0.1; }' 'stop_pre() { sleep 0.2; }'
rc-update -u

it "starting the dependent starts the pair"
want_rc 0 rc-service reader start
want "the pair serves" fetch 8080
want "the pair is started" started web
reader=$(cat /run/reader.pid)

same_reader() {
	want "the dependent has kept its pid" [ "$(cat /run/reader.pid)" = "$reader" ]
	want "it is alive" kill -0 "$reader"
	want "it is started" started reader
}

it "the dependent keeps its pid through ten swaps"
for _ in 1 2 3 4 5 6 7 8 9 10; do want_rc 0 twinctl swap web; done
same_reader

it "and through a failed swap"
echo die-at-start >/etc/bad.web.1
want_rc 10 twinctl swap web
rm /etc/bad.web.1
same_reader

it "and through a restart by twinctl"
want_rc 0 twinctl restart web
same_reader

it "stopping a twin by hand while the other is up leaves the pair started"
active=$(active_of web)
want_rc 0 rc-service "web.$((1 - active))" zap start
want "both serve" eventually 20 fetch $((8081 - active))
want_rc 0 rc-service "web.$active" stop
want "the pair is started" started web
same_reader

it "what the pair needs goes down cleanly, and takes dependent, pair and twins along"
want_rc 0 rc-service net stop
want_not "the dependent is started" started reader
want_not "the pair is started" started web
want_not "a twin is started" sh -c '[ -e /run/openrc/started/web.0 ] || [ -e /run/openrc/started/web.1 ]'
want_not "a process is left" pgrep -x parityd

it "an unrelated restart that spans a swap never brings the old version back"
want_rc 0 rc-service net start
want_rc 0 rc-service reader start
want_rc 0 rc-service other start
round=0
while [ "$round" -lt "${ROUNDS:-50}" ]; do
	round=$((round + 1))
	echo "$round" >/etc/version
	rc-service other restart >/dev/null 2>&1 &
	restart=$!
	want "the restart has begun" eventually 20 sh -c '! [ -e /run/openrc/started/other ]'
	want_rc 0 twinctl swap web
	wait "$restart"
	new=$(active_of web)
	want "round $round: the new twin is started" started "web.$new"
	want_not "round $round: the old twin is started" started "web.$((1 - new))"
	want "round $round: the new version serves" "$load" --url "http://127.0.0.1:$((8080 + new))/" \
		--requests 1 --expect "version=$round "
	want "round $round: one process serves" [ "$(pgrep -cx parityd)" = 1 ]
done
want "$round rounds" [ "$round" = "${ROUNDS:-50}" ]

it "a plain start of either twin at any moment of a swap disturbs nothing"
round=0
while [ "$round" -lt $((2 * ${ROUNDS:-50})) ]; do
	round=$((round + 1))
	(
		sleep "0.0$((round % 10))"
		for twin in "web.$((round / 10 % 2))" web.0 web.1 web.0 web.1; do
			rc-service "$twin" start >/dev/null 2>&1
		done
	) &
	want_rc 0 twinctl swap web
	wait $!
done
new=$(active_of web)
want "the new twin is started" started "web.$new"
want_not "the old twin is started" started "web.$((1 - new))"
want "one process serves" [ "$(pgrep -cx parityd)" = 1 ]

finish
