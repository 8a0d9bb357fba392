// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <iosfwd>

#include "tally.hpp"

namespace twinctl {

void write_text(std::ostream& out, const Tally& tally);
void write_json(std::ostream& out, const Tally& tally);

} // namespace twinctl
