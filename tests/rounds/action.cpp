// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "action.hpp"

namespace twinctl {

namespace {

// install-web and install-other are what the test that calls us has put on PATH.
constexpr Action actions[] = {
    {"swap", "twinctl swap web", 10},
    {"swap-left", "twinctl swap web --leave-draining --drain-timeout 1", 4},
    {"swap-plan", "twinctl swap web --dry-run", 1},
    {"rollback", "twinctl rollback web", 3},
    {"restart", "twinctl restart web", 1},
    {"start", "twinctl start web", 4},
    {"status", "twinctl status web", 3},
    {"status-all", "twinctl status --json", 1},
    {"check", "twinctl check web", 2},
    {"wait", "twinctl wait web", 1},
    {"rehearse", "twinctl rehearse web", 1},
    {"install", "install-web", 2},
    {"install-force", "install-web --force", 1},
    {"refused-uninstall", "twinctl uninstall web && install-web && twinctl start web", 2},
    {"other", "rc-service other start; rc-service other stop", 1},
    {"other-again",
     "rc-service other stop; twinctl -q uninstall other --purge; install-other; twinctl start other", 3},
    {"other-swap", "twinctl start other; twinctl swap other", 2},

    {"pair-start", "rc-service web start", 4},
    {"pair-status", "rc-service web status", 1},
    {"pair-reload", "rc-service web reload", 5},
    {"runlevel-default", "openrc default", 3},
    {"runlevel-also", "openrc also", 2},

    {"twin-start", "rc-service web.%p start", 4, false, true},
    {"twin-zap-start", "rc-service web.%p zap start", 3, false, true},
    {"twin-stop", "rc-service web.%p stop", 6, false, true, true},
    {"twin-hup", "rc-service web.%p hup", 3, false, true},
    {"twin-hup-stop", "rc-service web.%p hup stop", 2, false, true},
    {"twin-restart", "rc-service web.%p restart", 3, false, true, true},
    {"twin-zap", "rc-service web.%p zap", 2, false, true},

    {"stop", "twinctl stop web", 3, true},
    {"stop-start", "twinctl stop web; twinctl start web", 4, true},
    {"pair-stop", "rc-service web stop", 3, true},
    {"pair-restart", "rc-service web restart", 3, true},
    {"runlevel-bare", "openrc bare; openrc default", 2, true},
    {"reinstall", "twinctl stop web && twinctl uninstall web --purge; install-web; twinctl start web", 3,
     true},
};

}  // namespace

const Action& draw_action(Chance& chance, bool calm) {
    unsigned sum = 0;
    for (const auto& action : actions) {
        sum += calm && action.stops ? 0 : action.weight;
    }
    unsigned at = chance.below(sum);
    for (const auto& action : actions) {
        const unsigned weight = calm && action.stops ? 0 : action.weight;
        if (at < weight) {
            return action;
        }
        at -= weight;
    }
    return actions[0];
}

}  // namespace twinctl
