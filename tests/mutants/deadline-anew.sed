# An interrupted drain gets its whole time once more.
# file: src/twinctl/swap_recovery.cpp
# caught by: the drain of an interrupted swap keeps its own deadline
s|std::clamp<std::int64_t>(journal_.drain_for - gone_s, 0, journal_.drain_for);|journal_.drain_for;|
