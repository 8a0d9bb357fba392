# The guard lets everything pass.
# file: src/core/guard.cpp
# caught by: the last twin may not stop
s/if (facts.going_down || /if (true || facts.going_down || /
