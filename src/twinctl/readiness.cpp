// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/readiness.hpp"

#include <signal.h>

#include <algorithm>
#include <optional>

#include "core/endpoint.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/serving.hpp"
#include "twinctl/config.hpp"

namespace twinctl {

namespace {

/// Each look at what the service says costs it an answer.
constexpr int ask_interval_ms = 50;
constexpr int answer_timeout_ms = 2000;
/// Also of the last question before the deadline, whose answer is what is reported.
constexpr int least_timeout_ms = 200;
/// A process that listens only by a child may be about to end: a script that has put the service into the background.
/// One that waits for its child is still there after that time. su(1), too, begins a session for what it waits for.
int settle_ms(Holder holder) {
    return holder == Holder::Itself ? 0 : holder == Holder::Child ? 1000 : 5000;
}


/// How long somebody must not be seen waiting at a port that is open before a connection asks for him, and then again.
constexpr std::int64_t probe_interval_ms = 1000;

/// Empty if it is ready, else why not.
std::string why_not_yet(const TwinView& view, const TwinName& twin, const Config& config,
                        Observer& observer, bool may_probe, std::int64_t left_ms) {
    if (config.ready == Ready::None) {
        return {};
    }
    if (!observer.serves(twin, *view.record) && !(may_probe && observer.serves_if_asked(twin, *view.record))) {
        return view.listening ? "it listens on " + ports_text(config, twin.parity) + ", but no process of it takes connections"
                              : "it does not listen";
    }
    const int timeout_ms = static_cast<int>(std::min<std::int64_t>(answer_timeout_ms, std::max<std::int64_t>(left_ms, least_timeout_ms)));
    std::string output;
    switch (config.ready) {
        case Ready::Tcp: return observer.accepts_tcp(config, twin.parity) ? "" : "nobody can connect";
        case Ready::Http: return observer.why_no_answer(config, twin.parity, timeout_ms);
        case Ready::Exec:
            return observer.run_check(config.ready_argument, twin, config.ports,
                                      static_cast<int>(std::max<std::int64_t>(left_ms, least_timeout_ms)), output)
                       ? ""
                       : "the command of twin_ready says no" + (output.empty() ? "" : ": " + output);
        default: return {};
    }
}

std::string why_late(const TwinName& twin, const Config& config, Observer& observer,
                     const std::optional<ProcessId>& process, const TwinView& view,
                     const std::string& why_not) {
    if (!process && view.state == ServiceState::Started) {
        // Each one that its supervisor started was gone before the next look.
        return why_ended(twin, config, observer, "before");
    }
    auto why = twin.str() + " was not ready within " + seconds_text(config.ready_timeout * 1000LL);
    // What is handed over listens whatever the service does.
    const bool inherits = view.record && view.record->endpoint == Endpoint::Inherit;
    if (view.listening || inherits || config.ports.empty()) {
        return why_not.empty() ? why : why + ": " + why_not;
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
    std::optional<std::int64_t> ready_since;
    std::int64_t probe_at = began + probe_interval_ms;
    std::string why_not;
    for (;;) {
        const auto view = observer.look(twin);
        if (!first && view.alive) {
            first = view.record->process;
        }
        // A supervisor may have put another process in its place already: this one has failed.
        if (first ? !view.alive || view.record->process != *first : view.failed) {
            return why_ended(twin, config, observer, "before");
        }
        if (first) {
            const bool may_probe = view.listening && clock.now_ms() >= probe_at;
            if (!view.listening || may_probe) {
                probe_at = clock.now_ms() + probe_interval_ms;
            }
            why_not = why_not_yet(view, twin, config, observer, may_probe, deadline - clock.now_ms());
            if (why_not.empty()) {
                ready_since = ready_since.value_or(clock.now_ms());
                if (config.ready == Ready::None ||
                    clock.now_ms() - *ready_since >= settle_ms(observer.who_listens(twin, *view.record))) {
                    return {};
                }
            }
        }
        if (const int signal = clock.interrupted()) {
            return interrupted_by(signal);
        }
        const auto now = clock.now_ms();
        if (now >= deadline) {
            return why_late(twin, config, observer, first, view, why_not);
        }
        progress.waiting("ready", "for " + twin.str() + ", " + seconds_text(deadline - now) + " to go");
        const bool asks = view.listening && config.ready != Ready::Listen;
        clock.pause(asks ? ask_interval_ms : poll_interval_ms(now - began), first);
    }
}

std::string why_ended(const TwinName& twin, const Config& config, Observer& observer, const char* when) {
    const auto why = twin.str() + " ended " + when + " it was ready";
    const auto taken = observer.look(twin).alive ? std::nullopt : observer.taken_port(config, twin.parity);
    return taken ? why + ", and " + taken->by + " listens on " + taken->port +
                       ": a twin must not put itself into the background (nginx: daemon off)"
                 : why;
}

std::string ports_text(const Config& config, int parity) {
    std::string text;
    for (const auto& port : config.ports) {
        text += (text.empty() ? "port " : " ") + endpoint_text(port.address, port.of(parity));
    }
    return text.empty() ? "no port" : text;
}

std::string counted(unsigned count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string cut_text(unsigned count) {
    return counted(count, "connection") + (count == 1 ? " was cut" : " were cut");
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
