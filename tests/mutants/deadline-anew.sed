# An interrupted drain gets its whole time once more.
# file: src/twinctl/swap_recovery.cpp
# caught by: the drain of an interrupted swap keeps its own deadline
s/journal_.drain_until - world_.clock.wall_s());/old_config().drain_timeout + 0 * world_.clock.wall_s());/
