#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# What a machine does to a pair: its disks are full or read-only, its process IDs come round, its
# clock jumps, everything is killed at once.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ENDPOINT:=steer}"
began=$(date +%s)
install_web web 8080 --set "twin_endpoint=$ENDPOINT" --set twin_public=80 --set twin_listen_fds=yes
rc-service web start >/dev/null

# serving: how many twins are started and serve.
serving() {
	local count=0 parity
	for parity in 0 1; do
		started "web.$parity" && fetch $((8080 + parity)) >/dev/null 2>&1 && count=$((count + 1))
	done
	echo "$count"
}

# at_rest: one twin, one process, nothing left over.
at_rest() {
	[ "$(serving)" -eq 1 ] || complain "$(serving) twins serve"
	want "the public port answers" fetch 80
	[ ! -e /run/twin/web/journal ] || complain "there is a journal"
	want "one process is left" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'
	want_rc 0 twinctl status web
	want_out "web: started*"
}

# with_disk DIRECTORY: it is a file system of its own, of 64 KiB.
with_disk() {
	rc-service web stop >/dev/null
	mkdir -p "$1" && cp -a "$1" /tmp/kept && mount -t tmpfs -o size=64k tmpfs "$1" && cp -a /tmp/kept/. "$1"
	rc-service web start >/dev/null
}

without_disk() {
	rc-service web stop >/dev/null
	umount "$1"
	rm -rf /tmp/kept
	rc-service web start >/dev/null
}

# read_only DIRECTORY: where somebody has a file open for writing, a read-only copy covers it.
read_only() {
	covered=
	mount -o remount,ro "$1" && return
	covered=yes
	mount --bind /tmp/kept "$1" && mount -o remount,bind,ro "$1"
}

writable() {
	if [ -n "$covered" ]; then umount "$1"; else mount -o remount,rw "$1"; fi
}

# swap_on_bad_disk WHAT: whatever becomes of it, somebody serves.
swap_on_bad_disk() {
	run twinctl swap web
	case $rc in 0 | 1 | 10) ;; *) complain "$1: exit $rc" ;; esac
	[ "$(serving)" -ge 1 ] || complain "$1: nobody serves"
	want "$1: the public port answers" fetch 80
	run twinctl status web
	[ "$rc" -eq 0 ] || complain "$1: status says $rc"
}

for directory in /run/twin /var/lib/twin /var/log/twin; do
	it "$directory is full, or read-only: one twin serves all the while, and a swap after it is whole"
	with_disk "$directory"
	judge_begins 80
	dd if=/dev/zero of="$directory/fill" bs=4k >/dev/null 2>&1
	swap_on_bad_disk "$directory is full"
	swap_on_bad_disk "$directory is still full"
	rm "$directory/fill"
	want_rc 0 twinctl swap web
	at_rest
	want "$directory is read-only" read_only "$directory"
	swap_on_bad_disk "$directory is read-only"
	want "it is writable again" writable "$directory"
	want_rc 0 twinctl swap web
	at_rest
	judge_ends
	without_disk "$directory"
done

# reuse_pid PID: somebody else, who has done nothing, gets this process ID. He is $innocent.
reuse_pid() {
	local tries=0
	while [ "$tries" -lt 50 ]; do
		tries=$((tries + 1))
		echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 1000 &
		innocent=$!
		[ "$innocent" -ne "$1" ] || return 0
		kill "$innocent"
	done
	return 1
}

# kill_twin TWIN: it and its supervisor are gone at once, and their process IDs are free.
kill_twin() {
	local pid supervisor
	pid=$(recorded_pid "$1")
	supervisor=$(cat "/run/twin/web/${1##*.}.pid")
	kill -9 "$supervisor" "$pid" 2>/dev/null
	eventually 20 sh -c "[ ! -e /proc/$pid ] && [ ! -e /proc/$supervisor ]"
}

