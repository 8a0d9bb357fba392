# A hung-up sibling counts as one that serves.
# file: src/core/guard.cpp
# caught by: a sibling that is hung up is no sibling
s/if (exists(layout.draining(twin))) {/if (false) {/
