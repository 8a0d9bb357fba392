#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Releases that come by rsync over ssh, from a user without privileges, under load.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
# shellcheck source=tests/system/releases.sh
. /src/tests/system/releases.sh
needs rsync
needs sshd

base=/srv/twins/web
incoming=$base/incoming
settle=1

# --- a real sshd on the loopback, and who uploads ---------------------------------------------

mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/test_host_key
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/test_key
useradd -m -s /bin/sh -p '*' uploader
cat >/etc/ssh/test_config <<-'END'
	ListenAddress 127.0.0.1
	Port 2022
	HostKey /etc/ssh/test_host_key
	AuthorizedKeysFile /etc/ssh/test_key.pub
	PidFile /run/sshd/test.pid
	UsePAM no
	MaxStartups 50
END
cat >/var/tmp/ssh_config <<-'END'
	Host here
	HostName 127.0.0.1
	Port 2022
	User uploader
	IdentityFile /etc/ssh/test_key
	BatchMode yes
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	LogLevel ERROR
END
/usr/sbin/sshd -f /etc/ssh/test_config
remote() { ssh -F /var/tmp/ssh_config here "$@"; }
send() { rsync -a -e 'ssh -F /var/tmp/ssh_config' "$@"; }

install -d -m 755 "$base"
install -d -o uploader -g uploader -m 755 "$incoming"

# upload ID [WORD...]: as twinctl(8) tells it.
upload() {
	local id=$1
	shift
	seal "$id"
	send "$@" --exclude=/SHA256SUMS "/var/tmp/$id/" "here:$incoming/$id/" &&
		send "/var/tmp/$id/SHA256SUMS" "here:$incoming/$id/"
}

# What the service says: syslog(3) needs somebody who listens.
cat >/usr/local/bin/listen-log <<-'END'
	#!/usr/bin/perl
	use IO::Socket::UNIX;
	use Socket;
	unlink "/dev/log";
	my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/dev/log") or die "$!";
	chmod 0666, "/dev/log";
	open my $out, ">>", "/var/log/messages";
	$out->autoflush;
	print $out "$line\n" while defined $s->recv($line, 8192);
END
chmod 755 /usr/local/bin/listen-log
perl /usr/local/bin/listen-log &
eventually 20 [ -S /dev/log ]
service_pid() { pgrep -o -f '^/usr/sbin/twinctl autodeploy'; }
logged() { grep -q "$1" /var/log/messages; }

install_released web 8080 --set twin_public=80 --set twin_deploy_settle="$settle" --set twin_deploy_interval=0 \
	--set twin_upload_max=200
want_rc 0 rc-service twinctl-autodeploy start
out=$(tail -n 30 /var/log/messages)

it "the first release that is uploaded starts the pair"
make_release r0
want "it is uploaded" upload r0
want "it serves" eventually 40 serves r0 80
want "it is said" logged "web: deploying release r0"

"$load" --url http://127.0.0.1:80/ --rate 200 --seconds 900 --until-file /var/tmp/enough --clients 8 --expect version= >/tmp/load 2>&1 &
loader=$!

it "ten releases in a row, each live within the settling time and a swap"
previous=r0
slowest=0
for n in 1 2 3 4 5 6 7 8 9 10; do
	make_release "r$n"
	want "r$n is uploaded" upload "r$n" -c "--link-dest=../$previous"
	began=$(date +%s%N)
	want "r$n is live" eventually 40 serves "r$n" 80
	took=$((($(date +%s%N) - began) / 1000000))
	[ "$took" -le "$slowest" ] || slowest=$took
	previous=r$n
done
printf '# live at the latest %s ms after its manifest came, %s s of them the settling time\n' "$slowest" "$settle"
want "the slowest took $slowest ms" [ "$slowest" -le $((settle * 1000 + 3000)) ]
want "shared below incoming" [ "$(stat -c %h "$incoming/r10/bin/parityd")" -gt 1 ]
want "not below releases" [ "$(stat -c %h "$base/releases/r10/bin/parityd")" = 1 ]

# stays_out ID WHY: refused or put back, said, and r10 serves on.
stays_out() {
	want "it is said: $2" eventually 40 logged "web: .*$2"
	want "r10 serves on" serves r10 80
	want "it is in quarantine" eventually 20 [ -s "$base/quarantine/$1" ]
}

it "one that crashes is put back"
make_release crash die-at-start
want "it is uploaded" upload crash
stays_out crash "release crash is in quarantine"

it "one that never becomes ready is put back"
make_release never never-ready
want "it is uploaded" upload never
stays_out never "release never is in quarantine"

it "a corrupt one is refused"
make_release corrupt
seal corrupt
echo x >>/var/tmp/corrupt/bin/parityd
want "it is uploaded" send /var/tmp/corrupt/ "here:$incoming/corrupt/"
stays_out corrupt "release corrupt was refused: bin/parityd is not what SHA256SUMS says"

it "one whose check fails is refused"
make_release unfit
printf '#!/bin/sh\necho no good\nexit 1\n' >/var/tmp/unfit/twin-check
chmod 755 /var/tmp/unfit/twin-check
want "it is uploaded" upload unfit
stays_out unfit "release unfit was refused: twin-check failed with 1"

