# The old twin is hung up before the clients are moved.
# file: src/twinctl/swap.cpp
# caught by: steer: clients are moved and the old listener is quiet before the hang-up
s/!switch_over() || !hang_up()) {/!hang_up() || !switch_over()) {/
