#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A service that tells OpenRC when it is ready (notify=fd:N): its word is waited for, by our
# deadline; OpenRC has none.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

openrc --version | grep -qE ' 0\.(6[2-9]|[7-9][0-9])' || {
	printf 'skip - this OpenRC has no notify\n0 passed, 0 failed, 1 skipped\n'
	exit 0
}

cat >/usr/local/bin/announcer <<'END'
#!/bin/sh
# It listens at once, and says so some time later, or never.
(sleep 0.7; [ -e /etc/mute ] || echo ready >&7) &
exec "$@"
END
chmod 755 /usr/local/bin/announcer

install_web web 8080 --set notify=fd:7
sed -i "s,^twin_command=.*,twin_command=/usr/local/bin/announcer," /etc/conf.d/web
sed -i "s,^twin_args=',twin_args='$parityd ," /etc/conf.d/web

it "the start waits for the service's word"
want_rc 0 rc-service web start
want "it serves" fetch 8080
began=$(date +%s%N)
want_rc 0 twinctl swap web
took=$((($(date +%s%N) - began) / 1000000))
want "it took $took ms, its word came after 700 ms" [ "$took" -ge 600 ]
want "twin 1 serves" fetch 8081

it "a word that never comes is waited for until twin_ready_timeout"
touch /etc/mute
want_rc 10 twinctl swap web
want_out "*web.0 could not be started*did not come to its end in $ready_timeout s*web.1 serves on*"
want "twin 1 serves" fetch 8081
want_not "a process of twin 0 is left" fetch 8080
want_rc 0 twinctl status web
want_out "web: started*web.0  stopped*web.1  started*"

it "nor does a start of the pair wait for it longer"
want_rc 0 rc-service web stop
run timeout 20 rc-service web start
want "it came to its end" [ "$rc" -ne 124 ]
rc-service web stop
rm /etc/mute
want_rc 0 rc-service web start
want_rc 0 twinctl swap web

finish
