#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Releases: what becomes one, what is refused, and that each twin has its own.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh
# shellcheck source=tests/system/releases.sh
. /src/tests/system/releases.sh

base=/srv/twins/web
incoming=$base/incoming
mkdir -p "$incoming"

# arrive ID: an upload, complete.
arrive() {
	seal "$1"
	rm -rf "${incoming:?}/$1"
	cp -a "/var/tmp/$1" "$incoming/$1"
}
slot() { readlink "$base/slots/$1"; }

install_released web 8080 --set twin_public=80

it "a pair without a release says so, and does not start"
want_rc 1 rc-service web start
want_out "*web.0 has no release yet: \`twinctl deploy web ID\` gives it one*"

it "the first release starts the pair"
make_release r1
want_rc 2 twinctl deploy web r1
want_out "*there is no upload $incoming/r1, and no release of that ID"
mkdir "$incoming/r1"
want_rc 2 twinctl deploy web r1
want_out "*r1 has not arrived: it has no SHA256SUMS*"
arrive r1
want_rc 0 twinctl deploy web r1 --dry-run
want_out "copy $incoming/r1 (3 files, *) to $base/releases/r1*point $base/slots/0 at release r1*rc-service web start"
want_not "it changed something" [ -e "$base/releases/r1" ]
want_rc 0 twinctl deploy web r1
want_out "*web: release r1 is live, web.0 is active"
want "it serves" serves r1 80
want "its slot" [ "$(slot 0)" = ../releases/r1 ]
want_rc 0 twinctl status web
want_out "*version r1*"

it "the copy is root's, and no link into the upload"
chown -R 1000 "$incoming/r1"
want "other files" [ "$(stat -c %h "$base/releases/r1/bin/parityd")" = 1 ]
want "root's" [ -z "$(find "$base/releases" ! -user root -o -perm /022 ! -type l)" ]
echo changed >"$incoming/r1/version"
want "as it was" [ "$(cat "$base/releases/r1/version")" = r1 ]

it "deploy swaps to the next one, each twin with its own"
make_release r2
arrive r2
want_rc 0 twinctl deploy web r2 --json
want_out '*"result":"swapped"*"release":"r2"*"quarantined":false*'
want "it serves" serves r2 80
want "the slots" [ "$(slot 0) $(slot 1)" = "../releases/r1 ../releases/r2" ]
want "the ledger" grep -q '"release":"r2"' /var/log/twin/web.log
want_rc 0 twinctl deploy web r2
want_out "*nothing to do, release r2 is active already"

it "a plain swap keeps the release"
want_rc 0 twinctl swap web
want "it serves" serves r2 80
want "the slots" [ "$(slot 0) $(slot 1)" = "../releases/r2 ../releases/r2" ]

it "rollback goes back to the release before, and forth again"
want_rc 0 twinctl rollback web
want "r1 serves" serves r1 80
want_rc 0 twinctl rollback web
want "r2 serves" serves r2 80

it "a directory is deployed as well, and needs no manifest"
make_release r3
want_rc 0 twinctl deploy web /var/tmp/r3
want "it serves" serves r3 80

# refused ID WHY: exit 2, the slots as they were, the old one serving.
refused() {
	local slots
	slots="$(slot 0) $(slot 1)"
	want_rc 2 twinctl deploy web "$1"
	want_out "*release $1 was refused: *$2*"
	want "the slots are as they were" [ "$(slot 0) $(slot 1)" = "$slots" ]
	want "r3 serves" serves r3 80
	want_not "a release was left" [ -e "$base/releases/$1" ]
	want "in quarantine" [ -s "$base/quarantine/$1" ]
	want_rc 2 twinctl deploy web "$1"
	want_out "*release $1 is not tried again: as $1 it was refused, *"
}

it "what its manifest does not vouch for is refused"
make_release c1
arrive c1
echo more >>"$incoming/c1/bin/parityd"
refused c1 "bin/parityd is not what SHA256SUMS says"
make_release c2
arrive c2
touch "$incoming/c2/extra"
refused c2 "extra is not in SHA256SUMS"
make_release c3
arrive c3
rm "$incoming/c3/version"
refused c3 "version is in SHA256SUMS and has not come"
make_release c4
arrive c4
echo 'rm -rf /' >>"$incoming/c4/SHA256SUMS"
refused c4 "SHA256SUMS, line 3, is not as sha256sum prints it"

