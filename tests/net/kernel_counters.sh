#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause

usage() {
	cat <<-'END'
		usage: kernel_counters.sh [print]
		       kernel_counters.sh diff BEFORE AFTER

		Prints what this network namespace's kernel has counted of connections that came to grief,
		`NAME VALUE` a line. With diff: by how much each value in the file AFTER, printed earlier,
		is more than in BEFORE.
	END
}

# The files have a line of names and a line of values for each protocol. What a kernel does not
# count is not printed.
print() {
	awk '
		BEGIN {
			count = split("ListenDrops ListenOverflows OutRsts TCPAbortOnClose TCPAbortOnData " \
				"EstabResets AttemptFails TCPReqQFullDrop TCPReqQFullDoCookies SyncookiesSent " \
				"SyncookiesFailed", wanted)
		}
		$1 != protocol {
			protocol = $1
			for (i = 2; i <= NF; i++) name[i] = $i
			next
		}
		$1 == "Tcp:" || $1 == "TcpExt:" {
			for (i = 2; i <= NF; i++) value[name[i]] = $i
		}
		END {
			for (i = 1; i <= count; i++) if (wanted[i] in value) print wanted[i], value[wanted[i]]
		}' /proc/net/snmp /proc/net/netstat
}

diff() {
	awk '
		FILENAME == ARGV[1] { before[$1] = $2; next }
		{ print $1, $2 - before[$1] }' "$1" "$2"
}

case ${1:-print},$# in
print,[01]) print ;;
diff,3)
	if ! [ -r "$2" ] || ! [ -r "$3" ]; then
		printf 'kernel_counters.sh: cannot read %s and %s\n' "$2" "$3" >&2
		exit 1
	fi
	diff "$2" "$3"
	;;
-h,1 | --help,1) usage ;;
*)
	usage >&2
	exit 2
	;;
esac
