// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/readiness.hpp"

#include <signal.h>

namespace twinctl {

namespace {

bool is_ready(const TwinView& view, const TwinName& twin, const Config& config,
              Observer& observer) {
    switch (config.ready) {
        case Ready::None: return true;
        case Ready::Listen: return view.listening;
        case Ready::Tcp: return view.listening && observer.accepts_tcp(config, twin.parity);
    }
    return false;
}

std::string why_late(const TwinName& twin, const Config& config, Observer& observer,
                     const std::optional<ProcessId>& process, bool listening) {
    auto why = twin.str() + " was not ready within " + seconds_text(config.ready_timeout * 1000LL);
    if (config.ports.empty()) {
        return why;
    }
    if (listening) {
        return why + ": it listens on " + ports_text(config, twin.parity) +
               ", but nobody can connect";
    }
    why += ": it does not listen on " + ports_text(config, twin.parity);
    const auto elsewhere = process ? observer.listens_elsewhere(*process) : "";
    return elsewhere.empty() ? why : why + ", but on " + elsewhere;
}

}  // namespace

std::string why_not_ready(const TwinName& twin, const Config& config, Observer& observer,
                          Clock& clock, Progress& progress) {
    const auto began = clock.now_ms();
    const auto deadline = began + config.ready_timeout * 1000LL;
    std::optional<ProcessId> first;
    for (;;) {
        const auto view = observer.look(twin);
        if (!first && view.alive) {
            first = view.record->process;
        }
        // A supervisor may have put another process in its place already: this one has failed.
        if (first ? !view.alive || view.record->process != *first : view.failed) {
            return twin.str() + " ended before it was ready";
        }
        if (first && is_ready(view, twin, config, observer)) {
            return {};
        }
        if (const int signal = clock.interrupted()) {
            return interrupted_by(signal);
        }
        const auto now = clock.now_ms();
        if (now >= deadline) {
            return why_late(twin, config, observer, first, view.listening);
        }
        progress.waiting("ready", "for " + twin.str() + ", " + seconds_text(deadline - now) + " to go");
        clock.pause(poll_interval_ms(now - began), first);
    }
}

std::string ports_text(const Config& config, int parity) {
    std::string text;
    for (const auto& port : config.ports) {
        text += (text.empty() ? "port " : " ") + endpoint_text(port.address, port.of(parity));
    }
    return text.empty() ? "no port" : text;
}

std::string interrupted_by(int signal) {
    return std::string("interrupted by SIG") +
           (signal == SIGINT ? "INT" : signal == SIGTERM ? "TERM" : "HUP");
}

std::string seconds_text(std::int64_t ms) {
    return std::to_string((ms + 999) / 1000) + " s";
}

int poll_interval_ms(std::int64_t waited_ms) {
    return waited_ms < 50 ? 1 : waited_ms < 500 ? 5 : 20;
}

}  // namespace twinctl
