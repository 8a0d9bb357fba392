// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/record.hpp"

namespace twinctl {

// What stays beside a twin, in a process in the background, and returns when the twin has ended, is hung up, or is another
// process than OWN.

/// Endpoint steer: a twin that closes its listener and binds it anew (caddy on a reload, nginx with `reuseport` and fewer
/// workers) leaves its slot empty, and the public port led nowhere. Puts the new one there, within half a second.
void follow_listeners(const TwinName& twin, const Layout& layout, const Record& own);

/// Endpoint inherit: a twin that ends may remove the file of a public Unix socket, though its sibling is reached by it.
/// Keeps a second name of each, PATH.NAME.P, and links it back.
void keep_socket_files(const TwinName& twin, const Layout& layout, const Record& own);

}  // namespace twinctl
