// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What twinctl and twin-exec leave for each other: records, the journal, the lock, active, the ledger,
// the quarantine of releases; and what comes with an upload.
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>

#include "core/active.hpp"
#include "core/endpoint.hpp"
#include "core/guard.hpp"
#include "core/pair_lock.hpp"
#include "core/record.hpp"
#include "core/release.hpp"
#include "directory.hpp"
#include "input.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/release_store.hpp"
#include "twinctl/sha256.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/system_world.hpp"
#include "twinctl/upload.hpp"

using namespace twinctl;
using fuzz::Input;
using fuzz::require;

namespace {

bool same(const Record& a, const Record& b) {
    return a.process == b.process && a.placeholder == b.placeholder && a.rehearsal == b.rehearsal &&
           a.ports == b.ports && a.publics == b.publics && a.endpoint == b.endpoint &&
           a.handed == b.handed && a.fingerprint == b.fingerprint && a.started == b.started &&
           a.release == b.release && a.command == b.command;
}

void try_record(Input& input) {
    const auto text = input.rest();
    fuzz::takes([&] {
        const auto record = parse_record(text);
        require(record.process.pid > 0, "a record has a process");
        require(same(parse_record(to_text(record)), record), "a record is read as it is written");
    });
}

/// From the other side: whatever the values are.
void try_written_record(Input& input) {
    Record record;
    record.process = {1 + input.byte(), input.byte()};
    record.placeholder = input.byte() % 2 != 0;
    record.rehearsal = input.byte() % 2 != 0;
    record.endpoint = static_cast<Endpoint>(input.byte() % 3);
    record.started = -static_cast<std::int64_t>(input.byte());
    for (auto* value : {&record.ports, &record.publics, &record.handed, &record.fingerprint, &record.release}) {
        *value = fuzz::unseparated(input.line(), '\n');
    }
    while (!input.empty()) {
        record.command.push_back(fuzz::unseparated(input.line(), '\n'));
    }
    require(same(parse_record(to_text(record)), record), "a record is read as it is written");
}

void try_journal(Input& input) {
    const auto text = input.rest();
    fuzz::takes([&] {
        const auto journal = parse_journal(text);
        require(journal.from + journal.to == 1 && journal.from * journal.to == 0, "a swap is from one twin to the other");
        const auto again = journal_json(journal);
        require(journal_json(parse_journal(again)) == again, "a journal is read as it is written");
        require(again.find('\n') == again.size() - 1, "a journal is one line");
        // The longest drain is a day.
        const auto end = journal.drain_began.value_or(0) / 2 + journal.drain_for / 2;
        require(end >= 0 && end <= INT64_MAX / 2000, "the end of a drain can be counted with");
    });
}

void try_files(Input& input) {
    static const fuzz::Directory image;
    const auto& layout = image.layout();
    const TwinName twin{"web", 0};
    const auto text = input.rest();
    image.write(layout.active("web"), text);
    image.write(layout.lock("web"), text);
    image.write(layout.pidfile(twin), text);
    image.write(layout.record(twin), text);
    image.write(layout.journal("web"), text);
    require(read_active(layout, "web").has_value() == (text == "0\n" || text == "1\n"), "active is 0 or 1");
    require(!is_pair_lock_held_for(layout, "web", "twinctl swap") || is_pair_lock_held_by_twinctl(layout, "web"), "twinctl swap is twinctl");
    require(!fuzz::has_control(describe_holder(layout, "web")), "who holds the lock is said without control characters");
    has_supervisor(layout, twin);
    SystemObserver observer(layout);
    FileNotebook notebook(layout);
    fuzz::takes([&] { require(notebook.read_journal("web")->pair == "web", "a journal is of its pair"); });
    fuzz::takes([&] { observer.look(twin); });
    fuzz::takes([&] { look_around(layout, twin, false); });
}

void require_line_of_json(const std::string& text) {
    require(nlohmann::json::accept(text), "it is JSON");
    require(text.find('\n') == text.size() - 1, "it is one line");
}

void try_outcome(Input& input) {
    SwapOutcome outcome;
    outcome.exit = input.byte();
    outcome.connections_cut = input.byte();
    outcome.phases_ms[static_cast<Step>(input.byte() % 9)] = input.byte();
    outcome.result = input.line();
    const auto pair = input.line();
    outcome.message = input.rest();
    require_line_of_json(outcome_json(pair, outcome));
    require_line_of_json(ledger_line(pair, outcome, 1700000000));
    const auto read = nlohmann::json::parse(ledger_line(pair, outcome, 1700000000));
    require(read.at("phases_ms").size() == 7 && read.at("exit") == outcome.exit, "all that is promised is there");
}

/// Of a twin whose record holds anything.
void try_status(Input& input) {
    PairStatus status;
    status.name = input.line();
    status.state = input.line();
    status.publics = input.line();
    TwinStatus twin;
    twin.name = {status.name, input.byte() % 2};
    twin.pid = input.byte();
    twin.version = input.line().substr(0, 8);
    twin.ports.push_back({input.line(), "", 8080});
    status.twins.push_back(twin);
    status.hint = input.rest();
    require_line_of_json(status_json({status}));
    status_text({status});
}

void try_manifest(Input& input) {
    Upload upload;
    while (input.byte() % 2 != 0) {
        upload.files[fuzz::unseparated(input.line(), '\x1f')] = Sha256::of(input.line());
    }
    upload.manifest = input.rest();
    require(!fuzz::has_control(why_not_whole(upload)), "what is wrong is said without control characters");
    // From the other side.
    upload.manifest.clear();
    for (const auto& [path, sum] : upload.files) {
        upload.manifest += sum + "  ./" + path + "\n";
    }
    const bool odd = upload.files.count("") != 0 || upload.files.empty();
    require(odd || why_not_whole(upload).empty(), "what the manifest says is whole");
}

void try_release_id(Input& input) {
    const auto id = input.rest();
    if (why_no_release_id(id).empty()) {
        require(!id.empty() && id.front() != '.' && id.front() != '-' && id.find('/') == std::string::npos &&
                    !fuzz::has_control(id) && id.find_first_of(" \n\t'\"$`\\") == std::string::npos,
                "an ID is a plain name");
    } else {
        require(!fuzz::has_control(why_no_release_id(id)), "what is wrong is said without control characters");
    }
}

/// Whatever a release said when it failed.
void try_quarantine(Input& input) {
    static const fuzz::Directory image;
    const auto directory = image.layout().root + "/releases";
    ReleaseStore store(directory);
    const auto content = Sha256::of(input.line());
    const auto other = Sha256::of(content);
    fuzz::takes([&] {
        store.prepare();
        const auto reason = input.rest();
        store.quarantine("r1", other, reason, 1700000000);
        store.quarantine("r1", content, reason, 1700000000);
        require(store.find_quarantined(content) && store.find_quarantined(content)->id == "r1", "it is found again");
        store.pardon(content);
        require(!store.find_quarantined(content) && store.find_quarantined(other), "that one is forgotten, and no other");
        image.write(directory + "/quarantine/r1", reason);
        store.find_quarantined(content);
        store.pardon(content);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.kind(9)) {
        case 0: try_record(input); break;
        case 1: try_written_record(input); break;
        case 2: try_journal(input); break;
        case 3: try_files(input); break;
        case 4: try_outcome(input); break;
        case 5: try_status(input); break;
        case 6: try_manifest(input); break;
        case 7: try_release_id(input); break;
        default: try_quarantine(input); break;
    }
    return 0;
}
