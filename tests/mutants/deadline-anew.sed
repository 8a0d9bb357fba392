# An interrupted drain gets its whole time once more.
# file: src/twinctl/swap_recovery.cpp
# caught by: the drain of an interrupted swap keeps its own deadline
s/std::clamp<std::int64_t>(journal_.drain_until - world_.clock.wall_s(), 0, longest_s);/longest_s;/
