#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# install, start, status, stop, uninstall, and the pair as one ordinary service of OpenRC.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

tree() { find /etc /run/twin /var/lib/twin -xdev ! -name '.depend*' ! -type d -exec ls -l {} + 2>/dev/null | sort; }
before=$(tree)

it "install sets a pair up, a second install changes no byte"
want_rc 0 install_web web 8080
once=$(tree)
want_rc 0 twinctl install web --command "$parityd" --port 8080 \
	--args "--port {port} --version-file /etc/version --misbehave-file /etc/bad.{name}.{parity}" \
	--set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout" --set "twin_drain_timeout=$drain_timeout" \
	--set twin_hup=HUP
want_out "web: nothing to do"
want "the tree is the same" [ "$once" = "$(tree)" ]
want_rc 0 twinctl list
want_out web

it "a pair that is not running says so"
want_rc 3 twinctl status web
want_rc 3 rc-service web status
want_rc 1 twinctl swap web
want_out "twinctl: web is not running: \`twinctl start web\` starts it"

it "install warns of a program that is not there"
want_rc 0 twinctl install later --command /opt/later
want_out "later: installed
twinctl: warning: there is no program '/opt/later': see twin_command"
want_rc 0 twinctl uninstall later

it "start starts one twin and waits until it is ready"
want_rc 0 rc-service web start
want "twin 0 serves" fetch 8080
want_not "twin 1 serves" fetch 8081
want_rc 0 rc-service web status
want_rc 0 twinctl status web
want_out "*web: started*web.0  started*active*web.1  stopped*"
want_rc 0 rc-service web start

it "status --json has the promised shape"
want_rc 0 twinctl status web --json
want_out '{"pairs":?{"name":"web","state":"started","active":0,"endpoint":"direct","public":null,"twins":?{"name":"web.0","parity":0,"state":"started","pid":'*',"ports":{"main":8080},"version":"'*'","uptime_s":'*',"connections":0},{"name":"web.1","parity":1,"state":"stopped","pid":null,"ports":{"main":8081},"version":null,"uptime_s":0,"connections":0}?}?}'

it "new settings of a pair that runs wait for a swap"
want_rc 0 twinctl install web --port 8080 --command "$parityd" --set "supervisor=$SUPERVISOR" --set twin_ready_timeout=3
want_out "web: installed
web runs as it was started until ?twinctl swap web?"
want_rc 0 twinctl install web --port 8080 --command "$parityd" --set "supervisor=$SUPERVISOR" --public 80
want_out "web: installed
the running twin has endpoint direct, *; ?rc-service web restart? changes it, with a gap"
want_rc 0 install_web web 8080

it "a link that is gone is put back"
rm /etc/init.d/web.1
want_rc 2 twinctl swap web
want_out "twinctl: there is no pair web: /etc/init.d/web.1 is missing; ?twinctl install web? puts it back"
want_rc 0 twinctl install web
mv /etc/init.d/web /etc/init.d/elsewhere
want_rc 2 twinctl swap web
want_out "twinctl: there is no pair web: /etc/init.d/web.0 leads to nothing; ?twinctl install web? puts it back"
want_rc 0 twinctl install web
rm /etc/init.d/elsewhere

it "a swap moves the service to the other twin"
want_rc 0 twinctl swap web
want_out "web: web.0 -> web.1*start*ready*hup*drain*stop*web: swapped, web.1 is active"
want "twin 1 serves" fetch 8081
want_not "twin 0 serves" fetch 8080
want "it is noted" [ "$(active_of web)" = 1 ]
want_rc 0 twinctl swap web --json
want_out '{"name":"web","from":1,"to":0,"result":"swapped","exit":0,"connections_cut":0,"phases_ms":{"start":*,"ready":*,"switch":0,"quiesce":0,"hup":*,"drain":*,"stop":*},"message":"web.0 is active"}'

it "reload and restart of the pair are swaps"
want_rc 0 rc-service web reload
want "twin 1 serves" fetch 8081
want_rc 0 twinctl restart web
want "twin 0 serves" fetch 8080

it "the pair's start starts the twin that was active last"
want_rc 0 twinctl swap web
want_rc 0 twinctl stop web
want_rc 3 rc-service web status
want "nothing is alive" eventually 20 sh -c '! pgrep -x parityd'
want_rc 0 twinctl start web
want "twin 1 serves" fetch 8081
want_not "twin 0 serves" fetch 8080

it "a retired twin is not started by a plain start, but by zap start"
want_rc 0 twinctl swap web
want_rc 1 rc-service web.1 start
want_out "*web.1 was retired by a swap*zap start*"
want_rc 1 rc-service web.1 start
want_rc 0 rc-service web.1 zap start
want "both serve" eventually 20 fetch 8081

it "two twins up are named by status, and one command cures it"
want_rc 0 twinctl status web
want_out "*web: both*twinctl swap web*"
want_rc 0 rc-service web.1 hup stop
want_rc 0 twinctl status web
want_out "web: started*"

it "OpenRC's restart works, and says that it is a gap"
want_rc 0 rc-service web restart
want_out "*restart stops both twins*twinctl restart web*"
want "it serves" fetch 8080

it "a twin that is killed is crashed, and start starts it again"
if [ "$SUPERVISOR" = start-stop-daemon ]; then
	kill -9 "$(recorded_pid web.0)"
	want "it is dead" eventually 20 sh -c '! pgrep -x parityd'
	want_rc 32 rc-service web status
	want_rc 32 twinctl status web
	want_rc 0 twinctl start web
