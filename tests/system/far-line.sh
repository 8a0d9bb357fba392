#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The line to a far client, by itself: what it loses and delays costs time, and no request. Without
# that no test over it would say anything about a swap.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
# shellcheck source=tests/net/far_client.sh
. /src/tests/net/far_client.sh

counters="sh /src/tests/net/kernel_counters.sh"
: "${RATE:=500}" "${SECONDS_OF_LOAD:=10}"

"$parityd" --address 0.0.0.0 --port 9000 --backlog 4096 2>/dev/null &
service=$!
want "the service is there" eventually 20 fetch 9000

# far_load: new connections from far away. A lost SYN is sent again after 1, 3 and 7 s.
far_load() {
	run far "$load" --url "http://$near:9000/" --rate "$RATE" --seconds "$SECONDS_OF_LOAD" \
		--clients 4000 --timeout 15000 --json
	printf '# %s\n' "$out"
}

# p50 LOW HIGH: half of the answers took that many milliseconds, or less.
p50() {
	printf '%s\n' "$out" | awk -F'"p50_ms": ' -v low="$1" -v high="$2" \
		'{ exit !($2 + 0 >= low && $2 + 0 <= high) }'
}

it "a far client waits two round trips for an answer on a new connection"
want "the line" far_line_up --rtt-ms 100
far_load
want_out '*"lost": 0,*'
want "200 ms" p50 200 230
far_line_down

it "handshakes that lose packets lose no request"
$counters >/run/before
want "the line" far_line_up --rtt-ms 100 --loss-percent 3
far_load
want_out '*"lost": 0,*'
far_line_down
want "packets were lost" grep -q 'lost [1-9][0-9]* SYN, [1-9][0-9]* SYN-ACK, [1-9][0-9]* first ACK, 0 other' "$far_log"
want "nothing overran" grep -q 'unwanted 0  overrun 0' "$far_log"
$counters >/run/after
$counters diff /run/before /run/after >/run/difference
want_not "resets" grep -E '^(OutRsts|TCPAbortOn.*|ListenDrops) [1-9]' /run/difference
sed 's/^/# /' /run/difference

it "nor does a line that loses packets of all kinds"
want "the line" far_line_up --rtt-ms 40 --loss-percent 2 --loss-of all
far_load
want_out '*"lost": 0,*'
far_line_down
want "data was lost, too" grep -q ', [1-9][0-9]* other' "$far_log"

kill "$service"
finish
