// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
// Only for Catch2 before version 3, which has no library with a main.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
