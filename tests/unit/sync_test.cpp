// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What is to be there after a power loss is written out, in the right order.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/files.hpp"
#include "syscalls.hpp"
#include "twinctl/release_store.hpp"

using namespace twinctl;
using Synced = std::vector<std::string>;

namespace {

struct Place {
    Place() {
        char name[] = "/tmp/twin-sync-XXXXXX";
        path = mkdtemp(name);
        synced.clear();
    }
    ~Place() { std::filesystem::remove_all(path); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    std::string path;
};

}  // namespace

TEST_CASE("a file that is to outlive the boot is written out before it has its name, and its name after that", "[sync]") {
    const Place place;
    write_file(place.path + "/active", "1\n", 0644, Durability::Boot);
    CHECK(synced == Synced{"file", "directory"});
}

TEST_CASE("a file of this boot alone is not written out", "[sync]") {
    const Place place;
    write_file(place.path + "/record", "text", 0644);
    CHECK(synced.empty());
}

TEST_CASE("a release is on the disk before it has its name, and its name before a slot leads to it", "[sync]") {
    const Place place;
    ReleaseStore store(place.path + "/web");
    store.prepare();
    write_file(store.begin("r1") + "/webd", "program", 0755);
    synced.clear();
    store.commit("r1", "sum");
    CHECK(synced == Synced{"file system", "file", "directory", "directory"});
    synced.clear();
    store.point(0, "r1");
    CHECK(synced == Synced{"directory"});
}