for whose in twin supervisor; do
	[ "$whose" = twin ] || [ "$SUPERVISOR" = supervise-daemon ] || continue
	it "the process ID of a $whose that has died is somebody else's by now: he is left alone"
	for command in swap stop start; do
		active=$(active_of web)
		pid=$(recorded_pid "web.$active")
		[ "$whose" = twin ] || pid=$(cat "/run/twin/web/$active.pid")
		kill_twin "web.$active"
		want "somebody has its process ID" reuse_pid "$pid"
		want_rc 32 twinctl status web
		want_rc 0 twinctl "$command" web
		want "he lives after $command" kill -0 "$innocent"
		[ "$command" != stop ] || want_rc 0 twinctl start web
		at_rest
		kill "$innocent"
		wait "$innocent" 2>/dev/null
	done
done

if [ "$SUPERVISOR" = supervise-daemon ]; then
	it "a supervisor whose pidfile was lost does not outlive the stop of its twin"
	rm "/run/twin/web/$(active_of web).pid"
	judge_begins 80
	want_rc 0 twinctl swap web
	want "one supervisor is left" eventually 20 sh -c '[ "$(pgrep -cx supervise-daemo)" = 1 ]'
	want_rc 0 twinctl swap web
	at_rest
	judge_ends
fi

it "a record with the wrong start time costs nobody his answer, and a stop ends the process all the same"
judge_begins 80
sed -i 's/^start .*/start 1/' "/run/twin/web/$(active_of web)"
run twinctl swap web
want "the public port answers" fetch 80
judge_ends
want_rc 0 twinctl stop web
want_rc 0 twinctl start web
at_rest

it "a record of somebody else's process is not taken for the twin's by who stops it"
sleep 1000 &
innocent=$!
active=$(active_of web)
kill_twin "web.$active"
sed -i "s/^pid .*/pid $innocent/" "/run/twin/web/$active"
want_rc 0 twinctl swap web
want "he lives" kill -0 "$innocent"
at_rest
kill "$innocent"

# interrupted_drain BEGAN: a swap that was killed while a client stays connected, and whose drain is then said to have
# begun BEGAN seconds after the boot.
interrupted_drain() {
	local old
	old=$(active_of web)
	"$load" --url "http://127.0.0.1:$((8080 + old))/slow?ms=60000" --requests 1 --clients 1 \
		--timeout 70000 >/dev/null 2>&1 &
	slow=$!
	want "a request is open" eventually 20 sh -c "twinctl status web | grep -q '$((8080 + old)), 1 connection,'"
	twinctl -q swap web >/dev/null 2>&1 &
	want "it drains" eventually 20 grep -q '"step":"drain"' /run/twin/web/journal
	kill -9 $!
	wait $! 2>/dev/null
	sed -i "s/\"drain_began\":[0-9]*/\"drain_began\":$1/" /run/twin/web/journal
}

for second in 1 999999999; do
	it "a drain that began $second s after the boot takes no longer than it may"
	interrupted_drain "$second"
	want_rc 0 timeout 30 twinctl swap web
	want_out "*finished an interrupted swap*"
	at_rest
	kill "$slow" 2>/dev/null
	wait "$slow"
done

it "everything is killed at once, in the middle of a swap: the next start brings the pair up"
for moment in start ready switch hup drain stop; do
	twinctl -q swap web >/dev/null 2>&1 &
	swap=$!
	eventually 20 grep -q "\"step\":\"$moment\"" /run/twin/web/journal
	kill -9 "$swap" $(pgrep -f 'rc-service|openrc-run|supervise-daemon|start-stop-daemon') \
		$(pgrep 'twin-exec|parityd') 2>/dev/null
	wait "$swap" 2>/dev/null
	# One that was just about to be started is not among those.
	want "nobody lives" eventually 20 sh -c 'pkill -9 "supervise-daemo|twin-exec|parityd"; ! pgrep -x parityd'
	want_rc 0 timeout 60 twinctl start web
	want "it serves after $moment" fetch 80
	want_rc 0 timeout 60 twinctl swap web
	at_rest
done

end_case
printf '# %s of %s disasters survived\n' "$passed" $((passed + failed))
printf '# %s s\n' $(($(date +%s) - began))
finish
