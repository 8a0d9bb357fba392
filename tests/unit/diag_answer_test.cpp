// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "catch.hpp"
#include "core/diag_answer.hpp"
#include "core/error.hpp"

using namespace twinctl;

namespace {

/// A message that says it is of LENGTH bytes, and has what PAYLOAD holds behind its header.
std::string message(std::uint16_t type, std::uint32_t length, const std::string& payload) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_len = length;
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + payload;
}

std::string error_message(int error) {
    std::string payload(reinterpret_cast<const char*>(&error), sizeof error);
    payload.resize(sizeof(nlmsgerr));
    return message(NLMSG_ERROR, static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size()), payload);
}

std::string complaint(const std::string& bytes) {
    try {
        visit_answer(bytes.data(), bytes.size(), [](const char*, std::size_t) {});
        return "none";
    } catch (const SystemError& error) {
        return error.what();
    }
}

int lookup(const std::string& bytes) {
    inet_diag_msg found{};
    return read_lookup(bytes.data(), bytes.size(), found);
}

}  // namespace

TEST_CASE("an error of sock_diag is said by its name, also one that is cut short", "[sock_diag]") {
    CHECK(complaint(error_message(-EPERM)) == "sock_diag fails: Operation not permitted");
    CHECK(complaint(message(NLMSG_ERROR, sizeof(nlmsghdr), "")) == "sock_diag fails: Bad message");
    CHECK(complaint(error_message(INT32_MIN)) == "sock_diag fails: Bad message");
}

TEST_CASE("a length that leads out of the answer is not believed", "[sock_diag]") {
    for (const std::uint32_t length : {0u, 15u, 21u, 0x7fffffffu, 0xffffffffu}) {
        INFO(length);
        CHECK(complaint(message(20, length, "data")) == "cannot read sock_diag's answer");
    }
}

TEST_CASE("a lookup without a socket is no failure, every other error is", "[sock_diag]") {
    CHECK(lookup(error_message(-ENOENT)) == 0);
    CHECK(lookup(error_message(-EPERM)) == -1);
    CHECK(lookup(message(NLMSG_ERROR, sizeof(nlmsghdr), "")) == -1);
    CHECK(lookup("") == -1);
}
