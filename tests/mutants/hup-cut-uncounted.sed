# What a hang-up has cut is not counted.
# file: src/twinctl/swap_drain.cpp
# caught by: what a hang-up leaves unanswered is counted as cut
s/cut_by_hup_ = world_.observer.ended_unanswered();/world_.observer.ended_unanswered();/
