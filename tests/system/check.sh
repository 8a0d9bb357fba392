#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# check: which endpoint there is and could be, and each thing that is wrong in a line with its cure.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

it "a pair in order has nothing to say against it, and the plan of its next swap"
install_web web 8080 --set twin_public=80
rc-update -q add web default
want_rc 0 rc-service web start
want_rc 0 twinctl check web
want_out "web: ok: *web: ok: endpoint steer on 80, chosen by auto
web: ok: steer can be had here
web: ok: inherit cannot be had: the service is not handed its sockets*
web: ok: direct can always be had*
web: ok: 80 leads to web.0*
web: the next swap would do this:
  rc-service web.1 start
  wait until web.1 is ready (port 8081, at most $ready_timeout s)
  steer new connections for 80 to web.1
  wait until nothing is half-open or queued at web.0 (at most 3 s)
  rc-service web.0 hup
  wait until web.0 has finished its connections (at most $drain_timeout s)
  rc-service web.0 stop"
want_rc 0 twinctl -q check web
want "quiet says nothing" [ -z "$out" ]
want_rc 0 twinctl check web --json
want_out '{"name":"web","findings":?{"weight":"ok","text":"*","cure":null}*"plan":"rc-service web.1 start*'

it "a port that the kernel may give away"
range=$(cat /proc/sys/net/ipv4/ip_local_port_range)
echo '8000 60999' >/proc/sys/net/ipv4/ip_local_port_range
want_rc 0 twinctl -q check web
want_out "web: warning: port 8080 is inside net.ipv4.ip_local_port_range (8000 to 60999)*cure: *
web: warning: port 8081 is inside*"
echo 8080-8081 >/proc/sys/net/ipv4/ip_local_reserved_ports
want_rc 0 twinctl -q check web
want "reserved ports are nobody's" [ -z "$out" ]
echo "$range" >/proc/sys/net/ipv4/ip_local_port_range

it "a twin in a runlevel"
rc-update -q add web.1 default
want_rc 0 twinctl -q check web
want_out "web: warning: web.1 is in the runlevel default: a twin has no place there; cure: rc-update del web.1 default*"
rc-update -q del web.1 default

it "both twins up"
want_rc 0 rc-service web.1 zap start
want_rc 0 twinctl -q check web
want_out "web: warning: both twins are up and nobody swaps; cure: twinctl swap web"
want_rc 0 twinctl swap web
want_rc 0 twinctl -q check web
want "the cure helped" [ -z "$out" ]

it "a stranger on the public port"
"$parityd" --port 80 --version-name stranger 2>/dev/null &
stranger=$!
want "he listens" eventually 20 sh -c 'ss -ltn | grep -q ":80 "'
want_rc 0 twinctl -q check web
want_out "web: warning: pid * (parityd) listens on the public port 80 (*is not reached*"
want_rc 0 "$load" --url http://127.0.0.1:80/ --requests 20 --expect twin=web.
want_rc 0 twinctl status web
want_out "*somebody else listens on 80, and is not reached: ?twinctl check web? says who"
kill "$stranger"
wait "$stranger" 2>/dev/null
want_rc 0 twinctl status web
want "status has nothing to say any more" [ "$(printf '%s\n' "$out" | wc -l)" = 3 ]

it "a mark that lies, a dead twin, a dead supervisor"
active=$(active_of web)
if [ "$SUPERVISOR" = supervise-daemon ]; then
	kill -9 "$(cat "/run/twin/web/$active.pid")"
	want_rc 0 twinctl -q check web
	want_out "*the supervisor of web.$active is gone*cure: twinctl swap web*"
	want_rc 0 twinctl swap web
else
	kill -9 "$(recorded_pid "web.$active")"
	want_rc 0 eventually 20 sh -c '! pgrep -x parityd'
	run twinctl -q check web
	want_out "*web.$active is marked started, and its process is dead; cure: twinctl start web*"
	want_rc 0 twinctl start web
fi
want_rc 0 twinctl -q check web
want "the cure helped" [ -z "$out" ]
want_rc 0 rc-service "web.$(active_of web)" zap
want_rc 0 twinctl -q check web
want_out "web: warning: OpenRC has forgotten web.*, whose process lives; cure: twinctl swap web*"
want_rc 0 twinctl swap web

