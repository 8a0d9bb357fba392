# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The tests that scripts/test runs by CTest, beside the unit tests: they need root, a sandbox with a real OpenRC, or tools
# of their own. Each test has the label of its group and the label of its tier: short, ci or long. Groups that only run
# when they are named have no tier.

set(LOGS ${PROJECT_BINARY_DIR}/test-logs)

# twin_test(NAME LABELS... COMMAND... [BY_EXIT] [TIMEOUT S] [PROCESSORS N] [COST N] [ENVIRONMENT KEY=VALUE...]
#   [NEEDS FIXTURE...])
# A test of higher COST begins earlier.
function(twin_test name)
  cmake_parse_arguments(T "BY_EXIT" "TIMEOUT;PROCESSORS;COST" "LABELS;COMMAND;ENVIRONMENT;NEEDS" ${ARGN})
  add_test(NAME ${name}
    COMMAND ${PROJECT_SOURCE_DIR}/tests/run $<$<BOOL:${T_BY_EXIT}>:--by-exit> ${LOGS}/${name} ${T_COMMAND}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMAND_EXPAND_LISTS)
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 660)
  endif()
  if(NOT T_COST)
    set(T_COST 0)
  endif()
  if(NOT T_PROCESSORS)
    set(T_PROCESSORS 1)
  endif()
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${T_TIMEOUT}
    PROCESSORS ${T_PROCESSORS} COST ${T_COST} LABELS "${T_LABELS}" ENVIRONMENT "${T_ENVIRONMENT}" FIXTURES_REQUIRED "${T_NEEDS}")
endfunction()

# --- without a sandbox ------------------------------------------------------------------------------------------------

twin_test(unit BY_EXIT LABELS unit short COMMAND $<TARGET_FILE:unit-tests>)
twin_test(lint-shell LABELS lint short COMMAND tests/lint/shell COST 60)
twin_test(lint-headers LABELS lint ci COMMAND tests/platforms/headers COST 90)
twin_test(lint-includes LABELS lint ci COMMAND tests/platforms/includes TIMEOUT 2400)
foreach(script completions documents)
  twin_test(cli-${script} LABELS cli short
    COMMAND sh tests/cli/${script}.sh $<TARGET_FILE:twinctl> $<TARGET_FILE:twin-exec>)
endforeach()
twin_test(model LABELS model ci COMMAND sh tests/model/check TIMEOUT 1200 COST 60)
twin_test(mutants LABELS mutants short COMMAND tests/mutants/check TIMEOUT 1200 PROCESSORS 2 COST 90)

set(FUZZERS answers command-lines quoting settings shell state-files)
twin_test(fuzz-build BY_EXIT LABELS fuzz short long COMMAND tests/fuzz/run --build TIMEOUT 1200 PROCESSORS 2 COST 100)
set_tests_properties(fuzz-build PROPERTIES FIXTURES_SETUP fuzzers)
foreach(target ${FUZZERS})
  twin_test(fuzz-${target} LABELS fuzz short COMMAND tests/fuzz/run --built ${target} NEEDS fuzzers
    ENVIRONMENT FUZZ_SECONDS=10)
  twin_test(fuzz-${target}-long LABELS fuzz long COMMAND tests/fuzz/run --built ${target} NEEDS fuzzers COST 50
    ENVIRONMENT FUZZ_SECONDS=60)
endforeach()

# --- on a real OpenRC -------------------------------------------------------------------------------------------------

twin_test(sandbox-root BY_EXIT LABELS system short ci long COMMAND scripts/sandbox --fetch TIMEOUT 1200)
set_tests_properties(sandbox-root PROPERTIES FIXTURES_SETUP root)
twin_test(handlers-build BY_EXIT LABELS system short ci long COMMAND tests/handlers/build build/tests/handlers)
set_tests_properties(handlers-build PROPERTIES FIXTURES_SETUP handlers)

add_subdirectory(system)

# --- other builds of the same programs --------------------------------------------------------------------------------

twin_test(sanitize-build BY_EXIT LABELS sanitize ci long COMMAND tests/sanitize/build TIMEOUT 1800 PROCESSORS 2 COST 100)
set_tests_properties(sanitize-build PROPERTIES FIXTURES_SETUP sanitized)
twin_test(unit-sanitized BY_EXIT LABELS sanitize ci COMMAND build-sanitize/tests/unit/unit-tests NEEDS sanitized)
twin_test(musl-build BY_EXIT LABELS musl long COMMAND scripts/musl TIMEOUT 1800 PROCESSORS 2)
set_tests_properties(musl-build PROPERTIES FIXTURES_SETUP musl)

# Every change has to build with the compiler of today's Alpine and Gentoo. The other rows take much longer.
twin_test(platforms-trixie LABELS platforms ci COMMAND tests/platforms/check trixie-g++-14 trixie-plain
  TIMEOUT 2400)
# They compile with all processors: what runs beside them would have none.
set_tests_properties(platforms-trixie lint-headers lint-includes PROPERTIES RUN_SERIAL ON)
twin_test(platforms-all LABELS platforms COMMAND tests/platforms/check TIMEOUT 10800 PROCESSORS 2)
twin_test(vm LABELS vm COMMAND tests/vm/check TIMEOUT 5400 PROCESSORS 2)

# --- what is measured: alone on the machine ---------------------------------------------------------------------------

function(bench_test tier name)
  twin_test(bench-${name} LABELS bench ${tier} NEEDS root TIMEOUT 600 ${ARGN})
  set_tests_properties(bench-${name} PROPERTIES RUN_SERIAL ON)
endfunction()
bench_test(short cost BY_EXIT
  COMMAND scripts/sandbox /src/build/tests/bench/cost /src/build/tests/service/parityd)
bench_test(short drain BY_EXIT COMMAND $<TARGET_FILE:drain-bench>)
bench_test(short throughput COMMAND scripts/sandbox sh /src/tests/bench/throughput --short)
bench_test(short autodeploy COMMAND scripts/sandbox sh /src/tests/bench/autodeploy)

# The loss benches wait most of the time, and count instead of measuring: several at once.
foreach(case inherit steer direct switch far)
  twin_test(loss-${case} LABELS bench short COMMAND scripts/sandbox sh /src/tests/bench/loss --short ${case} NEEDS root)
  twin_test(loss-${case}-long LABELS bench long COMMAND scripts/sandbox sh /src/tests/bench/loss ${case} NEEDS root
    TIMEOUT 1800 COST 40)
endforeach()
twin_test(loss-seen LABELS bench short COMMAND scripts/sandbox sh /src/tests/bench/loss --short --break NEEDS root)
