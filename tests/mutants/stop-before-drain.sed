# The old twin is stopped without waiting for its clients.
# file: src/twinctl/swap.cpp
# caught by: swap waits for the old twin's connections
s/if (old_ \&\& (hung_up_ || can_move_clients())) {/if (false) {/
