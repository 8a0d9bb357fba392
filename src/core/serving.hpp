// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/endpoint.hpp"
#include "core/record.hpp"

namespace twinctl {

/// Whether it has a listener wherever it is to serve. What comes in waits there, however busy it is.
bool listens(const Record& record, int parity);

/// Whether the recorded twin takes connections: wherever it is to serve, its own processes listen, and one of them waits
/// there or has taken a client on.
bool serves(const Record& record, int parity);

/// The same. Where nobody is seen waiting at a parity port that the twin has bound itself, it is asked by a connection,
/// for 0.3 s: a service may look for clients from time to time.
bool serves_if_asked(const Record& record, int parity);

/// The inodes of the sockets that listen there now, whoever has them.
std::vector<std::uint64_t> listeners_at(const Record& record, int parity);

/// Who has those listeners open: the recorded process itself, only one that it has started, or only one that has begun a
/// session of its own, as what puts itself into the background does.
enum class Holder { Itself, Child, Background };
Holder who_listens(const Record& record, int parity);

/// Whether it has any of those listeners open: one that was hung up closes them all. Cheaper.
bool has_listeners(const Record& record, int parity);

/// The endpoint of a twin that is started beside SIBLING, its living sibling if it has one: that
/// one's, for a swap never changes it; else what the configuration and this kernel give. Throws
/// InputError where it cannot be had, or is another one than the sibling's.
Endpoint decide_endpoint(Serving serving, const std::string& public_text,
                         const std::optional<Record>& sibling);

/// The names of RECORD's handed sockets, one by one.
std::vector<std::string> handed_names(const Record& record);

}  // namespace twinctl
