// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/upload.hpp"

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/files.hpp"
#include "needs.hpp"
#include "twinctl/release_store.hpp"
#include "twinctl/sha256.hpp"

using namespace twinctl;

namespace {

namespace fs = std::filesystem;

/// A directory for as long as the test runs.
struct Tree {
    Tree() {
        char name[] = "/tmp/upload-XXXXXX";
        path = mkdtemp(name);
    }
    ~Tree() { fs::remove_all(path); }

    void write(const std::string& name, const std::string& content, mode_t mode = 0644) const {
        write_file(path + "/" + name, content, mode);
        chmod((path + "/" + name).c_str(), mode);
    }

    std::string path;
};

Upload read_upload(const Tree& tree, std::uint64_t most = 1 << 20) {
    return take_over(tree.path, "", most);
}

}  // namespace

TEST_CASE("SHA-256 is that of FIPS 180-4", "[upload]") {
    CHECK(Sha256::of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a copy has the contents, links and x bits, and root's modes", "[upload]") {
    SKIP_WHERE(why_no_openat2());
    const Tree from;
    const Tree to;
    from.write("bin/run", "#!/bin/sh\n", 0700);
    from.write("share/text", "words", 0600);
    fs::create_symlink("../share/text", from.path + "/bin/link");
    const auto upload = take_over(from.path, to.path, 1 << 20);
    CHECK(upload.faults.empty());
    CHECK(upload.bytes == 15);
    CHECK(read_file(to.path + "/bin/link") == "words");
    struct stat info {};
    CHECK(stat((to.path + "/bin/run").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0755);
    CHECK(stat((to.path + "/share/text").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0644);
    CHECK(take_over(to.path, "", 1 << 20).content == upload.content);
}

TEST_CASE("the content is the same whenever it comes, and another for each change", "[upload]") {
    SKIP_WHERE(why_no_openat2());
    const Tree tree;
    tree.write("a", "1");
    const auto first = read_upload(tree).content;
    tree.write("a", "1");
    CHECK(read_upload(tree).content == first);
    tree.write("a", "2");
    const auto second = read_upload(tree).content;
    CHECK(second != first);
    tree.write("a", "2", 0755);
    CHECK(read_upload(tree).content != second);
    tree.write("a", "1");
    fs::rename(tree.path + "/a", tree.path + "/b");
    CHECK(read_upload(tree).content != first);
    fs::create_directory(tree.path + "/c");
    CHECK(read_upload(tree).content != first);
}

TEST_CASE("an upload is no larger than it may be", "[upload]") {
    SKIP_WHERE(why_no_openat2());
    const Tree tree;
    tree.write("a", std::string(600, 'x'));
    tree.write("b", std::string(600, 'x'));
    CHECK(read_upload(tree, 1200).faults.empty());
    const auto upload = read_upload(tree, 1199);
    CHECK(upload.faults.size() == 1);
    CHECK(upload.faults.front().starts_with("b makes the upload larger than"));
}

TEST_CASE("faults are counted up to ten, and the content is known all the same", "[upload]") {
    SKIP_WHERE(why_no_openat2());
    const Tree tree;
    for (int i = 0; i < 30; ++i) {
        fs::create_symlink("/etc/passwd", tree.path + "/l" + std::to_string(i));
    }
    const auto upload = read_upload(tree);
    CHECK(upload.faults.size() == 10);
    CHECK(upload.content == read_upload(tree).content);
}

TEST_CASE("what could serve another user, or show his files, does not come into a release", "[upload]") {
    SKIP_WHERE(why_no_openat2());
    SKIP_WHERE(why_no_root());
    const Tree tree;
    tree.write("foreign", "secret");
    REQUIRE(chown((tree.path + "/foreign").c_str(), 65534, 65534) == 0);
    CHECK(read_upload(tree).faults == std::vector<std::string>{"foreign belongs to uid 65534, and the upload to uid 0"});
    fs::remove(tree.path + "/foreign");
    for (const mode_t bit : {mode_t{S_ISUID}, mode_t{S_ISGID}}) {
        tree.write("set", "program", 0755 | bit);
        CHECK(read_upload(tree).faults == std::vector<std::string>{"set has a set-user-ID or set-group-ID bit"});
    }
    fs::remove(tree.path + "/set");
    REQUIRE(mkfifo((tree.path + "/pipe").c_str(), 0644) == 0);
    CHECK(read_upload(tree).faults == std::vector<std::string>{"pipe is a FIFO"});
    fs::remove(tree.path + "/pipe");
    CHECK(read_upload(tree).faults.empty());
}

TEST_CASE("a manifest vouches for every file and for nothing else", "[upload]") {
    Upload upload;
    const auto sum = Sha256::of("x");
    upload.files = {{"a", sum}, {"d/b c", sum}, {"SHA256SUMS", sum}};
    upload.manifest = sum + "  ./a\n" + sum + " *d/b c\n";
    CHECK(why_not_whole(upload).empty());
    upload.manifest = sum + "  a\n" + sum + "  d/b c";
    CHECK(why_not_whole(upload).empty());
    upload.manifest = sum + "  a\n";
    CHECK(why_not_whole(upload) == "d/b c is not in SHA256SUMS");
    upload.manifest = sum + "  a\n" + Sha256::of("y") + "  d/b c\n";
    CHECK(why_not_whole(upload) == "d/b c is not what SHA256SUMS says");
    upload.manifest = sum + "  a\n" + sum + "  d/b c\n" + sum + "  more\n";
    CHECK(why_not_whole(upload) == "more is in SHA256SUMS and has not come");
    for (const auto* odd : {"", "\n", "abc", "  a"}) {
        upload.manifest = odd;
        CHECK_FALSE(why_not_whole(upload).empty());
    }
    upload.manifest = "\\" + sum + "  a\n";
    CHECK(why_not_whole(upload) == "SHA256SUMS, line 1, is not as sha256sum prints it");
}

TEST_CASE("arrivals are ordered by when they came, whatever their times say", "[upload]") {
    const Tree tree;
    for (const auto* id : {"r2", "r1", "r3"}) {
        tree.write(std::string(id) + "/SHA256SUMS", "");
        usleep(20000);
    }
    fs::create_directory(tree.path + "/half");
    tree.write(".r9.partial/SHA256SUMS", "");
    tree.write("r8.partial/SHA256SUMS", "");
    fs::create_symlink("r1", tree.path + "/link");
    std::string order;
    for (const auto& arrival : arrivals(tree.path, false)) {
        order += arrival.id + " ";
    }
    CHECK(order == "r3 r1 r2 ");
    CHECK(arrivals(tree.path, true).size() == 4);
}

TEST_CASE("a store keeps what is in use and what came last", "[upload]") {
    const Tree tree;
    ReleaseStore store(tree.path + "/web");
    store.prepare();
    for (const auto* id : {"a", "b", "c", "d", "e"}) {
        store.begin(id);
        store.commit(id, "sum of " + std::string(id));
        usleep(10000);
    }
    store.point(0, "a");
    CHECK(store.slot(0) == "a");
    CHECK_FALSE(store.slot(1));
    CHECK(store.list() == std::vector<std::string>{"e", "d", "c", "b", "a"});
    CHECK(store.prune(2, {"b"}) == std::vector<std::string>{"c"});
    CHECK(store.content_of("b") == "sum of b");
    CHECK_FALSE(store.has("c"));
    store.begin("half");
    ReleaseStore(tree.path + "/web").prepare();
    CHECK_FALSE(exists(tree.path + "/web/releases/.half-half"));
}

TEST_CASE("quarantine is by content, and can be taken back", "[upload]") {
    const Tree tree;
    ReleaseStore store(tree.path + "/web");
    store.prepare();
    store.quarantine("r1", "sum1", "it died\nat once", 100);
    store.quarantine("r1", "sum2", "again", 200);
    CHECK(store.find_quarantined("sum1")->reason == "it died at once");
    CHECK(store.find_quarantined("sum2")->id == "r1");
    CHECK_FALSE(store.find_quarantined("sum3"));
    store.pardon("sum1");
    CHECK_FALSE(store.find_quarantined("sum1"));
    CHECK(store.find_quarantined("sum2"));
}
