#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# twin_switch drives HAProxy by its runtime API, as `twinctl render haproxy` says. HAProxy tries
# each connection once, and never elsewhere: a loss cannot hide.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
needs haproxy
needs socat

: "${SWAPS:=10}"
install_web web 8080 --set twin_public=127.0.0.1:8000 --set twin_endpoint=direct
mkdir -p /var/lib/haproxy /run/front

it "the rendered configuration is one that HAProxy and twinctl take"
twinctl render haproxy web >/tmp/rendered
sed '/^# \/etc\/conf.d/,$d' /tmp/rendered >/run/front/haproxy.cfg
sed -i 's/^defaults/defaults\n    retries 0\n    no option redispatch/' /run/front/haproxy.cfg
sed -n '/^# \/etc\/conf.d/,$p' /tmp/rendered >>/etc/conf.d/web
want_rc 0 haproxy -c -q -f /run/front/haproxy.cfg
want_rc 0 rc-service web start
haproxy -q -db -f /run/front/haproxy.cfg &
haproxy=$!
want "it serves" eventually 20 fetch 8000
want_rc 0 twinctl check web

it "$SWAPS swaps under load lose nothing without a retry"
"$load" --url http://127.0.0.1:8000/ --rate 800 --clients 64 --seconds 200 \
	--until-file /tmp/enough --expect version= >/tmp/judge 2>&1 &
judge=$!
round=0
while [ "$round" -lt "$SWAPS" ]; do
	round=$((round + 1))
	want_rc 0 twinctl swap web
	want_out "*switch*quiesce*hup*"
done
touch /tmp/enough
wait "$judge" || {
	out=$(cat /tmp/judge)
	complain "requests were lost"
}
printf '# HAProxy, retries 0, %s swaps: %s\n' "$SWAPS" "$(head -n 1 /tmp/judge)"

it "HAProxy comes back with the twin that is active"
want "twin 1 is active" sh -c '[ "$(cat /var/lib/twin/web/active)" = 1 ] || twinctl -q swap web'
kill "$haproxy"
wait "$haproxy" 2>/dev/null
haproxy -q -db -f /run/front/haproxy.cfg &
haproxy=$!
want "it serves" eventually 20 fetch 8000
want_rc 0 "$load" --url http://127.0.0.1:8000/ --requests 20 --expect twin=web.1

it "a hang-up and a stop by hand move the clients first"
want_rc 0 rc-service web.0 zap start
want "both serve" eventually 20 fetch 8080
want_rc 0 rc-service web.1 hup
want_rc 0 "$load" --url http://127.0.0.1:8000/ --requests 20 --expect twin=web.0
want_rc 0 rc-service web.1 stop

it "a failed swap leaves the clients where they were"
echo never-ready >/etc/bad.web.1
want_rc 10 twinctl swap web
rm /etc/bad.web.1
want_rc 0 "$load" --url http://127.0.0.1:8000/ --requests 20 --expect twin=web.0

it "a twin_switch that fails keeps the old twin, and says why"
kill "$haproxy"
wait "$haproxy" 2>/dev/null
want_rc 10 twinctl swap web
want_out "*twin_switch failed*web.0 serves on, web.1 is stopped*"
want "the old one serves" fetch 8080
want_rc 0 twinctl status web
want_out "web: started*web.0*active*"

it "twin_switch is told both twins and their ports"
echo 'twin_switch="env | grep ^TWIN_ | sort >/tmp/told"' >>/etc/conf.d/web
want_rc 0 twinctl swap web
out=$(cat /tmp/told)
want_out "TWIN_FROM=web.0
TWIN_FROM_PARITY=0
TWIN_FROM_PORT=8080
TWIN_FROM_PORT_MAIN=8080
TWIN_PAIR=web
TWIN_TO=web.1
TWIN_TO_PARITY=1
TWIN_TO_PORT=8081
TWIN_TO_PORT_MAIN=8081"

finish
