// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "steer_fixture.hpp"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "core/files.hpp"
#include "core/process.hpp"

using namespace twinctl;

SteeredPair::SteeredPair(const std::string& public_sockets, const std::string& twin_ports,
                         const std::string& name)
    : layout{std::getenv("TWIN_STEER_ROOT")},
      publics(parse_public(public_sockets)),
      ports(parse_ports(twin_ports)),
      steer(layout, name) {}

SteeredPair::~SteeredPair() {
    try {
        steer.detach();
    } catch (const std::exception& error) {
        std::cerr << "cannot clean up: " << error.what() << '\n';
    }
}

bool SteeredPair::put(int parity) {
    return steer.put(publics, ports, parity, process_at(getpid()).value());
}

bool SteeredPair::is_mounted() const {
    return read_file("/proc/self/mounts").find(" " + layout.steering() + " bpf ") != std::string::npos;
}

int in_child(const std::function<int()>& body) {
    const pid_t pid = fork();
    if (pid == 0) {
        try {
            _exit(body());
        } catch (const std::exception& error) {
            std::cerr << error.what() << '\n';
            _exit(255);
        }
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
