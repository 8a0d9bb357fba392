// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/names.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/quiesce.hpp"
#include "twinctl/config.hpp"
#include "twinctl/drain_watch.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/service_processes.hpp"
#include "twinctl/session.hpp"

namespace twinctl {

/// The services that need SERVICE, by OpenRC's dependency cache (deptree): they would start it again.
std::vector<std::string> needed_by(const std::string& deptree, const std::string& service);

/// Where a service listens, and from where it is reached there. A listener on :: takes IPv4 as well,
/// unless another one has 0.0.0.0 of the same port, beside which it could not be bound otherwise.
struct Reach {
    LocalPort at;
    bool ipv4 = false;
    bool ipv6 = false;
};
Reach reach_of(const LocalPort& listener, const std::vector<LocalPort>& all);

/// Whether each connection that comes in at THEIRS comes in at SOCKET, too; and whether any may.
bool covers(const PublicSocket& socket, const Reach& theirs);
bool meets(const PublicSocket& socket, const LocalPort& theirs);

struct AdoptWish {
    std::string signal;      ///< that tells the old service to end gracefully, without SIG; empty: none
    int drain_timeout = 60;  ///< s
};

struct AdoptOutcome {
    /// kept: the old service serves on; interrupted: neither that nor done, the same command goes on.
    std::string result = "adopted";
    int exit = 0;
    unsigned connections_cut = 0;
    std::vector<std::string> runlevels;  ///< in which the pair took the place of the service
    std::string message;
};

/// A pair takes the place of a service that runs already, without a gap: a steered public port does
/// not care who listens there. The pair is started beside the service; when it is ready, new
/// connections go to it; the service finishes what it has, is stopped, and leaves its runlevels to
/// the pair. Each part is passed over where it is done already, so that one that was interrupted can
/// be called again.
class Adoption {
public:
    /// Throws InputError where SERVICE cannot be adopted by the session's pair.
    Adoption(Session& session, std::string service, AdoptWish wish);

    std::string plan();
    AdoptOutcome run();

private:
    void require_pair_in_order();
    void look_around();
    void require_its_ports(const ServiceProcesses& processes);
    bool is_started() const;
    bool has_pair_switched();
    std::vector<ProcessId> to_signal() const;

    void wait_while_started();
    bool start_pair();
    std::string why_not_reached(const Config& config);
    void give_up(const std::string& why);
    void switch_over();
    void finish();
    bool drain();
    void stop_service();
    void interrupted_by_trouble(int exit, const std::string& what);
    std::vector<FileChange> runlevel_changes(std::vector<std::string>& levels) const;

    Session& session_;
    const Config& config_;
    std::string service_;
    AdoptWish wish_;
    std::vector<Reach> reached_;           ///< where the service listens at the public ports
    std::set<pid_t> listening_;            ///< its processes that do
    std::optional<TwinName> twin_;         ///< the one that serves
    bool was_up_ = false;                  ///< the pair, before all
    bool switched_ = false;
    std::vector<DrainWatch> watches_;
    std::optional<Quiesce> quiesce_;
    AdoptOutcome outcome_;
};

}  // namespace twinctl