it "what would keep a swap from being done is exit 2"
echo 'twin_check=false' >>/etc/conf.d/web
want_rc 2 twinctl -q check web
want_out "*web: error: a swap would be refused: web.?: twin_check failed*"
sed -i '$d' /etc/conf.d/web
echo 'twin_public=90' >>/etc/conf.d/web
want_rc 2 twinctl -q check web
want_out "*a swap would be refused: the running twin has endpoint steer on 80, the configuration says steer on 90*"
sed -i '$d' /etc/conf.d/web
echo 'twin_command=/no/such/program' >>/etc/conf.d/web
want_rc 2 twinctl -q check web
want_out "*there is no program '/no/such/program'*"
sed -i '$d' /etc/conf.d/web
want_rc 0 twinctl -q check web

it "where BPF cannot be had it names the alternative"
run setpriv --bounding-set -bpf,-sys_admin,-perfmon,-net_admin twinctl check web
want_out "*steer cannot be had here: no permission to use BPF (CAP_BPF and CAP_NET_ADMIN)*direct can always be had, with HAProxy in front*"
remove_web web

it "a pair that is not running, whose port somebody has"
install_web web 8080
"$parityd" --port 8081 2>/dev/null &
stranger=$!
want "he listens" eventually 20 sh -c 'ss -ltn | grep -q ":8081 "'
want_rc 2 twinctl -q check web
want_out "web: error: port 8081 of web.1 is taken by pid $stranger (parityd); cure: *
web: error: a swap would be refused: web is not running: *"
printf 'twin_user=nosuch\ntwin_check="echo no; false"\n' >>/etc/conf.d/web
want_rc 2 twinctl -q check web
want_out "*web: error: twin_user: *nosuch*web: error: web.0: twin_check failed: no*"
kill "$stranger"
wait "$stranger" 2>/dev/null
remove_web web

it "an image's tree is checked by its files"
mkdir -p /tmp/image/etc/init.d /tmp/image/etc/conf.d /tmp/image/etc/runlevels/default
want_rc 0 twinctl --root /tmp/image install web --command /usr/bin/web --port 8080 --set twin_public=80
want_rc 0 twinctl --root /tmp/image check web
want_out "web: ok: web is in no runlevel*"
ln -s /etc/init.d/web.0 /tmp/image/etc/runlevels/default/web.0
want_rc 0 twinctl --root /tmp/image check web
want_out "web: warning: web.0 is in the runlevel default*"
rm /tmp/image/etc/runlevels/default/web.0
ln -s /etc/init.d/web /tmp/image/etc/runlevels/default/web
echo 'id >/tmp/of-the-image' >>/tmp/image/etc/rc.conf
want_rc 0 twinctl --root /tmp/image check web
cp /tmp/image/etc/conf.d/web /tmp/image.conf
echo 'id >/tmp/of-the-image' >>/tmp/image/etc/conf.d/web
want_rc 2 twinctl --root /tmp/image check web
want_out "twinctl: /tmp/image/etc/conf.d/web: line * is more than a value for a key: with --root nothing of the image is run"
want_not "anything of the image was run" [ -e /tmp/of-the-image ]
cp /tmp/image.conf /tmp/image/etc/conf.d/web
mv /tmp/image/etc/conf.d /tmp/image/etc/conf.d.own
ln -s /etc/conf.d /tmp/image/etc/conf.d
want_rc 2 twinctl --root /tmp/image install job --command /usr/bin/web --port 8090
want_out "twinctl: /tmp/image/etc/conf.d leads out of /tmp/image, to /etc/conf.d"
want_not "the running system was written to" [ -e /etc/conf.d/job ]
rm /tmp/image/etc/conf.d
mv /tmp/image/etc/conf.d.own /tmp/image/etc/conf.d
rm /tmp/image/etc/rc.conf
want_rc 0 twinctl --root /tmp/image uninstall web --purge
out=$(find /tmp/image ! -type d)
want "nothing is left" [ -z "$out" ]

