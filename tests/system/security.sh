#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2086,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Each line of the section SECURITY of twinctl(8), by its name.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# A variable, for a function in the background would be a shell with the command as its child.
as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'

# install_at ENDPOINT [WORD...]
install_at() {
	local endpoint=$1
	shift
	case $endpoint in
	direct) install_web web 8080 "$@" ;;
	steer) install_web web 8080 --set twin_public=80 --set twin_endpoint=steer "$@" ;;
	inherit)
		twinctl -q install web --command "$parityd" --port 8080 --args '--version-file /etc/version' \
			--set twin_listen_fds=yes --set twin_public=unix:/run/web.sock --set twin_endpoint=inherit \
			--set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout" --set "twin_drain_timeout=$drain_timeout" "$@"
		;;
	esac
}

value_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(recorded_pid "$1")/status"; }

# is_plain: no terminal obeys a byte of what the last run printed.
is_plain() { [ -z "$(printf '%s' "$out" | LC_ALL=C tr -d '\n\t -~')" ]; }

# --- configuration ------------------------------------------------------------

# distrusted PATH BREAK MEND SENTENCE: while it is broken nothing is run of it, and nothing changed.
distrusted() {
	local path=$1 break=$2 mend=$3 sentence=$4
	eval "$break"
	echo "touch /run/was-run" >>/etc/conf.d/web
	rm -f /run/was-run
	for command in swap status check; do
		want_rc 2 twinctl "$command" web
		want_out "*cannot trust $path: $sentence*"
		want_not "$command ran it" [ -e /run/was-run ]
	done
	want_rc 1 rc-service web.1 zap start
	want_out "*cannot trust $path: $sentence*"
	want_not "a twin was started" started web.1
	eval "$mend"
	sed -i --follow-symlinks '$d' /etc/conf.d/web
}

it "configuration: what somebody else could have written is not run"
install_web web 8080
want_rc 0 rc-service web start
distrusted /etc/conf.d/web 'chmod o+w /etc/conf.d/web' 'chmod o-w /etc/conf.d/web' \
	'everybody can write /etc/conf.d/web'
distrusted /etc/conf.d/web 'chown nobody /etc/conf.d/web' 'chown root /etc/conf.d/web' \
	'uid 65534 owns /etc/conf.d/web'
distrusted /etc/conf.d/web 'chmod o+w /etc/conf.d' 'chmod o-w /etc/conf.d' 'everybody can write /etc/conf.d'
distrusted '/etc/init.d/web*' 'chmod o+w /etc/init.d/web' 'chmod o-w /etc/init.d/web' \
	'everybody can write /etc/init.d/web'
distrusted /etc/conf.d/web.1 'echo twin_hup=auto >/etc/conf.d/web.1; chgrp 100 /etc/conf.d/web.1; chmod g+w /etc/conf.d/web.1' \
	'rm /etc/conf.d/web.1' 'group 100 can write /etc/conf.d/web.1'
mkdir -p /srv/conf
distrusted /etc/conf.d/web 'mv /etc/conf.d/web /srv/conf; chown nobody /srv/conf; ln -s /srv/conf/web /etc/conf.d/web' \
	'chown root /srv/conf' 'uid 65534 owns /srv/conf'

it "configuration: a link of root's, and what root's group may write, are as good as a file"
chmod g+w /srv/conf /srv/conf/web
want_rc 0 twinctl swap web
chmod o+w /srv/conf
want_rc 2 twinctl status web
chmod o-w /srv/conf
remove_web web

# --- what is kept at run time -------------------------------------------------

it "state: what somebody else could have written is not believed"
install_web web 8080
want_rc 0 rc-service web start
cp /run/twin/web/0 /run/twin/web/1
echo '{"format":1,"name":"web","from":0,"to":1,"step":"hup","left":false}' >/run/twin/web/journal
for path in /run/twin/web/0 /run/twin/web/1 /run/twin/web/journal /run/twin/web /run/twin \
	/var/lib/twin/web /var/lib/twin /var/log/twin; do
	chown nobody "$path"
	want_rc 1 twinctl status web
	want_out "*cannot trust $path: uid 65534 owns it*"
	want_rc 1 twinctl swap web
	want_out "*cannot trust $path: uid 65534 owns it*"
	chown root "$path"
	chmod o+w "$path"
	want_rc 1 twinctl swap web
	want_out "*cannot trust $path: everybody can write it*"
	chmod o-w "$path"
