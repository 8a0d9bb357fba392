// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/program.hpp"
#include "core/trust.hpp"
#include "needs.hpp"

using namespace twinctl;
namespace fs = std::filesystem;

namespace {

/// A directory of our own, with a file in it.
class Place {
public:
    Place() {
        char name[] = "/tmp/twin-trust-XXXXXX";
        directory = mkdtemp(name);
        file = directory + "/of-ours";
        write_file(file, "text", 0644);
    }
    ~Place() { fs::remove_all(directory); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    std::string directory;
    std::string file;
};

}  // namespace

TEST_CASE("a file that only we can write is read", "[trust]") {
    const Place place;
    CHECK(read_own_file_if_any(place.file) == "text");
    CHECK_FALSE(read_own_file_if_any(place.directory + "/none"));
    chmod(place.file.c_str(), 0664);
    CHECK(read_own_file_if_any(place.file) == "text");
}

TEST_CASE("a file that others can write is not believed, nor is a link", "[trust]") {
    const Place place;
    chmod(place.file.c_str(), 0646);
    CHECK_THROWS_WITH(read_own_file_if_any(place.file),
                      "cannot trust " + place.file + ": everybody can write it");
    const auto link = place.directory + "/link";
    fs::create_symlink(place.file, link);
    CHECK_THROWS_WITH(read_own_file_if_any(link), "cannot trust " + link + ": it is a symbolic link");
    CHECK_THROWS_WITH(read_own_file_if_any(place.directory),
                      "cannot trust " + place.directory + ": it is no regular file");
}

TEST_CASE("nothing is written through what somebody has put in its place", "[trust]") {
    const Place place;
    const auto path = place.directory + "/new";
    fs::create_symlink(place.file, path + ".tmp" + std::to_string(getpid()));
    write_file(path, "other text", 0644);
    CHECK(read_file(place.file) == "text");
    CHECK(read_own_file_if_any(path) == "other text");
}

TEST_CASE("configuration is trusted with its directory, and through a link of ours", "[trust]") {
    const Place place;
    const auto link = place.directory + "/link";
    fs::create_directory(place.directory + "/sub");
    fs::rename(place.file, place.directory + "/sub/of-ours");
    fs::create_symlink("sub/of-ours", link);
    CHECK_NOTHROW(require_trusted_config(link));
    CHECK_NOTHROW(require_trusted_config(place.directory + "/none"));
    chmod((place.directory + "/sub").c_str(), 0777);
    CHECK_THROWS_AS(require_trusted_config(link), InputError);
    chmod((place.directory + "/sub").c_str(), 0755);
    chmod(place.directory.c_str(), 0777);
    CHECK_THROWS_WITH(require_trusted_config(link),
                      "cannot trust " + link + ": everybody can write " + place.directory);
}

TEST_CASE("whoever may rename a directory far above a file may change it", "[trust]") {
    const Place place;
    const auto top = place.directory + "/top";
    fs::create_directories(top + "/a/b");
    write_file(top + "/a/b/file", "text", 0644);
    const auto link = place.directory + "/link";
    fs::create_symlink("top/./a/../a/b", link);
    const auto path = link + "/file";
    CHECK_NOTHROW(require_trusted_config(path));
    chmod(top.c_str(), 0777);
    CHECK_THROWS_WITH(require_trusted_config(path), "cannot trust " + path + ": everybody can write " + top);
    // There he can rename nothing that is not his.
    chmod(top.c_str(), 01777);
    CHECK_NOTHROW(require_trusted_config(path));
    fs::create_symlink("loop", place.directory + "/loop");
    CHECK_NOTHROW(require_trusted_config(place.directory + "/loop"));
}

TEST_CASE("a directory with the sticky bit is good for a socket", "[trust]") {
    const Place place;
    chmod(place.directory.c_str(), 01777);
    CHECK(who_could_replace_in(place.directory, geteuid(), getegid()).empty());
    chmod(place.directory.c_str(), 0777);
    CHECK(who_could_replace_in(place.directory, geteuid(), getegid()) == "everybody can write " + place.directory);
}

TEST_CASE("owners and groups are told apart", "[trust]") {
    SKIP_WHERE(why_no_root());
    const Place place;
    REQUIRE(chown(place.file.c_str(), 65534, 65534) == 0);
    CHECK(who_could_change(place.file) == "uid 65534 owns " + place.file);
    REQUIRE(chown(place.file.c_str(), 0, 65534) == 0);
    CHECK(who_could_change(place.file).empty());
    chmod(place.file.c_str(), 0664);
    CHECK(who_could_change(place.file) == "group 65534 can write " + place.file);
    REQUIRE(chown(place.directory.c_str(), 65534, 65534) == 0);
    chmod(place.directory.c_str(), 0775);
    CHECK(who_could_replace_in(place.directory, 65534, 65534).empty());
    CHECK_FALSE(who_could_replace_in(place.directory, 65534, 0).empty());
}

TEST_CASE("a program is not looked for where one happens to stand", "[trust]") {
    const Place place;
    const auto before = fs::current_path();
    const std::string path = std::getenv("PATH");
    fs::current_path(place.directory);
    chmod(place.file.c_str(), 0755);
    setenv("PATH", ".::", 1);
    CHECK_FALSE(find_program("of-ours"));
    setenv("PATH", place.directory.c_str(), 1);
    CHECK(find_program("of-ours") == place.file);
    setenv("PATH", path.c_str(), 1);
    fs::current_path(before);
}