it "one with a hostile tree is refused"
make_release hostile
ln -s /etc/shadow /var/tmp/hostile/shadow
ln -s ../../../../../root /var/tmp/hostile/up
mkfifo /var/tmp/hostile/pipe
want "it is uploaded" upload hostile
stays_out hostile "release hostile was refused: pipe is a FIFO"
want "the link is said, too" logged "shadow is a link out of the release"

it "the same one under another ID is not tried"
remote cp -a "$incoming/crash" "$incoming/crash2"
want "it is said" eventually 40 logged "release crash2 is not tried again: as crash it was refused"
want "r10 serves on" serves r10 80

it "a burst of five ends on the newest, with no more swaps than needed"
swaps=$(grep -c '"result":"swapped"' /var/log/twin/web.log)
for n in 1 2 3 4 5; do
	make_release "burst$n"
	seal "burst$n"
	send "/var/tmp/burst$n/" "here:$incoming/.burst$n/"
done
remote "cd $incoming && for n in 1 2 3 4 5; do mv .burst\$n burst\$n; sleep 0.1; done"
want "the newest is live" eventually 40 serves burst5 80
sleep $((settle + 2))
want "burst5 serves" serves burst5 80
more=$(($(grep -c '"result":"swapped"' /var/log/twin/web.log) - swaps))
printf '# a burst of five: %s swaps\n' "$more"
want "at most two swaps, and there were $more" [ "$more" -le 2 ]

it "an older one is not deployed because the newest was taken away"
remote rm -rf "$incoming/burst5"
sleep $((settle + 1))
want "burst5 serves" serves burst5 80

it "a rollback is not undone"
want_rc 0 twinctl rollback web
remote touch "$incoming/burst4"
sleep $((settle + 1))
want "r10 or one of the burst serves, and not burst5" [ "$(readlink "$base/slots/$(active_of web)")" != ../releases/burst5 ]

it "killed at each step, it comes back and brings it to the same end"
n=0
for ms in 0 300 900 1000 1050 1100 1150 1200 1250 1300 1400 1500; do
	n=$((n + 1))
	make_release "k$n"
	want "the service runs" eventually 20 service_pid
	want "k$n is uploaded" upload "k$n"
	sleep "$(awk "BEGIN { print $ms / 1000 }")"
	kill -9 "$(service_pid)"
	# Every other time with what it has started.
	[ $((n % 2)) -eq 0 ] || pkill -9 -f "^/usr/sbin/twinctl -q deploy web"
	want "k$n is live, though killed after $ms ms" eventually 25 serves "k$n" 80
done

it "nothing was lost in all that"
: >/var/tmp/enough
wait "$loader"
grep '^sent' /tmp/load | sed 's/^/# /'
out=$(cat /tmp/load)
want "no request was lost" grep -q ' lost 0 ' /tmp/load

it "two pairs: the trouble of one does not delay the other"
twinctl -q install api --command '{release}/bin/parityd' --port 9090 --set "supervisor=$SUPERVISOR" \
	--args '--port {port} --version-file {release}/version --misbehave-file {release}/bad' \
	--set twin_ready_timeout=20 --set twin_deploy_settle=0 --set twin_deploy_interval=0
install -d -o uploader -g uploader -m 755 /srv/twins/api/incoming
want "it is found by itself" eventually 40 logged "api: looking for releases in /srv/twins/api/incoming"
make_release a1
make_release a2 never-ready
for id in a1 a2; do
	seal $id
	cp -a "/var/tmp/$id" "/srv/twins/api/incoming/.$id" && chown -R uploader "/srv/twins/api/incoming/.$id"
done
mv /srv/twins/api/incoming/.a1 /srv/twins/api/incoming/a1
want "a1 serves" eventually 40 serves a1 9090
mv /srv/twins/api/incoming/.a2 /srv/twins/api/incoming/a2
want "a2 is under way" eventually 20 logged "api: deploying release a2"
make_release z1
want "z1 is uploaded" upload z1
want "z1 is live meanwhile" eventually 20 serves z1 80
want_not "api is done already" logged "release a2 is in quarantine"

it "a stopped pair stays stopped"
want_rc 0 rc-service web stop
make_release z2
want "z2 is uploaded" upload z2
want "it is said" eventually 40 logged "web is stopped: release z2 waits until it is started"
want_rc 3 rc-service web status

it "a full disk hinders nobody, and is said"
want_rc 0 rc-service web start
mkdir -p /small && mount -t tmpfs -o size=8m,mode=755 small /small
install -d -o uploader -g uploader -m 755 /small/incoming
twinctl -q install tight --command '{release}/bin/parityd' --port 9190 --set "supervisor=$SUPERVISOR" \
	--args '--port {port} --version-file {release}/version' --set twin_releases=/small \
	--set twin_deploy_settle=0 --set twin_deploy_interval=0
make_release t1
seal t1
cp -a /var/tmp/t1 /small/incoming/t1
want "t1 serves" eventually 40 serves t1 9190
make_release t2
seal t2
dd if=/dev/zero of=/small/filler bs=64k count=1000 2>/dev/null
truncate -s -65536 /small/filler
cp -a /var/tmp/t2 /small/incoming/.t2 && mv /small/incoming/.t2 /small/incoming/t2
want "it is said" eventually 40 logged "tight: release t2: not enough space in /small/releases"
want "t1 serves on" serves t1 9190

it "it ends when it is told to"
want_rc 0 rc-service twinctl-autodeploy stop
want_not "it runs" service_pid
want "the twins serve on" serves t1 9190

kill "$(cat /run/sshd/test.pid)"
finish
