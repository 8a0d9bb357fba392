// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/names.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"
#include "twinctl/probe.hpp"
#include "twinctl/session.hpp"

namespace twinctl {

/// One promise of the contract of twin-service(7), and what came of it.
struct Promise {
    enum class Result { Kept, Broken, Untested };

    std::string name;  ///< a word: "becomes-ready", "finishes-open"
    Result result = Result::Untested;
    std::string text;
};

const char* to_string(Promise::Result result);

/// Starts the idle twin of the pair beside the active one, out of the clients' reach, tries every
/// promise on it, and stops it again. The caller holds the pair's lock for "rehearse". Throws
/// SystemError where the idle place is not free or the pair is not running.
class Rehearsal {
public:
    explicit Rehearsal(Session& session);

    std::vector<Promise> run();
    const TwinName& twin() const { return twin_; }

private:
    bool become_ready();
    void keep_shared_listeners();
    TestClient connect();
    void hang_up();
    void try_new_connection(const std::string& path, bool http);
    void finish_open_one(TestClient& open, bool http);
    void judge_order(bool listens);
    void close_listeners();
    void keep_shared_open();
    void sleep_on();
    void end_on_term();
    void remember();
    void stop();

    /// Whether new connections are moved away from a twin before it is hung up.
    bool clients_are_moved() const;
    /// Whether a swap does without the hang-up, as long as no rehearsal has seen it go well.
    bool hup_is_optional() const { return config_.hup == "auto" && clients_are_moved(); }
    /// Of what a hang-up does. Broken, it costs nothing where a swap does without.
    void note_hup(const std::string& name, bool kept, const std::string& text);
    /// The same of what only concerns connections that come after the hang-up.
    void note_late(const std::string& name, bool kept, const std::string& text);
    void note(const std::string& name, bool kept, const std::string& text);
    void untested(const std::string& name, const std::string& text);
    bool alive();
    bool wait_until(int timeout_ms, const std::function<bool()>& condition);

    Session& session_;
    TwinName twin_;
    const Config& config_;
    bool was_retired_ = false;
    Record record_;
    std::vector<Promise> promises_;
    std::vector<Fd> shared_;  ///< duplicates of the listeners that were handed to it
};

}  // namespace twinctl
