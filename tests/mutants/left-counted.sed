# A connection that its client has closed counts as cut.
# file: src/twinctl/end_watch.cpp
# caught by: a connection counts where the service ends it before it has answered
s/if (ended->unread) {/if (true) {/
