#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The power is cut as a swap enters each of its steps, and as it writes down who is active: the twin
# that served last comes up, alone, and the next swap is whole.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ENDPOINT:=steer}"
fault=$bin/fault/fault
case $ENDPOINT in
steer) steps='start ready switch quiesce hup drain stop record' moved=quiesce ;;
*) steps='start ready hup drain stop record' moved=drain ;;
esac

# only PARITY: this twin is started and serves, alone.
only() {
	local other=$((1 - $1))
	want "web.$1 is started" started "web.$1"
	want "the public port leads to web.$1" eventually 20 \
		"$load" --url http://127.0.0.1:80/ --requests 4 --clients 1 --expect "twin=web.$1"
	want_not "web.$other is started" started "web.$other"
	want "one process runs" eventually 20 sh -c '[ "$(pgrep -cx parityd)" = 1 ]'
	want_rc 0 twinctl status web
	want_out "web: started*"
}

# cut_at NUMBER STEP: nobody takes a step any more as the swap enters this one; who served last is
# written down.
cut_at() {
	local from
	from=$(active_of web)
	"$fault" --let-go parityd --only-first --match rename --path /run/twin/web/journal \
		--kill-at "$1" twinctl -q swap web >/dev/null 2>&1
	want "it was killed" [ $? -eq 137 ]
	case " ${steps#*"$moved"}  $moved " in
	*" $2 "*) echo $((1 - from)) >/var/tmp/served ;;
	*) echo "$from" >/var/tmp/served ;;
	esac
	echo "$2" >/var/tmp/step
}

# The whole journal is a rename; the number of this boot's is that of the boot.
if [ "$SANDBOX_BOOT" -eq 1 ]; then
	install_web web 8080 --set "twin_endpoint=$ENDPOINT" --set twin_public=80 --set twin_listen_fds=yes
	rc-update add web default >/dev/null
	rc-update -u
	it "it runs"
	want_rc 0 openrc default
	only 0
else
	it "the power was cut before the swap entered step $(cat /var/tmp/step)"
	only "$(cat /var/tmp/served)"
	want_rc 0 twinctl swap web
	only $((1 - $(cat /var/tmp/served)))
fi
number=1
for step in $steps; do
	if [ "$number" -eq "$SANDBOX_BOOT" ]; then
		cut_at "$number" "$step"
		next_boot 241
	fi
	number=$((number + 1))
done
end_case
printf '# %s of %s power cuts survived\n' $((passed - 1)) $((number - 1))
finish
