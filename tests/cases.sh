#!/bin/sh
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2034
#
# What all tests in shell share. A test begins each case with `it "a sentence"` and ends with
# `finish`; a case fails when something in it complains.

passed=0
failed=0
skipped=0
case_name=
case_failed=

end_case() {
	# A check that stands before the first case, or after the last, is one, too.
	[ -n "$case_name" ] || [ -n "$case_failed" ] || return 0
	if [ -n "$case_failed" ]; then
		failed=$((failed + 1))
		printf 'not ok - %s\n' "${case_name:-outside of every case}"
	else
		passed=$((passed + 1))
		printf 'ok - %s\n' "$case_name"
	fi
	case_name=
	case_failed=
}

it() {
	end_case
	case_name=$1
}

complain() {
	case_failed=1
	printf '# %s: %s\n' "$case_name" "$1"
}

finish() {
	end_case
	[ -z "${at_end:-}" ] || "$at_end"
	end_case
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ]
	exit
}
