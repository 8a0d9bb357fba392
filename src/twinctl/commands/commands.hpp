// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "twinctl/context.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

/// A subcommand of twinctl. Its function returns an exit code of exit_code, or throws InputError
/// (2) or SystemError (1).
struct Command {
    const char* name;
    const char* summary;
    const char* usage;
    int (*run)(Context&, const Args&);
};

extern const Command adopt_command;
extern const Command autodeploy_command;
extern const Command check_command;
extern const Command deploy_command;
extern const Command install_command;
extern const Command list_command;
extern const Command rehearse_command;
extern const Command render_command;
extern const Command restart_command;
extern const Command rollback_command;
extern const Command start_command;
extern const Command status_command;
extern const Command stop_command;
extern const Command swap_command;
extern const Command uninstall_command;
extern const Command wait_command;

/// All of them, in the order of the help text.
const std::vector<const Command*>& all_commands();

/// For --dry-run: prints PLAN, as it stands or in one object.
int show_plan(Context& context, const std::string& pair, const std::string& plan, bool json);

/// For --json: prints the outcome of WORK as one object; where WORK throws, the refusal in the same shape.
int answer_as_json(Context& context, const std::string& pair, const std::function<SwapOutcome()>& work);

}  // namespace twinctl
