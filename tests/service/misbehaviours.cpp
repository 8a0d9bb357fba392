// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "misbehaviours.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

#include "usage_error.hpp"

namespace twinctl {

namespace {

using Flag = std::pair<std::string_view, bool Misbehaviours::*>;
using Time = std::pair<std::string_view, std::optional<std::chrono::milliseconds> Misbehaviours::*>;

constexpr std::array<Flag, 13> flags{{
    {"never-ready", &Misbehaviours::never_ready},
    {"die-at-start", &Misbehaviours::die_at_start},
    {"ignore-hup", &Misbehaviours::ignore_hup},
    {"die-of-hup", &Misbehaviours::die_of_hup},
    {"wrong-port", &Misbehaviours::wrong_port},
    {"hang-on-term", &Misbehaviours::hang_on_term},
    {"exit-after-hup", &Misbehaviours::exit_after_hup},
    {"close-first", &Misbehaviours::close_first},
    {"never-drain", &Misbehaviours::never_drain},
    {"cut-open", &Misbehaviours::cut_open},
    {"keep-listener", &Misbehaviours::keep_listener},
    {"shutdown-listener", &Misbehaviours::shutdown_listener},
    {"unhealthy", &Misbehaviours::unhealthy},
}};

constexpr std::array<Time, 2> times{{
    {"slow-ready", &Misbehaviours::slow_ready},
    {"die-later", &Misbehaviours::die_later},
}};

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::chrono::milliseconds milliseconds_of(std::string_view text, std::string_view whole)
{
    unsigned value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) {
        throw UsageError("misbehaviour '" + std::string(whole) + "': milliseconds expected");
    }
    return std::chrono::milliseconds(value);
}

} // namespace

void Misbehaviours::add(std::string_view text)
{
    for (const auto& [name, member] : flags) {
        if (text == name) {
            this->*member = true;
            return;
        }
    }
    for (const auto& [name, member] : times) {
        if (text.starts_with(name) && text.substr(name.size()).starts_with(':')) {
            this->*member = milliseconds_of(text.substr(name.size() + 1), text);
            return;
        }
    }
    throw UsageError("unknown misbehaviour '" + std::string(text) + "'");
}

void Misbehaviours::add_list(std::string_view list)
{
    while (!list.empty()) {
        const auto comma = list.find(',');
        const std::string_view name = trimmed(list.substr(0, comma));
        if (!name.empty()) {
            add(name);
        }
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
}

void Misbehaviours::add_file(const std::string& path)
{
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        add_list(std::string_view(line).substr(0, line.find('#')));
    }
}

} // namespace twinctl
