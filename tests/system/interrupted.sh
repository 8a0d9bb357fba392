#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# kill -9 at any moment of a swap: one twin serves on, and the next command finishes or undoes.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ROUNDS:=60}"
: "${ENDPOINT:=direct}"
install_web web 8080 --set "twin_endpoint=$ENDPOINT" --set twin_public=80 --set twin_listen_fds=yes
rc-service web start >/dev/null
port=80
if [ "$ENDPOINT" = direct ]; then
	port=9000
	want "a client has its front" front 9000 8080
fi
"$load" --url "http://127.0.0.1:$port/" --rate 200 --clients 4 --seconds 500 --until-file /tmp/enough \
	--expect version= >/tmp/judge 2>&1 &
judge=$!

# serving: how many twins are started and serve.
serving() {
	local count=0 parity
	for parity in 0 1; do
		started "web.$parity" && fetch $((8080 + parity)) >/dev/null 2>&1 && count=$((count + 1))
	done
	echo "$count"
}

# interrupt WHAT: a swap, killed after a time that is another one each round.
interrupt() {
	twinctl -q swap web >/dev/null 2>&1 &
	local swap=$!
	sleep "0.$(printf '%03d' $((round * 7 % 140)))"
	if [ "$1" = all ]; then
		pkill -9 -f 'rc-service|openrc-run|/sh/openrc-run.sh|twin-exec --(guard|prepare)' 2>/dev/null
	fi
	kill -9 "$swap" 2>/dev/null
	wait "$swap" 2>/dev/null
}

for what in twinctl all; do
	it "$ROUNDS rounds of kill -9 ($what): one twin serves on, and the next swap is whole"
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		interrupt "$what"
		[ "$(serving)" -ge 1 ] || complain "round $round: nobody serves"
		want_rc 0 twinctl swap web
		[ "$(serving)" -eq 1 ] || complain "round $round: $(serving) twins serve after the swap"
		want_rc 0 twinctl status web
		want_out "web: started*"
	done
	want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'
done

it "the client outside got its answer every time"
touch /tmp/enough
wait "$judge"
rc=$?
out=$(cat /tmp/judge)
[ "$rc" -eq 0 ] || complain "the client lost requests"
printf '# %s\n' "$(head -n 1 /tmp/judge)"

it "an interruption that status shows is cured by the next start"
rm -f /etc/bad.web.*
other=$((1 - $(active_of web)))
echo never-ready >"/etc/bad.web.$other"
twinctl -q swap web >/dev/null 2>&1 &
want "it waits" eventually 20 grep -q '"step":"ready"' /run/twin/web/journal
kill -9 $!
wait $! 2>/dev/null
want_rc 0 twinctl status web
want_out "web: interrupted*twinctl start web*finishes or undoes it*"
want_rc 0 twinctl start web
want_out "*undid an interrupted swap of web (it ended in step ready)*"
want_rc 0 twinctl status web
want_out "web: started*"

it "Ctrl-C before the hang-up undoes the swap"
twinctl swap web >/tmp/interrupted 2>&1 &
swap=$!
want "it waits" eventually 20 grep -q '"step":"ready"' /run/twin/web/journal
kill -TERM "$swap"
wait "$swap"
want "it exits with 128 + 15" [ $? -eq 143 ]
want "and says why" grep -q 'interrupted by SIGTERM' /tmp/interrupted
want_rc 0 twinctl status web
want_out "web: started*"

finish
