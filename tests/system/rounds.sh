#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Two to four commands at once, drawn by lot, round after round: swaps, stops, starts, restarts,
# installs, runlevels. While nobody asks for a stop of the pair no client loses a request; after each
# round OpenRC, twinctl and the processes agree. SEED=n ROUNDS=1 KILLS=0 plays the round of that seed
# again, SEED=n ROUNDS=0 KILLS=1 that in which commands are killed with kill -9.
# In CI the actions are the same each time; when they meet is not.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ROUNDS:=40}"
: "${KILLS:=15}"
: "${SEED:=1}"
: "${ENDPOINT:=direct}"
: "${HUP:=HUP}"

# For the actions: a second install of the same changes nothing, one after an uninstall all.
cat >/usr/local/bin/install-web <<-SCRIPT
	#!/bin/sh
	twinctl -q install web --command $parityd --port 8080 \\
		--args '--port {port} --version-file /etc/version' --set supervisor=$SUPERVISOR \\
		--set twin_ready_timeout=5 --set twin_drain_timeout=3 --set twin_hup=$HUP \\
		--set twin_listen_fds=$([ "$ENDPOINT" = inherit ] && echo yes || echo no) \\
		--set twin_endpoint=$ENDPOINT --set twin_public=80 "\$@" || exit
	for level in default also; do rc-update -q add web \$level; done
SCRIPT
cat >/usr/local/bin/install-other <<-SCRIPT
	#!/bin/sh
	twinctl -q install other --command $parityd --port 8090 --set supervisor=$SUPERVISOR \\
		--args '--port {port} --version-file /etc/version' --set twin_drain_timeout=1
SCRIPT
chmod 755 /usr/local/bin/install-web /usr/local/bin/install-other
cp -a /etc/runlevels/default /etc/runlevels/also
cp -a /etc/runlevels/default /etc/runlevels/bare

it "the pairs are set up"
want_rc 0 install-web
want_rc 0 install-other
want_rc 0 rc-service web start
port=80
if [ "$ENDPOINT" = direct ]; then
	port=9000
	want "a client has its front" front 9000 8080
fi

# What rounds have found, each by itself.
# A stop of the active twin that takes 1.5 s to be refused.
begin_refused_stop() {
	active=$(active_of web)
	flock /run/twin/web/guard sleep 1.5 &
	want "the guard is busy" eventually 20 sh -c '! flock -n /run/twin/web/guard true'
	rc-service "web.$active" stop >/tmp/refused 2>&1 &
	stop=$!
	want "the stop has begun" eventually 20 [ -e "/run/openrc/stopping/web.$active" ]
}

it "a swap waits for the end of a stop that the guard refuses"
begin_refused_stop
want_rc 0 twinctl swap web
wait "$stop"
[ "$(active_of web)" -ne "$active" ] || complain "nothing was swapped"

it "a start waits for the end of a stop that the guard refuses"
begin_refused_stop
want_rc 0 twinctl start web
wait "$stop"
want "the pair is marked started" started web
want "the twin is marked started" started "web.$active"

it "a swap does not mind a runlevel change that is under way, or was killed"
mkdir -p /run/openrc/rc.stopping
for twin in web.0 web.1; do ln -s "/etc/init.d/$twin" "/run/openrc/failed/$twin"; done
want_rc 0 twinctl swap web
rm -rf /run/openrc/rc.stopping

it "the pair's start takes a twin back that a zap made OpenRC forget, and is done"
rc-service "web.$(active_of web)" zap >/dev/null 2>&1
rc-service web zap >/dev/null 2>&1
want_rc 0 rc-service web start
want "the pair is marked started" started web
want "the twin is marked started" started "web.$(active_of web)"

it "a swap takes back a twin whose stop was killed"
active=$(active_of web)
mv "/run/openrc/started/web.$active" /run/openrc/stopping/
want_rc 0 twinctl swap web
want "it is not marked any more" [ ! -e "/run/openrc/stopping/web.$active" ]

it "a swap finishes another one after a zap, or the end of a stop, that left nobody to hang up"
want_rc 0 twinctl swap web --leave-draining
old=$((1 - $(active_of web)))
rm "/run/twin/web/$old.draining"
rc-service "web.$old" zap >/dev/null 2>&1
want_rc 0 twinctl start web
want_rc 0 twinctl status web
want_out "web: started*stopped*"

it "a twin that was left draining is stopped also where a zap made OpenRC forget it"
want_rc 0 twinctl swap web --leave-draining
rc-service "web.$((1 - $(active_of web)))" zap >/dev/null 2>&1
want "status stops it" eventually 20 sh -c 'twinctl status web >/dev/null; [ ! -e /run/twin/web/journal ]'
want_rc 0 twinctl status web
want_out "web: started*stopped*"
want_not "it is zapped" sh -c 'twinctl status web | grep zapped'

it "a start notes which twin is active, whatever was noted"
active=$(active_of web)
echo $((1 - active)) >/var/lib/twin/web/active
want_rc 0 twinctl start web
[ "$(active_of web)" -eq "$active" ] || complain "the wrong twin is noted"

