#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# At least one twin is always started, whoever stops what at the same time. A client outside is
# the judge: it must always get an answer from one of the two.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ROUNDS:=200}"
install_web web 8080
rc-service web start >/dev/null

it "the last twin is neither stopped, restarted nor hung up, and the sentence says what to do"
for words in stop restart; do
	want_rc 1 rc-service web.0 $words
	want_out "*web.0 is the last twin: web.1 is stopped; \`twinctl swap web\` replaces it, \`rc-service web stop\` stops the service*"
done
want_rc 12 rc-service web.0 hup
want_out "*web.0 is the last twin*"
want "it serves" fetch 8080

it "a sibling that is started but does not listen does not count"
echo never-ready >/etc/bad.web.1
want_rc 0 rc-service web.1 zap start
want_rc 1 rc-service web.0 stop
want_out "*web.1 does not listen on its port*"
want_rc 0 rc-service web.1 stop
rm /etc/bad.web.1

it "nor does one that is hung up, and the hung-up one may not stop the other"
want_rc 0 rc-service web.1 zap start
want "both serve" eventually 20 fetch 8081
want_rc 0 rc-service web.0 hup
want_rc 1 rc-service web.1 stop
want_out "*web.0 is hung up*"
want_rc 12 rc-service web.1 hup
want_rc 0 rc-service web.0 stop

it "a rc-service NAME stop that was killed does not open the guard"
flock /run/twin/web/lock sleep 1000 &
want "somebody holds the pair" eventually 20 sh -c '! flock -n /run/twin/web/lock true'
rc-service web stop >/dev/null 2>&1 &
want "the stop waits for it" eventually 20 pgrep -f 'twin-exec --lock web'
pkill -9 -f '/etc/init.d/web' >/dev/null 2>&1
pkill -9 -f 'twin-exec --lock' >/dev/null 2>&1
want "the pair is left marked stopping" [ -e /run/openrc/stopping/web ]
want_rc 1 rc-service web.1 stop
want_out "*web.1 is the last twin*"
want "it serves" fetch 8081
pkill -x sleep
want "the pair is free" eventually 20 flock -n /run/twin/web/lock true
want_rc 0 rc-service web stop
want_rc 0 rc-service web start

want "a client has its front" front 9000 8080
rm -f /tmp/enough
"$load" --url http://127.0.0.1:9000/ --rate 200 --clients 4 --seconds 500 --until-file /tmp/enough \
	--expect version= >/tmp/judge 2>&1 &
judge=$!

# both_up: whatever a round left, both twins are started again and listen.
both_up() {
	local parity
	for parity in 0 1; do
		started "web.$parity" || rc-service "web.$parity" zap start >/dev/null 2>&1
	done
	eventually 20 fetch 8080 && eventually 20 fetch 8081
}

one_is_left() { started web.0 && fetch 8080 || { started web.1 && fetch 8081; }; }

it "$ROUNDS rounds of both twins stopped at once leave one, every time"
round=0
stops=0
while [ "$round" -lt "$ROUNDS" ]; do
	round=$((round + 1))
	want "round $round: both are up" both_up
	rc-service web.0 stop >/dev/null 2>&1 &
	zero=$!
	rc-service web.1 stop >/dev/null 2>&1 &
	one=$!
	wait "$zero" && stops=$((stops + 1))
	wait "$one" && stops=$((stops + 1))
	want "round $round: one is left" one_is_left
done
printf '# %s of %s stops were let through\n' "$stops" $((2 * round))

it "$ROUNDS rounds of a swap against a stop leave one, every time"
round=0
swaps=0
while [ "$round" -lt "$ROUNDS" ]; do
	round=$((round + 1))
	want "round $round: one is up" one_is_left
	twinctl -q swap web >/dev/null 2>&1 &
	swap=$!
	# Aimed now at the one, now at the other, now early, now late.
	sleep "0.0$((round % 10))"
	rc-service "web.$((round / 10 % 2))" stop >/dev/null 2>&1
	wait "$swap" && swaps=$((swaps + 1))
	want "round $round: one is left" one_is_left
done
printf '# %s of %s swaps were done\n' "$swaps" "$round"
want "some swaps were done" [ "$swaps" -gt 0 ]

it "the client outside got its answer every time"
touch /tmp/enough
wait "$judge"
rc=$?
out=$(cat /tmp/judge)
[ "$rc" -eq 0 ] || complain "the client lost requests"
want_out "*lost 0*"
printf '# %s\n' "$(head -n 1 /tmp/judge)"

finish
