#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A swap is killed before each system call by which it changes anything, and each such call fails
# once. One twin serves all the while, and the next swap is whole. By default only every so many of
# the calls that rc-service and its scripts make; LONG=1: all.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

: "${ENDPOINT:=steer}"
: "${LONG:=}"
: "${POINTS:=3}"
: "${PARTS:=twinctl first self all ENOSPC EROFS EIO ENOMEM full$([ "$ENDPOINT" != steer ] || echo " bpf")}"
fault=$bin/fault/fault
ends=/tmp/ends
began=$(date +%s)
written=openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat
written=$written,symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchownat,utimensat,write,writev
written=$written,pwrite64,ftruncate,fsync,fdatasync
other=clone,clone3,fork,vfork,execve,flock,bpf,bind,listen,connect,mount,umount2,pidfd_getfd,kill
other=$other,pidfd_send_signal
[ "$(uname -m)" = x86_64 ] || {
	written=openat,mkdirat,renameat,renameat2,unlinkat,linkat,symlinkat,fchmod,fchmodat,fchownat
	written=$written,utimensat,write,writev,pwrite64,ftruncate,fsync,fdatasync
	other=clone,clone3,execve,flock,bpf,bind,listen,connect,mount,umount2,pidfd_getfd,kill
	other=$other,pidfd_send_signal
}

install_web web 8080 --set "twin_endpoint=$ENDPOINT" --set twin_public=80 --set twin_listen_fds=yes
# So slow is no fault.
echo twin_ready_timeout=8 >>/etc/conf.d/web
rc-service web start >/dev/null
port=80
if [ "$ENDPOINT" = direct ]; then
	port=9000
	want "a client has its front" front 9000 8080
fi

# serving: how many twins are started and serve.
serving() {
	local count=0 parity
	for parity in 0 1; do
		started "web.$parity" && fetch $((8080 + parity)) >/dev/null 2>&1 && count=$((count + 1))
	done
	echo "$count"
}

# swap_with OPTION...: a swap in which one call goes wrong.
swap_with() {
	run timeout 60 "$fault" --let-go parityd --list "$ends" "$@" twinctl swap web
	said=$out
	met=$rc
	made=$(wc -l <"$ends")
}

# is_over AT: there was no such call. That swap was one like any other.
is_over() {
	[ "$made" -lt "$1" ] || return 1
	[ "$met" -eq 0 ] || complain "a swap in which nothing went wrong ends with $met after $made calls"
	[ "$(serving)" -eq 1 ] || complain "after a swap in which nothing went wrong $(serving) twins serve"
}

# is_whole WHERE: one twin serves; the next swap finishes or undoes what was left, says so, and is
# done. True where all of that is so.
is_whole() {
	local left='' before=$case_failed
	case_failed=
	[ "$(serving)" -ge 1 ] || complain "$1: nobody serves"
	fetch "$port" >/dev/null 2>&1 || complain "$1: the public port does not answer"
	if [ -e /run/twin/web/journal ]; then
		left=yes
	elif started web.0 && started web.1; then
		complain "$1: both are started, and no journal says why"
	fi
	run twinctl status web
	[ "$rc" -eq 0 ] || complain "$1: status says $rc"
	run timeout 60 twinctl swap web
	[ "$rc" -eq 0 ] || complain "$1: the next swap says $rc"
	case $left$out in
	yes*"an interrupted swap of web (it ended in step "*) ;;
	yes*) complain "$1: the next swap says nothing of the interrupted one" ;;
	esac
	[ ! -e /run/twin/web/journal ] || complain "$1: there is still a journal"
	[ "$(serving)" -eq 1 ] || complain "$1: $(serving) twins serve after the next swap"
	started "web.$(active_of web)" || complain "$1: the active one is not the one that is started"
	run twinctl status web
	case $rc$out in
	"0web: started"*) ;;
	*) complain "$1: status is not at rest" ;;
	esac
	if [ -n "$case_failed" ]; then
		out=$said
		complain "$1: that swap had ended with $met after: $(tail -n 1 "$ends")"
		return 1
	fi
	case_failed=$before
}

# points OPTION...: how many calls a swap makes of those that the options leave.
points() {
	"$fault" --let-go parityd --list "$ends" "$@" twinctl -q swap web
	wc -l <"$ends"
}

# every COUNT: how far apart the points are.
every() {
	if [ -n "$LONG" ] || [ "$1" -le "$POINTS" ]; then echo 1; else echo $((($1 + POINTS - 1) / POINTS)); fi
}

# crash WHAT STEP OPTION...: a swap is killed at each STEP-th of its calls.
crash() {
	local what=$1 step=$2 at=1 tried=0 whole=0
	shift 2
	while swap_with "$@" --kill-at "$at" && ! is_over "$at"; do
		tried=$((tried + 1))
		is_whole "killed at $at ($what)" && whole=$((whole + 1))
		at=$((at + step))
	done
	printf '# %s of %s crash points survived (%s killed)\n' "$whole" "$tried" "$what"
}

# break_calls ERRNO STEP OPTION...: each STEP-th of its calls fails.
break_calls() {
	local errno=$1 step=$2 at=1 tried=0 whole=0 from
	shift 2
	while from=$(active_of web) && swap_with "$@" --errno "$errno" --fail-at "$at" && ! is_over "$at"; do
		tried=$((tried + 1))
		case $met in
		0) [ "$(active_of web)" != "$from" ] || complain "$errno at $at: exit 0, and it is not swapped" ;;
		1 | 2 | 10 | 11 | 13) ;;
		*) complain "$errno at $at: exit $met" ;;
		esac
		is_whole "$errno at $at" && whole=$((whole + 1))
		at=$((at + step))
	done
	[ "$tried" -eq 0 ] || printf '# %s of %s faults survived (%s)\n' "$whole" "$tried" "$part"
}

all=$(points)
printf '# a swap changes something by %s calls, %s of them its own\n' "$all" "$(points --only-first)"
for part in $PARTS; do
	judge_begins "$port"
	case $part in
	twinctl)
		it "twinctl is killed before each call of its own"
		crash twinctl 1 --only-first --who first
		;;
	first | self | all)
		it "$part: killed at calls of rc-service and its scripts, too"
		crash "$part" "$(every "$all")" --who "$part"
		;;
	full)
		it "the disk is full from a moment on"
		break_calls ENOSPC "$(every "$(points --match "$written")")" --match "$written" --fail-on
		;;
	bpf)
		it "the kernel forbids what steers, once"
		break_calls EPERM "$(every "$(points --match bpf)")" --match bpf
		;;
	ENOMEM)
		it "ENOMEM: calls that write nothing fail"
		break_calls ENOMEM "$(every "$(points --match "$other")")" --match "$other"
		;;
	*)
		it "$part: what a swap, rc-service and twin-exec write is not written"
		break_calls "$part" "$(every "$(points --match "$written")")" --match "$written"
		;;
	esac
	judge_ends
done
printf '# %s s\n' $(($(date +%s) - began))

finish
