#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# twin_wait_for: a twin is started when what it needs takes connections, or not at all.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

install_web web 8080 --set 'twin_wait_for=127.0.0.1:6000' --set twin_wait_attempts=3

it "what nobody serves is waited for in vain, and named"
want_rc 1 rc-service web start
want_out "*twin-exec: web.0 waits for 127.0.0.1:6000*web.0 needs 127.0.0.1:6000, where nobody answers (3 attempts)*"
want_not "anything runs" pgrep -x parityd

it "what comes up in time is enough"
(
	sleep 1.2
	exec "$parityd" --port 6000 --version-name other 2>/dev/null
) &
other=$!
want_rc 0 rc-service web start
want "it serves" fetch 8080
want_rc 0 twinctl swap web

it "a swap whose new twin waits in vain keeps the old one"
kill "$other"
wait "$other" 2>/dev/null
want_rc 10 twinctl swap web
want_out "*web.0 needs 127.0.0.1:6000*web.1 serves on*"
want "it serves" fetch 8081

it "a Unix socket is waited for as well, and a wrong word refused"
sed -i 's,^twin_wait_for=.*,twin_wait_for="unix:/run/other.sock",' /etc/conf.d/web
want_rc 10 twinctl swap web
want_out "*web.0 needs unix:/run/other.sock*"
sed -i 's,^twin_wait_for=.*,twin_wait_for="the database",' /etc/conf.d/web
want_rc 2 twinctl swap web
want_out "twinctl: /etc/conf.d/web: twin_wait_for: *"

finish
