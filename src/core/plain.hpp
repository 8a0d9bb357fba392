// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace twinctl {

/// TEXT without what a terminal obeys: each byte of a control character (C0, DEL, and C1, which
/// xterm takes in UTF-8 as well) that is not in KEPT, and of what is no UTF-8, is written as \xNN.
std::string plain(std::string_view text, std::string_view kept = {});

}  // namespace twinctl