done
rm /run/twin/web/journal /run/twin/web/1
want "the twin was left alone" fetch 8080

it "state: a link is not followed"
mkdir /tmp/away
for path in /run/twin/web /var/lib/twin /var/log/twin; do
	mv "$path" /tmp/away/dir
	ln -s /tmp/away/dir "$path"
	want_rc 1 twinctl swap web
	want_out "*cannot trust $path: it is a symbolic link*"
	rm "$path"
	mv /tmp/away/dir "$path"
done
ln -s /etc/shadow /run/twin/web/journal
want_rc 1 twinctl swap web
want_out "*cannot trust /run/twin/web/journal: it is a symbolic link*"
rm /run/twin/web/journal
mkfifo /run/twin/web/journal
want_rc 1 timeout 10 twinctl swap web
rm /run/twin/web/journal
ln -s /etc/passwd /run/twin/web/0.tmp1
mv /var/log/twin/web.log /var/log/twin/kept 2>/dev/null
ln -s /etc/was-written /var/log/twin/web.log
want_rc 0 twinctl swap web
want_not "the ledger went through a link" [ -e /etc/was-written ]
rm /var/log/twin/web.log

it "state: a forged active twin starts nothing, a forged lock opens no guard"
active=$(active_of web)
want_rc 0 rc-service web stop
chmod o+w /var/lib/twin/web/active
want_rc 1 rc-service web start
want_out "*cannot trust /var/lib/twin/web/active: everybody can write it*"
chmod o-w /var/lib/twin/web/active
want_rc 0 rc-service web start
chmod o+w /run/twin/web/lock
touch /run/openrc/stopping/web
flock -F /run/openrc/exclusive/web sleep 20 &
holder=$!
want "somebody is at the pair" eventually 20 sh -c '! flock -n /run/openrc/exclusive/web true'
printf '%s rc-service web stop\n' $$ >/run/twin/web/lock
want_rc 1 rc-service "web.$active" stop
want_out "*cannot trust /run/twin/web/lock: everybody can write it*"
want "it serves" fetch $((8080 + active))
kill "$holder"
wait "$holder" 2>/dev/null
rm -f /run/openrc/stopping/web /run/twin/web/lock

it "state: only root may lock, and look at what steers"
remove_web web
install_at steer
want_rc 0 rc-service web start
for path in /run/twin/web/lock /run/twin/.bpf/web/link /run/twin/.bpf/web/active /run/twin/.bpf.lock; do
	want "$path is there" [ -e "$path" ]
	want_not "nobody opens $path" $as_nobody cat "$path"
done
want_rc 0 $as_nobody twinctl status web
remove_web web

# --- what a service is given --------------------------------------------------

known_variables='EINFO_LASTCMD|EINFO_LOG|HOME|LANG|LOGNAME|PATH|PWD|RC_SERVICE|RC_SVCNAME|SHLVL|SVCNAME|TERM|USER|_'

for endpoint in direct steer inherit; do
	it "environment: $endpoint: nothing of whoever called comes through"
	install_at "$endpoint" --user nobody
	# Let through by OpenRC, at its administrator's wish: these speak of another process.
	printf 'export TWIN_PORT_EVIL=7 TWIN_PORT=7 LISTEN_PID=1 LISTEN_FDS=3 LISTEN_FDNAMES=evil\n' >>/etc/conf.d/web
	mkdir -p /tmp/evil
	call() {
		LD_PRELOAD='' LD_LIBRARY_PATH=/tmp/evil ENV=/tmp/evil/env PYTHONPATH=/tmp/evil IFS=x TWIN_PORT=9 \
			LISTEN_FDS=9 LISTEN_PID=1 NOTIFY_SOCKET=/tmp/evil/s PATH="/tmp/evil:$PATH" "$@" 7</etc/passwd
	}
	want_rc 0 call rc-service web start
	want_rc 0 call twinctl swap web
	variables=$(tr '\0' '\n' <"/proc/$(recorded_pid web.1)/environ")
	out=$(printf '%s\n' "$variables" | grep -vE "^($known_variables)=" | sort)
	wanted='TWIN_NAME=web.1
