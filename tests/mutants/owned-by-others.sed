# What another user owns is believed.
# file: src/core/trust.cpp
# caught by: owners and groups are told apart
s/if (info.st_uid != 0 \&\& info.st_uid != uid) {/if (false) {/
