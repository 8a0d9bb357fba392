# A pair that is marked stopping opens the guard, whoever left the mark.
# file: src/core/guard.cpp
# caught by: a mark that a killed stop left opens nothing
s/is_being_changed(layout.svcdir, twin.pair) &&/true \&\&/
s/(exists(layout.down(twin.pair)) ||/(true ||/
