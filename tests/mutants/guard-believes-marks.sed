# A sibling that is marked started counts, whether its process lives or not.
# file: src/core/guard.cpp
# caught by: a sibling whose process is dead is no sibling
s/if (!record || !is_alive(record->process)) {/if (!record) {/
