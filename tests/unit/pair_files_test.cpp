// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "twinctl/pair_files.hpp"

using namespace twinctl;
namespace fs = std::filesystem;

namespace {

/// An image's tree in a directory of its own; it stays where a test failed.
class Image {
public:
    Image() {
        char path[] = "/tmp/twinctl-test.XXXXXX";
        layout.root = mkdtemp(path);
        make_directories(layout.root + "/etc/init.d");
        make_directories(layout.root + "/etc/conf.d");
        installation.twinctl = "/usr/sbin/twinctl";
        installation.twin_exec = "/usr/sbin/twin-exec";
        installation.service_template = layout.root + "/template";
        write_file(installation.service_template, "# @mark@\n@twin_exec@ @twinctl@\n", 0644);
    }
    ~Image() { fs::remove_all(layout.root); }

    void install(const ConfLines& lines = {}, bool force = false) {
        apply(plan_install(layout, installation, "web", {lines, runlevels, force}));
    }
    bool would_change(const ConfLines& lines = {}) {
        for (const auto& change : plan_install(layout, installation, "web", {lines, runlevels, false})) {
            if (change.kind != FileChange::Kind::Keep) {
                return true;
            }
        }
        return false;
    }

    Layout layout;
    Installation installation;
    std::vector<std::string> runlevels;
};

}  // namespace

TEST_CASE("install writes the script, both links and the configuration", "[files]") {
    Image image;
    image.install({{"twin_ports", "8080"}});
    CHECK(read_file(image.layout.initscript("web")) ==
          "# Rendered by twinctl for web\n'/usr/sbin/twin-exec' '/usr/sbin/twinctl'\n");
    CHECK(fs::read_symlink(image.layout.initscript("web.0")) == "web");
    CHECK(fs::read_symlink(image.layout.initscript("web.1")) == "web");
    struct stat info {};
    REQUIRE(stat(image.layout.initscript("web").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0755);
    CHECK(read_file(image.layout.conf("web")).find("\ntwin_ports='8080'\n") != std::string::npos);
}

TEST_CASE("a second install changes nothing", "[files]") {
    Image image;
    image.install({{"twin_ports", "8080"}});
    CHECK_FALSE(image.would_change({{"twin_ports", "8080"}}));
    CHECK_FALSE(image.would_change());
}

TEST_CASE("a configuration that nobody edited follows the new words", "[files]") {
    Image image;
    image.install({{"twin_ports", "8080"}});
    image.install({{"twin_ports", "9090"}});
    CHECK(read_file(image.layout.conf("web")).find("9090") != std::string::npos);
}

TEST_CASE("an edited configuration is never overwritten", "[files]") {
    Image image;
    image.install({{"twin_ports", "8080"}});
    const auto edited = read_file(image.layout.conf("web")) + "twin_user=www\n";
    write_file(image.layout.conf("web"), edited, 0644);
    image.install({{"twin_ports", "9090"}});
    CHECK(read_file(image.layout.conf("web")) == edited);
    CHECK(read_file(image.layout.conf("web") + ".new").find("9090") != std::string::npos);
    CHECK_FALSE(image.would_change({{"twin_ports", "9090"}}));
}

TEST_CASE("what is not ours is in the way, unless it is forced", "[files]") {
    Image image;
    SECTION("a script") { write_file(image.layout.initscript("web"), "#!/bin/sh\n", 0755); }
    SECTION("a script of another pair") {
        write_file(image.layout.initscript("web"), "# Rendered by twinctl for webmail\n", 0755);
    }
    SECTION("a link that leads elsewhere") {
        fs::create_symlink("other", image.layout.initscript("web.1"));
    }
    SECTION("a dangling link") { fs::create_symlink("nowhere", image.layout.initscript("web")); }
    CHECK_THROWS_AS(image.install(), InputError);
    CHECK_FALSE(exists(image.layout.conf("web")));
    image.install({}, true);
    CHECK_FALSE(image.would_change());
}

TEST_CASE("a directory in the way cannot be forced", "[files]") {
    Image image;
    make_directories(image.layout.initscript("web.0"));
    CHECK_THROWS_AS(image.install({}, true), InputError);
}

TEST_CASE("uninstall takes away what install wrote", "[files]") {
    Image image;
    image.install({{"twin_ports", "8080"}});
    apply(plan_uninstall(image.layout, "web", false));
    CHECK(fs::is_empty(image.layout.root + "/etc/init.d"));
    CHECK(fs::is_empty(image.layout.root + "/etc/conf.d"));
}

TEST_CASE("uninstall keeps edited configuration unless it is purged", "[files]") {
    Image image;
    image.install({{"twin_ports", "8080"}});
    write_file(image.layout.conf("web"), "twin_ports=8080\n", 0644);
    apply(plan_uninstall(image.layout, "web", false));
    CHECK(exists(image.layout.conf("web")));
    apply(plan_uninstall(image.layout, "web", true));
    CHECK_FALSE(exists(image.layout.conf("web")));
}

TEST_CASE("a pair is added to its runlevels, once", "[files]") {
    Image image;
    make_directories(image.layout.root + "/etc/runlevels/default");
    image.runlevels = {"default"};
    image.install();
    CHECK(fs::read_symlink(image.layout.root + "/etc/runlevels/default/web") == "/etc/init.d/web");
    CHECK_FALSE(image.would_change());
    for (const auto* level : {"", "nightly", "../init.d", ".."}) {
        image.runlevels = {level};
        CHECK_THROWS_AS(image.install(), InputError);
    }
}

TEST_CASE("a script that was replaced by force comes back", "[files]") {
    Image image;
    write_file(image.layout.initscript("web"), "#!/sbin/openrc-run\n# packaged\n", 0755);
    image.install({}, true);
    image.install({{"twin_ports", "8080"}}, true);
    apply(plan_uninstall(image.layout, "web", false));
    CHECK(read_file(image.layout.initscript("web")) == "#!/sbin/openrc-run\n# packaged\n");
    CHECK_FALSE(exists(image.layout.state("web")));
}

TEST_CASE("what cannot be finished is taken back", "[files]") {
    Image image;
    make_directories(image.layout.root + "/etc/runlevels/default");
    image.install({{"twin_ports", "8080"}});
    const auto conf = read_file(image.layout.conf("web"));
    auto changes = plan_install(image.layout, image.installation, "web", {{{"twin_ports", "9090"}}, {"default"}, false});
    changes.push_back({FileChange::Kind::Remove, image.layout.root + "/etc/conf.d/web", {}, 0, {}});
    changes.push_back({FileChange::Kind::Remove, image.layout.root + "/etc/init.d/web.0", {}, 0, {}});
    changes.push_back({FileChange::Kind::Write, image.layout.root + "/template/x", "", 0644, {}});
    CHECK_THROWS_AS(apply(changes), SystemError);
    CHECK(read_file(image.layout.conf("web")) == conf);
    CHECK(fs::read_symlink(image.layout.initscript("web.0")) == "web");
    CHECK(fs::is_empty(image.layout.root + "/etc/runlevels/default"));
}
