# The old twin is hung up before the new one is ready.
# file: src/twinctl/swap.cpp
# caught by: a swap starts the new twin, hangs up the old one, waits, stops it
s/start_new() && wait_until_ready() && !is_interrupted()/start_new() \&\& hang_up() \&\& wait_until_ready()/
