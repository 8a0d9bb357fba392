// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace twinctl {

/// OpenRC's word for the state of a service, as librc keeps it: links under
/// /run/openrc/{starting,started,stopping,inactive}/NAME. Reading them takes microseconds where
/// `rc-service NAME status` takes ten milliseconds.
enum class ServiceState { Stopped, Starting, Started, Stopping, Inactive };

ServiceState service_state(const std::string& svcdir, const std::string& name);

const char* to_string(ServiceState state);

/// Whether a process is starting or stopping NAME this moment: it holds the flock on
/// exclusive/NAME. The mark alone is no proof, a killed rc-service leaves it behind.
bool is_being_changed(const std::string& svcdir, const std::string& name);

/// `zap` deletes a service's options, and a value kept there is how a twin is retired: the mark
/// lasts until the twin is started by a swap, by its pair, or after a zap.
bool is_retired(const std::string& svcdir, const std::string& name);
void mark_retired(const std::string& svcdir, const std::string& name);
void unmark_retired(const std::string& svcdir, const std::string& name);

/// Whether NAME is marked failed: beside other marks, by whoever gave it up or left it out.
bool is_marked_failed(const std::string& svcdir, const std::string& name);

/// Takes back that NAME is marked failed. openrc marks so what it skips for its `keyword -stop`, and
/// refuses to stop that for as long as the runlevel changes (openrc-run.c, svc_stop_check): for
/// ever, where that openrc was killed.
void unmark_failed(const std::string& svcdir, const std::string& name);

/// Whether OpenRC has booted this system; without softlevel rc-service refuses.
bool is_booted(const std::string& svcdir);

}  // namespace twinctl
