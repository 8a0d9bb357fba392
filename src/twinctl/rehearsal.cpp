// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/rehearsal.hpp"

#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/listeners.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
#include "twinctl/config.hpp"
#include "twinctl/probe.hpp"
#include "twinctl/readiness.hpp"

namespace twinctl {

namespace {

constexpr int answer_ms = 2000;
/// What a service may take to notice a signal, or to do the last thing after it.
constexpr int notice_ms = 1000;
constexpr int term_ms = 10000;

Session& require_running(Session& session) {
    for (int parity = 0; parity < 2; ++parity) {
        if (session.observer.look({session.pair, parity}).is_up()) {
            return session;
        }
    }
    throw SystemError(session.pair + " is not running: there is no twin to rehearse beside");
}

/// The parity of the idle twin.
int idle_of(Session& session) {
    const int active = session.notebook.active(session.pair).value_or(0);
    return session.observer.look({session.pair, active}).is_up() ? 1 - active : active;
}

}  // namespace

const char* to_string(Promise::Result result) {
    switch (result) {
        case Promise::Result::Kept: return "kept";
        case Promise::Result::Broken: return "broken";
        case Promise::Result::Untested: return "untested";
    }
    return "";
}

Rehearsal::Rehearsal(Session& session)
    : session_(require_running(session)), twin_{session.pair, idle_of(session)},
      config_(session.configs[static_cast<std::size_t>(twin_.parity)]) {}

std::vector<Promise> Rehearsal::run() {
    const auto view = session_.observer.look(twin_);
    if (view.alive || view.state != ServiceState::Stopped) {
        throw SystemError(twin_.str() + " is not idle: `twinctl swap " + twin_.pair + "` first");
    }
    session_.make_swap().preflight();
    const auto& layout = session_.context.layout;
    was_retired_ = is_retired(layout.svcdir, twin_.str());
    write_file(layout.rehearsal(twin_), read_file(layout.lock(twin_.pair)), 0644);
    session_.front.keep_socket_files(twin_.sibling());
    try {
        if (become_ready()) {
            hang_up();
            if (alive()) {
                end_on_term();
            }
            remember();
        }
    } catch (...) {
        stop();
        throw;
    }
    stop();
    return promises_;
}

bool Rehearsal::become_ready() {
    std::string output;
    session_.notebook.forget_retirement(twin_);
    const auto began_ms = session_.clock.now_ms();
    const auto log_mark = session_.observer.log_size(config_);
    auto why = session_.rc.run(twin_.str(), {"start"}, output, (config_.ready_timeout + config_.wait_s) * 1000)
                   ? why_not_ready(twin_, config_, session_.observer, session_.clock, *session_.progress)
                   : twin_.str() + " could not be started: " + output;
    if (!why.empty()) {
        const auto lines = session_.observer.last_lines(config_, log_mark);
        note("becomes-ready", false, lines.empty() ? why : why + "; it said last: " + printable(lines));
        return false;
    }
    record_ = read_record(session_.context.layout, twin_).value();
    note("becomes-ready", true, "after " + std::to_string(session_.clock.now_ms() - began_ms) + " ms");
    keep_shared_listeners();
    const bool stayed = !wait_until(notice_ms, [&] { return !alive(); });
    note("stays-alive", stayed, stayed ? "" : "it ended within a second of being ready");
    return stayed;
}

void Rehearsal::keep_shared_listeners() {
    if (record_.endpoint != Endpoint::Inherit) {
        return;
    }
    for (const auto& socket : parse_public(record_.publics)) {
        const auto inode = find_public_listener(socket);
        if (auto fd = inode ? take_socket(record_.process, *inode) : Fd()) {
            shared_.push_back(std::move(fd));
        }
    }
}

TestClient Rehearsal::connect() {
    if (!config_.ports.empty()) {
        const auto& port = config_.ports.front();
        return TestClient::to_port(port.address, port.of(twin_.parity), answer_ms);
    }
    for (const auto& socket : parse_public(record_.publics)) {
        if (record_.endpoint == Endpoint::Inherit) {
            return socket.is_unix() ? TestClient::to_unix(socket.path)
                                    : TestClient::to_port(socket.address, socket.port, answer_ms);
        }
    }
    return TestClient::to_port("127.0.0.1", 0, 0);
}

void Rehearsal::hang_up() {
    const auto path = config_.ready == Ready::Http ? config_.ready_argument : std::string("/");
    auto first = connect();
    const bool reachable = first.is_connected();
    const bool http = reachable && first.begin_request(path) && first.end_request() &&
                      first.answer(answer_ms).starts_with("HTTP/1.");
    first.leave();
    auto open = connect();
    if (http) {
        open.begin_request(path);
        // Long enough for the service to have accepted it, and read what there is.
        session_.clock.pause(100, {});
    }
    if (config_.hup == "no") {
        untested("handles-hup", "twin_hup is no");
        return;
    }
    const auto fate = session_.observer.fate_of(record_.process, SIGHUP);
    if (config_.hup == "auto" && (fate == SignalFate::Ends || fate == SignalFate::Ignored)) {
        note_hup("handles-hup", false,
                 fate == SignalFate::Ends ? "it has no handler for SIGHUP and would die of it" : "it ignores SIGHUP");
        return;
    }
    std::string output;
    const bool hung_up = session_.rc.run(twin_.str(), {"hup"}, output, 0);
    if (!hung_up) {
        note_hup("handles-hup", false, output);
        return;
    }
    session_.clock.pause(200, {});
    if (!alive()) {
        note_hup("handles-hup", false, "it died of the signal");
        return;
    }
    note("handles-hup", true, "");
    const bool listens = has_listeners(record_, twin_.parity);
    const bool cut = !open.is_connected() || open.is_closed();
    try_new_connection(path, http);
    finish_open_one(open, http);
    if (!http || cut) {
        untested("listens-until-drained", "no connection was open");
    } else {
        judge_order(listens);
    }
    close_listeners();
    keep_shared_open();
    sleep_on();
}

void Rehearsal::try_new_connection(const std::string& path, bool http) {
    auto late = connect();
    if (!late.is_connected()) {
        note("refuses-new", true, "");
    } else if (!http) {
        untested("refuses-new", "it does not speak HTTP");
    } else {
        const bool answered = late.begin_request(path) && late.end_request() &&
                              !late.answer(notice_ms).empty();
        late.leave();
        note_late("refuses-new", !answered, answered ? "it answered a connection made after the signal" : "");
    }
}

void Rehearsal::finish_open_one(TestClient& open, bool http) {
    if (!open.is_connected()) {
        untested("finishes-open", "nobody can connect");
    } else if (!http) {
        untested("finishes-open", "it does not speak HTTP");
    } else if (open.is_closed()) {
        note_hup("finishes-open", false, "it cut a connection with a request under way");
    } else {
        open.end_request();
        const bool answered = open.answer(answer_ms).starts_with("HTTP/1.");
        note_hup("finishes-open", answered, answered ? "" : "it left a request that was under way unanswered");
    }
    if (open.is_connected()) {
        open.leave();
    }
}

/// Who closes before all clients have been moved away refuses some: it matters where nobody moves
/// them before the hang-up.
void Rehearsal::judge_order(bool listens) {
    const bool harmless = record_.endpoint == Endpoint::Inherit || clients_are_moved();
    note("listens-until-drained", listens || harmless,
         listens    ? ""
         : harmless ? "it closes its listener at once, which is harmless here"
                    : "it closes its listener before its connections have ended; clients that still come are refused");
}

void Rehearsal::close_listeners() {
    const bool closed = wait_until(notice_ms, [&] { return !alive() || !has_listeners(record_, twin_.parity); });
    note_late("closes-listener", closed, closed ? "" : "it still listens a second after its last connection");
}

void Rehearsal::keep_shared_open() {
    if (shared_.empty()) {
        return;
    }
    const bool open = std::all_of(shared_.begin(), shared_.end(),
                                  [](const Fd& fd) { return is_listening(fd.get()); });
    note("keeps-shared-listener", open,
         open ? "" : "it shut the listener down by shutdown(2), for its sibling as well; close(2) is enough");
}

void Rehearsal::sleep_on() {
    const bool asleep = !wait_until(notice_ms, [&] { return !alive(); });
    // One that is hung up by its own graceful signal (nginx by QUIT) is known to end.
    const bool may_end = config_.hup != "auto" && config_.hup != "HUP";
    note("sleeps", asleep || may_end, asleep ? "" : "it ended by itself instead of waiting for SIGTERM");
}

void Rehearsal::end_on_term() {
    const auto began_ms = session_.clock.now_ms();
    send_signal(record_.process, SIGTERM);
    const bool ended = wait_until(term_ms, [&] { return !alive(); });
    note("ends-on-term", ended,
         ended ? "after " + std::to_string(session_.clock.now_ms() - began_ms) + " ms"
               : "it lives on 10 s after SIGTERM");
}

/// A swap of a pair with twin_hup=auto goes by it.
void Rehearsal::remember() {
    if (config_.hup != "auto" && config_.hup != "HUP") {
        return;
    }
    const auto kept = [&](const char* name) {
        return std::any_of(promises_.begin(), promises_.end(), [&](const Promise& promise) {
            return promise.name == name && promise.result == Promise::Result::Kept;
        });
    };
    session_.notebook.note_rehearsed(twin_.pair, record_.fingerprint, kept("handles-hup") && kept("finishes-open"));
}

void Rehearsal::stop() {
    const auto& layout = session_.context.layout;
    std::string output;
    record_ = read_record(layout, twin_).value_or(record_);
    if (was_retired_) {
        session_.notebook.announce_retirement(twin_);
    }
    // A start that was ended at its deadline leaves what it has started, and OpenRC forgets it.
    session_.make_swap().adopt_forgotten();
    if (!session_.rc.run(twin_.str(), {"stop"}, output, 0) &&
        service_state(layout.svcdir, twin_.str()) != ServiceState::Stopped) {
        throw SystemError(twin_.str() + " was rehearsed and does not stop:\n" + output);
    }
    if (was_retired_) {
        session_.notebook.retire(twin_);
    }
    for (const auto& socket : parse_public(record_.publics)) {
        if (record_.endpoint == Endpoint::Inherit && socket.is_unix()) {
            remove_stale_socket(socket.path);
        }
    }
    remove_file(layout.rehearsal(twin_));
}

bool Rehearsal::clients_are_moved() const {
    return record_.endpoint == Endpoint::Steer ||
           (record_.endpoint == Endpoint::Direct && !config_.switch_command.empty());
}

void Rehearsal::note_hup(const std::string& name, bool kept, const std::string& text) {
    if (!kept && hup_is_optional()) {
        untested(name, text + ": a swap does not hang it up, and drains it without");
    } else {
        note(name, kept, kept ? text : text + "; set twin_hup to the signal on which it ends gracefully (nginx: QUIT, "
                                              "gunicorn: TERM)" +
                                       (clients_are_moved() ? ", or to no" : ""));
    }
}

void Rehearsal::note_late(const std::string& name, bool kept, const std::string& text) {
    const bool harmless = clients_are_moved();
    note(name, kept || harmless, kept || !harmless ? text : text + ", which is harmless here");
}

void Rehearsal::note(const std::string& name, bool kept, const std::string& text) {
    promises_.push_back({name, kept ? Promise::Result::Kept : Promise::Result::Broken, text});
}

void Rehearsal::untested(const std::string& name, const std::string& text) {
    promises_.push_back({name, Promise::Result::Untested, text});
}

bool Rehearsal::alive() {
    return is_alive(record_.process);
}

bool Rehearsal::wait_until(int timeout_ms, const std::function<bool()>& condition) {
    const auto deadline_ms = session_.clock.now_ms() + timeout_ms;
    while (!condition()) {
        if (session_.clock.now_ms() >= deadline_ms) {
            return false;
        }
        session_.clock.pause(10, {});
    }
    return true;
}

}  // namespace twinctl
