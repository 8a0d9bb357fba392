# The pair's lock is left out.
# file: src/core/pair_lock.cpp
# caught by: a pair's lock has one holder, who says what for
s/if (flock(fd, LOCK_EX | LOCK_NB) != 0) {/if (false) {/
