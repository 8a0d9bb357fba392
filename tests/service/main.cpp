// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "identity.hpp"
#include "listeners.hpp"
#include "options.hpp"
#include "server.hpp"
#include "signals.hpp"
#include "start_delay.hpp"
#include "usage_error.hpp"
#include "worker_parent.hpp"

namespace twinctl {

namespace {

/// The file with our pid, for as long as this exists.
class PidFile {
public:
    explicit PidFile(const std::string& path) : path_(path)
    {
        if (path_.empty()) {
            return;
        }
        // A reader must never see it half written.
        const std::string draft = path_ + '.' + std::to_string(::getpid());
        std::ofstream(draft) << ::getpid() << '\n';
        if (std::rename(draft.c_str(), path_.c_str()) != 0) {
            std::remove(draft.c_str());
            throw std::runtime_error("cannot write " + path_);
        }
    }
    ~PidFile()
    {
        if (!path_.empty()) {
            std::remove(path_.c_str());
        }
    }
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

private:
    std::string path_;
};

int die_at_start(const Identity& identity)
{
    identity.log("cannot read /etc/parityd.conf: line 7: unknown key 'colour'");
    identity.log("giving up at start");
    return 3;
}

int serve(const Options& options)
{
    Signals::hold_back();
    // Its workers or a terminal may be gone when a line is logged.
    ::signal(SIGPIPE, SIG_IGN);
    if (options.misbehaviours.die_at_start) {
        return die_at_start(options.identity);
    }
    if (delay_start(options) == AfterDelay::stop) {
        options.identity.log("exiting, never listened");
        return 0;
    }
    std::vector<Listener> listeners = open_listeners(options);
    const PidFile pid_file(options.pid_file);
    const std::string listening = "listening on " + addresses_of(listeners);
    if (options.workers > 0) {
        WorkerParent parent(options, std::move(listeners));
        options.identity.log(listening);
        return parent.run();
    }
    Server server(options, std::move(listeners), Server::Role::sole);
    options.identity.log(listening);
    return server.run();
}

} // namespace

} // namespace twinctl

int main(int argc, char** argv)
{
    try {
        const twinctl::Options options = twinctl::parse_options(argc, argv);
        if (options.help) {
            std::cout << twinctl::usage_text;
            return 0;
        }
        return twinctl::serve(options);
    } catch (const twinctl::UsageError& error) {
        std::cerr << "parityd: " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "parityd: " << error.what() << '\n';
        return 1;
    }
}
