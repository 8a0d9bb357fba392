# SIGHUP is sent to a process that would die of it.
# file: src/twinctl/swap_switch.cpp
# caught by: steer: a process that would die of SIGHUP is drained from outside
s/(fate == SignalFate::Caught || fate == SignalFate::Blocked)/(fate != SignalFate::Ignored)/