it "a hostile tree is refused, and what is hostile is said"
make_release h1
ln -s /etc/shadow /var/tmp/h1/shadow
arrive h1
refused h1 "shadow is a link out of the release"
make_release h2
ln -s ../../h1 /var/tmp/h2/up
arrive h2
refused h2 "up is a link out of the release"
make_release h3
mkfifo /var/tmp/h3/pipe
arrive h3
refused h3 "pipe is a FIFO"
make_release h4
arrive h4
chmod u+s "$incoming/h4/bin/parityd"
refused h4 "bin/parityd has a set-user-ID or set-group-ID bit"
make_release h5
arrive h5
chown 1000 "$incoming/h5/version"
refused h5 "version belongs to uid 1000, and the upload to uid 0"
make_release h6
arrive h6
touch "$incoming/h6/$(printf 'a\nb')"
refused h6 "has a backslash or a control character in its name"
make_release h7
# Two links that are fine each, and lead out together.
ln -s .. /var/tmp/h7/share/a
ln -s share/a/.. /var/tmp/h7/b
arrive h7
refused h7 "b is a link out of the release"
make_release h8
mknod /var/tmp/h8/null c 1 3
arrive h8
refused h8 "null is a character device"
make_release h9
arrive h9
truncate -s 5G "$incoming/h9/large"
refused h9 "large makes the upload larger than 4096 MiB (twin_upload_max)"
want_rc 2 twinctl deploy web ../r1
want_out "*../r1 is no directory"
want_rc 2 twinctl deploy web .hidden
want_out "*'.hidden' is no ID of a release: it must begin with a letter or a digit"

it "no link on the way to the uploads is followed"
mv "$incoming" /var/tmp/elsewhere
ln -s /var/tmp/elsewhere "$incoming"
make_release w1
want "it is there" cp -a /var/tmp/w1 /var/tmp/elsewhere/w1
want_rc 2 twinctl deploy web w1
: >/var/tmp/elsewhere/w1/SHA256SUMS
want_rc 1 twinctl deploy web w1
want_out "*cannot read $incoming/w1: there is a symbolic link on the way*"
rm "$incoming"
mv /var/tmp/elsewhere "$incoming"

it "a release without the program is refused"
make_release p1
mv /var/tmp/p1/bin/parityd /var/tmp/p1/bin/other
arrive p1
refused p1 "it has no program bin/parityd (twin_command)"

it "its own check is run, as the user of the service, in the release"
make_release k1
printf '%s\n' '#!/bin/sh' 'echo "$TWIN_NAME $TWIN_RELEASE $PWD $(id -u)"' 'exit 3' >/var/tmp/k1/twin-check
chmod 755 /var/tmp/k1/twin-check
arrive k1
refused k1 "twin-check failed with 3:*web $base/releases/k1 $base/releases/k1 0"
echo 'twin_user=nobody' >>/etc/conf.d/web
make_release k2
sed 's/r1/k2/' /var/tmp/k1/twin-check >/var/tmp/k2/twin-check
chmod 755 /var/tmp/k2/twin-check
arrive k2
refused k2 "twin-check failed with 3:*web $base/releases/k2 $base/releases/k2 $(id -u nobody)"
sed -i '/twin_user/d' /etc/conf.d/web

# kept ID WHY: exit 10.
kept() {
	local slots
	slots="$(slot 0) $(slot 1)"
	want_rc 10 twinctl deploy web "$1"
	want_out "*$2*release $1 is in quarantine*"
	want "the slots are as they were" [ "$(slot 0) $(slot 1)" = "$slots" ]
	want "r3 serves" serves r3 80
	want_not "a release was left" [ -e "$base/releases/$1" ]
	want_rc 2 twinctl deploy web "$1"
	want_out "*release $1 is not tried again*"
}

it "one that does not run is put back, and not tried again, whatever its ID"
make_release b1 die-at-start
arrive b1
kept b1 "web.* serves on"
make_release b2 never-ready
arrive b2
kept b2 "web.* serves on"
mv "$incoming/b2" "$incoming/b3"
want_rc 2 twinctl deploy web b3
want_out "*release b3 is not tried again: as b2 it was refused*"
want_rc 10 twinctl deploy web b3 --again

it "one that dies when the old twin is hung up already gives its place to the release before"
make_release b4
cat >/var/tmp/b4/bin/parityd <<-SCRIPT
	#!/bin/sh
	[ ! -e /tmp/b4-ran ] || exit 1
	: >/tmp/b4-ran
	(
		until [ -e /run/twin/web/0.draining ] || [ -e /run/twin/web/1.draining ]; do sleep 0.02; done
		kill -9 \$\$
	) &
	exec $parityd "\$@"
SCRIPT
arrive b4
"$load" --url "http://127.0.0.1:80/slow?ms=3000" --requests 2 --clients 2 --timeout 30000 \
	--expect version=r3 >/tmp/slow 2>&1 &
slow=$!
sleep 0.4
want_rc 10 twinctl deploy web b4
want_out "*release b4 has ended after web.? was hung up, and does not start again: web.? runs r3*"
want_out "*release b4 is in quarantine*"
want "r3 serves" serves r3 80
want "the slow ones were answered" wait "$slow"
want_rc 2 twinctl deploy web b4
want_rc 0 twinctl check web

it "an ID is one release for ever"
make_release r2 slow-ready:10
arrive r2
want_rc 2 twinctl deploy web r2
want_out "*there is a release r2 already, and it is another one*"

