// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "options.hpp"
#include "scan.hpp"

namespace twinctl {

/// What there is to be seen of one twin, by each way there is.
struct TwinFacts {
    std::string name;
    std::vector<std::string> marks;      ///< OpenRC's directories that name it
    std::vector<pid_t> services;         ///< processes that serve as this twin
    std::vector<pid_t> others;           ///< supervisors, and what waits in its place
    int rc_status = 0;                   ///< of `rc-service NAME.P status`
    std::string state;                   ///< as `twinctl status` has it
    pid_t pid = 0;
    std::optional<std::string> answer;   ///< who answers on its parity port
};

struct Facts {
    TwinFacts twins[2];
    std::vector<std::string> marks;
    int rc_status = 0;
    int status = 0;                      ///< the exit status of `twinctl status`
    std::string state;
    std::optional<int> active;
    std::optional<int> noted;            ///< what /var/lib/twin/web/active says
    std::optional<int> left;             ///< the twin that was left draining
    std::vector<std::string> files;      ///< in /run/twin/web
    std::vector<std::string> litter;     ///< temporary files, wherever twinctl makes some
    std::vector<std::string> pins;       ///< in /run/twin/.bpf
    std::vector<std::string> locks;      ///< of the pair that somebody holds
    std::vector<Seen> commands;
    std::vector<std::string> answers;    ///< who answers on the public port: "-" nobody
    std::string text;                    ///< all that `twinctl status` printed
};

/// `twinctl status --json`, into FACTS.
void take_status(Facts& facts);

Facts gather(const Options& options);

/// For messages.
std::string to_text(const Facts& facts);

}  // namespace twinctl
