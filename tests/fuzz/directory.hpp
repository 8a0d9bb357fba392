// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

#include "core/layout.hpp"

namespace twinctl::fuzz {

/// A directory of its own that is the root of an image, and goes with its owner.
class Directory {
public:
    Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory();

    /// OpenRC's own state is in it, too.
    const Layout& layout() const { return layout_; }
    /// Makes FILE, one of the layout's, hold CONTENT.
    void write(const std::string& file, std::string_view content) const;
    bool empty() const;

private:
    Layout layout_;
};

}  // namespace twinctl::fuzz
