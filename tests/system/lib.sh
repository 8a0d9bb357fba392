#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2034,SC2016
#
# What the system tests share. A test is a script that runs in a booted sandbox.

# shellcheck source=tests/cases.sh
. /src/tests/cases.sh

: "${SUPERVISOR:=start-stop-daemon}"
# In seconds, and generous: a sound twin is ready within a tenth of a second, but not where the machine is busy.
ready_timeout=8 drain_timeout=8
bin=/src/${BUILD:-build}/tests
parityd=$bin/service/parityd
load=$bin/load/twin-load

# A test that reboots goes on counting where it was.
counts=/var/tmp/counts
[ ! -r "$counts" ] || read -r passed failed <"$counts"

# complain WHAT: notes a failed check, with what the last run printed.
complain() {
	case_failed=1
	printf '# %s: %s\n' "$case_name" "$1"
	[ -z "${out:-}" ] || printf '%s\n' "$out" | sed 's/^/#   | /' | head -n "${LINES_SHOWN:-25}"
}

# What a build with sanitizers has found, in any of its programs: tests/sanitize/sanitizers.cpp.
at_end=look_for_findings
look_for_findings() {
	# Who was killed while it looked for leaks is no finding.
	out=$(cat /var/log/sanitizer.* 2>/dev/null | grep -v 'Unable to get registers from thread')
	[ -z "$out" ] || complain "a sanitizer found something"
}

# next_boot STATUS: 240 to reboot, 241 to cut the power; the script is run again after that.
next_boot() {
	end_case
	echo "$passed $failed" >"$counts"
	sync
	exit "$1"
}

# run COMMAND...: its exit status is in $rc, what it printed in $out.
run() {
	out=$("$@" 2>&1)
	rc=$?
}

# want_rc STATUS COMMAND...
want_rc() {
	local wanted=$1
	shift
	run "$@"
	[ "$rc" -eq "$wanted" ] || complain "exit $rc, not $wanted: $*"
}

# want_out GLOB: what the last run printed fits.
want_out() {
	# shellcheck disable=SC2254
	case $out in
	$1) ;;
	*) complain "this is not what it should have said: $1" ;;
	esac
}

# want SENTENCE COMMAND...: the command succeeds.
want() {
	local sentence=$1
	shift
	"$@" >/dev/null 2>&1 || complain "not so: $sentence"
}

want_not() {
	local sentence=$1
	shift
	if "$@" >/dev/null 2>&1; then complain "so, and should not be: $sentence"; fi
}

# eventually SECONDS COMMAND...: succeeds within that time; looked at every 20 ms.
eventually() {
	local tries=$(($1 * 50))
	shift
	while [ "$tries" -gt 0 ]; do
		if "$@" >/dev/null 2>&1; then return 0; fi
		tries=$((tries - 1))
		sleep 0.02
	done
	return 1
}

# install_web NAME BASE [WORD...]: the reference service as a pair. SIGHUP is known to do what it should.
install_web() {
	local name=$1 port=$2
	shift 2
	case $* in
	*twin_hup=*) ;;
	*) set -- --set twin_hup=HUP "$@" ;;
	esac
	twinctl -q install "$name" --command "$parityd" --port "$port" \
		--args "--port {port} --version-file /etc/version --misbehave-file /etc/bad.{name}.{parity}" \
		--set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout" --set "twin_drain_timeout=$drain_timeout" "$@"
}

remove_web() {
	rc-service "$1" stop >/dev/null 2>&1
	rc-service "$1" zap >/dev/null 2>&1
	twinctl -q uninstall "$1" --purge
}

# fetch PORT [PATH]: one GET.
fetch() {
	"$load" --url "http://127.0.0.1:$1${2:-/}" --requests 1 --clients 1 --timeout 2000 --expect version=
}

