#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154
#
# A kernel or a container that lacks something: it is named before anything is touched, and never are both twins left up.

# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

needs python3 "Python"

# without WHAT COMMAND...: in a process for which a system call fails, as under a container's filter.
cat >/usr/local/bin/without <<-'END'
	#!/usr/bin/python3
	import ctypes, os, platform, struct, sys
	def step(code, value, yes=0, no=0):
	    return struct.pack("HBBI", code, yes, no, value)
	LOAD, EQUAL, RETURN, ALLOW, FAIL = 0x20, 0x15, 0x06, 0x7fff0000, 0x00050000
	socket_number = 41 if platform.machine() == "x86_64" else 198
	netlink, sock_diag, first, third = 16, 4, 16, 32
	filters = {
	    "pidfd_getfd": [step(LOAD, 0), step(EQUAL, 438, 0, 1), step(RETURN, FAIL | 1), step(RETURN, ALLOW)],
	    "sock_diag": [step(LOAD, 0), step(EQUAL, socket_number, 0, 5), step(LOAD, first), step(EQUAL, netlink, 0, 3),
	                  step(LOAD, third), step(EQUAL, sock_diag, 0, 1), step(RETURN, FAIL | 93), step(RETURN, ALLOW)],
	}
	steps = filters[sys.argv[1]]
	code = ctypes.create_string_buffer(b"".join(steps))
	class Program(ctypes.Structure):
	    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
	program = Program(len(steps), ctypes.addressof(code))
	if ctypes.CDLL(None).prctl(22, 2, ctypes.byref(program), 0, 0) != 0:
	    sys.exit("no seccomp filter can be had")
	os.execvp(sys.argv[2], sys.argv[2:])
END
chmod 755 /usr/local/bin/without

it "no CAP_SYS_PTRACE, as in Docker: a swap is refused by its name"
container=-all,+chown,+dac_override,+fowner,+setgid,+setuid,+setpcap,+net_bind_service,+kill
generous=$ready_timeout ready_timeout=2
install_web web 8080 --user nobody
ready_timeout=$generous
want_rc 0 setpriv --bounding-set "$container" --inh-caps "$container" rc-service web start
want_rc 2 setpriv --bounding-set "$container" --inh-caps "$container" twinctl swap web
want_out "twinctl: *CAP_SYS_PTRACE is missing*nothing was touched"
want_rc 2 setpriv --bounding-set "$container" --inh-caps "$container" twinctl check web
want_out "*error: a swap would be refused: *CAP_SYS_PTRACE is missing*"
want "it serves" fetch 8080
want_not "the other twin was started" started web.1
remove_web web

it "no sock_diag: a swap is refused by its name, and a start is not"
install_web web 8080 --public 80 --set twin_endpoint=steer
want_rc 0 without sock_diag rc-service web start
want_rc 2 without sock_diag twinctl swap web
want_out "twinctl: *no sock_diag (inet_diag, CONFIG_INET_DIAG)*nothing was touched"
want_rc 2 without sock_diag twinctl check web
want_out "*error: *no sock_diag (inet_diag, CONFIG_INET_DIAG)*"
want "it serves" fetch 80
want_not "the other twin was started" started web.1
want_rc 0 twinctl swap web

it "no pidfd_getfd, as under a container's filter: steer is refused with the reason, direct works"
want_rc 0 rc-service web stop
want_rc 1 without pidfd_getfd rc-service web start
want_out "*steer cannot be had: *pidfd_getfd(2) fails (a seccomp filter*"
want_rc 2 without pidfd_getfd twinctl check web
want_out "*error: steer cannot be had: *pidfd_getfd(2) fails*"
want_rc 3 without pidfd_getfd twinctl status web
want_out "web: stopped*steer cannot be had: *pidfd_getfd(2) fails*"
remove_web web
install_web web 8080
want_rc 0 without pidfd_getfd rc-service web start
want_rc 0 without pidfd_getfd twinctl swap web
remove_web web

finish
