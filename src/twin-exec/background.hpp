// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>

namespace twinctl {

/// Does WORK in a process of its own, in a session of its own, with nothing to read and nobody to print to but stderr; all
/// other descriptors are closed. It is no child of this one: the service, which this process becomes, is not to have a
/// child that it does not know. Throws SystemError where there can be no process.
void in_background(const std::function<void()>& work);

}  // namespace twinctl
