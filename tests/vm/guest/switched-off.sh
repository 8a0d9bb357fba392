#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# conf.d of sandbox-left, which OpenRC runs last before it ends the machine.

# OpenRC writes its log to the disk later, when the disk is read-only.
start_post() {
	cp /run/openrc/rc.log /var/log/shutdown.log
	sync
	mount -o remount,ro /
}
