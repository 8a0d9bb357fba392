# A connection that its client has closed counts as cut.
# file: src/twinctl/end_watch.cpp
# caught by: a connection that ends with its request unanswered counts, one that was answered or left by its client does not
s/if (ended->unread) {/if (true) {/
