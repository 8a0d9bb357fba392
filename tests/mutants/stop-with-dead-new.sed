# The old twin is stopped though the new one has died.
# file: src/twinctl/swap.cpp
# caught by: the old twin is not stopped while the new one is dead
s/    return view.is_up() \&\& (view.listening.*/    return view.record.has_value();/
