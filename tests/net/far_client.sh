#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154
#
# A client on another machine, for a test in the sandbox that has sourced tests/system/lib.sh: the
# services listen on $near, the client has the address 10.98.0.2 in a network namespace of its own,
# and between the two is a delay line, or a cable. What the kernel counts of its RSTs is counted there.

near=10.98.0.1
far_log=/run/far-line.log

# far_line_up [OPTION...]: the delay line with these options, such as --rtt-ms 100 --loss-percent 3.
far_line_up() {
	rm -f /run/far-line.ready
	ip netns add far || return
	ip -n far link set lo up
	"$bin/net/delay-line" --netns-a self --netns-b far --tun-a "twin-a,$near/24" \
		--tun-b twin-b,10.98.0.2/24 --seconds 600 --ready-file /run/far-line.ready "$@" \
		>"$far_log" 2>&1 &
	far_line_pid=$!
	if ! eventually 5 [ -e /run/far-line.ready ]; then
		cat "$far_log"
		far_line_down
		return 1
	fi
}

# Prints what the line carried and lost.
far_line_down() {
	kill "$far_line_pid" 2>/dev/null
	wait "$far_line_pid"
	sed 's/^/# far line: /' "$far_log"
	ip netns del far
}

# A cable without a delay.
cable_up() {
	ip netns add far && ip -n far link set lo up &&
		ip link add twin-a type veth peer name twin-b netns far &&
		ip addr add "$near/24" dev twin-a && ip link set twin-a up &&
		ip -n far addr add 10.98.0.2/24 dev twin-b && ip -n far link set twin-b up
}

cable_down() { ip netns del far; }

# far COMMAND...: runs it where the client is.
far() {
	ip netns exec far env TWIN_LOAD_NETNS=1 "$@"
}
