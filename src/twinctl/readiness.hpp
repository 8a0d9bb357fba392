// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

#include "core/names.hpp"
#include "twinctl/config.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

/// Waits until TWIN's own process is ready, as CONFIG says, or has ended, or the deadline of
/// CONFIG has passed, or a signal has come. Empty if it is ready, else why not.
std::string why_not_ready(const TwinName& twin, const Config& config, Observer& observer,
                          Clock& clock, Progress& progress);

/// That TWIN ended WHEN ("before" or "after") it was ready. A program that puts itself into the
/// background leaves somebody behind whom nobody knows.
std::string why_ended(const TwinName& twin, const Config& config, Observer& observer, const char* when);

/// "port 8081", "port 127.0.0.1:8081 9091", or "no port".
std::string ports_text(const Config& config, int parity);

/// "1 connection", "3 connections".
std::string counted(unsigned count, const char* what);

/// "1 connection was cut".
std::string cut_text(unsigned count);

/// "interrupted by SIGTERM".
std::string interrupted_by(int signal);

/// MS as whole seconds, rounded up: "3 s".
std::string seconds_text(std::int64_t ms);

/// Often at first, when what is waited for is nearly there, then ever more seldom.
int poll_interval_ms(std::int64_t waited_ms);

}  // namespace twinctl
