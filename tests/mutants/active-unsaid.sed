# Which twin is active is not written down.
# file: src/twinctl/swap.cpp
# caught by: a swap starts the new twin, hangs up the old one, waits, stops it
s/            world_.notebook.set_active(pair_, journal_.to);//
