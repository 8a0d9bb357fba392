#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The services that twin-service(7) shows, as they stand there: swapped under load, and rehearsed.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
needs node
# They are built once, by the machine's own compilers.
handlers=/src/build/tests/handlers

for language in c go python node; do
	it "the service in $language keeps its promises, and its swaps lose nothing"
	twinctl -q install web --command "$handlers/$language" --port 8080 --public 80 \
		--set "supervisor=$SUPERVISOR" --set twin_hup=HUP
	want_rc 0 rc-service web start
	want "it answers" "$load" --url http://127.0.0.1:80/ --requests 10 --expect "version=$language"
	rm -f /tmp/enough
	"$load" --url http://127.0.0.1:80/ --rate 200 --clients 4 --seconds 60 --until-file /tmp/enough \
		--expect "version=$language" >/tmp/load 2>&1 &
	client=$!
	for _ in 1 2 3; do
		want_rc 0 twinctl swap web
		sleep 0.2
	done
	touch /tmp/enough
	if ! wait "$client"; then
		run cat /tmp/load
		complain "requests were lost"
	fi
	printf '# %s, %s: %s\n' "$language" "$SUPERVISOR" "$(head -n 1 /tmp/load)"
	want_rc 0 twinctl rehearse web
	remove_web web
done

finish
