# Nobody is told that the old twin must not be started again.
# file: src/twinctl/swap.cpp
# caught by: a swap starts the new twin, hangs up the old one, waits, stops it
s/    world_.notebook.announce_retirement(old_twin());//
