# Nobody waits for what is half-open at the old listener.
# file: src/twinctl/swap_switch.cpp
# caught by: steer: clients are moved and the old listener is quiet before the hang-up
s/while ((left = world_.front.unquiet()) > 0) {/while (false) {/
