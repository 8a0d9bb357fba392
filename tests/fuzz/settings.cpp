// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What /etc/conf.d gives: the shell's output, and the values of all keys.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "core/public_socket.hpp"
#include "core/words.hpp"
#include "input.hpp"
#include "twinctl/config.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/render.hpp"

using namespace twinctl;
using fuzz::Input;
using fuzz::require;

namespace {

bool is_address(const std::string& text) {
    return text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
}

bool same(const std::vector<Port>& a, const std::vector<Port>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Port& x, const Port& y) {
        return x.name == y.name && x.address == y.address && x.base == y.base;
    });
}

void check_ports(const std::vector<Port>& ports) {
    std::string text;
    for (const auto& port : ports) {
        require(port.base >= 2 && port.base % 2 == 0, "a base port is even, and no port is 0");
        require(port.of(1) == port.base + 1, "the port of twin 1 is the next one");
        require(is_address(port.address), "an address is made of digits");
        text += port.name + "=" + endpoint_text(port.address, port.base) + "\n";
    }
    require(same(parse_ports(text), ports), "ports are read as they are written");
}

void check_publics(const std::vector<PublicSocket>& sockets) {
    require(sockets.size() <= max_public_sockets, "there are not too many public sockets");
    std::string text;
    for (const auto& socket : sockets) {
        require(socket.is_unix() == !socket.path.empty(), "a socket has a port or a path");
        require(socket.path.empty() || (socket.path[0] == '/' && socket.path.size() < 108), "a path fits");
        require(!fuzz::has_control(socket.path) && is_address(socket.address), "no socket has control characters");
        text += socket.name + "=" + socket.text() + " ";
    }
    const auto again = parse_public(text);
    require(again.size() == sockets.size(), "as many public sockets are read as were written");
    for (std::size_t i = 0; i < again.size(); ++i) {
        require(again[i].name == sockets[i].name && again[i].text() == sockets[i].text(),
                "public sockets are read as they are written");
    }
}

void check_config(const Config& config, const TwinName& twin) {
    for (const int seconds : {config.ready_timeout, config.quiesce_timeout, config.drain_timeout}) {
        require(seconds >= 0 && seconds <= 86400, "seconds are within their bounds");
    }
    require(config.wait_s >= 0, "the wait for others does not overflow");
    // As swap.cpp puts them together.
    require(config.ready_timeout + static_cast<std::int64_t>(config.wait_s) <= INT32_MAX / 1000, "a start's deadline fits");
    check_ports(config.ports);
    check_publics(config.serving.publics);
    PairStatus status;
    status.name = twin.pair;
    status.publics = config.public_text;
    status.twins.push_back({});
    status.twins.back().name = twin;
    status.twins.back().ports = config.ports;
    const auto json = status_json({status});
    require(nlohmann::json::accept(json) && json.find('\n') == json.size() - 1, "the status is one line of JSON");
}

void check_both(const Settings& settings) {
    const Layout layout{"/nonexistent", "/nonexistent"};
    for (const int parity : {0, 1}) {
        const TwinName twin{"web", parity};
        fuzz::takes([&] { check_config(check_settings(layout, twin, settings), twin); });
    }
}

void try_shell_output(Input& input) {
    const auto output = fuzz::unseparated(input.rest(), '\0');
    fuzz::takes([&] {
        const auto both = parse_settings(output);
        require(both.size() == 2, "there are settings for both twins");
        for (const auto& settings : both) {
            check_both(settings);
        }
    });
}

void try_values(Input& input) {
    Settings settings;
    while (!input.empty()) {
        const auto line = fuzz::unseparated(input.line(), '\n');
        const auto equals = line.find('=');
        settings[line.substr(0, equals)] = equals == std::string::npos ? "" : line.substr(equals + 1);
    }
    check_both(settings);
}

void try_sockets(Input& input) {
    const auto text = fuzz::unseparated(input.rest(), '\0');
    fuzz::takes([&] { check_ports(parse_ports(text)); });
    fuzz::takes([&] { check_publics(parse_public(text)); });
    fuzz::takes([&] {
        for (const auto& socket : parse_wait_for(text)) {
            check_publics({socket});
        }
    });
}

void try_names(Input& input) {
    const auto text = input.rest();
    TwinName twin;
    const bool is_twin = fuzz::takes([&] { twin = parse_twin_name(text); });
    require(!is_twin || (twin.str() == text && why_no_name(twin.pair).empty()), "a twin's name is its pair's and its parity");
    require(!is_twin || twin.sibling().sibling().str() == text, "the sibling of the sibling is oneself");
    require(!why_no_name(text).empty() || fuzz::takes([&] { parse_twin_name(text + ".1"); }), "a pair has twins");
    require(!why_no_name(text).empty() || text.find_first_of("./ \n") == std::string::npos, "a name leads out of no directory");
    const auto shown = printable(text);
    require(!fuzz::has_control(shown) && shown.find_first_of("\n\t") == std::string::npos, "what is printable has no control characters");
}

void try_words(Input& input) {
    const auto text = input.rest();
    std::size_t letters = 0;
    for (const auto word : blank_separated(text)) {
        require(!word.empty() && word.find_first_of(" \t\n") == std::string_view::npos, "a word has no blanks");
        letters += word.size();
    }
    require(letters <= text.size(), "no word is longer than the text");
    fuzz::takes([&] {
        const auto words = split_words(text);
        std::string quoted;
        for (const auto& word : words) {
            quoted += shell_quoted(word) + " ";
            fuzz::takes([&] { replace_placeholders(word, {"web", 1}, {{"main", "", 8080}}, {"main", "admin"}); });
        }
        require(split_words(quoted) == words, "words are split as they were quoted");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.kind(5)) {
        case 0: try_shell_output(input); break;
        case 1: try_values(input); break;
        case 2: try_sockets(input); break;
        case 3: try_names(input); break;
        default: try_words(input); break;
    }
    return 0;
}
