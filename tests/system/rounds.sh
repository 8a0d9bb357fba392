#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Two to four commands at once, drawn by lot, round after round: swaps, stops, starts, restarts,
# installs, runlevels. While nobody asks for a stop of the pair no client loses a request; after each
# round OpenRC, twinctl and the processes agree. SEED=n ROUNDS=1 plays the round of that seed again.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ROUNDS:=100}"
: "${SEED:=$(date +%s)}"
: "${ENDPOINT:=direct}"
: "${KILLS:=}"
: "${HUP:=auto}"

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

it "$ROUNDS rounds${KILLS:+ with kill -9} of several at once lose nothing, and leave one twin"
[ "$SUPERVISOR" = start-stop-daemon ] || supervised=--supervised
"$bin/rounds/twin-rounds" --rounds "$ROUNDS" --seed "$SEED" --endpoint "$ENDPOINT" --port "$port" \
	--load "$load" ${KILLS:+--kills} ${VERBOSE:+--verbose} ${supervised:+"$supervised"} ||
	complain "something went wrong in a round"

it "nothing is left when the pairs are gone"
for name in web other; do
	rc-service "$name" stop >/dev/null 2>&1
	want_rc 0 twinctl uninstall "$name" --purge
	want_not "/run/twin/$name is left" [ -e "/run/twin/$name" ]
done
want_not "a process is left" pgrep -x 'parityd|supervise-daemo|twin-exec|twinctl'
[ "$ENDPOINT" != direct ] || front_down

finish