# judge_begins PORT, judge_ends: a client outside, which gets its answer every time.
judge_begins() {
	rm -f /tmp/enough
	"$load" --url "http://127.0.0.1:$1/" --rate 100 --clients 4 --seconds 3600 \
		--until-file /tmp/enough --expect version= >/tmp/judge 2>&1 &
	judge=$!
}

judge_ends() {
	touch /tmp/enough
	wait "$judge" || {
		out=$(cat /tmp/judge)
		complain "the client lost requests"
	}
	printf '# %s\n' "$(head -n 1 /tmp/judge)"
}

started() { [ -e "/run/openrc/started/$1" ]; }
recorded_pid() { sed -n 's/^pid //p' "/run/twin/${1%.*}/${1##*.}"; }
active_of() { cat "/var/lib/twin/$1/active"; }

# add_service NAME [LINE...]: an initscript that keeps a sleep running, with what else it is told.
add_service() {
	local name=$1
	shift
	{
		printf '%s\n' '#!/sbin/openrc-run' 'command=/bin/sleep' 'command_args=100000' \
			'command_background=yes' "pidfile=/run/$name.pid" "$@"
	} >"/etc/init.d/$name"
	chmod 755 "/etc/init.d/$name"
}

# front PORT BASE [LINE...]: HAProxy in front of both twins. What it had to do again shows in its
# statistics, `front_retries`; it is told to try another server rather than to fail.
front() {
	local port=$1 base=$2
	shift 2
	mkdir -p /run/front
	{
		printf '%s\n' 'global' '	stats socket /run/front/stats level admin' 'defaults' \
			'	mode http' '	timeout connect 2s' '	timeout client 40s' '	timeout server 40s' \
			'	retries 5' '	option redispatch 1' '	option httpclose' \
			'	retry-on conn-failure empty-response' \
			'listen web' "	bind 127.0.0.1:$port" \
			"	server web.0 127.0.0.1:$base" \
			"	server web.1 127.0.0.1:$((base + 1))" "$@"
	} >/run/front/haproxy.cfg
	haproxy -q -db -f /run/front/haproxy.cfg &
	front_pid=$!
	eventually 20 fetch "$port"
}

# front_switched PAIR PORT: HAProxy as twinctl renders it for a pair that is public on this port, and
# twin_switch in its conf.d.
front_switched() {
	mkdir -p /run/front /var/lib/haproxy
	install_socat
	twinctl render haproxy "$1" >/run/front/rendered || return
	sed -n '1,/^$/p' /run/front/rendered >/run/front/haproxy.cfg
	sed '1,/^$/d' /run/front/rendered >>"/etc/conf.d/$1"
	haproxy -q -db -f /run/front/haproxy.cfg &
	front_pid=$!
	eventually 20 fetch "$2"
}

# As much of socat(1) as twin_switch uses.
install_socat() {
	! command -v socat >/dev/null || return 0
	cat >/usr/local/bin/socat <<-'END'
		#!/usr/bin/perl
		use IO::Socket::UNIX;
		my $s = IO::Socket::UNIX->new($ARGV[-1] =~ s/^UNIX-CONNECT://r) or die "socat: $!\n";
		print $s <STDIN>;
		$s->flush;
		print while <$s>;
	END
	chmod 755 /usr/local/bin/socat
}

# Ends either of the two.
front_down() {
	kill "$front_pid"
	wait "$front_pid" 2>/dev/null
}

# The number of retries and of redispatches that HAProxy counted.
front_retries() {
	perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new("/run/front/stats") or exit 1;
		print $s "show stat\n";
		while (<$s>) { my @f = split /,/; print "$f[15] $f[16]\n" if $f[1] eq "BACKEND" }'
}

# needs COMMAND WHAT: skips the whole script where it is missing.
needs() {
	command -v "$1" >/dev/null 2>&1 && return 0
	printf 'skip - %s is not here\n0 passed, 0 failed, 1 skipped\n' "$1"
	exit 0
}

echo 1 >/etc/version
