# The journal of a finished swap stays.
# file: src/twinctl/swap.cpp
# caught by: a swap starts the new twin, hangs up the old one, waits, stops it
/^void Swap::write_down/,/^}/s/    world_.notebook.clear_journal(pair_);//