TWIN_PARITY=1
TWIN_PORT=8081
TWIN_PORT_MAIN=8081'
	[ "$endpoint" != inherit ] || wanted="LISTEN_FDNAMES=main:main-parity
LISTEN_FDS=2
LISTEN_PID=$(recorded_pid web.1)
$wanted"
	want "only what it should know is in there" [ "$out" = "$wanted" ]
	out=$variables
	want_not "a directory of the caller's is on PATH" grep -q '^PATH=.*/tmp' "/proc/$(recorded_pid web.1)/environ"
	want_out "*USER=nobody*"

	it "descriptors: $endpoint: a service has its outputs, and the sockets that it was handed"
	out=$(for fd in "/proc/$(recorded_pid web.1)/fd"/*; do readlink "$fd"; done |
		grep -vxE 'pipe:.*|anon_inode:\[(eventfd|eventpoll|timerfd)\]' | sed 's/^socket:.*/socket/' | sort)
	wanted="/dev/null
/var/log/twin/web.1.log
/var/log/twin/web.1.log
socket"
	[ "$endpoint" != inherit ] || wanted="$wanted
socket"
	want "only those" [ "$out" = "$wanted" ]
	want "and no terminal" [ "$(cut -d ' ' -f 7 "/proc/$(recorded_pid web.1)/stat")" -eq 0 ]
	remove_web web
done

it "descriptors: twin_check has its outputs alone, and an environment of its own"
install_web web 8080
echo "twin_check='ls -l /proc/self/fd >/tmp/fds; env >/tmp/env'" >>/etc/conf.d/web
want_rc 0 rc-service web start
want_rc 0 env FOO=bar LISTEN_FDS=3 twinctl swap web 7</etc/passwd 8>/tmp/eight
out=$(sed -n 's/.* -> //p' /tmp/fds | grep -vxE '/dev/null|/tmp/fds|/proc/[0-9]*/fd|/memfd:output .*')
want "only those" [ -z "$out" ]
out=$(grep -vE '^(PATH|LANG|TERM|PWD|_|SHLVL|OLDPWD)=' /tmp/env | sort)
want "no more than it should know" [ "$out" = 'TWIN_NAME=web.1
TWIN_PARITY=1
TWIN_PORT=8081' ]
remove_web web

it "privileges: twin_user leaves nothing of root, and what root binds is bound before"
echo 'twins:x:4711:nobody' >>/etc/group
twinctl -q install web --command "$parityd" --port 90 --args '--fd main,{fd:main} --version-file /etc/version' \
	--user nobody --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
want_rc 0 rc-service web start
want "it serves a port that only root may bind" fetch 90
want "its user" [ "$(value_of web.0 Uid)" = '65534	65534	65534	65534' ]
want "its group" [ "$(value_of web.0 Gid)" = '65534	65534	65534	65534' ]
want "its groups" [ "$(value_of web.0 Groups)" = '4711 65534 ' ]
for set in CapInh CapPrm CapEff CapAmb; do
	want "$set is empty" [ "$(value_of web.0 $set)" = 0000000000000000 ]
done
pid=$(recorded_pid web.0)
want_not "its log can be opened anew" $as_nobody sh -c ": >>/proc/$pid/fd/1"
want_rc 0 twinctl swap web
remove_web web

it "privileges: no_new_privs is OpenRC's to set, and a user that is none is refused"
install_web web 8080 --user nobody --set no_new_privs=yes
want_rc 0 rc-service web start
want "it is set" [ "$(value_of web.0 NoNewPrivs)" = 1 ]
want_rc 0 rc-service web stop
for user in 4294967295:0 65534:4294967295; do
	sed -i "s/^twin_user=.*/twin_user=$user/" /etc/conf.d/web
	want_rc 1 rc-service web start
	want_out "*nobody can be number 4294967295*"
done
remove_web web

it "umask: it is the service's alone, and no pidfile is anybody's"
install_web web 8080 --set umask=000 --user nobody
want_rc 0 rc-service web start
want "the service has it" [ "$(value_of web.0 Umask)" = 0000 ]
want "the pidfile is written" eventually 20 [ -s /run/twin/web/0.pid ]
out=$(find /run/twin /var/lib/twin /var/log/twin ! -type l -perm /022)
want "nothing of ours is writable" [ -z "$out" ]
want_rc 0 twinctl swap web
sed -i 's/^umask=.*/umask=0x1/' /etc/conf.d/web
want_rc 1 rc-service web.0 zap start
want_out "*umask: '0x1' is no octal mode*"
remove_web web

# --- who is who ---------------------------------------------------------------

# put_at PID COMMAND...: runs it as that process, whose number has become free.
put_at() {
	local pid=$1 tries=0
	shift
	want "the number is free" eventually 20 [ ! -e "/proc/$pid" ]
	while [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
		"$@" &
		stranger=$!
		[ "$stranger" -ne "$pid" ] || return 0
		kill "$stranger"
	done
	return 1
}

if [ "$SUPERVISOR" = start-stop-daemon ]; then
	it "processes: who has the number of a dead twin is neither it nor its supervisor, and is not stopped"
	install_web web 8080
	want_rc 0 rc-service web start
	pid=$(recorded_pid web.0)
	kill -9 "$pid"
	put_at "$pid" $as_nobody perl -e '$0 = "supervise-daemo"; sleep 1000' || complain "the number was not to be had"
	want "it has taken a supervisor's name" eventually 20 grep -qx supervise-daemo "/proc/$pid/comm"
	want_rc 32 twinctl status web
	want_rc 0 rc-service web.0 stop
	want "the stranger lives" kill -0 "$pid"
	kill "$pid"
	want_rc 0 twinctl start web
	pid=$(recorded_pid web.0)
	kill -9 "$pid"
	put_at "$pid" sleep 1000 || complain "the number was not to be had"
	want_rc 0 twinctl swap web
	want "the stranger lives" kill -0 "$pid"
	kill "$pid"
	remove_web web
fi

it "ports: a stranger at the idle twin's port is named, and is led nobody"
install_at steer
want_rc 0 rc-service web start
$as_nobody perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalAddr => "0.0.0.0:8081", Listen => 5, ReuseAddr => 1, ReusePort => 1) or die; sleep 1000' &
stranger=$!
want "he listens" eventually 20 sh -c 'grep -q ":1F91 00000000:0000 0A" /proc/net/tcp'
want_rc 1 twinctl swap web
want_out "*port 8081 of web.1 is taken by pid $stranger (perl)*"
want_rc 1 rc-service web.1 zap start
want_out "*port 8081 is taken by pid $stranger (perl)*"
want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 5 --clients 1 --expect twin=web.0
kill "$stranger"
wait "$stranger" 2>/dev/null
want_rc 0 twinctl swap web
remove_web web

it "sockets: where somebody else could put one in its place, none is put"
mkdir /run/web.d
for owner in 'nobody 755' 'root 777'; do
	twinctl -q install web --command "$parityd" --port 8080 --args '--version-file /etc/version' \
		--set twin_listen_fds=yes --set twin_public=unix:/run/web.d/web.sock --set twin_endpoint=inherit \
		--set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout"
	chown "${owner% *}" /run/web.d
	chmod "${owner#* }" /run/web.d
	want_rc 1 rc-service web start
	want_out "*cannot trust unix:/run/web.d/web.sock: * /run/web.d*"
	want_not "it is there" [ -e /run/web.d/web.sock ]
done
chmod 755 /run/web.d
chown nobody /run/web.d
sed -i '$d' /etc/conf.d/web
echo twin_user=nobody >>/etc/conf.d/web
want_rc 0 rc-service web start
want "one of the service's own will do" [ -S /run/web.d/web.sock ]
out=$(perl -MIO::Socket::UNIX -e '
	my $s = IO::Socket::UNIX->new(Peer => "/run/web.d/web.sock") or die $!;
	print join " ", (unpack "i3", getsockopt $s, 1, 17)[1, 2]')
want "its clients are told that root listens" [ "$out" = '0 0' ]
ln -s /etc/passwd /run/web.d/web.sock.kept
want_rc 0 twinctl swap web
want "what is no socket is not removed" [ -L /run/web.d/web.sock.kept ]
remove_web web

# --- words and texts ----------------------------------------------------------

it "words: a value is data, whatever is in it"
cat >/usr/local/bin/tells <<'END'
#!/bin/sh
for word; do printf '[%s]' "$word"; done >/tmp/told
exec sleep 1000
END
chmod 755 /usr/local/bin/tells
rm -f /tmp/was-run
twinctl -q install web --command /usr/local/bin/tells --set "supervisor=$SUPERVISOR" --set twin_ready=none \
	--args '$(touch /tmp/was-run) `touch /tmp/was-run` ;touch /tmp/was-run "a  b" {parity}; {name}$(id) * ~ '"'"'"'"'"
want_rc 0 rc-service web start
want "it was started" eventually 20 [ -s /tmp/told ]
out=$(cat /tmp/told)
want "each word is as it was written" [ "$out" = \
	'[$(touch][/tmp/was-run)][`touch][/tmp/was-run`][;touch][/tmp/was-run][a  b][0;][web$(id)][*][~]["]' ]
want_not "a word was run" [ -e /tmp/was-run ]
remove_web web
want_rc 2 twinctl install 'web;id'
want_rc 2 twinctl install '../web'

it "output: no terminal obeys what a twin wrote"
cat >/usr/local/bin/rude <<'END'
#!/bin/sh
printf '\033]0;evil\007\033[31mred\r\302\233Awhite\233B\n' >&2
exit 1
END
chmod 755 /usr/local/bin/rude
install_web web 8080
want_rc 0 rc-service web start
printf 'twin_command=/usr/local/bin/rude\ntwin_check="/usr/local/bin/rude; true"\n' >/etc/conf.d/web.1
want_rc 10 twinctl swap web
want "its last words are plain" is_plain
want_out '*\\x1b]0;evil\\x07\\x1b\[31mred\\x0d*'
want_rc 10 twinctl swap web --json
want "so they are in JSON" is_plain
out=$(cat /var/log/twin/web.log)
want "and in the ledger" is_plain
echo 'twin_check="/usr/local/bin/rude"' >>/etc/conf.d/web.1
for command in swap check 'check --json'; do
	want_rc 2 twinctl ${command%% *} web ${command#"${command%% *}"}
	want "what twin_check said is plain" is_plain
done
rm /etc/conf.d/web.1
remove_web web

it "output: a log of the service's own is not followed to somewhere else"
mkdir -p /var/log/own
chown nobody /var/log/own
install_web web 8080
want_rc 0 rc-service web start
printf 'twin_command=/usr/local/bin/rude\nerror_log=/var/log/own/web.log\noutput_log=/dev/null\n' >/etc/conf.d/web.1
: >/var/log/own/target
ln -s /var/log/own/target /var/log/own/web.log
want_rc 10 twinctl swap web
case $out in *red*) complain "it was read through a link" ;; esac
rm /etc/conf.d/web.1
remove_web web

# --- programs -----------------------------------------------------------------

it "programs: what root would run and others could change is named; no PATH leads to where one stands"
cp "$parityd" /usr/local/bin/web
chown nobody /usr/local/bin/web
twinctl -q install web --port 8080 --set "supervisor=$SUPERVISOR" \
	--args '--port {port} --version-file /etc/version'
want_rc 0 rc-service web start
want_rc 0 twinctl check web
want_out "*warning: uid 65534 owns /usr/local/bin/web, and root runs /usr/local/bin/web*"
mv /usr/local/bin/web /tmp/evil/web
cd /tmp/evil || exit 1
want_rc 2 env PATH=".:$PATH" twinctl swap web
want_out "*there is no program 'web'*"
cd / || exit 1
remove_web web
for program in twinctl twin-exec; do
	cp "$(command -v $program)" "/tmp/evil/$program"
	chmod u+s "/tmp/evil/$program"
	$as_nobody "/tmp/evil/$program" --version >/tmp/said 2>&1
	want "$program refuses to be set-user-ID" grep -q 'not made to run set-user-ID' /tmp/said
done

it "temporary files: there is none in a directory that everybody may write"
mount -t tmpfs -o ro none /tmp
mount -t tmpfs -o ro none /var/tmp
mount -t tmpfs -o ro none /dev/shm
for endpoint in direct steer inherit; do
	install_at "$endpoint"
	want_rc 0 rc-service web start
	want_rc 0 twinctl swap web
	want_rc 0 twinctl check web
	remove_web web
done
umount /tmp /var/tmp /dev/shm

it "logs: none is opened by root where the service could put a link"
useradd -r www 2>/dev/null || adduser -S -D -H www
install -d -o www /var/log/web
install_web web 8080 --user www --set error_log=/var/log/web/error.log
want_rc 1 rc-service web start
want_out "*cannot trust the log /var/log/web/error.log: uid * owns /var/log/web*"
want_rc 2 twinctl check web
want_out "*error: uid * owns /var/log/web*, and root opens the log /var/log/web/error.log*"
chown root /var/log/web
want_rc 0 rc-service web start
remove_web web

# surroundings PARITY: what a twin was given by whoever started it.
surroundings() {
	local pid
	pid=$(recorded_pid "web.$1")
	cat "/proc/$pid/limits" "/proc/$pid/oom_score_adj"
	ps -o ni= -p "$pid"
	taskset -p "$pid" | sed 's/.*: //'
	ionice -p "$pid"
}

# from_cron COMMAND...: with less than OpenRC has at boot.
from_cron() {
	sh -c 'echo 300 >/proc/self/oom_score_adj; ulimit -S -n 64; ulimit -S -c 0; exec ionice -c 3 taskset 1 nice -n 7 "$@"' cron "$@"
}

it "what the caller of a swap has is not the service's"
install_web web 8080
want_rc 0 rc-service web start
surroundings 0 >/tmp/at-boot
for parity in 1 0; do
	want_rc 0 from_cron twinctl swap web
	surroundings "$parity" >/tmp/now
	want "web.$parity has what the twin before had" cmp /tmp/at-boot /tmp/now
done
want_rc 0 from_cron rc-service web.1 zap start
surroundings 1 >/tmp/now
want "so has one that is started by hand" cmp /tmp/at-boot /tmp/now
want_rc 0 from_cron rc-service web.0 stop
if [ "$SUPERVISOR" = supervise-daemon ]; then
	pid=$(recorded_pid web.1)
	kill -9 "$pid"
	another_pid() { [ "$(recorded_pid web.1)" != "$pid" ] && fetch 8081; }
	want "it is brought back" eventually 20 another_pid
	surroundings 1 >/tmp/now
	want "with what it had" cmp /tmp/at-boot /tmp/now
fi
# A hard limit is only root's to raise, and not in every container.
if sh -c 'ulimit -n 64; ulimit -n 65' 2>/dev/null; then
	want_rc 0 sh -c 'ulimit -n 64; exec twinctl swap web'
else
	want_rc 10 sh -c 'ulimit -n 64; exec twinctl swap web'
	want_out "*web.* cannot be given what web.* has: RLIMIT_NOFILE is less here*"
fi
echo 'rc_ulimit="-n 333"' >>/etc/conf.d/web
want_rc 0 twinctl swap web
want "a limit of the configuration counts" grep -q 'Max open files *333 *333' "/proc/$(recorded_pid "web.$(active_of web)")/limits"

it "a swap from another namespace touches nothing"
want_rc 2 unshare -m twinctl swap web
want_out "twinctl: web.* was started in another mount namespace than this; nothing was touched"
want_rc 2 unshare -n twinctl swap web
want_out "*another network namespace*"
want_rc 1 unshare -m rc-service "web.$((1 - $(active_of web)))" zap start
want_out "*was started in another mount namespace than this*"
want_rc 0 twinctl status web
remove_web web

it "an inheritable capability does not outlive the change of user"
install_web web 8080 --user nobody
want_rc 0 setpriv --inh-caps=+net_admin rc-service web start
want "nothing is left" grep -q '^CapInh:	0*$' "/proc/$(recorded_pid web.0)/status"
remove_web web

finish