it "what the shell complains of in a configuration that it takes"
install_web web 8080
cp /etc/conf.d/web /tmp/conf
printf '%s\n' 'twin_arggs --port' 'true' >>/etc/conf.d/web
want_rc 0 rc-service web start
want_rc 0 twinctl check web
want_out "*web: warning: the shell complains of the configuration: conf.d: *: /etc/conf.d/web: *twin_arggs: not found; cure: *"
cp /tmp/conf /etc/conf.d/web

it "clients of one family that the service has none of"
want_rc 0 rc-service web stop
sed -i 's/^twin_args=.*/twin_args="--port {port} --address 0.0.0.0 --version-file \/etc\/version"/' /etc/conf.d/web
echo twin_public=80 >>/etc/conf.d/web
want_rc 0 rc-service web start
want_rc 0 twinctl check web
want_out "*web: ok: 80 leads to web.0, by IPv4 only: clients by IPv6 are refused*"

it "a file that both twins would write"
cat >/usr/local/bin/writing <<'END'
#!/usr/bin/perl
use IO::Socket::INET;
open my $data, ">>", $ENV{DATA} . ($ARGV[0] // "") or die;
my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ENV{TWIN_PORT}", ReuseAddr => 1);
while (my $c = $s->accept) { close $c }
END
chmod 755 /usr/local/bin/writing
twinctl -q install store --command /usr/local/bin/writing --port 8090 --set twin_hup=TERM --set "supervisor=$SUPERVISOR"
echo 'export DATA=/var/lib/store.db' >>/etc/conf.d/store
want_rc 0 rc-service store start
want_rc 0 twinctl check store
want_out "*store: warning: store.0 has /var/lib/store.db open for writing: during a swap both twins would; cure: *"
want_rc 0 rc-service store stop
sed -i '/^twin_command/a twin_args={twin}' /etc/conf.d/store
want_rc 0 rc-service store start
want_rc 0 twinctl check store
want_not "it is said" sh -c 'case $1 in *"open for writing"*) ;; *) exit 1 ;; esac' - "$out"
rc-service store stop >/dev/null

it "a port that another pair has is refused by install and by check"
want_rc 2 twinctl install other --command "$parityd" --port 8080
want_out "twinctl: port 8080 is other.0's, and port 8080 is web.0's (/etc/conf.d/web)"
want_not "anything was written" [ -e /etc/init.d/other ]
want_rc 2 twinctl install other --command "$parityd" --port 8070 --public 80
want_out "twinctl: the public socket 80 is other's, and the public socket 80 is web's (/etc/conf.d/web)"
want_rc 2 twinctl install other --command "$parityd" --port 80
want_rc 0 twinctl install other --command "$parityd" --port 127.0.0.2:8070
sed -i 's/^twin_ports=.*/twin_ports=127.0.0.2:8080/' /etc/conf.d/other
want_rc 2 twinctl check other
want_out "*other: error: port 127.0.0.2:8080 is other.0's, and port 8080 is web.0's (/etc/conf.d/web); cure: *"
twinctl -q uninstall other --purge

it "install over an edited configuration says so each time, and by its exit status"
for round in 1 2; do
	want_rc 10 twinctl install web --command "$parityd" --port 8060
	want_out "twinctl: /etc/conf.d/web has been edited and stays as it is: what was asked for is not taken over; see /etc/conf.d/web.new"
done
want_rc 0 twinctl install web

it "a configuration that is newer than the twin is named by status"
want_rc 0 twinctl status web
want_not "it is said" sh -c 'case $1 in *"has changed since"*) ;; *) exit 1 ;; esac' - "$out"
echo '# newer' >>/etc/conf.d/web
want_rc 0 twinctl status web
want_out "*the program, the configuration or the initscript of web.0 has changed since it was started: *twinctl swap web*"

it "a user who may not see the processes is told that, not that they have crashed"
want_rc 0 setpriv --reuid 65534 --regid 65534 --clear-groups twinctl status web
want_out "web: started*"
mount -o remount,hidepid=2 /proc
want_rc 1 setpriv --reuid 65534 --regid 65534 --clear-groups twinctl status web
want_out "twinctl: what runs cannot be seen: *hidepid*"
want_rc 0 twinctl status web
mount -o remount,hidepid=0 /proc
remove_web web

finish
