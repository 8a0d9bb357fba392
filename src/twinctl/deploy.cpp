// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/deploy.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/program.hpp"
#include "core/release.hpp"
#include "core/trust.hpp"
#include "twinctl/process_runner.hpp"

namespace twinctl {

namespace {

constexpr int check_timeout_ms = 60000;
constexpr std::size_t most_seen = 1000;

/// Its content is in quarantine.
struct NotAgain {
    std::string why;
};

bool is_directory(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

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
    // A directory that root names is taken as it is, unless it says what it should be.
    if (upload.files.count(manifest_name) != 0) {
        return why_not_whole(upload);
    }
    return {};
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
    request.directory = release;
    const auto& user = session_.configs.front().user;
    Identity identity;
    if (!user.empty()) {
        identity = find_identity(user);
        request.identity = &identity;
    }
    const auto result = run_program(request);
    if (result.timed_out) {
        return std::string(release_check_name) + " did not end in " + std::to_string(check_timeout_ms / 1000) + " s";
    }
    return result.status == 0 ? ""
                              : std::string(release_check_name) + " failed with " + std::to_string(result.status) +
                                    (result.output.empty() ? "" : ":\n" + result.output);
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

std::string Deployment::take(bool again, std::string& content) {
    if (source_.empty()) {
        content = store_.content_of(id_);
        return {};
    }
    const auto most = static_cast<std::uint64_t>(settings().most_mib) << 20;
    const auto wanted = std::min(stamp_of(source_).bytes, most);
    try {
        store_.require_space(wanted);
    } catch (const SystemError&) {
        store_.prune(1, {release_before()});
        store_.require_space(wanted);
    }
    const auto upload = take_over(source_, store_.begin(id_), most);
    content = upload.content;
    if (again) {
        store_.pardon(content);
    } else if (const auto before = store_.find_quarantined(content)) {
        store_.abandon(id_);
        throw NotAgain{"release " + id_ + " is not tried again: as " + before->id + " it was refused, " + before->reason};
    }
    if (const auto why = why_refused(upload); !why.empty()) {
        return why;
    }
    if (store_.has(id_)) {
        store_.abandon(id_);
        if (store_.content_of(id_) != content) {
            throw InputError("there is a release " + id_ + " already, and it is another one: give the new one an ID of its own");
        }
        return {};
    }
    store_.commit(id_, content);
    return {};
}

std::string Deployment::release_before() const {
    return first_line(read_own_file_if_any(session_.context.layout.release_before(session_.pair)).value_or(""));
}

SwapOutcome Deployment::run(const DeployWish& wish) {
    const auto& layout = session_.context.layout;
    make_directories(layout.run(session_.pair));
    const auto lock = try_lock(layout.run(session_.pair) + "/deploy");
    if (!lock) {
        throw Busy("another twinctl deploys a release of " + session_.pair);
    }
    store_.prepare();
    std::string content;
    try {
        if (const auto why = take(wish.again, content); !why.empty()) {
            return refuse(content, why);
        }
    } catch (const NotAgain& not_again) {
        return refused(not_again.why);
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
        outcome = refuse(content, why);
    } else {
        outcome = bring_up(wish);
        if (outcome.new_twin_failed) {
            store_.quarantine(id_, content, first_line(outcome.message), session_.clock.wall_s());
            outcome.quarantined = true;
            outcome.message += "\nrelease " + id_ + " is in quarantine";
        }
    }
    const bool is_used = store_.slot(0) == id_ || store_.slot(1) == id_;
    if ((outcome.result == "refused" || outcome.new_twin_failed) && !is_used) {
        store_.remove(id_);
    }
    if (outcome.result == "swapped" || outcome.result == "started") {
        note_seen();
        store_.prune(static_cast<std::size_t>(settings().keep), {release_before()});
    }
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
            SwapOutcome outcome;
            outcome.exit = exit_code::not_running;
            outcome.release = id_;
            outcome.message = session_.pair + " is stopped: release " + id_ + " waits until it is started";
            return outcome;
        }
        return start();
    }
    return session_.make_swap().run(false, id_);
}

SwapOutcome Deployment::start() {
    const int parity = session_.notebook.active(session_.pair).value_or(0);
    const auto before = store_.slot(parity).value_or("");
    store_.point(parity, id_);
    // The pair takes its lock itself.
    session_.unlock();
    SwapOutcome outcome;
    outcome.from = outcome.to = parity;
    outcome.release = id_;
    std::string output;
    if (session_.rc.run(session_.pair, {"start"}, output, 0)) {
        outcome.result = "started";
        outcome.message = TwinName{session_.pair, parity}.str() + " is active";
        return outcome;
    }
    store_.point(parity, before);
    outcome.result = "kept";
    outcome.exit = exit_code::failed;
    outcome.new_twin_failed = true;
    outcome.message = session_.pair + " could not be started:\n" + output;
    return outcome;
}

void Deployment::note_seen() {
    auto ids = releases_seen(session_.context.layout, session_.pair);
    const auto add = [&](const std::string& id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    };
    if (is_upload_) {
        // Those that came before it have been passed over.
        bool is_older = false;
        for (const auto& arrival : arrivals(settings().incoming, settings().by_rename)) {
            is_older = is_older || arrival.id == id_;
            if (is_older) {
                add(arrival.id);
            }
        }
    }
    add(id_);
    if (ids.size() > most_seen) {
        ids.erase(ids.begin(), ids.end() - most_seen);
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
        if (const auto before = store_.find_quarantined(upload.content)) {
            return "refuse release " + id_ + ": as " + before->id + " it was refused, " + before->reason + "\n";
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
