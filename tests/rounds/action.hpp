// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "chance.hpp"

namespace twinctl {

/// Something that an administrator, or a program of his, does to the pair `web`.
struct Action {
    const char* name;
    const char* command;  ///< %p is a parity
    unsigned weight;      ///< how often it is drawn, against the others
    /// It asks for a stop of the whole pair: clients may find nobody.
    bool stops = false;
    /// It starts, hangs up or forgets a twin by hand: both may be up afterwards, or one that OpenRC
    /// has forgotten, and `twinctl swap` puts it right.
    bool meddles = false;
    /// It stops a twin by hand that was not hung up. With inherit the twin takes connections until
    /// the signal comes, and whoever it has just accepted gets half an answer.
    bool cuts = false;
};

/// One of all, or of those that ask for no stop if CALM.
const Action& draw_action(Chance& chance, bool calm);

}  // namespace twinctl
