#!/bin/sh
# shellcheck disable=SC2015,SC2016,SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The template dropped in by hand, as the design tells it: no twinctl, no configuration needed.
# shellcheck source=tests/system/lib.sh
. /src/tests/system/lib.sh

# The service's name is the name of its binary, and it takes its port from the environment.
cat >/usr/local/bin/my-service-name <<END
#!/bin/sh
exec $parityd --port "\${TWIN_PORT:-9000}"
END
chmod 755 /usr/local/bin/my-service-name
# No twinctl on this machine.
mv /usr/sbin/twinctl /usr/sbin/twinctl.away

it "the template is copied and linked"
want "copied" cp -p /src/templates/service.example /etc/init.d/
cd /etc/init.d || exit 1
want "linked" ln -s service.example my-service-name.0
want "linked" ln -s service.example my-service-name.1
rc-update -u

it "by its bare name the template says what it is, and starts nothing"
want_rc 1 rc-service service.example start
want_out "*is a template*"

it "a twin without ports is started, and the binary is the pair's name"
want_rc 0 rc-service my-service-name.0 zap start
want "it serves on its own port" eventually 20 fetch 9000
want_rc 0 rc-service my-service-name.0 status

it "the last twin is neither stopped nor hung up, and the sentence says what to do"
want_rc 1 rc-service my-service-name.0 stop
want_out "*my-service-name.0 is the last twin: my-service-name.1 is stopped; start the other first: \`rc-service my-service-name.1 zap start\`*"
want_rc 12 rc-service my-service-name.0 hup
want_out "*my-service-name.0 is the last twin*"
want "it still serves" fetch 9000

it "twin_guard=off in conf.d stops both"
echo 'twin_guard=off' >/etc/conf.d/my-service-name
want_rc 0 rc-service my-service-name.0 stop
want_not "it serves" fetch 9000

it "two lines of conf.d make the ports those of the parity"
cat >/etc/conf.d/my-service-name <<'END'
twin_ports=8080
supervisor=${SUPERVISOR:-start-stop-daemon}
END
sed -i "s/\${SUPERVISOR.*}/$SUPERVISOR/" /etc/conf.d/my-service-name
want_rc 0 rc-service my-service-name.0 zap start
want "twin 0 on the even port" eventually 20 fetch 8080

it "start the new, hang up the old, stop the old"
want_rc 0 rc-service my-service-name.1 zap start
want "twin 1 on the odd port" eventually 20 fetch 8081
want_rc 0 rc-service my-service-name.0 hup
want "the old one closes its listener" eventually 20 sh -c "! $load --url http://127.0.0.1:8080/ --requests 1"
want_rc 0 rc-service my-service-name.0 status
want_rc 0 rc-service my-service-name.0 stop
want_rc 3 rc-service my-service-name.0 status
want "the new one serves" fetch 8081

it "and back again"
want_rc 0 rc-service my-service-name.0 zap start
want "twin 0 is there" eventually 20 fetch 8080
want_rc 0 rc-service my-service-name.1 hup
want_rc 0 rc-service my-service-name.1 stop
want "the new one serves" fetch 8080

it "a zap start of the active twin by mistake orphans nothing"
pid=$(recorded_pid my-service-name.0)
want_rc 1 rc-service my-service-name.0 zap start
want_out "*already running as pid $pid*"
want_rc 0 rc-service my-service-name.0 status
want "it serves" fetch 8080
want "the same process" [ "$(recorded_pid my-service-name.0)" = "$pid" ]

it "OpenRC knows the adopted process: it sees it crash, and the other twin can be stopped no more"
want_rc 0 rc-service my-service-name.1 start
want "twin 1 is there" eventually 20 fetch 8081
want_rc 0 rc-service my-service-name.0 stop
want "its process is gone" [ ! -e "/proc/$pid" ]

finish