else
	kill -9 "$(recorded_pid web.0)"
	want "it is respawned" eventually 20 fetch 8080
fi
want "it serves" fetch 8080
want_rc 0 twinctl status web

it "a crashed twin is replaced by a swap"
if [ "$SUPERVISOR" = start-stop-daemon ]; then
	kill -9 "$(recorded_pid web.0)"
	want "it is dead" eventually 20 sh -c '! pgrep -x parityd'
	want_rc 0 twinctl swap web
	want "twin 1 serves" fetch 8081
	want_rc 3 rc-service web.0 status
fi

it "uninstall is refused while a twin runs"
want_rc 1 twinctl uninstall web
want_out "twinctl: web.* is not stopped: \`twinctl stop web\` first"

it "stop stops what OpenRC takes for stopped, too"
want_rc 0 rc-service web zap
want_rc 0 twinctl status web
want_out "*OpenRC takes the pair for stopped: ?twinctl start web? mends that"
want_rc 0 twinctl stop web
want_rc 3 twinctl status web
if [ "$SUPERVISOR" = start-stop-daemon ]; then
	want_rc 0 rc-service web.0 zap start
	kill -9 "$(recorded_pid web.0)"
	want_rc 1 eventually 20 twinctl uninstall web
	want_rc 0 twinctl stop web
	want_rc 3 twinctl status web
fi
want_rc 0 rc-service web start

it "uninstall takes away all that was written"
want_rc 0 rc-service web stop
rc-update add web default >/dev/null
want_rc 0 twinctl uninstall web --purge
after=$(tree)
want "the tree is as before" [ "$before" = "$after" ]
want_not "logs are left" [ -e /var/log/twin ]

it "twin_user is who the service runs as, and its conf.d is read as OpenRC reads it"
install_web web 8080 --user nobody:daemon
echo 'twin_args="--port {port} --version-name overridden"' >/etc/conf.d/web.1
want_rc 0 rc-service web start
out=$(grep '^Uid:' "/proc/$(recorded_pid web.0)/status" && grep '^Gid:' "/proc/$(recorded_pid web.0)/status")
want_out "Uid:	65534	65534	65534	65534
Gid:	1	1	1	1"
want_rc 0 twinctl swap web
want_rc 0 "$load" --url http://127.0.0.1:8081/ --requests 1 --expect version=overridden
rm /etc/conf.d/web.1
remove_web web

it "command_user is refused with the advice"
install_web web 8080
echo 'command_user=nobody' >>/etc/conf.d/web
want_rc 1 rc-service web.0 start
want_out "*set twin_user instead*"
want_rc 2 twinctl swap web
remove_web web

it "values of any shape reach the service as they are"
twinctl -q install odd --command "$parityd" --port 8080 --set "supervisor=$SUPERVISOR" \
	--args '--port {port} --version-name "a  b; $(touch /tmp/owned) `x` * '"it's"'"'
want_rc 0 rc-service odd start
out=$(tr '\0' '|' <"/proc/$(recorded_pid odd.0)/cmdline")
want_out "*|--version-name|a  b; \$(touch /tmp/owned) \`x\` \* it's|"
want_not "anything was expanded" [ -e /tmp/owned ]
remove_web odd

it "a wrong configuration touches nothing and names file and key"
install_web web 8080
echo 'twin_prot=1' >>/etc/conf.d/web
want_rc 2 twinctl swap web
want_out "twinctl: /etc/conf.d/web: twin_prot: there is no such key; did you mean 'twin_ports'?"
sed -i '$d' /etc/conf.d/web
echo 'if' >>/etc/conf.d/web
want_rc 2 twinctl status web
want_out "twinctl: cannot read the configuration of web: */etc/conf.d/web*"
sed -i '$d' /etc/conf.d/web
echo 'twin_ports=8081' >>/etc/conf.d/web
want_rc 1 rc-service web start
want_out "*odd; a base port is even*"
want_not "anything runs" pgrep -x parityd
remove_web web

it "a pair that runs is shown and stopped, whatever has become of its configuration"
install_web web 8080
cp /etc/conf.d/web /tmp/conf
for line in 'twin_prot=1' 'if' '[ -f /etc/nowhere ] && : there' 'twin_drain_timeout = 5'; do
	want_rc 0 rc-service web start
	printf '%s\n' "$line" >>/etc/conf.d/web
	want_rc 2 twinctl check web
	want_out "twinctl: */etc/conf.d/web*"
	want_rc 2 twinctl status web
	want_out "*web: started*web.0  started, pid *active*"
	want_rc 2 twinctl swap web
	want_rc 0 twinctl stop web
	want_out "twinctl: warning: */etc/conf.d/web*"
	want_not "anything runs" pgrep -x parityd
	cp /tmp/conf /etc/conf.d/web
	want_rc 3 rc-service web status
done
remove_web web

it "an rc-service that has missed the end of its script does not hold a command"
install_web web 8080
want_rc 0 rc-service web start
cp /etc/conf.d/web /tmp/conf
echo 'if' >>/etc/conf.d/web
cp "$(command -v perl)" /tmp/openrc-run
mv /etc/init.d/web /tmp/web
printf '%s\n' '#!/tmp/openrc-run' '# waits for ever, and for nobody' 'select(undef, undef, undef, undef);' >/etc/init.d/web
chmod 755 /etc/init.d/web
want_rc 0 timeout 20 twinctl stop web
want_not "anything runs" pgrep -x parityd
mv /tmp/web /etc/init.d/web
cp /tmp/conf /etc/conf.d/web
remove_web web

finish
