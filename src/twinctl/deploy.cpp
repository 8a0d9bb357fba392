// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/deploy.hpp"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/program.hpp"
#include "core/release.hpp"
#include "core/trust.hpp"
#include "core/user.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

namespace {

constexpr std::size_t most_shown = 4096;
constexpr std::size_t most_seen = 1000;

/// As it is, it will never be a release.
struct Refused {
    std::string why;
};

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

std::vector<std::string> releases_seen(const Layout& layout, const std::string& pair) {
    std::vector<std::string> ids;
    const auto text = read_own_file_if_any(layout.releases_seen(pair)).value_or("");
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find('\n', begin), text.size());
        ids.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return ids;
}

Deployment::Deployment(Session& session, const std::string& what)
    : session_(session), store_(session.configs.front().releases.directory) {
    const auto& other = session.configs.back().releases;
    if (settings().directory.empty()) {
        throw InputError(session.pair + " has no releases: set twin_command to what is in one, such as {release}/bin/" +
                         session.pair);
    }
    if (settings().directory != other.directory || settings().incoming != other.incoming) {
        throw InputError("the twins of " + session.pair + " have different twin_releases or twin_incoming");
    }
    auto path = what;
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    id_ = path.substr(path.rfind('/') + 1);
    if (const auto why = why_no_release_id(id_); !why.empty()) {
        throw InputError("'" + printable(id_) + "' is no ID of a release: " + why);
    }
    if (what.find('/') != std::string::npos) {
        char real[PATH_MAX];
        source_ = realpath(path.c_str(), real) != nullptr ? real : path;
    } else if (is_directory(settings().incoming + "/" + id_)) {
        source_ = settings().incoming + "/" + id_;
        is_upload_ = true;
        note_passed_over();
    } else if (!store_.has(id_)) {
        throw InputError("there is no upload " + settings().incoming + "/" + id_ + ", and no release of that ID");
    }
    if (!source_.empty() && !is_directory(source_)) {
        throw InputError(printable(source_) + " is no directory");
    }
    if (is_upload_ && !settings().by_rename && !is_there(source_ + "/" + manifest_name)) {
        throw InputError(source_ + " has not arrived: it has no " + manifest_name + " (see twin_upload)");
    }
}

/// Those that came before it, as long as that can be seen: it may be gone when it is live.
void Deployment::note_passed_over() {
    bool is_older = false;
    for (const auto& arrival : arrivals(settings().incoming, settings().by_rename)) {
        if (is_older) {
            passed_over_.push_back(arrival.id);
        }
        is_older = is_older || arrival.id == id_;
    }
}

bool Deployment::is_active() const {
    const TwinView views[] = {session_.observer.look({session_.pair, 0}), session_.observer.look({session_.pair, 1})};
    const auto journal = session_.notebook.read_journal(session_.pair);
    if (views[0].is_up() == views[1].is_up() || (journal && !journal->left)) {
        return false;
    }
    const int parity = views[1].is_up() ? 1 : 0;
    return store_.slot(parity) == id_ && views[parity].record->release == id_;
}

SwapOutcome Deployment::already_active() {
    note_seen();
    SwapOutcome outcome;
    outcome.release = id_;
    outcome.message = "release " + id_ + " is active already";
    return outcome;
}

std::string Deployment::why_refused(const Upload& upload) const {
    if (!upload.faults.empty()) {
        return joined(upload.faults);
    }
    if (upload.files.count(manifest_name) != 0) {
        return why_not_whole(upload);
    }
    // A directory that root names is taken as it is, and what has its final name.
    return is_upload_ && !settings().by_rename ? std::string(manifest_name) + " is no regular file" : "";
}

std::string Deployment::why_check_fails() const {
    const auto release = store_.path(id_);
    const auto program = release + "/" + release_check_name;
    if (!is_there(program)) {
        return {};
    }
    if (!is_program(program)) {
        return std::string(release_check_name) + " cannot be executed";
    }
    auto environment = plain_environment();
    environment.push_back("TWIN_NAME=" + session_.pair);
    environment.push_back("TWIN_RELEASE=" + release);
    RunRequest request{{program}, environment, check_timeout_ms};
    request.confined = true;
    request.directory = release;
    const auto& user = session_.configs.front().user;
    Identity identity;
    if (!user.empty()) {
        identity = find_identity(user);
        request.identity = &identity;
    }
    RunResult result;
    try {
        result = run_program(request);
    } catch (const SystemError& error) {
        // No interpreter, or one of another machine.
        return std::string(release_check_name) + ": " + error.what();
    }
    if (result.status == exit_unable) {
        throw SystemError("cannot run " + program + (user.empty() ? "" : " as " + user) + " in " + release);
    }
    if (result.timed_out) {
        return std::string(release_check_name) + " did not end in " + std::to_string(check_timeout_ms / 1000) + " s";
    }
    return result.status == 0 ? ""
                              : std::string(release_check_name) + " failed with " + std::to_string(result.status) +
                                    (result.output.empty() ? "" : ":\n" + result.output.substr(0, most_shown));
}

