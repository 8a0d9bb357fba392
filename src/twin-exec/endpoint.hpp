// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "core/endpoint.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/record.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

/// The endpoint that this twin is to have: decide_endpoint beside its sibling.
Endpoint endpoint_of(const Options& options, const Layout& layout);

/// Endpoint steer: sees to it that the twin's listeners are put into the map as soon as they
/// listen, by a helper that ends then. OWN is the record of the calling process, which is about
/// to become the service; LISTENS says that its sockets listen already.
void join_steering(const TwinName& twin, const Layout& layout, const Record& own, bool listens);

/// Points the endpoint at the sibling, where it points at this twin, and waits until nothing is
/// half-open or queued here, for 3 s at the most. Throws where it cannot be pointed there.
void move_to_sibling(const Options& options, const Layout& layout);

/// After the twin has ended: takes away what stands before a pair of which none is alive.
void leave_endpoint(const TwinName& twin, const Layout& layout, const Record& own);

}  // namespace twinctl
