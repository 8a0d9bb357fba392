#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A server that nobody here wrote: Debian's nginx, behind HAProxy, swapped ten times under load.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
needs nginx
needs haproxy

for parity in 0 1; do
	cat >"/etc/nginx/twin.$parity.conf" <<END
daemon off;
worker_processes 2;
pid /run/nginx.$parity.pid;
events { worker_connections 1024; }
http {
	access_log off;
	server {
		listen 127.0.0.1:$((8080 + parity));
		location / { return 200 "version=nginx.$parity\n"; }
	}
}
END
done
twinctl -q install web --command nginx --args '-c /etc/nginx/twin.{parity}.conf' --port 127.0.0.1:8080 \
	--set twin_hup=QUIT --set 'twin_check=nginx -t -c /etc/nginx/twin.0.conf' \
	--set "supervisor=$SUPERVISOR"

it "nginx is started as a pair"
want_rc 0 rc-service web start
want "HAProxy reaches it" front 9000 8080

it "ten swaps under load"
"$load" --url http://127.0.0.1:9000/ --rate 1000 --clients 16 --seconds 120 --until-file /tmp/enough \
	--expect version=nginx >/tmp/load 2>&1 &
client=$!
swaps=0
while [ "$swaps" -lt 10 ]; do
	swaps=$((swaps + 1))
	want_rc 0 twinctl swap web
	want "one master is left" [ "$(pgrep -fc 'nginx: master')" = 1 ]
	sleep 0.3
done
touch /tmp/enough
wait "$client"
printf '# nginx, %s: %s\n' "$SUPERVISOR" "$(head -n 1 /tmp/load)"
printf '# HAProxy retried and redispatched: %s\n' "$(front_retries)"
want "requests were sent" grep -Eq '^sent [0-9]{4}' /tmp/load

it "a broken configuration keeps the old one serving"
echo 'nonsense' >>/etc/nginx/twin.0.conf
want_rc 2 twinctl swap web
want_out "*twin_check failed*test failed*"
want "it serves" fetch 9000

finish
