// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/names.hpp"

namespace twinctl {

/// Where things are. ROOT is "" on the running system; what OpenRC itself keeps is in its own
/// state directory (RC_SVCDIR in a script's environment).
struct Layout {
    std::string root;
    std::string svcdir = "/run/openrc";

    std::string initscript(const std::string& name) const { return root + "/etc/init.d/" + name; }
    std::string conf(const std::string& name) const { return root + "/etc/conf.d/" + name; }

    std::string runs() const { return root + "/run/twin"; }
    std::string run(const std::string& pair) const { return runs() + "/" + pair; }
    /// A bpf file system with what steers each pair. No pair can be called so, for its dot.
    std::string steering() const { return runs() + "/.bpf"; }
    std::string lock(const std::string& pair) const { return run(pair) + "/lock"; }
    std::string guard_lock(const std::string& pair) const { return run(pair) + "/guard"; }
    std::string journal(const std::string& pair) const { return run(pair) + "/journal"; }
    std::string record(const TwinName& t) const { return run(t.pair) + "/" + digit(t); }
    /// Lists the namespaces in which the pair runs, as own_namespaces() has them.
    std::string namespaces(const std::string& pair) const { return run(pair) + "/namespaces"; }
    std::string pidfile(const TwinName& t) const { return record(t) + ".pid"; }
    /// There from the end of start_pre until the process that was started is on record.
    std::string starting(const TwinName& t) const { return record(t) + ".starting"; }

    /// There while the twin is hung up: it must not serve again, whoever starts its process.
    std::string draining(const TwinName& t) const { return record(t) + ".draining"; }

    /// There while the twin is rehearsed: it is to stay apart from the clients.
    std::string rehearsal(const TwinName& t) const { return record(t) + ".rehearsal"; }

    /// There while a swap stops the twin: until it is marked retired nobody may start it.
    std::string retiring(const TwinName& t) const { return record(t) + ".retiring"; }

    /// A lock that `twinctl adopt` holds while the pair takes the port of a service that runs.
    std::string adopting(const std::string& pair) const { return run(pair) + "/adopting"; }

    /// There when a shutdown stops the pair, whoever has its lock.
    std::string down(const std::string& pair) const { return run(pair) + "/down"; }

    std::string state(const std::string& pair) const { return root + "/var/lib/twin/" + pair; }
    std::string active(const std::string& pair) const { return state(pair) + "/active"; }

    std::string rehearsed(const std::string& pair) const { return state(pair) + "/rehearsed"; }
    std::string release_before(const std::string& pair) const { return state(pair) + "/release-before"; }
    /// The IDs that `twinctl autodeploy` is done with, one a line.
    std::string releases_seen(const std::string& pair) const { return state(pair) + "/releases-seen"; }

    /// Where the releases of PAIR are unless twin_releases says so.
    std::string releases(const std::string& pair) const { return root + "/srv/twins/" + pair; }

    std::string logs() const { return root + "/var/log/twin"; }
    std::string ledger(const std::string& pair) const { return logs() + "/" + pair + ".log"; }
    std::string output(const TwinName& t) const { return logs() + "/" + t.str() + ".log"; }

private:
    static std::string digit(const TwinName& t) { return std::to_string(t.parity); }
};

}  // namespace twinctl
