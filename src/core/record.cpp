// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/record.hpp"

#include <sys/stat.h>

#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/pair_lock.hpp"
#include "core/trust.hpp"

namespace twinctl {

namespace {

/// One line of a record holds one value: what would end the line is written as \n, \ as \\.
std::string escape(const std::string& text) {
    if (text.find_first_of("\n\\") == std::string::npos) {
        return text;
    }
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\\') {
            out += "\\\\";
        } else {
            out += c;
        }
    }
    return out;
}

std::string unescape(const std::string& text) {
    if (text.find('\\') == std::string::npos) {
        return text;
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            out += text[i] == 'n' ? '\n' : text[i];
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string identity(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) {
        return "-";
    }
    std::string out;
    for (const auto number :
         {static_cast<long long>(info.st_dev), static_cast<long long>(info.st_ino),
          static_cast<long long>(info.st_size), static_cast<long long>(info.st_mtim.tv_sec),
          static_cast<long long>(info.st_mtim.tv_nsec), static_cast<long long>(info.st_ctim.tv_sec),
          static_cast<long long>(info.st_ctim.tv_nsec)}) {
        out += std::to_string(number) + " ";
    }
    return out;
}

template <typename Number>
void read_number(const std::string& value, Number& number) {
    const auto* last = value.data() + value.size();
    const auto [end, error] = std::from_chars(value.data(), last, number);
    if (error != std::errc{} || end != last) {
        throw SystemError("'" + printable(value) + "' is no number");
    }
}

Endpoint read_endpoint(const std::string& value) {
    try {
        return parse_endpoint(value);
    } catch (const InputError& error) {
        throw SystemError(std::string("endpoint ") + error.what());
    }
}

}  // namespace

std::string to_text(const Record& record) {
    std::string out = "twin-record " + std::to_string(Record::format) + "\n";
    out += "pid " + std::to_string(record.process.pid) + "\n";
    out += "start " + std::to_string(record.process.start) + "\n";
    out += std::string("placeholder ") + (record.placeholder ? "yes" : "no") + "\n";
    out += std::string("rehearsal ") + (record.rehearsal ? "yes" : "no") + "\n";
    out += "ports " + escape(record.ports) + "\n";
    out += "public " + escape(record.publics) + "\n";
    out += std::string("endpoint ") + to_string(record.endpoint) + "\n";
    out += "handed " + escape(record.handed) + "\n";
    out += "fingerprint " + escape(record.fingerprint) + "\n";
    if (!record.release.empty()) {
        out += "release " + escape(record.release) + "\n";
    }
    out += "started " + std::to_string(record.started) + "\n";
    out += "surroundings " + escape(record.surroundings) + "\n";
    if (record.supervisor != 0) {
        out += "supervisor " + std::to_string(record.supervisor) + "\n";
    }
    for (const auto& word : record.command) {
        out += "command " + escape(word) + "\n";
    }
    return out;
}

Record parse_record(const std::string& text) {
    Record record;
    bool first = true;
    std::size_t begin = 0;
    while (begin < text.size()) {
        auto end = text.find('\n', begin);
        if (end == std::string::npos) {
            throw SystemError("cut short");
        }
        const auto line = text.substr(begin, end - begin);
        begin = end + 1;
        const auto blank = line.find(' ');
        const auto key = line.substr(0, blank);
        const auto value = blank == std::string::npos ? "" : unescape(line.substr(blank + 1));
        if (first && (key != "twin-record" || value != std::to_string(Record::format))) {
            throw SystemError("not a record of format " + std::to_string(Record::format));
        }
        first = false;
        if (key == "pid") {
            read_number(value, record.process.pid);
        } else if (key == "start") {
            read_number(value, record.process.start);
        } else if (key == "placeholder") {
            record.placeholder = value == "yes";
        } else if (key == "rehearsal") {
            record.rehearsal = value == "yes";
        } else if (key == "ports") {
            record.ports = value;
        } else if (key == "endpoint") {
            record.endpoint = read_endpoint(value);
        } else if (key == "public") {
            record.publics = value;
        } else if (key == "handed") {
            record.handed = value;
        } else if (key == "fingerprint") {
            record.fingerprint = value;
        } else if (key == "release") {
            record.release = value;
        } else if (key == "started") {
            read_number(value, record.started);
        } else if (key == "surroundings") {
            record.surroundings = value;
        } else if (key == "supervisor") {
            read_number(value, record.supervisor);
        } else if (key == "command") {
            record.command.push_back(value);
        }
        // A key that is not known yet: a later version of the same format may add some.
    }
    if (first || record.process.pid <= 0) {
        throw SystemError("not a record");
    }
    return record;
}

std::optional<Record> read_record(const Layout& layout, const TwinName& twin) {
    const auto path = layout.record(twin);
    const auto text = read_own_file_if_any(path);
    if (!text) {
        return {};
    }
    try {
        return parse_record(*text);
    } catch (const SystemError& error) {
        throw SystemError("cannot read " + path + ": " + error.what());
    }
}

std::optional<Record> read_serving_record(const Layout& layout, const TwinName& twin) {
    auto record = read_record(layout, twin);
    const bool serves = record && !record->placeholder && !record->rehearsal && is_alive(record->process);
    return serves ? std::move(record) : std::nullopt;
}

bool is_rehearsal(const Layout& layout, const TwinName& twin) {
    return read_own_file_if_any(layout.rehearsal(twin)).has_value();
}

void forget_left_rehearsal(const Layout& layout, const TwinName& twin) {
    // It names the command that wrote it, as the lock does: another one's rehearsal is not meant.
    const auto mark = read_own_file_if_any(layout.rehearsal(twin));
    if (mark && (*mark != read_own_file_if_any(layout.lock(twin.pair)) ||
                 !is_pair_lock_held_for(layout, twin.pair, "twinctl rehearse"))) {
        remove_file(layout.rehearsal(twin));
    }
}

void write_record(const Layout& layout, const TwinName& twin, const Record& record) {
    write_file(layout.record(twin), to_text(record), 0644);
}

std::string config_sum(const Layout& layout, const TwinName& twin) {
    Hash hash;
    for (const auto& path : {layout.conf(twin.pair), layout.conf(twin.str()),
                             layout.initscript(twin.str())}) {
        hash.add(read_file_if_any(path).value_or("-"));
    }
    return hash.hex();
}

std::string fingerprint(const std::string& program, const std::string& sum) {
    Hash hash;
    hash.add(identity(program));
    hash.add(sum);
    return hash.hex();
}

}  // namespace twinctl
