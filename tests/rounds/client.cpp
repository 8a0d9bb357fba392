// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "client.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <cstdlib>

#include "core/files.hpp"

namespace twinctl {

namespace {

constexpr std::chrono::seconds patience{30};
constexpr timeval answer_timeout{2, 0};

/// The number after WORD in the first line of a report: "sent N  ok N  lost N ...".
std::uint64_t number_after(const std::string& text, const std::string& word) {
    const auto at = text.find(word + " ");
    return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + word.size() + 1, nullptr, 10);
}

}  // namespace

Client::Client(const std::string& program, const std::string& url)
    : actor_(program + " --url " + url +
             " --rate 200 --clients 4 --seconds 600 --timeout 8000 --expect version=") {}

Load Client::finish() {
    actor_.signal(SIGTERM);
    Load load;
    if (!actor_.wait_until(Clock::now() + patience)) {
        load.lost = 1;
        load.report = "the clients did not come to their end\n";
        return load;
    }
    load.report = actor_.output();
    load.sent = number_after(load.report, "sent");
    load.lost = number_after(load.report, "lost");
    load.cut = number_after(load.report, "reset") + number_after(load.report, "short");
    return load;
}

std::optional<std::string> ask(std::uint16_t port) {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
        setsockopt(fd.get(), SOL_SOCKET, option, &answer_timeout, sizeof answer_timeout);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        return {};
    }
    const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    std::string answer;
    if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
        return {};
    }
    char buffer[4096];
    for (ssize_t n; (n = recv(fd.get(), buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(n));
    }
    const auto at = answer.find(" twin=");
    return at == std::string::npos ? std::nullopt
                                   : std::optional(answer.substr(at + 6, answer.find(' ', at + 6) - at - 6));
}

}  // namespace twinctl
