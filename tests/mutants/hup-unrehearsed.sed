# SIGHUP is sent to whoever has a handler for it, whatever that does.
# file: src/twinctl/swap_switch.cpp
# caught by: steer: with twin_hup=auto a handler for SIGHUP is no promise
s/world_.notebook.finishes_on_hup(pair_, record.fingerprint)/true/