it "a twin that is respawned comes back as its own release"
if [ "$SUPERVISOR" = supervise-daemon ]; then
	make_release r4
	arrive r4
	want_rc 0 twinctl deploy web r4
	make_release r5
	arrive r5
	p=$(active_of web)
	kill -9 "$(recorded_pid "web.$p")"
	want "r4 serves again" eventually 20 serves r4 80
	want_rc 0 twinctl deploy web r5
else
	make_release r5
	arrive r5
	want_rc 0 twinctl deploy web r5
fi
want "r5 serves" serves r5 80

it "a release that somebody else could change is not run"
p=$((1 - $(active_of web)))
target=$(readlink -f "$base/slots/$p")
chown 1000 "$target"
want_rc 1 rc-service "web.$p" zap start
want_out "*cannot trust $base/slots/$p: uid 1000 owns *"
chown 0 "$target"

it "an upload that needs more inodes than the disk has is not begun"
mkdir -p /srv/small
mount -t tmpfs -o nr_inodes=200,mode=755 tmpfs /srv/small
sed -i '/twin_releases/d' /etc/conf.d/web
echo 'twin_releases=/srv/small/web' >>/etc/conf.d/web
make_release many
for n in $(seq 300); do : >"/var/tmp/many/share/$n"; done
want_rc 1 twinctl deploy web /var/tmp/many
want_out "*not enough inodes in /srv/small/web/releases: *"
sed -i '/twin_releases/d' /etc/conf.d/web
umount /srv/small

it "a dry run says what would be refused"
mkdir -p /var/tmp/dry
cp -a /var/tmp/r1 /var/tmp/dry/r2
want_rc 0 twinctl deploy web /var/tmp/dry/r2 --dry-run
want_out "refuse release r2: there is a release r2 already*"
mv /var/tmp/dry/r2 /var/tmp/dry/new
rm /var/tmp/dry/new/SHA256SUMS
ln -s ../../../etc/shadow /var/tmp/dry/new/share/deep/out
want_rc 0 twinctl deploy web /var/tmp/dry/new --dry-run
want_out "refuse release new: share/deep/out is a link out of the release*"

it "old releases go, those in use stay"
echo 'twin_deploy_keep=1' >>/etc/conf.d/web
make_release r6
arrive r6
want_rc 0 twinctl deploy web r6
# shellcheck disable=SC2012
want "r5 and r6 are left" [ "$(ls "$base/releases" | tr '\n' ' ')" = "r5 r6 " ]
want_rc 0 twinctl rollback web
want "r5 serves" serves r5 80

it "two at once: one is busy"
make_release r7 slow-ready:5000
arrive r7
twinctl -q deploy web r7 &
sleep 0.4
want_rc 13 twinctl deploy web r6
want_out "*another twinctl deploys a release of web"
want "the first came to its end" wait $!
want "r7 serves" serves r7 80

it "killed at any moment, the next one brings it to the same end"
# Which releases there were, by number.
n=8
for ms in 0 20 40 60 80 100 130 160 200 240 280 320 400; do
	make_release "r$n"
	arrive "r$n"
	twinctl -q deploy web "r$n" >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk "BEGIN { print $ms / 1000 }")"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	want "something serves after $ms ms" fetch 80
	want_rc 0 twinctl deploy web "r$n"
	want "r$n serves, after it was killed at $ms ms" serves "r$n" 80
	want_not "a half copy is left" ls "$base/releases/.half-"*
	n=$((n + 1))
done

it "a stopped pair is left alone where that is asked for"
want_rc 0 rc-service web stop
make_release s1
arrive s1
want_rc 3 twinctl deploy web s1 --unless-stopped
want_out "*web is stopped: release s1 waits until it is started"
want_rc 0 twinctl deploy web s1
want "s1 serves" serves s1 80

it "swap --if-stale does nothing as long as nothing has changed"
want_rc 0 twinctl swap web --if-stale
want_out "*web: nothing to do, web.? is what it was started as"
pid=$(recorded_pid "web.$(active_of web)")
want_rc 0 twinctl swap web --if-stale --json
want_out '*"result":"nothing"*'
want "the same process" [ "$(recorded_pid "web.$(active_of web)")" = "$pid" ]
echo '# edited' >>/etc/conf.d/web
want_rc 0 twinctl swap web --if-stale
want_out "*has changed*swapped*"
remove_web web
cp "$parityd" /usr/local/bin/replaced
twinctl -q install web --command /usr/local/bin/replaced --port 8080 --args '--port {port}' \
	--set "supervisor=$SUPERVISOR"
want_rc 0 rc-service web start
want_rc 0 twinctl swap web --if-stale
want_out "*nothing to do*"
cp "$parityd" /usr/local/bin/replaced.new
mv /usr/local/bin/replaced.new /usr/local/bin/replaced
want_rc 0 twinctl swap web --if-stale
want_out "*the program of web.0 has been replaced*swapped*"

finish