/// What is to be run is in the release, if that is where twin_command looks for it.
std::string Deployment::why_no_program() const {
    for (int parity = 0; parity < 2; ++parity) {
        const auto slot = slot_path(settings().directory, parity) + "/";
        const auto& command = session_.configs[static_cast<std::size_t>(parity)].command;
        if (command.starts_with(slot) && !is_program(store_.path(id_) + "/" + command.substr(slot.size()))) {
            return "it has no program " + command.substr(slot.size()) + " (twin_command)";
        }
    }
    return {};
}

SwapOutcome Deployment::refuse(const std::string& content, const std::string& why) {
    store_.abandon(id_);
    store_.quarantine(id_, content, why, session_.clock.wall_s());
    return refused("release " + id_ + " was refused: " + why);
}

SwapOutcome Deployment::refused(const std::string& why) const {
    SwapOutcome outcome;
    outcome.result = "refused";
    outcome.exit = exit_code::bad_input;
    outcome.release = id_;
    outcome.quarantined = true;
    outcome.message = why;
    return outcome;
}

std::string Deployment::take(bool again, Sums& sums) {
    if (source_.empty()) {
        sums.content = sums.sealed = store_.content_of(id_);
        require_untried(again, sums);
        return {};
    }
    const auto before = stamp_of(source_);
    const auto most = static_cast<std::uint64_t>(settings().most_mib) << 20;
    const bool is_known = store_.has(id_);
    std::string target;
    if (!is_known) {
        make_room(std::min(before.bytes, most), before.entries);
        target = store_.begin(id_);
    }
    try {
        const auto upload = take_over(source_, target, most);
        if (stamp_of(source_) != before) {
            throw SystemError(source_ + " is still changing");
        }
        sums = {upload.content, upload.sealed};
        require_untried(again, sums);
        if (const auto why = why_refused(upload); !why.empty()) {
            return why;
        }
        if (!is_known) {
            store_.commit(id_, sums.content);
        } else if (store_.content_of(id_) != sums.content) {
            throw Refused{id_taken()};
        }
    } catch (...) {
        store_.abandon(id_);
        throw;
    }
    return {};
}

std::string Deployment::id_taken() const {
    return "there is a release " + id_ + " already, and it is another one: give the new one an ID of its own";
}

void Deployment::require_untried(bool again, const Sums& sums) {
    for (const auto& sum : {sums.content, sums.sealed}) {
        if (again) {
            store_.pardon(sum);
        } else if (const auto before = store_.find_quarantined(sum)) {
            throw Refused{"release " + id_ + " is not tried again: as " + before->id + " it was refused, " + before->reason};
        }
    }
}

void Deployment::make_room(std::uint64_t bytes, std::uint64_t entries) {
    store_.prune(static_cast<std::size_t>(settings().keep), {release_before()});
    try {
        store_.require_space(bytes, entries);
    } catch (const SystemError&) {
        store_.prune(1, {release_before()});
        store_.require_space(bytes, entries);
    }
}

std::string Deployment::release_before() const {
    return first_line(read_own_file_if_any(session_.context.layout.release_before(session_.pair)).value_or(""));
}

SwapOutcome Deployment::run(const DeployWish& wish) {
    const auto& layout = session_.context.layout;
    make_directories(layout.run(session_.pair));
    const auto path = layout.run(session_.pair) + "/deploy";
    auto lock = try_lock(path);
    // What a twinctl that was killed had just forked is no holder.
    for (int tries = 0; !lock && tries < 20; ++tries) {
        session_.clock.pause(10, {});
        lock = try_lock(path);
    }
    if (!lock) {
        throw Busy("another twinctl deploys a release of " + session_.pair);
    }
    store_.prepare();
    if (wish.unless_stopped && is_stopped() && (store_.slot(0) || store_.slot(1))) {
        return waits();
    }
    Sums sums;
    try {
        if (const auto why = take(wish.again, sums); !why.empty()) {
            return refuse(sums.sealed, why);
        }
    } catch (const Refused& again) {
        return refused(again.why);
    }
    if (is_active()) {
        return already_active();
    }
    auto why = why_no_program();
    if (why.empty()) {
        why = why_check_fails();
    }
    SwapOutcome outcome;
    if (!why.empty()) {
        outcome = refuse(sums.content, why);
    } else {
        outcome = bring_up(wish);
        if (outcome.new_twin_failed) {
            store_.quarantine(id_, sums.content, first_line(outcome.message), session_.clock.wall_s());
            outcome.quarantined = true;
            outcome.message += "\nrelease " + id_ + " is in quarantine";
        }
    }
    const bool is_used = store_.slot(0) == id_ || store_.slot(1) == id_;
    if (outcome.quarantined && !is_used) {
        store_.remove(id_);
    }
    if (outcome.result == "swapped" || outcome.result == "started") {
        note_seen();
        store_.prune(static_cast<std::size_t>(settings().keep), {release_before()});
    }
    return outcome;
}

