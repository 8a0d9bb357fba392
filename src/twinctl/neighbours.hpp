// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// A port or public socket that another pair is configured to have as well: "port 8081 is site.1's, too"; empty where
/// there is none. Of the others' configurations only plain assignments are read.
std::string shared_with_pair(const Layout& layout, const std::string& pair, const std::vector<Port>& ports,
                             const std::vector<PublicSocket>& publics);

/// A regular file that the process or a descendant has open for writing, and that a second one like it would write, too:
/// not a log, not in /run, /tmp, /dev or /proc, and without TWIN in its path. Empty where there is none.
std::string shared_file(const ProcessId& process, const std::string& twin);

}  // namespace twinctl
