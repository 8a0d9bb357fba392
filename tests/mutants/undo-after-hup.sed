# An interrupted swap is undone when the old twin is deaf already.
# file: src/twinctl/swap_recovery.cpp
# caught by: a swap that ended after the hang-up is finished
/^bool Swap::recover/,/^}/s/journal_.step < Step::Hup && old_view.is_up()/old_view.alive/