SwapOutcome Deployment::waits() const {
    SwapOutcome outcome;
    outcome.exit = exit_code::not_running;
    outcome.release = id_;
    outcome.message = session_.pair + " is stopped: release " + id_ + " waits until it is started";
    return outcome;
}

bool Deployment::is_stopped() {
    const auto is_down = [&](int parity) {
        const auto view = session_.observer.look({session_.pair, parity});
        return view.state == ServiceState::Stopped && !view.alive;
    };
    return is_down(0) && is_down(1);
}

SwapOutcome Deployment::bring_up(const DeployWish& wish) {
    session_.lock("deploy " + id_);
    session_.make_swap().recover();
    if (is_active()) {
        return already_active();
    }
    if (is_stopped()) {
        if (wish.unless_stopped && (store_.slot(0) || store_.slot(1))) {
            return waits();
        }
        return start();
    }
    return session_.make_swap().run(false, id_);
}

SwapOutcome Deployment::start() {
    const int parity = session_.notebook.active(session_.pair).value_or(0);
    const TwinName twin{session_.pair, parity};
    auto before = store_.slot(parity).value_or("");
    if (before == id_) {
        // A deployment that was killed here has pointed it already.
        before = release_before();
    } else if (!before.empty()) {
        session_.notebook.set_release_before(session_.pair, before);
    }
    store_.point(parity, id_);
    // The pair takes its lock itself.
    session_.unlock();
    SwapOutcome outcome;
    outcome.from = outcome.to = parity;
    outcome.release = id_;
    std::string output;
    const bool is_started = session_.rc.run(session_.pair, {"start"}, output, 0);
    if (!is_started && !is_stopped()) {
        throw Busy("another starts " + session_.pair + ":\n" + output);
    }
    if (is_started) {
        output = why_not_ready(twin, session_.configs[static_cast<std::size_t>(parity)], session_.observer,
                               session_.clock, *session_.progress);
    }
    if (is_started && output.empty()) {
        outcome.result = "started";
        outcome.message = twin.str() + " is active";
        return outcome;
    }
    std::string ignored;
    session_.rc.run(session_.pair, {"stop"}, ignored, 0);
    store_.point(parity, before);
    outcome.result = "kept";
    outcome.exit = exit_code::failed;
    outcome.new_twin_failed = session_.clock.interrupted() == 0;
    outcome.message = session_.pair + " could not be started, and is stopped: " + output;
    return outcome;
}

void Deployment::note_seen() {
    auto ids = releases_seen(session_.context.layout, session_.pair);
    const auto add = [&](const std::string& id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    };
    for (const auto& id : passed_over_) {
        add(id);
    }
    add(id_);
    // What is still to be seen there is not forgotten: it would be deployed once more.
    for (auto id = ids.begin(); ids.size() > most_seen && id != ids.end();) {
        id = is_there(settings().incoming + "/" + *id) ? std::next(id) : ids.erase(id);
    }
    std::string text;
    for (const auto& id : ids) {
        text += id + "\n";
    }
    write_file(session_.context.layout.releases_seen(session_.pair), text, 0644, Durability::Boot);
}

std::string Deployment::plan() {
    std::string text;
    if (!source_.empty()) {
        const auto upload = take_over(source_, "", static_cast<std::uint64_t>(settings().most_mib) << 20);
        if (const auto why = why_refused(upload); !why.empty()) {
            return "refuse release " + id_ + ": " + why + "\n";
        }
        auto before = store_.find_quarantined(upload.content);
        if (!before) {
            before = store_.find_quarantined(upload.sealed);
        }
        if (before) {
            return "refuse release " + id_ + ": as " + before->id + " it was refused, " + before->reason + "\n";
        }
        if (store_.has(id_) && store_.content_of(id_) != upload.content) {
            return "refuse release " + id_ + ": " + id_taken() + "\n";
        }
        text += "copy " + source_ + " (" + std::to_string(upload.files.size()) + " files, " +
                std::to_string(upload.bytes >> 10) + " KiB) to " + store_.path(id_) + "\n";
        if (upload.files.count(release_check_name) != 0) {
            text += "run its " + std::string(release_check_name) + "\n";
        }
    }
    if (is_active()) {
        return text + "nothing more: release " + id_ + " is active already\n";
    }
    const auto up = [&](int parity) { return session_.observer.look({session_.pair, parity}).alive; };
    if (!up(0) && !up(1)) {
        const int parity = session_.notebook.active(session_.pair).value_or(0);
        return text + "point " + slot_path(settings().directory, parity) + " at release " + id_ + "\nrc-service " +
               session_.pair + " start\n";
    }
    const int idle = session_.observer.look({session_.pair, 0}).is_up() ? 1 : 0;
    return text + "point " + slot_path(settings().directory, idle) + " at release " + id_ + "\n" +
           session_.make_swap().plan();
}

}  // namespace twinctl
