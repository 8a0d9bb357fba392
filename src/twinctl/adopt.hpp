// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/quiesce.hpp"
#include "twinctl/drain_watch.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/session.hpp"

namespace twinctl {

/// The services that need SERVICE, by OpenRC's dependency cache (deptree): they would start it again.
std::vector<std::string> needed_by(const std::string& deptree, const std::string& service);

struct AdoptWish {
    std::string signal;      ///< that tells the old service to end gracefully, without SIG; empty: none
    int drain_timeout = 60;  ///< s
};

struct AdoptOutcome {
    std::string result = "adopted";  ///< or kept: the old service serves on
    int exit = 0;
    unsigned connections_cut = 0;
    std::vector<std::string> runlevels;  ///< in which the pair took the place of the service
    std::string message;
};

/// A pair takes the place of a service that runs already, without a gap: a steered public port does
/// not care who listens there. The pair is started beside the service; new connections go to it from
/// then on; the service finishes what it has, is stopped, and leaves its runlevels to the pair. Each
/// part is passed over where it is done already, so that one that was interrupted can be called again.
class Adoption {
public:
    /// Throws InputError where SERVICE cannot be adopted by the session's pair.
    Adoption(Session& session, std::string service, AdoptWish wish);

    std::string plan();
    AdoptOutcome run();

private:
    struct Listener {
        ProcessId process;  ///< the first of those that have it open
        LocalPort at;
    };

    void look_around();
    std::vector<ProcessId> processes() const;
    void require_its_ports();
    void wait_while_started();
    bool start_pair(AdoptOutcome& outcome);
    void quiesce();
    bool drain(AdoptOutcome& outcome);
    void require_stopped();
    std::vector<FileChange> runlevel_changes(std::vector<std::string>& levels) const;

    Session& session_;
    std::string service_;
    AdoptWish wish_;
    std::vector<PublicSocket> publics_;
    std::vector<Listener> listeners_;
};

}  // namespace twinctl