it "a start stops no twin that it has taken back, wherever the public port leads"
active=$(active_of web)
pid=$(recorded_pid "web.$active")
rc-service "web.$active" zap >/dev/null 2>&1
want_rc 0 rc-service "web.$((1 - active))" zap start
want "the other one serves" eventually 20 fetch $((8081 - active))
sleep 0.3
rc-service "web.$((1 - active))" zap >/dev/null 2>&1
rc-service web zap >/dev/null 2>&1
echo "$active" >/var/lib/twin/web/active
want_rc 0 twinctl start web
[ "$(recorded_pid "web.$active")" = "$pid" ] && [ -e "/proc/$pid" ] || complain "its process was stopped"
want "clients are answered" fetch "$port"
want_rc 0 twinctl swap web
want_rc 0 twinctl status web
want_out "web: started*stopped*"

it "a twin whose stop is yet to be refused keeps the pair started"
active=$(active_of web)
want_rc 0 rc-service "web.$((1 - active))" zap start
echo twin_guard=off >>/etc/conf.d/web
mv "/run/openrc/started/web.$active" /run/openrc/stopping/
want_rc 0 rc-service "web.$((1 - active))" stop
want "the pair is marked started" started web
mv "/run/openrc/stopping/web.$active" /run/openrc/started/
sed -i /twin_guard/d /etc/conf.d/web

it "a restart of the pair brings no twin back that was left draining"
active=$(active_of web)
want_rc 0 twinctl swap web --leave-draining
want "the old one is draining" started "web.$active"
want_rc 0 rc-service web restart
want "one serves" started "web.$((1 - active))"
want_not "the other one is started, too" started "web.$active"
want_rc 0 twinctl swap web

it "status names a twin that was left by a rehearsal, and a start ends it"
twinctl rehearse web >/dev/null 2>&1 &
rehearsal=$!
want "it is rehearsed" eventually 20 grep -qs '^rehearsal yes' "/run/twin/web/$((1 - $(active_of web)))"
want "it is started" eventually 20 started "web.$((1 - $(active_of web)))"
kill -9 "$rehearsal"
wait "$rehearsal" 2>/dev/null
want_rc 0 twinctl status web
want_out "web: started*the other twin was left by a rehearsal: *twinctl start web* ends it*"
want_rc 0 twinctl swap web
want_rc 0 twinctl status web
want_out "web: started*stopped*"

it "a second process of a twin does not take the place of the first"
active=$(active_of web)
pid=$(recorded_pid "web.$active")
want_rc 12 twin-exec --twin "web.$active" --ports 8080 -- "$parityd" --port 8080
want_out "twin-exec: web.$active is already running as pid $pid"
want "the first is on record" [ "$(recorded_pid "web.$active")" = "$pid" ]

it "a second start waits for the process of the first"
other=$((1 - $(active_of web)))
program=$(command -v twin-exec)
mv "$program" "$program.slow"
cat >"$program" <<-SCRIPT
	#!/bin/sh
	[ "\$1" != --twin ] || sleep 0.5
	exec $program.slow "\$@"
SCRIPT
chmod 755 "$program"
want_rc 0 rc-service "web.$other" zap start
rc-service "web.$other" zap >/dev/null 2>&1
rc-service "web.$other" start >/tmp/second 2>&1
want "it has waited" grep -q "already running as pid" /tmp/second
mv "$program.slow" "$program"
want "there is one process" [ "$(pgrep -cxf "$parityd --port $((8080 + other)) .*")" -eq 1 ]
[ "$SUPERVISOR" = start-stop-daemon ] ||
	want "and one supervisor" [ "$(pgrep -cxf "supervise-daemon web.$other .*")" -eq 1 ]
want "OpenRC has it" started "web.$other"
want_rc 0 rc-service "web.$other" stop

it "a stop ends a twin whose pidfile was lost, and its supervisor"
rm "/run/twin/web/$(active_of web).pid"
want_rc 0 rc-service web stop
want "no process is left" eventually 20 sh -c '! pgrep -x "parityd|supervise-daemo"'
want_rc 0 rc-service web start

[ "$SUPERVISOR" = start-stop-daemon ] || supervised=--supervised

# rounds NUMBER [OPTION]
rounds() {
	local number=$1
	shift
	"$bin/rounds/twin-rounds" --rounds "$number" --seed "$SEED" --endpoint "$ENDPOINT" --port "$port" \
		--load "$load" "$@" ${VERBOSE:+--verbose} ${supervised:+"$supervised"} ||
		complain "something went wrong in a round"
}

it "$ROUNDS rounds of several at once lose nothing, and leave one twin"
rounds "$ROUNDS"

it "$KILLS rounds of several at once, some of them killed, lose nothing, and a start leaves one twin"
rounds "$KILLS" --kills

it "nothing is left when the pairs are gone"
for name in web other; do
	rc-service "$name" stop >/dev/null 2>&1
	want_rc 0 twinctl uninstall "$name" --purge
	want_not "/run/twin/$name is left" [ -e "/run/twin/$name" ]
done
want_not "a process is left" pgrep -x 'parityd|supervise-daemo|twin-exec|twinctl'
[ "$ENDPOINT" != direct ] || front_down

finish
