#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# What a swap calls fails, hangs, or lies: rc-service, twin_check, twin_ready, twin_switch. The pair
# serves on, and the exit status says what has become of the swap. LONG=1: what takes minutes, too.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ENDPOINT:=steer}"
: "${LONG:=}"
began=$(date +%s)
real=$(command -v rc-service)

# The rc-service that everybody finds first. /run/lie: WORD HOW TIMES.
cat >/usr/local/sbin/rc-service <<-END
	#!/bin/sh
	[ -r /run/lie ] || exec $real "\$@"
	read -r word how times </run/lie
	case " \$* " in *" \$word "*) ;; *) exec $real "\$@" ;; esac
	times=\$((times - 1))
	if [ "\$times" -gt 0 ]; then echo "\$word \$how \$times" >/run/lie; else rm /run/lie; fi
	case \$how in
	fails) echo "it does not feel like it" && exit 1 ;;
	hangs) sleep 1000 ;;
	waits) sleep 15 && exec $real "\$@" ;;
	lies) echo "it is done" && exit 0 ;;
	denies) $real "\$@" && echo "it has failed" && exit 1 ;;
	esac
END
chmod 755 /usr/local/sbin/rc-service

install_web web 8080 --set "twin_endpoint=$ENDPOINT" --set twin_public=80 --set twin_listen_fds=yes
install_web plain 8090
rc-service web start >/dev/null
rc-service plain start >/dev/null
"$load" --url http://127.0.0.1:80/ --rate 100 --clients 4 --seconds 3600 --until-file /tmp/enough \
	--expect version= >/tmp/judge 2>&1 &
judge=$!
tried=0
whole=0

# serving PAIR PORT: how many of its twins are started and serve.
serving() {
	local count=0 parity
	for parity in 0 1; do
		started "$1.$parity" && fetch $(($2 + parity)) >/dev/null 2>&1 && count=$((count + 1))
	done
	echo "$count"
}

# swap_is STATUS OUTPUT [PAIR PORT]: so ends a swap in which somebody does what he was told by `lie`
# or `set_key`; the next one, in which nobody does, is whole.
swap_is() {
	local before=$case_failed pair=${3:-web} port=${4:-8080} from
	tried=$((tried + 1))
	case_failed=
	from=$(active_of "$pair")
	want_rc "$1" timeout "${LIMIT:-100}" twinctl swap "$pair"
	want_out "$2"
	[ "$rc" -ne 0 ] || [ "$(active_of "$pair")" != "$from" ] || complain "it says swapped, and is not"
	[ "$rc" -ne 0 ] || [ "$(serving "$pair" "$port")" -eq 1 ] || complain "it says swapped, and two serve"
	case $rc in 2 | 10) [ "$(active_of "$pair")" = "$from" ] || complain "it says kept, and is not" ;; esac
	[ "$(serving "$pair" "$port")" -ge 1 ] || complain "nobody serves"
	rm -f /run/lie /etc/bad.web.?
	[ ! -e /etc/conf.d.old ] || mv /etc/conf.d.old "/etc/conf.d/$pair"
	want_rc 0 twinctl swap "$pair"
	[ "$(serving "$pair" "$port")" -eq 1 ] || complain "two twins serve after the next swap"
	[ ! -e "/run/twin/$pair/journal" ] || complain "there is still a journal"
	want_rc 0 twinctl status "$pair"
	want_out "$pair: started*"
	[ -n "$case_failed" ] || whole=$((whole + 1))
	case_failed=$before$case_failed
}

# lie WORD HOW TIMES: rc-service does so when it is next told this.
lie() {
	echo "$@" >/run/lie
}

# set_key PAIR LINE: its configuration has this as well.
set_key() {
	cp "/etc/conf.d/$1" /etc/conf.d.old
	echo "$2" >>"/etc/conf.d/$1"
}

it "rc-service start fails, hangs, or lies"
lie start fails 1
swap_is 0 "*swapped*"
lie start fails 9
swap_is 10 "*could not be started*it does not feel like it*serves on*"
lie start hangs 1
swap_is 10 "*could not be started*did not come to its end*serves on*"
lie start waits 1
swap_is 10 "*could not be started*did not come to its end*serves on*"
lie start lies 1
swap_is 10 "*was not ready within $ready_timeout s*serves on*"
lie start lies 9
swap_is 10 "*serves on*"
lie start denies 1
swap_is 0 "*swapped*"

it "rc-service hup fails, takes its time, or lies"
lie hup fails 9
swap_is 10 "*was not hung up*it does not feel like it*serves on*"
lie hup waits 1
swap_is 0 "*swapped*"
lie hup lies 9
swap_is 10 "*was not hung up*it is done*serves on*"
lie hup denies 1
swap_is 0 "*swapped*"

it "rc-service stop fails, takes its time, or lies"
lie stop fails 1
swap_is 0 "*swapped*"
lie stop fails 9
swap_is 1 "*serves, but*could not be stopped*it does not feel like it*tries again*"
lie stop waits 1
swap_is 0 "*swapped*"
lie stop lies 1
swap_is 0 "*swapped*"
lie stop lies 9
swap_is 1 "*serves, but*could not be stopped*tries again*"
lie stop denies 1
swap_is 0 "*swapped*"

it "twin_check fails, or lies"
set_key web "twin_check='echo no; exit 1'"
swap_is 2 "*twin_check failed, nothing was touched*no*"
echo die-at-start | tee /etc/bad.web.0 >/etc/bad.web.1
set_key web twin_check=true
swap_is 10 "*ended before it was ready*serves on*"

it "twin_ready fails, hangs, or lies"
set_key web "twin_ready='exec:echo no; exit 1'"
swap_is 10 "*says no: no*serves on*"
set_key web "twin_ready='exec:sleep 1000'"
swap_is 10 "*was not ready within $ready_timeout s*serves on*"
echo never-ready | tee /etc/bad.web.0 >/etc/bad.web.1
set_key web twin_ready=exec:true
swap_is 10 "*was not ready within $ready_timeout s*serves on*"

it "twin_switch fails, or lies"
set_key plain "twin_switch='echo no; exit 1'"
swap_is 10 "*twin_switch failed*no*serves on*" plain 8090
set_key plain "twin_switch=true"
swap_is 0 "*swapped*" plain 8090

if [ -n "$LONG" ]; then
	it "what never ends is ended: a check and a switch after 60 s, a hup and a stop after 10 min"
	set_key web "twin_check='sleep 1000'"
	swap_is 2 "*twin_check failed*"
	set_key plain "twin_switch='sleep 1000'"
	LIMIT=200
	swap_is 10 "*did not end in 60 s*serves on*" plain 8090
	LIMIT=1300
	lie hup hangs 1
	swap_is 10 "*was not hung up*serves on*"
	lie stop hangs 1
	swap_is 0 "*swapped*"
fi

it "the client outside got its answer every time"
touch /tmp/enough
wait "$judge"
rc=$?
out=$(cat /tmp/judge)
[ "$rc" -eq 0 ] || complain "the client lost requests"
printf '# %s of %s faults of what a swap calls survived\n' "$whole" "$tried"
printf '# %s\n' "$(head -n 1 /tmp/judge)"
printf '# %s s\n' $(($(date +%s) - began))

finish
