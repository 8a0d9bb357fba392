#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154
#
# Releases of the reference service, for the tests of deploy and autodeploy.

# make_release ID [MISBEHAVIOUR]: in /var/tmp/ID. Its version is its ID.
make_release() {
	rm -rf "/var/tmp/$1"
	mkdir -p "/var/tmp/$1/bin" "/var/tmp/$1/share/deep"
	printf '#!/bin/sh\nexec %s "$@"\n' "$parityd" >"/var/tmp/$1/bin/parityd"
	chmod 755 "/var/tmp/$1/bin/parityd"
	touch -d @1700000000 "/var/tmp/$1/bin/parityd"
	echo "$1" >"/var/tmp/$1/version"
	ln -s ../../version "/var/tmp/$1/share/deep/version"
	[ $# -lt 2 ] || echo "$2" >"/var/tmp/$1/bad"
}

# seal ID: writes its manifest.
seal() {
	(cd "/var/tmp/$1" && find . -type f ! -path ./SHA256SUMS -exec sha256sum {} + >SHA256SUMS)
}

# install_released NAME BASE [WORD...]: a pair that has releases.
install_released() {
	local name=$1 port=$2
	shift 2
	twinctl -q install "$name" --command '{release}/bin/parityd' --port "$port" \
		--args '--port {port} --version-file {release}/version --misbehave-file {release}/bad' \
		--set twin_hup=HUP --set "supervisor=$SUPERVISOR" --set "twin_ready_timeout=$ready_timeout" --set "twin_drain_timeout=$drain_timeout" "$@"
}

# serves ID PORT: whether that release answers there.
serves() { "$load" --url "http://127.0.0.1:$2/" --requests 1 --clients 1 --timeout 2000 --expect "version=$1 "; }
