// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"
#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/record.hpp"

using namespace twinctl;

namespace {

Record sample() {
    Record record;
    record.process = {123, 4567890};
    record.ports = "8080 admin=9090";
    record.publics = "80 admin=81";
    record.endpoint = Endpoint::Steer;
    record.handed = "main admin";
    record.fingerprint = "0123456789abcdef";
    record.started = 1700000000;
    record.command = {"/usr/bin/web", "--title", "a b", "line\nbreak\\", ""};
    return record;
}

}  // namespace

TEST_CASE("a record is read as it was written", "[record]") {
    const auto read = parse_record(to_text(sample()));
    CHECK(read.process == sample().process);
    CHECK(read.ports == sample().ports);
    CHECK(read.endpoint == Endpoint::Steer);
    CHECK(read.publics == "80 admin=81");
    CHECK(read.handed == "main admin");
    CHECK(read.fingerprint == sample().fingerprint);
    CHECK(read.started == sample().started);
    CHECK(read.command == sample().command);
    CHECK_FALSE(read.placeholder);
}

TEST_CASE("no value of a record can end its line", "[record]") {
    auto record = sample();
    record.fingerprint = "a\npid 1\\n";
    CHECK(parse_record(to_text(record)).fingerprint == record.fingerprint);
    CHECK(parse_record(to_text(record)).process.pid == 123);
}

TEST_CASE("a key of a later version is passed over", "[record]") {
    CHECK(parse_record(to_text(sample()) + "colour blue\n").process.pid == 123);
}

TEST_CASE("what is no record is refused", "[record]") {
    const auto text = to_text(sample());
    for (const auto& bad : {std::string(), std::string("\n"), std::string("twin-record 2\npid 1\n"),
                            std::string("pid 1\nstart 2\n"), text.substr(0, text.size() - 1),
                            std::string("twin-record 1\npid -5\n"), std::string("twin-record 1\npid 4294967297\n"),
                            std::string("twin-record 1\npid 12x\n"),
                            std::string("twin-record 1\npid 1\nstart -1\n")}) {
        INFO(bad);
        CHECK_THROWS_AS(parse_record(bad), SystemError);
    }
}
