// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "judge.hpp"

#include <algorithm>

#include "options.hpp"
#include "scan.hpp"

namespace twinctl {

namespace {

using Words = std::vector<std::string>;

constexpr int started = 0;
constexpr int stopped = 3;

class Judgement {
public:
    void expect(bool so, const std::string& sentence) {
        if (!so) {
            sentences_.push_back(sentence);
        }
    }

    const Words& sentences() const { return sentences_; }

private:
    Words sentences_;
};

void judge_up(Judgement& judgement, const TwinFacts& twin, const Options& options) {
    judgement.expect(twin.marks == Words{"started"}, twin.name + " is up, and not marked started");
    judgement.expect(twin.rc_status == started, "rc-service says that " + twin.name + " is not started");
    judgement.expect(twin.state == "started", "twinctl says that " + twin.name + " is " + twin.state);
    judgement.expect(twin.services.size() == 1, twin.name + " is up, and is not one process");
    judgement.expect(twin.services.empty() || twin.services.front() == twin.pid,
                     "twinctl has another pid for " + twin.name);
    judgement.expect(twin.others.size() == (options.supervised ? 1 : 0),
                     twin.name + " is up, and does not have the supervisors that it should");
    judgement.expect(twin.answer == twin.name, twin.name + " does not answer on its parity port");
}

void judge_down(Judgement& judgement, const TwinFacts& twin) {
    judgement.expect(twin.marks.empty(), twin.name + " is down, and marked");
    judgement.expect(twin.rc_status == stopped, "rc-service says that " + twin.name + " is not stopped");
    judgement.expect(twin.state == "stopped", "twinctl says that " + twin.name + " is " + twin.state);
    judgement.expect(twin.services.empty() && twin.others.empty(), twin.name + " is down, and has processes");
    judgement.expect(twin.pid == 0, "twinctl has a pid for " + twin.name);
    judgement.expect(!twin.answer, "somebody answers on the parity port of " + twin.name);
}

/// It ends by itself, and may have done so.
void judge_left(Judgement& judgement, const TwinFacts& twin) {
    judgement.expect(twin.state == "draining", "twinctl says that " + twin.name + " is " + twin.state);
    judgement.expect(twin.services.size() <= 1, twin.name + " has several processes");
    judgement.expect(twin.others.size() <= 1, twin.name + " has several supervisors");
}

bool may_stay(const std::string& file, const Facts& facts, const Options& options) {
    static const Words always{"0", "0.pid", "1", "1.pid", "guard", "lock", "namespaces"};
    if (std::find(always.begin(), always.end(), file) != always.end()) {
        return true;
    }
    // The mark of a twin that was hung up stays until it is started again.
    const bool draining = file == "0.draining" || file == "1.draining";
    // Nobody believes the mark of a rehearsal or start that was killed for long, and the next one
    // removes it.
    const bool rehearsed = options.kills && (file == "0.rehearsal" || file == "1.rehearsal");
    const bool begun = options.kills && (file == "0.starting" || file == "1.starting");
    return ((draining || rehearsed || begun) && facts.active != file.front() - '0') ||
           (facts.left && file == "journal");
}

void judge_leavings(Judgement& judgement, const Facts& facts, const Options& options) {
    for (const auto& file : facts.files) {
        judgement.expect(may_stay(file, facts, options), "/run/twin/web/" + file + " was left");
    }
    for (const auto& file : facts.litter) {
        judgement.expect(false, file + " was left");
    }
    for (const auto& lock : facts.locks) {
        judgement.expect(false, "somebody holds /run/twin/web/" + lock);
    }
    for (const auto& process : facts.commands) {
        judgement.expect(false, "still running: " + to_text(process));
    }
    judgement.expect(facts.pins == (options.endpoint == "steer" ? Words{"web"} : Words{}),
                     "the pins are not those of one steered pair, or of none");
}

}  // namespace

Words complaints(const Facts& facts, const Options& options) {
    Judgement judgement;
    judgement.expect(facts.status == 0 && facts.state == "started", "twinctl says that web is " + facts.state);
    judgement.expect(facts.rc_status == started, "rc-service says that web is not started");
    judgement.expect(facts.marks == Words{"started"}, "web is not marked started");
    judgement.expect(facts.active.has_value() && facts.active == facts.noted,
                     "the active twin is not the one that was noted");
    const int up = facts.active.value_or(0);
    judge_up(judgement, facts.twins[up], options);
    if (facts.left == 1 - up) {
        judge_left(judgement, facts.twins[1 - up]);
    } else {
        judgement.expect(!facts.left, "the active twin was left draining");
        judge_down(judgement, facts.twins[1 - up]);
    }
    for (const auto& answer : facts.answers) {
        judgement.expect(answer == facts.twins[up].name, "the public port is answered by " + answer);
    }
    judge_leavings(judgement, facts, options);
    return judgement.sentences();
}

}  // namespace twinctl
